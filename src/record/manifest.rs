//! What a run was: program, machine, seed, data, cost, results, and whether it is complete.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::write_whole;
use crate::error::{Error, IoError};
use crate::solver::Statistics;

/// Whether a run has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Under way, or ended from outside.
    Running,
    /// Come to its end.
    Complete,
    /// Ended by an error, which [`Manifest::error`] holds.
    Failed,
    /// Ended early as it was told to, with a checkpoint to go on from.
    Interrupted,
}

/// The facts of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the run.
    pub name: String,
    /// Whether it has come to its end.
    pub status: Status,
    /// Why it has not, where an error ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// Version of the program.
    pub version: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// Operating system and processor of the machine.
    pub machine: String,
    /// Processors that the machine offers.
    pub processors: usize,
    /// When the run started (RFC 3339, UTC).
    pub started: String,
    /// How long it took, s; of a run that was resumed, all its parts.
    pub seconds: f64,
    /// How often it was resumed.
    #[serde(default)]
    pub resumed: u64,
    /// SHA-256 of the samples, or of the signals that a protocol reads from files, where there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data_sha256: Option<String>,
    /// SHA-256 of the state at the start.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_sha256: Option<String>,
    /// Synapses.
    pub synapses: usize,
    /// Values of the state.
    pub state_values: usize,
    /// Presentations done.
    pub presentations: u64,
    /// What the integration has cost.
    pub solver: Statistics,
    /// Final measurements, in the names that `[expect]` uses.
    pub results: BTreeMap<String, f64>,
}

impl Manifest {
    /// Writes `manifest.json` into the run directory.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn write(&self, run_directory: &Path) -> Result<(), IoError> {
        let path = run_directory.join("manifest.json");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| IoError::new(&path, "writing", error.into()))?;
        write_whole(&path, text.as_bytes())
    }

    /// Reads `manifest.json` of a run directory.
    ///
    /// # Errors
    /// Where the file can't be read or is no manifest.
    pub fn read(run_directory: &Path) -> Result<Self, Error> {
        let path = run_directory.join("manifest.json");
        let text = std::fs::read_to_string(&path).map_err(|source| IoError::new(&path, "reading", source))?;
        Ok(serde_json::from_str(&text).map_err(|error| IoError::new(&path, "reading", error.into()))?)
    }
}
