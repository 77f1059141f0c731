//! Leaky neurons and error units: against the reference, order of convergence, error control, and what they tend to.

use super::problem::{Setting, network, options};
use super::slope;
use crate::network::{Activation, Readout};
use crate::solver::exponential::{Exponential, ExponentialOptions, Order, Precision};
use crate::solver::{AbsoluteTolerance, Integrator};
use crate::synapse::{FeedbackMode, Gain, RuleName, Traces};

/// Every feedback mode, activation and readout, with and without cross-fade, in networks of one to four layers.
fn settings() -> Vec<(Setting, Vec<usize>)> {
    let modes = [
        FeedbackMode::Predisposition,
        FeedbackMode::Symmetric,
        FeedbackMode::Fixed,
        FeedbackMode::Direct,
        FeedbackMode::SignSymmetric,
    ];
    let depths: [&[usize]; 3] = [&[8, 6, 4], &[8, 4], &[8, 6, 5, 6, 4]];
    let mut settings = Vec::new();
    for (k, mode) in modes.into_iter().enumerate() {
        for fade in [false, true] {
            for tau in [0.02, 0.4] {
                let n = settings.len() + k;
                let readout = [Readout::Softmax, Readout::Logistic, Readout::Linear][n % 3];
                let activation = [Activation::Tanh, Activation::Logistic, Activation::Linear][(n / 2) % 3];
                let traces =
                    if mode == FeedbackMode::Predisposition && fade { Traces::Own } else { Traces::Shared };
                let setting = Setting { mode, traces, readout, activation, fade, tau, ..Setting::default() };
                let depth = if mode == FeedbackMode::Predisposition { 2 - n % 3 } else { n % 3 };
                settings.push((setting, depths[depth].to_vec()));
            }
        }
    }
    let kolen_pollack = (FeedbackMode::KolenPollack, 0.05, f64::INFINITY);
    let (mode, kappa, w_max) = kolen_pollack;
    settings.push((Setting { mode, kappa, w_max, tau: 0.1, ..Setting::default() }, vec![8, 6, 4]));
    for rule in [RuleName::Adam, RuleName::Rmsprop, RuleName::Momentum, RuleName::Sgd] {
        settings.push((Setting { rule, tau: 0.1, ..Setting::default() }, vec![8, 6, 4]));
    }
    let activation = Activation::Relu;
    settings.push((Setting { activation, tau: 0.1, ..Setting::default() }, vec![8, 6, 4]));
    settings.push((Setting { gain: Gain::MeanAbs, tau: 0.1, ..Setting::default() }, vec![8, 6, 4]));
    settings
}

#[test]
fn every_mode_and_depth_follows_the_equations() {
    for (setting, layers) in settings() {
        let problem = network(&setting, &layers, 3);
        // Where a weight changes its sign, or a unit's slope jumps, the reference is of first order.
        let jumps = setting.mode == FeedbackMode::SignSymmetric || setting.activation == Activation::Relu;
        let expected = problem.reference(if jumps { 8000 } else { 2000 });
        for order in [Order::Two, Order::Three, Order::Four] {
            let rtol = if order == Order::Two { 1e-5 } else { 1e-6 };
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(
                    error < 20.0 * rtol,
                    "{setting:?} {layers:?} {order:?}: {variable} is off by {error:e}"
                );
            }
        }
    }
}

/// Slope of the logarithm of the error of a variable on that of the step.
fn observed_order(variable: &str, fade: bool, order: Order) -> f64 {
    let (mode, kappa, w_max) = (FeedbackMode::KolenPollack, 0.05, f64::INFINITY);
    let setting = Setting { mode, kappa, w_max, fade, tau: 0.3, ..Setting::default() };
    let problem = network(&setting, &[8, 6, 4], 3);
    let exact = problem.fixed(Order::Four, 256);
    let counts = [4, 8, 16, 32];
    let errors = counts.map(|n| problem.error(variable, &problem.fixed(order, n), &exact).ln());
    -slope(&counts.map(|n| f64::from(n).ln()), &errors)
}

#[test]
fn order_of_convergence() {
    for fade in [false, true] {
        for (order, expected) in [(Order::Two, 2.0), (Order::Four, 4.0)] {
            for variable in ["m", "w", "z", "e"] {
                let slope = observed_order(variable, fade, order);
                let place = format!("{order:?}, cross-fade {fade}, {variable}");
                assert!((slope - expected).abs() < 0.2, "{place}: slope {slope}");
            }
        }
    }
}

