//! What the benchmarks share: networks, samples, timed integrations, errors.
//!
//! The equations are those of every measurement in docs/performance.md: presentations of `T = 1`, `tau_m = 10`,
//! `tau_rho = 1000`, `epsilon = 1e-3`, `eta = 1e-3`, `w_max = 1`, `rho(0) = 10`, tanh, softmax, no bias, feedback
//! "predisposition".

// Each benchmark is a program of its own and uses a part of this.
#![allow(dead_code, clippy::expect_used)]

pub mod copy;

use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use synaptode::dynamics::{Dynamics, Source, State};
use synaptode::network::{Activation, Architecture, Readout};
use synaptode::solver::{
    AbsoluteTolerance, ExponentialSpec, Integrator, Method, SolverOptions, Statistics, with_integrator,
};
use synaptode::stream::{DataSource, DataSpec, Dataset, Drive, Segment};
use synaptode::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, RuleSpec, Synapse, Traces};

/// Input and target.
pub type Sample = (Vec<f64>, Vec<f64>);

/// Variables whose errors are told.
pub const VARIABLES: [&str; 4] = ["w", "m", "rho", "b"];

/// A network, its start, and what it is to learn.
pub struct Problem {
    pub layers: Vec<usize>,
    pub samples: Vec<Sample>,
    pub dynamics: Dynamics,
    pub initial: State,
    pub segments: Vec<Segment>,
}

/// What an integration gave.
pub struct Solved {
    /// Seconds of each presentation.
    pub times: Vec<f64>,
    pub state: State,
    pub statistics: Statistics,
}

impl Problem {
    /// The usual synapses, from weights that are uniform with variance `1 / pre`.
    pub fn new(layers: &[usize], samples: Vec<Sample>) -> Self {
        let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 10.0, tau_rho: 1000.0, epsilon: 1e-3 };
        let synapse =
            Synapse { rule, eta: 1e-3, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 10.0 };
        let dynamics = dynamics(layers, synapse);
        let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
        let mut values = vec![0.0; dynamics.layout.len()];
        for block in &dynamics.layout.blocks {
            let scale = (3.0 / block.pre as f64).sqrt();
            for (slot, variable) in block.variables.iter().enumerate() {
                for value in &mut values[block.range(slot)] {
                    *value = match *variable {
                        "w" | "b" => scale * (2.0 * rng.random::<f64>() - 1.0),
                        "m" => 0.0,
                        _ => 10.0,
                    };
                }
            }
        }
        Self::starting(layers, samples, dynamics, values)
    }

    /// A network that starts from these values.
    pub fn starting(layers: &[usize], samples: Vec<Sample>, dynamics: Dynamics, values: Vec<f64>) -> Self {
        let segments = samples.iter().enumerate().map(|(k, (x, y))| Segment {
            t0: k as f64,
            t1: (k + 1) as f64,
            presentation: k as u64,
            epoch: 0,
            starts: true,
            ends: true,
            drive: Drive::Hold { x: x.clone(), y: y.clone() },
        });
        let segments = segments.collect();
        Self { layers: layers.to_vec(), samples, dynamics, initial: State { t: 0.0, values }, segments }
    }

    /// What the network is called: its layers.
    pub fn name(&self) -> String {
        self.layers.iter().map(ToString::to_string).collect::<Vec<_>>().join("-")
    }

    /// Shows all samples to an integrator that is at the start, and gives the seconds of each.
    pub fn walk(&self, integrator: &mut dyn Integrator) -> Vec<f64> {
        let present = |segment| {
            let start = Instant::now();
            integrator.begin(segment).expect("finite signals");
            integrator.advance(&[], &mut |_| {}).expect("a solution");
            start.elapsed().as_secs_f64()
        };
        self.segments.iter().map(present).collect()
    }

    /// Integrates from the start to the end.
    pub fn solve(&self, options: &SolverOptions) -> Solved {
        with_integrator(&self.dynamics, &self.initial, options, |integrator| {
            let times = self.walk(integrator);
            Solved { times, state: integrator.state(), statistics: integrator.statistics() }
        })
        .expect("options that the network can be integrated with")
    }

    /// Largest error of each of [`VARIABLES`] over all synapses, relative to the variable's largest value.
    pub fn errors(&self, found: &State, expected: &State) -> [f64; 4] {
        VARIABLES.map(|variable| {
            let (mut error, mut size) = (0.0_f64, 0.0_f64);
            for block in &self.dynamics.layout.blocks {
                let Some(slot) = block.slot(variable) else { continue };
                for index in block.range(slot) {
                    error = error.max((found.values[index] - expected.values[index]).abs());
                    size = size.max(expected.values[index].abs());
                }
            }
            error / size
        })
    }
}

