//! Whole trajectories against the reference, order of convergence, and error control.

use super::problem::{Setting, network, options};
use crate::network::{Activation, Readout};
use crate::solver::exponential::{ExponentialOptions, Order, Precision};
use crate::synapse::{CriticalPeriod, FeedbackMode, Gain, RuleName, Traces};

const MODES: [FeedbackMode; 4] =
    [FeedbackMode::Symmetric, FeedbackMode::Fixed, FeedbackMode::KolenPollack, FeedbackMode::Predisposition];

/// Every mode, gain and kind of traces, with and without leak; readout, activation and cross-fade in turn.
fn settings() -> Vec<Setting> {
    let mut settings = Vec::new();
    for (k, mode) in MODES.into_iter().enumerate() {
        for traces in [Traces::Shared, Traces::Own] {
            for gain in [Gain::Rms, Gain::MeanAbs] {
                for kappa in [0.0, 0.05] {
                    let is_unbounded = mode == FeedbackMode::KolenPollack && kappa > 0.0;
                    let w_max = if is_unbounded { f64::INFINITY } else { 1.0 };
                    let n = settings.len() + k;
                    let readout = [Readout::Softmax, Readout::Logistic, Readout::Linear][n % 3];
                    let activation =
                        [Activation::Tanh, Activation::Logistic, Activation::Linear][(n / 2) % 3];
                    let fade = n.is_multiple_of(2);
                    let setting = Setting {
                        mode,
                        traces,
                        gain,
                        readout,
                        activation,
                        kappa,
                        w_max,
                        fade,
                        ..Setting::default()
                    };
                    settings.push(setting);
                }
            }
        }
    }
    settings
}

#[test]
fn every_mode_gain_and_trace_follows_the_equations() {
    for setting in settings() {
        let problem = network(&setting, &[8, 6, 4], 4);
        // Its kinks hold the reference to second order.
        let expected = problem.reference(2000);
        for order in [Order::Three, Order::Four] {
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(1e-7) });
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(error < 2e-6, "{setting:?} {order:?}: {variable} is off by {error:e}");
            }
        }
    }
}

/// Every rule but Bio-Adam, with shared and own traces, with and without leak.
fn other_rules() -> Vec<Setting> {
    let mut settings = Vec::new();
    for (rule, corrected) in [
        (RuleName::Adam, false),
        (RuleName::Adam, true),
        (RuleName::Rmsprop, false),
        (RuleName::Momentum, false),
        (RuleName::Sgd, false),
    ] {
        for traces in [Traces::Shared, Traces::Own] {
            for kappa in [0.0, 0.05] {
                for gain in [Gain::Rms, Gain::MeanAbs] {
                    if gain == Gain::Rms || rule == RuleName::Rmsprop {
                        let fade = settings.len() % 2 == 1;
                        settings.push(Setting {
                            rule,
                            corrected,
                            traces,
                            gain,
                            kappa,
                            fade,
                            ..Setting::default()
                        });
                    }
                }
            }
        }
    }
    settings
}

#[test]
fn other_pathways_and_a_critical_period_follow_the_equations() {
    let period = CriticalPeriod { w_start: 0.6, w_end: 5.0, tau_age: 0.8 };
    let mut settings = vec![
        Setting { period: Some(period), ..Setting::default() },
        Setting { period: Some(period), traces: Traces::Own, fade: true, ..Setting::default() },
    ];
    for mode in [FeedbackMode::Direct, FeedbackMode::SignSymmetric] {
        for fade in [false, true] {
            settings.push(Setting { mode, fade, ..Setting::default() });
        }
    }
    for setting in settings {
        let problem = network(&setting, &[8, 6, 5, 4], 3);
        let (found, _) = problem.solve(&options(1e-6));
        for (variable, error) in problem.errors(&found, &problem.reference(2000)) {
            assert!(error < 1e-5, "{setting:?}: {variable} is off by {error:e}");
        }
    }
}

#[test]
fn every_rule_follows_the_equations() {
    for setting in other_rules() {
        let problem = network(&setting, &[8, 6, 4], 4);
        let expected = problem.reference(2000);
        for order in [Order::Three, Order::Four] {
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(1e-6) });
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(error < 1e-5, "{setting:?} {order:?}: {variable} is off by {error:e}");
            }
        }
    }
}

