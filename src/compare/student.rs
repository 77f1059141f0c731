//! Quantiles of Student's t distribution with a whole number `nu` of degrees of freedom.
//!
//! With `t = sqrt(nu) tan(theta)` the probability `A = P(|T| <= t)` is a finite sum:
//!
//! ```text
//! nu odd:   A = 2/pi (theta + sin theta (cos theta + 2/3 cos^3 theta + ... up to cos^(nu-2) theta))
//! nu even:  A = sin theta (1 + 1/2 cos^2 theta + (1 3)/(2 4) cos^4 theta + ... up to cos^(nu-2) theta)
//! ```
//! `A` grows with `theta` from 0 to 1 on 0..pi/2, so bisection inverts it.
//!
//! # References
//! Abramowitz & Stegun (1964), "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.

use std::f64::consts::FRAC_PI_2;

/// The `t` that `|T|` does not exceed with the given probability; NaN without degrees of freedom.
#[must_use]
pub fn two_sided(probability: f64, nu: usize) -> f64 {
    if nu == 0 || !(0.0..1.0).contains(&probability) {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0_f64, FRAC_PI_2);
    // Each step gains a bit; the last ones stay below the resolution of a double.
    for _ in 0..60 {
        let middle = low.midpoint(high);
        if within(middle, nu) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    (nu as f64).sqrt() * low.midpoint(high).tan()
}

/// `P(|T| <= sqrt(nu) tan(theta))`.
fn within(theta: f64, nu: usize) -> f64 {
    let (sin, cos) = theta.sin_cos();
    let odd = nu % 2;
    let mut term = if odd == 1 { cos } else { 1.0 };
    let mut sum = if nu == 1 { 0.0 } else { term };
    // The factor before cos^k is that before cos^(k-2) times (k-1)/k.
    let mut power = odd + 2;
    while power + 2 <= nu {
        term *= cos * cos * (power - 1) as f64 / power as f64;
        sum += term;
        power += 2;
    }
    if odd == 1 { (theta + sin * sum) / FRAC_PI_2 } else { sin * sum }
}
