//! `[protocol]`: a gradient signal that drives single synapses.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[protocol]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The gradient signal, or the postsynaptic error beside `x`. Required, unless a model reads neither; then 0 if left out.
    pub signal: Option<Signal>,
    /// Presynaptic activity, for models; 1 if left out.
    pub x: Option<Signal>,
    /// Postsynaptic activity, for models; that of a linear unit with the synapse alone if left out.
    pub y: Option<Signal>,
    /// Length, s.
    pub duration: f64,
    /// Step of the discrete Adam that is drawn beside, s; 0.1, or the duration where that is shorter, if left out.
    pub presentation: Option<f64>,
    /// The synapses; one with the usual start if left out.
    #[serde(default = "one_synapse")]
    pub synapses: Vec<Start>,
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
    /// Initial forward weight; 0, or as a model says, if left out.
    pub w: Option<f64>,
    /// Initial feedback weight; `w` if left out.
    pub b: Option<f64>,
    /// Initial momentum trace; `synapse.m0` if left out.
    pub m: Option<f64>,
    /// Initial gain; `synapse.rho0` if left out.
    pub rho: Option<f64>,
    /// Initial values of other variables of a model; as it says if left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub state: BTreeMap<String, f64>,
    /// Factor on the presynaptic activity, and so on the gradient signal.
    pub scale: f64,
}

impl Default for Start {
    fn default() -> Self {
        Self { w: None, b: None, m: None, rho: None, state: BTreeMap::new(), scale: 1.0 }
    }
}
