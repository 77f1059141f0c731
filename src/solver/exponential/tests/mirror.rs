//! Feedback "weight-mirror": phases of noise between presentations.

use super::problem::{Problem, Setting, network, options};
use crate::solver::Integrator;
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::shard::B;
use crate::solver::exponential::{Exponential, ExponentialOptions, Order, Precision};
use crate::stream::Drive;
use crate::synapse::{CriticalPeriod, FeedbackMode, RuleName};

/// Rows of the layers above the first are of presynaptic and of postsynaptic units.
const SHAPES: [[usize; 4]; 2] = [[8, 6, 5, 4], [8, 6, 4, 3]];

fn problem(setting: &Setting, layers: &[usize], presentations: usize) -> Problem {
    let setting = Setting { mode: FeedbackMode::WeightMirror, ..*setting };
    network(&setting, layers, presentations).with_phases(&layers[1..layers.len() - 1])
}

/// Inputs are silent by turns, so that rows are behind when a phase begins.
#[test]
fn phases_between_presentations_follow_the_equations() {
    let period = Some(CriticalPeriod { w_start: 0.6, w_end: 5.0, tau_age: 0.8 });
    for setting in [
        Setting::default(),
        Setting { fade: true, kappa: 0.05, ..Setting::default() },
        Setting { period, ..Setting::default() },
        Setting { tau: 0.1, ..Setting::default() },
        Setting { rule: RuleName::Adam, corrected: true, ..Setting::default() },
    ] {
        for layers in SHAPES {
            let problem = problem(&setting, &layers, 8);
            let expected = problem.reference(1000);
            for skip_silent in [false, true] {
                let (found, _) = problem.solve(&ExponentialOptions { skip_silent, ..options(1e-6) });
                for (variable, error) in problem.errors(&found, &expected) {
                    let what = format!("{setting:?}, {layers:?}, skip {skip_silent}");
                    assert!(error < 1e-5, "{what}: {variable} is off by {error:e}");
                }
            }
        }
    }
}

#[test]
fn a_look_into_a_phase_shows_the_weights_on_their_way_and_changes_nothing() {
    let problem = problem(&Setting::default(), &[8, 6, 5, 4], 4);
    let layout = &problem.dynamics.layout;
    let mut engine = Exponential::new(problem.dynamics.clone(), &problem.initial, &options(1e-4)).unwrap();
    for (k, segment) in problem.segments.iter().enumerate() {
        engine.begin(segment).unwrap();
        let Drive::Mirror { layer, .. } = segment.drive else {
            engine.advance(&[], &mut |_| {}).unwrap();
            continue;
        };
        let (before, middle) = (engine.state(), segment.t0 + 0.37 * (segment.t1 - segment.t0));
        let mut seen = before.clone();
        engine
            .advance(&[middle], &mut |view| {
                assert_eq!(view.t(), middle);
                for (index, block) in layout.blocks.iter().enumerate() {
                    for slot in 0..block.variables.len() {
                        let out = &mut seen.values[block.range(slot)];
                        view.read(index, slot, out);
                        assert_eq!(out[block.pre], view.value(index, slot, 1, 0));
                        assert_eq!(view.g(index, 1, 0), 0.0);
                    }
                }
            })
            .unwrap();
        // The same moment as the end of a phase that is cut there.
        let mut cut = problem.segments[..=k].to_vec();
        cut[k].t1 = middle;
        let cut =
            Problem { dynamics: problem.dynamics.clone(), initial: problem.initial.clone(), segments: cut };
        assert_eq!(cut.solve(&options(1e-4)).0.values, seen.values);
        let block = layout.block(&format!("l{}", layer + 1)).unwrap();
        let moving = block.range(block.slot("b").unwrap());
        for (index, (was, is)) in before.values.iter().zip(&seen.values).enumerate() {
            assert_eq!(was != is, moving.contains(&index), "{:?}", layout.place(index));
        }
    }
    assert_eq!(engine.state(), problem.solve(&options(1e-4)).0);
}

#[test]
fn the_bits_of_a_stream_with_phases_do_not_depend_on_threads() {
    let problem = problem(&Setting { fade: true, ..Setting::default() }, &[400, 60, 20, 10], 3);
    for (precision, order) in [(Precision::F64, Order::Three), (Precision::F32, Order::Four)] {
        let solve =
            |threads| problem.solve(&ExponentialOptions { order, precision, threads, ..options(1e-3) });
        assert_eq!(solve(2), solve(1));
    }
}

#[test]
fn a_feedback_weight_that_is_no_number_is_named() {
    for layers in SHAPES {
        let problem = problem(&Setting::default(), &layers, 1);
        let mut engine = Engine::<f64>::new(problem.dynamics, &problem.initial, &options(1e-4)).unwrap();
        // A phase of the first hidden layer.
        engine.begin(&problem.segments[0]).unwrap();
        for mut shard in engine.crew.shards().filter(|shard| shard.layer == 2 && !shard.is_bias()) {
            if let Some([row, column]) = shard.find(1, 3) {
                let place = row * shard.stride + column;
                shard.state[B][place] = f64::NAN;
            }
        }
        let error = engine.advance(&[], &mut |_| {}).unwrap_err();
        let place = error.place.unwrap();
        assert!(
            place.contains("layer 2") && place.contains("post 1, pre 3") && place.contains("variable b"),
            "{place}"
        );
    }
}
