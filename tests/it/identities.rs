//! The exact identities of the equations, on both gains where they apply, at two tolerances.

use synaptode::dynamics::{Dynamics, State};
use synaptode::network::init::protocol_start;
use synaptode::stream::{Segment, SynapseStart};
use synaptode::synapse::discrete::{AdamParameters, DiscreteAdam};
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Synapse, Traces};

use crate::support::*;

const TOLERANCES: [f64; 2] = [1e-5, 1e-9];
/// The error may exceed the tolerance by this: it accumulates over the steps.
const SLACK: f64 = 30.0;

fn start(dynamics: &Dynamics, w: f64, b: f64) -> State {
    let Synapse { m0, rho0, .. } = dynamics.synapse;
    protocol_start(dynamics, &[SynapseStart { w, b, m: m0, rho: rho0, scale: 1.0 }])
}

/// Jumps, both signs, silence.
fn pieces() -> Vec<(f64, f64, f64)> {
    vec![(0.7, 1.0, 1.0), (0.4, -2.0, -2.0), (1.5, 0.0, 0.0), (0.6, 0.3, 0.3)]
}

fn coordinates(gain: Gain) -> Vec<Coordinate> {
    if gain == Gain::Rms { vec![Coordinate::V, Coordinate::Rho] } else { vec![Coordinate::Rho] }
}

/// `m` and `rho` in closed form after `pieces` of constant `g`.
fn closed_form(synapse: &Synapse, pieces: &[(f64, f64, f64)]) -> (f64, f64) {
    let RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon } = synapse.rule else { unreachable!() };
    let (mut m, mut rho) = (synapse.m0, synapse.rho0);
    for (duration, g, _) in pieces {
        m = g + (m - g) * (-duration / tau_m).exp();
        rho = match gain {
            Gain::Rms => {
                let target = g * g + epsilon * epsilon;
                let v = target + (rho.powi(-2) - target) * (-duration / tau_rho).exp();
                v.sqrt().recip()
            }
            Gain::MeanAbs => {
                let rate = g.abs() + epsilon;
                rate.recip() + (rho - rate.recip()) * (-duration * rate / tau_rho).exp()
            }
        };
    }
    (m, rho)
}

#[test]
fn traces_and_gain_follow_their_closed_forms() {
    for (gain, method, tolerance) in gains_methods_tolerances() {
        for coordinate in coordinates(gain) {
            let synapse = Synapse { m0: 0.2, ..synapse(gain) };
            let dynamics = protocol(
                synapse,
                feedback(FeedbackMode::Predisposition, Traces::Shared),
                coordinate,
                vec![1.0],
            );
            let segments = linear_segments(&pieces());
            let end = integrate(
                &dynamics,
                &start(&dynamics, 0.1, 0.1),
                &options(method, tolerance, coordinate),
                &segments,
            );
            let (m, rho) = closed_form(&synapse, &pieces());
            let errors = [
                (value(&dynamics, &end, "s", "m", 0) - m).abs(),
                (value(&dynamics, &end, "s", "rho", 0) / rho - 1.0).abs(),
            ];
            let worst = errors[0].max(errors[1]);
            assert!(worst < SLACK * tolerance, "{gain:?} {method:?} {coordinate:?} {tolerance}: {errors:?}");
        }
    }
}

fn gains_methods_tolerances() -> Vec<(Gain, synaptode::solver::Method, f64)> {
    let mut all = Vec::new();
    for gain in [Gain::Rms, Gain::MeanAbs] {
        for method in ALL_METHODS {
            // The second-order method would need millions of steps at the tighter tolerance.
            let count = if method == synaptode::solver::Method::TrBdf2 { 1 } else { 2 };
            all.extend(TOLERANCES[..count].iter().map(|tolerance| (gain, method, *tolerance)));
        }
    }
    all
}

