//! Cross-fades in which inputs and errors change at once, as far as they can: `g` is a product of two lines then, its square of the
//! fourth degree, and where relu units come on and go off nothing is smooth.

use synaptode::dynamics::{Dynamics, Source, State};
use synaptode::network::{Activation, Readout};
use synaptode::solver::{ExponentialSpec, Method, SolverOptions, exponential};
use synaptode::stream::{Drive, Segment};
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Synapse, Traces};

use crate::runs::{final_state, prepare};
use crate::support::{drives, feedback, integrate, network, options, value};

const TAU_RHO: f64 = 1.0;
const EPSILON: f64 = 1e-3;
const X: [[f64; 2]; 4] = [[0.0, 1.2], [1.5, -0.7], [-1.0, 0.9], [2.0, 0.3]];
const Y: [f64; 4] = [-1.0, 0.8, 1.4, -2.0];

fn fades() -> Vec<Segment> {
    drives((1..X.len()).map(|k| {
        let (x0, x1) = (X[k - 1].to_vec(), X[k].to_vec());
        (0.1, Drive::Fade { x0, x1, y0: vec![Y[k - 1]], y1: vec![Y[k]] })
    }))
}

/// `v` of the synapse from input `j` after all fades, by Simpson's rule on its closed form; the weights stay as they are.
fn exact(w: [f64; 2], v0: f64, j: usize) -> f64 {
    let pieces = 2000_usize;
    let mut v = v0;
    for k in 1..X.len() {
        let at = |s: f64| {
            let x = [0, 1].map(|j| X[k - 1][j] + s * (X[k][j] - X[k - 1][j]));
            let delta = w[0] * x[0] + w[1] * x[1] - (Y[k - 1] + s * (Y[k] - Y[k - 1]));
            ((delta * x[j]).powi(2) + EPSILON * EPSILON) * (-(1.0 - s) * 0.1 / TAU_RHO).exp()
        };
        let sum: f64 = (0..pieces)
            .map(|i| {
                let [a, b] = [i, i + 1].map(|i| i as f64 / pieces as f64);
                (at(a) + 4.0 * at(0.5 * (a + b)) + at(b)) / 6.0
            })
            .sum();
        v = v * (-0.1 / TAU_RHO).exp() + sum / pieces as f64 * 0.1 / TAU_RHO;
    }
    v
}

#[test]
fn the_gain_keeps_to_its_tolerance_while_inputs_and_errors_change_at_once() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 0.3, tau_rho: TAU_RHO, epsilon: EPSILON };
    // So slow that the weights stay.
    let synapse = Synapse { rule, eta: 1e-13, w_max: f64::INFINITY, ..crate::support::synapse(Gain::Rms) };
    let mut architecture = network(&[2, 1], Activation::Linear, Readout::Linear);
    architecture.bias = false;
    let feedback = feedback(FeedbackMode::Symmetric, Traces::Shared);
    let dynamics = Dynamics::new(Source::Network(architecture), synapse, feedback, Coordinate::V);
    let (w, rho) = ([0.5, -0.3], 1.0);
    let mut start = State { t: 0.0, values: vec![0.0; dynamics.layout.len()] };
    let block = dynamics.layout.block("l1").unwrap();
    start.values[block.range(block.slot("w").unwrap())].copy_from_slice(&w);
    start.values[block.range(block.slot("rho").unwrap())].fill(rho);
    for order in [exponential::Order::Two, exponential::Order::Three, exponential::Order::Four] {
        for rtol in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
            let spec = ExponentialSpec { order, ..ExponentialSpec::default() };
            let options =
                SolverOptions { exponential: spec, ..options(Method::Exponential, rtol, Coordinate::V) };
            let end = integrate(&dynamics, &start, &options, &fades());
            for j in 0..2 {
                let (rho, v) = (value(&dynamics, &end, "l1", "rho", j), exact(w, rho.powi(-2), j));
                let error = (rho * v.sqrt() - 1.0).abs() / rtol;
                assert!(error < 6.0, "{order:?}, input {j}: {error} of {rtol:e}");
            }
        }
    }
}

/// Networks that learn so fast that units come on and go off all the time.
const JUMPY: &str = r#"
[data]
source = "blobs"
train = 30
test = 10
[stream]
crossfade = 0.1
[network]
activation = "relu"
[synapse]
eta = 1.0
[figures]
draw = []
"#;

/// Largest difference of the first layer's weights from `reference`, in parts of the largest.
fn off(sets: &[&str], reference: &[&str]) -> f64 {
    let weights = |sets: &[&str]| final_state(&prepare(JUMPY, sets)).remove("l1.w").unwrap();
    let (found, expected) = (weights(sets), weights(&[sets, reference].concat()));
    let top = expected.iter().fold(0.0, |top: f64, w| top.max(w.abs()));
    found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / top
}

#[test]
fn order_4_follows_units_that_go_off_between_two_rounds() {
    let sets = [
        "network.layers=[6, 4, 4, 3]",
        "stream.duration=1.9",
        "synapse.rule=rmsprop",
        "synapse.gain=mean-abs",
        "synapse.epsilon=0.1",
        "synapse.tau_rho=50",
        "synapse.rho0=5",
        "synapse.kappa=0.3",
        "feedback.mode=kolen-pollack",
        "solver.rtol=1e-4",
        "solver.order=4",
    ];
    for seed in ["seed=2", "seed=9"] {
        let error = off(&[&sets[..], &[seed]].concat(), &["solver.order=3", "solver.rtol=1e-5"]);
        assert!(error < 2e-3, "{seed}: {error}");
    }
}

#[test]
fn order_2_in_32_bits_is_not_held_up_by_rounding_where_units_come_on() {
    let sets = [
        "network.layers=[6, 5, 3]",
        "stream.duration=0.5",
        "synapse.rule=adam",
        "feedback.mode=symmetric",
        "solver.precision=f32",
        "solver.rtol=1e-5",
        "solver.order=2",
    ];
    let fine = ["solver.precision=f64", "solver.order=3", "solver.rtol=1e-6"];
    for seed in ["seed=0", "seed=1", "seed=2"] {
        let error = off(&[&sets[..], &[seed]].concat(), &fine);
        assert!(error < 2e-3, "{seed}: {error}");
    }
}
