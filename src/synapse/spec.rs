//! Rules by name and with their parameters: where the configuration's choice becomes a type.

use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::bio_adam::BioAdam;
use super::gain::{MeanAbs, RmsRho, RmsV};
use super::momentum::Momentum;
use super::rmsprop::RmsProp;
use super::sgd::Sgd;
use super::{Coordinate, Gain, Rule};

/// The name of a rule in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleName {
    /// Momentum trace and adaptive gain without root and division.
    BioAdam,
    /// Momentum trace and second moment, with root and division.
    Adam,
    /// Adaptive gain without momentum.
    Rmsprop,
    /// Momentum trace without adaptive gain.
    Momentum,
    /// The gradient itself.
    Sgd,
    /// Adam as in machine learning: one step a presentation.
    DiscreteAdam,
    /// Gradient descent as in machine learning: one step a presentation.
    DiscreteSgd,
}

impl RuleName {
    /// Whether the rule steps once a presentation and is no differential equation.
    #[must_use]
    pub fn is_discrete(self) -> bool {
        matches!(self, Self::DiscreteAdam | Self::DiscreteSgd)
    }
}

/// A rule with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RuleSpec {
    /// See [`BioAdam`].
    BioAdam {
        /// How the gain adapts.
        gain: Gain,
        /// Time constant of the momentum trace, s.
        tau_m: f64,
        /// Time constant of the gain, s.
        tau_rho: f64,
        /// Gain limit: `rho <= 1/epsilon`.
        epsilon: f64,
    },
    /// See [`Adam`].
    Adam {
        /// Time constant of the momentum trace, s.
        tau_m: f64,
        /// Time constant of the second moment, s.
        tau_v: f64,
        /// Added to the root of the second moment.
        epsilon: f64,
        /// Whether the moments are corrected for their start at 0.
        bias_correction: bool,
    },
    /// See [`RmsProp`].
    RmsProp {
        /// How the gain adapts.
        gain: Gain,
        /// Time constant of the gain, s.
        tau_rho: f64,
        /// Gain limit: `rho <= 1/epsilon`.
        epsilon: f64,
    },
    /// See [`Momentum`].
    Momentum {
        /// Time constant of the momentum trace, s.
        tau_m: f64,
    },
    /// See [`Sgd`].
    Sgd,
    /// None of ours: the equations are those of a text, see [`crate::model`].
    Model,
}

/// Something to be done with a rule whose type is chosen by the configuration.
pub trait RuleVisitor {
    /// What comes of it.
    type Out;
    /// Does it with the rule `rule` of `N` local variables.
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) -> Self::Out;
}

impl RuleSpec {
    /// Names of the local variables, in order.
    #[must_use]
    pub fn locals(&self) -> &'static [&'static str] {
        match self {
            Self::BioAdam { .. } => &["m", "rho"],
            Self::Adam { .. } => &["m", "v"],
            Self::RmsProp { .. } => &["rho"],
            Self::Momentum { .. } => &["m"],
            Self::Sgd | Self::Model => &[],
        }
    }

    /// Whether there is a momentum trace.
    #[must_use]
    pub fn has_trace(&self) -> bool {
        self.locals().contains(&"m")
    }

    /// Whether steps adapt to the size of gradients, by a gain or by a second moment.
    #[must_use]
    pub fn adapts(&self) -> bool {
        self.gain().is_some() || matches!(self, Self::Adam { .. })
    }

    /// Whether the initial gain is of any consequence: moments that are corrected for their start begin at 0.
    #[must_use]
    pub fn starts_from_gain(&self) -> bool {
        self.adapts() && !matches!(self, Self::Adam { bias_correction: true, .. })
    }

    /// How the gain adapts, where there is one.
    #[must_use]
    pub fn gain(&self) -> Option<Gain> {
        match self {
            Self::BioAdam { gain, .. } | Self::RmsProp { gain, .. } => Some(*gain),
            Self::Adam { .. } | Self::Momentum { .. } | Self::Sgd | Self::Model => None,
        }
    }

    /// Least value that `v = rho^-2` tends to, for gain "rms": `epsilon^2`.
    #[must_use]
    pub fn smallest_v(&self) -> f64 {
        match self {
            Self::BioAdam { epsilon, .. } | Self::RmsProp { epsilon, .. } => epsilon * epsilon,
            Self::Adam { .. } | Self::Momentum { .. } | Self::Sgd | Self::Model => 0.0,
        }
    }

    /// Calls `visitor` with the rule's own type, its gain in `coordinate` and its learning rate `eta` in 1/s.
    pub fn visit<V: RuleVisitor>(&self, eta: f64, coordinate: Coordinate, visitor: V) -> V::Out {
        match *self {
            Self::Sgd => visitor.visit(Sgd { eta }),
            // A synapse that nothing drives.
            Self::Model => visitor.visit(Sgd { eta: 0.0 }),
            Self::Momentum { tau_m } => visitor.visit(Momentum { eta, trace_rate: tau_m.recip() }),
            Self::Adam { tau_m, tau_v, epsilon, bias_correction } => {
                let (trace_rate, square_rate) = (tau_m.recip(), tau_v.recip());
                visitor.visit(Adam { eta, trace_rate, square_rate, epsilon, bias_correction })
            }
            Self::RmsProp { gain, tau_rho, epsilon } => {
                let (rate, epsilon2) = (tau_rho.recip(), epsilon * epsilon);
                match (gain, coordinate) {
                    (Gain::Rms, Coordinate::V) => {
                        visitor.visit(RmsProp { eta, gain: RmsV { rate, epsilon2 } })
                    }
                    (Gain::Rms, Coordinate::Rho) => {
                        visitor.visit(RmsProp { eta, gain: RmsRho { rate, epsilon2 } })
                    }
                    (Gain::MeanAbs, _) => visitor.visit(RmsProp { eta, gain: MeanAbs { rate, epsilon } }),
                }
            }
            Self::BioAdam { gain, tau_m, tau_rho, epsilon } => {
                let (trace_rate, rate, epsilon2) = (tau_m.recip(), tau_rho.recip(), epsilon * epsilon);
                match (gain, coordinate) {
                    (Gain::Rms, Coordinate::V) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: RmsV { rate, epsilon2 } })
                    }
                    (Gain::Rms, Coordinate::Rho) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: RmsRho { rate, epsilon2 } })
                    }
                    (Gain::MeanAbs, _) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: MeanAbs { rate, epsilon } })
                    }
                }
            }
        }
    }
}
