//! `phi_1(-z) = (1 - exp(-z)) / z` of vectors, without exponentials and divisions.

use pulp::Simd;

use super::lane::Lane;
use super::pack::Pack;
use super::twin::Operand;

/// Largest exponent that [`short`] takes.
pub const SHORT: f64 = 1.0 / 64.0;

/// `phi_1(-z)` for `z` up to [`SHORT`]: the series' next term is `1.3e-12`.
#[inline(always)]
pub fn short<P: Operand>(z: P) -> P {
    let low = z.mul_add(z.constant(-0.5), z.constant(1.0));
    let high = z.mul_add(z.constant(-1.0 / 24.0), z.constant(1.0 / 6.0));
    let square = z * z;
    square.mul_add(square.mul_add(z.constant(1.0 / 120.0), high), low)
}

/// `phi_1(-z)` for `z` up to `2^doublings / 64`, by `phi_1(2z) = phi_1(z) (1 - z phi_1(z) / 2)`.
#[inline(always)]
pub fn long<S: Simd, T: Lane>(z: Pack<S, T>, doublings: u32) -> Pack<S, T> {
    let mut part = z * z.constant(0.5_f64.powi(doublings.cast_signed()));
    let mut phi = short(part);
    for _ in 0..doublings {
        phi = phi * (part * phi).mul_add(z.constant(-0.5), z.constant(1.0));
        part = part + part;
    }
    phi
}
