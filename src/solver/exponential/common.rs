//! The common synapse: Bio-Adam with gain "rms" and no leak. Its whole step, and its forecast, without a look-up.
//!
//! These are the formulas of `gain` and `flow` for this one kind, written out so that a loop over them stays in registers:
//! what the short series do not take is told by an alarm, and goes the long way afterwards.
//!
//! # Forecast
//! With the signals frozen, to second order in the step, for the part `p` of it:
//! ```text
//! k = 1 - sign(u) w/w_max
//! w(p) - w = k [alpha_p rho m + beta_p rho g] - k rho m [(alpha_p p/4) y + |alpha_p| alpha_p |rho m| / (2 w_max)]
//! alpha_p  = -eta tau_m (1 - exp(-p h/tau_m)),   beta_p = -eta p h - alpha_p,   y = v(h)/v(0) - 1
//! ```
//! What is left out is of third order, like what freezing the signals leaves out.

use pulp::Simd;

use super::cell::Cell;
use super::factors::{Factors, Terms};
use super::flow::follow;
use super::gain::{Push, inverse_root};
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;

/// A synapse at the end of a step, and a value below zero where that does not hold.
pub struct Stepped<P> {
    /// Its variables.
    pub cell: Cell<P>,
    /// Below zero where the series are too short.
    pub alarm: P,
}

/// Carries a synapse through a step, `b` along with it where it learns from the same traces.
#[inline(always)]
pub fn step<S: Simd, T: Lane, const LEARNS: bool>(
    factors: &Factors,
    push: &Push<Pack<S, T>>,
    cell: Cell<Pack<S, T>>,
) -> Stepped<Pack<S, T>> {
    let Cell { w, m, c, b, .. } = cell;
    let middle = m.mul_add(m.constant(factors.m[0].decay), push.m[0]);
    let end = m.mul_add(m.constant(factors.m[1].decay), push.m[1]);
    let square = c * c;
    let fade = c.constants(factors.fade);
    let change = [square.mul_add(push.v[0], fade[0]), square.mul_add(push.v[1], fade[1])];
    let root = inverse_root(change[1]);
    // The mean of m rho / rho(0), times -eta h.
    let f = [m, middle * half_way(change[0]), end * root];
    let weight = factors.reach[1].weight;
    let late = f[1].mul_add(m.constant(weight[1]), f[2] * m.constant(weight[2]));
    let whole = f[0].mul_add(m.constant(weight[0]), late);
    let (mut size, mut short) = (whole.abs(), m.constant(SHORT));
    let crosses = f[0] * f[2];
    if factors.kink && crosses.any_negative() {
        size = crosses.select(exposure(f, whole, factors.drive), size);
        short = crosses.select(m.constant(factors.brief), short);
    }
    let [forward, backward] = m.constants([factors.weight[0].inverse, factors.weight[1].inverse]);
    let (drive, size) = (whole * c, size * c);
    let lambda = size * forward;
    let mut largest = lambda;
    let mut carried = Cell { w: follow(w, drive, lambda), m: end, c: c * root, ..cell };
    if LEARNS {
        let lambda = size * backward;
        carried.b = follow(b, drive, lambda);
        largest = largest.max(lambda);
    }
    let most = change[0].abs().max(change[1].abs());
    let alarm = (short - largest).min(m.constant(factors.light) - most);
    Stepped { cell: carried, alarm }
}

/// `(1 + y)^(-1/2)` in the middle of a step, where `y` is half of what it will be: one term less does.
#[inline(always)]
fn half_way<S: Simd, T: Lane>(y: Pack<S, T>) -> Pack<S, T> {
    let curve = y.mul_add(y.constant(-5.0 / 16.0), y.constant(3.0 / 8.0));
    y.mul_add(y.mul_add(curve, y.constant(-0.5)), y.constant(1.0))
}

/// The integral of `|drive f|` over a step for a quadratic `f` that crosses zero, that of `drive f` being `whole`.
///
/// The chord's zero does: its error enters squared.
#[inline(always)]
fn exposure<S: Simd, T: Lane>(
    f: [Pack<S, T>; 3],
    whole: Pack<S, T>,
    drive: f64,
) -> Pack<S, T> {
    let (sum, fall) = (f[0] + f[2], f[0] - f[2]);
    let p = f[0] / fall;
    let bend = sum.mul_add(whole.constant(2.0), f[1] * whole.constant(-4.0));
    // Twice the integral up to there.
    let late = p.mul_add(whole.constant(2.0 / 3.0), whole.constant(-1.0));
    let before = (bend * p).mul_add(late, f[0]) * p;
    before.mul_add(whole.constant(drive), whole.constant(0.0) - whole).abs()
}

/// A weight at the inner node and the end of a step, and what tells whether that holds.
pub struct Forecast<P> {
    /// At the inner node and the end.
    pub w: [P; 2],
    /// Below zero where the series are too short.
    pub alarm: P,
}

/// What `w`, with weight dependence number `which`, will be if the signals stay as they are: `g` now and what `g^2` adds to
/// `v` up to the end.
#[inline(always)]
pub fn forecast<S: Simd, T: Lane>(
    factors: &Factors,
    which: usize,
    [g, push]: [Pack<S, T>; 2],
    [w, m, c]: [Pack<S, T>; 3],
) -> Forecast<Pack<S, T>> {
    let inverse = factors.weight[which].inverse;
    let [early, late] = &factors.forecast;
    let drive = m * c;
    let room = w.flipped(m).mul_add(w.constant(-late.trace.signum() * inverse), w.constant(1.0));
    let first = drive * room;
    let second = c * g * room;
    let change = (c * c).mul_add(push, c.constant(factors.fade[1]));
    let terms = [first, second, first * change, first * drive.abs()];
    let lambda = drive.abs() * w.constant(late.trace.abs() * inverse);
    let alarm = (w.constant(factors.near) - change.abs()).min(w.constant(SHORT) - lambda);
    Forecast { w: [summed(early, inverse, terms, w), summed(late, inverse, terms, w)], alarm }
}

/// `start` and the terms of a forecast.
#[inline(always)]
fn summed<S: Simd, T: Lane>(
    by: &Terms,
    inverse: f64,
    [trace, signal, gain, bound]: [Pack<S, T>; 4],
    start: Pack<S, T>,
) -> Pack<S, T> {
    let slow = bound.mul_add(start.constant(by.bound * inverse), start);
    let slow = gain.mul_add(start.constant(by.gain), slow);
    trace.mul_add(start.constant(by.trace), signal.mul_add(start.constant(by.signal), slow))
}
