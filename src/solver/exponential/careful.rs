//! The local flow of a weight where the common case does not hold: stiff gains, large exponents, leak, roots.
//!
//! # A stiff gain
//! With `v = rho^-2` in units of its start, `v(p) = 1 + (v1 - 1) p + c 4p(1-p)`, for constant `m`
//! ```text
//! integral over p of v^(-1/2) = 2 r atan(sqrt(y)) / sqrt(y) = 2 r (1 - y/3 + y^2/5 - ...)
//! r = 1 / (1 + sigma1),   sigma1 = sqrt(v1),   y = 4 c r^2
//! ```
//! and, for `m` a quadratic too with Simpson mean `M`, to fourth order
//! ```text
//! mean of rho m = 2 r [M - (m1 - m0) d/6 - (2/15) c_m d^2 + m(1/2) (y^2/5 - y/3)],   d = r (sigma1 - 1)
//! ```
//! exact where `v` is linear, however much it changes: a silent synapse that meets a large `g` is no special case.
//!
//! # The root of a moment that starts at zero
//! `m / (sqrt(v) + epsilon)` is smooth in `sqrt(p)`, in which it is integrated (Gauss-Legendre).

use pulp::{NullaryFnOnce, Simd};

use super::factors::{Bound, Factors};
use super::flow::{Carried, Weights, follow};
use super::gain::{Local, Nodes, restricted, simpson};
use super::lane::Lane;
use super::pack::Pack;
use super::phi::{self, SHORT};
use super::rule::Scale;

/// Largest exponent at all: `exp(-64)` is below rounding.
const LONGEST: f64 = 64.0;
/// Doublings from `SHORT` to `LONGEST`.
const DOUBLINGS: u32 = 12;
/// Nodes and weights of Gauss and Legendre on 0 to 1.
const GAUSS: [(f64, f64); 5] = [
    (0.046_910_077_030_668_0, 0.118_463_442_528_094_5),
    (0.230_765_344_947_158_5, 0.239_314_335_249_683_2),
    (0.5, 0.284_444_444_444_444_4),
    (0.769_234_655_052_841_5, 0.239_314_335_249_683_2),
    (0.953_089_922_969_332, 0.118_463_442_528_094_5),
];

/// Weights over a part of a step, whatever the drive.
pub struct Careful<'a, P> {
    /// How the drive is scaled.
    pub scale: Scale,
    /// The step.
    pub factors: &'a Factors,
    /// Which part of it.
    pub which: usize,
    /// Local variables.
    pub local: Local<P>,
    /// The weights at the start.
    pub weights: Weights<P>,
    /// Integral of `u` by the common formula.
    pub drive: P,
}

/// The drive of a weight over a part of a step.
#[derive(Clone, Copy)]
struct Drive<P> {
    /// Integral of `u`: the whole, and the part before `d` crosses zero (the whole where it does not).
    whole: P,
    before: P,
    /// Where it crosses, and where the part ends, in units of the step.
    crossing: P,
    end: P,
    /// `u` at the start and the end (with a leak).
    ends: [P; 2],
}

impl<S: Simd, T: Lane> NullaryFnOnce for Careful<'_, Pack<S, T>> {
    type Output = Carried<Pack<S, T>>;
    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { factors, ref local, weights, .. } = self;
        let (w, which) = weights.w;
        let (one, zero) = (w.constant(1.0), w.constant(0.0));
        let change = local.change[0].abs().max(local.change[1].abs());
        let stiff = w.constant(factors.light) - change;
        let end = w.constant(factors.reach[self.which].part);
        let crossing = if factors.kink { crossing(local.d, end) } else { end };
        let mut c = local.c[2];
        let (before, whole);
        match self.scale {
            Scale::Root => {
                (before, whole) = (self.by_root(crossing), self.by_root(end));
            }
            Scale::Rms | Scale::Unit | Scale::MeanAbs => {
                let mean = simpson(restricted(local.rho, crossing), restricted(local.d, crossing));
                let part = mean * crossing * w.constant(factors.drive);
                let light = ((crossing - end).select(part, self.drive), self.drive);
                if self.scale == Scale::Rms && stiff.any_negative() {
                    c = stiff.select(local.c[0] / (local.change[1] + one).sqrt(), c);
                    before = stiff.select(self.by_closed_form(crossing), light.0);
                    whole = stiff.select(self.by_closed_form(end), light.1);
                } else {
                    (before, whole) = light;
                }
            }
        }
        let ends =
            if factors.weight.iter().any(|bound| bound.leak > 0.0) { self.ends(end) } else { [zero; 2] };
        let drive = Drive { whole, before, crossing, end, ends };
        let carried = weight(factors, &factors.weight[which], w, &drive);
        let b = match weights.b {
            Some(b) => weight(factors, &factors.weight[1], b, &drive),
            None => w,
        };
        Carried { w: carried, b, c }
    }
}

