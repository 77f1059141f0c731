//! The local dynamics of one synapse: plasticity rules, weight dependence and feedback weights.
//!
//! A synapse sees only its gradient signal `g = delta_i x_j` (see [`crate::network`]) and its own state.
//! A [`Rule`] turns `g` into a plasticity drive `u`; the weight dependence of [`weight`] turns `u` into
//! `dw/dt`, and the feedback mode of [`feedback`] does the same for the feedback weight `b`.
//!
//! To add a rule: write a file with a type that implements [`Rule`], give it an arm in [`RuleSpec`], and the
//! compiler names the places that need to know.

pub mod bio_adam;
pub mod discrete;
pub mod feedback;
pub mod gain;
pub mod weight;

use num_dual::DualNum;
use serde::{Deserialize, Serialize};

pub use bio_adam::BioAdam;
pub use feedback::{Feedback, FeedbackMode, Traces};
pub use weight::WeightDependence;

/// A number that the equations can be evaluated with: `f64`, or a dual number for Jacobian products.
pub trait Real:
    DualNum<Primitive = f64> + nalgebra::Scalar + nalgebra::ClosedAddAssign + nalgebra::ClosedMulAssign + Copy
{
}
impl<
    T: DualNum<Primitive = f64>
        + nalgebra::Scalar
        + nalgebra::ClosedAddAssign
        + nalgebra::ClosedMulAssign
        + Copy,
> Real for T
{
}

/// A plasticity rule with `N` local state variables.
///
/// # Units
/// `g` and the local variables are dimensionless or as the rule says; `u` is in 1/s.
pub trait Rule<const N: usize>: Copy {
    /// Plasticity drive `u` in 1/s.
    fn drive<T: Real>(&self, local: [T; N], g: T) -> T;
    /// Time derivative of the local variables, in the coordinates in which they are integrated.
    fn derivative<T: Real>(&self, local: [T; N], g: T) -> [T; N];
}

/// How the gain `rho` adapts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gain {
    /// `tau_rho drho/dt = rho (1 - rho^2 (g^2 + epsilon^2)) / 2`: `rho` follows `1/sqrt(<g^2> + epsilon^2)`.
    Rms,
    /// `tau_rho drho/dt = 1 - rho (|g| + epsilon)`: `rho` follows `1/(<|g|> + epsilon)`.
    MeanAbs,
}

/// The variable in which the gain is integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coordinate {
    /// `rho` itself, as the model writes it.
    Rho,
    /// `v = rho^-2`: the same dynamics in a linear, well conditioned form (gain "rms" only).
    V,
}

/// The name of a rule in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleName {
    /// Momentum trace and adaptive gain without root and division.
    BioAdam,
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
}

/// Everything that determines a synapse's own dynamics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    /// The plasticity rule.
    pub rule: RuleSpec,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Soft bound of the weights, infinite for none.
    pub w_max: f64,
    /// Leak of the weights, 1/s.
    pub kappa: f64,
    /// Initial momentum trace.
    pub m0: f64,
    /// Initial gain.
    pub rho0: f64,
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
        }
    }

    /// Least value that `v = rho^-2` tends to, for gain "rms": `epsilon^2`.
    #[must_use]
    pub fn smallest_v(&self) -> f64 {
        match self {
            Self::BioAdam { epsilon, .. } => epsilon * epsilon,
        }
    }

    /// Calls `visitor` with the rule's own type, its gain in `coordinate` and its learning rate `eta` in 1/s.
    pub fn visit<V: RuleVisitor>(&self, eta: f64, coordinate: Coordinate, visitor: V) -> V::Out {
        match *self {
            Self::BioAdam { gain, tau_m, tau_rho, epsilon } => {
                let (trace_rate, rate) = (tau_m.recip(), tau_rho.recip());
                let epsilon2 = epsilon * epsilon;
                match (gain, coordinate) {
                    (Gain::Rms, Coordinate::V) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: gain::RmsV { rate, epsilon2 } })
                    }
                    (Gain::Rms, Coordinate::Rho) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: gain::RmsRho { rate, epsilon2 } })
                    }
                    (Gain::MeanAbs, _) => {
                        visitor.visit(BioAdam { eta, trace_rate, gain: gain::MeanAbs { rate, epsilon } })
                    }
                }
            }
        }
    }
}

impl Synapse {
    /// Soft bound and leak of the forward weight.
    #[must_use]
    pub fn weight_dependence(&self) -> WeightDependence {
        WeightDependence::new(self.w_max, self.kappa)
    }
}
