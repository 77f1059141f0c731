//! Sizes that a step leaves behind, for the error norm, against those of the state.

use super::problem::{Setting, network, options};
use crate::solver::Integrator;
use crate::solver::exponential::ExponentialOptions;
use crate::solver::exponential::engine::Engine;
use crate::synapse::FeedbackMode;

/// Short rows go together where signals change, and one by one where they stay: neither counts what the other has measured.
#[test]
fn a_step_measures_every_row_once() {
    for mode in [FeedbackMode::Fixed, FeedbackMode::Predisposition] {
        let problem = network(&Setting { mode, fade: true, ..Setting::default() }, &[30, 6, 4], 3);
        let options = ExponentialOptions { skip_silent: false, ..options(1e-3) };
        let mut engine = Engine::<f64>::new(problem.dynamics.clone(), &problem.initial, &options).unwrap();
        for segment in &problem.segments {
            engine.begin(segment).unwrap();
            engine.advance(&[], &mut |_| {}).unwrap();
            for mut shard in engine.crew.shards() {
                let found = shard.total;
                (0..shard.rows.len()).for_each(|row| shard.measure(row));
                shard.tally();
                let expected = shard.total;
                for (found, expected) in [
                    (found.w2, expected.w2),
                    (found.w, expected.w),
                    (found.m2, expected.m2),
                    (found.m, expected.m),
                ] {
                    assert!(
                        (found / expected - 1.0).abs() < 1e-12,
                        "{mode:?}: {found} instead of {expected}"
                    );
                }
            }
        }
    }
}
