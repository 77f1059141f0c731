//! The local flow of a weight: its value after the first part of a step, given the local variables over the step.
//!
//! ```text
//! U    = integral of u = -eta rho d
//! w(h) = w + phi_1(-L) (U - L w) + kappa U_1 exp(-L/2),   L = |U|/w_max + kappa h
//! ```
//! exact for `kappa = 0` (identity 2: then `w(h) = w + (s w_max - w)(1 - exp(-L))`); with a leak, `U_1`, the first
//! moment of `u` about the middle, keeps it to fourth order. Where `d` crosses zero, `|u|` has its kink: there `L` has the
//! integral of `|u|` in place of `|U|`, and where `L` is not small the two pieces follow one another.
//!
//! Here is the common case: `rho d` as a quadratic, a small exponent and no leak. `careful` has the others.

use pulp::Simd;

use super::careful::Careful;
use super::factors::{Factors, Reach};
use super::gain::{Local, Nodes};
use super::lane::Lane;
use super::pack::{Pack, apart};
use super::phi::{self, SHORT};
use super::rule::Scale;
use super::twin::Operand;

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
    // The integral of |u|, and how large an exponent it may make.
    let (mut size, mut short) = (whole.abs(), w.constant(SHORT));
    if factors.kink {
        let crosses = f[0] * f[2];
        size = crosses.select(exposure(f, reach, whole, factors.drive), size);
        short = crosses.select(w.constant(factors.brief), short);
    }
    let inverse = [w.constant(factors.weight[dependence].inverse), w.constant(factors.weight[1].inverse)];
    let most = if weights.b.is_some() { inverse[0].max(inverse[1]) } else { inverse[0] };
    let mut alarm = short - size * most;
    if scale == Scale::Rms {
        alarm = alarm.min(w.constant(factors.light) - change[0].abs().max(change[1].abs()));
    }
    if !factors.is_plain {
        alarm = w.constant(-1.0);
    }
    let mut end = Carried { w: follow(w, whole, size * inverse[0]), b: w, c: c[2] };
    // A closure would not be inlined.
    if let Some(b) = weights.b {
        end.b = follow(b, whole, size * inverse[1]);
    }
    if alarm.any_negative() {
        let exact = apart(w.simd(), Careful { scale, factors, which, local: *local, weights, drive: whole });
        end.w = alarm.select(exact.w, end.w);
        end.b = alarm.select(exact.b, end.b);
        end.c = alarm.select(exact.c, end.c);
    }
    end
}

/// The integral of `|u|` over the first part of a step, for a quadratic `f` that crosses zero in the step.
///
/// The chord's zero does: its error enters squared.
#[inline(always)]
fn exposure<S: Simd, T: Lane>(
    f: Nodes<Pack<S, T>>,
    reach: &Reach,
    whole: Pack<S, T>,
    drive: f64,
) -> Pack<S, T> {
    let fall = f[0] - f[2];
    let bend = (f[0] + f[2]).mul_add(whole.constant(2.0), f[1] * whole.constant(-4.0));
    let half_slope = (fall + bend) * whole.constant(-0.5);
    let p = (f[0] / fall).min(whole.constant(reach.part));
    let before = p.mul_add(p.mul_add(bend * whole.constant(1.0 / 3.0), half_slope), f[0]) * p;
    before.mul_add(whole.constant(2.0 * drive), whole.constant(0.0) - whole).abs()
}

/// Identity 2 for a small exponent `lambda`, the integral of `|u|` over `w_max`; at the bound it stays there, by rounding too.
///
/// Two pieces of unlike sign follow one another as one, but for the product of their exponents.
#[inline(always)]
pub fn follow<P: Operand>(w: P, drive: P, lambda: P) -> P {
    (drive - lambda * w).mul_add(phi::short(lambda), w)
}
