//! The error estimate of a step, from its signals.
//!
//! Two solutions of neighbouring order differ in the signals that they see in the middle and at the end of the step. A
//! difference `dg` in `g` makes `e_m = sum_k weight_k dg_k` in `m` (see `relax`), half of it on average in the drive of `w`,
//! and `2 g dg` in the forcing of `v`:
//! ```text
//! e_w = eta h rho e_m / 2,    e_rho / rho = (tau_m/tau_rho) rho^2 |g| e_m  (rms),    (tau_m/tau_rho) e_m  (mean-abs)
//! ```
//! With `|dg_ij| <= reach_j e_i` the sums over a layer need no pass of their own: what depends on `rho` was summed when the
//! signals were predicted.

use super::factors::Constants;
use crate::synapse::Gain;

/// One layer's part in the estimate.
pub struct LayerError<'a> {
    /// `e_i`, such that `|e_m,ij| <= reach_j e_i`.
    pub error: Vec<f64>,
    /// Largest `|delta_i|` over the step.
    pub delta: Vec<f64>,
    /// Sum of squares and largest value of the reach.
    pub reach: (f64, f64),
    /// Sums over `j` of `(reach rho)^2`, of its square, and its largest value.
    pub risk: &'a [Vec<f64>; 3],
    /// Sizes of the layer's weights and traces.
    pub size: LayerSize,
    /// Largest change of `g` over the step, or a bound of it.
    pub change: f64,
    /// Growth of `m` in this step alone, relative to `delta` and `reach`.
    pub gained: f64,
}

/// Sizes of a layer's weights and traces.
#[derive(Clone, Copy, Debug, Default)]
pub struct LayerSize {
    /// Number of synapses.
    pub synapses: f64,
    /// Root mean square of `w`.
    pub w: f64,
    /// Largest `|w|`.
    pub w_top: f64,
    /// Root mean square of `m`.
    pub m: f64,
    /// Largest `|m|`.
    pub m_top: f64,
}

/// The largest error in units of its tolerance, and where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// The error: 1 is the limit.
    pub error: f64,
    /// Postsynaptic unit.
    pub post: usize,
    /// The variable.
    pub variable: &'static str,
}

/// How much larger than the tolerance the relative error of the hottest gain may be.
const HOT: f64 = 3.0;

/// Relative error of a mean-abs gain per square of the variation of its exponent: a rate that falls to zero and rises again
/// makes `1/384`; the rest is for safety.
const VARIED: f64 = 0.005;

impl LayerError<'_> {
    /// The largest error of this layer.
    #[must_use]
    pub fn worst(&self, constants: &Constants, atol: &crate::solver::AbsoluteTolerance, h: f64) -> Worst {
        let Self { error, delta, reach, risk, size, change, gained } = self;
        let n = size.synapses.sqrt();
        let rtol = constants.rtol;
        let ratio = constants.tau_m / constants.tau_rho;
        let (spread, far) = (reach.0.sqrt(), reach.1);
        let root = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>().sqrt();
        let total = root(&mut error.iter().map(|e| e * e)) * spread / n;
        let m_scale = size.m.max(gained * root(&mut delta.iter().map(|d| d * d)) * spread / n);
        let m_top = size.m_top.max(m_scale);
        let w = 0.5 * constants.eta * h;
        let w_total = w * root(&mut error.iter().zip(&risk[0]).map(|(e, risk)| e * e * risk)) / n;
        let rho = |e: f64, delta: f64, risk: f64, reach: f64| match constants.gain {
            Gain::Rms => ratio * delta * e * risk,
            Gain::MeanAbs => ratio * e * reach,
        };
        let rho_total = match constants.gain {
            Gain::Rms => {
                let squares = error.iter().zip(delta).zip(&risk[1]);
                root(&mut squares.map(|((e, d), risk)| (ratio * d * e).powi(2) * risk)) / n
            }
            Gain::MeanAbs => ratio * total,
        };
        // Mean-abs: the flow takes the rate's variation to first order; the square of what the exponent varies by is left.
        let quadrature = match constants.gain {
            Gain::Rms => 0.0,
            Gain::MeanAbs => VARIED * (h / constants.tau_rho * change).powi(2),
        };
        let totals = [
            (w_total / (atol.w.min(atol.b) + rtol * size.w), "w"),
            (total / (atol.m + rtol * m_scale), "m"),
            (rho_total / rtol, "rho"),
            (quadrature / rtol, "rho"),
        ];
        let mut worst = Worst::default();
        let mut consider = |error: f64, post: usize, variable: &'static str| {
            // NaN counts as the largest of all.
            if error.is_nan() || error > worst.error {
                worst = Worst { error, post, variable };
            }
        };
        for (error, variable) in totals {
            consider(error, 0, variable);
        }
        for (i, e) in error.iter().enumerate() {
            let top = risk[2][i];
            consider(w * e * top.sqrt() / (atol.w.min(atol.b) + rtol * size.w_top), i, "w");
            consider(e * far / (atol.m + rtol * m_top), i, "m");
            consider(rho(*e, delta[i], top, far) / (HOT * rtol), i, "rho");
        }
        worst
    }
}
