//! Data sets: samples to learn from and samples to be tested on, kept as small as they come.

mod csv;
mod digits;
mod generated;
mod idx;
mod samples;
mod scaling;
mod spec;
mod split;

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use samples::{Inputs, Samples, Targets};
pub use spec::{Column, CsvSpec, DataSource, DataSpec, Generated, Output, Scaling, SourceName, TestPart};

use crate::checkpoint::hexadecimal;
use crate::error::DataError;

/// Samples to learn from and samples to be tested on.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What it is called: `digits`, or the folder's name.
    pub name: String,
    /// Samples to learn from.
    pub train: Arc<Samples>,
    /// Samples to be tested on.
    pub test: Arc<Samples>,
    /// SHA-256 in hexadecimal digits of the samples in use: shape, inputs and targets of `train`, then of `test`.
    pub sha256: String,
}

impl Dataset {
    /// Loads what `spec` asks for.
    ///
    /// # Errors
    /// Where a file is missing or broken (with the byte at which it is), or holds fewer samples than asked for.
    pub fn load(spec: &DataSpec) -> Result<Self, DataError> {
        let (name, path, train, test) = match &spec.source {
            DataSource::Digits => {
                let (train, test) = digits::load()?;
                ("digits".to_owned(), Path::new("built-in digits"), train, test)
            }
            DataSource::Idx { folder } => {
                let (train, test) = idx::load_folder(folder)?;
                (stem(folder), folder.as_path(), train, test)
            }
            DataSource::Csv(csv) => {
                let (train, test) = csv::load(csv, spec.train, spec.test)?;
                (stem(&csv.path), csv.path.as_path(), train, test)
            }
            DataSource::Generated { set, seed } => {
                let name = set.name();
                let (train, test) = generate(set, *seed, spec)?;
                (name.to_owned(), Path::new(name), train, test)
            }
        };
        let train = limited(train, spec.train, "train", path)?;
        let test = limited(test, spec.test, "test", path)?;
        let mut hash = Sha256::new();
        train.hash(&mut hash);
        test.hash(&mut hash);
        let sha256 = hexadecimal(&hash.finalize());
        Ok(Self { name, train: Arc::new(train), test: Arc::new(test), sha256 })
    }
}

/// The name of a file or folder, without extension.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Makes as many samples as `spec` asks for.
fn generate(set: &Generated, seed: u64, spec: &DataSpec) -> Result<(Samples, Samples), DataError> {
    let counts = [spec.train, spec.test].map(|count| count.unwrap_or(0));
    let made = generated::generate(set, seed, counts);
    made.map(|[train, test]| (train, test)).ok_or_else(|| DataError {
        path: set.name().into(),
        reason: "there are no samples to train or to test on".to_owned(),
        remedy: "set data.train and data.test to 1 or more".to_owned(),
    })
}

/// The first `limit` samples.
fn limited(
    mut samples: Samples,
    limit: Option<usize>,
    part: &str,
    path: &Path,
) -> Result<Samples, DataError> {
    let count = samples.len();
    match limit {
        None => {}
        Some(limit) if (1..=count).contains(&limit) => samples.truncate(limit),
        Some(limit) => {
            return Err(DataError {
                path: path.to_owned(),
                reason: format!("data.{part} asks for {limit} samples, but there are {count}"),
                remedy: format!("set data.{part} to between 1 and {count}, or leave it out to use all"),
            });
        }
    }
    Ok(samples)
}

/// Reads an IDX file and demands as many values as its header says.
#[cfg(fuzzing)]
pub fn fuzz_idx(bytes: &[u8], rank: u8) {
    if let Ok(array) = idx::parse(bytes, Path::new("fuzzed"), rank) {
        assert_eq!(array.values.len(), array.dims.iter().product::<usize>());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const DIGITS: &str = "2170c7e56b3972ea25fe6d8519c75bcfb746b271a5ada839043aeba56213e036";

    fn spec(train: Option<usize>, test: Option<usize>) -> DataSpec {
        DataSpec { source: DataSource::Digits, train, test }
    }

    #[test]
    fn limits_take_the_first_samples_and_change_the_hash() {
        let (all, some) =
            (Dataset::load(&spec(None, None)).unwrap(), Dataset::load(&spec(Some(7), Some(5))).unwrap());
        assert_eq!((all.train.len(), all.test.len()), (1437, 360));
        assert_eq!((some.train.len(), some.test.len()), (7, 5));
        assert!((0..7).all(|k| some.train.label(k) == all.train.label(k)));
        assert_ne!(all.sha256, some.sha256);
        assert_eq!(some.sha256, Dataset::load(&spec(Some(7), Some(5))).unwrap().sha256);
        assert_eq!(all.sha256.len(), 64);
    }

    /// Pixels, labels and split of the digits: no change of a library's generator may go unnoticed.
    #[test]
    fn the_digits_never_change() {
        assert_eq!(Dataset::load(&spec(None, None)).unwrap().sha256, DIGITS);
    }

    #[test]
    fn asking_for_more_than_there_are_is_refused_with_the_number() {
        let message = Dataset::load(&spec(Some(1438), None)).unwrap_err().to_string();
        assert!(message.contains("data.train asks for 1438 samples, but there are 1437"), "{message}");
        let message = Dataset::load(&spec(None, Some(0))).unwrap_err().to_string();
        assert!(message.contains("set data.test to between 1 and 360"), "{message}");
    }
}