#[test]
fn the_error_follows_the_tolerance() {
    for order in [Order::Two, Order::Three, Order::Four] {
        let slow = Setting { fade: true, tau: 0.2, ..Setting::default() };
        let rmsprop = Setting { rule: RuleName::Rmsprop, ..slow };
        let sgd = Setting { rule: RuleName::Sgd, fade: false, ..slow };
        for setting in [Setting { tau: 0.02, ..Setting::default() }, slow, rmsprop, sgd] {
            let problem = network(&setting, &[8, 6, 4], 4);
            let (exact, _) = problem.solve(&ExponentialOptions { order: Order::Four, ..options(1e-10) });
            for rtol in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
                if order == Order::Two && rtol < 1e-5 {
                    continue;
                }
                let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
                for variable in ["w", "m", "z", "e"] {
                    let error = problem.error(variable, &found, &exact);
                    assert!(
                        error < 10.0 * rtol,
                        "{setting:?} {order:?} at {rtol:e}: {variable} is off by {error:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn short_time_constants_tend_to_units_that_follow_at_once() {
    for fade in [false, true] {
        let instantaneous = network(&Setting { fade, ..Setting::default() }, &[8, 6, 4], 3);
        let (expected, _) = instantaneous.solve(&options(1e-8));
        let taus = [1e-3, 1e-4, 1e-5];
        let error = |tau: f64| {
            let problem = network(&Setting { fade, tau, ..Setting::default() }, &[8, 6, 4], 3);
            let (found, _) = problem.solve(&options(1e-8));
            let mut error = 0.0_f64;
            for block in &instantaneous.dynamics.layout.blocks {
                let leaky = problem.dynamics.layout.block(&block.name).unwrap();
                let pairs = leaky.range(0).zip(block.range(0));
                error =
                    pairs.map(|(a, b)| (found.values[a] - expected.values[b]).abs()).fold(error, f64::max);
            }
            error
        };
        let errors = taus.map(error);
        let slope = slope(&taus.map(f64::ln), &errors.map(f64::ln));
        assert!((slope - 1.0).abs() < 0.1, "cross-fade {fade}: errors {errors:?}, slope {slope}");
        let error = error(1e-300);
        assert!(error < 1e-7, "cross-fade {fade}: {error}");
    }
}

/// Presentations last 0.5 s: what settles within a millionth of that costs some more steps, not a million.
#[test]
fn short_time_constants_cost_little() {
    for order in [Order::Two, Order::Three, Order::Four] {
        for tau in [0.5e-1, 0.5e-3, 0.5e-6, 1e-300] {
            let problem = network(&Setting { tau, ..Setting::default() }, &[8, 6, 4], 20);
            let (_, statistics) = problem.solve(&ExponentialOptions { order, ..options(1e-3) });
            assert!(statistics.steps + statistics.rejected < 20 * 50, "{order:?}, tau {tau}: {statistics:?}");
        }
    }
}

#[test]
fn single_precision_stays_close_to_double() {
    let problem = network(&Setting { tau: 0.05, ..Setting::default() }, &[20, 12, 4], 6);
    let solve = |precision| problem.solve(&ExponentialOptions { precision, ..options(1e-4) }).0;
    let (double, single) = (solve(Precision::F64), solve(Precision::F32));
    for (variable, error) in problem.errors(&single, &double) {
        assert!(error < 2e-5, "{variable} is off by {error:e}");
    }
}

#[test]
fn the_bits_do_not_depend_on_threads() {
    for precision in [Precision::F64, Precision::F32] {
        let problem = network(&Setting { fade: true, tau: 0.05, ..Setting::default() }, &[400, 60, 10], 3);
        let solve = |threads| problem.solve(&ExponentialOptions { precision, threads, ..options(1e-3) });
        assert_eq!(solve(2), solve(1));
    }
}

#[test]
fn leaving_silent_inputs_behind_changes_nothing_but_rounding_and_tolerance() {
    let problem = network(&Setting { tau: 0.05, ..Setting::default() }, &[30, 6, 4], 20);
    let solve = |skip_silent| problem.solve(&ExponentialOptions { skip_silent, ..options(1e-7) }).0;
    let (dense, skipped) = (solve(false), solve(true));
    for (variable, error) in problem.errors(&skipped, &dense) {
        assert!(error < 2e-6, "{variable} differs by {error:e}");
    }
}

#[test]
fn a_failure_names_the_unit() {
    let problem = network(&Setting { tau: 0.05, ..Setting::default() }, &[8, 6, 4], 1);
    let atol = AbsoluteTolerance { w: 1.0, m: 1.0, b: 1.0, ..options(1e-9).atol };
    let options = ExponentialOptions { max_steps: 1, atol, ..options(1e-9) };
    let mut engine = Exponential::new(problem.dynamics.clone(), &problem.initial, &options).unwrap();
    engine.begin(&problem.segments[0]).unwrap();
    let error = engine.advance(&[], &mut |_| {}).unwrap_err();
    let place = error.place.clone().unwrap_or_default();
    let is_unit = place.contains("variable z") || place.contains("variable e");
    assert!(is_unit && place.contains("last good values") && place.contains("z = "), "{error}");
}
