//! What the error estimate is told of the gains: the sums over a unit's synapses, whatever rows and shards they are in.

use super::problem::{Setting, network, options};
use crate::solver::Integrator;
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::form::Form;
use crate::solver::exponential::shard::C;
use crate::solver::exponential::{ExponentialOptions, Order};

/// The sum of `(reach rho)^2` into a unit, and its largest value, over all synapses of its layer, one by one.
fn plainly(engine: &Engine<f64>, l: usize, post: usize) -> [f64; 2] {
    let x = [0, 1, 2].map(|node| if l == 1 { engine.inputs(node) } else { &engine.nodes[node].x[l - 1] });
    let top = |pre: usize| x.iter().fold(0.0_f64, |top, x| top.max(x[pre].abs()));
    let n = x[0].len();
    let mean = if l > 1 { (0..n).map(|pre| top(pre).powi(2)).sum::<f64>() / n as f64 } else { 0.0 };
    let mut risk = [0.0_f64; 2];
    for shard in engine.crew.shards().filter(|shard| shard.layer == l) {
        for pre in 0..engine.dynamics.layout.blocks[shard.block].pre {
            let Some([row, column]) = shard.find(post, pre) else { continue };
            let square = if shard.is_bias() { 1.0 } else { top(pre).powi(2) + mean };
            let share = square * shard.state[C][row * shard.stride + column].powi(2);
            risk = [risk[0] + share, risk[1].max(share)];
        }
    }
    risk
}

/// Layers of several shards and of one, with rows of either kind; activities that change from one presentation to the next.
#[test]
fn the_risk_of_a_unit_is_that_of_its_synapses() {
    for layers in [[5, 2000, 5], [1200, 8, 3], [30, 3, 2]] {
        for (fade, order) in [(false, Order::Three), (true, Order::Three), (true, Order::Four)] {
            let mut problem = network(&Setting { fade, ..Setting::default() }, &layers, 3);
            // One gain of each layer stands out, in the last row and the last column.
            for block in &problem.dynamics.layout.blocks {
                let place = block.range(block.slot("rho").or_else(|| block.slot("v")).unwrap()).end - 1;
                problem.initial.values[place] = 9.0;
            }
            let options = ExponentialOptions { order, skip_silent: false, ..options(1e-4) };
            let mut engine = Engine::<f64>::new(problem.dynamics, &problem.initial, &options).unwrap();
            assert!(engine.crew.shards().any(|shard| shard.form == Form::Turned));
            for segment in &problem.segments {
                engine.begin(segment).unwrap();
                engine.advance(&[], &mut |_| {}).unwrap();
                for (l, size) in layers.iter().enumerate().skip(1) {
                    for post in 0..*size {
                        let expected = plainly(&engine, l, post);
                        for (found, expected) in engine.risk[l].iter().zip(expected) {
                            // They are those before the last step.
                            let ratio = found[post] / expected;
                            let what =
                                format!("{layers:?}, fade {fade}, {order:?}: unit {post} of layer {l}");
                            assert!((ratio - 1.0).abs() < 0.1, "{what}: {ratio}");
                        }
                    }
                }
            }
        }
    }
}
