//! The run directory: which files it holds, that no finished run is lost, and that one run at a time writes into it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint::{self, Archive, Identity, Store};
use crate::error::{Error, IoError};
use crate::record::Manifest;
use crate::record::manifest::Status;

/// A run directory that this run alone writes into, as long as the value lives.
#[derive(Clone, Debug)]
pub struct RunDirectory {
    /// The directory.
    pub path: PathBuf,
    /// Held open for its lock. `None` on a file system without locks.
    _lock: Option<Arc<File>>,
}

/// What there is to go on with.
#[derive(Debug)]
pub enum Found {
    /// Nothing: the run starts from the beginning.
    Nothing,
    /// A checkpoint, and the number of checkpoints until it.
    Checkpoint(Box<Archive>, u64),
    /// The run has come to its end already.
    Complete(Box<Manifest>),
}

/// Everything that a run writes besides its manifest and checkpoints: what `--force` may remove.
const FILES: [&str; 6] =
    ["config.toml", super::MODEL, "traces.csv", "metrics.csv", "weights.safetensors", "initial.safetensors"];
/// The file whose lock a run holds; it stays, so that no two runs ever lock different files of this name.
const LOCK: &str = ".lock";

impl RunDirectory {
    /// Makes the directory ready for a new run.
    ///
    /// What an unfinished run has left is removed, unless there is a checkpoint; that and a finished run only with
    /// `force`.
    ///
    /// # Errors
    /// Where the directory holds a finished run, or one that can be resumed, or files that no run has written, and `force`
    /// is not given; where another run is writing into it, or it can't be written.
    pub fn create(path: &Path, force: bool) -> Result<Self, Error> {
        let directory = Self::claim(path, force)?;
        if !force && Store::is_in(path) {
            let reason = "this directory holds a run that ended early: `--resume` goes on with it";
            return Err(Error::output(path, reason));
        }
        directory.empty()?;
        Ok(directory)
    }

    /// Makes the directory ready for the run of this `identity` to go on, or to start where there is nothing yet.
    ///
    /// # Errors
    /// Where the directory holds another run, files that no run has written, or checkpoints of which none is whole; where
    /// another run is writing into it, or it can't be written.
    pub fn resume(path: &Path, identity: &Identity) -> Result<(Self, Found), Error> {
        let complete = |manifest: &Manifest| manifest.status == Status::Complete;
        let finished = || Manifest::read(path).ok().filter(complete);
        if let Some(manifest) = finished() {
            let config = fs::read_to_string(path.join("config.toml")).unwrap_or_default();
            let model = fs::read_to_string(path.join(super::MODEL)).ok();
            if let Some(what) = identity.difference(&manifest, &config, model.as_deref()) {
                let reason = format!("this directory holds a finished run that differs: {what}");
                return Err(Error::output(path, reason));
            }
            return Ok((Self { path: path.to_owned(), _lock: None }, Found::Complete(Box::new(manifest))));
        }
        let directory = Self::claim(path, false)?;
        let Some((archive, written)) = Store::newest(path)? else {
            directory.empty()?;
            return Ok((directory, Found::Nothing));
        };
        identity.check(&archive)?;
        Ok((directory, Found::Checkpoint(Box::new(archive), written)))
    }

    /// A file of the run.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory, created and locked, if nothing that matters is in it or `force` is given.
    fn claim(path: &Path, force: bool) -> Result<Self, Error> {
        if path.exists() && !force {
            refuse_loss(path)?;
        }
        fs::create_dir_all(path).map_err(|source| IoError::new(path, "creating", source))?;
        refuse_links(path, force)?;
        let lock = lock(path)?;
        if !force {
            // Another run may have come to its end meanwhile.
            refuse_loss(path)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Removes what a run has left. Its manifest stays, no longer complete, until the next one takes its place, so that
    /// the directory is known for a run's at any moment.
    fn empty(&self) -> Result<(), Error> {
        if let Ok(mut manifest) = Manifest::read(&self.path) {
            manifest.status = Status::Running;
            manifest.write(&self.path)?;
        }
        Store::clear(&self.path)?;
        for name in FILES {
            remove(&self.file(name), |path| fs::remove_file(path))?;
        }
        remove(&self.file("figures"), |path| fs::remove_dir_all(path))?;
        Ok(())
    }
}

/// How often a lock that another holds is asked for again.
const PATIENCE: u32 = 20;

/// Takes the lock of a run directory; `None` where the file system has none.
fn lock(path: &Path) -> Result<Option<Arc<File>>, Error> {
    let place = path.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&place);
    let file = file.map_err(|source| IoError::new(&place, "creating", source))?;
    let mut lock = file.try_lock();
    for _ in 0..PATIENCE {
        if !matches!(lock, Err(TryLockError::WouldBlock)) {
            break;
        }
        // A process that is just being started by the last holder holds the lock too, until it runs its own program.
        std::thread::sleep(Duration::from_millis(10));
        lock = file.try_lock();
    }
    match lock {
        Ok(()) => Ok(Some(Arc::new(file))),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => {
            log::warn!("{}: can't be locked ({error}): let no other run write there", path.display());
            Ok(None)
        }
    }
}

/// Refuses a directory in which something would be lost.
fn refuse_loss(path: &Path) -> Result<(), Error> {
    if !path.is_dir() {
        return Err(Error::output(path, "this is a file, not a run directory"));
    }
    if path.join("manifest.json").exists() {
        return match Manifest::read(path) {
            Ok(manifest) if manifest.status != Status::Complete => Ok(()),
            Ok(_) => Err(Error::output(path, "this directory holds a finished run")),
            Err(_) => Err(Error::output(path, "this directory has a manifest that can't be read")),
        };
    }
    let entries = fs::read_dir(path).map_err(|source| IoError::new(path, "reading", source))?;
    for entry in entries {
        let entry = entry.map_err(|source| IoError::new(path, "reading", source))?;
        // A run that was killed before it could write its manifest leaves no more than these.
        if ![LOCK, "manifest.json.part"].iter().any(|name| entry.file_name() == *name) {
            return Err(Error::output(path, "this directory holds files that no run has written"));
        }
    }
    Ok(())
}

/// Refuses a directory in which a link stands where a run writes, and would write elsewhere; with `force` removes it.
fn refuse_links(directory: &Path, force: bool) -> Result<(), Error> {
    let names = FILES.iter().chain(&[LOCK, "manifest.json", "figures"]);
    for path in names.map(|name| directory.join(name)).chain(checkpoint::paths(directory)) {
        if !path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
            continue;
        }
        if !force {
            let reason = "this is a link, and a run writes nothing outside of its directory";
            return Err(Error::output(path, reason));
        }
        remove(&path, |path| fs::remove_file(path))?;
    }
    Ok(())
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
