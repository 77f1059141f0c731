//! What must not change the result: threads, looking, leaving silent inputs behind; and what is refused.

use super::problem::{Setting, network, options};
use crate::solver::exponential::{Exponential, ExponentialOptions, Order, Precision};
use crate::solver::{Integrator, View};
use crate::synapse::{Gain, Traces};

#[test]
fn the_bits_do_not_depend_on_threads() {
    for precision in [Precision::F64, Precision::F32] {
        let problem = network(&Setting { fade: true, ..Setting::default() }, &[400, 60, 10], 3);
        let solve = |threads| problem.solve(&ExponentialOptions { precision, threads, ..options(1e-3) });
        let one = solve(1);
        for threads in [2, 8] {
            assert_eq!(solve(threads), one, "{threads} threads");
        }
    }
}

#[test]
fn leaving_silent_inputs_behind_changes_nothing_but_rounding_and_tolerance() {
    for gain in [Gain::Rms, Gain::MeanAbs] {
        for kappa in [0.0, 0.05] {
            let problem = network(&Setting { gain, kappa, ..Setting::default() }, &[30, 6, 4], 20);
            let solve = |skip_silent| problem.solve(&ExponentialOptions { skip_silent, ..options(1e-7) }).0;
            let (dense, skipped) = (solve(false), solve(true));
            for (variable, error) in problem.errors(&skipped, &dense) {
                assert!(error < 2e-6, "{gain:?}, kappa {kappa}: {variable} differs by {error:e}");
            }
        }
    }
}

#[test]
fn looking_changes_nothing_and_shows_the_trajectory() {
    let own = (Traces::Own, 0.0, None);
    let leaky = (Traces::Shared, 0.05, None);
    let scaled = (Traces::Shared, 0.0, Some(1.0));
    let narrow = ((Traces::Shared, 0.0, None), [40, 2, 3]);
    let ways = [(Traces::Shared, 0.0, None), own, leaky, scaled].map(|way| (way, [8, 6, 4]));
    for ((traces, tau, scaling), layers) in ways.into_iter().chain([narrow]) {
        let setting = Setting { traces, fade: true, tau, scaling, ..Setting::default() };
        let problem = network(&setting, &layers, 4);
        let options = ExponentialOptions { order: Order::Four, ..options(1e-6) };
        let unseen = problem.solve(&options);
        let mut engine = Exponential::new(problem.dynamics.clone(), &problem.initial, &options).unwrap();
        for (k, segment) in problem.segments.iter().enumerate() {
            engine.begin(segment).unwrap();
            engine.look(&mut |view| assert!(view.signals().is_some()));
            let middle = segment.t0 + 0.37 * (segment.t1 - segment.t0);
            let mut seen = Vec::new();
            engine.advance(&[middle], &mut |view| seen = values(view, &problem.dynamics.layout)).unwrap();
            engine.look(&mut |view| assert_eq!(view.t(), segment.t1));
            // The same moment as the end of a cut segment.
            let mut cut = problem.segments[..=k].to_vec();
            cut[k] = super::problem::cut(&cut[k], middle);
            let cut = super::problem::Problem {
                dynamics: problem.dynamics.clone(),
                initial: problem.initial.clone(),
                segments: cut,
            };
            let expected = cut.solve(&options).0;
            let found = crate::dynamics::State { t: middle, values: seen };
            for (variable, error) in problem.errors(&found, &expected) {
                assert!(error < 1e-5, "{variable} at {middle} is off by {error:e}");
            }
        }
        assert_eq!((engine.state(), engine.statistics().steps), (unseen.0, unseen.1.steps));
    }
}

fn values(view: &dyn View, layout: &crate::layout::Layout) -> Vec<f64> {
    let mut values = vec![0.0; layout.len()];
    for (index, block) in layout.blocks.iter().enumerate() {
        for slot in 0..block.variables.len() {
            let out = &mut values[block.range(slot)];
            view.read(index, slot, out);
            assert_eq!(out[block.pre], view.value(index, slot, 1, 0));
        }
    }
    values
}

#[test]
fn what_cannot_be_done_is_refused() {
    let problem = network(&Setting::default(), &[8, 6, 4], 1);
    let refused = |options: &ExponentialOptions, initial: &crate::dynamics::State| {
        Exponential::new(problem.dynamics.clone(), initial, options).err().map(|error| error.key)
    };
    let good = options(1e-4);
    assert_eq!(refused(&good, &problem.initial), None);
    let single = ExponentialOptions { precision: Precision::F32, rtol: 1e-8, ..good };
    assert_eq!(refused(&single, &problem.initial).as_deref(), Some("solver.rtol"));
    let mut bad = problem.initial.clone();
    bad.values[3] = f64::NAN;
    assert_eq!(refused(&good, &bad).as_deref(), Some("network.init"));
    bad.values.pop();
    assert_eq!(refused(&good, &bad).as_deref(), Some("network.init"));
}

#[test]
fn a_failure_says_where() {
    let problem = network(&Setting { fade: true, ..Setting::default() }, &[8, 6, 4], 2);
    let options = ExponentialOptions { max_steps: 1, ..options(1e-9) };
    let mut engine = Exponential::new(problem.dynamics.clone(), &problem.initial, &options).unwrap();
    engine.begin(&problem.segments[0]).unwrap();
    let error = engine.advance(&[], &mut |_| {}).unwrap_err();
    assert!(error.t > 0.0 && error.remedy.contains("max_steps"), "{error}");
}
