//! The local flow of the adaptive gain, and the mean of `rho m` that drives the weights.
//!
//! A step has the signals as quadratics in time; `m` and the gain are exact at its start, middle and end, and
//! quadratics in between.
//!
//! # The rms gain
//! With `v = sigma^2 = rho^-2` and `v(p) = v0 + (v1 - v0) p + c 4p(1-p)`, for constant `m`
//! ```text
//! integral over p of v^(-1/2) = 2 r atan(sqrt(y)) / sqrt(y) = 2 r (1 - y/3 + y^2/5 - ...)
//! r = 1 / (sigma0 + sigma1),   y = 4 c r^2
//! ```
//! and, for `m` a quadratic too with Simpson mean `M`, to fourth order
//! ```text
//! mean of rho m = 2 r [M - (m1 - m0) d/6 - (2/15) c_m d^2 + m(1/2) (y^2/5 - y/3)],   d = r (sigma1 - sigma0)
//! ```
//! exact where `v` is linear, however much it changes: a silent synapse that meets a large `g` is no special case.
//! It costs one root and one division.
//!
//! # The mean-abs gain
//! `rho` relaxes at the rate `(|g| + epsilon)/tau_rho`; the integral of `|g|` has its kink cut out.

use pulp::Simd;

use super::factors::Factors;
use super::lane::{Lane, Pack};

/// Values at the start, middle and end.
pub type Nodes<P> = [P; 3];

/// The gain over a step.
#[derive(Clone, Copy)]
pub struct Gains<P> {
    /// `v` (rms) or `rho` (mean-abs) at the start, middle and end.
    pub at: Nodes<P>,
    /// The stored coordinate at the start and end: `sigma = 1/rho` (rms) or `rho` (mean-abs).
    pub ends: [P; 2],
    /// The mean of `rho m`.
    pub mean: P,
    /// An upper estimate of the mean of `rho`.
    pub scale: P,
}

/// What pushes the local variables over a step.
#[derive(Clone, Copy)]
pub struct Push<P> {
    /// What the forcing adds to `m` in the middle and at the end.
    pub m: [P; 2],
    /// What `g^2` adds to `v`, likewise.
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
        Self {
            m: [weighted(factors.m[0].weight, g, zero), weighted(factors.m[1].weight, g, zero)],
            v: [weighted(factors.v[0].weight, square, zero), weighted(factors.v[1].weight, square, zero)],
            g,
        }
    }
}

/// How a gain flows.
pub trait GainFlow: Copy + Send + Sync + 'static {
    /// The gain over a step from its stored coordinate, under `push`, with `m`.
    fn evolve<S: Simd, T: Lane>(
        factors: &Factors,
        coordinate: Pack<S, T>,
        push: &Push<Pack<S, T>>,
        m: Nodes<Pack<S, T>>,
    ) -> Gains<Pack<S, T>>;

    /// The integral of `rho m` over the first part `p` of the step, in units of the step.
    fn part<S: Simd, T: Lane>(gains: &Gains<Pack<S, T>>, m: Nodes<Pack<S, T>>, p: Pack<S, T>) -> Pack<S, T>;

    /// `rho` from the stored coordinate.
    fn rho<S: Simd, T: Lane>(coordinate: Pack<S, T>) -> Pack<S, T>;
}

/// `tau_rho drho/dt = rho (1 - rho^2 (g^2 + epsilon^2)) / 2`, stored as `sigma = 1/rho`.
#[derive(Clone, Copy)]
pub struct Rms;

/// `tau_rho drho/dt = 1 - rho (|g| + epsilon)`, stored as `rho`.
#[derive(Clone, Copy)]
pub struct MeanAbs;

impl GainFlow for Rms {
    #[inline(always)]
    fn evolve<S: Simd, T: Lane>(
        factors: &Factors,
        sigma: Pack<S, T>,
        push: &Push<Pack<S, T>>,
        m: Nodes<Pack<S, T>>,
    ) -> Gains<Pack<S, T>> {
        let start = sigma * sigma;
        let kept = start.mul_add(start.constant(factors.v[0].decay), start.constant(factors.floor[0]));
        let middle = kept + push.v[0];
        let kept = start.mul_add(start.constant(factors.v[1].decay), start.constant(factors.floor[1]));
        let end = kept + push.v[1];
        let ends = [sigma, end.sqrt()];
        let at = [start, middle, end];
        let (mean, scale) = mean(m, at, ends);
        Gains { at, ends, mean, scale }
    }

    #[inline(always)]
    fn part<S: Simd, T: Lane>(gains: &Gains<Pack<S, T>>, m: Nodes<Pack<S, T>>, p: Pack<S, T>) -> Pack<S, T> {
        let m = restricted(m, p);
        let v = restricted(gains.at, p);
        mean(m, v, [gains.ends[0], v[2].sqrt()]).0 * p
    }

    #[inline(always)]
    fn rho<S: Simd, T: Lane>(sigma: Pack<S, T>) -> Pack<S, T> {
        sigma.recip()
    }
}

