//! Readouts: output units, the loss that they are trained on, and the judgement of an answer.

use serde::{Deserialize, Serialize};

use super::activation::logistic;
use crate::synapse::Real;

/// Output units together with their loss; in each case `delta_L = x_L - y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readout {
    /// Softmax with cross-entropy.
    Softmax,
    /// Logistic units with binary cross-entropy.
    Logistic,
    /// Linear units with half the squared error.
    Linear,
}

impl Readout {
    /// Turns the outputs' net inputs into their activities, in place.
    pub fn apply<T: Real>(self, z: &mut [T]) {
        match self {
            Self::Softmax => {
                let top = z.iter().map(T::re).fold(f64::NEG_INFINITY, f64::max);
                let mut sum = T::zero();
                for value in z.iter_mut() {
                    *value = (*value - top).exp();
                    sum += *value;
                }
                let scale = sum.recip();
                for value in z.iter_mut() {
                    *value *= scale;
                }
            }
            Self::Logistic => z.iter_mut().for_each(|value| *value = logistic(*value)),
            Self::Linear => {}
        }
    }

    /// Loss of the activities `x` against the target `y`.
    #[must_use]
    pub fn loss(self, x: &[f64], y: &[f64]) -> f64 {
        let pairs = x.iter().zip(y);
        // A probability that has underflowed to 0 costs -ln of the smallest positive number, not infinity.
        let log = |p: f64| p.max(f64::MIN_POSITIVE).ln();
        match self {
            Self::Softmax => pairs.map(|(x, y)| if *y == 0.0 { 0.0 } else { -y * log(*x) }).sum(),
            Self::Logistic => pairs.map(|(x, y)| -y * log(*x) - (1.0 - y) * log(1.0 - x)).sum(),
            Self::Linear => pairs.map(|(x, y)| 0.5 * (x - y).powi(2)).sum(),
        }
    }
}
