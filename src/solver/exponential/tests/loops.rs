//! The loops over common synapses against those over any: the same where the series are too short, and to the order that they claim where not.

use super::problem::{Setting, network, options};
use crate::solver::Integrator;
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::engine::seen::pad;
use crate::solver::exponential::factors::Factors;
use crate::solver::exponential::pass::{Finish, Gather, Job, Task};
use crate::solver::exponential::rows::Sums;
use crate::solver::exponential::shard::{C, M, Shard, W};
use crate::solver::exponential::sight::Pace;
use crate::synapse::FeedbackMode;

/// Wide rows of the first layer and of a hidden one, and more short rows than flags.
const SHAPES: [[usize; 4]; 2] = [[5, 600, 7, 3], [5, 7, 600, 3]];

/// An engine in the middle of a stream, at the start of a presentation in which no input is silent.
pub fn engine(layers: &[usize]) -> Engine<f64> {
    engine_with(FeedbackMode::Predisposition, layers)
}

/// The same in a feedback mode.
fn engine_with(mode: FeedbackMode, layers: &[usize]) -> Engine<f64> {
    let problem = network(&Setting { mode, ..Setting::default() }, layers, 2);
    let mut engine = Engine::<f64>::new(problem.dynamics, &problem.initial, &options(1e-4)).unwrap();
    let mut segments = problem.segments;
    for segment in &mut segments {
        let crate::stream::Drive::Hold { x, .. } = &mut segment.drive else { panic!("a sample is held") };
        x.iter_mut().enumerate().for_each(|(i, x)| *x = 0.3 + 0.1 * (i % 5) as f64);
    }
    engine.begin(&segments[0]).unwrap();
    engine.advance(&[], &mut |_| {}).unwrap();
    engine.begin(&segments[1]).unwrap();
    // Clear of zero, where a forecast takes the sign of `m` for that of the drive.
    for mut shard in engine.crew.shards() {
        let Shard { state, stride, width, .. } = &mut *shard;
        let used = state[M].chunks_mut(*stride).flat_map(|row| &mut row[..*width]);
        used.for_each(|m| *m += 0.1_f64.copysign(*m));
    }
    engine
}

/// Shows signals that begin as they are and change by a part of `rate h`, over a step of length `h`.
fn show(engine: &Engine<f64>, job: &mut Job<f64>, h: f64, rate: f64) {
    let now = &engine.nodes[0];
    job.factors = Factors::new(&job.constants, engine.t, h, 0.5);
    job.t = [engine.t, engine.t + h];
    let at = |node: usize| 1.0 + rate * h * [0.0, 0.5, 1.0][node];
    for seen in &mut job.seen {
        let l = seen.layer;
        // The inputs of the first layer stay.
        let moves = |node: usize| if l == 1 { 1.0 } else { at(node) };
        let x = [0, 1, 2].map(|node| now.x[l - 1].iter().map(|x| x * moves(node)).collect::<Vec<_>>());
        let delta =
            [0, 1, 2].map(|node| now.delta[l].iter().map(|delta| delta * at(node)).collect::<Vec<_>>());
        let sent = [1, 2].map(|node| now.x[l - 1].iter().map(|x| x * (1.0 + h * f64::from(node))).collect());
        let carried = [delta[1].clone(), delta[2].clone()];
        let sizes: Vec<f64> = now.x[l - 1].iter().map(|x| x.abs()).collect();
        let [rows, columns] = seen.sides(x, delta);
        let [sent_rows, sent_columns] = seen.sides(sent, carried);
        if !seen.is_constant {
            (seen.rows, seen.sent_rows, seen.row_sizes) = (rows, sent_rows, sizes.clone());
        }
        seen.columns.iter_mut().zip(&columns).for_each(|(to, from)| pad(to, from));
        seen.sent_columns.iter_mut().zip(&sent_columns).for_each(|(to, from)| pad(to, from));
        pad(&mut seen.column_sizes, &sizes);
        seen.pace = if seen.holds_rows() { Pace::Steady } else { Pace::Moving };
    }
}

/// What a pass over a copy of each shard leaves behind.
fn after(engine: &Engine<f64>, job: &Job<f64>) -> Vec<Shard<f64>> {
    let copies = engine.crew.shards().map(|shard| (*shard).clone());
    copies
        .map(|mut shard| {
            job.run(engine.crew.arch(), &mut shard);
            shard
        })
        .collect()
}

/// The sums at the nodes beside the terms from which they follow.
fn finished(engine: &Engine<f64>, job: &Job<f64>, mut shard: Shard<f64>) -> Shard<f64> {
    let (mut terms, mut ends) = Default::default();
    engine.crew.arch().dispatch(Gather { shard: &shard, to: &mut terms });
    engine.crew.arch().dispatch(Finish { job, seen: job.see(&shard), terms: &terms, to: &mut ends });
    let [inner, end, risk, top] = ends;
    for (sums, terms) in shard.columns.at.iter_mut().zip([inner, end]) {
        sums.iter_mut().zip(terms.iter()).for_each(|(sum, term)| *sum += term);
    }
    shard.columns.risk = [risk, top];
    shard
}

