//! Gaps of silence in the loops over common synapses against those over any.

use pulp::Scalar;
use rand::{RngExt, SeedableRng};

use super::problem::{Setting, network, options};
use crate::solver::exponential::cell::{Cell, Kind};
use crate::solver::exponential::engine::Engine;
use crate::solver::exponential::idle::Cutter;
use crate::solver::exponential::pack::Pack;
use crate::solver::exponential::rule::Constants;
use crate::solver::exponential::shard::{C, M, Shard, W};

fn pack(value: f64) -> Pack<Scalar, f64> {
    Pack::splat(Scalar::new(), value)
}

/// Synapses of every kind.
fn scatter(shard: &mut Shard<f64>, rng: &mut impl RngExt) {
    for place in 0..shard.state[W].len() {
        let mut between = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
        shard.state[W][place] = between(-1.0, 1.0);
        shard.state[M][place] = between(-1.0, 1.0) * 10_f64.powf(between(-2.0, 0.0));
        shard.state[C][place] = 10_f64.powf(between(-1.0, 2.0));
    }
}

/// The largest error of `w` and `rho` over gaps of `span`, relative to the tolerance.
fn worst(rtol: f64, span: f64) -> [f64; 2] {
    let problem = network(&Setting::default(), &[40, 40, 3], 1);
    let constants = Constants::new(&problem.dynamics.synapse, None, rtol);
    let engine = Engine::<f64>::new(problem.dynamics, &problem.initial, &options(rtol)).unwrap();
    let kind = Kind::new(&constants, false, false);
    let mut shard = engine.crew.shard(0).clone();
    assert!(!shard.learns);
    scatter(&mut shard, &mut rand_pcg::Pcg64::seed_from_u64(11));
    let before = shard.clone();
    engine.crew.with_job(|job| {
        // Of gaps that begin alike and end elsewhere, nothing is known.
        job.gaps.restart(0.3 * span);
        job.gaps.add(&Cutter::new(&constants), 0.0);
        job.bring_up(engine.crew.arch(), &mut shard, span);
    });
    let mut worst = [0.0_f64; 2];
    for place in 0..before.state[W].len() {
        let [w, m, c] = [W, M, C].map(|variable| pack(before.state[variable][place]));
        let zero = pack(0.0);
        let mut cell = Cell { w, m, c, b: zero, m_b: zero, c_b: zero };
        for stretch in Cutter::new(&constants).stretches(0.0, span) {
            cell = kind.idle(&stretch, cell);
        }
        worst[0] = worst[0].max((shard.state[W][place] - cell.w.v).abs() / rtol);
        worst[1] = worst[1].max((shard.state[C][place] / cell.c.v - 1.0).abs() / rtol);
        assert!((shard.state[M][place] - cell.m.v).abs() <= 1e-14);
    }
    worst
}

#[test]
fn silence_is_as_long_as_it_was_for_any_synapse() {
    for rtol in [1e-2, 1e-4, 1e-6] {
        for span in [1e-3, 0.03, 0.15, 0.3, 0.6, 2.0, 8.0, 60.0] {
            let [w, rho] = worst(rtol, span);
            assert!(w < 1e-3 && rho < 5e-3, "{rtol:e}, {span} s: {w} and {rho} of the tolerance");
        }
    }
}
