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

use std::marker::PhantomData;

use pulp::Simd;

use super::factors::{Bound, Factors, Idle};
use super::gain::{GainFlow, Gains, Nodes, Push, phi1, restricted};
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
    push: &Push<Pack<S, T>>,
    cell: Cell<Pack<S, T>>,
) -> (Cell<Pack<S, T>>, Pack<S, T>) {
    let mut end = cell;
    let trace = trace(factors, push, cell.m);
    let gains = G::evolve(factors, cell.c, push, trace);
    (end.m, end.c) = (trace[2], gains.ends[1]);
    let mut scale = gains.scale;
    let whole = gains.mean * gains.mean.constant(factors.drive);
    let bound = &factors.weight;
    let alarm = alarm(factors, whole, trace, &bound[0]);
    if F::OWN {
        let trace_b = self::trace(factors, push, cell.m_b);
        let gains_b = G::evolve(factors, cell.c_b, push, trace_b);
        (end.m_b, end.c_b) = (trace_b[2], gains_b.ends[1]);
        scale = scale.max(gains_b.scale);
        let whole_b = gains_b.mean * whole.constant(factors.drive);
        let alarm = alarm.min(self::alarm(factors, whole_b, trace_b, &bound[1]));
        if BOUNDED && !alarm.any_negative() {
            end.w = plain(cell.w, rise(whole, &bound[0]), whole, &bound[0]);
            end.b = plain(cell.b, rise(whole_b, &bound[1]), whole_b, &bound[1]);
        } else {
            let (simd, flow) = (whole.simd(), PhantomData);
            let weights = [(0, cell.w)];
            let careful = Careful::<_, _, G, BOUNDED, 1> { factors, gains, trace, whole, weights, flow };
            [end.w] = simd.vectorize(careful);
            let (gains, trace, whole, weights) = (gains_b, trace_b, whole_b, [(1, cell.b)]);
            let careful = Careful::<_, _, G, BOUNDED, 1> { factors, gains, trace, whole, weights, flow };
            [end.b] = simd.vectorize(careful);
        }
    } else if BOUNDED && !alarm.any_negative() {
        let q = rise(whole, &bound[0]);
        end.w = plain(cell.w, q, whole, &bound[0]);
        if F::SHARED {
            end.b = plain(cell.b, q, whole, &bound[1]);
        }
    } else if F::SHARED {
        let weights = [(0, cell.w), (1, cell.b)];
        let flow = PhantomData;
        let careful = Careful::<_, _, G, BOUNDED, 2> { factors, gains, trace, whole, weights, flow };
        [end.w, end.b] = whole.simd().vectorize(careful);
    } else {
        let (weights, flow) = ([(0, cell.w)], PhantomData);
        let careful = Careful::<_, _, G, BOUNDED, 1> { factors, gains, trace, whole, weights, flow };
        [end.w] = whole.simd().vectorize(careful);
    }
    (end, scale)
}

/// Weights over a step, whatever the drive, each with the number of its weight dependence; a function of its own, so
/// that it does not weigh on the common case.
struct Careful<'a, S: Simd, T: Lane, G, const BOUNDED: bool, const N: usize> {
    factors: &'a Factors,
    gains: Gains<Pack<S, T>>,
    trace: Nodes<Pack<S, T>>,
    whole: Pack<S, T>,
    weights: [(usize, Pack<S, T>); N],
    flow: PhantomData<G>,
}

impl<S: Simd, T: Lane, G: GainFlow, const BOUNDED: bool, const N: usize> pulp::NullaryFnOnce
    for Careful<'_, S, T, G, BOUNDED, N>
{
    type Output = [Pack<S, T>; N];
    #[inline(always)]
    fn call(self) -> [Pack<S, T>; N] {
        let Self { factors, gains, trace, whole, weights, .. } = self;
        let drive = drive::<S, T, G>(factors, &gains, trace, whole);
        let mut end = [whole; N];
        for n in 0..N {
            end[n] = careful::<S, T, BOUNDED>(factors, weights[n].0, weights[n].1, &drive);
        }
        end
    }
}

