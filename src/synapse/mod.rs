//! The local dynamics of one synapse: plasticity rules, weight dependence and feedback weights.
//!
//! A synapse sees only its gradient signal `g = delta_i x_j` (see [`crate::network`]) and its own state.
//! A [`Rule`] turns `g` into a plasticity drive `u`; the weight dependence of [`weight`] turns `u` into
//! `dw/dt`, and the feedback mode of [`feedback`] does the same for the feedback weight `b`.
//!
//! To add a rule: write a file with a type that implements [`Rule`], give it an arm in [`RuleSpec`], and the
//! compiler names the places that need to know.

pub mod adam;
pub mod bio_adam;
pub mod discrete;
pub mod feedback;
pub mod gain;
pub mod momentum;
pub mod rmsprop;
pub mod sgd;
pub mod spec;
pub mod weight;

use std::ops::RangeInclusive;

use num_dual::{Dual64, DualNum};
use serde::{Deserialize, Serialize};

pub use feedback::{Feedback, FeedbackMode, Mirror, Traces};
pub use spec::{RuleName, RuleSpec, RuleVisitor};
pub use weight::{CriticalPeriod, WeightDependence};

/// Gains that a synapse may start from: in 32 bits, too, their squares and the inverses of these are numbers.
pub const GAINS: RangeInclusive<f64> = 1e-15..=1e15;

/// A number that the equations can be evaluated with: `f64`, or a dual number for Jacobian products.
pub trait Real:
    DualNum<Primitive = f64>
    + nalgebra::Scalar
    + nalgebra::ClosedAddAssign
    + nalgebra::ClosedMulAssign
    + Copy
    + Send
    + Sync
{
    /// Whether it has a tangent.
    const DUAL: bool;
    /// The tangent; 0 for numbers without.
    fn tangent(self) -> f64;
    /// The number with this value and, where it can have one, this tangent.
    fn with_tangent(value: f64, tangent: f64) -> Self;
}

impl Real for f64 {
    const DUAL: bool = false;
    #[inline]
    fn tangent(self) -> f64 {
        0.0
    }
    #[inline]
    fn with_tangent(value: f64, _tangent: f64) -> Self {
        value
    }
}

impl Real for Dual64 {
    const DUAL: bool = true;
    #[inline]
    fn tangent(self) -> f64 {
        self.eps
    }
    #[inline]
    fn with_tangent(value: f64, tangent: f64) -> Self {
        Self::new(value, tangent)
    }
}

/// A plasticity rule with `N` local state variables.
///
/// # Units
/// `g` and the local variables are dimensionless or as the rule says; `u` is in 1/s.
pub trait Rule<const N: usize>: Copy {
    /// Plasticity drive `u` in 1/s at time `t` in s.
    fn drive<T: Real>(&self, t: f64, local: [T; N], g: T) -> T;
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

/// Everything that determines a synapse's own dynamics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    /// The plasticity rule.
    pub rule: RuleSpec,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Soft bound of the weights, infinite for none.
    pub w_max: f64,
    /// A soft bound that loosens with age, in place of `w_max`.
    pub critical_period: Option<CriticalPeriod>,
    /// Leak of the weights, 1/s.
    pub kappa: f64,
    /// Initial momentum trace.
    pub m0: f64,
    /// Initial gain.
    pub rho0: f64,
}

impl Synapse {
    /// Initial second moment of rule "adam": 0 where that is corrected for, otherwise what a gain of `rho0` stands for.
    #[must_use]
    pub fn v0(&self, rho0: f64) -> f64 {
        match self.rule {
            RuleSpec::Adam { bias_correction: true, .. } => 0.0,
            _ => (rho0 * rho0).recip(),
        }
    }

    /// Soft bound and leak of the forward weight at time `t` in s.
    #[must_use]
    pub fn weight_dependence(&self, t: f64) -> WeightDependence {
        let w_max = self.critical_period.map_or(self.w_max, |period| period.w_max(t));
        WeightDependence::new(w_max, self.kappa)
    }
}
