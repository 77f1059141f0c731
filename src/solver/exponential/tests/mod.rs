//! The engine against a plain Runge-Kutta integration of the right-hand side, and against the equations' identities.
#![allow(clippy::unwrap_used)]

mod agreement;
mod contraction;
mod foresee;
mod hot;
mod identities;
mod jumps;
mod leak;
mod leaky;
mod loops;
mod mirror;
mod narrow;
mod problem;
mod protocol;
mod risk;
mod sameness;
mod scaling;
mod short;
mod silence;
mod straight;
pub mod vectors;
mod worst;

/// Least-squares slope.
pub fn slope(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let covariance: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    covariance / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
}
