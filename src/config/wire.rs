//! The spelling of a configuration in TOML: what serde reads and writes. Nothing here is validated.
//!
//! A key that is `Option` has a default that depends on other keys; [`super::Experiment`] resolves it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::network::{Activation, Readout};
use crate::solver::{AbsoluteTolerance, Method};
use crate::stream::{Order, SourceName};
use crate::synapse::{Coordinate, FeedbackMode, Gain, RuleName, Traces};

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
    /// A gradient signal in place of data, stream and network.
    pub protocol: Option<Protocol>,
    /// The synapse.
    #[serde(default)]
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
    /// What is drawn.
    #[serde(default)]
    pub figures: Figures,
    /// Results that `run --verify` checks.
    #[serde(default)]
    pub expect: BTreeMap<String, Bounds>,
}

/// `[data]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Where the samples come from.
    pub source: SourceName,
    /// Folder or file of the samples (`idx`), relative to the configuration's file.
    pub path: Option<PathBuf>,
    /// Samples to train on: the first of the training part; all if left out.
    pub train: Option<usize>,
    /// Samples to test on; all if left out.
    pub test: Option<usize>,
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

/// `[protocol]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The gradient signal.
    pub signal: Signal,
    /// Length, s.
    pub duration: f64,
    /// Step of the discrete Adam that is drawn beside, s.
    #[serde(default = "tenth")]
    pub presentation: f64,
    /// The synapses; one with the usual start if left out.
    #[serde(default = "one_synapse")]
    pub synapses: Vec<Start>,
}

fn tenth() -> f64 {
    0.1
}
fn one_synapse() -> Vec<Start> {
    vec![Start::default()]
}

/// A gradient signal `g(t)`, dimensionless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signal {
    /// `g = value`.
    Constant {
        /// The value.
        value: f64,
    },
    /// `g = before` until `at`, then `after`.
    Step {
        /// Value before.
        #[serde(default)]
        before: f64,
        /// Value after.
        after: f64,
        /// Time of the step, s.
        at: f64,
    },
    /// `g = mean + amplitude sin(2 pi t / period)`.
    Sine {
        /// Mean.
        #[serde(default)]
        mean: f64,
        /// Amplitude.
        amplitude: f64,
        /// Period, s.
        period: f64,
    },
    /// `g = mean + amplitude` for the first part `duty` of each period, `mean - amplitude` for the rest.
    Square {
        /// Mean.
        #[serde(default)]
        mean: f64,
        /// Amplitude.
        amplitude: f64,
        /// Period, s.
        period: f64,
        /// Fraction of the period that is high.
        #[serde(default = "half")]
        duty: f64,
    },
    /// Pulses of `amplitude` and `width` that start at `start` and every `period` after it; `base` between.
    Pulses {
        /// Value between pulses.
        #[serde(default)]
        base: f64,
        /// Value within a pulse.
        amplitude: f64,
        /// Width of a pulse, s.
        width: f64,
        /// Time from pulse to pulse, s.
        period: f64,
        /// Time of the first pulse, s.
        #[serde(default)]
        start: f64,
    },
    /// Ornstein-Uhlenbeck noise, realised once from the seed on a grid of `step`, linear in between.
    OrnsteinUhlenbeck {
        /// Mean.
        #[serde(default)]
        mean: f64,
        /// Stationary standard deviation.
        sigma: f64,
        /// Correlation time, s.
        tau: f64,
        /// Grid, s; `tau / 20` if left out.
        step: Option<f64>,
    },
    /// Columns `time_s,g` of a CSV file, linear in between; two rows of the same time make a jump.
    Csv {
        /// The file, relative to the configuration's file.
        path: PathBuf,
    },
}

fn half() -> f64 {
    0.5
}

/// How one synapse of a protocol starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Start {
    /// Initial forward weight.
    pub w: f64,
    /// Initial feedback weight; `w` if left out.
    pub b: Option<f64>,
    /// Initial momentum trace; `synapse.m0` if left out.
    pub m: Option<f64>,
    /// Initial gain; `synapse.rho0` if left out.
    pub rho: Option<f64>,
    /// Factor on the signal.
    pub scale: f64,
}

impl Default for Start {
    fn default() -> Self {
        Self { w: 0.0, b: None, m: None, rho: None, scale: 1.0 }
    }
}

/// `[synapse]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Synapse {
    /// The plasticity rule.
    pub rule: RuleName,
    /// How the gain adapts.
    pub gain: Gain,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Time constant of the momentum trace, s.
    pub tau_m: f64,
    /// Time constant of the gain, s; 100 for gain "rms", 1 for "mean-abs".
    pub tau_rho: Option<f64>,
    /// Gain limit: `rho <= 1/epsilon`.
    pub epsilon: f64,
    /// Initial momentum trace.
    pub m0: f64,
    /// Initial gain.
    pub rho0: f64,
    /// Soft bound of weights; 1 for feedback "predisposition", otherwise none (`inf`).
    pub w_max: Option<f64>,
    /// Leak of weights, 1/s; 1e-3 for feedback "kolen-pollack", otherwise 0.
    pub kappa: Option<f64>,
}

impl Default for Synapse {
    fn default() -> Self {
        Self {
            rule: RuleName::BioAdam,
            gain: Gain::Rms,
            eta: 0.01,
            tau_m: 1.0,
            tau_rho: None,
            epsilon: 1e-3,
            m0: 0.0,
            rho0: 10.0,
            w_max: None,
            kappa: None,
        }
    }
}

/// `[feedback]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Feedback {
    /// How `b` relates to `w`.
    pub mode: FeedbackMode,
    /// Whose traces drive `b`.
    pub traces: Traces,
    /// Initial momentum trace of the feedback synapse (traces "own"); `synapse.m0` if left out.
    pub m0: Option<f64>,
    /// Initial gain of the feedback synapse (traces "own"); `synapse.rho0` if left out.
    pub rho0: Option<f64>,
}

impl Default for Feedback {
    fn default() -> Self {
        Self { mode: FeedbackMode::Predisposition, traces: Traces::Shared, m0: None, rho0: None }
    }
}

/// `[solver]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Solver {
    /// The method.
    pub method: Method,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance of each variable.
    pub atol: AbsoluteTolerance,
    /// Variable in which the gain is integrated: "v" for gain "rms", "rho" for "mean-abs" if left out.
    pub gain_coordinate: Option<Coordinate>,
    /// Most steps between two breakpoints.
    pub max_steps: u64,
}

impl Default for Solver {
    fn default() -> Self {
        Self {
            method: Method::Tsit45,
            rtol: 1e-4,
            atol: AbsoluteTolerance::default(),
            gain_coordinate: None,
            max_steps: 100_000,
        }
    }
}

/// `[record]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// Names of synapses to trace, such as `l2.p3.q17`, `l1.p0.bias`; `per_layer` of each layer if left out.
    pub synapses: Option<Vec<String>>,
    /// How many synapses of each layer to trace where `synapses` does not name them (drawn from the seed).
    pub per_layer: usize,
    /// Time between two rows of traces.csv, s; about 2000 rows a run if left out.
    pub trace_interval: Option<f64>,
    /// Presentations between two rows of metrics.csv; about 50 rows a run if left out.
    pub measure_every: Option<u64>,
}

impl Default for Record {
    fn default() -> Self {
        Self { synapses: None, per_layer: 2, trace_interval: None, measure_every: None }
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
