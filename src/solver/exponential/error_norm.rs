//! The error estimate of a step, from its signals.
//!
//! Two solutions of neighbouring order differ in the signals that they see in the middle and at the end of the step. A
//! mean difference `e` in `g` makes `e_m = e (1 - exp(-h/tau_m))` in `m`, half of it on average in the drive of `w`, and
//! `2 g e` in the forcing of `v`:
//! ```text
//! e_w = eta h rho e_m / 2    (eta h rho e where g drives w itself)
//! e_rho / rho = (1 - exp(-h/tau_rho)) rho^2 |g| e  (rms, root),    (1 - exp(-h/tau_rho)) e  (mean-abs)
//! ```
//! With `|dg_ij| <= reach_j e_i` the sums over a layer need no pass of their own: what depends on `rho` was summed when the
//! signals were predicted.

use super::rule::{Constants, Driver, Scale};

/// One layer's part in the estimate.
pub struct LayerError<'a> {
    /// `e_i`, such that the mean error of `g` over the step is at most `reach_j e_i`.
    pub error: Vec<f64>,
    /// Largest `|delta_i|` over the step.
    pub delta: Vec<f64>,
    /// Sum of squares and largest value of the reach.
    pub reach: (f64, f64),
    /// Sum over `j` of `(reach rho)^2`, and its largest value.
    pub risk: &'a [Vec<f64>; 2],
    /// Sizes of the layer's weights and traces.
    pub size: LayerSize,
    /// Largest change of `g` over the step, or a bound of it.
    pub change: f64,
    /// What synaptic scaling adds, where it is on.
    pub growing: Option<Growing>,
    /// What a part of the error that has its own estimate is multiplied by.
    pub factor: f64,
    /// Share of a constant `g` in `m` at the end of the step, and of its square in `v`.
    pub gained: [f64; 2],
}

/// What synaptic scaling adds to the error of a step, for each postsynaptic unit.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    /// Like [`LayerError::error`].
    pub signals: Vec<f64>,
    /// The same, but felt by weights alone.
    pub drive: Vec<f64>,
    /// Error of the growth, relative to the weights.
    pub rate: Vec<f64>,
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
    /// Adds what synaptic scaling does.
    pub fn grow(&mut self, growing: Growing) {
        self.error.iter_mut().zip(&growing.signals).for_each(|(error, more)| *error += more);
        self.growing = Some(growing);
    }

    /// Takes the error for `factor` times as large.
    pub fn scale(&mut self, factor: f64) {
        self.error.iter_mut().for_each(|error| *error *= factor);
        self.factor *= factor;
    }

    /// The largest error of this layer.
    #[must_use]
    pub fn worst(&self, constants: &Constants, atol: &crate::solver::AbsoluteTolerance, h: f64) -> Worst {
        let Self { error, delta, reach, risk, size, change, growing, factor, gained: [by_m, by_v] } = self;
        let n = size.synapses.sqrt();
        let rtol = constants.rtol;
        let (spread, far) = (reach.0.sqrt(), reach.1);
        let root = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>().sqrt();
        let total = root(&mut error.iter().map(|e| e * e)) * spread / n;
        let m_scale = size.m.max(by_m * root(&mut delta.iter().map(|d| d * d)) * spread / n);
        let m_top = size.m_top.max(m_scale);
        let by_w = constants.eta
            * h
            * match constants.driver {
                Driver::Trace => 0.5 * by_m,
                Driver::Signal => 1.0,
            };
        // What drives the weights may be off by more.
        let late = |i: usize| growing.as_ref().map_or(0.0, |growing| growing.drive[i]);
        let drive: Vec<f64> = error.iter().enumerate().map(|(i, e)| e + late(i)).collect();
        let w_total = by_w * root(&mut drive.iter().zip(&risk[0]).map(|(e, risk)| e * e * risk)) / n;
        let rho = |e: f64, delta: f64, risk: f64, reach: f64| match constants.scale {
            Scale::Rms | Scale::Root => by_v * delta * e * risk,
            Scale::MeanAbs => by_v * e * reach,
            Scale::Unit => 0.0,
        };
        let rho_total = match constants.scale {
            Scale::Rms | Scale::Root => {
                // The sum of squares is at most the sum times the largest.
                let squares = error.iter().zip(delta).zip(risk[0].iter().zip(&risk[1]));
                root(&mut squares.map(|((e, d), (sum, top))| (by_v * d * e).powi(2) * sum * top)) / n
            }
            Scale::MeanAbs => by_v * total,
            Scale::Unit => 0.0,
        };
        // Mean-abs: the flow takes the rate's variation to first order; the square of what the exponent varies by is left.
        let quadrature = match constants.scale {
            Scale::Rms | Scale::Root | Scale::Unit => 0.0,
            Scale::MeanAbs => factor * VARIED * (h / constants.tau_rho * change).powi(2),
        };
        // No error is within every tolerance, also where the tolerance is zero.
        let per = |error: f64, tolerance: f64| if error == 0.0 { 0.0 } else { error / tolerance };
        let totals = [
            (per(w_total, atol.w.min(atol.b) + rtol * size.w), "w"),
            (per(by_m * total, atol.m + rtol * m_scale), "m"),
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
            let top = risk[1][i];
            consider(per(by_w * drive[i] * top.sqrt(), atol.w.min(atol.b) + rtol * size.w_top), i, "w");
            consider(per(by_m * e * far, atol.m + rtol * m_top), i, "m");
            consider(rho(*e, delta[i], top, far) / (HOT * rtol), i, "rho");
        }
        for (i, rate) in growing.iter().flat_map(|growing| growing.rate.iter().enumerate()) {
            consider(rate / rtol, i, "w");
        }
        worst
    }
}
