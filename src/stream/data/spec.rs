//! What can be asked for: the sources of samples and what each of them takes.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Where samples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceName {
    /// The built-in 8x8 digits (1797 samples, 10 classes).
    Digits,
    /// IDX files as MNIST has them, plain or gzipped.
    Idx,
    /// Tables of comma-separated values: a class or numbers to be predicted from other columns.
    Csv,
    /// Generated: normal clouds around random centres.
    Blobs,
    /// Generated: two half circles that reach into one another.
    Moons,
    /// Generated: arms that wind around the origin.
    Spirals,
    /// Generated: the answers of a random network.
    Teacher,
    /// Generated: the next value of a chaotic time series.
    MackeyGlass,
}

/// Which samples.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSpec {
    /// Where they come from.
    pub source: DataSource,
    /// Most samples to train on.
    pub train: Option<usize>,
    /// Most samples to test on; of a single CSV file, exactly as many are set apart.
    pub test: Option<usize>,
}

/// A source with all that it takes.
#[derive(Clone, Debug, PartialEq)]
pub enum DataSource {
    /// The built-in digits.
    Digits,
    /// The four IDX files of a folder.
    Idx {
        /// The folder, absolute.
        folder: PathBuf,
    },
    /// One or two CSV files.
    Csv(CsvSpec),
    /// Samples that are made, as many as are asked for.
    Generated {
        /// What is made.
        set: Generated,
        /// The set's own seed: the experiment's seed has no part in it.
        seed: u64,
    },
}

/// Tables of comma-separated values.
#[derive(Clone, Debug, PartialEq)]
pub struct CsvSpec {
    /// The file, absolute.
    pub path: PathBuf,
    /// Where the samples to be tested on come from.
    pub test: TestPart,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Columns to predict from; `None`: all that are not to be predicted.
    pub inputs: Option<Vec<Column>>,
    /// What is to be predicted.
    pub output: Output,
    /// What is done with numbers before they are presented.
    pub scaling: Scaling,
}

/// Where the samples to be tested on come from.
#[derive(Clone, Debug, PartialEq)]
pub enum TestPart {
    /// A file of their own, absolute.
    File(PathBuf),
    /// The same file, shuffled and stratified by class with this seed.
    Split {
        /// Share of the samples to set apart; `None` where their number is given.
        fraction: Option<f64>,
        /// Seed of the split.
        seed: u64,
    },
}

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The class in this column.
    Label(Column),
    /// The numbers in these columns.
    Targets(Vec<Column>),
}

/// A column by its name, or by its place, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// By place.
    Index(usize),
    /// By name.
    Name(String),
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Column;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a column")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Column, E> {
                Ok(Column::Name(name.to_owned()))
            }

            fn visit_i64<E: de::Error>(self, index: i64) -> Result<Column, E> {
                let place = usize::try_from(index);
                place.map(Column::Index).map_err(|_| E::invalid_value(de::Unexpected::Signed(index), &self))
            }

            fn visit_u64<E: de::Error>(self, index: u64) -> Result<Column, E> {
                let place = usize::try_from(index);
                place.map(Column::Index).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(index), &self))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// What is done with the numbers of a column before they are presented, as the training samples say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Nothing.
    None,
    /// Mean 0 and standard deviation 1.
    Standardize,
    /// From 0 to 1.
    MinMax,
}

/// What is made. `N(0, 1)` is a standard normal number, drawn anew each time.
#[derive(Clone, Debug, PartialEq)]
pub enum Generated {
    /// Normal clouds around random centres: `x = c_k + spread N(0, 1)`, `c_k ~ N(0, 1)` in each dimension.
    Blobs {
        /// Number of clouds.
        classes: usize,
        /// Inputs of a sample.
        dimension: usize,
        /// Standard deviation of a cloud in each direction.
        spread: f64,
    },
    /// Two half circles of radius 1 that reach into one another.
    Moons {
        /// Standard deviation of what is added to each coordinate.
        noise: f64,
    },
    /// Arms that wind around the origin: `x = r (cos a, sin a)`, `a = 2 pi (k/classes + turns r)`, `r` uniform on 0 to 1.
    Spirals {
        /// Number of arms.
        classes: usize,
        /// Turns of an arm from the origin to its end.
        turns: f64,
        /// Standard deviation of what is added to each coordinate.
        noise: f64,
    },
    /// The answers of a random network: `y = V tanh(U x + c) + noise N(0, 1)`, `x ~ N(0, 1)`.
    Teacher {
        /// Inputs of a sample.
        dimension: usize,
        /// Hidden units of the teacher.
        hidden: usize,
        /// Outputs of the teacher.
        outputs: usize,
        /// Standard deviation of what is added to each output.
        noise: f64,
    },
    /// The next value of a chaotic time series: `dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x`, each second.
    MackeyGlass {
        /// Past values that are presented.
        window: usize,
        /// Delay of the equation, s.
        tau: f64,
        /// Standard deviation of what is added to each value, in units of the series' own.
        noise: f64,
    },
}

impl Generated {
    /// The name of the source, as a configuration spells it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Blobs { .. } => "blobs",
            Self::Moons { .. } => "moons",
            Self::Spirals { .. } => "spirals",
            Self::Teacher { .. } => "teacher",
            Self::MackeyGlass { .. } => "mackey-glass",
        }
    }
}

impl DataSpec {
    /// Inputs and outputs of a sample, as far as they are known before the samples have been read.
    #[must_use]
    pub fn widths(&self) -> (Option<usize>, Option<usize>) {
        let (inputs, outputs) = match &self.source {
            DataSource::Digits => (64, 10),
            DataSource::Idx { .. } => return (None, None),
            DataSource::Csv(csv) => {
                let outputs = match &csv.output {
                    Output::Label(_) => None,
                    Output::Targets(targets) => Some(targets.len()),
                };
                return (csv.inputs.as_ref().map(Vec::len), outputs);
            }
            DataSource::Generated { set, .. } => match *set {
                Generated::Blobs { classes, dimension, .. } => (dimension, classes),
                Generated::Moons { .. } => (2, 2),
                Generated::Spirals { classes, .. } => (2, classes),
                Generated::Teacher { dimension, outputs, .. } => (dimension, outputs),
                Generated::MackeyGlass { window, .. } => (window, 1),
            },
        };
        (Some(inputs), Some(outputs))
    }

    /// Whether the targets are classes, so that an answer is right or wrong; otherwise they are numbers.
    #[must_use]
    pub fn has_labels(&self) -> bool {
        match &self.source {
            DataSource::Digits | DataSource::Idx { .. } => true,
            DataSource::Csv(csv) => matches!(csv.output, Output::Label(_)),
            DataSource::Generated { set, .. } => {
                !matches!(set, Generated::Teacher { .. } | Generated::MackeyGlass { .. })
            }
        }
    }

    /// Takes over the numbers of samples, once they have been read.
    pub fn settle(&mut self, train: usize, test: usize) {
        (self.train, self.test) = (Some(train), Some(test));
        if let DataSource::Csv(CsvSpec { test: TestPart::Split { fraction, .. }, .. }) = &mut self.source {
            *fraction = None;
        }
    }
}
