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
//! Here is the common case: `rho d` as a quadratic, a small exponent, no kink and no leak. `careful` has the others.

use pulp::Simd;

use super::careful::Careful;
use super::factors::{Bound, Factors};
use super::gain::Local;
use super::lane::{Lane, Pack, apart};
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
    let weight = factors.reach[which].weight.map(|weight| w.constant(weight));
    let drive =
        (rho[0] * d[0]).mul_add(weight[0], (rho[1] * d[1]).mul_add(weight[1], rho[2] * d[2] * weight[2]));
    let exponent = |bound: &Bound| drive.abs() * w.constant(bound.inverse);
    let bound = &factors.weight[dependence];
    let (lambda, other) = (exponent(bound), exponent(&factors.weight[1]));
    let most = if weights.b.is_some() { lambda.max(other) } else { lambda };
    let mut alarm = (w.constant(SHORT) - most).min(d[0] * d[2] * w.constant(factors.kink));
    if scale == Scale::Rms {
        alarm = alarm.min(w.constant(factors.light) - change[0].abs().max(change[1].abs()));
    }
    if factors.light < 0.0 || alarm.any_negative() {
        return apart(w.simd(), Careful { scale, factors, which, local, weights, drive });
    }
    let b = weights.b.map_or(w, |b| follow(b, drive, other));
    Carried { w: follow(w, drive, lambda), b, c: c[2] }
}

/// Identity 2 for a drive of one sign and a small exponent `|U|/w_max`; at the bound it stays there, by rounding too.
#[inline(always)]
pub fn follow<S: Simd, T: Lane>(w: Pack<S, T>, drive: Pack<S, T>, lambda: Pack<S, T>) -> Pack<S, T> {
    (drive - lambda * w).mul_add(phi::short(lambda), w)
}
