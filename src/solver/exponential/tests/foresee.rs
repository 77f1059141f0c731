//! Forecasts that are made before the errors are known: those made afterwards, to the bit.

use super::problem::{Problem, Setting, network, options};
use crate::dynamics::State;
use crate::solver::Integrator;
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::shard::Foresight;
use crate::solver::exponential::{ExponentialOptions, Order};
use crate::synapse::Traces;

/// The state at the end, and how many sums of weights and of biases were foreseen at the last start of a step; if `late`, none may be before the errors
/// are known.
fn solve(problem: &Problem, options: &ExponentialOptions, late: bool) -> (State, usize) {
    let mut engine = Engine::<f64>::new(problem.dynamics.clone(), &problem.initial, options).unwrap();
    let mut foreseen = 0;
    for segment in &problem.segments {
        if late {
            engine.crew.shards().for_each(|mut shard| shard.foresight = Foresight::Rough);
        }
        engine.begin(segment).unwrap();
        foreseen +=
            engine.crew.shards().filter(|shard| matches!(shard.foresight, Foresight::Until(_))).count();
        engine.advance(&[], &mut |_| {}).unwrap();
    }
    (engine.state(), foreseen)
}

#[test]
fn a_forecast_is_the_same_before_and_after_the_errors_are_known() {
    // Rows of several cache lines, and a number of inputs that asks for padding.
    let layers = [9, 70, 5];
    let settings = [
        Setting::default(),
        Setting { fade: true, traces: Traces::Own, ..Setting::default() },
        Setting { w_max: f64::INFINITY, tau: 0.05, ..Setting::default() },
        Setting { scaling: Some(2.0), ..Setting::default() },
    ];
    for setting in settings {
        let problem = network(&setting, &layers, 6);
        for order in [Order::Two, Order::Three, Order::Four] {
            for skip_silent in [false, true] {
                let options = ExponentialOptions { order, skip_silent, ..options(1e-4) };
                let ((found, foreseen), (expected, none)) =
                    (solve(&problem, &options, false), solve(&problem, &options, true));
                assert!(foreseen > 0 && none == 0, "{setting:?}: {foreseen} and {none}");
                assert!(found.values == expected.values, "{setting:?}, {order:?}, skip {skip_silent}");
            }
        }
    }
}

/// Gains that are too much for the series whatever the error, or with those that are found.
#[test]
fn what_the_series_do_not_take_goes_the_long_way() {
    for (rho, is_foreseen) in [(300.0, false), (50.0, true)] {
        let mut problem = network(&Setting::default(), &[9, 70, 5], 1);
        let block = problem.dynamics.layout.block("l1").unwrap();
        for index in block.range(block.slot("rho").unwrap()) {
            problem.initial.values[index] = rho;
        }
        for index in block.range(block.slot("m").unwrap()) {
            problem.initial.values[index] *= 0.1;
        }
        let (found, foreseen) = solve(&problem, &options(1e-3), false);
        assert_eq!(foreseen > 2, is_foreseen, "rho = {rho}: {foreseen}, with those of the biases");
        assert_eq!(found.values, solve(&problem, &options(1e-3), true).0.values, "rho = {rho}");
        let exact = problem.solve(&ExponentialOptions { order: Order::Four, ..options(1e-9) }).0;
        for (variable, error) in problem.errors(&found, &exact) {
            assert!(error < 1e-3, "rho = {rho}: {variable} is off by {error:e}");
        }
    }
}
