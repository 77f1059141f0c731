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
//! Its forecast is in `outlook`.

use pulp::Simd;

use super::cell::Cell;
use super::factors::Factors;
use super::flow::follow;
use super::gain::Nodes;
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;
use super::rule::Constants;
use super::twin::Operand;

/// What all synapses share over a step, in the precision of the state.
///
/// Means come first, times `-eta h`; then the end. What makes `z` comes times -1/2, and the exponents of the soft bound are below zero.
#[derive(Clone, Copy)]
pub struct Step<T> {
    decay: [T; 2],
    fade: [T; 2],
    floor: [T; 2],
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
            brief: real(constants.faint.min(chord(constants, factors.span))),
            has_kinks: factors.kink,
        }
    }

    /// What pushes a synapse of a row that sees `x` throughout: `course` where `x = 1`.
    #[inline(always)]
    pub fn steady<S: Simd>(
        &self,
        [x, square]: [Pack<S, T>; 2],
        [m, m_end, v, v_end]: [Pack<S, T>; 4],
    ) -> [[Pack<S, T>; 2]; 2] {
        let floor = [v.like(self.floor[0]), v.like(self.floor[1])];
        [[x * m, x * m_end], [square.mul_add(v, floor[0]), square.mul_add(v_end, floor[1])]]
    }

    /// What pushes a synapse whose `g` changes.
    #[inline(always)]
    pub fn moving<S: Simd>(&self, g: Nodes<Pack<S, T>>) -> [[Pack<S, T>; 2]; 2] {
        let [m, m_end, v, v_end] = self.course(g);
        [[m, m_end], [v + g[0].like(self.floor[0]), v_end + g[0].like(self.floor[1])]]
    }

    /// What a signal adds to the mean of `m` and its end, and to those of `z`.
    #[inline(always)]
    pub fn course<S: Simd>(&self, g: Nodes<Pack<S, T>>) -> [Pack<S, T>; 4] {
        let square = [g[0] * g[0], g[1] * g[1], g[2] * g[2]];
        let [m, v] = &self.forcing;
        [weighed(&m[0], g), weighed(&m[1], g), weighed(&v[0], square), weighed(&v[1], square)]
    }

    /// Carries a synapse through the step, `b` along with it where it learns from the same traces.
    #[inline(always)]
    pub fn carry<P: Operand<Real = T>, const LEARNS: bool>(
        &self,
        [push_m, push_v]: [[P; 2]; 2],
        cell: Cell<P>,
    ) -> Stepped<P> {
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
        let steep = z.mul_add(z.constant(2.5), z.constant(1.5));
        let root = z.mul_add(z.mul_add(steep, z.constant(1.0)), z.constant(1.0));
        let mut carried = Cell { m: end, c: c * root, ..cell };
        if LEARNS {
            // To rounding, so that w and b approach each other by identity 3.
            let spent_b = size * (c * c.like(self.inverse[1]));
            carried.w = follow(w, drive, w.constant(0.0) - spent);
            carried.b = follow(b, drive, w.constant(0.0) - spent_b);
        } else {
            carried.w = follow_briefly(w, drive, spent);
        }
        // The bound of `b` is that of `w`, or none: its exponent is no larger.
        let alarm = (short + spent).min(m.like(self.light) - z.abs());
        Stepped { cell: carried, alarm }
    }
}

/// Largest exponent with a kink within, over a span in s, for which the chord of `m` is within half of the tolerance.
///
/// What `m` deviates from it by, relative to its change, makes a third of that in the exponent: `h/tau_m` by itself, and as much again as the signal
/// changes by, which is taken to be as much as it is off `m`.
fn chord(constants: &Constants, span: f64) -> f64 {
    1.5 * constants.rtol / (1.0 + span / constants.tau_m)
}

/// `sum_k weight_k value_k`.
#[inline(always)]
fn weighed<S: Simd, T: Lane>(weight: &[T; 3], value: Nodes<Pack<S, T>>) -> Pack<S, T> {
    let first = value[0] * value[0].like(weight[0]);
    value[2].mul_add(first.like(weight[2]), value[1].mul_add(first.like(weight[1]), first))
}

/// Identity 2 for an exponent `spent`, not above zero, that is small enough for the tolerance.
#[inline(always)]
pub fn follow_briefly<P: Operand>(w: P, drive: P, spent: P) -> P {
    let phi = spent.mul_add(w.constant(1.0 / 6.0), w.constant(0.5)).mul_add(spent, w.constant(1.0));
    spent.mul_add(w, drive).mul_add(phi, w)
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
