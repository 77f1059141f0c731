//! Feedback weights `b`: how the error finds its way back, and how `b` learns.
//!
//! The feedback synapse joins the same two neurons as the forward one, so it has the same local `g`.

use serde::{Deserialize, Serialize};

use super::WeightDependence;

/// How the feedback weight `b` relates to the forward weight `w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackMode {
    /// `b = w` at all times: weight transport, the implausible reference.
    Symmetric,
    /// `b` is the sign of `w` times the root mean square of the layer's `w` (Liao et al. 2016,
    /// doi:10.1609/aaai.v30i1.10279).
    SignSymmetric,
    /// The output error reaches each hidden layer through a fixed random matrix of its own (direct feedback alignment,
    /// Nokland 2016, arXiv:1609.01596).
    Direct,
    /// `db/dt = 0`: feedback alignment (Lillicrap et al. 2016, doi:10.1038/ncomms13276).
    Fixed,
    /// `b` learns in phases of its own, in which a hidden layer is given noise: `db_ij/dt = eta x_i x_j - kappa b_ij`
    /// (Akrout et al. 2019, arXiv:1904.05391).
    WeightMirror,
    /// `db/dt = u - kappa b` (Kolen & Pollack 1994, doi:10.1109/ICNN.1994.374486).
    KolenPollack,
    /// `db/dt = u - |u| b / w_max - kappa b`: the soft bound makes `w - b` contract.
    Predisposition,
    /// As the equations of a model say, see [`crate::model`].
    Model,
}

/// The phases of feedback "weight-mirror", as published: `w` and its traces rest, one hidden layer after the other is
/// given noise, and the layer above responds to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mirror {
    /// Presentations from phase to phase; the first phase comes first of all.
    pub every: u64,
    /// Noise samples in a phase for each hidden layer, each as long as a presentation.
    pub samples: u64,
    /// Standard deviation of the noise.
    pub sigma: f64,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Leak, 1/s.
    pub kappa: f64,
}

impl Default for Mirror {
    fn default() -> Self {
        Self { every: 1000, samples: 100, sigma: 1.0, eta: 0.1, kappa: 0.1 }
    }
}

/// Whose traces drive the feedback weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traces {
    /// `b` is driven by the forward synapse's `u`.
    Shared,
    /// The feedback synapse integrates its own traces from the same `g`: only activities are shared.
    Own,
}

/// The feedback pathway of a network or protocol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feedback {
    /// How `b` relates to `w`.
    pub mode: FeedbackMode,
    /// Whose traces drive `b`.
    pub traces: Traces,
    /// Initial momentum trace of the feedback synapse (own traces).
    pub m0: f64,
    /// Initial gain of the feedback synapse (own traces).
    pub rho0: f64,
    /// The phases of mode "weight-mirror".
    pub mirror: Mirror,
}

impl Feedback {
    /// Whether each synapse has a `b` of its own.
    #[must_use]
    pub fn has_weight(&self) -> bool {
        self.learns()
            || matches!(self.mode, FeedbackMode::Fixed | FeedbackMode::WeightMirror | FeedbackMode::Model)
    }

    /// Whether `b` changes by the synapse's own plasticity.
    #[must_use]
    pub fn learns(&self) -> bool {
        matches!(self.mode, FeedbackMode::KolenPollack | FeedbackMode::Predisposition)
    }

    /// Whether the feedback synapse has traces of its own.
    #[must_use]
    pub fn has_own_traces(&self) -> bool {
        self.learns() && self.traces == Traces::Own
    }

    /// The weight dependence of `b`, given that of `w`; `None` where `b` does not learn.
    #[must_use]
    pub fn weight_dependence(&self, forward: WeightDependence) -> Option<WeightDependence> {
        match self.mode {
            FeedbackMode::Symmetric
            | FeedbackMode::SignSymmetric
            | FeedbackMode::Direct
            | FeedbackMode::WeightMirror
            | FeedbackMode::Model
            | FeedbackMode::Fixed => None,
            FeedbackMode::KolenPollack => Some(WeightDependence { inverse_bound: 0.0, ..forward }),
            FeedbackMode::Predisposition => Some(forward),
        }
    }
}
