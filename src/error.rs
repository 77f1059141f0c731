//! What can go wrong, where, and what to do about it.

use std::borrow::Cow;
use std::path::PathBuf;

use thiserror::Error;

/// A configuration that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", self.message())]
pub struct ConfigError {
    /// The file, where there is one.
    pub file: Option<PathBuf>,
    /// Line in the file, from 1; `None` where the key comes from the command line or is not in the file.
    pub line: Option<u32>,
    /// Column in the line, from 1, of an error of syntax.
    pub column: Option<u32>,
    /// The key's path, such as `synapse.tau_m`.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl ConfigError {
    /// An error about `key`, not yet tied to a file.
    pub fn new(key: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            key: key.into(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    fn message(&self) -> String {
        let file =
            self.file.as_ref().map_or_else(|| "configuration".to_owned(), |file| file.display().to_string());
        let number = |number: Option<u32>| number.map_or_else(String::new, |number| format!(":{number}"));
        let (line, column) = (number(self.line), number(self.column));
        let key = if self.key.is_empty() { String::new() } else { format!(" `{}`:", self.key) };
        let remedy =
            if self.remedy.is_empty() { String::new() } else { format!("\n  help: {}", self.remedy) };
        format!("{file}{line}{column}:{key} {}{remedy}", self.reason)
    }
}

/// A data set, signal or weights file that can't be used.
#[derive(Debug, Error)]
#[error("{}: {reason}{}", path.display(), if remedy.is_empty() { String::new() } else { format!("\n  help: {remedy}") })]
pub struct DataError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, with the place within the file.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// An integration that could not go on.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("integration failed at t = {t} s (presentation {presentation}){}: {reason}\n  help: {remedy}", place.as_ref().map_or_else(String::new, |place| format!(", {place}")))]
pub struct SolverError {
    /// When, s.
    pub t: f64,
    /// During which presentation.
    pub presentation: u64,
    /// Layer, synapse and variable, where known, with its last good value.
    pub place: Option<String>,
    /// What happened.
    pub reason: String,
    /// What to change.
    pub remedy: String,
}

/// An input or output operation that failed.
#[derive(Debug, Error)]
#[error("{}: {action} failed: {cause}", path.display())]
pub struct IoError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was attempted, such as `writing`.
    pub action: &'static str,
    /// Why it failed: part of the message, and so no link of the chain of errors below it.
    pub cause: std::io::Error,
}

impl IoError {
    /// `action` on `path` failed because of `cause`.
    pub fn new(path: impl Into<PathBuf>, action: &'static str, cause: std::io::Error) -> Self {
        Self { path: path.into(), action, cause }
    }
}

/// Any failure of the library.
#[derive(Debug, Error)]
pub enum Error {
    /// See [`ConfigError`].
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// See [`DataError`].
    #[error(transparent)]
    Data(#[from] DataError),
    /// See [`SolverError`].
    #[error(transparent)]
    Solver(#[from] SolverError),
    /// See [`IoError`].
    #[error(transparent)]
    Io(#[from] IoError),
    /// See [`crate::figure::FigureError`].
    #[error(transparent)]
    Figure(#[from] crate::figure::FigureError),
    /// A run directory that would lose something.
    #[error("{}: {reason}\n  help: choose another with `--output DIR`, or overwrite what a run writes with `--force`", path.display())]
    Output {
        /// The directory.
        path: PathBuf,
        /// What it holds.
        reason: Cow<'static, str>,
    },
    /// A run directory that another run is writing into.
    #[error("{}: another run is writing into this directory\n  help: wait for its end, or choose another with `--output DIR`", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
}

impl Error {
    /// A run directory that would lose something.
    pub fn output(path: impl Into<PathBuf>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Output { path: path.into(), reason: reason.into() }
    }
}
