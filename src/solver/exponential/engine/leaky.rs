//! Leaky neurons and error units over a step.
//!
//! ```text
//! tau dz_l/dt = -z_l + W_l x_{l-1} + bias_l        tau de_l/dt = -e_l + B_{l+1} delta_{l+1},   tau de_L/dt = -e_L + x_L - y
//! ```
//! What arrives at a unit is known at the start, the inner node and the end of a step, and taken for the quadratic through
//! these: its relaxation is exact ([`super::super::relax`]), however long the step. So a unit is never stiff, and once it has
//! settled the steps are as long as if it followed at once.

pub(super) mod course;
mod error;

use super::super::relax::Relaxation;
use super::super::view::ByUnit;
use crate::dynamics::{Dynamics, State};
use crate::network::Architecture;

/// Neurons and error units with a time constant.
#[derive(Clone, Debug)]
pub struct Leaky {
    /// The time constant, s.
    pub tau: f64,
    /// The neurons: `z`.
    pub z: Units,
    /// The error units: `e`.
    pub e: Units,
    /// How far the inner node and the end of the step are.
    pub way: Way,
}

/// From the start of a step to its inner node and its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// The inner node, as a part of the step.
    inner: f64,
    /// To there.
    to: [Relaxation; 2],
}

/// Units of one kind, by layer, none in layer 0.
#[derive(Clone, Debug)]
pub struct Units {
    /// Their state at the start, at the inner node and at the end of the step.
    pub state: [ByUnit; 3],
    /// What arrives at them at the start, middle and end.
    pub drive: [ByUnit; 3],
    /// Their state at the end as of the round of prediction before the last.
    pub before: ByUnit,
}

impl Leaky {
    /// Those of `dynamics` at `start`; `None` where units follow at once.
    #[must_use]
    pub fn new(dynamics: &Dynamics, start: &State) -> Option<Self> {
        let network = dynamics.network().filter(|network| network.neuron_tau > 0.0)?;
        let units = Units::new(network);
        let mut leaky = Self { tau: network.neuron_tau, z: units.clone(), e: units, way: Way::default() };
        leaky.load(dynamics, start);
        Some(leaky)
    }

    /// Starts from `state`.
    pub fn load(&mut self, dynamics: &Dynamics, state: &State) {
        for block in dynamics.layout.blocks.iter().filter(|block| block.is_neurons()) {
            self.z.state[0][block.layer].copy_from_slice(&state.values[block.range(0)]);
            self.e.state[0][block.layer].copy_from_slice(&state.values[block.range(1)]);
        }
    }

    /// Looks at a step of length `h` with its inner node at the part `inner`.
    pub fn prepare(&mut self, h: f64, inner: f64) {
        self.way = Way { inner, to: [inner, 1.0].map(|part| self.relaxation(h, part)) };
    }

    fn relaxation(&self, h: f64, part: f64) -> Relaxation {
        // Beyond, nothing is left of the start, and phi functions of infinity are none.
        Relaxation::new((h / self.tau).min(1e100), part)
    }

    /// Keeps what this round of prediction has found.
    pub fn remember(&mut self) {
        for units in [&mut self.z, &mut self.e] {
            units.before.clone_from(&units.state[2]);
        }
    }

    /// Goes to the end of the step.
    pub fn commit(&mut self) {
        for units in [&mut self.z, &mut self.e] {
            let [start, _, end] = &mut units.state;
            std::mem::swap(start, end);
        }
    }

    /// The states `z` and `e` now.
    #[must_use]
    pub fn now(&self) -> [ByUnit; 2] {
        [&self.z, &self.e].map(|units| units.state[0].clone())
    }

    /// The states `z` and `e` at the part `theta` of a predicted step of length `h`.
    #[must_use]
    pub fn within(&self, h: f64, theta: f64) -> [ByUnit; 2] {
        let relaxation = self.relaxation(h, theta);
        [&self.z, &self.e].map(|units| {
            let mut state = units.state[0].clone();
            for (l, state) in state.iter_mut().enumerate() {
                let drive = units.drive.each_ref().map(|drive| &drive[l]);
                for (i, y) in state.iter_mut().enumerate() {
                    *y = relaxed(&relaxation, *y, [drive[0][i], drive[1][i], drive[2][i]]);
                }
            }
            state
        })
    }
}

impl Units {
    fn new(network: &Architecture) -> Self {
        let mut none: ByUnit = network.layers.iter().map(|n| vec![0.0; *n]).collect();
        none[0].clear();
        Self { state: [0; 3].map(|_| none.clone()), drive: [0; 3].map(|_| none.clone()), before: none }
    }

    /// Takes what arrives at layer `l` at the start of the step out of `values`, and puts the state there.
    pub fn start(&mut self, l: usize, values: &mut [f64]) {
        self.drive[0][l].copy_from_slice(values);
        values.copy_from_slice(&self.state[0][l]);
    }

    /// The same at the inner node and at the end.
    pub fn settle(&mut self, way: &Way, l: usize, [inner, end]: [&mut [f64]; 2]) {
        let [drive0, drive1, drive2] = &mut self.drive;
        let [start, within, last] = &mut self.state;
        for (i, (inner, end)) in inner.iter_mut().zip(end).enumerate() {
            let drive = quadratic([drive0[l][i], *inner, *end], way.inner);
            (drive1[l][i], drive2[l][i]) = (drive[1], drive[2]);
            *inner = relaxed(&way.to[0], start[l][i], drive);
            *end = relaxed(&way.to[1], start[l][i], drive);
            (within[l][i], last[l][i]) = (*inner, *end);
        }
    }
}

/// What `y` becomes under a forcing that is `f` at the start, middle and end of a step.
fn relaxed(relaxation: &Relaxation, y: f64, f: [f64; 3]) -> f64 {
    let [a, b, c] = relaxation.weight;
    relaxation.decay * y + a * f[0] + b * f[1] + c * f[2]
}

/// The quadratic that has these values at `0`, `inner` and `1`: its values at `0`, `1/2` and `1`.
fn quadratic([start, within, end]: [f64; 3], inner: f64) -> [f64; 3] {
    let off = 0.5 * (0.5 - inner);
    let middle = within / (4.0 * inner * (1.0 - inner)) - start * off / inner + end * off / (1.0 - inner);
    [start, middle, end]
}
