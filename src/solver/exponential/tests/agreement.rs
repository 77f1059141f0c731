//! Whole trajectories against the reference.

use super::problem::{Setting, network, options};
use crate::network::{Activation, Readout};
use crate::solver::exponential::{ExponentialOptions, Order};
use crate::synapse::{FeedbackMode, Gain, Traces};

#[test]
fn every_mode_gain_and_trace_follows_the_equations() {
    let mut settings = Vec::new();
    for (k, mode) in [
        FeedbackMode::Symmetric,
        FeedbackMode::Fixed,
        FeedbackMode::KolenPollack,
        FeedbackMode::Predisposition,
    ]
    .into_iter()
    .enumerate()
    {
        for traces in [Traces::Shared, Traces::Own] {
            for gain in [Gain::Rms, Gain::MeanAbs] {
                for kappa in [0.0, 0.05] {
                    let w_max =
                        if mode == FeedbackMode::KolenPollack && kappa > 0.0 { f64::INFINITY } else { 1.0 };
                    let readout = [Readout::Softmax, Readout::Logistic, Readout::Linear][k % 3];
                    let activation =
                        [Activation::Tanh, Activation::Logistic, Activation::Linear, Activation::Tanh][k];
                    let fade = (k + usize::from(gain == Gain::Rms)) % 2 == 0;
                    settings.push(Setting { mode, traces, gain, kappa, w_max, readout, activation, fade });
                }
            }
        }
    }
    for setting in settings {
        let problem = network(&setting, &[8, 6, 4], 5);
        let expected = problem.reference(400);
        for order in [Order::Three, Order::Four] {
            let (found, _) = problem.solve(&ExponentialOptions { order, ..options(1e-7) });
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(error < 3e-6, "{setting:?} {order:?}: {variable} is off by {error:e}");
            }
        }
    }
}

#[test]
#[ignore = "prints"]
fn show() {
    for gain in [Gain::Rms, Gain::MeanAbs] {
        for fade in [false, true] {
            let setting = Setting { fade, gain, ..Setting::default() };
            let problem = network(&setting, &[8, 6, 4], 5);
            let expected = problem.reference(2000);
            for order in [Order::Two, Order::Three, Order::Four] {
                for rtol in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] {
                    let (found, statistics) = problem.solve(&ExponentialOptions { order, ..options(rtol) });
                    let errors = problem.errors(&found, &expected);
                    println!(
                        "{gain:?} fade {fade} {order:?} rtol {rtol:e}: {errors:?} steps {} rejected {}",
                        statistics.steps, statistics.rejected
                    );
                }
            }
        }
    }
}