impl<S: Simd, T: Lane> Careful<'_, Pack<S, T>> {
    /// The integral of `u` over the first part `p`, for a gain "rms" that changes by any amount.
    #[inline(always)]
    fn by_closed_form(&self, p: Pack<S, T>) -> Pack<S, T> {
        let Local { d, rho, change, .. } = &self.local;
        let one = p.constant(1.0);
        let v = restricted([p.constant(0.0), change[0], change[1]], p);
        mean(restricted(*d, p), [v[1], v[2]], (v[2] + one).sqrt())
            * rho[0]
            * p
            * p.constant(self.factors.drive)
    }

    /// The integral of `u` over the first part `p`, with root and division.
    #[inline(always)]
    fn by_root(&self, p: Pack<S, T>) -> Pack<S, T> {
        let Local { d, c, .. } = &self.local;
        let mut sum = p.constant(0.0);
        for (s, weight) in GAUSS {
            let q = p * p.constant(s * s);
            sum = self.ratio(at(*d, q), at(*c, q), q).mul_add(p.constant(2.0 * s * weight), sum);
        }
        sum * p * p.constant(self.factors.drive)
    }

    /// `mhat / (sqrt(vhat) + epsilon)` at the part `q` of the step.
    #[inline(always)]
    fn ratio(&self, m: Pack<S, T>, v: Pack<S, T>, q: Pack<S, T>) -> Pack<S, T> {
        let v = v.max(q.constant(f64::from(f32::MIN_POSITIVE)));
        let epsilon = q.constant(self.factors.epsilon);
        match self.factors.correction {
            None => m / (v.sqrt() + epsilon),
            Some(correction) => {
                let [[m0, m1, m2], [v0, v1, v2]] = correction;
                let by_m = at([q.constant(m0), q.constant(m1), q.constant(m2)], q);
                let by_v = at([q.constant(v0), q.constant(v1), q.constant(v2)], q);
                m / (((v / by_v).sqrt() + epsilon) * by_m)
            }
        }
    }

    /// `u` at the start and at the end of the part.
    #[inline(always)]
    fn ends(&self, end: Pack<S, T>) -> [Pack<S, T>; 2] {
        [self.u(end.constant(0.0)), self.u(end)]
    }

    /// `u` at the part `p` of the step.
    #[inline(always)]
    fn u(&self, p: Pack<S, T>) -> Pack<S, T> {
        let Local { d, rho, c, change, .. } = &self.local;
        // Moments and what corrects them start at zero: near there stands for there.
        let p = if self.scale == Scale::Root { p.max(p.constant(1e-4)) } else { p };
        let d = at(*d, p);
        let scaled = match self.scale {
            Scale::Root => self.ratio(d, at(*c, p), p),
            Scale::Rms => {
                let v = at([p.constant(0.0), change[0], change[1]], p) + p.constant(1.0);
                d * c[0] / v.sqrt()
            }
            Scale::Unit | Scale::MeanAbs => d * at(*rho, p),
        };
        scaled * p.constant(self.factors.drive / self.factors.span)
    }
}

/// The quadratic through `f` at `0`, `1/2`, `1`, at `p`.
#[inline(always)]
fn at<S: Simd, T: Lane>(f: Nodes<Pack<S, T>>, p: Pack<S, T>) -> Pack<S, T> {
    restricted(f, p)[2]
}

/// Where `d` crosses zero, `end` where it does not before.
#[inline(always)]
fn crossing<S: Simd, T: Lane>(d: Nodes<Pack<S, T>>, end: Pack<S, T>) -> Pack<S, T> {
    let crosses = d[0] * d[2];
    // The chord's crossing, and one step of Newton on the quadratic from there.
    let slope = crosses.select((d[2] - d[0]).recip(), end.constant(1.0));
    let chord = end.constant(0.0) - d[0] * slope;
    let refined = chord - at(d, chord) * slope;
    crosses.select(refined.max(end.constant(0.0)).min(end), end)
}

