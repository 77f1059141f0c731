//! Models as text: against the built-in rules, against `DiffSL`'s own reading of the text, and in the hands of a user.

mod kernel;
mod page;
mod protections;
mod refusals;
mod shipped;
mod twins;

use diffsol::{
    CraneliftJitModule, NalgebraMat, NonLinearOp, OdeBuilder, OdeEquations, OdeSolverMethod,
    OdeSolverProblem, Vector,
};

use synaptode::network::init::protocol_start;
use synaptode::solver::Method;
use synaptode::stream::SynapseStart;
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Synapse, Traces};

use crate::support::*;

const MODEL: &str = include_str!("../../models/bio_adam.ds");
const PIECES: [(f64, f64, f64); 5] =
    [(0.5, 1.0, 1.0), (1.0, -0.4, -0.4), (3.0, 0.0, 0.0), (0.2, 2.0, 2.0), (0.8, -0.1, -0.1)];

/// `[w, m, rho, b]` after the pieces, by diffsol's own `DiffSL` compiler and solver.
fn by_model(text: &str) -> Vec<f64> {
    let mut state: Option<(f64, Vec<f64>)> = None;
    for (duration, g, _) in PIECES {
        let mut problem: OdeSolverProblem<_> = OdeBuilder::<NalgebraMat<f64>>::new()
            .p([g])
            .rtol(1e-11)
            .atol([1e-13])
            .build_from_diffsl::<CraneliftJitModule>(text)
            .unwrap();
        let context = *problem.context();
        problem.eqn_mut().set_params(&diffsol::NalgebraVec::from_vec(vec![g], context));
        let mut solver = problem.tsit45().unwrap();
        if let Some((t, y)) = &state {
            let start = solver.state_mut();
            *start.t = *t;
            start.y.batch_as_mut_slice(0).copy_from_slice(y);
            let y = start.y.clone();
            problem.eqn.rhs().call_inplace(&y, *t, start.dy);
        }
        let t1 = solver.state().t + duration;
        solver.solve(t1).unwrap();
        state = Some((t1, solver.state().y.batch_as_slice(0).to_vec()));
    }
    state.unwrap().1
}

/// The same by the built-in rule with the model's defaults.
fn built_in() -> Vec<f64> {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 1.0, tau_rho: 100.0, epsilon: 1e-3 };
    let synapse =
        Synapse { rule, eta: 0.01, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 10.0 };
    let dynamics =
        protocol(synapse, feedback(FeedbackMode::Predisposition, Traces::Shared), Coordinate::Rho, vec![1.0]);
    let start = protocol_start(&dynamics, &[SynapseStart { w: 0.0, b: 0.0, m: 0.0, rho: 10.0, scale: 1.0 }]);
    let options = options(Method::Tsit45, 1e-11, Coordinate::Rho);
    let end = integrate(&dynamics, &start, &options, &linear_segments(&PIECES));
    ["w", "m", "rho", "b"].map(|variable| value(&dynamics, &end, "s", variable, 0)).to_vec()
}

#[test]
fn the_models_text_and_the_built_in_rule_agree() {
    let (model, rule) = (by_model(MODEL), built_in());
    let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-7 * (1.0 + b.abs()));
    assert!(close(&model, &rule), "{model:?} {rule:?}");
    // The comparison can fail: a model with another gain is told apart.
    assert!(!close(&by_model(&MODEL.replace("epsilon { 0.001 }", "epsilon { 0.1 }")), &rule));
}
