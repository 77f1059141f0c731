//! The whole network against a plain integration that shares no code with the program.

mod plain;
mod views;

use synaptode::dynamics::{Dynamics, Source, State};
use synaptode::network::init::{direct_feedback, network_start};
use synaptode::network::{Activation, Architecture, Readout};
use synaptode::solver::{Method, exponential};
use synaptode::stream::{Drive, Segment};
use synaptode::synapse::{Coordinate, CriticalPeriod, FeedbackMode, Gain, RuleSpec, Traces};

use crate::support::*;

const LAYERS: [usize; 4] = [8, 6, 5, 4];

/// Three presentations with a cross-fade into each but the first.
pub fn stream(readout: Readout) -> Vec<Segment> {
    let x = |k: usize| (0..8).map(|j| ((j * 7 + k * 5) % 11) as f64 / 10.0 - 0.3).collect::<Vec<f64>>();
    let y = |k: usize| -> Vec<f64> {
        let one_hot = (0..4).map(move |i| f64::from(u8::from(i == k % 4)));
        if readout == Readout::Linear { one_hot.map(|y| y - 0.3).collect() } else { one_hot.collect() }
    };
    let mut pieces = vec![(0.3, Drive::Hold { x: x(0), y: y(0) })];
    for k in 1..3 {
        pieces.push((0.1, Drive::Fade { x0: x(k - 1), x1: x(k), y0: y(k - 1), y1: y(k) }));
        pieces.push((0.2, Drive::Hold { x: x(k), y: y(k) }));
    }
    drives(pieces)
}

pub struct Case {
    pub gain: Gain,
    pub mode: FeedbackMode,
    pub traces: Traces,
    pub activation: Activation,
    pub readout: Readout,
    pub kappa: f64,
}

/// Each option at least once, the usual ones together.
pub fn cases() -> Vec<Case> {
    let usual = |mode, traces, gain| Case {
        gain,
        mode,
        traces,
        activation: Activation::Tanh,
        readout: Readout::Softmax,
        kappa: 0.0,
    };
    let predisposed = || usual(FeedbackMode::Predisposition, Traces::Shared, Gain::Rms);
    let mut cases = Vec::new();
    for gain in [Gain::Rms, Gain::MeanAbs] {
        cases.push(usual(FeedbackMode::Predisposition, Traces::Shared, gain));
        cases.push(usual(FeedbackMode::Predisposition, Traces::Own, gain));
    }
    let unlearned =
        [FeedbackMode::Symmetric, FeedbackMode::SignSymmetric, FeedbackMode::Direct, FeedbackMode::Fixed];
    cases.extend(unlearned.map(|mode| usual(mode, Traces::Shared, Gain::Rms)));
    for traces in [Traces::Shared, Traces::Own] {
        cases.push(Case { kappa: 0.3, ..usual(FeedbackMode::KolenPollack, traces, Gain::Rms) });
    }
    cases.push(Case { kappa: 0.3, ..predisposed() });
    for activation in [Activation::Logistic, Activation::Linear] {
        cases.push(Case { activation, ..predisposed() });
    }
    for readout in [Readout::Logistic, Readout::Linear] {
        cases.push(Case { readout, ..predisposed() });
    }
    cases
}

pub fn system(case: &Case, coordinate: Coordinate) -> (Dynamics, State) {
    let w_max = if case.mode == FeedbackMode::KolenPollack { f64::INFINITY } else { 1.0 };
    let synapse = synaptode::synapse::Synapse { kappa: case.kappa, w_max, ..synapse(case.gain) };
    let coordinate = if case.gain == Gain::MeanAbs { Coordinate::Rho } else { coordinate };
    let network = network(&LAYERS, case.activation, case.readout);
    let direct = direct_feedback(&network, 7);
    let dynamics =
        Dynamics::new(Source::Network(network), synapse, feedback(case.mode, case.traces), coordinate)
            .with_direct(direct);
    let start = network_start(&dynamics, 1.0, 7);
    (dynamics, start)
}

#[test]
fn every_option_follows_the_plain_network() {
    for case in cases() {
        let segments = stream(case.readout);
        let (dynamics, start) = system(&case, Coordinate::V);
        let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
        let options = options(Method::Tsit45, 1e-7, dynamics.coordinate);
        let end = integrate(&dynamics, &start, &options, &segments);
        let error = distance(&end, &expected);
        assert!(
            error < 5e-6,
            "{:?} {:?} {:?} {:?} {:?}: {error:e}",
            case.gain,
            case.mode,
            case.traces,
            case.activation,
            case.readout
        );
    }
}

/// Every other rule in the usual network, and one whose bound loosens with age.
pub fn other_rules() -> Vec<(RuleSpec, Option<CriticalPeriod>)> {
    let adam = |bias_correction| RuleSpec::Adam { tau_m: 0.5, tau_v: 4.0, epsilon: 0.01, bias_correction };
    let rmsprop = |gain| RuleSpec::RmsProp { gain, tau_rho: 2.0, epsilon: 0.01 };
    let aging = CriticalPeriod { w_start: 0.4, w_end: 5.0, tau_age: 0.5 };
    let mut rules = vec![adam(false), adam(true), rmsprop(Gain::Rms), rmsprop(Gain::MeanAbs)];
    rules.extend([RuleSpec::Momentum { tau_m: 0.5 }, RuleSpec::Sgd]);
    let bio_adam = synapse(Gain::Rms).rule;
    rules.into_iter().map(|rule| (rule, None)).chain([(bio_adam, Some(aging))]).collect()
}