/// Integral of `u` and of `|u|` over segments of constant `g` by composite Simpson, cut where `m` crosses zero.
fn drive_integral(synapse: &Synapse, before: &[(f64, f64, f64)], g: f64, duration: f64) -> f64 {
    let n = 20_000;
    let drive = |t: f64| {
        let mut pieces = before.to_vec();
        pieces.push((t, g, g));
        let (m, rho) = closed_form(synapse, &pieces);
        (synapse.eta * rho * m).abs()
    };
    let h = duration / f64::from(n);
    let inner: f64 = (1..n).map(|k| drive(h * f64::from(k)) * if k % 2 == 1 { 4.0 } else { 2.0 }).sum();
    h / 3.0 * (drive(0.0) + drive(duration) + inner)
}

#[test]
fn soft_bound_follows_the_integral_of_the_drive() {
    for (gain, method, tolerance) in gains_methods_tolerances() {
        let synapse = Synapse { m0: 0.5, ..synapse(gain) };
        let coordinate = coordinates(gain)[0];
        let dynamics =
            protocol(synapse, feedback(FeedbackMode::Predisposition, Traces::Shared), coordinate, vec![1.0]);
        // g > 0 and m > 0 throughout: u is negative.
        let area = drive_integral(&synapse, &[], 0.8, 3.0);
        let expected = -1.0 + (0.6 + 1.0) * (-area).exp();
        let end = integrate(
            &dynamics,
            &start(&dynamics, 0.6, -0.9),
            &options(method, tolerance, coordinate),
            &linear_segments(&[(3.0, 0.8, 0.8)]),
        );
        let error = (value(&dynamics, &end, "s", "w", 0) - expected).abs();
        assert!(error < SLACK * tolerance, "{gain:?} {method:?} {tolerance}: {error:e}");
    }
}

#[test]
fn shared_traces_make_forward_and_feedback_contract_exactly() {
    for (gain, method, tolerance) in gains_methods_tolerances() {
        for kappa in [0.0, 0.2] {
            let synapse = Synapse { kappa, m0: 0.5, ..synapse(gain) };
            let coordinate = coordinates(gain)[0];
            let dynamics = protocol(
                synapse,
                feedback(FeedbackMode::Predisposition, Traces::Shared),
                coordinate,
                vec![1.0],
            );
            let pieces = [(1.0, 0.8, 0.8), (1.0, 0.2, 0.2)];
            let area: f64 =
                drive_integral(&synapse, &[], 0.8, 1.0) + drive_integral(&synapse, &pieces[..1], 0.2, 1.0);
            let expected = (0.6 + 0.9) * (-area - 2.0 * kappa).exp();
            let end = integrate(
                &dynamics,
                &start(&dynamics, 0.6, -0.9),
                &options(method, tolerance, coordinate),
                &linear_segments(&pieces),
            );
            let difference = value(&dynamics, &end, "s", "w", 0) - value(&dynamics, &end, "s", "b", 0);
            let error = (difference - expected).abs();
            assert!(error < SLACK * tolerance, "{gain:?} {method:?} {tolerance} {kappa}: {error:e}");
        }
    }
}

#[test]
fn own_traces_forget_their_different_start() {
    let synapse = synapse(Gain::Rms);
    let RuleSpec::BioAdam { tau_m, tau_rho, .. } = synapse.rule else { unreachable!() };
    let feedback = feedback(FeedbackMode::Predisposition, Traces::Own);
    for tolerance in TOLERANCES {
        let dynamics = protocol(synapse, feedback, Coordinate::V, vec![1.0]);
        let end = integrate(
            &dynamics,
            &start(&dynamics, 0.1, 0.3),
            &options(synaptode::solver::Method::Tsit45, tolerance, Coordinate::V),
            &linear_segments(&pieces()),
        );
        let get = |variable| value(&dynamics, &end, "s", variable, 0);
        let traces = (synapse.m0 - feedback.m0) * (-end.t / tau_m).exp();
        let gains = (synapse.rho0.powi(-2) - feedback.rho0.powi(-2)) * (-end.t / tau_rho).exp();
        assert!((get("m") - get("m_b") - traces).abs() < SLACK * tolerance);
        assert!((get("rho").powi(-2) - get("rho_b").powi(-2) - gains).abs() < SLACK * tolerance);
    }
}

