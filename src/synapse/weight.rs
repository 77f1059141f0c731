//! Weight dependence: soft bound and leak.
//!
//! `dw/dt = u - |u| w / w_max - kappa w`, the same as `[u]+ (1 - w/w_max) - [u]- (1 + w/w_max) - kappa w`: a weak
//! synapse is predisposed to potentiate, a strong one to depress (van Rossum et al. 2000,
//! doi:10.1523/JNEUROSCI.20-23-08812.2000; Gutig et al. 2003, doi:10.1523/JNEUROSCI.23-09-03697.2003).

use super::Real;

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
