//! Tries a model out: levels of its inputs, one after the other, and what the model does under each.
//!
//! Under each level the model is integrated for a time, and its fixed points are searched for by Newton's method from where
//! it started and ended. The eigenvalues of its Jacobian say how fast it is there, and whether it stays.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::{Feedback, Input, Model, Plasticity};
use crate::dynamics::{Dynamics, Source, State};
use crate::error::{Error, SolverError};
use crate::network::init::protocol_start;
use crate::solver::{AbsoluteTolerance, ExponentialSpec, Integrator, Method, SolverOptions, with_integrator};
use crate::stream::{Drive, Segment, SynapseStart};
use crate::synapse::{self, Coordinate, FeedbackMode, Mirror, RuleSpec, Synapse, Traces};

/// How long each level lasts, s.
pub const LEVEL: f64 = 100.0;
/// Levels of postsynaptic error, presynaptic and postsynaptic activity.
const LEVELS: [[f64; 3]; 5] =
    [[0.0, 0.0, 0.0], [0.1, 1.0, 0.1], [-0.1, 1.0, 0.5], [1.0, 1.0, 1.0], [-1.0, 2.0, 1.0]];
/// Rates below this count as none, relative to the size of the state.
const STILL: f64 = 1e-9;
/// Most Newton steps.
const NEWTON_STEPS: usize = 50;

/// What a model does under one level of its inputs.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The inputs that it reads.
    pub inputs: Vec<(Input, f64)>,
    /// The state at the end, or why it was not reached.
    pub end: Result<Vec<f64>, SolverError>,
    /// Steps of the solver.
    pub steps: u64,
    /// Least and largest rate of relaxation at the end, 1/s, where the Jacobian has eigenvalues of negative real part.
    pub speeds: Option<(f64, f64)>,
    /// Fixed points, and whether each is stable.
    pub fixed_points: Vec<(Vec<f64>, bool)>,
}

/// Runs through all levels; the state goes on from level to level.
///
/// # Errors
/// Where the model can't be compiled.
pub fn trials(model: &Model) -> Result<Vec<Trial>, Error> {
    let feedback = if model.feedback.is_some() { Feedback::Learns } else { Feedback::Absent };
    let compiled = Arc::new(Plasticity::new(model, feedback, 1)?);
    let dynamics = dynamics(compiled);
    let order: Vec<usize> = columns(model, &dynamics);
    let start = SynapseStart { w: initial(model, "w"), b: initial(model, "b"), m: 0.0, rho: 1.0, scale: 1.0 };
    let mut state = protocol_start(&dynamics, &[start]);
    let mut trials = Vec::new();
    for (index, level) in LEVELS.into_iter().enumerate() {
        let segment = segment(index, level);
        let (end, steps) = run(&dynamics, &state, &segment)?;
        let inputs = inputs(model, level);
        let values: Vec<f64> = inputs.iter().map(|(_, value)| *value).collect();
        let own = |state: &State| -> Vec<f64> { order.iter().map(|slot| state.values[*slot]).collect() };
        let mut candidates = vec![own(&state)];
        candidates.extend(end.as_ref().ok().map(own));
        let fixed_points = fixed_points(model, segment.t1, &candidates, &values);
        let speeds = end.as_ref().ok().and_then(|end| speeds(model, end.t, &own(end), &values));
        trials.push(Trial {
            inputs,
            end: end.as_ref().map(own).map_err(Clone::clone),
            steps,
            speeds,
            fixed_points,
        });
        let Ok(end) = end else { break };
        state = end;
    }
    Ok(trials)
}

fn initial(model: &Model, column: &str) -> f64 {
    let index = (0..model.variables.len()).find(|index| model.column(*index) == column);
    index.map_or(0.0, |index| model.variables[index].initial)
}

/// Position of each of the model's variables in the state.
fn columns(model: &Model, dynamics: &Dynamics) -> Vec<usize> {
    let block = &dynamics.layout.blocks[0];
    (0..model.variables.len()).filter_map(|index| block.slot(model.column(index))).collect()
}

fn dynamics(compiled: Arc<Plasticity>) -> Dynamics {
    let mode = match compiled.feedback {
        Feedback::Learns => FeedbackMode::Model,
        Feedback::Rests | Feedback::Absent => FeedbackMode::Symmetric,
    };
    let feedback =
        synapse::Feedback { mode, traces: Traces::Shared, m0: 0.0, rho0: 1.0, mirror: Mirror::default() };
    let synapse = Synapse {
        rule: RuleSpec::Model,
        eta: 0.0,
        w_max: f64::INFINITY,
        critical_period: None,
        kappa: 0.0,
        m0: 0.0,
        rho0: 1.0,
    };
    let source = Source::Protocol { scale: vec![1.0] };
    Dynamics::with_model(source, synapse, Some(compiled), feedback, Coordinate::Rho)
}