/// Predictions by the loops over common synapses and by those over any; `short` as far as series go.
pub fn predictions(engine: &Engine<f64>, task: Task, h: f64, short: bool) -> [Vec<f64>; 2] {
    engine.crew.with_job(|job| {
        show(engine, job, h, 0.0);
        (job.task, job.layer, job.factors.kink) = (task, None, false);
        if !short {
            job.factors.near = -1.0;
        }
        let sums = |job: &Job<f64>, shards: Vec<Shard<f64>>| -> Vec<f64> {
            let of = |shard: Shard<f64>| -> Vec<f64> {
                let adds_rows = shard.is_turned() == (task == Task::PredictDeliver);
                let shard = if job.leaves_terms(&shard) { finished(engine, job, shard) } else { shard };
                let Sums { at, risk } = if adds_rows {
                    let Sums { at, risk } = shard.columns;
                    Sums { at: at.map(|sums| sums.to_vec()), risk: risk.map(|sums| sums.to_vec()) }
                } else {
                    shard.each
                };
                // Errors carry no risk.
                let risk = if short || task == Task::PredictDeliver { Vec::new() } else { risk.concat() };
                [at.concat(), risk, if adds_rows { Vec::new() } else { shard.square.to_vec() }].concat()
            };
            shards
                .into_iter()
                .filter(|shard| task == Task::PredictForward || shard.learns || job.by_sign)
                .flat_map(of)
                .collect()
        };
        job.seen.iter_mut().for_each(|seen| seen.pace = Pace::Frozen);
        let common = after(engine, job);
        let common = sums(job, common);
        job.seen
            .iter_mut()
            .for_each(|seen| seen.pace = if seen.is_constant { Pace::Steady } else { Pace::Moving });
        let any = after(engine, job);
        [common, sums(job, any)]
    })
}

/// The same of the state after a step.
pub fn steps(engine: &Engine<f64>, h: f64, short: bool) -> [Vec<Shard<f64>>; 2] {
    engine.crew.with_job(|job| {
        show(engine, job, h, 1.0);
        (job.task, job.layer, job.is_brief) = (Task::Advance, None, true);
        let slight = job.constants.slight;
        if !short {
            job.constants.slight = -1.0;
        }
        let common = after(engine, job);
        (job.is_brief, job.constants.slight) = (false, slight);
        [common, after(engine, job)]
    })
}

pub fn state(shards: &[Shard<f64>]) -> Vec<f64> {
    shards.iter().flat_map(|shard| shard.state.iter().flat_map(|values| values.to_vec())).collect()
}

pub fn difference([a, b]: &[Vec<f64>; 2]) -> f64 {
    assert!(a.len() == b.len() && !a.is_empty());
    a.iter().zip(b).fold(0.0, |top, (a, b)| top.max((a - b).abs() / b.abs().max(1.0)))
}

/// The order with which a difference falls from a step to one half as long.
pub fn order(of: impl Fn(f64) -> f64) -> f64 {
    let (long, short) = (of(4e-2), of(2e-2));
    assert!(short > 1e-14, "only rounding is left: {short:e}");
    (long / short).log2()
}

#[test]
fn what_goes_the_long_way_goes_as_any_synapse_does() {
    for layers in SHAPES {
        let engine = engine(&layers);
        for task in [Task::PredictForward, Task::PredictDeliver] {
            let found = difference(&predictions(&engine, task, 0.2, false));
            assert!(found < 1e-11, "{layers:?}, {task:?}: {found:e}");
        }
        let found = steps(&engine, 0.2, false);
        let found = difference(&found.each_ref().map(|shards| state(shards)));
        assert!(found < 1e-11, "{layers:?}, step: {found:e}");
    }
}

/// Feedback weights without a bound, and forward weights of which errors see the sign.
#[test]
fn what_goes_the_long_way_carries_errors_as_its_mode_asks() {
    for layers in SHAPES {
        for mode in [FeedbackMode::KolenPollack, FeedbackMode::SignSymmetric] {
            let engine = engine_with(mode, &layers);
            let found = difference(&predictions(&engine, Task::PredictDeliver, 0.2, false));
            assert!(found < 1e-11, "{layers:?}, {mode:?}: {found:e}");
        }
    }
}

#[test]
fn short_series_leave_out_what_is_of_third_order() {
    for layers in SHAPES {
        let engine = engine(&layers);
        for task in [Task::PredictForward, Task::PredictDeliver] {
            let found = order(|h| difference(&predictions(&engine, task, h, true)));
            assert!(found > 2.7, "{layers:?}, {task:?}: order {found}");
        }
        let unbounded = engine_with(FeedbackMode::KolenPollack, &layers);
        let found = order(|h| difference(&predictions(&unbounded, Task::PredictDeliver, h, true)));
        assert!(found > 2.7, "{layers:?}, feedback weights without a bound: order {found}");
        // Third order in a weight's change, which is of first order itself.
        let found = order(|h| difference(&steps(&engine, h, true).each_ref().map(|shards| state(shards))));
        assert!(found > 3.6, "{layers:?}, step: order {found}");
    }
}

