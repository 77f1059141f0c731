//! The common synapse: Bio-Adam with gain "rms" and no leak. Its step and its forecast, without a look-up.
//!
//! These are the formulas of `gain` and `flow` for this one kind, written out so that a loop over them stays in registers:
//! where the short series do not hold, an alarm says so, and the synapses go the long way afterwards.
//!
//! # Step
//! With `z = -(v/v(0) - 1)/2`, the gain goes with `(1 - 2z)^(-1/2) = 1 + z + 3/2 z^2 + 5/2 z^3 + ...`, and the mean of `rho m` with
//! ```text
//! <m> + m(0) <z> + (m(h) - m(0)) z(h) <t/h> + m(0) z(h)^2 / 2
//! ```
//! where the means of `m` and `z` are exact for signals that are quadratics, and what is left out is of third order. With the soft
//! bound, where `m` crosses zero the integral of `|u|` has the two pieces apart, as those of a chord.
//!
//! # Forecast
//! With the signals frozen, to second order in the step, for the part `p` of it:
//! ```text
//! k = 1 - sign(u) w/w_max
//! w(p) - w = k rho {m [alpha_p - (alpha_p p/4) y - |alpha_p| alpha_p |rho m| / (2 w_max)] + beta_p g}
//! alpha_p  = -eta tau_m (1 - exp(-p h/tau_m)),   beta_p = -eta p h - alpha_p,   y = v(h)/v(0) - 1
//! ```
//! What is left out is of third order, like what freezing the signals leaves out. In a sum of `x w` over inputs that stay as they are, the
//! factors of the terms are common to all rows, and so is `delta` in `g`: four sums serve both nodes.

use pulp::Simd;

use super::cell::Cell;
use super::factors::{Bound, Factors};
use super::flow::follow;
use super::gain::Nodes;
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;
use super::rule::Constants;

/// What all synapses share over a step, in the precision of the state.
///
/// Means come first, times `-eta h`; then the end. What makes `z` comes times -1/2, and the exponents of the soft bound are below zero.
#[derive(Clone, Copy)]
pub struct Step<T> {
    decay: [T; 2],
    fade: [T; 2],
    floor: [T; 2],
    signal: T,
    square: [T; 2],
    forcing: [[[T; 3]; 2]; 2],
    tilt: [T; 2],
    curve: T,
    drive: T,
    inverse: [T; 2],
    light: T,
    short: T,
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
    /// Those of `factors`, for weights of the weight dependences that they have, alone or with a `b` that `learns`.
    pub fn new(constants: &Constants, factors: &Factors, learns: bool) -> Self {
        let Factors { m, v, fade, floor, weight, mean, drive, .. } = factors;
        let half = -0.5 * drive;
        let real = T::from_f64;
        let times = |factor: f64, weight: [f64; 3]| weight.map(|weight| T::from_f64(factor * weight));
        Self {
            decay: [real(drive * mean.of[0].decay), real(m[1].decay)],
            fade: [real(half * mean.fade), real(-0.5 * fade[1])],
            floor: [real(half * mean.floor), real(-0.5 * floor[1])],
            signal: real(*drive),
            square: [real(half), real(-0.5)],
            forcing: [
                [times(*drive, mean.of[0].weight), times(1.0, m[1].weight)],
                [times(half, mean.of[1].weight), times(-0.5, v[1].weight)],
            ],
            tilt: [drive * mean.tilt, -drive * mean.tilt].map(real),
            curve: real(0.5 * drive),
            drive: real(*drive),
            inverse: [real(-weight[0].inverse), real(-weight[1].inverse)],
            light: real(constants.slight),
            short: real(if learns { SHORT } else { constants.faint }),
            brief: real(factors.brief.min(constants.faint)),
            has_kinks: factors.kink,
        }
    }

    /// What a row whose presynaptic activity is `x` throughout multiplies the errors' means and squares with.
    #[inline(always)]
    pub fn row<S: Simd>(&self, x: Pack<S, T>) -> [[Pack<S, T>; 2]; 2] {
        let square = x * x;
        [[x * x.like(self.signal), x], [square * x.like(self.square[0]), square * x.like(self.square[1])]]
    }

