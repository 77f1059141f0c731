//! Gradient descent with momentum: `tau_m dm/dt = g - m`, `u = -eta m` (Polyak 1964, doi:10.1016/0041-5553(64)90137-5).

use super::{Real, Rule};

/// Momentum with local variable `[m]`.
#[derive(Clone, Copy, Debug)]
pub struct Momentum {
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Rate of the momentum trace `1/tau_m`, 1/s.
    pub trace_rate: f64,
}

impl Rule<1> for Momentum {
    #[inline]
    fn drive<T: Real>(&self, _t: f64, [m]: [T; 1], _g: T) -> T {
        -(m * self.eta)
    }
    #[inline]
    fn derivative<T: Real>(&self, [m]: [T; 1], g: T) -> [T; 1] {
        [(g - m) * self.trace_rate]
    }
}
