//! The local flow of the gain: `rho` at the start, middle and end of a step.
//!
//! A step has the signals as quadratics in time; `m` is exact at its start, middle and end, and a quadratic in between, and so is
//! the gain while `g` stays. Where `g` changes, `g^2` is the quadratic through its values there: the error estimate counts the rest.
//!
//! # Scale "rms"
//! `v = rho^-2` solves a linear equation, so that `v / v(0) = 1 + y` with `y = exp(-t/tau_rho) - 1 + rho(0)^2 f`, `f` being
//! what `g^2 + epsilon^2` has added, and `rho = rho(0) (1 + y)^(-1/2)`. Where `y` is small, which is nearly always, this takes
//! neither root nor division.
//!
//! # Scale "mean-abs"
//! `rho` relaxes at the rate `(|g| + epsilon)/tau_rho`; the integral of `|g|` has its kink cut out.
//!
//! # Scale "root"
//! `v` is exact as above; the root and the division are those of the rule.

use pulp::{NullaryFnOnce, Simd};

use super::factors::Factors;
use super::lane::Lane;
use super::pack::{Pack, apart};
use super::phi;
use super::rule::{Driver, Scale};

/// Values at the start, middle and end.
pub type Nodes<P> = [P; 3];

/// What pushes the local variables over a step.
#[derive(Clone, Copy)]
pub struct Push<P> {
    /// What the forcing adds to `m` in the middle and at the end.
    pub m: [P; 2],
    /// What `g^2` and the floor add to `v`, likewise.
    pub v: [P; 2],
    /// `g` at the start, middle and end.
    pub g: Nodes<P>,
}

impl<S: Simd, T: Lane> Push<Pack<S, T>> {
    /// That of a `g` of any shape.
    #[inline(always)]
    pub fn new(factors: &Factors, g: Nodes<Pack<S, T>>) -> Self {
        let square = [g[0] * g[0], g[1] * g[1], g[2] * g[2]];
        let zero = g[0].constant(0.0);
        let floor = zero.constants(factors.floor);
        Self {
            m: [weighted(factors.m[0].weight, g, zero), weighted(factors.m[1].weight, g, zero)],
            v: [
                weighted(factors.v[0].weight, square, floor[0]),
                weighted(factors.v[1].weight, square, floor[1]),
            ],
            g,
        }
    }
}

/// The local variables of one set of traces over a step.
#[derive(Clone, Copy)]
pub struct Local<P> {
    /// What drives the weight.
    pub d: Nodes<P>,
    /// Its scale; for "rms" only where no relative change is larger than [`Factors::light`].
    pub rho: Nodes<P>,
    /// The stored coordinate of the gain, likewise.
    pub c: Nodes<P>,
    /// `v / v(0) - 1` in the middle and at the end ("rms"), else zero.
    pub change: [P; 2],
    /// The momentum trace at the end.
    pub m: P,
}

/// The local variables over a step, from the trace `m` and the stored coordinate `c`.
#[inline(always)]
pub fn evolve<S: Simd, T: Lane>(
    (driver, scale): (Driver, Scale),
    factors: &Factors,
    push: &Push<Pack<S, T>>,
    m: Pack<S, T>,
    c: Pack<S, T>,
) -> Local<Pack<S, T>> {
    let trace = [
        m,
        m.mul_add(m.constant(factors.m[0].decay), push.m[0]),
        m.mul_add(m.constant(factors.m[1].decay), push.m[1]),
    ];
    let d = if driver == Driver::Trace { trace } else { push.g };
    let (zero, one) = (c.constant(0.0), c.constant(1.0));
    let (rho, coordinate, change) = match scale {
        Scale::Rms => {
            let square = c * c;
            let fade = c.constants(factors.fade);
            let change = [square.mul_add(push.v[0], fade[0]), square.mul_add(push.v[1], fade[1])];
            let rho = [c * inverse_root(change[0]), c * inverse_root(change[1])];
            ([c, rho[0], rho[1]], [c, rho[0], rho[1]], change)
        }
        Scale::Unit => ([one; 3], [one; 3], [zero; 2]),
        Scale::MeanAbs => {
            let rho = apart(c.simd(), MeanAbs { factors, rho: c, g: push.g });
            ([c, rho[0], rho[1]], [c, rho[0], rho[1]], [zero; 2])
        }
        Scale::Root => {
            let decay = c.constants([factors.v[0].decay, factors.v[1].decay]);
            let v = [c.mul_add(decay[0], push.v[0]).max(zero), c.mul_add(decay[1], push.v[1]).max(zero)];
            // For the error estimate alone.
            let rho = (v[1].sqrt() + c.constant(factors.epsilon)).recip();
            ([rho; 3], [c, v[0], v[1]], [zero; 2])
        }
    };
    Local { d, rho, c: coordinate, change, m: trace[2] }
}

/// Largest `|y|` for which the series of `(1 + y)^(-1/2)` up to `y^3` is within a hundredth of the relative tolerance.
#[must_use]
pub fn series_limit(rtol: f64) -> f64 {
    (0.037 * rtol).powf(0.25).min(1.0 / 16.0)
}

/// `(1 + y)^(-1/2)` for small `y`: the series' next term is `63/256 y^5`.
#[inline(always)]
pub fn inverse_root<S: Simd, T: Lane>(y: Pack<S, T>) -> Pack<S, T> {
    let cubic = y.mul_add(y.constant(35.0 / 128.0), y.constant(-5.0 / 16.0));
    let slope = y.mul_add(y.mul_add(cubic, y.constant(3.0 / 8.0)), y.constant(-0.5));
    y.mul_add(slope, y.constant(1.0))
}