/// The mean of `m / sqrt(v)`, given `v - 1` in the middle and at the end, and `sqrt(v)` there, where `v = 1` at the start.
#[inline(always)]
fn mean<S: Simd, T: Lane>(
    [m0, mm, m1]: Nodes<Pack<S, T>>,
    [middle, end]: [Pack<S, T>; 2],
    sigma: Pack<S, T>,
) -> Pack<S, T> {
    let r = (sigma + m0.constant(1.0)).recip();
    let d = end * r * r;
    let y = (middle + middle - end) * (r * r) * m0.constant(2.0);
    let sum = m0 + m1;
    let simpson = mm.mul_add(m0.constant(4.0 / 6.0), sum * m0.constant(1.0 / 6.0));
    let bubble = sum.mul_add(m0.constant(-0.5), mm);
    let skew = bubble.mul_add(d * m0.constant(2.0 / 15.0), (m1 - m0) * m0.constant(1.0 / 6.0));
    let curved = mm * y * y.mul_add(m0.constant(0.2), m0.constant(-1.0 / 3.0));
    (simpson - skew * d + curved) * (r + r)
}

/// A weight over a part of a step: the pieces before and after the kink in turn.
#[inline(always)]
fn weight<S: Simd, T: Lane>(
    factors: &Factors,
    bound: &Bound,
    w: Pack<S, T>,
    drive: &Drive<Pack<S, T>>,
) -> Pack<S, T> {
    let after = drive.whole - drive.before;
    let inverse = w.constant(bound.inverse);
    if bound.leak == 0.0 {
        let (before, later) = (drive.before.abs() * inverse, after.abs() * inverse);
        let end = follow(follow(w, drive.before, before), after, later);
        let alarm = w.constant(SHORT) - before.max(later);
        if alarm.any_negative() {
            return alarm.select(within(within(w, drive.before, bound), after, bound), end);
        }
        return end;
    }
    // Without a kink (no crossing, or no bound to make one) the whole part is one piece.
    let kink = (drive.crossing - drive.end) * inverse;
    let first = kink.select(drive.before, drive.whole);
    let span = kink.select(drive.crossing, drive.end) * w.constant(factors.span);
    let twelfth = w.constant(1.0 / 12.0);
    let moment = span * span * (kink.select(w.constant(0.0), drive.ends[1]) - drive.ends[0]) * twelfth;
    let middle = piece(w, first, span, moment, bound);
    let rest = drive.end * w.constant(factors.span) - span;
    let moment = rest * rest * drive.ends[1] * twelfth;
    piece(middle, drive.whole - first, rest, moment, bound)
}

/// Identity 2 for any exponent, for a drive of one sign: within the bound once and for all.
#[inline(always)]
pub fn within<S: Simd, T: Lane>(w: Pack<S, T>, whole: Pack<S, T>, bound: &Bound) -> Pack<S, T> {
    let lambda = (whole.abs() * w.constant(bound.inverse)).min(w.constant(LONGEST));
    let limit = w.constant(bound.limit).copysign(whole);
    let end = (limit - w).mul_add((lambda * phi::long(lambda, DOUBLINGS)).min(w.constant(1.0)), w);
    if bound.inverse > 0.0 { end } else { w + whole }
}

/// A weight with leak over a span in which `u` has one sign, its integral and first moment given.
#[inline(always)]
pub fn piece<S: Simd, T: Lane>(
    w: Pack<S, T>,
    whole: Pack<S, T>,
    span: Pack<S, T>,
    moment: Pack<S, T>,
    bound: &Bound,
) -> Pack<S, T> {
    let lambda = whole.abs() * w.constant(bound.inverse);
    let lambda = span.mul_add(w.constant(bound.leak), lambda).min(w.constant(LONGEST));
    let half = lambda * w.constant(0.5);
    let lag = w.constant(1.0) - half * phi::long(half, DOUBLINGS);
    let end =
        (whole - lambda * w).mul_add(phi::long(lambda, DOUBLINGS), w) + moment * lag * w.constant(bound.leak);
    let limit = w.abs().max(w.constant(bound.limit));
    end.min(limit).max(w.constant(0.0) - limit)
}
