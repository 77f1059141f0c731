//! Adaptive gain without momentum: `u = -eta rho g`, `rho` as in [`super::gain`] (Tieleman & Hinton 2012).

use super::gain::GainDynamics;
use super::{Real, Rule};

/// Adaptive gain with local variable `[rho]`, in the coordinate of `G`.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp<G> {
    /// Learning rate, 1/s.
    pub eta: f64,
    /// The gain's dynamics.
    pub gain: G,
}

impl<G: GainDynamics> Rule<1> for RmsProp<G> {
    #[inline]
    fn drive<T: Real>(&self, _t: f64, [c]: [T; 1], g: T) -> T {
        -(self.gain.rho(c) * g * self.eta)
    }
    #[inline]
    fn derivative<T: Real>(&self, [c]: [T; 1], g: T) -> [T; 1] {
        [self.gain.derivative(c, g)]
    }
}
