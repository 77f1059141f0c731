//! Adam in continuous time, with root and division: what Bio-Adam does without.
//!
//! ```text
//! tau_m dm/dt = g - m        tau_v dv/dt = g^2 - v
//! u = -eta mhat / (sqrt(vhat) + epsilon)
//! mhat = m / (1 - exp(-t/tau_m)), vhat = v / (1 - exp(-t/tau_v))    with bias correction, else m and v
//! ```
//! Kingma & Ba 2015, arXiv:1412.6980; in continuous time Barakat & Bianchi 2021, doi:10.1137/19M1263443, and
//! da Silva & Gazeau 2020, arXiv:1810.13108.

use super::{Real, Rule};

/// Adam with local variables `[m, v]`.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Learning rate, 1/s.
    pub eta: f64,
    /// `1/tau_m`, 1/s.
    pub trace_rate: f64,
    /// `1/tau_v`, 1/s.
    pub square_rate: f64,
    /// Added to the root of `v`.
    pub epsilon: f64,
    /// Whether the moments are corrected for their start at 0.
    pub bias_correction: bool,
}

impl Adam {
    /// Factor that corrects a moment of this rate at time `t` for its start at 0.
    #[must_use]
    pub fn correction(&self, t: f64, rate: f64) -> f64 {
        if self.bias_correction { (-(-t * rate).exp_m1()).recip() } else { 1.0 }
    }
}

impl Rule<2> for Adam {
    #[inline]
    fn drive<T: Real>(&self, t: f64, [m, v]: [T; 2], g: T) -> T {
        let (m, v) = if self.bias_correction && t <= 0.0 {
            // The limit of both quotients.
            (g, g * g)
        } else {
            (m * self.correction(t, self.trace_rate), v * self.correction(t, self.square_rate))
        };
        let root = if v.re() > 0.0 { v.sqrt() } else { T::zero() };
        let drive = -(m * self.eta) / (root + self.epsilon);
        // Nothing has been seen yet: 0/0.
        if m.re() == 0.0 && root.re() + self.epsilon == 0.0 { T::zero() } else { drive }
    }
    #[inline]
    fn derivative<T: Real>(&self, [m, v]: [T; 2], g: T) -> [T; 2] {
        [(g - m) * self.trace_rate, (g * g - v) * self.square_rate]
    }
}