#[test]
fn leaky_neurons_and_synaptic_scaling_follow_the_plain_network() {
    for mode in [FeedbackMode::Predisposition, FeedbackMode::Symmetric, FeedbackMode::Direct] {
        for (neuron_tau, scaling) in [(0.02, None), (0.0, Some(0.5)), (0.05, Some(0.5))] {
            let case = Case { mode, ..cases().remove(0) };
            let segments = stream(case.readout);
            let (mut dynamics, _) = system(&case, Coordinate::V);
            let network = Architecture { neuron_tau, ..dynamics.network().unwrap().clone() };
            dynamics =
                Dynamics::new(Source::Network(network), dynamics.synapse, dynamics.feedback, Coordinate::V)
                    .with_direct(dynamics.direct);
            let start = network_start(&dynamics, 1.0, 7);
            if let Some(tau) = scaling {
                dynamics = dynamics.with_scaling(tau, &start);
            }
            let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
            for method in [Method::Tsit45, Method::Exponential] {
                let options = options(method, 1e-7, Coordinate::V);
                let end = integrate(&dynamics, &start, &options, &segments);
                let error = distance(&end, &expected);
                assert!(error < 5e-6, "{method:?} {mode:?} {neuron_tau} {scaling:?}: {error:e}");
            }
        }
    }
}

#[test]
fn leaky_neurons_tend_to_instantaneous_ones() {
    let case = cases().remove(0);
    let segments = stream(case.readout);
    let (instantaneous, start) = system(&case, Coordinate::V);
    let options = options(Method::Tsit45, 1e-6, Coordinate::V);
    let end = integrate(&instantaneous, &start, &options, &segments);
    let weights =
        |dynamics: &Dynamics, state: &State| state.values[dynamics.layout.blocks[0].range(0)].to_vec();
    let expected = weights(&instantaneous, &end);
    let errors = [0.008, 0.004, 0.002].map(|neuron_tau| {
        let network = Architecture { neuron_tau, ..instantaneous.network().unwrap().clone() };
        let dynamics = Dynamics::new(
            Source::Network(network),
            instantaneous.synapse,
            instantaneous.feedback,
            Coordinate::V,
        );
        let start = network_start(&dynamics, 1.0, 7);
        let seen = weights(&dynamics, &integrate(&dynamics, &start, &options, &segments));
        seen.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    });
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((order - 1.0).abs() < 0.2, "order {order}, errors {errors:?}");
    }
}

#[test]
fn every_rule_follows_the_plain_network() {
    for (rule, critical_period) in other_rules() {
        for traces in [Traces::Shared, Traces::Own] {
            let case = Case { traces, ..cases().remove(0) };
            let segments = stream(case.readout);
            let synapse = synaptode::synapse::Synapse { rule, critical_period, ..synapse(Gain::Rms) };
            let source = Source::Network(network(&LAYERS, case.activation, case.readout));
            let coordinate = if rule.gain() == Some(Gain::Rms) { Coordinate::V } else { Coordinate::Rho };
            let dynamics = Dynamics::new(source, synapse, feedback(case.mode, traces), coordinate);
            let mut start = network_start(&dynamics, 1.0, 7);
            if matches!(rule, RuleSpec::Adam { bias_correction: true, .. }) {
                // Bias correction is for moments that start at 0.
                for block in &dynamics.layout.blocks {
                    for slot in ["m_b", "v_b"].iter().filter_map(|name| block.slot(name)) {
                        start.values[block.range(slot)].fill(0.0);
                    }
                }
            }
            let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
            let options = options(Method::Tsit45, 1e-7, coordinate);
            let end = integrate(&dynamics, &start, &options, &segments);
            let error = distance(&end, &expected);
            // `|g|` of "mean-abs" has a kink wherever an error changes sign.
            assert!(error < 2e-5, "{rule:?} {traces:?} {critical_period:?}: {error:e}");
        }
    }
}

#[test]
fn every_solver_follows_the_plain_network() {
    let case = &cases()[0];
    let segments = stream(case.readout);
    for coordinate in [Coordinate::V, Coordinate::Rho] {
        let (dynamics, start) = system(case, coordinate);
        let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
        for method in ALL_METHODS {
            let end = integrate(&dynamics, &start, &options(method, 1e-5, coordinate), &segments);
            let error = distance(&end, &expected);
            assert!(error < 1e-4, "{method:?} {coordinate:?}: {error:e}");
        }
    }
}

#[test]
fn the_exponential_engine_follows_the_plain_network_in_everything_that_it_supports() {
    for case in cases() {
        let segments = stream(case.readout);
        let (dynamics, start) = system(&case, Coordinate::V);
        if exponential::supports(&dynamics).is_err() {
            assert!(matches!(case.mode, FeedbackMode::SignSymmetric | FeedbackMode::Direct));
            continue;
        }
        let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
        for (order, rtol, bound) in [(2, 1e-5, 1e-4), (3, 1e-5, 1e-4), (4, 1e-7, 5e-6)] {
            let mut options = options(Method::Exponential, rtol, dynamics.coordinate);
            options.exponential.order = order.try_into().unwrap();
            let end = integrate(&dynamics, &start, &options, &segments);
            let error = distance(&end, &expected);
            assert!(
                error < bound,
                "{:?} {:?} {:?} {:?} order {order}: {error:e}",
                case.gain,
                case.mode,
                case.traces,
                case.readout
            );
        }
    }
}

#[test]
fn relu_follows_the_plain_network_at_its_own_accuracy() {
    // The kinks of relu leave every solver at low order.
    let case = Case { activation: Activation::Relu, ..cases().remove(0) };
    let segments = stream(case.readout);
    let (dynamics, start) = system(&case, Coordinate::V);
    let expected = plain::integrate(&dynamics, &start, &segments, 2.5e-4);
    let end = integrate(&dynamics, &start, &options(Method::Tsit45, 1e-7, Coordinate::V), &segments);
    assert!(distance(&end, &expected) < 1e-4);
}