#[test]
fn a_deep_network_follows_the_equations() {
    let setting = Setting { activation: Activation::Logistic, fade: true, ..Setting::default() };
    let problem = network(&setting, &[8, 6, 5, 6, 4], 3);
    let (found, _) = problem.solve(&options(1e-7));
    for (variable, error) in problem.errors(&found, &problem.reference(2000)) {
        assert!(error < 2e-6, "{variable} is off by {error:e}");
    }
}

/// Slope of the logarithm of the error of `m` on that of the step.
fn observed_order(setting: &Setting, order: Order) -> f64 {
    let problem = network(setting, &[8, 6, 4], 3);
    let exact = problem.fixed(Order::Four, 256);
    let counts = [4, 8, 16, 32];
    let errors = counts.map(|n| problem.error("m", &problem.fixed(order, n), &exact).ln());
    -super::slope(&counts.map(|n| f64::from(n).ln()), &errors)
}

#[test]
fn order_of_convergence() {
    let (mode, w_max, kappa) = (FeedbackMode::KolenPollack, f64::INFINITY, 0.05);
    for fade in [false, true] {
        let setting = Setting { mode, kappa, w_max, fade, ..Setting::default() };
        for (order, expected) in [(Order::Two, 2.0), (Order::Three, 3.0), (Order::Four, 4.0)] {
            let slope = observed_order(&setting, order);
            assert!((slope - expected).abs() < 0.2, "{order:?}, cross-fade {fade}: slope {slope}");
        }
    }
}

/// With the soft bound every zero of an `m` is a jump in the second derivative of the signals, which no polynomial over a
/// step follows: `w` has its kink cut out, but the other synapses see it to third order only.
#[test]
fn kinks_leave_order_three() {
    for fade in [false, true] {
        let setting = Setting { fade, ..Setting::default() };
        let slope = observed_order(&setting, Order::Two);
        assert!((slope - 2.0).abs() < 0.2, "order 2, cross-fade {fade}: slope {slope}");
        for order in [Order::Three, Order::Four] {
            let slope = observed_order(&setting, order);
            assert!(slope > 2.7, "{order:?}, cross-fade {fade}: slope {slope}");
        }
    }
}

#[test]
fn the_error_of_w_follows_the_tolerance() {
    for order in [Order::Three, Order::Four] {
        for fade in [false, true] {
            let problem = network(&Setting { fade, ..Setting::default() }, &[8, 6, 4], 5);
            let exact = problem.fixed(Order::Four, 256);
            for rtol in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
                let (found, _) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
                let error = problem.error("w", &found, &exact);
                assert!(error < 10.0 * rtol, "{order:?} at {rtol:e}: {error:e}");
            }
        }
    }
}

/// Straight lines err alike from step to step, so that what they leave out adds up.
#[test]
fn the_errors_of_many_steps_of_order_two_follow_the_tolerance() {
    for fade in [false, true] {
        let problem = network(&Setting { fade, ..Setting::default() }, &[8, 6, 4], 5);
        let exact = problem.fixed(Order::Four, 256);
        let mut of_w = Vec::new();
        for rtol in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7] {
            let (found, _) = problem.solve(&ExponentialOptions { order: Order::Two, ..options(rtol) });
            for (variable, error) in problem.errors(&found, &exact) {
                assert!(error < 3.0 * rtol, "cross-fade {fade}, {rtol:e}: {variable} is off by {error:e}");
            }
            of_w.push(problem.error("w", &found, &exact) / rtol);
        }
        let most = of_w.iter().copied().fold(0.0, f64::max);
        let least = of_w.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(most < 10.0 * least, "cross-fade {fade}: errors of w are {of_w:?} of the tolerances");
    }
}

#[test]
fn single_precision_stays_close_to_double() {
    let problem = network(&Setting::default(), &[20, 12, 4], 6);
    let solve = |precision| problem.solve(&ExponentialOptions { precision, ..options(1e-4) }).0;
    let (double, single) = (solve(Precision::F64), solve(Precision::F32));
    for (variable, error) in problem.errors(&single, &double) {
        assert!(error < 2e-5, "{variable} is off by {error:e}");
    }
}
