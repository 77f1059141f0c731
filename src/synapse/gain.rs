//! The adaptive gain `rho` in the coordinates in which it can be integrated.
//!
//! The model uses products only. The coordinate `v = rho^-2` solves the same equation in linear form,
//! `tau_rho dv/dt = g^2 + epsilon^2 - v`, at the price of a root in the integrator.

use super::Real;

/// Dynamics of the gain in one coordinate.
pub trait GainDynamics: Copy {
    /// `rho` from the integrated coordinate.
    fn rho<T: Real>(&self, coordinate: T) -> T;
    /// Time derivative of the integrated coordinate.
    fn derivative<T: Real>(&self, coordinate: T, g: T) -> T;
}

/// `tau_rho drho/dt = rho (1 - rho^2 (g^2 + epsilon^2)) / 2`.
#[derive(Clone, Copy, Debug)]
pub struct RmsRho {
    /// Rate `1/tau_rho`, 1/s.
    pub rate: f64,
    /// `epsilon^2`.
    pub epsilon2: f64,
}

impl GainDynamics for RmsRho {
    #[inline]
    fn rho<T: Real>(&self, rho: T) -> T {
        rho
    }
    #[inline]
    fn derivative<T: Real>(&self, rho: T, g: T) -> T {
        rho * (T::one() - rho * rho * (g * g + self.epsilon2)) * (0.5 * self.rate)
    }
}

/// `tau_rho dv/dt = g^2 + epsilon^2 - v` with `rho = 1/sqrt(v)`.
#[derive(Clone, Copy, Debug)]
pub struct RmsV {
    /// Rate `1/tau_rho`, 1/s.
    pub rate: f64,
    /// `epsilon^2`.
    pub epsilon2: f64,
}

impl GainDynamics for RmsV {
    #[inline]
    fn rho<T: Real>(&self, v: T) -> T {
        v.sqrt().recip()
    }
    #[inline]
    fn derivative<T: Real>(&self, v: T, g: T) -> T {
        (g * g + self.epsilon2 - v) * self.rate
    }
}

/// `tau_rho drho/dt = 1 - rho (|g| + epsilon)`.
#[derive(Clone, Copy, Debug)]
pub struct MeanAbs {
    /// Rate `1/tau_rho`, 1/s.
    pub rate: f64,
    /// `epsilon`.
    pub epsilon: f64,
}

impl GainDynamics for MeanAbs {
    #[inline]
    fn rho<T: Real>(&self, rho: T) -> T {
        rho
    }
    #[inline]
    fn derivative<T: Real>(&self, rho: T, g: T) -> T {
        (T::one() - rho * (g.abs() + self.epsilon)) * self.rate
    }
}
