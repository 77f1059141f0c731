//! Experiments: read from TOML, validated, ready to build.
//!
//! The text becomes a table (`document`), overrides from the command line are laid over it, serde turns it into
//! the spelling of [`wire`], and [`resolve`] turns that into an [`Experiment`] with every default written out. Each
//! step that fails says where, why, and what to do.

mod document;
pub mod experiment;
mod explain;
mod idle;
mod overrides;
mod oversized;
mod range;
pub mod resolve;
pub mod templates;
pub mod wire;

use std::path::Path;

pub use experiment::{Experiment, METRICS, RecordSpec, Task};

pub use document::Origin;
pub(crate) use document::line_and_column;
pub(crate) use explain::nearest;
pub(crate) use overrides::parts;

use crate::error::ConfigError;
use document::Document;

/// Reads and validates the experiment in the file at `path`.
///
/// Each of `sets` is an override `key.path=value`; `seed` overrides the key of that name. Relative paths within the
/// file start at its folder, and its stem names an experiment that has no name.
///
/// # Errors
/// The first thing that is wrong, with file, line, key, reason and remedy.
pub fn load(path: &Path, sets: &[String], seed: Option<u64>) -> Result<Experiment, ConfigError> {
    // An error of another file that the configuration names keeps that file.
    let at_file = |error: ConfigError| {
        if error.file.is_some() { error } else { ConfigError { file: Some(path.to_owned()), ..error } }
    };
    let text = std::fs::read_to_string(path).map_err(|error| at_file(unreadable(path, &error)))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let base = path.parent().unwrap_or(Path::new(""));
    let mut experiment = experiment(&text, &stem, base, sets, seed).map_err(at_file)?;
    experiment.origin.file = Some(path.to_owned());
    Ok(experiment)
}

/// Validates the experiment in `text`, with the name `stem` if it has none, and paths that start at `base`.
///
/// # Errors
/// As [`load`], without a file.
pub fn load_str(text: &str, stem: &str, base: &Path, sets: &[String]) -> Result<Experiment, ConfigError> {
    experiment(text, stem, base, sets, None)
}

fn experiment(
    text: &str,
    stem: &str,
    base: &Path,
    sets: &[String],
    seed: Option<u64>,
) -> Result<Experiment, ConfigError> {
    let mut document = Document::parse(text)?;
    for set in sets {
        document.set(set)?;
    }
    if let Some(seed) = seed {
        document.set(&format!("seed={seed}"))?;
    }
    let resolve = |document: &Document| {
        let wire = document.deserialize()?;
        document.refuse_rule_beside_model()?;
        Experiment::from_config(wire, base, stem).map_err(|error| document.origin.locate(error))
    };
    let mut experiment = resolve(&document)?;
    if let toml::Value::Table(table) = &mut document.value {
        document.origin.idle = idle::take(table, &experiment);
    }
    if !document.origin.idle.is_empty() {
        // They have been checked; what has no effect is no part of the experiment.
        experiment = resolve(&document)?;
    }
    Ok(Experiment { origin: document.origin, ..experiment })
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    let remedy = if path.is_dir() && path.join("config.toml").is_file() {
        format!("this is a run directory: give `{}`", path.join("config.toml").display())
    } else {
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                "check the path; `synaptode init` prints a configuration to start from"
            }
            std::io::ErrorKind::InvalidData => "a configuration is TOML text in UTF-8",
            _ => "check that it is a file that you may read",
        }
        .to_owned()
    };
    ConfigError::new("", format!("can't be read: {error}"), remedy)
}
