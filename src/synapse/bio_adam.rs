//! Bio-Adam: a momentum trace and an adaptive gain, products only.
//!
//! ```text
//! tau_m dm/dt = g - m
//! u           = -eta rho m          rho: see `gain`
//! ```
//! Reconstructed from the abstract and introduction of "Synaptic Dynamics Realize First-order Adaptive
//! Learning and Weight Symmetry" (2022, arXiv:2212.09440).

use super::gain::GainDynamics;
use super::{Real, Rule};

/// Bio-Adam with local variables `[m, rho]`, the gain in the coordinate of `G`.
#[derive(Clone, Copy, Debug)]
pub struct BioAdam<G> {
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Rate of the momentum trace `1/tau_m`, 1/s.
    pub trace_rate: f64,
    /// The gain's dynamics.
    pub gain: G,
}

impl<G: GainDynamics> Rule<2> for BioAdam<G> {
    #[inline]
    fn drive<T: Real>(&self, _t: f64, [m, c]: [T; 2], _g: T) -> T {
        -(self.gain.rho(c) * m * self.eta)
    }
    #[inline]
    fn derivative<T: Real>(&self, [m, c]: [T; 2], g: T) -> [T; 2] {
        [(g - m) * self.trace_rate, self.gain.derivative(c, g)]
    }
}
