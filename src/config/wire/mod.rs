//! The spelling of a configuration in TOML: what serde reads and writes. Nothing here is validated.
//!
//! A key that is `Option` has a default that depends on other keys; [`super::Experiment`] resolves it.

mod data;
mod events;
mod protocol;
mod synapse;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::network::{Activation, Readout};
use crate::solver::{AbsoluteTolerance, Method, exponential};
use crate::stream::Order;
use crate::synapse::{Coordinate, FeedbackMode, Mirror, Traces};

pub use data::Data;
pub use events::{Event, WeightName};
pub use protocol::{Protocol, Signal, Start};
pub use synapse::Synapse;

/// A whole configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the run, of its directory and the figures' title; the file's stem if left out.
    pub name: Option<String>,
    /// Seed of every random choice.
    #[serde(default)]
    pub seed: u64,
    /// What the experiment shows and what to look for.
    #[serde(default)]
    pub analysis: String,
    /// The samples (with `stream` and `network`).
    pub data: Option<Data>,
    /// How samples follow one another.
    pub stream: Option<Stream>,
    /// The network.
    pub network: Option<Network>,
    /// The network's neurons.
    pub neuron: Option<Neuron>,
    /// A gradient signal in place of data, stream and network.
    pub protocol: Option<Protocol>,
    /// What changes at given times of the stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// The synapse.
    #[serde(default, serialize_with = "synapse::what_applies")]
    pub synapse: Synapse,
    /// The feedback pathway.
    #[serde(default)]
    pub feedback: Feedback,
    /// The integrator.
    #[serde(default)]
    pub solver: Solver,
    /// What is recorded.
    #[serde(default)]
    pub record: Record,
    /// How often the whole state is kept.
    #[serde(default)]
    pub checkpoint: Checkpoint,
    /// What is drawn.
    #[serde(default)]
    pub figures: Figures,
    /// Results that `run --verify` checks, by name: see [`super::experiment::METRICS`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect: BTreeMap<String, Bounds>,
}

/// `[stream]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stream {
    /// Presentation time of one sample, s.
    pub presentation: f64,
    /// Length of the linear cross-fade at the start of a presentation, s.
    pub crossfade: f64,
    /// Passes through the training samples (this or `duration`); 1 if neither is given.
    pub epochs: Option<f64>,
    /// Length of the stream, s.
    pub duration: Option<f64>,
    /// Order of the samples.
    pub order: Order,
}

impl Default for Stream {
    fn default() -> Self {
        Self { presentation: 0.1, crossfade: 0.0, epochs: None, duration: None, order: Order::Shuffled }
    }
}

/// `[network]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Units per layer, input first.
    pub layers: Vec<usize>,
    /// Activation of hidden units.
    #[serde(default = "tanh")]
    pub activation: Activation,
    /// Readout and loss.
    #[serde(default = "softmax")]
    pub readout: Readout,
    /// Whether units have a bias.
    #[serde(default = "yes")]
    pub bias: bool,
    /// Standard deviation of initial weights in units of `1/sqrt(pre)`.
    #[serde(default = "one")]
    pub weight_scale: f64,
    /// File of named arrays to start from, such as a run's `weights.safetensors`; what it lacks starts as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<PathBuf>,
}

fn tanh() -> Activation {
    Activation::Tanh
}
fn softmax() -> Readout {
    Readout::Softmax
}
fn yes() -> bool {
    true
}
fn one() -> f64 {
    1.0
}

/// `[neuron]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Neuron {
    /// Time constant of neurons and error units, s; 0 for units that follow their input at once.
    pub tau: f64,
    /// Time constant of synaptic scaling, s: weights into a neuron that have shrunk below their start grow again; not at
    /// all if left out.
    pub scaling_tau: Option<f64>,
}

