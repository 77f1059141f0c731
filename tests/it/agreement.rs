//! The whole network against a plain integration that shares no code with the program.

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

/// A plain network of the same equations: nested vectors, one function, classical Runge-Kutta.
mod plain {
    use super::*;

    fn mix(a: &[f64], b: &[f64], s: f64) -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| (1.0 - s) * a + s * b).collect()
    }

    fn logistic(z: f64) -> f64 {
        1.0 / (1.0 + (-z).exp())
    }

    /// `dy/dt`, everything by the book, in the order of the program's layout.
    pub fn derivative(dynamics: &Dynamics, segment: &Segment, t: f64, y: &[f64]) -> Vec<f64> {
        let network = dynamics.network().unwrap();
        let (x0, target) = match &segment.drive {
            Drive::Hold { x, y } => (x.clone(), y.clone()),
            Drive::Fade { x0, x1, y0, y1 } => {
                let s = (t - segment.t0) / (segment.t1 - segment.t0);
                (mix(x0, x1, s), mix(y0, y1, s))
            }
            _ => unreachable!(),
        };
        let get = |block: &str, variable: &str, s: usize| {
            let block = dynamics.layout.block(block).unwrap();
            y[block.range(block.slot(variable).unwrap()).start + s]
        };
        let depth = network.layers.len() - 1;
        let leaky = network.neuron_tau > 0.0;
        let mut net = vec![Vec::new()];
        let mut x = vec![x0];
        for l in 1..=depth {
            let pre = network.layers[l - 1];
            let own = |s: usize| get(&format!("l{l}.neurons"), "z", s);
            let input: Vec<f64> = (0..network.layers[l])
                .map(|i| {
                    let bias = get(&format!("l{l}.bias"), "w", i);
                    bias + (0..pre)
                        .map(|j| get(&format!("l{l}"), "w", i * pre + j) * x[l - 1][j])
                        .sum::<f64>()
                })
                .collect();
            let z = if leaky { (0..input.len()).map(own).collect() } else { input.clone() };
            net.push(input);
            let out = if l < depth {
                z.iter()
                    .map(|z| match network.activation {
                        Activation::Tanh => z.tanh(),
                        Activation::Relu => z.max(0.0),
                        Activation::Logistic => logistic(*z),
                        Activation::Linear => *z,
                    })
                    .collect()
            } else {
                match network.readout {
                    Readout::Softmax => {
                        let sum: f64 = z.iter().map(|z| z.exp()).sum();
                        z.iter().map(|z| z.exp() / sum).collect()
                    }
                    Readout::Logistic => z.iter().map(|z| logistic(*z)).collect(),
                    Readout::Linear => z,
                }
            };
            x.push(out);
        }
        let mut delta = vec![Vec::new(); depth + 1];
        // What reaches each error unit, and what it says: the same at once, or its own state.
        let mut arriving = delta.clone();
        arriving[depth] = x[depth].iter().zip(&target).map(|(x, y)| x - y).collect();
        let says = |l: usize, arriving: &Vec<f64>| -> Vec<f64> {
            if !leaky {
                return arriving.clone();
            }
            (0..arriving.len()).map(|s| get(&format!("l{l}.neurons"), "e", s)).collect()
        };
        delta[depth] = says(depth, &arriving[depth]);
        for l in (1..depth).rev() {
            let name = format!("l{}", l + 1);
            let (pre, post) = (network.layers[l], network.layers[l + 1]);
            let w = |s: usize| get(&name, "w", s);
            let size = ((0..pre * post).map(|s| w(s) * w(s)).sum::<f64>() / (pre * post) as f64).sqrt();
            arriving[l] = (0..pre)
                .map(|j| {
                    let chain = |b: &dyn Fn(usize) -> f64| -> f64 {
                        (0..post).map(|i| b(i * pre + j) * delta[l + 1][i]).sum()
                    };
                    match dynamics.feedback.mode {
                        FeedbackMode::Symmetric => chain(&w),
                        FeedbackMode::SignSymmetric => chain(&|s| size * w(s).signum()),
                        FeedbackMode::Direct => {
                            let errors = delta[depth].iter().enumerate();
                            errors.map(|(i, error)| dynamics.direct[l - 1][i * pre + j] * error).sum()
                        }
                        _ => chain(&|s| get(&name, "b", s)),
                    }
                })
                .collect();
            delta[l] = says(l, &arriving[l])
                .iter()
                .zip(&x[l])
                .map(|(e, x)| {
                    e * match network.activation {
                        Activation::Tanh => 1.0 - x * x,
                        Activation::Relu => f64::from(u8::from(*x > 0.0)),
                        Activation::Logistic => x * (1.0 - x),
                        Activation::Linear => 1.0,
                    }
                })
                .collect();
        }
        let (eta, kappa) = (dynamics.synapse.eta, dynamics.synapse.kappa);
        let w_max = match dynamics.synapse.critical_period {
            None => dynamics.synapse.w_max,
            Some(CriticalPeriod { w_start, w_end, tau_age }) => {
                1.0 / (1.0 / w_end + (1.0 / w_start - 1.0 / w_end) * (-t / tau_age).exp())
            }
        };
        let mut out = vec![0.0; y.len()];
        for block in dynamics.layout.blocks.iter().filter(|block| block.is_neurons()) {
            for s in 0..block.post {
                let (z, e) = (block.range(0).start + s, block.range(1).start + s);
                out[z] = (net[block.layer][s] - y[z]) / network.neuron_tau;
                out[e] = (arriving[block.layer][s] - y[e]) / network.neuron_tau;
            }
        }
        for block in dynamics.layout.blocks.iter().filter(|block| !block.is_neurons()) {
            for s in 0..block.synapses() {
                let (i, j) = (s / block.pre, s % block.pre);
                let pre = if block.is_bias() { 1.0 } else { x[block.layer - 1][j] };
                let g = delta[block.layer][i] * pre;
                let at = |slot: usize| block.range(slot).start + s;
                let gain = |kind: Gain, tau_rho: f64, epsilon: f64, rho: f64| match kind {
                    Gain::Rms => rho * (1.0 - rho * rho * (g * g + epsilon * epsilon)) / (2.0 * tau_rho),
                    Gain::MeanAbs => (1.0 - rho * (g.abs() + epsilon)) / tau_rho,
                };
                let mut local = |first: usize| match dynamics.synapse.rule {
                    RuleSpec::BioAdam { gain: kind, tau_m, tau_rho, epsilon } => {
                        let (m, rho) = (y[at(first)], y[at(first + 1)]);
                        out[at(first)] = (g - m) / tau_m;
                        out[at(first + 1)] = gain(kind, tau_rho, epsilon, rho);
                        -eta * rho * m
                    }
                    RuleSpec::RmsProp { gain: kind, tau_rho, epsilon } => {
                        let rho = y[at(first)];
                        out[at(first)] = gain(kind, tau_rho, epsilon, rho);
                        -eta * rho * g
                    }
                    RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction } => {
                        let (m, v) = (y[at(first)], y[at(first + 1)]);
                        out[at(first)] = (g - m) / tau_m;
                        out[at(first + 1)] = (g * g - v) / tau_v;
                        match (bias_correction, t > 0.0) {
                            (true, false) => -eta * g / (g.abs() + epsilon),
                            (true, true) => {
                                let (m, v) = (m / (1.0 - (-t / tau_m).exp()), v / (1.0 - (-t / tau_v).exp()));
                                -eta * m / (v.sqrt() + epsilon)
                            }
                            (false, _) => -eta * m / (v.sqrt() + epsilon),
                        }
                    }
                    RuleSpec::Momentum { tau_m } => {
                        let m = y[at(first)];
                        out[at(first)] = (g - m) / tau_m;
                        -eta * m
                    }
                    RuleSpec::Sgd => -eta * g,
                    RuleSpec::Model => unreachable!("no text is integrated here"),
                };
                let u = local(1);
                let growth = match &dynamics.scaling {
                    Some(scaling) if !block.is_bias() => {
                        let row = (0..block.pre).map(|j| y[block.range(0).start + i * block.pre + j]);
                        let norm = row.map(|w| w * w).sum::<f64>().sqrt();
                        (1.0 - norm / scaling.norms[block.layer - 1][i]).max(0.0) / scaling.tau
                    }
                    _ => 0.0,
                };
                let soft = |u: f64, w: f64, bound: f64| u - u.abs() * w / bound - kappa * w + growth * w;
                if let Some(slot) = block.slot("b") {
                    let u_b = if dynamics.feedback.has_own_traces() { local(slot + 1) } else { u };
                    out[at(slot)] = match dynamics.feedback.mode {
                        FeedbackMode::Predisposition => soft(u_b, y[at(slot)], w_max),
                        FeedbackMode::KolenPollack => soft(u_b, y[at(slot)], f64::INFINITY),
                        _ => 0.0,
                    };
                }
                out[at(0)] = soft(u, y[at(0)], w_max);
            }
        }
        out
    }

    pub fn integrate(dynamics: &Dynamics, start: &State, segments: &[Segment], h: f64) -> State {
        let mut y = start.values.clone();
        for segment in segments {
            let n = ((segment.t1 - segment.t0) / h).ceil().max(1.0);
            let h = (segment.t1 - segment.t0) / n;
            for k in 0..n as u32 {
                let t = segment.t0 + h * f64::from(k);
                let add = |y: &[f64], d: &[f64], f: f64| -> Vec<f64> {
                    y.iter().zip(d).map(|(y, d)| y + f * d).collect()
                };
                let k1 = derivative(dynamics, segment, t, &y);
                let k2 = derivative(dynamics, segment, t + h / 2.0, &add(&y, &k1, h / 2.0));
                let k3 = derivative(dynamics, segment, t + h / 2.0, &add(&y, &k2, h / 2.0));
                let k4 = derivative(dynamics, segment, t + h, &add(&y, &k3, h));
                for (s, y) in y.iter_mut().enumerate() {
                    *y += h / 6.0 * (k1[s] + 2.0 * k2[s] + 2.0 * k3[s] + k4[s]);
                }
            }
        }
        State { t: segments.last().unwrap().t1, values: y }
    }
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

