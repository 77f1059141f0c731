//! Traps of the general solvers: each test fails without the engine's handling of it.

use synaptode::network::init::protocol_start;
use synaptode::solver::general::with_integrator;
use synaptode::solver::{AbsoluteTolerance, Method, SolverOptions, Statistics};
use synaptode::stream::SynapseStart;
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Synapse, Traces};

use crate::support::*;

fn fixed() -> synaptode::synapse::Feedback {
    feedback(FeedbackMode::Fixed, Traces::Shared)
}

/// Final values of `variable` and the cost.
fn run(
    synapse: Synapse,
    coordinate: Coordinate,
    scale: Vec<f64>,
    options: &SolverOptions,
    pieces: &[(f64, f64, f64)],
    variable: &str,
) -> (Vec<f64>, Statistics) {
    let starts =
        vec![SynapseStart { w: 0.0, b: 0.0, m: synapse.m0, rho: synapse.rho0, scale: 1.0 }; scale.len()];
    let dynamics = protocol(synapse, fixed(), coordinate, scale);
    let start = protocol_start(&dynamics, &starts);
    let (state, cost) = with_integrator(&dynamics, &start, options, |integrator| {
        let state = walk(integrator, &linear_segments(pieces), &mut |_| {}).unwrap();
        (state, integrator.statistics())
    })
    .unwrap();
    let values = (0..starts.len()).map(|index| value(&dynamics, &state, "s", variable, index)).collect();
    (values, cost)
}

#[test]
fn a_gain_that_overflows_a_trial_step_is_stepped_back_not_accepted() {
    // A synapse that was silent for long (rho = 1/epsilon) meets a large g: one step over the presentation overflows.
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 1.0, tau_rho: 100.0, epsilon: 1e-3 };
    let synapse = Synapse { rule, rho0: 1000.0, eta: 0.01, ..synapse(Gain::Rms) };
    for g in [1.0, 5.0, 50.0] {
        let options = SolverOptions {
            atol: AbsoluteTolerance { rho: 1e-3, ..AbsoluteTolerance::default() },
            ..options(Method::Tsit45, 1e-6, Coordinate::Rho)
        };
        let pieces = [(0.1, 0.0, 0.0), (0.1, g, g)];
        let (rho, _) = run(synapse, Coordinate::Rho, vec![1.0], &options, &pieces, "rho");
        let v = g * g + 1e-6 + (1e-6 - g * g - 1e-6) * (-1e-3_f64).exp();
        let error = (rho[0] * v.sqrt() - 1.0).abs();
        assert!(error < 1e-3, "g = {g}: relative error {error:e}");
    }
}

#[test]
fn the_derivative_is_fresh_after_each_change_of_input() {
    let pieces: Vec<_> =
        (0..50).map(|k| if k % 2 == 0 { (0.1, 1.0, 1.0) } else { (0.1, -1.0, -1.0) }).collect();
    let options = options(Method::Tsit45, 1e-8, Coordinate::V);
    let (m, cost) = run(synapse(Gain::Rms), Coordinate::V, vec![1.0], &options, &pieces, "m");
    let exact = pieces.iter().fold(0.0, |m, (duration, g, _)| g + (m - g) * (-duration / 0.5_f64).exp());
    assert!((m[0] - exact).abs() < 1e-8, "error {:e}", m[0] - exact);
    assert!(cost.steps < 30 * 50, "{cost:?}");
}

#[test]
fn one_hot_synapse_among_many_is_as_exact_as_the_rest() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 0.05, tau_rho: 0.2, epsilon: 0.01 };
    let synapse = Synapse { rule, ..synapse(Gain::Rms) };
    let mut scale = vec![0.0; 10_000];
    scale[4321] = 1.0;
    let options = options(Method::Tsit45, 1e-4, Coordinate::V);
    let (m, _) = run(synapse, Coordinate::V, scale, &options, &[(0.1, 1.0, 1.0)], "m");
    let error = (m[4321] - (1.0 - (-2.0_f64).exp())).abs();
    assert!(error < 1e-4, "error {error:e}");
}

#[test]
fn newton_failures_do_not_add_up_over_a_long_run() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 1.0, tau_rho: 1.0, epsilon: 1e-3 };
    let synapse = Synapse { rule, rho0: 1000.0, ..synapse(Gain::Rms) };
    let pieces: Vec<_> =
        (0..400).map(|k| if k % 2 == 0 { (20.0, 0.0, 0.0) } else { (0.1, 3.0, 3.0) }).collect();
    for method in [Method::Bdf, Method::TrBdf2] {
        let options = options(method, 1e-4, Coordinate::Rho);
        let (rho, _) = run(synapse, Coordinate::Rho, vec![1.0], &options, &pieces, "rho");
        let v = pieces.iter().fold(1e-6, |v, (duration, g, _)| {
            let target = g * g + 1e-6;
            target + (v - target) * (-duration).exp()
        });
        assert!((rho[0] * v.sqrt() - 1.0).abs() < 1e-2, "{method:?}");
    }
}

#[test]
fn a_pulse_between_long_silences_is_not_stepped_over() {
    let pieces = [(1000.0, 0.0, 0.0), (0.01, 1.0, 1.0), (1000.0, 0.0, 0.0)];
    let (w, _) = run(
        synapse(Gain::Rms),
        Coordinate::V,
        vec![1.0],
        &options(Method::Tsit45, 1e-6, Coordinate::V),
        &pieces,
        "w",
    );
    assert!(w[0] < -1e-3, "the pulse left no trace: {w:?}");
}

#[test]
fn both_coordinates_of_the_gain_agree() {
    let pieces = [(0.7, 1.0, 1.0), (0.4, -2.0, -2.0), (1.5, 0.0, 0.0), (0.6, 0.3, 0.3)];
    for variable in ["w", "rho", "m"] {
        let [a, b] = [Coordinate::V, Coordinate::Rho].map(|coordinate| {
            let options = options(Method::Tsit45, 1e-9, coordinate);
            run(synapse(Gain::Rms), coordinate, vec![1.0, -0.5], &options, &pieces, variable).0
        });
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6), "{variable}: {a:?} {b:?}");
    }
}

#[test]
fn a_step_budget_that_runs_out_says_when_where_and_what_to_do() {
    let dynamics = protocol(synapse(Gain::Rms), fixed(), Coordinate::Rho, vec![1.0]);
    let start = protocol_start(&dynamics, &[SynapseStart { w: 0.0, b: 0.0, m: 0.0, rho: 100.0, scale: 1.0 }]);
    let options = SolverOptions { max_steps: 3, ..options(Method::Tsit45, 1e-9, Coordinate::Rho) };
    let error =
        try_integrate(&dynamics, &start, &options, &linear_segments(&[(5.0, 100.0, 100.0)])).unwrap_err();
    let text = error.to_string();
    for part in ["presentation 0", "synapse s0", "rho", "3 steps", "synapse.eta"] {
        assert!(text.contains(part), "{part} is missing in: {text}");
    }
}