    /// What pushes a synapse of that row: what its error adds where `x = 1` is `push`.
    #[inline(always)]
    pub fn steady<S: Simd>(
        &self,
        [x, square]: [[Pack<S, T>; 2]; 2],
        [m, m_end, v, v_end]: [Pack<S, T>; 4],
    ) -> [[Pack<S, T>; 2]; 2] {
        let floor = [v.like(self.floor[0]), v.like(self.floor[1])];
        [[x[0] * m, x[1] * m_end], [square[0].mul_add(v, floor[0]), square[1].mul_add(v_end, floor[1])]]
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
        let end = m.mul_add(m.like(self.decay[1]), push_m[1]);
        let square = c * c;
        let z = square.mul_add(push_v[1], c.like(self.fade[1]));
        // -eta h times the mean of m (1 + z + 3/2 z^2).
        let plain = m.mul_add(m.like(self.decay[0]), push_m[0]);
        let scaled = m.mul_add(square.mul_add(push_v[0], c.like(self.fade[0])), plain);
        let bend = z.mul_add(c.like(self.curve), c.like(self.tilt[1]));
        let whole = z.mul_add(end.mul_add(c.like(self.tilt[0]), m * bend), scaled);
        let (mut size, mut short) = (whole.abs(), m.like(self.short));
        if self.has_kinks {
            // Without a branch: some synapse of a vector crosses zero too often to be foreseen.
            let crosses = m.flipped(end);
            let before = m / (m - end) * m.like(self.drive);
            size = crosses.select((m * before - whole).abs(), size);
            short = crosses.select(m.like(self.brief), short);
        }
        let drive = whole * c;
        let spent = size * (c * c.like(self.inverse[0]));
        let mut largest = spent;
        let steep = z.mul_add(z.constant(2.5), z.constant(1.5));
        let root = z.mul_add(z.mul_add(steep, z.constant(1.0)), z.constant(1.0));
        let mut carried = Cell { m: end, c: c * root, ..cell };
        if LEARNS {
            // To rounding, so that w and b approach each other by identity 3.
            let spent_b = size * (c * c.like(self.inverse[1]));
            carried.w = follow(w, drive, w.constant(0.0) - spent);
            carried.b = follow(b, drive, w.constant(0.0) - spent_b);
            largest = largest.min(spent_b);
        } else {
            carried.w = follow_briefly(w, drive, spent);
        }
        let alarm = (short + largest).min(m.like(self.light) - z.abs());
        Stepped { cell: carried, alarm }
    }
}

/// `sum_k weight_k value_k`.
#[inline(always)]
fn weighed<S: Simd, T: Lane>(weight: &[T; 3], value: Nodes<Pack<S, T>>) -> Pack<S, T> {
    let first = value[0] * value[0].like(weight[0]);
    value[2].mul_add(first.like(weight[2]), value[1].mul_add(first.like(weight[1]), first))
}