/// The momentum trace at the start, middle and end.
#[inline(always)]
fn trace<S: Simd, T: Lane>(factors: &Factors, push: &Push<Pack<S, T>>, m: Pack<S, T>) -> Nodes<Pack<S, T>> {
    let middle = m.mul_add(m.constant(factors.m[0].decay), push.m[0]);
    let end = m.mul_add(m.constant(factors.m[1].decay), push.m[1]);
    [m, middle, end]
}

/// Negative where `m` crosses zero or the exponent is not small.
#[inline(always)]
fn alarm<S: Simd, T: Lane>(
    factors: &Factors,
    whole: Pack<S, T>,
    m: Nodes<Pack<S, T>>,
    bound: &Bound,
) -> Pack<S, T> {
    let inverse = whole.constant(bound.inverse);
    (whole.constant(SHORT) - whole.abs() * inverse).min(m[0] * m[2] * whole.constant(factors.kink))
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
    let crosses = m[0] * m[2];
    // The chord's crossing, and one step of Newton on the quadratic from there.
    let slope = crosses.select((m[2] - m[0]).recip(), whole.constant(1.0));
    let chord = whole.constant(0.0) - m[0] * slope;
    let refined = chord - restricted(m, chord)[2] * slope;
    let crossing =
        crosses.select(refined.max(whole.constant(0.0)).min(whole.constant(1.0)), whole.constant(1.0));
    let part = G::part(gains, m, crossing) * whole.constant(factors.drive);
    let before = crosses.select(part, whole);
    let eta = whole.constant(-factors.eta);
    let ends = [G::rho(gains.ends[0]) * m[0] * eta, G::rho(gains.ends[1]) * m[2] * eta];
    Drive { whole, before, crossing, ends }
}

/// A weight over a step, whatever the drive: the pieces before and after the kink in turn.
#[inline(always)]
fn careful<S: Simd, T: Lane, const BOUNDED: bool>(
    factors: &Factors,
    which: usize,
    w: Pack<S, T>,
    drive: &Drive<Pack<S, T>>,
) -> Pack<S, T> {
    let bound = &factors.weight[which];
    if BOUNDED {
        let after = drive.whole - drive.before;
        if !(w.constant(SHORT) - drive.before.abs().max(after.abs()) * w.constant(bound.inverse))
            .any_negative()
        {
            let middle = plain(w, rise(drive.before, bound), drive.before, bound);
            return plain(middle, rise(after, bound), after, bound);
        }
        let middle = piece::<S, T, true>(w, drive.before, w.constant(0.0), w.constant(0.0), bound);
        return piece::<S, T, true>(
            middle,
            drive.whole - drive.before,
            w.constant(0.0),
            w.constant(0.0),
            bound,
        );
    }
    // Without a kink (no crossing, or no bound to make one) the whole step is one piece.
    let kink = (w.constant(1.0) - drive.crossing) * w.constant(-bound.inverse);
    let first = kink.select(drive.before, drive.whole);
    let span = kink.select(drive.crossing, w.constant(1.0)) * w.constant(factors.span);
    let moment =
        span * span * (kink.select(w.constant(0.0), drive.ends[1]) - drive.ends[0]) * w.constant(1.0 / 12.0);
    let middle = piece::<S, T, false>(w, first, span, moment, bound);
    let rest = w.constant(factors.span) - span;
    let moment = rest * rest * drive.ends[1] * w.constant(1.0 / 12.0);
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
    let lambda = whole.abs() * w.constant(bound.inverse);
    if BOUNDED {
        let lambda = lambda.min(w.constant(LONGEST));
        return plain(w, (lambda * phi1(lambda, DOUBLINGS)).min(w.constant(1.0)), whole, bound);
    }
    let lambda = span.mul_add(w.constant(bound.leak), lambda).min(w.constant(LONGEST));
    let phi = phi1(lambda, DOUBLINGS);
    let half = lambda * w.constant(0.5);
    let lag = w.constant(1.0) - half * phi1(half, DOUBLINGS);
    let end = (whole - lambda * w).mul_add(phi, w) + moment * lag * w.constant(bound.leak);
    let limit = w.abs().max(w.constant(bound.limit));
    end.min(limit).max(w.constant(0.0) - limit)
}

