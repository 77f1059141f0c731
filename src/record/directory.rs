//! The run directory: which files it holds, and that no finished run is lost.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoError};
use crate::record::Manifest;
use crate::record::manifest::Status;

/// A run directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDirectory {
    /// The directory.
    pub path: PathBuf,
}

/// Everything that a run writes: what `--force` may remove.
const FILES: [&str; 7] = [
    "config.toml",
    super::MODEL,
    "manifest.json",
    "traces.csv",
    "metrics.csv",
    "weights.safetensors",
    "initial.safetensors",
];

impl RunDirectory {
    /// Makes the directory ready for a new run.
    ///
    /// What an unfinished run has left is removed; a finished one only with `force`.
    ///
    /// # Errors
    /// Where the directory holds a finished run or files that no run has written and `force` is not given, or can't be
    /// written.
    pub fn create(path: &Path, force: bool) -> Result<Self, Error> {
        let directory = Self { path: path.to_owned() };
        if path.exists() && !force {
            directory.refuse_loss()?;
        }
        fs::create_dir_all(path).map_err(|source| IoError::new(path, "creating", source))?;
        for name in FILES {
            remove(&directory.file(name), |path| fs::remove_file(path))?;
        }
        remove(&directory.file("figures"), |path| fs::remove_dir_all(path))?;
        Ok(directory)
    }

    /// A file of the run.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn refuse_loss(&self) -> Result<(), Error> {
        if !self.path.is_dir() {
            return Err(Error::output(&self.path, "this is a file, not a run directory"));
        }
        if self.file("manifest.json").exists() {
            return match Manifest::read(&self.path) {
                Ok(manifest) if manifest.status != Status::Complete => Ok(()),
                Ok(_) => Err(Error::output(&self.path, "this directory holds a finished run")),
                Err(_) => Err(Error::output(&self.path, "this directory has a manifest that can't be read")),
            };
        }
        let mut entries =
            fs::read_dir(&self.path).map_err(|source| IoError::new(&self.path, "reading", source))?;
        match entries.next() {
            None => Ok(()),
            Some(_) => Err(Error::output(&self.path, "this directory holds files that no run has written")),
        }
    }
}

/// Removes a file or folder that may be absent.
fn remove(path: &Path, how: impl Fn(&Path) -> std::io::Result<()>) -> Result<(), IoError> {
    match how(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IoError::new(path, "removing", error))
        }
        _ => Ok(()),
    }
}
