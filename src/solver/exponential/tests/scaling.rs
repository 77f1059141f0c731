//! Synaptic scaling: against the reference, order of convergence and error control.

use super::problem::{Setting, network, options};
use super::slope;
use crate::solver::exponential::{ExponentialOptions, Order, Precision, supports};
use crate::synapse::{FeedbackMode, RuleName, Traces};

fn settings() -> Vec<Setting> {
    let scaling = Some(2.0);
    let mut settings = Vec::new();
    for mode in
        [FeedbackMode::Predisposition, FeedbackMode::Symmetric, FeedbackMode::Fixed, FeedbackMode::Direct]
    {
        for (fade, tau) in [(false, 0.0), (true, 0.0), (false, 0.1)] {
            settings.push(Setting { mode, fade, tau, scaling, ..Setting::default() });
        }
    }
    let traces = Traces::Own;
    settings.push(Setting { traces, kappa: 0.05, scaling, ..Setting::default() });
    for rule in [RuleName::Adam, RuleName::Momentum, RuleName::Sgd] {
        settings.push(Setting { rule, scaling, ..Setting::default() });
    }
    settings
}

#[test]
fn every_mode_follows_the_equations() {
    for setting in settings() {
        let problem = network(&setting, &[8, 6, 5, 4], 3);
        let expected = problem.reference(2000);
        for order in [Order::Two, Order::Three, Order::Four] {
            let rtol = if order == Order::Two { 2e-5 } else { 1e-5 };
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(error < 10.0 * rtol, "{setting:?} {order:?}: {variable} is off by {error:e}");
            }
        }
    }
}

#[test]
fn order_of_convergence() {
    for fade in [false, true] {
        let (mode, w_max) = (FeedbackMode::KolenPollack, f64::INFINITY);
        let setting = Setting { mode, w_max, kappa: 0.05, fade, scaling: Some(0.5), ..Setting::default() };
        let problem = network(&setting, &[8, 6, 4], 3);
        let exact = problem.reference(2000);
        let counts = [4, 8, 16, 32];
        for variable in ["w", "m", "b"] {
            let errors = counts.map(|n| problem.error(variable, &problem.fixed(Order::Four, n), &exact).ln());
            let slope = -slope(&counts.map(|n| f64::from(n).ln()), &errors);
            assert!((slope - 2.0).abs() < 0.2, "cross-fade {fade}, {variable}: slope {slope}");
        }
    }
}

#[test]
fn the_error_follows_the_tolerance() {
    for (tau, scaling) in [(0.0, 0.5), (0.1, 10.0)] {
        let problem = network(&Setting { tau, scaling: Some(scaling), ..Setting::default() }, &[8, 6, 4], 4);
        let exact = problem.reference(4000);
        for order in [Order::Three, Order::Four] {
            for rtol in [1e-3, 1e-4, 1e-5, 1e-6] {
                let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
                for variable in ["w", "m", "b"] {
                    let error = problem.error(variable, &found, &exact);
                    assert!(error < 10.0 * rtol, "{order:?} at {rtol:e}: {variable} is off by {error:e}");
                }
            }
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_threads_and_hardly_on_precision() {
    let problem =
        network(&Setting { tau: 0.05, scaling: Some(5.0), ..Setting::default() }, &[400, 60, 10], 3);
    let solve =
        |precision, threads| problem.solve(&ExponentialOptions { precision, threads, ..options(1e-4) }).0;
    let double = solve(Precision::F64, 1);
    assert_eq!(solve(Precision::F64, 2), double);
    let single = solve(Precision::F32, 1);
    assert_eq!(solve(Precision::F32, 2), single);
    for (variable, error) in problem.errors(&single, &double) {
        assert!(error < 2e-5, "{variable} is off by {error:e}");
    }
}

#[test]
fn signs_that_are_scaled_are_refused() {
    let setting = Setting { mode: FeedbackMode::SignSymmetric, scaling: Some(1.0), ..Setting::default() };
    let refusal = supports(&network(&setting, &[8, 6, 4], 1).dynamics).unwrap_err();
    assert_eq!(refusal.key, "neuron.scaling_tau");
}