/// Carries a silent synapse (`g = 0`) through a stretch of a gap.
#[inline(always)]
pub fn idle<S: Simd, T: Lane, F: Feedback, const BOUNDED: bool>(
    gain: Gain,
    idle: &Idle,
    cell: Cell<Pack<S, T>>,
) -> Cell<Pack<S, T>> {
    let mut end = cell;
    let forward = silent::<S, T, BOUNDED>(gain, idle, cell.m, cell.c);
    (end.m, end.c) = (forward.m, forward.c);
    end.w = weigh::<S, T, BOUNDED>(idle, cell.w, &forward, &idle.weight[0]);
    if F::OWN {
        let backward = silent::<S, T, BOUNDED>(gain, idle, cell.m_b, cell.c_b);
        (end.m_b, end.c_b) = (backward.m, backward.c);
        end.b = weigh::<S, T, BOUNDED>(idle, cell.b, &backward, &idle.weight[1]);
    } else if F::SHARED {
        end.b = weigh::<S, T, BOUNDED>(idle, cell.b, &forward, &idle.weight[1]);
    }
    end
}

/// Local variables at the end of a stretch of silence, with the drive over it.
struct Silence<P> {
    m: P,
    c: P,
    /// Integral and first moment of `u`.
    whole: P,
    moment: P,
}

/// A weight over a stretch of silence.
#[inline(always)]
fn weigh<S: Simd, T: Lane, const BOUNDED: bool>(
    idle: &Idle,
    w: Pack<S, T>,
    silence: &Silence<Pack<S, T>>,
    bound: &Bound,
) -> Pack<S, T> {
    let whole = silence.whole;
    let small = w.constant(SHORT) - whole.abs() * w.constant(bound.inverse);
    if BOUNDED && !small.any_negative() {
        return plain(w, rise(whole, bound), whole, bound);
    }
    piece::<S, T, BOUNDED>(w, whole, w.constant(idle.span), silence.moment, bound)
}

/// The local variables over a stretch of silence.
#[inline(always)]
fn silent<S: Simd, T: Lane, const BOUNDED: bool>(
    gain: Gain,
    idle: &Idle,
    m: Pack<S, T>,
    coordinate: Pack<S, T>,
) -> Silence<Pack<S, T>> {
    let left = m * m.constant(idle.m);
    let (whole, c) = match gain {
        Gain::Rms => {
            let v = coordinate * coordinate;
            let excess = v - m.constant(idle.floor);
            let middle = excess.mul_add(m.constant(idle.v[0]), m.constant(idle.floor));
            let end = excess.mul_add(m.constant(idle.v[1]), m.constant(idle.floor));
            let sigma = end.sqrt();
            let r = (coordinate + sigma).recip();
            let y = (middle + middle - (v + end)) * (r * r) * m.constant(2.0);
            let series = y.mul_add(m.constant(0.2), m.constant(-1.0 / 3.0));
            let mean = (r + r) * y.mul_add(series, m.constant(1.0));
            (mean * m * m.constant(idle.drive), sigma)
        }
        Gain::MeanAbs => {
            let drive = coordinate.mul_add(m.constant(idle.drives[0]), m.constant(idle.drives[1]));
            (drive * m, coordinate.mul_add(m.constant(idle.rho[0]), m.constant(idle.rho[1])))
        }
    };
    let moment = if BOUNDED {
        m.constant(0.0)
    } else {
        let (start, end) = match gain {
            Gain::Rms => (m / coordinate, left / c),
            Gain::MeanAbs => (m * coordinate, left * c),
        };
        (start - end) * m.constant(idle.moment)
    };
    Silence { m: left, c, whole, moment }
}
