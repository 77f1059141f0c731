//! The common synapse: Bio-Adam with gain "rms" and no leak. Its step and its forecast, without a look-up.
//!
//! These are the formulas of `gain` and `flow` for this one kind, written out so that a loop over them stays in registers:
//! where the short series do not hold, an alarm says so, and the synapses go the long way afterwards.
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
use super::factors::{Bound, Factors};
use super::flow::follow;
use super::gain::Nodes;
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;

/// What all synapses share over a step, in the precision of the state.
///
/// With `z = -y/2` the inverse root of `1 + y` is `1 + z + 3/2 z^2 + 5/2 z^3 + ...`: what makes `y` comes times -1/2.
#[derive(Clone, Copy)]
pub struct Step<T> {
    decay: [T; 2],
    fade: [T; 2],
    floor: [T; 2],
    forcing: [[[T; 3]; 2]; 2],
    weight: [T; 3],
    drive: T,
    inverse: [T; 2],
    light: T,
    brief: T,
    has_kinks: bool,
}

/// A synapse at the end of a step.
pub struct Stepped<P> {
    /// Its variables.
    pub cell: Cell<P>,
    /// Below zero where the series are too short.
    pub alarm: P,
}

impl<T: Lane> Step<T> {
    /// Those of `factors`.
    pub fn new(factors: &Factors) -> Self {
        let Factors { m, v, fade, floor, weight, .. } = factors;
        let real = T::from_f64;
        let minus_half = |value: f64| T::from_f64(-0.5 * value);
        Self {
            decay: [real(m[0].decay), real(m[1].decay)],
            fade: fade.map(minus_half),
            floor: floor.map(minus_half),
            forcing: [
                [m[0].weight.map(real), m[1].weight.map(real)],
                [v[0].weight.map(minus_half), v[1].weight.map(minus_half)],
            ],
            weight: factors.reach[1].weight.map(real),
            drive: real(factors.drive),
            inverse: [real(weight[0].inverse), real(weight[1].inverse)],
            light: real(0.5 * factors.light),
            brief: real(factors.brief),
            has_kinks: factors.kink,
        }
    }

    /// What pushes a synapse whose presynaptic activity is `x` throughout: what it adds where that is 1 is `push`.
    #[inline(always)]
    pub fn steady<S: Simd>(&self, x: Pack<S, T>, push: [Pack<S, T>; 4]) -> [[Pack<S, T>; 2]; 2] {
        let square = x * x * x.constant(-0.5);
        let [m0, m1, v0, v1] = push;
        [
            [x * m0, x * m1],
            [square.mul_add(v0, x.like(self.floor[0])), square.mul_add(v1, x.like(self.floor[1]))],
        ]
    }

    /// What pushes a synapse whose `g` changes.
    #[inline(always)]
    pub fn moving<S: Simd>(&self, g: Nodes<Pack<S, T>>) -> [[Pack<S, T>; 2]; 2] {
        let square = [g[0] * g[0], g[1] * g[1], g[2] * g[2]];
        let [m, v] = &self.forcing;
        let floor = [g[0].like(self.floor[0]), g[0].like(self.floor[1])];
        [
            [weighed(&m[0], g), weighed(&m[1], g)],
            [weighed(&v[0], square) + floor[0], weighed(&v[1], square) + floor[1]],
        ]
    }

    /// Carries a synapse through the step, `b` along with it where it learns from the same traces.
    #[inline(always)]
    pub fn carry<S: Simd, const LEARNS: bool>(
        &self,
        [push_m, push_v]: [[Pack<S, T>; 2]; 2],
        cell: Cell<Pack<S, T>>,
    ) -> Stepped<Pack<S, T>> {
        let Cell { w, m, c, b, .. } = cell;
        let middle = m.mul_add(m.like(self.decay[0]), push_m[0]);
        let end = m.mul_add(m.like(self.decay[1]), push_m[1]);
        let square = c * c;
        let z = [
            square.mul_add(push_v[0], c.like(self.fade[0])),
            square.mul_add(push_v[1], c.like(self.fade[1])),
        ];
        let root = inverse_root(z[1]);
        // The mean of m rho / rho(0), times -eta h.
        let f = [m, middle * inverse_root(z[0]), end * root];
        let whole = weighed(&self.weight, f);
        let (mut size, mut short) = (whole.abs(), m.constant(SHORT));
        if self.has_kinks {
            // Without a branch: some synapse of a vector crosses zero too often to be foreseen.
            let crosses = f[0] * f[2];
            size = crosses.select(exposure(f, whole, m.like(self.drive)), size);
            short = crosses.select(m.like(self.brief), short);
        }
        let drive = whole * c;
        let lambda = size * (c * c.like(self.inverse[0]));
        let mut largest = lambda;
        let mut carried = Cell { w: follow(w, drive, lambda), m: end, c: c * root, ..cell };
        if LEARNS {
            let lambda = size * (c * c.like(self.inverse[1]));
            carried.b = follow(b, drive, lambda);
            largest = largest.max(lambda);
        }
        let most = z[0].abs().max(z[1].abs());
        Stepped { cell: carried, alarm: (short - largest).min(m.like(self.light) - most) }
    }
}

