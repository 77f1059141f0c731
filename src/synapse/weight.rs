//! Weight dependence: soft bound and leak.
//!
//! `dw/dt = u - |u| w / w_max - kappa w`, the same as `[u]+ (1 - w/w_max) - [u]- (1 + w/w_max) - kappa w`: a weak
//! synapse is predisposed to potentiate, a strong one to depress (van Rossum et al. 2000,
//! doi:10.1523/JNEUROSCI.20-23-08812.2000; Gutig et al. 2003, doi:10.1523/JNEUROSCI.23-09-03697.2003).

use serde::{Deserialize, Serialize};

use super::Real;

/// A soft bound that loosens with age: `1/w_max(t) = 1/w_end + (1/w_start - 1/w_end) exp(-t/tau_age)`.
///
/// Symmetry that is reached early stays when the bound has all but gone, since `w - b` only ever contracts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriticalPeriod {
    /// Bound at the start.
    pub w_start: f64,
    /// Bound in the end, infinite for none.
    pub w_end: f64,
    /// Time constant, s.
    pub tau_age: f64,
}

impl CriticalPeriod {
    /// The bound at time `t` in s.
    #[must_use]
    pub fn w_max(&self, t: f64) -> f64 {
        let (first, last) = (self.w_start.recip(), self.w_end.recip());
        (last + (first - last) * (-t / self.tau_age).exp()).recip()
    }
}

/// Soft bound and leak of a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightDependence {
    /// `1 / w_max`, zero for no bound.
    pub inverse_bound: f64,
    /// Leak `kappa`, 1/s.
    pub leak: f64,
}

impl WeightDependence {
    /// Soft bound `w_max` (infinite for none) and leak `kappa` in 1/s.
    #[must_use]
    pub fn new(w_max: f64, kappa: f64) -> Self {
        Self { inverse_bound: w_max.recip(), leak: kappa }
    }

    /// `dw/dt` in 1/s for the drive `u` in 1/s.
    #[inline]
    pub fn derivative<T: Real>(&self, u: T, w: T) -> T {
        u - w * (u.abs() * self.inverse_bound + self.leak)
    }
}
