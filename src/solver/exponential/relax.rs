//! Linear relaxation under a forcing that is a quadratic in time, in closed form.
//!
//! ```text
//! tau dy/dt = f - y,   f through f(0), f(h/2), f(h)
//! y(s) = exp(-s/tau) y(0) + sum_k weight_k f_k
//! ```
//! The weights are combinations of the phi functions of exponential integrators (Hochbruck & Ostermann 2010,
//! doi:10.1017/S0962492910000048). All synapses share them.

/// `y(theta h)` from `y(0)` and the forcing at `0`, `h/2` and `h`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Relaxation {
    /// Factor of `y(0)`.
    pub decay: f64,
    /// Factors of the forcing.
    pub weight: [f64; 3],
}

impl Relaxation {
    /// Over the part `theta` of a step of `x = h / tau`.
    #[must_use]
    pub fn new(x: f64, theta: f64) -> Self {
        let x = x * theta;
        let [_, phi1, phi2, phi3, _] = phi(-x);
        // Moments of the kernel, `integral of x exp(-x (1 - q)) q^k dq`.
        Self { decay: (-x).exp(), weight: weights([x * phi1, x * phi2, 2.0 * x * phi3], theta) }
    }

    /// The mean over a step of `x = h / tau`: the factors in it of `y(0)` and of the forcing.
    #[must_use]
    pub fn mean(x: f64) -> Self {
        let [_, phi1, phi2, phi3, phi4] = phi(-x);
        Self { decay: phi1, weight: weights([x * phi2, x * phi3, 2.0 * x * phi4], 1.0) }
    }

    /// Share of a constant forcing in the result.
    #[must_use]
    pub fn gained(&self) -> f64 {
        self.weight.iter().sum()
    }
}

/// Weights of the values at `0`, `h/2`, `h` of a quadratic whose powers of `q`, over the part `theta` of the step,
/// weigh `moments`.
#[must_use]
pub fn weights([k0, k1, k2]: [f64; 3], theta: f64) -> [f64; 3] {
    let (k1, k2) = (theta * k1, theta * theta * k2);
    [k0 - 3.0 * k1 + 2.0 * k2, 4.0 * (k1 - k2), 2.0 * k2 - k1]
}

/// Weights that give the quadratic's value at the part `theta` of the step.
#[must_use]
pub fn interpolation(theta: f64) -> [f64; 3] {
    weights([1.0, 1.0, 1.0], theta)
}

/// `phi_0 = exp(z)`, and `phi_{k+1}(z) = (phi_k(z) - 1/k!) / z` up to `k = 4`, for `z <= 0`.
#[must_use]
pub fn phi(z: f64) -> [f64; 5] {
    if z < -1.0 {
        let phi1 = z.exp_m1() / z;
        let phi2 = (phi1 - 1.0) / z;
        let phi3 = (phi2 - 0.5) / z;
        [z.exp(), phi1, phi2, phi3, (phi3 - 1.0 / 6.0) / z]
    } else {
        // Taylor series of the last, then the recurrence upwards, which loses nothing.
        let phi4 = (1..20).rev().fold(1.0, |sum, k| 1.0 + z / f64::from(k + 4) * sum) / 24.0;
        let phi3 = 1.0 / 6.0 + z * phi4;
        let phi2 = 0.5 + z * phi3;
        [z.exp(), 1.0 + z * phi2, phi2, phi3, phi4]
    }
}
