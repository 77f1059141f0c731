//! One synapse among very many that sees a far larger signal: a mean over its layer would hide its error.

use super::problem::{Problem, Setting, network, options};
use crate::dynamics::State;
use crate::solver::exponential::{ExponentialOptions, Order};
use crate::stream::Drive;
use crate::synapse::FeedbackMode;

/// Presynaptic and postsynaptic unit of the hot synapse.
const HOT: [usize; 2] = [3, 7];
const LAYERS: [usize; 3] = [400, 250, 4];

/// 10^5 synapses into the hidden layer: all see next to nothing but one, whose input comes up and whose unit alone is told
/// of the error.
fn problem() -> Problem {
    let mut problem = network(&Setting { mode: FeedbackMode::Fixed, ..Setting::default() }, &LAYERS, 1);
    let [pre, post] = HOT;
    let (first, second) =
        (problem.dynamics.layout.block("l1").unwrap(), problem.dynamics.layout.block("l2").unwrap());
    let mut set = |index: usize, value: f64| problem.initial.values[index] = value;
    let b = second.range(second.slot("b").unwrap()).start;
    for unit in 0..LAYERS[1] {
        set(first.range(0).start + unit * LAYERS[0] + pre, if unit == post { 0.3 } else { 0.0 });
        for output in 0..LAYERS[2] {
            let sign = if output % 2 == 0 { 1.0 } else { -1.0 };
            set(b + output * LAYERS[1] + unit, if unit == post { 20.0 * sign } else { 0.0 });
        }
    }
    // Traces that are large everywhere: an error of one of them vanishes in their mean. Nothing else sets the step.
    for (block, m) in [(first, 0.3), (second, 3.0)] {
        for index in block.range(block.slot("m").unwrap()) {
            set(index, if index % 2 == 0 { m } else { -m });
        }
    }
    second.range(second.slot("rho").unwrap()).for_each(|index| set(index, 1e-2));
    let Drive::Hold { y, .. } = &problem.segments[0].drive else { panic!() };
    let quiet = vec![1e-3; LAYERS[0]];
    let mut loud = quiet.clone();
    loud[pre] = 4.0;
    problem.segments[0].drive = Drive::Fade { x0: quiet, x1: loud, y0: y.clone(), y1: y.clone() };
    problem
}

#[test]
fn the_hottest_of_many_synapses_keeps_its_tolerance() {
    let problem = problem();
    let block = problem.dynamics.layout.block("l1").unwrap();
    let solve = |order, rtol| problem.solve(&ExponentialOptions { order, ..options(rtol) }).0;
    let exact = solve(Order::Four, 1e-9);
    let value = |state: &State, variable: &str| {
        state.values[block.range(block.slot(variable).unwrap()).start + HOT[1] * LAYERS[0] + HOT[0]]
    };
    assert!(value(&exact, "m").abs() > 3.0, "{} is not hot", value(&exact, "m"));
    // The estimate of order 2 is sharp, those of the others are on the safe side.
    for (order, times) in [(Order::Two, 6.0), (Order::Three, 1.0), (Order::Four, 1.0)] {
        for rtol in [1e-2, 1e-3, 1e-4] {
            let found = solve(order, rtol);
            for variable in ["w", "m", "rho"] {
                let (found, exact) = (value(&found, variable), value(&exact, variable));
                let error = (found / exact - 1.0).abs();
                assert!(error < times * rtol, "{order:?} at {rtol:e}: {variable} is off by {error:e}");
            }
        }
    }
}