/// `(1 - 2z)^(-1/2)` for small `z`: the series' next term is `35/8 z^4`.
#[inline(always)]
fn inverse_root<S: Simd, T: Lane>(z: Pack<S, T>) -> Pack<S, T> {
    let curve = z.mul_add(z.constant(2.5), z.constant(1.5));
    (z * z).mul_add(curve, z + z.constant(1.0))
}

/// `sum_k weight_k value_k`.
#[inline(always)]
fn weighed<S: Simd, T: Lane>(weight: &[T; 3], value: Nodes<Pack<S, T>>) -> Pack<S, T> {
    let first = value[0] * value[0].like(weight[0]);
    value[2].mul_add(first.like(weight[2]), value[1].mul_add(first.like(weight[1]), first))
}

/// The integral of `|drive f|` over a step for a quadratic `f` that crosses zero, that of `drive f` being `whole`.
///
/// The chord's zero does: its error enters squared.
#[inline(always)]
fn exposure<S: Simd, T: Lane>(f: Nodes<Pack<S, T>>, whole: Pack<S, T>, drive: Pack<S, T>) -> Pack<S, T> {
    let (both, fall) = (f[0] + f[2], f[0] - f[2]);
    let p = f[0] / fall;
    let bend = both.mul_add(p.constant(2.0), f[1] * p.constant(-4.0));
    // Twice the integral up to there.
    let late = p.mul_add(p.constant(2.0 / 3.0), p.constant(-1.0));
    let before = (bend * p).mul_add(late, f[0]);
    (before * (p * drive) - whole).abs()
}

/// What all synapses share in a forecast, at the inner node and the end.
#[derive(Clone, Copy)]
pub struct Outlook<T> {
    trace: [T; 2],
    signal: [T; 2],
    gain: [T; 2],
    bound: [T; 2],
    fade: T,
    floor: T,
    tilt: T,
    exponent: T,
    near: T,
}

/// A weight at the inner node and the end of a step.
pub struct Forecast<P> {
    /// There.
    pub w: [P; 2],
    /// Below zero where the series are too short.
    pub alarm: P,
}

impl<S: Simd, T: Lane> Forecast<Pack<S, T>> {
    /// The weight at a node: `exact` for those synapses whose series are too short, whatever their neighbours in the vector.
    #[inline(always)]
    pub fn or(&self, exact: Pack<S, T>, node: usize) -> Pack<S, T> {
        self.alarm.select(exact, self.w[node])
    }
}

impl<S: Simd, T: Lane> Stepped<Pack<S, T>> {
    /// The synapses at the end: `exact` those whose series are too short.
    #[inline(always)]
    pub fn or(&self, exact: &Cell<Pack<S, T>>) -> Cell<Pack<S, T>> {
        let Self { cell, alarm } = self;
        Cell {
            w: alarm.select(exact.w, cell.w),
            c: alarm.select(exact.c, cell.c),
            b: alarm.select(exact.b, cell.b),
            ..*cell
        }
    }
}

impl<T: Lane> Outlook<T> {
    /// Those of `factors`, for weights of the weight dependence `bound`.
    pub fn new(factors: &Factors, bound: &Bound) -> Self {
        let [early, late] = &factors.forecast;
        let (inverse, real) = (bound.inverse, T::from_f64);
        Self {
            trace: [real(early.trace), real(late.trace)],
            signal: [real(early.signal), real(late.signal)],
            gain: [real(early.gain), real(late.gain)],
            bound: [real(early.bound * inverse), real(late.bound * inverse)],
            fade: real(factors.fade[1]),
            floor: real(factors.floor[1]),
            // The drive has the sign of `trace`'s factor times that of m.
            tilt: real(-late.trace.signum() * inverse),
            exponent: real(late.trace.abs() * inverse),
            near: real(factors.near),
        }
    }

    /// What a weight will be if the signals stay as they are, given `x`, the error and what its square adds to `v` by the end.
    #[inline(always)]
    pub fn forecast<S: Simd>(
        &self,
        x: Pack<S, T>,
        [delta, push]: [Pack<S, T>; 2],
        [w, m, c]: [Pack<S, T>; 3],
    ) -> Forecast<Pack<S, T>> {
        let drive = m * c;
        let room = w.flipped(m).mul_add(w.like(self.tilt), w.constant(1.0));
        let first = drive * room;
        let second = x * delta * c * room;
        let forcing = (x * x).mul_add(push, x.like(self.floor));
        let change = (c * c).mul_add(forcing, c.like(self.fade));
        let terms = [first, second, first * change, first * drive.abs()];
        let alarm =
            (w.like(self.near) - change.abs()).min(w.constant(SHORT) - drive.abs() * w.like(self.exponent));
        Forecast { w: [self.at(0, terms, w), self.at(1, terms, w)], alarm }
    }

    #[inline(always)]
    fn at<S: Simd>(&self, node: usize, terms: [Pack<S, T>; 4], w: Pack<S, T>) -> Pack<S, T> {
        let slow = terms[3].mul_add(w.like(self.bound[node]), w);
        let slow = terms[2].mul_add(w.like(self.gain[node]), slow);
        terms[0].mul_add(w.like(self.trace[node]), terms[1].mul_add(w.like(self.signal[node]), slow))
    }
}