/// Identity 2 for an exponent `spent`, not above zero, that is small enough for the tolerance.
#[inline(always)]
pub fn follow_briefly<S: Simd, T: Lane>(w: Pack<S, T>, drive: Pack<S, T>, spent: Pack<S, T>) -> Pack<S, T> {
    let phi = spent.mul_add(w.constant(1.0 / 6.0), w.constant(0.5)).mul_add(spent, w.constant(1.0));
    spent.mul_add(w, drive).mul_add(phi, w)
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

/// What a row of the first layer, or any whose activity stays as it is over the step, multiplies with.
#[derive(Clone, Copy)]
pub struct Row<T> {
    /// Its activity.
    pub x: T,
    /// The square of that.
    square: T,
    /// The activity over `w_max`, with the sign of the drive.
    tilt: T,
    /// The square of its reach.
    pub risk: T,
}

/// What a synapse adds to a sum's terms.
#[derive(Clone, Copy)]
pub struct Part<P> {
    /// `k x rho m`.
    pub drive: P,
    /// `k x rho`.
    pub gain: P,
    /// The relative change of `v`.
    pub change: P,
    /// `|rho m|`.
    pub size: P,
    /// `(reach rho)^2`.
    pub risk: P,
    /// Below zero where the series are too short.
    pub alarm: P,
}

/// A weight at the inner node and the end of a step.
pub struct Forecast<P> {
    /// There.
    pub w: [P; 2],
    /// Square of the gain at the start.
    pub square: P,
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
            exponent: real(-late.trace.abs() * inverse),
            near: real(factors.near),
        }
    }

    /// What a row of presynaptic activity `x` multiplies with.
    pub fn row(&self, x: T, reach: T) -> Row<T> {
        let product = |a: T, b: T| T::from_f64(a.to_f64() * b.to_f64());
        Row { x, square: product(x, x), tilt: product(x, self.tilt), risk: product(reach, reach) }
    }

    /// What a synapse adds to the terms of a sum over a row whose activity stays as it is, given what the square of the error adds to `v` by the
    /// end.
    #[inline(always)]
    pub fn terms<S: Simd>(
        &self,
        row: &Row<T>,
        push: Pack<S, T>,
        [w, m, c]: [Pack<S, T>; 3],
    ) -> Part<Pack<S, T>> {
        let size = (m * c).abs();
        let square = c * c;
        let change = square.mul_add(push.mul_add(c.like(row.square), c.like(self.floor)), c.like(self.fade));
        let gain = w.flipped(m).mul_add(w.like(row.tilt), w.like(row.x)) * c;
        let short = size.mul_add(w.like(self.exponent), w.constant(SHORT));
        let alarm = (w.like(self.near) - change.abs()).min(short);
        Part { drive: gain * m, gain, change, size, risk: square * c.like(row.risk), alarm }
    }

    /// By how much a sum has changed at a node, given its terms and the error.
    #[inline(always)]
    pub fn change<S: Simd>(&self, node: usize, terms: [Pack<S, T>; 4], delta: Pack<S, T>) -> Pack<S, T> {
        let [drive, change, size, signal] = terms;
        let slow = size.mul_add(size.like(self.bound[node]), change * size.like(self.gain[node]));
        let signal = signal * delta;
        drive.mul_add(size.like(self.trace[node]), signal.mul_add(size.like(self.signal[node]), slow))
    }

    /// What a weight will be if the signals stay as they are, given `x`, the error and what its square adds to `v` by the end.
    #[inline(always)]
    pub fn forecast<S: Simd>(
        &self,
        x: Pack<S, T>,
        [delta, push]: [Pack<S, T>; 2],
        [w, m, c]: [Pack<S, T>; 3],
    ) -> Forecast<Pack<S, T>> {
        let size = (m * c).abs();
        let square = c * c;
        let change = square.mul_add((x * x).mul_add(push, x.like(self.floor)), c.like(self.fade));
        let room = w.flipped(m).mul_add(w.like(self.tilt), w.constant(1.0)) * c;
        let g = x * delta;
        let at = [self.at(0, [change, size], [room, m, g], w), self.at(1, [change, size], [room, m, g], w)];
        let short = size.mul_add(w.like(self.exponent), w.constant(SHORT));
        Forecast { w: at, alarm: (w.like(self.near) - change.abs()).min(short), square }
    }

    #[inline(always)]
    fn at<S: Simd>(
        &self,
        node: usize,
        [change, size]: [Pack<S, T>; 2],
        [room, m, g]: [Pack<S, T>; 3],
        w: Pack<S, T>,
    ) -> Pack<S, T> {
        let bound = size.mul_add(w.like(self.bound[node]), w.like(self.trace[node]));
        let trace = change.mul_add(w.like(self.gain[node]), bound);
        room.mul_add(m.mul_add(trace, g * w.like(self.signal[node])), w)
    }
}
