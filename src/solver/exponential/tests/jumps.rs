//! Signals that jump within a step, among many that are smooth.

use super::problem::{Problem, Setting, network, options};
use crate::dynamics::State;
use crate::network::Activation;
use crate::solver::exponential::control::Control;
use crate::solver::exponential::rule::Constants;
use crate::solver::exponential::{ExponentialOptions, Order};
use crate::stream::Drive;
use crate::synapse::FeedbackMode;

/// A cross-fade to another sample.
fn fade(setting: Setting) -> Problem {
    let mut problem = network(&Setting { fade: true, ..setting }, &[8, 60, 4], 2);
    problem.segments.retain(|segment| matches!(segment.drive, Drive::Fade { .. }));
    problem.initial.t = problem.segments[0].t0;
    if let Drive::Fade { y0, y1, .. } = &mut problem.segments[0].drive {
        y0.copy_from_slice(&[0.0, 1.0, 0.0, 0.0]);
        y1.copy_from_slice(&[0.0, 0.0, 1.0, 0.0]);
    }
    problem
}

/// The first output's first weight crosses zero at about the part `part` of a cross-fade, where that output is told of an error of
/// about `exp(bias) / 3`.
fn flip(part: f64, bias: f64) -> Problem {
    let mut problem = fade(Setting { mode: FeedbackMode::SignSymmetric, ..Setting::default() });
    let layout = &problem.dynamics.layout;
    let block = layout.block("l2").unwrap();
    let (w, m) = (block.range(0).start, block.range(block.slot("m").unwrap()).start);
    let biases = layout.block("l2.bias").unwrap().range(0).start;
    for (index, value) in [(m, -0.5), (w, -0.04 * part), (biases, bias)] {
        problem.initial.values[index] = value;
    }
    problem
}

/// Largest error of the hidden layer's `m`, relative to its largest value.
fn error(problem: &Problem, found: &State, exact: &State) -> f64 {
    let block = problem.dynamics.layout.block("l1").unwrap();
    let m = block.range(block.slot("m").unwrap());
    let top = exact.values[m.clone()].iter().fold(0.0_f64, |top, m| top.max(m.abs()));
    m.map(|index| (found.values[index] - exact.values[index]).abs()).fold(0.0, f64::max) / top
}

/// The largest error in units of the tolerance over `problems`, at several tolerances.
fn worst(order: Order, problems: &[Problem]) -> f64 {
    let mut worst: f64 = 0.0;
    for problem in problems {
        let exact = problem.solve(&ExponentialOptions { order: Order::Four, ..options(1e-9) }).0;
        for rtol in [1e-3, 1e-4, 1e-5] {
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
            worst = worst.max(error(problem, &found, &exact) / rtol);
        }
    }
    worst
}

#[test]
fn a_weight_that_changes_its_sign_keeps_the_tolerance() {
    let parts = (0..12).map(|k| (f64::from(k) + 0.5) / 12.0);
    let problems: Vec<_> = parts.flat_map(|part| [-2.0, -3.0, -4.0].map(|bias| flip(part, bias))).collect();
    for order in [Order::Three, Order::Four] {
        let error = worst(order, &problems);
        assert!(error < 1.2, "{order:?}: {error} of the tolerance");
    }
}

/// Of many relu units, all but one of which are on, that one comes on or goes off within a cross-fade. Its feedback weights are
/// `scale` times those of others.
fn threshold(bias: f64, scale: f64) -> Problem {
    let setting = Setting { mode: FeedbackMode::Fixed, activation: Activation::Relu, ..Setting::default() };
    let mut problem = fade(setting);
    let layout = &problem.dynamics.layout;
    let (biases, above) = (layout.block("l1.bias").unwrap().range(0), layout.block("l2").unwrap());
    let b = above.range(above.slot("b").unwrap());
    problem.initial.values[biases.clone()].fill(0.7);
    problem.initial.values[biases.start] = bias;
    for index in b.step_by(above.pre) {
        problem.initial.values[index] *= scale;
    }
    problem
}

#[test]
fn a_unit_whose_slope_jumps_keeps_the_tolerance() {
    let biases = (0..12).map(|k| f64::from(k) / 12.0 - 0.5);
    let problems: Vec<_> =
        biases.flat_map(|bias| [1.0, 0.3, 0.1, 0.03].map(|scale| threshold(bias, scale))).collect();
    for order in [Order::Three, Order::Four] {
        let error = worst(order, &problems);
        assert!(error < 1.2, "{order:?}: {error} of the tolerance");
    }
}

/// Units that come on and go off in every cross-fade, in all layers' variables.
#[test]
fn relu_keeps_the_tolerance_however_errors_come_down() {
    for mode in [FeedbackMode::Fixed, FeedbackMode::SignSymmetric, FeedbackMode::Predisposition] {
        let setting = Setting { mode, activation: Activation::Relu, fade: true, ..Setting::default() };
        let problem = network(&setting, &[64, 32, 10], 4);
        let exact = problem.solve(&ExponentialOptions { order: Order::Four, ..options(1e-9) }).0;
        for (order, rtol) in
            [Order::Three, Order::Four].into_iter().flat_map(|order| [(order, 1e-3), (order, 1e-5)])
        {
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
            for (variable, error) in problem.errors(&found, &exact) {
                assert!(error < 1.5 * rtol, "{mode:?}, {order:?}, {rtol:e}: {variable} is off by {error:e}");
            }
        }
    }
}

/// What lasts for a segment by order 2's account would ask for steps of no length at a jump.
#[test]
fn order_two_gets_past_jumps() {
    // Where signs jump every step counts for itself, so that errors add up.
    let by_sign = worst(Order::Two, &[flip(0.4, -2.0)]);
    let by_slope = worst(Order::Two, &[threshold(-0.2, 1.0), threshold(0.1, 1.0)]);
    assert!(by_sign < 10.0 && by_slope < 3.0, "signs {by_sign}, slopes {by_slope} of the tolerance");
}

#[test]
fn a_jump_is_met_by_short_steps_at_once() {
    let constants = Constants::new(&flip(0.5, -2.0).dynamics.synapse, None, 1e-4);
    let mut control = Control::new(Order::Three, &constants, None);
    // The error of a jump is as long as the step.
    let (mut h, mut attempts) = (0.1, 0);
    while h > 1e-4 {
        control.reject(h, h / 1e-4);
        h = control.h;
        attempts += 1;
    }
    assert!(attempts < 7, "{attempts} attempts");
    // One that falls by the fourth power is met as if nothing had been seen.
    control.accept(h, 0.5);
    for h in [10.0, 2.0, 0.4] {
        control.reject(h, (3.0_f64 * h).powi(4));
    }
    assert!((control.h / 0.3 - 1.0).abs() < 1e-12, "{}", control.h);
}
