//! The discrete rules: the algorithm of machine learning, once a presentation.

use synaptode::dynamics::{Dynamics, Source};
use synaptode::network::{Activation, Architecture, Readout, init::network_start};
use synaptode::solver::Integrator;
use synaptode::solver::discrete::PerPresentation;
use synaptode::stream::Drive;
use synaptode::synapse::discrete::{AdamParameters, DiscreteAdam};
use synaptode::synapse::{Coordinate, FeedbackMode, RuleSpec, Synapse, Traces};

use crate::support::*;

#[test]
fn adam_matches_optax_to_rounding() {
    // optax 0.2.8 on jax 0.10.2 with 64-bit floats: adam(0.01, b1=0.9, b2=0.999, eps=1e-8) from w = 0.5.
    const TABLE: [(f64, f64); 10] = [
        (0.3, 0.4900000003333333),
        (-1.2, 0.49559503520975673),
        (0.0, 0.4999200133742616),
        (2.5, 0.4962801215227851),
        (-0.7, 0.4946249160344328),
        (0.05, 0.4931076883095439),
        (1e-4, 0.49178251071388696),
        (-3.0, 0.49455722310856987),
        (0.9, 0.49592851464200877),
        (0.4, 0.496692400423935),
    ];
    let parameters = AdamParameters { step: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mut adam = DiscreteAdam::new(parameters, 0.5);
    for (g, w) in TABLE {
        adam.step(g);
        assert!((adam.w - w).abs() < 1e-15, "{} instead of {w}", adam.w);
    }
}

/// A single linear unit with one input, under a rule that steps once a presentation.
fn one_weight(rule: RuleSpec, eta: f64) -> Dynamics {
    let architecture = Architecture {
        layers: vec![1, 1],
        activation: Activation::Linear,
        readout: Readout::Linear,
        bias: false,
        weight_scale: 1.0,
        neuron_tau: 0.0,
        scaling_tau: None,
    };
    let synapse =
        Synapse { rule, eta, w_max: f64::INFINITY, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 10.0 };
    let feedback = feedback(FeedbackMode::Symmetric, Traces::Shared);
    Dynamics::new(Source::Network(architecture), synapse, feedback, Coordinate::Rho)
}

const SAMPLES: [(f64, f64); 6] = [(1.0, 0.3), (-0.5, 1.0), (0.0, 0.2), (2.0, -1.0), (0.7, 0.7), (1.5, 0.1)];
const PERIOD: f64 = 0.1;

/// The weight after every presentation.
fn weights(dynamics: &Dynamics) -> (f64, Vec<f64>) {
    let start = network_start(dynamics, 1.0, 3);
    let mut engine = PerPresentation::new(dynamics, &start);
    let segments = drives(SAMPLES.map(|(x, y)| (PERIOD, Drive::Hold { x: vec![x], y: vec![y] })));
    let mut seen = Vec::new();
    for segment in &segments {
        engine.begin(segment).unwrap();
        engine.advance(&[], &mut |_| {}).unwrap();
        engine.look(&mut |view| seen.push(view.value(0, 0, 0, 0)));
    }
    (start.values[0], seen)
}

#[test]
fn a_network_under_discrete_adam_steps_as_adam_does() {
    let (tau_m, tau_v, epsilon) = (1.0, 100.0, 1e-8);
    let rule = RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction: true };
    let (w0, seen) = weights(&one_weight(rule, 0.1));
    let (beta1, beta2) = ((-PERIOD / tau_m).exp(), (-PERIOD / tau_v).exp());
    let mut adam = DiscreteAdam::new(AdamParameters { step: 0.1 * PERIOD, beta1, beta2, epsilon }, w0);
    for ((x, y), w) in SAMPLES.into_iter().zip(seen) {
        adam.step((adam.w * x - y) * x);
        assert!((adam.w - w).abs() < 1e-12, "{} instead of {w}", adam.w);
    }
}

#[test]
fn a_network_under_discrete_sgd_descends_the_gradient() {
    let (mut w, seen) = weights(&one_weight(RuleSpec::Sgd, 0.5));
    for ((x, y), after) in SAMPLES.into_iter().zip(seen) {
        w -= 0.5 * PERIOD * (w * x - y) * x;
        assert!((after - w).abs() < 1e-15);
    }
}
