//! What can keep a figure from being drawn.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A figure that can't be drawn or written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {reason}{}", path.display(), if remedy.is_empty() { String::new() } else { format!("\n  help: {remedy}") })]
pub struct FigureError {
    /// The file or run directory.
    pub path: PathBuf,
    /// What is wrong, with the place within the file.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl FigureError {
    /// An error about `path`.
    pub fn new(path: &Path, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into(), remedy: remedy.into() }
    }
}
