//! The local flow of one synapse: every variable at the end of a step from its start, given `g(t)`.
//!
//! ```text
//! m, v (or rho)    closed forms, see `relax` and `gain`
//! U                integral of u = -eta rho m
//! w(h) = w + phi_1(-L) (U - L w) + kappa U_1 exp(-L/2),   L = |U|/w_max + kappa h
//! ```
//! exact for `kappa = 0` (identity 2: then `w(h) = w + (s w_max - w)(1 - exp(-L))`); with a leak, `U_1`, the first
//! moment of `u` about the middle, keeps it to fourth order. Where `m` crosses zero, `|u|` has its kink and the
//! two pieces follow one another.

use pulp::Simd;

use super::factors::{Bound, Factors, Idle};
use super::gain::{GainFlow, Gains, Nodes, phi1, restricted, weighted};
use super::lane::{Lane, Pack};
use crate::synapse::Gain;

/// Largest exponent that the short series of `phi_1` takes.
const SHORT: f64 = 1.0 / 32.0;
/// Largest exponent at all: `exp(-64)` is below rounding.
const LONGEST: f64 = 64.0;
/// Doublings from `SHORT` to `LONGEST`.
const DOUBLINGS: u32 = 11;

/// The variables of a synapse. Those that it lacks are zero.
#[derive(Clone, Copy)]
pub struct Cell<P> {
    /// Forward weight.
    pub w: P,
    /// Momentum trace.
    pub m: P,
    /// Stored coordinate of the gain.
    pub c: P,
    /// Feedback weight.
    pub b: P,
    /// Own trace of the feedback synapse.
    pub m_b: P,
    /// Own gain of the feedback synapse.
    pub c_b: P,
}

/// How the feedback weight is driven.
pub trait Feedback: Copy + Send + Sync + 'static {
    /// Whether `b` is driven by the forward synapse's `u`.
    const SHARED: bool;
    /// Whether it is driven by traces of its own.
    const OWN: bool;
}
/// `b` does not exist or does not learn.
#[derive(Clone, Copy)]
pub struct Still;
/// `b` is driven by the forward synapse's `u`.
#[derive(Clone, Copy)]
pub struct Shared;
/// `b` is driven by traces of its own.
#[derive(Clone, Copy)]
pub struct Own;
impl Feedback for Still {
    const SHARED: bool = false;
    const OWN: bool = false;
}
impl Feedback for Shared {
    const SHARED: bool = true;
    const OWN: bool = false;
}
impl Feedback for Own {
    const SHARED: bool = false;
    const OWN: bool = true;
}

/// The drive of a weight over a step.
#[derive(Clone, Copy)]
struct Drive<P> {
    /// Integral of `u`: the whole, and the part before `m` crosses zero (the whole where it does not).
    whole: P,
    before: P,
    /// Where it crosses, as a part of the step; 1 where it does not.
    crossing: P,
    /// `u` at the start and end (only with a leak).
    ends: [P; 2],
}

/// Carries a synapse through a step; also gives an upper estimate of the mean of `rho`.
///
/// `BOUNDED`: the soft bound and no leak.
#[inline(always)]
pub fn step<S: Simd, T: Lane, G: GainFlow, F: Feedback, const BOUNDED: bool>(
    factors: &Factors,
    g: Nodes<Pack<S, T>>,
    cell: Cell<Pack<S, T>>,
) -> (Cell<Pack<S, T>>, Pack<S, T>) {
    let mut end = cell;
    let trace = trace(factors, g, cell.m);
    let gains = G::evolve(factors, cell.c, g, trace);
    (end.m, end.c) = (trace[2], gains.ends[1]);
    let mut scale = gains.scale;
    let whole = gains.mean * gains.mean.constant(factors.drive);
    let bound = &factors.weight;
    let alarm = alarm(whole, trace, &bound[0]);
    if F::OWN {
        let trace_b = self::trace(factors, g, cell.m_b);
        let gains_b = G::evolve(factors, cell.c_b, g, trace_b);
        (end.m_b, end.c_b) = (trace_b[2], gains_b.ends[1]);
        scale = scale.max(gains_b.scale);
        let whole_b = gains_b.mean * whole.constant(factors.drive);
        let alarm = alarm.min(self::alarm(whole_b, trace_b, &bound[1]));
        if BOUNDED && !alarm.any_negative() {
            end.w = plain(cell.w, rise(whole, &bound[0]), whole, &bound[0]);
            end.b = plain(cell.b, rise(whole_b, &bound[1]), whole_b, &bound[1]);
        } else {
            let drive = drive::<S, T, G>(factors, &gains, trace, whole);
            end.w = careful::<S, T, BOUNDED>(factors, 0, cell.w, &drive);
            let drive = self::drive::<S, T, G>(factors, &gains_b, trace_b, whole_b);
            end.b = careful::<S, T, BOUNDED>(factors, 1, cell.b, &drive);
        }
    } else if BOUNDED && !alarm.any_negative() {
        let q = rise(whole, &bound[0]);
        end.w = plain(cell.w, q, whole, &bound[0]);
        if F::SHARED {
            end.b = plain(cell.b, q, whole, &bound[1]);
        }
    } else {
        let drive = drive::<S, T, G>(factors, &gains, trace, whole);
        end.w = careful::<S, T, BOUNDED>(factors, 0, cell.w, &drive);
        if F::SHARED {
            end.b = careful::<S, T, BOUNDED>(factors, 1, cell.b, &drive);
        }
    }
    (end, scale)
}

