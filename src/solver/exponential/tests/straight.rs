//! Signals that are nearly straight, under learning so strong that what the frozen forecast leaves out is most of the error.

use super::problem::{Problem, Setting, network, options};
use crate::network::{Activation, Readout};
use crate::solver::exponential::{ExponentialOptions, Order};
use crate::stream::Drive;
use crate::synapse::FeedbackMode;

/// A linear network whose input and target cross over to the next sample.
fn linear(mode: FeedbackMode, eta: f64) -> Problem {
    let setting = Setting {
        mode,
        activation: Activation::Linear,
        readout: Readout::Linear,
        fade: true,
        ..Setting::default()
    };
    let mut problem = network(&setting, &[8, 60, 4], 4);
    problem.dynamics.synapse.eta = eta;
    problem.segments.retain(|segment| matches!(segment.drive, Drive::Fade { .. }));
    problem.initial.t = problem.segments[0].t0;
    problem.segments.truncate(1);
    problem
}

#[test]
fn what_the_frozen_forecast_leaves_out_counts() {
    for mode in [FeedbackMode::Symmetric, FeedbackMode::Predisposition, FeedbackMode::Fixed] {
        for eta in [0.1, 0.03, 0.01] {
            let problem = linear(mode, eta);
            let exact = problem.solve(&ExponentialOptions { order: Order::Four, ..options(1e-9) }).0;
            for rtol in [1e-2, 1e-3, 1e-4, 1e-5, 1e-6] {
                let error = problem.error("m", &problem.solve(&options(rtol)).0, &exact) / rtol;
                assert!(error < 1.2, "{mode:?}, eta {eta}: {error} of {rtol:e}");
            }
        }
    }
}
