//! What a figure is drawn from: the files of a run directory, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};

use super::error::FigureError;
use crate::config::wire;
use crate::model::Header;
use crate::record::MODEL;

/// A run directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The directory.
    pub dir: PathBuf,
    /// The run's name, from its configuration.
    pub name: String,
    /// What is drawn, from its configuration.
    pub figures: wire::Figures,
    /// Events of its stream, in order of time: the time, s, and what happens.
    pub events: Vec<(f64, String)>,
    /// Presentation time of its stream, s; NaN where it has none.
    pub presentation: f64,
}

impl Run {
    /// Reads the configuration of the run in `dir`.
    ///
    /// # Errors
    /// If `dir` holds no readable `config.toml`.
    pub fn open(dir: &Path) -> Result<Self, FigureError> {
        let path = dir.join("config.toml");
        let text = fs::read_to_string(&path).map_err(|error| {
            FigureError::new(
                &path,
                format!("can't read the run's configuration: {error}"),
                "name a directory that `run` has written",
            )
        })?;
        let config: wire::Config = toml::from_str(&text).map_err(|error| {
            FigureError::new(
                &path,
                format!("not a configuration: {error}"),
                "run directories of another version can be written anew by `run`",
            )
        })?;
        let stem = || dir.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut events: Vec<_> = config.events.iter().map(|event| (event.at(), event.to_string())).collect();
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let name = config.name.clone().filter(|name| !name.trim().is_empty()).or_else(stem);
        Ok(Self {
            dir: dir.to_owned(),
            name: name.unwrap_or_else(|| "run".to_owned()),
            figures: config.figures,
            events,
            presentation: config.stream.map_or(f64::NAN, |stream| stream.presentation),
        })
    }

    /// Reads the table `file`; `None` where the run has none or it has no rows.
    ///
    /// # Errors
    /// If the file can't be read or is not a table of numbers.
    pub fn table(&self, file: &str) -> Result<Option<Table>, FigureError> {
        let path = self.dir.join(file);
        if !path.exists() {
            return Ok(None);
        }
        let table = Table { units: self.units(), ..Table::read(&path)? };
        Ok((table.rows() > 0).then_some(table))
    }

    /// Units of the variables of the run's model, where it has one and says so.
    fn units(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.dir.join(MODEL)).unwrap_or_default();
        let symbols = Header::read(&text).symbols.into_iter();
        symbols.map(|symbol| (symbol.name, symbol.unit.replace("1/s", "s⁻¹"))).collect()
    }

    /// Reads the arrays of `file`; `None` where the run has none.
    ///
    /// # Errors
    /// If the file can't be read or is not in the safetensors format.
    pub fn arrays(&self, file: &str) -> Result<Option<BTreeMap<String, Vec<f64>>>, FigureError> {
        let path = self.dir.join(file);
        if !path.exists() {
            return Ok(None);
        }
        let unreadable = |reason: String| {
            FigureError::new(&path, reason, "the file must be as `run` wrote it; run the experiment again")
        };
        let bytes = fs::read(&path).map_err(|error| unreadable(format!("can't read: {error}")))?;
        let tensors = SafeTensors::deserialize(&bytes)
            .map_err(|error| unreadable(format!("not a safetensors file: {error}")))?;
        Ok(Some(
            tensors
                .iter()
                .filter_map(|(name, tensor)| Some((name.to_owned(), floats(tensor.dtype(), tensor.data())?)))
                .collect(),
        ))
    }
}

/// Little-endian floats; `None` for other types.
fn floats(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f64>> {
    match dtype {
        Dtype::F64 => Some(bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()),
        Dtype::F32 => {
            Some(bytes.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect())
        }
        _ => None,
    }
}

/// Rows that are kept of a table, far more than a figure has columns of pixels.
const MOST_ROWS: usize = 1 << 16;
/// Rows that are made 4.
const GROUP: usize = 8;

/// Leaves of each group of rows the first, the least, the largest and the last value, in order.
fn halve(column: &mut Vec<f64>) {
    let groups = column.chunks(GROUP).flat_map(|group| {
        let at = |better: fn(f64, f64) -> bool| {
            (0..group.len()).fold(0, |best, k| {
                if better(group[k], group[best]) || group[best].is_nan() { k } else { best }
            })
        };
        let (least, largest) = (at(|a, b| a < b), at(|a, b| a > b));
        [0, least.min(largest), least.max(largest), group.len() - 1].map(|k| group[k])
    });
    *column = groups.collect();
}

/// Named columns of numbers, NaN where a cell is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Units of a model's variables, by name.
    pub units: BTreeMap<String, String>,
    columns: Vec<Vec<f64>>,
}

impl Table {
    /// Reads a CSV file with a header.
    ///
    /// A last row that is cut short, as an interrupted run may leave it, is left out. Of a table with very many rows, only
    /// those that make the same picture are kept.
    ///
    /// # Errors
    /// If the file can't be read, a cell is not a number, or a row has the wrong length.
    pub fn read(path: &Path) -> Result<Self, FigureError> {
        const REMEDY: &str = "the file must be as `run` wrote it; run the experiment again";
        let wrong = |error: csv::Error| FigureError::new(path, format!("not a CSV file: {error}"), REMEDY);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(wrong)?;
        let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        let mut record = csv::StringRecord::new();
        let mut short_row = None;
        while reader.read_record(&mut record).map_err(wrong)? {
            let line = record.position().map_or(0, csv::Position::line);
            if let Some(short) = short_row {
                let reason = format!("line {short}: a row must have {} cells", names.len());
                return Err(FigureError::new(path, reason, REMEDY));
            }
            if record.len() != names.len() {
                short_row = Some(line);
                continue;
            }
            for ((column, cell), name) in columns.iter_mut().zip(&record).zip(&names) {
                column.push(number(cell).ok_or_else(|| {
                    FigureError::new(
                        path,
                        format!("line {line}, column `{name}`: `{cell}` is not a number"),
                        REMEDY,
                    )
                })?);
            }
            if columns.first().is_some_and(|column| column.len() == MOST_ROWS) {
                columns.iter_mut().for_each(halve);
            }
        }
        if let Some(line) = short_row {
            log::warn!("{}: line {line} is incomplete and left out", path.display());
        }
        Ok(Self { names, units: BTreeMap::new(), columns })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// The column of this name, where it exists and holds a finite value.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|other| other == name)?;
        let column = &self.columns[index];
        column.iter().any(|value| value.is_finite()).then_some(column.as_slice())
    }

    /// Column `y` against column `x`, in the order of `x`.
    #[must_use]
    pub fn curve(&self, x: &str, y: &str) -> Option<Vec<(f64, f64)>> {
        let (x, y) = (self.column(x)?, self.column(y)?);
        let mut points: Vec<_> =
            x.iter().copied().zip(y.iter().copied()).filter(|(x, _)| x.is_finite()).collect();
        if !points.is_sorted_by(|a, b| a.0 <= b.0) {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        (!points.is_empty()).then_some(points)
    }

    /// As [`Table::curve`], without the rows at which `y` was not measured.
    #[must_use]
    pub fn measurements(&self, x: &str, y: &str) -> Option<Vec<(f64, f64)>> {
        let mut points = self.curve(x, y)?;
        points.retain(|(_, y)| y.is_finite());
        (!points.is_empty()).then_some(points)
    }
}

fn number(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() }
}
