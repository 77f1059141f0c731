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

use std::borrow::Cow;

use pulp::{Arch, Simd, WithSimd};

use super::line::Line;
use super::pack::Pack;
use super::rule::{Constants, Driver, Scale};
use crate::solver::AbsoluteTolerance;

/// One layer's part in the estimate.
pub struct LayerError<'a> {
    /// `e_i`, such that the mean error of `g` over the step is at most `reach_j e_i`.
    pub error: Vec<f64>,
    /// Largest `|delta_i|` over the step.
    pub delta: Vec<f64>,
    /// `q_i`, such that what the rule for the mean of `g^2` leaves out is at most `2 reach_j^2 q_i`.
    pub quartic: Vec<f64>,
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
    /// How long the error is taken to last, s: the step, or longer where the next steps err alike.
    pub span: f64,
    /// Share of a constant `g` in `m` at the end of that time, and of its square in `v`.
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
pub const HOT: f64 = 3.0;

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
    pub fn worst(&self, arch: Arch, constants: &Constants, atol: &AbsoluteTolerance, h: f64) -> Worst {
        let Self { error, delta, quartic, reach, risk, size, change, growing, factor, span, gained } = self;
        let [by_m, by_v] = gained;
        let n = size.synapses.sqrt();
        let rtol = constants.rtol;
        let (spread, far) = (reach.0.sqrt(), reach.1);
        // What drives the weights may be off by more.
        let late = |growing: &Growing| error.iter().zip(&growing.drive).map(|(e, late)| e + late).collect();
        let drive: Cow<[f64]> = growing.as_ref().map_or(error.into(), late);
        let [sum, top] = risk;
        let found = arch.dispatch(Survey { error, delta, quartic, drive: &drive, risk: [sum, top] });
        let total = found.error.sum.sqrt() * spread / n;
        let m_scale = size.m.max(by_m * found.delta.sqrt() * spread / n);
        let m_top = size.m_top.max(m_scale);
        let by_w = constants.eta
            * span
            * match constants.driver {
                Driver::Trace => 0.5 * by_m,
                Driver::Signal => 1.0,
            };
        let (rho_total, rho_top) = match constants.scale {
            Scale::Rms | Scale::Root => (by_v * found.gain.sum.sqrt() / n, by_v * found.gain.top),
            Scale::MeanAbs => (by_v * total, by_v * found.error.top * far),
            Scale::Unit => (0.0, 0.0),
        };
        // Mean-abs: the flow takes the rate's variation to first order; the square of what the exponent varies by is left.
        let quadrature = match constants.scale {
            Scale::Rms | Scale::Root | Scale::Unit => 0.0,
            Scale::MeanAbs => span / h * factor * VARIED * (h / constants.tau_rho * change).powi(2),
        };
        // No error is within every tolerance, also where the tolerance is zero.
        let per = |error: f64, tolerance: f64| if error == 0.0 { 0.0 } else { error / tolerance };
        let (atol_w, w_total) = (atol.w.min(atol.b), by_w * found.drive.sum.sqrt() / n);
        let (w_top, m_most) = (by_w * found.drive.top.sqrt(), by_m * found.error.top * far);
        let rates = growing.as_ref().map_or(&[][..], |growing| &growing.rate);
        let rate = rates.iter().fold(0.0, |top: f64, rate| top.max(*rate));
        // The unit of a largest value is looked for only where it matters.
        let first = |largest: f64, of: &dyn Fn(usize) -> f64| {
            (0..error.len()).find(|i| of(*i) >= largest).unwrap_or_default()
        };
        let by_error = || first(found.error.top, &|i| error[i]);
        let by_gain = || match constants.scale {
            Scale::MeanAbs => by_error(),
            _ => first(found.gain.top, &|i| (delta[i] * error[i] + quartic[i]) * top[i]),
        };
        let mut worst = Worst::default();
        let mut consider = |error: f64, variable: &'static str, post: &dyn Fn() -> usize| {
            // NaN counts as the largest of all.
            if error.is_nan() || error > worst.error {
                worst = Worst { error, post: post(), variable };
            }
        };
        consider(per(w_total, atol_w + rtol * size.w), "w", &|| 0);
        consider(per(by_m * total, atol.m + rtol * m_scale), "m", &|| 0);
        consider(rho_total / rtol, "rho", &|| 0);
        consider(quadrature / rtol, "rho", &|| 0);
        consider(per(w_top, atol_w + rtol * size.w_top), "w", &|| {
            first(found.drive.top, &|i| drive[i] * drive[i] * top[i])
        });
        consider(per(m_most, atol.m + rtol * m_top), "m", &by_error);
        consider(rho_top / (HOT * rtol), "rho", &by_gain);
        consider(rate / rtol, "w", &|| first(rate, &|i| rates[i]));
        if worst.error.is_nan() {
            worst.post = (0..error.len()).find(|i| !(error[*i] * delta[*i]).is_finite()).unwrap_or_default();
        }
        worst
    }
}

/// What a layer's errors come to.
struct Survey<'a> {
    error: &'a [f64],
    delta: &'a [f64],
    quartic: &'a [f64],
    /// The error that drives the weights.
    drive: &'a [f64],
    risk: [&'a [f64]; 2],
}

/// Something over a layer: the sum of its squares over all synapses, and its largest value.
struct Part {
    sum: f64,
    top: f64,
}

/// See [`Survey`].
struct Found {
    /// Of `e`, by unit.
    error: Part,
    /// Sum of the squares of `delta`.
    delta: f64,
    /// Of `e reach rho`; the largest value is a square too.
    drive: Part,
    /// Of `(delta e + q) (reach rho)^2`; the sum is a bound.
    gain: Part,
}

impl WithSimd for Survey<'_> {
    type Output = Found;
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Found {
        let (error, delta, drive) =
            (Line::new(simd, self.error), Line::new(simd, self.delta), Line::new(simd, self.drive));
        let quartic = Line::new(simd, self.quartic);
        let risk = [Line::new(simd, self.risk[0]), Line::new(simd, self.risk[1])];
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let (mut errors, mut deltas, mut drives, mut gains) = ([zero; 2], zero, [zero; 2], [zero; 2]);
        for k in 0..error.len() {
            let (error, delta, drive) = (error.at(k), delta.at(k), drive.at(k));
            let (sum, top) = (risk[0].at(k), risk[1].at(k));
            let (pair, square) = (delta.mul_add(error, quartic.at(k)), drive * drive);
            errors = [error.mul_add(error, errors[0]), errors[1].max(error)];
            deltas = delta.mul_add(delta, deltas);
            drives = [square.mul_add(sum, drives[0]), drives[1].max(square * top)];
            // The sum of squares is at most the sum times the largest.
            gains = [(pair * pair).mul_add(sum * top, gains[0]), gains[1].max(pair * top)];
        }
        let part = |[sum, top]: [Pack<S, f64>; 2]| Part { sum: sum.sum(), top: top.most() };
        Found { error: part(errors), delta: deltas.sum(), drive: part(drives), gain: part(gains) }
    }
}
