//! Activation functions of hidden units.

use serde::{Deserialize, Serialize};

use crate::synapse::Real;

/// Activation of a hidden unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// Hyperbolic tangent.
    Tanh,
    /// `max(z, 0)`.
    Relu,
    /// `1 / (1 + exp(-z))`.
    Logistic,
    /// The identity.
    Linear,
}

impl Activation {
    /// `phi(z)`.
    #[inline]
    pub fn apply<T: Real>(self, z: T) -> T {
        match self {
            Self::Tanh => z.tanh(),
            Self::Relu if z.re() > 0.0 => z,
            Self::Relu => T::zero(),
            Self::Logistic => logistic(z),
            Self::Linear => z,
        }
    }

    /// `phi'(z)`, from `x = phi(z)`.
    #[inline]
    pub fn slope<T: Real>(self, x: T) -> T {
        match self {
            Self::Tanh => T::one() - x * x,
            Self::Relu if x.re() > 0.0 => T::one(),
            Self::Relu => T::zero(),
            Self::Logistic => x * (T::one() - x),
            Self::Linear => T::one(),
        }
    }
}

/// `1 / (1 + exp(-z))` without overflow at either end.
pub(crate) fn logistic<T: Real>(z: T) -> T {
    let e = (-z.abs()).exp();
    let large = (e + 1.0).recip();
    if z.re() >= 0.0 { large } else { e * large }
}
