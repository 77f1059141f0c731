//! Two files that take turns: while one is written, the other is whole.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Archive;
use crate::error::{DataError, Error, IoError};
use crate::record::write_whole_with;

/// The two files.
const NAMES: [&str; 2] = ["checkpoint-a.safetensors", "checkpoint-b.safetensors"];
/// The fact that counts the checkpoints of a run.
const NUMBER: &str = "number";

/// The checkpoints of a run directory.
#[derive(Debug)]
pub struct Store {
    directory: PathBuf,
    /// Checkpoints written so far.
    written: u64,
}

impl Store {
    /// A store in the run directory `directory`, after `written` checkpoints.
    #[must_use]
    pub fn new(directory: &Path, written: u64) -> Self {
        Self { directory: directory.to_owned(), written }
    }

    /// Writes a checkpoint in place of the older one: beside it, brought to the disk, renamed.
    ///
    /// # Errors
    /// Where the file can't be written: the newer one is whole then.
    pub fn write(&mut self, mut archive: Archive) -> Result<(), IoError> {
        let name = NAMES[(self.written % 2) as usize];
        archive.state(NUMBER, self.written.to_string());
        write_whole_with(&self.directory.join(name), |out| archive.encode(out))?;
        self.written += 1;
        Ok(())
    }

    /// The newest whole checkpoint of a run directory and the number of checkpoints until it; `None` where there is none.
    ///
    /// # Errors
    /// Where there are checkpoints, but none is whole.
    pub fn newest(directory: &Path) -> Result<Option<(Archive, u64)>, Error> {
        let mut newest: Option<(Archive, u64)> = None;
        let mut broken = None;
        for path in paths(directory).filter(|path| path.exists()) {
            match read(&path) {
                Ok((archive, written)) => {
                    if newest.as_ref().is_none_or(|newest| newest.1 < written) {
                        newest = Some((archive, written));
                    }
                }
                Err(error) => {
                    log::warn!("a checkpoint is passed over: {error}");
                    broken = Some(error);
                }
            }
        }
        match (newest, broken) {
            (None, Some(error)) => Err(none_whole(directory, &error).into()),
            (newest, _) => Ok(newest),
        }
    }

    /// Whether a run directory has checkpoints, whole or not.
    #[must_use]
    pub fn is_in(directory: &Path) -> bool {
        paths(directory).any(|path| path.exists())
    }

    /// Removes the checkpoints of a run directory.
    ///
    /// # Errors
    /// Where one can't be removed.
    pub fn clear(directory: &Path) -> Result<(), IoError> {
        for path in paths(directory) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(IoError::new(path, "removing", error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The checkpoints that a run directory may hold.
pub(crate) fn paths(directory: &Path) -> impl Iterator<Item = PathBuf> {
    NAMES.map(|name| directory.join(name)).into_iter()
}

/// The error of a directory that has checkpoints, but no whole one: `last` says what is wrong with one of them.
fn none_whole(directory: &Path, last: &Error) -> DataError {
    let last = match last {
        Error::Data(error) => format!("{} {}", error.path.display(), error.reason),
        error => error.to_string(),
    };
    DataError {
        path: directory.to_owned(),
        reason: format!("none of its checkpoints is whole: {last}"),
        remedy: "start anew with `--force`".to_owned(),
    }
}

/// A checkpoint, and the number of checkpoints until it.
fn read(path: &Path) -> Result<(Archive, u64), Error> {
    let failed = |source| IoError::new(path, "reading", source);
    let mut bytes = Vec::new();
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(failed)?;
    let archive = Archive::decode(bytes, path)?;
    let number = archive.fact(NUMBER).and_then(|number| number.parse::<u64>().ok());
    let written = number.and_then(|number| number.checked_add(1));
    let written: Result<u64, DataError> = written.ok_or_else(|| archive.broken("has no number"));
    Ok((archive, written?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn checkpoint(value: f64) -> Archive {
        let mut archive = Archive::default();
        archive.put("x", [value]);
        archive
    }

    fn newest(directory: &Path) -> Option<(f64, u64)> {
        let (archive, written) = Store::newest(directory).unwrap()?;
        Some((archive.get_all::<f64, 1>("x").unwrap()[0], written))
    }

    #[test]
    fn the_newest_whole_one_is_found_whatever_becomes_of_the_other() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest(folder.path()), None);
        let mut store = Store::new(folder.path(), 0);
        for k in 0..5_u64 {
            store.write(checkpoint(k as f64)).unwrap();
            assert_eq!(newest(folder.path()), Some((k as f64, k + 1)));
        }
        // Number 4 is in the first file. Cut short, it gives way to number 3.
        let first = folder.path().join(NAMES[0]);
        let bytes = fs::read(&first).unwrap();
        fs::write(&first, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(newest(folder.path()), Some((3.0, 4)));
        fs::write(folder.path().join(NAMES[1]), b"nothing").unwrap();
        let message = Store::newest(folder.path()).unwrap_err().to_string();
        assert!(message.contains("checkpoint-") && message.contains("--force"), "{message}");
        Store::clear(folder.path()).unwrap();
        assert!(!Store::is_in(folder.path()) && newest(folder.path()).is_none());
    }

    #[test]
    fn a_store_that_goes_on_spares_the_one_it_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::new(folder.path(), 0);
        (0..3).for_each(|k| store.write(checkpoint(f64::from(k))).unwrap());
        let (_, written) = Store::newest(folder.path()).unwrap().unwrap();
        Store::new(folder.path(), written).write(checkpoint(9.0)).unwrap();
        fs::remove_file(folder.path().join(NAMES[1])).unwrap();
        assert_eq!(newest(folder.path()), Some((2.0, 3)));
    }
}