#[test]
fn looking_changes_nothing_to_the_bit() {
    let case = &cases()[0];
    let segments = stream(case.readout);
    let (dynamics, start) = system(case, Coordinate::V);
    let options = options(Method::Tsit45, 1e-4, Coordinate::V);
    let silent = integrate(&dynamics, &start, &options, &segments);
    let watched = synaptode::solver::general::with_integrator(&dynamics, &start, &options, |integrator| {
        let mut seen = 0;
        for segment in &segments {
            integrator.begin(segment).unwrap();
            integrator.look(&mut |view| seen += usize::from(view.g(0, 1, 2).is_finite()));
            let times: Vec<f64> =
                (1..10).map(|k| segment.t0 + (segment.t1 - segment.t0) * f64::from(k) / 10.0).collect();
            integrator
                .advance(&times, &mut |view| seen += usize::from(view.value(0, 0, 1, 2).is_finite()))
                .unwrap();
        }
        assert_eq!(seen, segments.len() * 10);
        integrator.state()
    })
    .unwrap();
    assert_eq!(silent, watched);
}

#[test]
fn dense_output_between_breakpoints_is_as_exact_as_the_breakpoints() {
    let case = &cases()[0];
    let segments = stream(case.readout);
    let (dynamics, start) = system(case, Coordinate::V);
    for method in ALL_METHODS {
        let options = options(method, 1e-6, Coordinate::V);
        let at = segments[2].t0 + 0.0637;
        let mut halted = segments[..3].to_vec();
        halted[2].t1 = at;
        let expected = plain::integrate(&dynamics, &start, &halted, 2.5e-4);
        let mut seen = vec![0.0; dynamics.layout.len()];
        synaptode::solver::general::with_integrator(&dynamics, &start, &options, |integrator| {
            walk(integrator, &segments[..2], &mut |_| {}).unwrap();
            integrator.begin(&segments[2]).unwrap();
            integrator
                .advance(&[at], &mut |view| {
                    for (index, block) in dynamics.layout.blocks.iter().enumerate() {
                        for slot in 0..block.variables.len() {
                            view.read(index, slot, &mut seen[block.range(slot)]);
                        }
                    }
                })
                .unwrap();
        })
        .unwrap();
        let error = distance(&State { t: at, values: seen }, &expected);
        assert!(error < 1e-4, "{method:?}: {error:e}");
    }
}