/// The momentum trace at the start, middle and end.
#[inline(always)]
fn trace<S: Simd, T: Lane>(factors: &Factors, g: Nodes<Pack<S, T>>, m: Pack<S, T>) -> Nodes<Pack<S, T>> {
    let at = |k: usize| {
        let relaxation = &factors.m[k];
        weighted(relaxation.weight, g, m * m.constant(relaxation.decay))
    };
    [m, at(0), at(1)]
}

/// Negative where `m` crosses zero or the exponent is not small.
#[inline(always)]
fn alarm<S: Simd, T: Lane>(whole: Pack<S, T>, m: Nodes<Pack<S, T>>, bound: &Bound) -> Pack<S, T> {
    let inverse = whole.constant(bound.inverse);
    (whole.constant(SHORT) - whole.abs() * inverse).min(m[0] * m[2])
}

/// `1 - exp(-|U|/w_max)` for a small exponent.
#[inline(always)]
fn rise<S: Simd, T: Lane>(whole: Pack<S, T>, bound: &Bound) -> Pack<S, T> {
    let lambda = whole.abs() * whole.constant(bound.inverse);
    lambda * phi1(lambda, 0)
}

/// Identity 2, given `q = 1 - exp(-|U|/w_max)`: within the bound once and for all, by rounding too.
#[inline(always)]
fn plain<S: Simd, T: Lane>(w: Pack<S, T>, q: Pack<S, T>, whole: Pack<S, T>, bound: &Bound) -> Pack<S, T> {
    (whole.constant(bound.limit).copysign(whole) - w).mul_add(q, w)
}

/// Cuts the drive where `m` crosses zero.
#[inline(always)]
fn drive<S: Simd, T: Lane, G: GainFlow>(
    factors: &Factors,
    gains: &Gains<Pack<S, T>>,
    m: Nodes<Pack<S, T>>,
    whole: Pack<S, T>,
) -> Drive<Pack<S, T>> {
    let c = |value| whole.constant(value);
    let crosses = m[0] * m[2];
    // The chord's crossing, and one step of Newton on the quadratic from there.
    let slope = crosses.select((m[2] - m[0]).recip(), c(1.0));
    let chord = c(0.0) - m[0] * slope;
    let refined = chord - restricted(m, chord)[2] * slope;
    let crossing = crosses.select(refined.max(c(0.0)).min(c(1.0)), c(1.0));
    let part = G::part(gains, m, crossing) * c(factors.drive);
    let before = crosses.select(part, whole);
    let u = |k: usize| G::rho(gains.ends[k]) * m[2 * k] * c(-factors.eta);
    Drive { whole, before, crossing, ends: [u(0), u(1)] }
}