fn segment(index: usize, [delta, x, y]: [f64; 3]) -> Segment {
    let constant = |g: f64| Box::new(Drive::Linear { g0: g, g1: g });
    let drive = Drive::Activities { delta: constant(delta), x: constant(x), y: Some(constant(y)) };
    let (t0, t1) = (index as f64 * LEVEL, (index + 1) as f64 * LEVEL);
    Segment { t0, t1, presentation: index as u64, epoch: 0, starts: true, ends: true, drive }
}

fn inputs(model: &Model, [delta, x, y]: [f64; 3]) -> Vec<(Input, f64)> {
    let value = |input: &Input| match input {
        Input::G => delta * x,
        Input::X => x,
        Input::Delta => delta,
        Input::Y => y,
    };
    model.inputs.iter().map(|input| (*input, value(input))).collect()
}

type Outcome = (Result<State, SolverError>, u64);

fn run(dynamics: &Dynamics, start: &State, segment: &Segment) -> Result<Outcome, Error> {
    let options = SolverOptions {
        method: Method::Tsit45,
        rtol: 1e-6,
        atol: AbsoluteTolerance { w: 1e-9, m: 1e-9, rho: 1e-9, v: 1e-9, b: 1e-9, z: 1e-9 },
        gain_coordinate: Coordinate::Rho,
        max_steps: 100_000,
        exponential: ExponentialSpec::default(),
    };
    with_integrator(dynamics, start, &options, |integrator: &mut dyn Integrator| {
        let outcome = integrator.begin(segment).and_then(|()| integrator.advance(&[], &mut |_| {}));
        (outcome.map(|()| integrator.state()), integrator.statistics().steps)
    })
}

/// The Jacobian of the rates by central differences.
fn jacobian(model: &Model, t: f64, state: &[f64], inputs: &[f64]) -> DMatrix<f64> {
    let n = state.len();
    let mut jacobian = DMatrix::zeros(n, n);
    for j in 0..n {
        let h = 1e-6 * (1.0 + state[j].abs());
        let shifted = |h: f64| {
            let mut shifted = state.to_vec();
            shifted[j] += h;
            model.rates(t, &shifted, inputs)
        };
        for (i, (above, below)) in shifted(h).into_iter().zip(shifted(-h)).enumerate() {
            jacobian[(i, j)] = (above - below) / (2.0 * h);
        }
    }
    jacobian
}

/// Real parts of the eigenvalues of the Jacobian, 1/s; `None` where it is not finite.
fn growth(model: &Model, t: f64, state: &[f64], inputs: &[f64]) -> Option<Vec<f64>> {
    let jacobian = jacobian(model, t, state, inputs);
    let finite = jacobian.iter().all(|value| value.is_finite());
    finite.then(|| jacobian.complex_eigenvalues().iter().map(|value| value.re).collect())
}

/// Least and largest rate of relaxation, 1/s.
fn speeds(model: &Model, t: f64, state: &[f64], inputs: &[f64]) -> Option<(f64, f64)> {
    let growth = growth(model, t, state, inputs)?;
    let falling = growth.into_iter().filter(|rate| *rate < -STILL).map(|rate| -rate);
    falling.fold(None, |range, rate| {
        Some(range.map_or((rate, rate), |(least, most): (f64, f64)| (least.min(rate), most.max(rate))))
    })
}

/// Where nothing moves, found from each of `starts`; without repetition.
fn fixed_points(model: &Model, t: f64, starts: &[Vec<f64>], inputs: &[f64]) -> Vec<(Vec<f64>, bool)> {
    let mut found: Vec<(Vec<f64>, bool)> = Vec::new();
    for point in starts.iter().filter_map(|start| newton(model, t, start, inputs)) {
        let near =
            |other: &[f64]| other.iter().zip(&point).all(|(a, b)| (a - b).abs() < 1e-6 * (1.0 + b.abs()));
        if found.iter().any(|(other, _)| near(other)) {
            continue;
        }
        let growth = growth(model, t, &point, inputs).unwrap_or_default();
        // A direction in which nothing moves at all makes no point, but a line.
        if growth.iter().all(|rate| rate.abs() > STILL) {
            found.push((point, growth.iter().all(|rate| *rate < 0.0)));
        }
    }
    found
}

fn newton(model: &Model, t: f64, start: &[f64], inputs: &[f64]) -> Option<Vec<f64>> {
    let mut state = DVector::from_column_slice(start);
    for _ in 0..NEWTON_STEPS {
        let rates = DVector::from_vec(model.rates(t, state.as_slice(), inputs));
        if rates.norm() < STILL * (1.0 + state.norm()) * 1e-3 {
            return Some(state.as_slice().to_vec());
        }
        let step = jacobian(model, t, state.as_slice(), inputs).lu().solve(&rates)?;
        state -= step;
        if !state.iter().all(|value| value.is_finite()) {
            return None;
        }
    }
    None
}
