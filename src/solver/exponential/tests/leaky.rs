//! Leaky neurons and error units: against the reference, order of convergence, error control, and what they tend to.

use super::problem::{Problem, Setting, network, options, slope};
use crate::network::{Activation, Readout};
use crate::solver::exponential::{ExponentialOptions, Order, Precision};
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
                let setting = Setting { mode, fade, tau, readout, activation, traces, ..Setting::default() };
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
    settings.push((Setting { gain: Gain::MeanAbs, tau: 0.1, ..Setting::default() }, vec![8, 6, 4]));
    settings
}

#[test]
fn every_mode_and_depth_follows_the_equations() {
    for (setting, layers) in settings() {
        let problem = network(&setting, &layers, 3);
        let expected = problem.reference(2000);
        for order in [Order::Two, Order::Three, Order::Four] {
            let rtol = if order == Order::Two { 1e-5 } else { 1e-6 };
            let (found, statistics) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
            let errors = problem.errors(&found, &expected);
            println!(
                "{:?} {:?} {} {order:?} {layers:?}: {statistics:?} {errors:?}",
                setting.mode, setting.rule, setting.tau
            );
            for (variable, error) in errors {
                assert!(
                    error < 20.0 * rtol,
                    "{setting:?} {layers:?} {order:?}: {variable} is off by {error:e}"
                );
            }
        }
    }
}