/// `rho` (mean-abs) in the middle and at the end; a function of its own, so that it does not weigh on the common case.
struct MeanAbs<'a, P> {
    factors: &'a Factors,
    rho: P,
    g: Nodes<P>,
}

impl<S: Simd, T: Lane> NullaryFnOnce for MeanAbs<'_, Pack<S, T>> {
    type Output = [Pack<S, T>; 2];
    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { factors, rho, g } = self;
        [grown(factors, rho, g, 0.5), grown(factors, rho, g, 1.0)]
    }
}

/// Simpson's mean of a product.
#[inline(always)]
pub fn simpson<S: Simd, T: Lane>(a: Nodes<Pack<S, T>>, b: Nodes<Pack<S, T>>) -> Pack<S, T> {
    (a[1] * b[1]).mul_add(a[1].constant(4.0), a[0].mul_add(b[0], a[2] * b[2])) * a[0].constant(1.0 / 6.0)
}

/// `rho` (mean-abs) at the part `theta` of the step.
#[inline(always)]
fn grown<S: Simd, T: Lane>(
    factors: &Factors,
    rho: Pack<S, T>,
    g: Nodes<Pack<S, T>>,
    theta: f64,
) -> Pack<S, T> {
    let (area, moment) = rectified(g, theta);
    let rate = rho.constant(factors.rate);
    let exponent = area.mul_add(rate, rho.constant(factors.rate * factors.epsilon * theta));
    let phi = phi::long(exponent, 7);
    let lag = moment - area * rho.constant(0.5 * theta);
    // rho(0) exp(-G) + integral of exp(-(G - G(s))), the rate's first moment included.
    let half = exponent.mul_add(rho.constant(-0.5), rho.constant(1.0));
    let source = phi.mul_add(rho.constant(theta), lag * half * rho.constant(-factors.rate));
    source.mul_add(rate, rho - rho * exponent * phi)
}

/// `start + sum_k weight_k value_k`.
#[inline(always)]
pub fn weighted<S: Simd, T: Lane>(
    weight: [f64; 3],
    value: Nodes<Pack<S, T>>,
    start: Pack<S, T>,
) -> Pack<S, T> {
    let first = value[0].mul_add(start.constant(weight[0]), start);
    value[2].mul_add(start.constant(weight[2]), value[1].mul_add(start.constant(weight[1]), first))
}

/// The quadratic through `f` at `0`, `1/2`, `1`, restricted to the first part `p`.
#[inline(always)]
pub fn restricted<S: Simd, T: Lane>(f: Nodes<Pack<S, T>>, p: Pack<S, T>) -> Nodes<Pack<S, T>> {
    let bend = (f[0] + f[2]).mul_add(p.constant(2.0), f[1] * p.constant(-4.0));
    let slope = f[2] - f[0] - bend;
    let half = p * p.constant(0.5);
    [f[0], half.mul_add(bend, slope).mul_add(half, f[0]), p.mul_add(bend, slope).mul_add(p, f[0])]
}

/// The integral of `|g|` and of `p |g|` over `p` from 0 to `theta`, the kinks cut out.
///
/// Each half is searched for a zero of its own: `g` starts at zero where an input fades in.
#[inline(always)]
fn rectified<S: Simd, T: Lane>(g: Nodes<Pack<S, T>>, theta: f64) -> (Pack<S, T>, Pack<S, T>) {
    let bend = (g[0] + g[2]).mul_add(g[0].constant(2.0), g[1] * g[0].constant(-4.0));
    let quadratic = [g[0], g[2] - g[0] - bend, bend];
    let middle = g[0].constant(0.5 * theta);
    let (area, moment) = rectified_piece(quadratic, g[0].constant(0.0), middle);
    let (rest, late) = rectified_piece(quadratic, middle, g[0].constant(theta));
    (area + rest, moment + late)
}

/// The integral of `|f|` and of `p |f|` from `from` to `to`, for an `f` with at most one zero in between.
#[inline(always)]
fn rectified_piece<S: Simd, T: Lane>(
    f: [Pack<S, T>; 3],
    from: Pack<S, T>,
    to: Pack<S, T>,
) -> (Pack<S, T>, Pack<S, T>) {
    let start = from.mul_add(f[2], f[1]).mul_add(from, f[0]);
    let end = to.mul_add(f[2], f[1]).mul_add(to, f[0]);
    // The error of the chord's crossing enters squared.
    let crossing = (start * end).select((start / (start - end)).mul_add(to - from, from), to);
    let (first, first_moment) = integrals(f, from);
    let (area, moment) = integrals(f, crossing);
    let (last, last_moment) = integrals(f, to);
    let sign = area.constant(1.0).copysign(area - first);
    (sign * (area + area - first - last), sign * (moment + moment - first_moment - last_moment))
}

/// The integrals of `f` and `p f` from 0 to `p`, for `f = f_0 + f_1 p + f_2 p^2`.
#[inline(always)]
fn integrals<S: Simd, T: Lane>(f: [Pack<S, T>; 3], p: Pack<S, T>) -> (Pack<S, T>, Pack<S, T>) {
    let square = p * p;
    let area = p * f[2].mul_add(square * p.constant(1.0 / 3.0), f[1].mul_add(p * p.constant(0.5), f[0]));
    let curved = f[2].mul_add(square * p.constant(0.25), f[0] * p.constant(0.5));
    (area, square * f[1].mul_add(p * p.constant(1.0 / 3.0), curved))
}
