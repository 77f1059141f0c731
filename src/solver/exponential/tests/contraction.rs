//! Identity 3: with shared traces `w - b` contracts by `exp(-(1/w_max) integral |u| dt)`, whatever the data.

use super::problem::{Problem, Setting, network, options};
use super::protocol::protocol;
use crate::layout::Block;
use crate::solver::Integrator;
use crate::solver::exponential::Exponential;
use crate::stream::Drive;
use crate::synapse::{Gain, RuleSpec};

const ETA: f64 = 0.1;
const W_MAX: f64 = 1.0;

fn weights(block: &Block, values: &[f64]) -> Vec<[f64; 2]> {
    let b = block.range(block.slot("b").unwrap());
    block.range(0).zip(b).map(|(w, b)| [values[w], values[b]]).collect()
}

/// Walks through the segments and gives `integral |u| dt` of every synapse of a block over each, by Simpson's rule on `n`
/// values of its own `m` and `rho`, with the weights at the segment's start and end.
fn walk(
    problem: &Problem,
    name: &str,
    rtol: f64,
    n: usize,
    mut seen: impl FnMut(&[f64], &[[f64; 2]], &[[f64; 2]]),
) {
    let number = problem.dynamics.layout.blocks.iter().position(|block| block.name == name).unwrap();
    let block = &problem.dynamics.layout.blocks[number];
    let [m, rho] = ["m", "rho"].map(|variable| block.slot(variable).unwrap());
    let mut engine = Exponential::new(problem.dynamics.clone(), &problem.initial, &options(rtol)).unwrap();
    for segment in &problem.segments {
        let step = (segment.t1 - segment.t0) / n as f64;
        let times: Vec<f64> = (1..n).map(|k| segment.t0 + k as f64 * step).collect();
        let mut integrals = vec![0.0; block.synapses()];
        let mut add = |view: &dyn crate::solver::View, weight: f64| {
            for (s, integral) in integrals.iter_mut().enumerate() {
                let value = |slot| view.value(number, slot, s / block.pre, s % block.pre);
                *integral += weight * step / 3.0 * ETA * (value(m) * value(rho)).abs();
            }
        };
        engine.begin(segment).unwrap();
        engine.look(&mut |view| add(view, 1.0));
        let before = weights(block, &engine.state().values);
        let mut k = 0;
        let mut within = |view: &dyn crate::solver::View| {
            k += 1;
            add(view, if k % 2 == 1 { 4.0 } else { 2.0 });
        };
        engine.advance(&times, &mut within).unwrap();
        engine.look(&mut |view| add(view, 1.0));
        seen(&integrals, &before, &weights(block, &engine.state().values));
    }
}

/// Several weights under one drive, whose steps are long and hold many kinks: the differences of all of them shrink by one
/// factor, to rounding, and it is that of the drive.
#[test]
fn differences_under_one_drive_shrink_by_one_factor_to_rounding() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 0.3, tau_rho: 5.0, epsilon: 1e-3 };
    let sine = |mean| (2.0, Drive::Sine { mean, amplitude: 0.5, period: 0.7 });
    let problem = protocol(rule, 0.0, &[1.0; 5], [sine(0.0), sine(0.1), sine(-0.2)]);
    for (rtol, near) in [(1e-3, 1e-3), (1e-8, 1e-6)] {
        walk(&problem, "s", rtol, 4000, |integrals, before, after| {
            let (before, after) = (before.as_flattened(), after.as_flattened());
            let far = (0..before.len()).max_by(|i, j| before[*i].total_cmp(&before[*j])).unwrap();
            let low = (0..before.len()).min_by(|i, j| before[*i].total_cmp(&before[*j])).unwrap();
            let factor = (after[far] - after[low]) / (before[far] - before[low]);
            for i in 0..before.len() {
                let (was, is) = (before[i] - before[low], after[i] - after[low]);
                assert!((is - factor * was).abs() < 1e-14, "{was:e} became {is:e}, not times {factor}");
                assert!(is * was > 0.0 || was.abs() < 1e-15);
            }
            let exponent = integrals[0] / W_MAX;
            assert!(exponent > 0.05, "{exponent} is too little to be seen");
            assert!((-factor.ln() / exponent - 1.0).abs() < near, "{} is not {exponent}", -factor.ln());
        });
    }
}

#[test]
fn in_a_network_every_difference_ends_where_its_own_drive_says() {
    let problem = network(&Setting { fade: true, ..Setting::default() }, &[8, 6, 4], 6);
    walk(&problem, "l2", 1e-7, 500, |integrals, before, after| {
        for (integral, ([w0, b0], [w1, b1])) in integrals.iter().zip(before.iter().zip(after)) {
            let expected = (w0 - b0) * (-integral / W_MAX).exp();
            assert!((w1 - b1 - expected).abs() < 1e-7, "{} instead of {expected}", w1 - b1);
            assert!((w1 - b1) * (w0 - b0) > 0.0, "w - b went from {:e} to {:e}", w0 - b0, w1 - b1);
        }
    });
}
