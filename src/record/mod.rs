//! What a run leaves behind: one directory with everything needed to draw, compare and repeat it.

pub mod beside;
pub mod difference;
pub mod directory;
pub(crate) mod header;
pub mod manifest;
mod measurement;
pub mod metrics;
pub mod start;
pub mod traces;
pub mod weights;

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::checkpoint::Archive;
use crate::error::{Error, IoError};

pub use beside::Beside;
pub use directory::{Found, RunDirectory};
pub use manifest::Manifest;
pub use metrics::Metrics;
pub use traces::Traces;

/// The file of a run directory that holds the text of the synapse's model.
pub const MODEL: &str = "model.ds";

/// Longest time that a row waits in memory.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// Where a table is, and the checkpoint that it goes on from.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The file.
    pub path: &'a Path,
    /// The checkpoint; `None` to start anew.
    pub from: Option<&'a Archive>,
}

/// A CSV file whose rows reach the disk as they come.
pub struct Table {
    /// Its name in a checkpoint.
    name: &'static str,
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    flushed: Instant,
}

impl Table {
    /// Creates the file and writes its header; or goes on where a checkpoint was, and drops what came after it.
    ///
    /// # Errors
    /// Where the file can't be written, or is shorter than it was at the checkpoint.
    pub fn open(name: &'static str, place: Place<'_>, header: &[String]) -> Result<Self, Error> {
        let Place { path, from } = place;
        let writer = |file| csv::Writer::from_writer(BufWriter::new(file));
        let table =
            |file| Self { name, path: path.to_owned(), writer: writer(file), flushed: Instant::now() };
        if let Some(archive) = from {
            let [length] = archive.get_all::<u64, 1>(name)?;
            return Ok(table(
                cut(path, length).map_err(|source| IoError::new(path, "going on with", source))?,
            ));
        }
        let file = File::create(path).map_err(|source| IoError::new(path, "creating", source))?;
        let mut table = table(file);
        table.row(header)?;
        table.flush()?;
        Ok(table)
    }

    /// Brings all rows to the disk, and adds to a checkpoint how long the file is.
    ///
    /// # Errors
    /// Where they do not reach the disk.
    pub fn save(&mut self, to: &mut Archive) -> Result<(), IoError> {
        self.flush()?;
        let mut file = self.writer.get_ref().get_ref();
        let length = file.sync_data().and_then(|()| file.stream_position());
        to.put(self.name, [length.map_err(|source| IoError::new(&self.path, "writing", source))?]);
        Ok(())
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

/// Opens a file for appending after its first `length` bytes, and drops the rest.
fn cut(path: &Path, length: u64) -> std::io::Result<File> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let found = file.metadata()?.len();
    if found < length {
        let reason = format!("it has {found} bytes, but had {length} at the checkpoint");
        return Err(std::io::Error::other(reason));
    }
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length))?;
    Ok(file)
}

/// Writes a file that is either whole or not there: beside its place, brought to the disk, then renamed.
///
/// # Errors
/// Where the file can't be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    write_whole_with(path, |file| file.write_all(bytes))
}

/// The same for what `write` writes.
///
/// # Errors
/// Where the file can't be written.
pub fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), IoError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    // What a killed run has left there goes first, so that nothing is followed that a link may point to.
    let _ = std::fs::remove_file(&beside);
    let fill = |file: File| {
        let mut file = BufWriter::new(file);
        write(&mut file).and_then(|()| file.flush())?;
        file.get_ref().sync_all()
    };
    let filled = File::create_new(&beside).and_then(fill);
    let written = filled.map_err(|source| IoError::new(&beside, "writing", source)).and_then(|()| {
        std::fs::rename(&beside, path).map_err(|source| IoError::new(path, "renaming to", source))
    });
    if written.is_err() {
        // A part is of no use, and may fill the disk.
        let _ = std::fs::remove_file(&beside);
    }
    sync_folder(path);
    written
}

/// Brings the entry of a file in its folder to the disk, where the system can.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Folders can't be opened everywhere, and not every file system can do it: the rename is done all the same.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
