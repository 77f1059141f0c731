//! Elementary functions of many numbers at once.
//!
//! The standard library takes one number after the other. These have no branch and no table, so that the compiler makes
//! vector code of a loop over them; a number's result depends neither on where it stands nor on the machine's vectors.
//!
//! With `n` the integer nearest to `y / ln 2` and `|r| <= ln 2 / 2` what is left,
//! ```text
//! exp(y) - 1 = 2^n p + (2^n - 1),   p = exp(r) - 1 = r + r^2 (1/2 + r/6 + ... + r^11/13!)
//! tanh(x) = (exp(2x) - 1) / (exp(2x) + 1)
//! ```
//! where nothing cancels for `x >= 0`, so that the error is relative to the result however small that is.

use pulp::{Arch, Simd, WithSimd};

use crate::network::Activation;

/// `ln 2` in two parts, the first with so few digits that `n` times it is exact (Cody & Waite 1980).
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// Added to a number below `2^51`, it leaves its integer in the last bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// From here on `tanh` is 1.
const SATURATED: f64 = 20.0;
/// Beyond, `exp(-y)` is below the smallest normal number, and taken for zero.
const VANISHED: f64 = 708.0;

/// `2^n`, and `exp(y) - 2^n` as a part of that.
#[inline(always)]
fn exponential(y: f64) -> [f64; 2] {
    let shifted = y * std::f64::consts::LOG2_E + ROUNDING;
    let n = shifted - ROUNDING;
    let r = (y - n * LN_2[0]) - n * LN_2[1];
    let square = r * r;
    // Estrin's scheme: pairs of terms, so that few operations wait for another.
    let pair = |k: usize| SERIES[k] + r * SERIES[k + 1];
    let low = pair(0) + square * pair(2);
    let high = (pair(4) + square * pair(6)) + square * square * (pair(8) + square * pair(10));
    let power = f64::from_bits((shifted.to_bits().wrapping_add(1023)) << 52);
    [power, r + square * (low + square * square * high)]
}

/// `1/k!` from `k = 2` on.
const SERIES: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// `tanh(x)`, within 3 units in the last place.
#[inline(always)]
fn tanh(x: f64) -> f64 {
    let size = x.abs();
    // NaN stays what it is.
    let size = if size > SATURATED { SATURATED } else { size };
    let [power, part] = exponential(size + size);
    let grown = power * part + (power - 1.0);
    (grown / (grown + 2.0)).copysign(x)
}

/// `1 / (1 + exp(-x))`, within 3 units in the last place.
#[inline(always)]
fn logistic(x: f64) -> f64 {
    let size = x.abs();
    let [power, part] = exponential(-(if size > VANISHED { VANISHED } else { size }));
    let left = if size > VANISHED { 0.0 } else { power + power * part };
    (if x < 0.0 { left } else { 1.0 }) / (1.0 + left)
}

/// A function of every value.
struct Map<'a, F> {
    values: &'a mut [f64],
    function: F,
}

impl<F: Fn(f64) -> f64> WithSimd for Map<'_, F> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for value in self.values {
            *value = (self.function)(*value);
        }
    }
}

/// Net inputs to activities of hidden units, in place.
pub fn activate(arch: Arch, activation: Activation, values: &mut [f64]) {
    match activation {
        Activation::Tanh => arch.dispatch(Map { values, function: tanh }),
        Activation::Logistic => arch.dispatch(Map { values, function: logistic }),
        Activation::Relu | Activation::Linear => {
            for value in values {
                *value = activation.apply(*value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::vectors::available;
    use super::*;

    /// Signs, sizes from the smallest number to the largest, and the ranges in which something happens.
    fn points() -> Vec<f64> {
        let exponents = (-1074..1024).map(|k| 1.37 * 2_f64.powi(k));
        let steps = (0..400_000).map(|k| f64::from(k) * 5.1e-5);
        let limits = [0.0, f64::MIN_POSITIVE, SATURATED, VANISHED, f64::MAX, f64::INFINITY];
        let sizes: Vec<f64> = exponents.chain(steps).chain(limits).collect();
        sizes.iter().flat_map(|size| [*size, -size]).collect()
    }

    #[test]
    fn they_agree_with_the_standard_library() {
        for activation in [Activation::Tanh, Activation::Logistic, Activation::Relu, Activation::Linear] {
            let points = points();
            let mut found = points.clone();
            activate(Arch::new(), activation, &mut found);
            for (x, y) in points.iter().zip(found) {
                let expected = activation.apply(*x);
                // Beyond the smallest normal number nothing is promised.
                let off = (y - expected).abs() - f64::MIN_POSITIVE;
                let is_tiny = activation == Activation::Tanh && expected.abs() < 1e-200;
                assert!(
                    y == expected || (!is_tiny && off <= 4.0 * f64::EPSILON * expected.abs()),
                    "{activation:?} of {x:e}: {y:e}, not {expected:e}"
                );
                assert_eq!(y.is_sign_negative(), expected.is_sign_negative(), "{activation:?} of {x:e}");
            }
            let mut nan = [f64::NAN];
            activate(Arch::new(), activation, &mut nan);
            assert_eq!(nan[0].is_nan(), activation.apply(f64::NAN).is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn neither_the_place_of_a_number_nor_the_machine_counts() {
        let points: Vec<f64> = points().into_iter().step_by(97).collect();
        for activation in [Activation::Tanh, Activation::Logistic] {
            let mut all = points.clone();
            activate(Arch::new(), activation, &mut all);
            for (name, arch) in available() {
                for len in 1..20 {
                    let mut parts = points.clone();
                    parts.chunks_mut(len).for_each(|part| activate(arch, activation, part));
                    assert_eq!(parts, all, "{activation:?} with {name}, {len} at a time");
                }
            }
        }
    }
}
