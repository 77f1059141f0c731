//! Stochastic gradient descent: `u = -eta g`. The baseline without memory.

use super::{Real, Rule};

/// Gradient descent, no local variables.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Learning rate, 1/s.
    pub eta: f64,
}

impl Rule<0> for Sgd {
    #[inline]
    fn drive<T: Real>(&self, _t: f64, []: [T; 0], g: T) -> T {
        -(g * self.eta)
    }
    #[inline]
    fn derivative<T: Real>(&self, []: [T; 0], _g: T) -> [T; 0] {
        []
    }
}
