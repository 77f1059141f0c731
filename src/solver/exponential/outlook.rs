//! The forecast of a common synapse (see `common`): what its weight will be if the signals stay as they are.
//!
//! With the signals frozen, to second order in the step, for the part `p` of it:
//! ```text
//! k = 1 - sign(u) w/w_max
//! w(p) - w = k rho {m [alpha_p - (alpha_p p/4) y - |alpha_p| alpha_p |rho m| / (2 w_max)] + beta_p g}
//! alpha_p  = -eta tau_m (1 - exp(-p h/tau_m)),   beta_p = -eta p h - alpha_p,   y = v(h)/v(0) - 1
//! ```
//! What is left out is of third order, like what freezing the signals leaves out. In a sum of `x w` over inputs that stay as they are, the
//! factors of the terms are common to all rows, and so is `delta` in `g` and in `y`: five sums serve both nodes, whatever `delta` will be.
//! ```text
//! y = exp(-h/tau_rho) - 1 + rho^2 (epsilon^2 f + x^2 p),    p = what delta^2 adds to v, with x = 1
//! ```

use pulp::Simd;

use super::factors::{Bound, Factors};
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;

/// Sums over a row from which its forecast follows: of `x w`; of `k x rho m`, that times `|rho m|`, times `rho^2`, times `(x rho)^2`, and of
/// `k x^2 rho`; of `(x rho)^2`, and its largest value.
pub const TERMS: usize = 8;

/// What all synapses share in a forecast, at the inner node and the end.
#[derive(Clone, Copy)]
pub struct Outlook<T> {
    trace: [T; 2],
    signal: [T; 2],
    gain: [T; 2],
    bound: [T; 2],
    fade: T,
    floor: T,
    gained: T,
    tilt: T,
    exponent: T,
    near: T,
    close: T,
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
}

/// What enters a forecast to second order.
struct Slow<P> {
    /// `|rho m|`.
    size: P,
    /// `rho^2`.
    square: P,
    /// The relative change of `v`.
    change: P,
    /// Below zero where the series are too short.
    alarm: P,
}

/// What a synapse adds to a sum's terms.
#[derive(Clone, Copy)]
pub struct Part<P> {
    /// `k x rho m`.
    pub drive: P,
    /// `k x rho`.
    pub gain: P,
    /// `|rho m|`.
    pub size: P,
    /// `rho^2`.
    pub square: P,
    /// `(x rho)^2`.
    pub risk: P,
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

impl<T: Lane> Row<T> {
    /// What a synapse adds to the terms of a sum over rows whose activities stay as they are.
    #[inline(always)]
    pub fn terms<S: Simd>(&self, [w, m, c]: [Pack<S, T>; 3]) -> Part<Pack<S, T>> {
        let gain = w.flipped(m).mul_add(w.like(self.tilt), w.like(self.x)) * c;
        let square = c * c;
        Part { drive: gain * m, gain, size: (m * c).abs(), square, risk: square * c.like(self.square) }
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
            gained: real(factors.v[1].gained()),
            // The drive has the sign of `trace`'s factor times that of m.
            tilt: real(-late.trace.signum() * inverse),
            exponent: real(-late.trace.abs() * inverse),
            near: real(factors.near),
            close: real(0.5 * factors.near),
        }
    }

    /// What a row of presynaptic activity `x` multiplies with.
    pub fn row(&self, x: T) -> Row<T> {
        let product = |a: T, b: T| T::from_f64(a.to_f64() * b.to_f64());
        Row { x, square: product(x, x), tilt: product(x, self.tilt) }
    }

    /// Below zero where the series are too short, whatever the error, given `|rho m|` and `rho^2`. Among many, that is so where it is for the
    /// largest of both, or for none at all.
    #[inline(always)]
    pub fn alarm<S: Simd>(&self, [size, square]: [Pack<S, T>; 2]) -> Pack<S, T> {
        let fallen = square.mul_add(size.like(self.floor), size.like(self.fade));
        let short = size.mul_add(size.like(self.exponent), size.constant(SHORT));
        (size.like(self.close) - fallen.abs()).min(short)
    }

    /// Below zero where the error makes the series too short, given the risk.
    #[inline(always)]
    pub fn strain<S: Simd>(&self, risk: Pack<S, T>, delta: Pack<S, T>) -> Pack<S, T> {
        risk.like(self.close) - risk * self.push(delta)
    }

    /// What the square of a signal that stays adds to `v` by the end.
    #[inline(always)]
    fn push<S: Simd>(&self, signal: Pack<S, T>) -> Pack<S, T> {
        signal * signal * signal.like(self.gained)
    }

    /// By how much a sum has changed at both nodes, given its terms (all but the first and the last two) and the error.
    #[inline(always)]
    pub fn changes<S: Simd>(
        &self,
        [drive, size, square, risk, signal]: [Pack<S, T>; 5],
        delta: Pack<S, T>,
    ) -> [Pack<S, T>; 2] {
        let change = risk
            .mul_add(self.push(delta), square.mul_add(size.like(self.floor), drive * size.like(self.fade)));
        let terms = [drive, size, change, signal * delta];
        [self.change(0, terms), self.change(1, terms)]
    }

    #[inline(always)]
    fn change<S: Simd>(&self, node: usize, [drive, size, change, signal]: [Pack<S, T>; 4]) -> Pack<S, T> {
        let slow = size.mul_add(size.like(self.bound[node]), change * size.like(self.gain[node]));
        drive.mul_add(size.like(self.trace[node]), signal.mul_add(size.like(self.signal[node]), slow))
    }

    /// What a weight will be if `g` stays as it is.
    #[inline(always)]
    pub fn forecast<S: Simd>(&self, g: Pack<S, T>, [w, m, c]: [Pack<S, T>; 3]) -> Forecast<Pack<S, T>> {
        let Slow { size, square, change, alarm } = self.slow(g, [m, c]);
        let room = w.flipped(m).mul_add(w.like(self.tilt), w.constant(1.0)) * c;
        let at = [self.at(0, [change, size], [room, m, g], w), self.at(1, [change, size], [room, m, g], w)];
        Forecast { w: at, alarm, square }
    }

    /// What enters to second order, and whether it is small enough.
    #[inline(always)]
    fn slow<S: Simd>(&self, g: Pack<S, T>, [m, c]: [Pack<S, T>; 2]) -> Slow<Pack<S, T>> {
        let (size, square) = ((m * c).abs(), c * c);
        let change =
            square.mul_add((g * g).mul_add(c.like(self.gained), c.like(self.floor)), c.like(self.fade));
        let short = size.mul_add(c.like(self.exponent), c.constant(SHORT));
        Slow { size, square, change, alarm: (c.like(self.near) - change.abs()).min(short) }
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
