//! What a run leaves behind: one directory with everything needed to draw, compare and repeat it.

pub mod beside;
pub mod directory;
pub mod manifest;
pub mod metrics;
pub mod traces;
pub mod weights;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::IoError;

pub use beside::Beside;
pub use directory::RunDirectory;
pub use manifest::Manifest;
pub use metrics::Metrics;
pub use traces::Traces;

/// The file of a run directory that holds the text of the synapse's model.
pub const MODEL: &str = "model.ds";

/// Longest time that a row waits in memory.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// A CSV file whose rows reach the disk as they come.
pub struct Table {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    flushed: Instant,
}

impl Table {
    /// Creates the file and writes its header.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn create(path: &Path, header: &[String]) -> Result<Self, IoError> {
        let file = File::create(path).map_err(|source| IoError::new(path, "creating", source))?;
        let writer = csv::Writer::from_writer(BufWriter::new(file));
        let mut table = Self { path: path.to_owned(), writer, flushed: Instant::now() };
        table.row(header)?;
        table.flush()?;
        Ok(table)
    }

    /// Writes a row of numbers; NaN, which stands for "not measured", becomes an empty cell.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn numbers(&mut self, values: &[f64]) -> Result<(), IoError> {
        let cells: Vec<String> = values.iter().map(|value| number(*value)).collect();
        self.row(&cells)?;
        if self.flushed.elapsed() >= FLUSH_INTERVAL { self.flush() } else { Ok(()) }
    }

    /// Brings all rows to the operating system.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn flush(&mut self) -> Result<(), IoError> {
        self.flushed = Instant::now();
        self.writer.flush().map_err(|source| IoError::new(&self.path, "writing", source))
    }

    fn row(&mut self, cells: &[String]) -> Result<(), IoError> {
        self.writer.write_record(cells).map_err(|error| IoError::new(&self.path, "writing", error.into()))
    }
}

/// The shortest text that reads back as the same number.
fn number(value: f64) -> String {
    if value.is_nan() {
        return String::new();
    }
    // Adding 0 turns -0 into 0. The `Debug` form turns to exponents for very large and very small numbers; whole numbers lose their ".0".
    let text = format!("{:?}", value + 0.0);
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Writes a file that is either whole or not there: beside its place, then renamed.
///
/// # Errors
/// Where the file can't be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, bytes).map_err(|source| IoError::new(&beside, "writing", source))?;
    std::fs::rename(&beside, path).map_err(|source| IoError::new(path, "renaming to", source))
}