/// `[feedback]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feedback {
    /// How `b` relates to `w`; "predisposition" if left out. With a model: "model" if it has a feedback weight, otherwise
    /// "fixed" in a network and "symmetric" in a protocol.
    pub mode: Option<FeedbackMode>,
    /// Whose traces drive `b`.
    pub traces: Traces,
    /// Initial momentum trace of the feedback synapse (traces "own"); `synapse.m0` if left out.
    pub m0: Option<f64>,
    /// Initial gain of the feedback synapse (traces "own"); `synapse.rho0` if left out.
    pub rho0: Option<f64>,
    /// The phases of mode "weight-mirror".
    pub mirror: Option<Mirror>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { mode: None, traces: Traces::Shared, m0: None, rho0: None, mirror: None }
    }
}

/// `[solver]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Solver {
    /// The method; `"per_presentation"` for discrete rules, otherwise `"tsit45"`.
    pub method: Option<Method>,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance of each variable.
    pub atol: AbsoluteTolerance,
    /// Variable in which the gain is integrated: "v" for gain "rms", "rho" for "mean-abs" if left out.
    pub gain_coordinate: Option<Coordinate>,
    /// Most steps between two breakpoints.
    pub max_steps: u64,
    /// Order of convergence of method "exponential": 2, 3 or 4; 3 if left out.
    pub order: Option<exponential::Order>,
    /// Precision of the synaptic state in method "exponential"; "f64" if left out.
    pub precision: Option<exponential::Precision>,
    /// Threads of method "exponential"; as many as the machine has processors if left out or 0. The result is the same.
    pub threads: Option<usize>,
    /// Whether method "exponential" leaves synapses of silent inputs behind until the input wakes; true if left out. Without
    /// effect under synaptic scaling, which lets weights grow at all times.
    pub skip_silent: Option<bool>,
}

impl Default for Solver {
    fn default() -> Self {
        Self {
            method: None,
            rtol: 1e-4,
            atol: AbsoluteTolerance::default(),
            gain_coordinate: None,
            max_steps: 100_000,
            order: None,
            precision: None,
            threads: None,
            skip_silent: None,
        }
    }
}

/// `[record]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// Names of synapses to trace, such as `l2.p3.q17`, `l1.p0.bias`; if left out, all of a protocol and
    /// `per_layer` of each layer of a network.
    pub synapses: Option<Vec<String>>,
    /// How many synapses of each layer to trace (drawn from the seed; this or `synapses`); 2 if neither is given.
    pub per_layer: Option<usize>,
    /// Time between two rows of traces.csv, s. If left out, the least that gives 2000 times or fewer over the run (two rows where the gradient
    /// signal jumps) and lies on the grid of presentations: a whole number of them, or a whole fraction of one.
    pub trace_interval: Option<f64>,
    /// Presentations between two rows of metrics.csv; if left out, the least that gives 50 rows or fewer.
    pub measure_every: Option<u64>,
}

/// `[checkpoint]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checkpoint {
    /// Presentations from one checkpoint to the next, in addition to `wall_clock`.
    pub every: Option<u64>,
    /// Time of the clock on the wall from one checkpoint to the next, s; `inf` for none.
    pub wall_clock: f64,
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self { every: None, wall_clock: 300.0 }
    }
}

/// `[figures]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Figures {
    /// Which figures; all that apply if left out.
    pub draw: Option<Vec<FigureName>>,
    /// Width at scale 1, pixels.
    pub width: u32,
    /// Height at scale 1, pixels.
    pub height: u32,
    /// Pixels per unit of size: 2 for print.
    pub scale: f64,
}

impl Default for Figures {
    fn default() -> Self {
        Self { draw: None, width: 800, height: 600, scale: 2.0 }
    }
}

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureName {
    /// Synaptic variables against time.
    Traces,
    /// Loss and accuracies against presentations.
    Learning,
    /// Angle and relative difference of `W` and `B` against presentations.
    Symmetry,
    /// `B` against `W`, before and after.
    Weights,
}

/// The range that a result must lie in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Least value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}