#[test]
fn constant_gradient_gives_a_step_of_its_sign() {
    for gain in [Gain::Rms, Gain::MeanAbs] {
        let synapse = synapse(gain);
        let coordinate = coordinates(gain)[0];
        let dynamics =
            protocol(synapse, feedback(FeedbackMode::Fixed, Traces::Shared), coordinate, vec![1.0, -3.0]);
        let starts = vec![SynapseStart { w: 0.0, b: 0.0, m: 0.0, rho: 3.0, scale: 1.0 }; 2];
        let end = integrate(
            &dynamics,
            &protocol_start(&dynamics, &starts),
            &options(synaptode::solver::Method::Tsit45, 1e-9, coordinate),
            &linear_segments(&[(200.0, 0.5, 0.5)]),
        );
        for (index, g) in [0.5_f64, -1.5].into_iter().enumerate() {
            let locals = ["m", "rho"].map(|variable| value(&dynamics, &end, "s", variable, index));
            let limit = match gain {
                Gain::Rms => (g * g + 1e-4).sqrt(),
                Gain::MeanAbs => g.abs() + 0.01,
            };
            assert!((locals[0] - g).abs() < 1e-7 && (locals[1] * limit - 1.0).abs() < 1e-7);
            let u = dynamics.drive(end.t, &locals, g);
            assert!((u + synapse.eta * g / limit).abs() < 1e-7, "{u}");
        }
    }
}

/// Discrete Adam without bias correction from the same start, one step each `period`.
fn discrete(synapse: &Synapse, period: f64, signal: impl Fn(f64) -> f64, duration: f64) -> f64 {
    let RuleSpec::BioAdam { tau_m, tau_rho, .. } = synapse.rule else { unreachable!() };
    let (beta1, beta2) = ((-period / tau_m).exp(), (-period / tau_rho).exp());
    let (mut m, mut v, mut w) = (synapse.m0, synapse.rho0.powi(-2), 0.0);
    for k in 0..(duration / period).round() as u32 {
        let g = signal(f64::from(k) * period);
        m = beta1 * m + (1.0 - beta1) * g;
        v = beta2 * v + (1.0 - beta2) * g * g;
        w -= synapse.eta * period * m / v.sqrt();
    }
    w
}

#[test]
fn discrete_adam_converges_to_the_equations_with_order_one() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 0.5, tau_rho: 4.0, epsilon: 0.0 };
    let synapse = Synapse { rule, w_max: f64::INFINITY, ..synapse(Gain::Rms) };
    let dynamics = protocol(synapse, feedback(FeedbackMode::Fixed, Traces::Shared), Coordinate::V, vec![1.0]);
    let sine = synaptode::stream::Drive::Sine { mean: 0.5, amplitude: 1.0, period: 3.0 };
    let segments: Vec<Segment> = drives(vec![(3.0, sine)]);
    let exact = integrate(
        &dynamics,
        &start(&dynamics, 0.0, 0.0),
        &options(synaptode::solver::Method::Tsit45, 1e-10, Coordinate::V),
        &segments,
    );
    let exact = value(&dynamics, &exact, "s", "w", 0);
    let signal = |t: f64| 0.5 + (std::f64::consts::TAU * t / 3.0).sin();
    let errors = [0.01, 0.005, 0.0025].map(|period| (discrete(&synapse, period, signal, 3.0) - exact).abs());
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((order - 1.0).abs() < 0.2, "order {order}, errors {errors:?}");
    }
}

#[test]
fn discrete_adam_takes_steps_of_the_learning_rate() {
    // With bias correction the first step is the learning rate whatever the gradient's size (Kingma & Ba 2015).
    for g in [1e-3, 1.0, -50.0] {
        let parameters = AdamParameters { step: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 0.0 };
        let mut adam = DiscreteAdam::new(parameters, 0.0);
        adam.step(g);
        assert!((adam.w + 0.01 * g.signum()).abs() < 1e-15);
    }
}