/// Series that are too short for one synapse alone, whose gain changes or whose exponent is large, do not spoil its row.
#[test]
fn one_synapse_goes_the_long_way_alone() {
    for layers in SHAPES {
        for [m, c] in [[0.1, 1e3], [20.0, 5.0]] {
            let engine = engine(&layers);
            for mut shard in engine.crew.shards() {
                // Neither in the first vector of the last row nor in the last.
                let place = (shard.rows.len() - 1) * shard.stride + if shard.width > 200 { 130 } else { 1 };
                (shard.state[M][place], shard.state[C][place]) = (m, c);
            }
            for task in [Task::PredictForward, Task::PredictDeliver] {
                let found = difference(&predictions(&engine, task, 2e-2, true));
                let most = if task == Task::PredictForward { 1e-5 } else { 1e-6 };
                assert!(found < most, "{layers:?}, {task:?}: {found:e}");
            }
        }
    }
}

/// A gain for which the error alone makes the series too short.
#[test]
fn a_synapse_goes_the_long_way_for_its_error() {
    for layers in SHAPES {
        let mut engine = engine(&layers);
        engine.nodes[0].delta.iter_mut().flatten().for_each(|delta| *delta = 1.0);
        for mut shard in engine.crew.shards() {
            let place = (shard.rows.len() - 1) * shard.stride + 1;
            (shard.state[M][place], shard.state[C][place]) = (0.03, 100.0);
        }
        let found = difference(&predictions(&engine, Task::PredictForward, 2e-2, true));
        assert!(found < 3e-4, "{layers:?}: {found:e}");
    }
}

/// The risk of a row whose inputs are held is that of its gains, which hardly change.
#[test]
fn the_risk_is_that_of_the_gains() {
    for layers in SHAPES {
        let engine = engine(&layers);
        let _ = predictions(&engine, Task::PredictForward, 1e-4, true);
        for shard in engine.crew.with_job(|job| {
            job.seen.iter_mut().for_each(|seen| seen.pace = Pace::Frozen);
            let left = after(&engine, job).into_iter();
            left.map(|shard| if job.leaves_terms(&shard) { finished(&engine, job, shard) } else { shard })
                .collect::<Vec<_>>()
        }) {
            let posts = 0..engine.dynamics.layout.blocks[shard.block].post;
            for post in posts.filter(|post| {
                shard.find(*post, if shard.is_turned() { 0 } else { shard.rows.unit(0) }).is_some()
            }) {
                let reach = |pre: usize| {
                    let x = &engine.nodes[0].x[shard.layer - 1];
                    if shard.is_bias() { 1.0 } else { x[pre] }
                };
                let risks = (0..engine.dynamics.layout.blocks[shard.block].pre).filter_map(|pre| {
                    let [row, column] = shard.find(post, pre)?;
                    Some((reach(pre) * shard.state[C][row * shard.stride + column]).powi(2))
                });
                let (sum, top) = risks.fold((0.0, 0.0_f64), |(sum, top), risk| (sum + risk, top.max(risk)));
                let risk = |which: usize| match shard.rows.row(post).filter(|_| shard.is_turned()) {
                    Some(row) => shard.each.risk[which][row],
                    None => shard.columns.risk[which][post],
                };
                let found = [risk(0) / sum, risk(1) / top];
                assert!(found.iter().all(|ratio| (ratio - 1.0).abs() < 1e-2), "{layers:?}: {found:?}");
            }
        }
    }
}

#[test]
fn sizes_after_a_step_are_those_of_the_state() {
    for layers in SHAPES {
        let problem = network(&Setting::default(), &layers, 1);
        let fresh = Engine::<f64>::new(problem.dynamics, &problem.initial, &options(1e-4)).unwrap();
        let fresh: Vec<_> = fresh.crew.shards().map(|shard| (*shard).clone()).collect();
        let [common, any] = steps(&engine(&layers), 0.2, true);
        for shard in fresh.iter().chain(&common).chain(&any) {
            for values in [&shard.state[W], &shard.state[M]] {
                let padding = values.chunks(shard.stride).flat_map(|row| &row[shard.width..]);
                assert!(padding.copied().all(|value| value == 0.0), "{layers:?}: padding is counted");
            }
            let sizes = |values: &[f64]| {
                values
                    .iter()
                    .fold((0.0, 0.0_f64), |(sum, top), value| (sum + value * value, top.max(value.abs())))
            };
            let ((w2, w), (m2, m)) = (sizes(&shard.state[W]), sizes(&shard.state[M]));
            for (found, expected) in
                [(shard.total.w2, w2), (shard.total.m2, m2), (shard.total.w, w), (shard.total.m, m)]
            {
                assert!((found / expected - 1.0).abs() < 1e-12, "{layers:?}: {found} for {expected}");
            }
        }
    }
}
