//! `[[events]]`: what changes at a given time of a stream.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A timed event; its change lasts from then on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// Adds normal noise to all weights of one layer (not to its biases).
    Perturb {
        /// When, s.
        at: f64,
        /// Layer, counted from 1.
        layer: usize,
        /// Which of its weights.
        #[serde(default)]
        weights: WeightName,
        /// Standard deviation in units of the root mean square of these weights at that moment.
        sigma: f64,
    },
    /// Permutes the classes, in training and test alike, so that none keeps its place.
    PermuteLabels {
        /// When, s.
        at: f64,
    },
    /// Sets inputs to 0, drawn among those that are not yet silent.
    Silence {
        /// When, s.
        at: f64,
        /// How many, as a fraction of all inputs.
        fraction: f64,
    },
}

/// The weights of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightName {
    /// Forward.
    #[default]
    W,
    /// Feedback.
    B,
}

impl WeightName {
    /// Its name as a variable of a synapse.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::W => "w",
            Self::B => "b",
        }
    }
}

impl Event {
    /// When it happens, s.
    #[must_use]
    pub fn at(&self) -> f64 {
        match self {
            Self::Perturb { at, .. } | Self::PermuteLabels { at } | Self::Silence { at, .. } => *at,
        }
    }
}

impl fmt::Display for Event {
    /// What happens, without the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Perturb { layer, weights, sigma, .. } => {
                write!(f, "perturb l{layer}.{} by {sigma:?} rms", weights.variable())
            }
            Self::PermuteLabels { .. } => write!(f, "permute labels"),
            Self::Silence { fraction, .. } => {
                write!(f, "silence {} % of inputs", (fraction * 1e4).round() / 1e2)
            }
        }
    }
}
