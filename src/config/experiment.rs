//! The validated experiment, every default resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::wire;
use crate::network::Architecture;
use crate::solver::SolverOptions;
use crate::stream::{DataSpec, ProtocolSpec, StreamSpec};
use crate::synapse::{Feedback, Synapse};

/// A validated experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Name of the run.
    pub name: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// What it shows.
    pub analysis: String,
    /// What drives the synapses.
    pub task: Task,
    /// The synapse.
    pub synapse: Synapse,
    /// The feedback pathway.
    pub feedback: Feedback,
    /// The integrator.
    pub solver: SolverOptions,
    /// What is recorded.
    pub record: RecordSpec,
    /// What is drawn.
    pub figures: wire::Figures,
    /// Results to be verified.
    pub expect: BTreeMap<String, wire::Bounds>,
    /// The configuration with every default written out.
    pub resolved: wire::Config,
}

/// What drives the synapses.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A network that learns a stream of samples.
    Stream {
        /// The samples.
        data: DataSpec,
        /// How they follow one another.
        stream: StreamSpec,
        /// The network.
        network: Architecture,
    },
    /// Single synapses under a gradient signal.
    Protocol(ProtocolSpec),
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSpec {
    /// Names of the synapses to trace; `None`: `per_layer` of each.
    pub synapses: Option<Vec<String>>,
    /// How many of each layer otherwise.
    pub per_layer: usize,
    /// Time between two rows of traces, s.
    pub trace_interval: f64,
    /// Presentations between two measurements.
    pub measure_every: u64,
    /// Folder of the configuration's file, where its relative paths start.
    pub base: PathBuf,
}
