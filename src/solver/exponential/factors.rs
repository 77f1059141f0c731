//! What all synapses share over a step: exponentials and their moments, computed once.

use super::gain::series_limit;
use super::phi::SHORT;
use super::relax::{Relaxation, phi};
use super::rule::{Constants, Scale};
use crate::synapse::WeightDependence;

/// A step of length `span`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Factors {
    /// Its length, s.
    pub span: f64,
    /// Momentum trace, to the middle and the end.
    pub m: [Relaxation; 2],
    /// `v`, likewise.
    pub v: [Relaxation; 2],
    /// `exp(-t/tau_rho) - 1`, likewise.
    pub fade: [f64; 2],
    /// What `epsilon^2` adds to `v`, likewise.
    pub floor: [f64; 2],
    /// Means over the whole step.
    pub mean: Means,
    /// `h / tau_rho`.
    pub rate: f64,
    /// `epsilon`.
    pub epsilon: f64,
    /// `-eta h`: turns a mean of `rho d` into an integral of `u`.
    pub drive: f64,
    /// What divides `m` and `v` at the start, middle and end.
    pub correction: Option<[[f64; 3]; 2]>,
    /// The inner node and the end of the step.
    pub reach: [Reach; 2],
    /// Largest relative change of `v` that the short series takes; Simpson's rule on what it gives asks for less.
    pub light: f64,
    /// Whether the common path serves at all: without a leak, and for scales that are no root.
    pub is_plain: bool,
    /// Whether kinks are to be cut out: not where there is none, nor in a first prediction, where it is of third order.
    pub kink: bool,
    /// Largest exponent with a kink within that goes for one piece: the product of the two pieces' exponents is left out.
    pub brief: f64,
    /// Weight dependence of `w` and of `b`.
    pub weight: [Bound; 2],
    /// What a forecast of a weight (see `outlook`) multiplies, at the inner node and at the end.
    pub forecast: [Terms; 2],
    /// Largest relative change of `v` that the forecast takes.
    pub near: f64,
}

/// What makes the means over a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    /// Momentum trace and `v`.
    pub of: [Relaxation; 2],
    /// Of `exp(-t/tau_rho) - 1`.
    pub fade: f64,
    /// Of what `epsilon^2` adds to `v`.
    pub floor: f64,
    /// Of `t/h` times the part of its change that `m` has made by `t` under a constant signal.
    pub tilt: f64,
}

/// Factors of the terms of a forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terms {
    /// Of the trace that is there.
    pub trace: f64,
    /// Of what the signal adds to it.
    pub signal: f64,
    /// Of the change of the gain.
    pub gain: f64,
    /// Of the exponent of the soft bound, to be multiplied with `1/w_max`.
    pub bound: f64,
}

/// The first part of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// The part of the whole.
    pub part: f64,
    /// Weights of `rho d` at the start, middle and end of the whole step in the integral of `u` over the part.
    pub weight: [f64; 3],
}

/// Weight dependence over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bound {
    /// `1 / w_max`.
    pub inverse: f64,
    /// `w_max`.
    pub limit: f64,
    /// Leak, 1/s.
    pub leak: f64,
}

impl From<WeightDependence> for Bound {
    fn from(weight: WeightDependence) -> Self {
        Self { inverse: weight.inverse_bound, limit: weight.inverse_bound.recip(), leak: weight.leak }
    }
}

impl Factors {
    /// Those of a step from `t` of length `h`, with its inner node at the part `inner`.
    #[must_use]
    pub fn new(constants: &Constants, t: f64, h: f64, inner: f64) -> Self {
        let parts = |tau: f64| [0.5, 1.0].map(|part| Relaxation::new(h / tau, part));
        let v = parts(constants.tau_rho);
        let floor = if constants.scale == Scale::Root { 0.0 } else { constants.epsilon * constants.epsilon };
        let drive = -constants.eta * h;
        let corrections = |tau: f64| [0.0, 0.5, 1.0].map(|part| -(-(t + part * h) / tau).exp_m1());
        let mut factors = Self {
            span: h,
            m: parts(constants.tau_m),
            v,
            fade: [0.5, 1.0].map(|part| (-part * h / constants.tau_rho).exp_m1()),
            floor: v.map(|relaxation| relaxation.gained() * floor),
            mean: Means::new([h / constants.tau_m, h / constants.tau_rho], floor),
            rate: h / constants.tau_rho,
            epsilon: constants.epsilon,
            drive,
            correction: constants
                .is_corrected
                .then(|| [corrections(constants.tau_m), corrections(constants.tau_rho)]),
            reach: [inner, 1.0].map(|part| Reach::new(part, drive)),
            light: series_limit(constants.rtol),
            is_plain: constants.scale != Scale::Root && constants.leak() == 0.0,
            kink: false,
            brief: (0.2 * constants.rtol).sqrt().min(SHORT),
            weight: weights(constants, t + 0.5 * h),
            forecast: [inner, 1.0].map(|part| Terms::new(part, h / constants.tau_m, drive)),
            near: constants.rtol.cbrt().min(series_limit(1.0)),
        };
        factors.cut_kinks();
        factors
    }

    /// Has kinks cut out, where there are any.
    pub fn cut_kinks(&mut self) {
        self.kink = self.weight.iter().any(|bound| bound.inverse > 0.0);
    }
}

impl Means {
    /// Those of a step of `h / tau_m` and `h / tau_rho`, with `epsilon^2`.
    fn new(x: [f64; 2], floor: f64) -> Self {
        let of = x.map(Relaxation::mean);
        let [_, phi1, phi2, phi3, _] = phi(-x[0]);
        let [_, _, faded, ..] = phi(-x[1]);
        Self { of, fade: -x[1] * faded, floor: of[1].gained() * floor, tilt: (phi2 - phi3) / phi1 }
    }
}

impl Terms {
    /// Those of the part `part` of a step of `x = h / tau_m`.
    fn new(part: f64, x: f64, drive: f64) -> Self {
        let trace = if x > 0.0 { drive * -(-part * x).exp_m1() / x } else { drive * part };
        Self {
            trace,
            signal: drive * part - trace,
            gain: -0.25 * part * trace,
            bound: -0.5 * trace.abs() * trace,
        }
    }
}

impl Reach {
    fn new(part: f64, drive: f64) -> Self {
        let weight = super::relax::weights([part, 0.5 * part, part / 3.0], part);
        Self { part, weight: weight.map(|weight| weight * drive) }
    }
}

/// The weight dependence of `w` and of `b` at time `t` in s.
#[must_use]
pub fn weights(constants: &Constants, t: f64) -> [Bound; 2] {
    let aged = |weight: WeightDependence| match constants.period {
        Some(period) if weight.inverse_bound > 0.0 => {
            WeightDependence { inverse_bound: period.w_max(t).recip(), ..weight }
        }
        _ => weight,
    };
    [constants.forward, constants.backward.unwrap_or(constants.forward)].map(|weight| aged(weight).into())
}
