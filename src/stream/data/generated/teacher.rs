//! A random network as teacher: `y = V tanh(U x + c) + noise N(0, 1)`, `x ~ N(0, 1)` in each dimension.
//!
//! `U_ij ~ N(0, 1/dimension)`, `c_i ~ N(0, 1)`, `V_oi ~ N(0, 1/hidden)`: net inputs and outputs of order 1 whatever the
//! sizes (the student-teacher setting of D. Saad and S. A. Solla 1995, Phys. Rev. E 52:4225).

use rand_pcg::Pcg64;

use super::normal;
use crate::stream::data::samples::{Inputs, Samples, Targets};
use crate::stream::random::generator;

/// The network that knows the answers.
pub(super) struct Teacher {
    /// `U`, `[hidden, dimension]`, row-major.
    pub inward: Vec<f64>,
    /// `c`, one for each hidden unit.
    pub bias: Vec<f64>,
    /// `V`, `[output, hidden]`, row-major.
    pub outward: Vec<f64>,
    dimension: usize,
}

impl Teacher {
    pub fn new([dimension, hidden, outputs]: [usize; 3], seed: u64) -> Self {
        let draw = |purpose, count: usize, variance: f64| {
            let mut rng = generator(seed, purpose, 0);
            (0..count).map(|_| variance.sqrt() * normal(&mut rng)).collect()
        };
        Self {
            inward: draw("teacher U", hidden * dimension, 1.0 / dimension as f64),
            bias: draw("teacher c", hidden, 1.0),
            outward: draw("teacher V", outputs * hidden, 1.0 / hidden as f64),
            dimension,
        }
    }

    /// What it answers to `x`.
    pub fn answer(&self, x: &[f64]) -> impl Iterator<Item = f64> + use<'_> {
        let rows = self.inward.chunks_exact(self.dimension).zip(&self.bias);
        let hidden: Vec<f64> = rows.map(|(row, bias)| (dot(row, x) + bias).tanh()).collect();
        self.outward.chunks_exact(hidden.len()).map(move |row| dot(row, &hidden))
    }

    /// `len` questions with their answers.
    pub fn samples(&self, len: usize, noise: f64, rng: &mut Pcg64) -> Option<Samples> {
        let (mut inputs, mut values) = (Vec::new(), Vec::new());
        for _ in 0..len {
            let x: Vec<f64> = (0..self.dimension).map(|_| normal(rng)).collect();
            values.extend(self.answer(&x).map(|y| y + noise * normal(rng)));
            inputs.extend(x);
        }
        let width = self.outward.len() / self.bias.len();
        Samples::new(Inputs::Numbers(inputs), self.dimension, Targets::Numbers { values, width })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