/// A weight over a step, whatever the drive: the pieces before and after the kink in turn.
#[inline(always)]
fn careful<S: Simd, T: Lane, const BOUNDED: bool>(
    factors: &Factors,
    which: usize,
    w: Pack<S, T>,
    drive: &Drive<Pack<S, T>>,
) -> Pack<S, T> {
    let c = |value| w.constant(value);
    let bound = &factors.weight[which];
    if BOUNDED {
        let middle = piece::<S, T, true>(w, drive.before, c(0.0), c(0.0), bound);
        return piece::<S, T, true>(middle, drive.whole - drive.before, c(0.0), c(0.0), bound);
    }
    // Without a kink (no crossing, or no bound to make one) the whole step is one piece.
    let kink = (c(1.0) - drive.crossing) * c(-bound.inverse);
    let first = kink.select(drive.before, drive.whole);
    let span = kink.select(drive.crossing, c(1.0)) * c(factors.span);
    let moment = span * span * (kink.select(c(0.0), drive.ends[1]) - drive.ends[0]) * c(1.0 / 12.0);
    let middle = piece::<S, T, false>(w, first, span, moment, bound);
    let rest = c(factors.span) - span;
    let moment = rest * rest * drive.ends[1] * c(1.0 / 12.0);
    piece::<S, T, false>(middle, drive.whole - first, rest, moment, bound)
}

/// A weight over a span in which `u` has one sign, its integral and first moment given.
#[inline(always)]
fn piece<S: Simd, T: Lane, const BOUNDED: bool>(
    w: Pack<S, T>,
    whole: Pack<S, T>,
    span: Pack<S, T>,
    moment: Pack<S, T>,
    bound: &Bound,
) -> Pack<S, T> {
    let c = |value| w.constant(value);
    let lambda = whole.abs() * c(bound.inverse);
    if BOUNDED {
        let lambda = lambda.min(c(LONGEST));
        return plain(w, (lambda * phi1(lambda, DOUBLINGS)).min(c(1.0)), whole, bound);
    }
    let lambda = span.mul_add(c(bound.leak), lambda).min(c(LONGEST));
    let phi = phi1(lambda, DOUBLINGS);
    let half = lambda * c(0.5);
    let lag = c(1.0) - half * phi1(half, DOUBLINGS);
    let end = (whole - lambda * w).mul_add(phi, w) + moment * lag * c(bound.leak);
    let limit = w.abs().max(c(bound.limit));
    end.min(limit).max(c(0.0) - limit)
}

/// Carries a silent synapse (`g = 0`) through a stretch of a gap.
#[inline(always)]
pub fn idle<S: Simd, T: Lane, F: Feedback, const BOUNDED: bool>(
    gain: Gain,
    idle: &Idle,
    cell: Cell<Pack<S, T>>,
) -> Cell<Pack<S, T>> {
    let mut end = cell;
    let (whole, c) = silent(gain, idle, cell.m, cell.c);
    (end.m, end.c) = (cell.m * cell.m.constant(idle.m), c);
    let weigh = |w: Pack<S, T>, whole: Pack<S, T>, bound: &Bound| {
        piece::<S, T, BOUNDED>(w, whole, w.constant(idle.span), whole * w.constant(idle.moment), bound)
    };
    end.w = weigh(cell.w, whole, &idle.weight[0]);
    if F::OWN {
        let (whole_b, c_b) = silent(gain, idle, cell.m_b, cell.c_b);
        (end.m_b, end.c_b) = (cell.m_b * cell.m_b.constant(idle.m), c_b);
        end.b = weigh(cell.b, whole_b, &idle.weight[1]);
    } else if F::SHARED {
        end.b = weigh(cell.b, whole, &idle.weight[1]);
    }
    end
}

/// The integral of `u` over silence, and the gain's coordinate at its end.
#[inline(always)]
fn silent<S: Simd, T: Lane>(
    gain: Gain,
    idle: &Idle,
    m: Pack<S, T>,
    coordinate: Pack<S, T>,
) -> (Pack<S, T>, Pack<S, T>) {
    let c = |value| m.constant(value);
    match gain {
        Gain::Rms => {
            let v = coordinate * coordinate;
            let excess = v - c(idle.floor);
            let [middle, end] = idle.v.map(|left| excess.mul_add(c(left), c(idle.floor)));
            let sigma = end.sqrt();
            let r = (coordinate + sigma).recip();
            let y = (middle + middle - (v + end)) * (r * r) * c(2.0);
            let mean = (r + r) * (y * y.mul_add(c(0.2), c(-1.0 / 3.0)) + c(1.0));
            (mean * m * c(idle.drive), sigma)
        }
        Gain::MeanAbs => {
            let drive = coordinate.mul_add(c(idle.drives[0]), c(idle.drives[1]));
            (drive * m, coordinate.mul_add(c(idle.rho[0]), c(idle.rho[1])))
        }
    }
}
