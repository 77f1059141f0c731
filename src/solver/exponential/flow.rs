//! The local flow of a weight: its value after the first part of a step, given the local variables over the step.
//!
//! ```text
//! U    = integral of u = -eta rho d
//! w(h) = w + phi_1(-L) (U - L w) + kappa U_1 exp(-L/2),   L = |U|/w_max + kappa h
//! ```
//! exact for `kappa = 0` (identity 2: then `w(h) = w + (s w_max - w)(1 - exp(-L))`); with a leak, `U_1`, the first
//! moment of `u` about the middle, keeps it to fourth order. Where `d` crosses zero, `|u|` has its kink and the
//! two pieces follow one another.
//!
//! Here is the common case: `rho d` as a quadratic, a small exponent and no leak. `careful` has the others.

use pulp::Simd;

use super::careful::Careful;
use super::factors::Factors;
use super::gain::{Local, Nodes};
use super::lane::Lane;
use super::pack::{Pack, apart};
use super::phi::{self, SHORT};
use super::rule::Scale;

/// Weights after a part of a step.
#[derive(Clone, Copy)]
pub struct Carried<P> {
    /// The forward weight.
    pub w: P,
    /// The weight that is driven alike.
    pub b: P,
    /// The stored coordinate of the gain at the end of the whole step.
    pub c: P,
}

/// Which weights to carry.
#[derive(Clone, Copy)]
pub struct Weights<P> {
    /// A weight, and which weight dependence it has.
    pub w: (P, usize),
    /// Another with the second weight dependence, if it is driven alike.
    pub b: Option<P>,
}

/// Carries weights over the reach number `which`.
#[inline(always)]
pub fn carry<S: Simd, T: Lane>(
    scale: Scale,
    factors: &Factors,
    which: usize,
    local: &Local<Pack<S, T>>,
    weights: Weights<Pack<S, T>>,
) -> Carried<Pack<S, T>> {
    let Local { d, rho, change, c, .. } = local;
    let (w, dependence) = weights.w;
    let reach = &factors.reach[which];
    let f = [rho[0] * d[0], rho[1] * d[1], rho[2] * d[2]];
    let late = f[1].mul_add(w.constant(reach.weight[1]), f[2] * w.constant(reach.weight[2]));
    let whole = f[0].mul_add(w.constant(reach.weight[0]), late);
    let crosses = f[0] * f[2] * w.constant(factors.kink);
    // What is before the kink and what is after it; all is before it where there is none.
    let (mut before, mut after) = (whole, w.constant(0.0));
    let has_kink = crosses.any_negative();
    if has_kink {
        let part = until_zero(f, w.constant(reach.part)) * w.constant(factors.drive);
        before = crosses.select(part, whole);
        after = whole - before;
    }
    let inverse = [w.constant(factors.weight[dependence].inverse), w.constant(factors.weight[1].inverse)];
    let size = before.abs().max(after.abs());
    let most = if weights.b.is_some() { inverse[0].max(inverse[1]) } else { inverse[0] };
    let mut alarm = w.constant(SHORT) - size * most;
    if scale == Scale::Rms {
        alarm = alarm.min(w.constant(factors.light) - change[0].abs().max(change[1].abs()));
    }
    if (scale != Scale::Rms && factors.light < 0.0) || alarm.any_negative() {
        return apart(w.simd(), Careful { scale, factors, which, local: *local, weights, drive: whole });
    }
    let mut end = Carried { w: follow(w, before, before.abs() * inverse[0]), b: w, c: c[2] };
    if has_kink {
        end.w = follow(end.w, after, after.abs() * inverse[0]);
    }
    if let Some(b) = weights.b {
        end.b = follow(follow(b, before, before.abs() * inverse[1]), after, after.abs() * inverse[1]);
    }
    end
}

/// The integral of the quadratic `f` up to its zero, or up to `end` if that comes first.
#[inline(always)]
fn until_zero<S: Simd, T: Lane>(f: Nodes<Pack<S, T>>, end: Pack<S, T>) -> Pack<S, T> {
    let rise = f[2] - f[0];
    let bend = (f[0] + f[2]).mul_add(end.constant(2.0), f[1] * end.constant(-4.0));
    let slope = rise - bend;
    // The chord's zero, and one step of Newton's method from there. Where there is none, whatever comes is not used.
    let inverse = end.constant(-1.0) / rise;
    let chord = f[0] * inverse;
    let refined = chord.mul_add(bend, slope).mul_add(chord, f[0]).mul_add(inverse, chord);
    let p = refined.max(end.constant(0.0)).min(end);
    let curved = p.mul_add(bend * end.constant(1.0 / 3.0), slope * end.constant(0.5));
    p.mul_add(curved, f[0]) * p
}

/// Identity 2 for a drive of one sign and a small exponent `|U|/w_max`; at the bound it stays there, by rounding too.
#[inline(always)]
pub fn follow<S: Simd, T: Lane>(w: Pack<S, T>, drive: Pack<S, T>, lambda: Pack<S, T>) -> Pack<S, T> {
    (drive - lambda * w).mul_add(phi::short(lambda), w)
}
