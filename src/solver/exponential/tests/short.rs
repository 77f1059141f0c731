//! Where the short series of common synapses are used, they hold; and the loops around them, whatever the shape of a layer.

use pulp::Scalar;
use rand::{RngExt, SeedableRng};

use super::problem::{Problem, Setting, network, options};
use crate::solver::exponential::Order;
use crate::solver::exponential::cell::{Cell, Kind};
use crate::solver::exponential::common::Step;
use crate::solver::exponential::factors::Factors;
use crate::solver::exponential::gain::Push;
use crate::solver::exponential::pack::Pack;
use crate::solver::exponential::rule::Constants;

fn pack(value: f64) -> Pack<Scalar, f64> {
    Pack::splat(Scalar::new(), value)
}

/// The largest error of `w` and `rho` of a step that raises no alarm, relative to what is allowed for them, and the share of those steps.
fn worst(rtol: f64) -> ([f64; 2], f64) {
    let Problem { dynamics, .. } = network(&Setting::default(), &[2, 2, 2], 1);
    let constants = Constants::new(&dynamics.synapse, None, rtol);
    let kind = Kind::new(&constants, false, false);
    let mut rng = rand_pcg::Pcg64::seed_from_u64(9);
    let (mut worst, mut quiet) = ([0.0_f64; 2], 0);
    let count = 40_000;
    for _ in 0..count {
        let mut between = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
        let factors = Factors::new(&constants, 0.0, 10_f64.powf(between(-3.0, -0.5)), 0.5);
        let (w, m) = (between(-1.0, 1.0), between(-1.0, 1.0) * 10_f64.powf(between(-2.0, 0.0)));
        let c = 10_f64.powf(between(-1.0, 2.0));
        let (x, error) = (between(0.1, 1.0), between(-1.0, 1.0) * 10_f64.powf(between(-2.0, 0.5)));
        // Signals change the less, the tighter they are followed.
        let change = rtol.cbrt().min(0.2) * between(-1.0, 1.0);
        let delta = [0.0, 0.5, 1.0].map(|part| error * (1.0 + change * part));
        let zero = pack(0.0);
        let cell = Cell { w: pack(w), m: pack(m), c: pack(c), b: zero, m_b: zero, c_b: zero };
        let g = delta.map(|delta| pack(x * delta));
        let exact = kind.step(&factors, &Push::new(&factors, g), cell);
        let shared = Step::<f64>::new(&constants, &factors, false);
        let course = shared.course(delta.map(pack));
        for push in [shared.moving(g), shared.steady([pack(x), pack(x * x)], course)] {
            let found = shared.carry::<_, false>(push, cell);
            assert!((found.cell.m.v - exact.m.v).abs() <= 1e-12 * m.abs().max(error.abs()));
            if found.alarm.v >= 0.0 {
                quiet += 1;
                worst[0] = worst[0].max((found.cell.w.v - exact.w.v).abs() / rtol);
                worst[1] = worst[1].max((found.cell.c.v / exact.c.v - 1.0).abs() / rtol);
            }
        }
    }
    (worst, f64::from(quiet) / f64::from(2 * count))
}

#[test]
fn where_no_alarm_is_raised_the_series_hold() {
    for rtol in [1e-2, 1e-3, 1e-4, 1e-6] {
        let ([w, rho], quiet) = worst(rtol);
        assert!(w < 0.3, "{rtol:e}: w is off by {w} of the tolerance");
        assert!(rho < 0.005, "{rtol:e}: rho is off by {rho} of the tolerance");
        assert!(quiet > 0.5, "{rtol:e}: {quiet} of the steps are checked");
    }
}

#[test]
fn rows_of_more_vectors_than_flags_follow_the_equations() {
    for fade in [false, true] {
        let problem = network(&Setting { fade, ..Setting::default() }, &[3, 5, 600, 3], 2);
        let exact = problem.fixed(Order::Four, 64);
        let (found, _) = problem.solve(&options(1e-5));
        for (variable, error) in problem.errors(&found, &exact) {
            assert!(error < 3e-5, "cross-fade {fade}: {variable} is off by {error:e}");
        }
    }
}

#[test]
fn many_short_rows_from_a_stiff_start_follow_the_equations() {
    let mut problem = network(&Setting::default(), &[3, 150, 3], 2);
    for block in &problem.dynamics.layout.blocks {
        for (slot, _) in block.variables.iter().enumerate().filter(|(_, name)| **name == "v") {
            problem.initial.values[block.range(slot)].fill(1e-4);
        }
    }
    let exact = problem.fixed(Order::Four, 512);
    let (found, _) = problem.solve(&options(1e-5));
    for (variable, error) in problem.errors(&found, &exact) {
        assert!(error < 2e-5, "{variable} is off by {error:e}");
    }
}