/// The mean of `m / sqrt(v)`, and the scale `2 r` of `1 / sqrt(v)`.
#[inline(always)]
fn mean<S: Simd, T: Lane>(
    [m0, mm, m1]: Nodes<Pack<S, T>>,
    [v0, vm, v1]: Nodes<Pack<S, T>>,
    [sigma0, sigma1]: [Pack<S, T>; 2],
) -> (Pack<S, T>, Pack<S, T>) {
    let r = (sigma0 + sigma1).recip();
    let d = (sigma1 - sigma0) * r;
    let y = (vm + vm - (v0 + v1)) * (r * r) * m0.constant(2.0);
    let sum = m0 + m1;
    let simpson = mm.mul_add(m0.constant(4.0 / 6.0), sum * m0.constant(1.0 / 6.0));
    let bubble = sum.mul_add(m0.constant(-0.5), mm);
    let skew = bubble.mul_add(d * m0.constant(2.0 / 15.0), (m1 - m0) * m0.constant(1.0 / 6.0));
    let curved = mm * y * y.mul_add(m0.constant(0.2), m0.constant(-1.0 / 3.0));
    let scale = r + r;
    ((simpson - skew * d + curved) * scale, scale)
}

impl GainFlow for MeanAbs {
    #[inline(always)]
    fn evolve<S: Simd, T: Lane>(
        factors: &Factors,
        rho: Pack<S, T>,
        push: &Push<Pack<S, T>>,
        m: Nodes<Pack<S, T>>,
    ) -> Gains<Pack<S, T>> {
        let middle = grown(factors, rho, push.g, 0.5 * factors.theta);
        let end = grown(factors, rho, push.g, factors.theta);
        let at = [rho, middle, end];
        let mean = simpson(at, m);
        Gains { at, ends: [rho, end], mean, scale: rho.max(end) }
    }

    #[inline(always)]
    fn part<S: Simd, T: Lane>(gains: &Gains<Pack<S, T>>, m: Nodes<Pack<S, T>>, p: Pack<S, T>) -> Pack<S, T> {
        simpson(restricted(gains.at, p), restricted(m, p)) * p
    }

    #[inline(always)]
    fn rho<S: Simd, T: Lane>(rho: Pack<S, T>) -> Pack<S, T> {
        rho
    }
}

/// `rho` (mean-abs) at the part `theta` of the whole step.
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
    let phi = phi1(exponent, 6);
    let lag = moment - area * rho.constant(0.5 * theta);
    // rho(0) exp(-G) + integral of exp(-(G - G(s))), the rate's first moment included.
    let half = exponent.mul_add(rho.constant(-0.5), rho.constant(1.0));
    let source = phi.mul_add(rho.constant(theta), lag * half * rho.constant(-factors.rate));
    source.mul_add(rate, rho - rho * exponent * phi)
}

/// Simpson's mean of a product.
#[inline(always)]
fn simpson<S: Simd, T: Lane>(a: Nodes<Pack<S, T>>, b: Nodes<Pack<S, T>>) -> Pack<S, T> {
    (a[1] * b[1]).mul_add(a[1].constant(4.0), a[0].mul_add(b[0], a[2] * b[2])) * a[0].constant(1.0 / 6.0)
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

/// `phi_1(-lambda) = (1 - exp(-lambda)) / lambda` for `lambda` up to `2^doublings / 32`, to rounding.
///
/// The series on `[0, 1/32]` is cut at a relative error below 1e-15; `phi_1(2z) = phi_1(z) (1 - z phi_1(z) / 2)`.
#[inline(always)]
pub fn phi1<S: Simd, T: Lane>(lambda: Pack<S, T>, doublings: u32) -> Pack<S, T> {
    let mut z = lambda * lambda.constant(0.5_f64.powi(doublings.cast_signed()));
    let mut phi = series(z);
    for _ in 0..doublings {
        phi = phi * (z * phi).mul_add(lambda.constant(-0.5), lambda.constant(1.0));
        z = z + z;
    }
    phi
}

/// `sum_k (-z)^k / (k+1)!` up to `k = 7`, paired so that no long chain of operations waits on itself.
#[inline(always)]
fn series<S: Simd, T: Lane>(z: Pack<S, T>) -> Pack<S, T> {
    let pair = [
        z.mul_add(z.constant(-1.0 / 2.0), z.constant(1.0)),
        z.mul_add(z.constant(-1.0 / 24.0), z.constant(1.0 / 6.0)),
        z.mul_add(z.constant(-1.0 / 720.0), z.constant(1.0 / 120.0)),
        z.mul_add(z.constant(-1.0 / 40320.0), z.constant(1.0 / 5040.0)),
    ];
    let square = z * z;
    let (low, high) = (square.mul_add(pair[1], pair[0]), square.mul_add(pair[3], pair[2]));
    (square * square).mul_add(high, low)
}