/// A network of these synapses, its feedback weights learning by predisposition.
pub fn dynamics(layers: &[usize], synapse: Synapse) -> Dynamics {
    let architecture = Architecture {
        layers: layers.to_vec(),
        activation: Activation::Tanh,
        readout: Readout::Softmax,
        bias: false,
        weight_scale: 1.0,
        neuron_tau: 0.0,
        scaling_tau: None,
    };
    let feedback = Feedback {
        mode: FeedbackMode::Predisposition,
        traces: Traces::Shared,
        m0: 0.0,
        rho0: synapse.rho0,
        mirror: Mirror::default(),
    };
    Dynamics::new(Source::Network(architecture), synapse, feedback, Coordinate::V)
}

/// Options whose absolute tolerances are a hundredth of the relative one.
pub fn options(method: Method, rtol: f64, exponential: ExponentialSpec) -> SolverOptions {
    let a = rtol * 1e-2;
    let atol = AbsoluteTolerance { w: a, m: a, rho: a, v: a, b: a, z: a };
    SolverOptions { method, rtol, atol, gain_coordinate: Coordinate::V, max_steps: 100_000, exponential }
}

/// The least time of each presentation over all rounds, so that other work on the machine counts little.
#[derive(Default)]
pub struct Least(Vec<f64>);

impl Least {
    /// Takes a round into account.
    pub fn take(&mut self, times: &[f64]) {
        self.0.resize(times.len(), f64::INFINITY);
        self.0.iter_mut().zip(times).for_each(|(least, time)| *least = least.min(*time));
    }

    /// The mean over the presentations, s.
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

/// The first of the built-in digits.
pub fn digits(count: usize) -> Vec<Sample> {
    load(DataSource::Digits, count)
}

/// The first samples of MNIST in `folder`, or, without one, as many of its size and sparsity.
pub fn mnist(folder: Option<&Path>, count: usize) -> Vec<Sample> {
    match folder {
        Some(folder) => load(DataSource::Idx { folder: folder.to_owned() }, count),
        None => generated(784, 10, count),
    }
}

fn load(source: DataSource, count: usize) -> Vec<Sample> {
    let data = Dataset::load(&DataSpec { source, train: Some(count), test: Some(1) }).expect("samples");
    let sample = |k| {
        let (mut x, mut y) = (vec![0.0; data.train.width()], vec![0.0; data.train.target_width()]);
        data.train.sample_into(k, &mut x, &mut y);
        (x, y)
    };
    (0..count).map(sample).collect()
}

/// Samples of MNIST's sparsity: of the inputs, taken as a square, 19 % are not silent, those near the centre most often.
pub fn generated(inputs: usize, classes: usize, count: usize) -> Vec<Sample> {
    let mut rng = rand_pcg::Pcg64::seed_from_u64(2);
    let side = (inputs as f64).sqrt().ceil();
    let sample = |_| {
        let class = (rng.random::<f64>() * classes as f64) as usize;
        let x = (0..inputs).map(|pixel| {
            let place = |line: f64| (line + 0.5) * 28.0 / side - 14.0;
            let (row, column) = (place((pixel as f64 / side).floor()), place(pixel as f64 % side));
            let near = (-(row * row + column * column) / 90.0).exp();
            if rng.random::<f64>() < 0.62 * near { rng.random() } else { 0.0 }
        });
        let x = x.collect();
        let mut y = vec![0.0; classes];
        y[class] = 1.0;
        (x, y)
    };
    (0..count).map(sample).collect()
}
