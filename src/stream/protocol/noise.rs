//! Ornstein-Uhlenbeck noise: `dg = -(g - mean)/tau dt + sigma sqrt(2/tau) dW`.
//!
//! Realised on a grid by the exact transition, so that the grid's values have the process's own mean, variance and
//! correlation whatever the grid (D. T. Gillespie 1996, Phys. Rev. E 54:2084, doi:10.1103/PhysRevE.54.2084):
//! `g(t + h) = mean + (g(t) - mean) a + sigma sqrt(1 - a^2) N(0, 1)`, `a = exp(-h/tau)`.

use rand::RngExt;
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

/// Points `(time, value)` of one realisation, in steps of `step` until `duration` is covered; a longer one with the
/// same generator begins in the same way.
///
/// # Units
/// `tau`, `step` and `duration` in s; `sigma` is the stationary standard deviation.
pub(super) fn ornstein_uhlenbeck(
    mean: f64,
    sigma: f64,
    tau: f64,
    step: f64,
    duration: f64,
    rng: &mut Pcg64,
) -> Vec<(f64, f64)> {
    let decay = (-step / tau).exp();
    let spread = (-(-2.0 * step / tau).exp_m1()).sqrt();
    let points = (duration / step).ceil() as usize + 1;
    let mut deviation: f64 = rng.sample(StandardNormal);
    let mut point = |k: usize| {
        let value = (k as f64 * step, mean + sigma * deviation);
        let kick: f64 = rng.sample(StandardNormal);
        deviation = deviation * decay + spread * kick;
        value
    };
    (0..points).map(&mut point).collect()
}
