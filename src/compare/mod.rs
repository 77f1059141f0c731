//! Comparisons: several variations of an experiment, each over several seeds, side by side.
//!
//! Arguments become [`plan`]ned runs ([`vary`] reads the variations), [`execute`] brings each into a run directory of
//! its own and reads its manifest, [`table`] and [`report`] say what came of them, and
//! [`crate::figure::compare`] draws it from the files.
//!
//! # Files
//! A comparison's directory holds the run directories, `comparison.csv` (one row a run and measurement), `summary.csv`
//! (one row a run), `summary.md` (one table a result) and `figures/`.

pub mod execute;
pub mod finished;
pub mod name;
pub mod plan;
pub mod report;
pub mod statistics;
pub mod student;
pub mod table;
pub mod vary;

use std::path::PathBuf;

use crate::record::Manifest;
use plan::{Plan, Planned};

/// Name of the table of measurements, by which a comparison's directory is known.
pub const COMPARISON: &str = "comparison.csv";
/// Name of the table of runs.
pub const SUMMARY: &str = "summary.csv";

/// What became of a planned run.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not yet its turn, or under way.
    Waiting,
    /// Complete, with its manifest.
    Complete(Box<Manifest>),
    /// Failed, and why.
    Failed(String),
}

/// A run of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was planned.
    pub planned: Planned,
    /// Whether it had been finished before.
    pub reused: bool,
    /// What became of it.
    pub state: State,
}

/// All runs of a comparison, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Its directory.
    pub directory: PathBuf,
    /// What varies, apart from the seed.
    pub keys: Vec<String>,
    /// The runs.
    pub runs: Vec<Outcome>,
}

impl Outcome {
    /// The manifest of a complete run.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.state {
            State::Complete(manifest) => Some(manifest),
            _ => None,
        }
    }

    /// Why it failed, where it has.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.state {
            State::Failed(reason) => Some(reason),
            _ => None,
        }
    }
}

impl Comparison {
    /// Before any run.
    #[must_use]
    pub fn new(directory: PathBuf, plan: Plan) -> Self {
        let waiting = |planned| Outcome { planned, reused: false, state: State::Waiting };
        Self { directory, keys: plan.keys, runs: plan.runs.into_iter().map(waiting).collect() }
    }

    /// The variations in order, each with its runs.
    #[must_use]
    pub fn variations(&self) -> Vec<(String, Vec<&Outcome>)> {
        let mut variations: Vec<(String, Vec<&Outcome>)> = Vec::new();
        for run in &self.runs {
            let label = run.planned.label();
            match variations.iter_mut().find(|(other, _)| *other == label) {
                Some((_, runs)) => runs.push(run),
                None => variations.push((label, vec![run])),
            }
        }
        variations
    }

    /// The runs that failed, with their reasons.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.runs.iter().filter_map(|run| Some((run.planned.name.as_str(), run.failure()?)))
    }
}
