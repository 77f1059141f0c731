//! A layer of few units behind many inputs: rows of its units, each cut into pieces, and inputs that are kept once.

use super::loops::{difference, engine as midway, order, predictions, state, steps};
use super::problem::{Problem, Setting, network, options};
use crate::solver::Integrator;
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::form::Form;
use crate::solver::exponential::pass::Task;
use crate::solver::exponential::shard::Shard;
use crate::solver::exponential::{ExponentialOptions, Order, Precision};
use crate::stream::Drive;
use crate::synapse::{Gain, Traces};

fn engine(problem: &Problem, options: &ExponentialOptions) -> Engine<f64> {
    Engine::new(problem.dynamics.clone(), &problem.initial, options).unwrap()
}

/// Pieces of the first layer's weights.
fn pieces(engine: &Engine<f64>) -> Vec<Shard<f64>> {
    engine.crew.of_layer(1, false).map(|shard| shard.clone()).collect()
}

#[test]
fn every_synapse_is_in_one_piece() {
    let [inputs, units] = [3001, 4];
    let problem = network(&Setting::default(), &[inputs, units, 2], 1);
    let pieces = pieces(&engine(&problem, &options(1e-3)));
    assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.form == Form::Turned));
    for post in 0..units {
        for pre in 0..inputs {
            let found: Vec<_> =
                pieces.iter().filter_map(|piece| Some((piece, piece.find(post, pre)?))).collect();
            let [(piece, [row, column])] = found[..] else {
                panic!("{post}, {pre}: in {} pieces", found.len())
            };
            assert_eq!(piece.units(row, column), [post, pre]);
        }
    }
    let state = engine(&problem, &options(1e-3)).state();
    assert_eq!(state.values, problem.initial.values);
}

#[test]
fn a_narrow_layer_follows_the_equations() {
    let plain = Setting::default();
    let settings = [
        plain,
        Setting { fade: true, ..plain },
        Setting { fade: true, traces: Traces::Own, gain: Gain::MeanAbs, ..plain },
        Setting { fade: true, tau: 0.05, ..plain },
        Setting { scaling: Some(2.0), ..plain },
    ];
    for setting in settings {
        let problem = network(&setting, &[40, 2, 3], 3);
        let expected = problem.reference(2000);
        for order in [Order::Three, Order::Four] {
            let options = ExponentialOptions { order, ..options(1e-6) };
            assert_eq!(pieces(&engine(&problem, &options))[0].form, Form::Turned);
            for (variable, error) in problem.errors(&problem.solve(&options).0, &expected) {
                assert!(error < 1e-5, "{setting:?} {order:?}: {variable} is off by {error:e}");
            }
        }
    }
}

#[test]
fn the_bits_depend_neither_on_threads_nor_on_whether_inputs_may_rest() {
    let problem = network(&Setting { fade: true, ..Setting::default() }, &[9000, 3, 2], 3);
    for precision in [Precision::F64, Precision::F32] {
        let options = ExponentialOptions { precision, ..options(1e-3) };
        let one = problem.solve(&options);
        for (threads, skip_silent) in [(1, false), (2, true), (8, true)] {
            let found = problem.solve(&ExponentialOptions { threads, skip_silent, ..options });
            assert_eq!(found, one, "{precision:?}, {threads} threads, skip {skip_silent}");
        }
    }
}

/// What is kept of each input outweighs the synapses of a single unit.
#[test]
fn an_input_that_stays_is_kept_once() {
    let problem = network(&Setting { fade: true, ..Setting::default() }, &[300, 1, 2], 3);
    let mut engine = engine(&problem, &options(1e-3));
    let mut fades = 0;
    for segment in &problem.segments {
        engine.begin(segment).unwrap();
        engine.advance(&[], &mut |_| {}).unwrap();
        fades += usize::from(matches!(segment.drive, Drive::Fade { .. }));
        let later = engine.nodes[1..].iter().map(|signals| signals.x[0].len()).sum::<usize>();
        let is_held = matches!(segment.drive, Drive::Hold { .. });
        assert_eq!(later, if is_held { 0 } else { 600 });
        assert_eq!([1, 2].map(|node| engine.inputs(node).len()), [300; 2]);
        if let Some(Drive::Hold { x, .. }) = engine.segment.as_ref().map(|segment| &segment.drive) {
            assert!(x.is_empty(), "the sample is kept beside the signal that it is");
        }
        engine.crew.with_job(|job| {
            let seen = job.seen.iter().find(|seen| seen.layer == 1 && !seen.is_constant).unwrap();
            let beside = seen.columns[1..].iter().chain(&seen.sent_columns).chain([&seen.column_sizes]);
            let kept = beside.map(|values| values.len()).sum::<usize>();
            assert_eq!(kept > 0, fades > 0, "beside those of the start");
            assert!(job.awake.is_empty());
        });
        assert!(engine.silence.awake.is_empty());
        let sums = pieces(&engine)
            .iter()
            .flat_map(|piece| piece.columns.at.to_vec())
            .map(|sums| sums.len())
            .sum::<usize>();
        assert_eq!(sums, 0, "nothing is added up by input");
    }
    assert!(fades > 0);
}

/// The loops over common synapses of its rows, against those over any.
#[test]
fn its_loops_leave_out_as_little_as_others() {
    let (layers, units) = ([50, 3, 7, 3], 3);
    let engine = midway(&layers);
    assert_eq!(engine.crew.shard(0).form, Form::Turned);
    // The first layer alone: where a synapse above goes the long way over the longer step alone, it hides the order.
    let sums = |h, short| {
        let found = predictions(&engine, Task::PredictForward, h, short);
        difference(&found.map(|sums| sums[..2 * units].to_vec()))
    };
    let ends = |h, short| difference(&steps(&engine, h, short).map(|shards| state(&shards[..1])));
    assert!(sums(0.2, false) < 1e-11 && ends(0.2, false) < 1e-11);
    let found = [order(|h| sums(h, true)), order(|h| ends(h, true))];
    assert!(found[0] > 2.7 && found[1] > 3.6, "{found:?}");
}
