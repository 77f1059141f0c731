//! The same equations in every set of vector instructions that this machine has: apart by rounding alone.

use std::cell::Cell;

use pulp::Arch;

use super::problem::{Setting, network, options};
use crate::dynamics::State;
use crate::solver::Statistics;
use crate::solver::exponential::{ExponentialOptions, Precision};
use crate::synapse::{FeedbackMode, Gain, Traces};

thread_local! {
    /// What engines that this thread makes are to use.
    pub static ASKED_FOR: Cell<Option<Arch>> = const { Cell::new(None) };
}

/// Those of this machine, each with its name; plain numbers first.
pub fn available() -> Vec<(&'static str, Arch)> {
    let mut all = vec![("scalar", Arch::Scalar)];
    #[cfg(target_arch = "x86_64")]
    {
        all.extend(pulp::x86::V3::try_new().map(|simd| ("V3", Arch::V3(simd))));
        all.extend(pulp::x86::V4::try_new().map(|simd| ("V4", Arch::V4(simd))));
    }
    all
}

/// The end in each.
fn ends(solve: impl Fn() -> (State, Statistics)) -> Vec<(&'static str, (State, Statistics))> {
    let end = |(name, arch)| {
        ASKED_FOR.set(Some(arch));
        (name, solve())
    };
    let ends = available().into_iter().map(end).collect();
    ASKED_FOR.set(None);
    ends
}

/// Rounding moves the error estimates, they the step sizes, and these the result, by far less than the tolerance; hardly ever
/// is another step taken.
#[test]
fn instruction_sets_differ_by_far_less_than_the_tolerance() {
    for (precision, rtol) in [(Precision::F64, 1e-3), (Precision::F64, 1e-7), (Precision::F32, 1e-3)] {
        let mut largest = 0.0_f64;
        for (gain, mode, traces) in [
            (Gain::Rms, FeedbackMode::Predisposition, Traces::Shared),
            (Gain::Rms, FeedbackMode::Fixed, Traces::Shared),
            (Gain::MeanAbs, FeedbackMode::KolenPollack, Traces::Own),
        ] {
            for fade in [false, true] {
                let setting = Setting { mode, traces, gain, fade, ..Setting::default() };
                // Rows that fill no whole number of vectors.
                let problem = network(&setting, &[37, 13, 10], 6);
                let ends = ends(|| problem.solve(&ExponentialOptions { precision, ..options(rtol) }));
                let [(_, plain), others @ ..] = &ends[..] else { panic!("plain numbers are always there") };
                for (name, end) in others {
                    for (variable, error) in problem.errors(&end.0, &plain.0) {
                        let what = format!("{name}, {precision:?} at {rtol:e}, {gain:?}, {mode:?}");
                        assert!(error < 0.1 * rtol, "{what}: {variable} differs by {error:e}");
                        largest = largest.max(error);
                    }
                    let steps = end.1.steps.abs_diff(plain.1.steps);
                    assert!(steps <= 2, "{name}: {} and {} steps", end.1.steps, plain.1.steps);
                }
            }
        }
        assert!(available().len() == 1 || largest > 0.0, "the same bits: other instructions were not taken");
        println!("{precision:?} at {rtol:e}: {largest:e}");
    }
}
