//! Points in classes: blobs, moons and spirals.
//!
//! blobs: `x = c_k + spread N(0, 1)`, centres `c_k ~ N(0, 1)` in each of the dimensions.
//! moons: `x = (cos a - 1/2, sin a - 1/4)` and `x = (1/2 - cos a, 1/4 - sin a)`, `a` uniform on 0 to pi: two half
//! circles of radius 1 that reach into one another, together centred on the origin.
//! spirals: arm `k` of `n` is `x = r (cos a, sin a)`, `a = 2 pi (k/n + turns r)`, `r` uniform on 0 to 1 (after the two
//! spirals of K. J. Lang and M. J. Witbrock 1988).

use std::f64::consts::{PI, TAU};

use rand::RngExt;
use rand_pcg::Pcg64;

use super::normal;
use crate::stream::random::generator;

/// Normal clouds around random centres.
pub(super) struct Blobs {
    /// `[class, dimension]`, row-major.
    pub centres: Vec<f64>,
    dimension: usize,
    spread: f64,
}

impl Blobs {
    pub fn new(classes: usize, dimension: usize, spread: f64, seed: u64) -> Self {
        let mut rng = generator(seed, "blob centres", 0);
        let centres = (0..classes * dimension).map(|_| normal(&mut rng)).collect();
        Self { centres, dimension, spread }
    }

    /// Fills `x` with a point of a class.
    pub fn point(&self, class: usize, x: &mut [f64], rng: &mut Pcg64) {
        let centre = &self.centres[class * self.dimension..][..self.dimension];
        x.iter_mut().zip(centre).for_each(|(x, centre)| *x = centre + self.spread * normal(rng));
    }
}

/// A point of the upper (0) or lower (1) moon.
pub(super) fn moon(class: usize, noise: f64, rng: &mut Pcg64) -> [f64; 2] {
    let (sin, cos) = (PI * rng.random::<f64>()).sin_cos();
    let upper = [cos - 0.5, sin - 0.25];
    let side = if class == 0 { 1.0 } else { -1.0 };
    upper.map(|x| side * x + noise * normal(rng))
}

/// A point of the arm that leaves the origin at `angle`, in turns.
pub(super) fn spiral(angle: f64, turns: f64, noise: f64, rng: &mut Pcg64) -> [f64; 2] {
    let radius: f64 = rng.random();
    let (sin, cos) = (TAU * (angle + turns * radius)).sin_cos();
    [radius * cos, radius * sin].map(|x| x + noise * normal(rng))
}