#[test]
fn gradient_signals_are_the_loss_gradient() {
    for activation in [Activation::Tanh, Activation::Relu, Activation::Logistic, Activation::Linear] {
        for readout in [Readout::Softmax, Readout::Logistic, Readout::Linear] {
            let case = Case { activation, readout, mode: FeedbackMode::Symmetric, ..cases().remove(0) };
            let (dynamics, start) = system(&case, Coordinate::V);
            let network = dynamics.network().unwrap();
            let segment = &stream(readout)[0];
            let mut workspace = dynamics.workspace::<f64>();
            let mut loss = |values: &[f64]| {
                dynamics.signals(segment, segment.t0, values, &mut workspace);
                network.readout.loss(&workspace.signals.x[3], &workspace.signals.target)
            };
            let mut values = start.values.clone();
            let h = 1e-6;
            let mut differences = vec![0.0; values.len()];
            for block in &dynamics.layout.blocks {
                for index in block.range(0) {
                    let w = values[index];
                    values[index] = w + h;
                    let above = loss(&values);
                    values[index] = w - h;
                    differences[index] = (above - loss(&values)) / (2.0 * h);
                    values[index] = w;
                }
            }
            dynamics.signals(segment, segment.t0, &start.values, &mut workspace);
            for block in &dynamics.layout.blocks {
                let (delta, x) = dynamics.factors(block, &workspace);
                for (s, index) in block.range(0).enumerate() {
                    let g = delta[s / block.pre] * x[s % block.pre];
                    let error = (g - differences[index]).abs();
                    assert!(error < 1e-8, "{activation:?} {readout:?} {}: {error:e}", block.name);
                }
            }
        }
    }
}
