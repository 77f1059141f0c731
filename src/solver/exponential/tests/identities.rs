//! Identities of the equations that hold to rounding, and what stiffness costs.

use super::problem::{Setting, network, options};
use crate::dynamics::{Dynamics, Source, State};
use crate::solver::Integrator;
use crate::solver::exponential::Exponential;
use crate::stream::{Drive, Segment};
use crate::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, RuleSpec, Synapse, Traces};

#[test]
fn weights_never_leave_the_bound() {
    let problem = network(&Setting { w_max: 0.5, ..Setting::default() }, &[8, 6, 4], 12);
    let mut initial = problem.initial.clone();
    for block in &problem.dynamics.layout.blocks {
        // Gains that drive every weight to the bound and back within a presentation, from the bound itself.
        let rho = block.slot("rho").unwrap();
        initial.values[block.range(rho)].iter_mut().for_each(|rho| *rho = 100.0);
        initial.values[block.range(0)].iter_mut().for_each(|w| *w = 0.5_f64.copysign(*w));
    }
    let mut engine = Exponential::new(problem.dynamics.clone(), &initial, &options(1e-3)).unwrap();
    for segment in &problem.segments {
        engine.begin(segment).unwrap();
        engine.advance(&[], &mut |_| {}).unwrap();
        for block in &problem.dynamics.layout.blocks {
            let state = engine.state();
            assert!(state.values[block.range(0)].iter().all(|w| w.abs() <= 0.5));
        }
    }
}

#[test]
fn forward_and_feedback_weights_contract_by_the_same_factor() {
    // Two feedback weights of one synapse differ from w by d and 2d, and must go on doing so.
    let problem = network(&Setting::default(), &[8, 6, 4], 6);
    let block = problem.dynamics.layout.block("l2").unwrap().clone();
    let b = block.slot("b").unwrap();
    let mut initial = problem.initial.clone();
    for (w, b) in block.range(0).zip(block.range(b)) {
        initial.values[b] = initial.values[w] + 1e-3;
    }
    let mut engine = Exponential::new(problem.dynamics.clone(), &initial, &options(1e-5)).unwrap();
    for segment in &problem.segments {
        engine.begin(segment).unwrap();
        let before = engine.state().values;
        engine.advance(&[], &mut |_| {}).unwrap();
        let after = engine.state().values;
        for (w, b) in block.range(0).zip(block.range(b)) {
            let (was, is) = (before[b] - before[w], after[b] - after[w]);
            assert!(is > 0.0 && is <= was, "w - b went from {was:e} to {is:e}");
            // The same factor moves a weight towards the bound: none has moved further than it allows.
            let factor = is / was;
            let reach = (1.0 - factor) * (1.0 + before[w].abs()) + 1e-12;
            assert!((after[w] - before[w]).abs() <= reach);
        }
    }
}

#[test]
fn a_constant_signal_has_its_closed_form() {
    for gain in [Gain::Rms, Gain::MeanAbs] {
        let (mut engine, g) = protocol(gain, 3.0, [10.0, 1.0], Drive::Linear { g0: 0.7, g1: 0.7 }, 10.0);
        engine.advance(&[], &mut |_| {}).unwrap();
        let state = engine.state().values;
        let rho = match gain {
            Gain::Rms => {
                (0.01 * (-10.0_f64 / 50.0).exp() + (g * g + 1e-6) * -(-10.0_f64 / 50.0).exp_m1()).powf(-0.5)
            }
            Gain::MeanAbs => {
                let rate = (g + 1e-3) / 50.0;
                (10.0 - 1.0 / (g + 1e-3)) * (-10.0 * rate).exp() + 1.0 / (g + 1e-3)
            }
        };
        let m = g * -(-10.0_f64 / 3.0).exp_m1();
        assert!((state[1] / m - 1.0).abs() < 1e-12, "m = {} instead of {m}", state[1]);
        assert!((state[2] / rho - 1.0).abs() < 1e-9, "rho = {} instead of {rho}", state[2]);
    }
}

#[test]
fn a_stiff_start_takes_few_steps() {
    // rho = 1/epsilon meets g = 5: an explicit step would have to be 4e-5 tau_rho.
    let (mut engine, _) = protocol(Gain::Rms, 3.0, [1000.0, 1.0], Drive::Linear { g0: 5.0, g1: 5.0 }, 1.0);
    engine.advance(&[], &mut |_| {}).unwrap();
    assert!(engine.statistics().steps <= 10, "{:?}", engine.statistics());
    let rho: f64 = (1e-6 * (-1.0_f64 / 50.0).exp() + (25.0 + 1e-6) * -(-1.0_f64 / 50.0).exp_m1()).powf(-0.5);
    assert!((engine.state().values[2] / rho - 1.0).abs() < 1e-9);
}

#[test]
fn a_sine_is_followed_to_the_tolerance() {
    let drive = Drive::Sine { mean: 0.1, amplitude: 0.5, period: 1.7 };
    let solve = |rtol: f64| {
        let (mut engine, _) = protocol(Gain::Rms, rtol, [10.0, 1.0], drive.clone(), 10.0);
        engine.advance(&[], &mut |_| {}).unwrap();
        engine.state().values
    };
    let exact = solve(1e-10);
    for rtol in [1e-3, 1e-5, 1e-7] {
        let found = solve(rtol);
        for (found, exact) in found.iter().zip(&exact) {
            assert!(
                (found - exact).abs() < 10.0 * rtol * (exact.abs() + 0.1),
                "{found} for {exact} at {rtol:e}"
            );
        }
    }
}

/// One synapse under one signal; `rtol` of 1 or more stands for 1e-6.
fn protocol(gain: Gain, rtol: f64, [rho0, tau]: [f64; 2], drive: Drive, end: f64) -> (Exponential, f64) {
    let rtol = if rtol >= 1.0 { 1e-6 } else { rtol };
    let rule = RuleSpec::BioAdam { gain, tau_m: 3.0 * tau, tau_rho: 50.0, epsilon: 1e-3 };
    let synapse = Synapse { rule, eta: 0.05, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0 };
    let feedback = Feedback {
        mode: FeedbackMode::Predisposition,
        traces: Traces::Shared,
        m0: 0.0,
        rho0,
        mirror: Mirror::default(),
    };
    let source = Source::Protocol { scale: vec![1.0] };
    let coordinate = if gain == Gain::Rms { Coordinate::V } else { Coordinate::Rho };
    let dynamics = Dynamics::new(source, synapse, feedback, coordinate);
    let initial = State { t: 0.0, values: vec![0.2, 0.0, rho0, 0.1] };
    let mut engine = Exponential::new(dynamics, &initial, &options(rtol)).unwrap();
    let g = if let Drive::Linear { g0, .. } = drive { g0 } else { f64::NAN };
    engine
        .begin(&Segment { t0: 0.0, t1: end, presentation: 0, epoch: 0, starts: true, ends: true, drive })
        .unwrap();
    (engine, g)
}
