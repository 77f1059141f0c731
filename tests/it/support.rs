//! What several test modules need: small systems, segments made by hand, and a plain reference integration.

use synaptode::dynamics::{Dynamics, Source, State};
use synaptode::network::{Activation, Architecture, Readout};
use synaptode::solver::{
    AbsoluteTolerance, ExponentialSpec, Integrator, Method, SolverOptions, View, with_integrator,
};
use synaptode::stream::{Drive, Segment};
use synaptode::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, RuleSpec, Synapse, Traces};

pub const ALL_METHODS: [Method; 4] = [Method::Tsit45, Method::Bdf, Method::TrBdf2, Method::Esdirk34];

pub fn synapse(gain: Gain) -> Synapse {
    let tau_rho = if gain == Gain::Rms { 4.0 } else { 0.8 };
    let rule = RuleSpec::BioAdam { gain, tau_m: 0.5, tau_rho, epsilon: 0.01 };
    Synapse { rule, eta: 0.3, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 3.0 }
}

pub fn feedback(mode: FeedbackMode, traces: Traces) -> Feedback {
    Feedback { mode, traces, m0: 0.4, rho0: 2.0, mirror: Mirror::default() }
}

pub fn options(method: Method, rtol: f64, gain_coordinate: Coordinate) -> SolverOptions {
    let atol = AbsoluteTolerance {
        w: rtol * 1e-2,
        m: rtol * 1e-2,
        rho: rtol * 1e-2,
        v: rtol * 1e-4,
        b: rtol * 1e-2,
        z: rtol * 1e-2,
    };
    SolverOptions {
        method,
        rtol,
        atol,
        gain_coordinate,
        max_steps: 100_000,
        exponential: ExponentialSpec::default(),
    }
}

pub fn protocol(synapse: Synapse, feedback: Feedback, coordinate: Coordinate, scale: Vec<f64>) -> Dynamics {
    Dynamics::new(Source::Protocol { scale }, synapse, feedback, coordinate)
}

pub fn network(layers: &[usize], activation: Activation, readout: Readout) -> Architecture {
    Architecture {
        layers: layers.to_vec(),
        activation,
        readout,
        bias: true,
        weight_scale: 1.0,
        neuron_tau: 0.0,
        scaling_tau: None,
    }
}

/// Segments of a protocol: each `(duration, g0, g1)` follows its predecessor.
pub fn linear_segments(pieces: &[(f64, f64, f64)]) -> Vec<Segment> {
    drives(pieces.iter().map(|(duration, g0, g1)| (*duration, Drive::Linear { g0: *g0, g1: *g1 })))
}

/// Segments of any kind, each one presentation.
pub fn drives(pieces: impl IntoIterator<Item = (f64, Drive)>) -> Vec<Segment> {
    let mut t0 = 0.0;
    let mut segments = Vec::new();
    for (index, (duration, drive)) in pieces.into_iter().enumerate() {
        let t1 = t0 + duration;
        segments.push(Segment {
            t0,
            t1,
            presentation: index as u64,
            epoch: 0,
            starts: true,
            ends: true,
            drive,
        });
        t0 = t1;
    }
    segments
}

/// Carries `start` through `segments` and gives the final state.
pub fn integrate(dynamics: &Dynamics, start: &State, options: &SolverOptions, segments: &[Segment]) -> State {
    try_integrate(dynamics, start, options, segments).unwrap()
}

pub fn try_integrate(
    dynamics: &Dynamics,
    start: &State,
    options: &SolverOptions,
    segments: &[Segment],
) -> Result<State, synaptode::error::SolverError> {
    let walked =
        with_integrator(dynamics, start, options, |integrator| walk(integrator, segments, &mut |_| {}));
    match walked {
        Ok(end) => end,
        Err(synaptode::error::Error::Solver(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

/// Walks an integrator through `segments`, showing every breakpoint.
pub fn walk(
    integrator: &mut dyn Integrator,
    segments: &[Segment],
    look: &mut dyn FnMut(&dyn View),
) -> Result<State, synaptode::error::SolverError> {
    for segment in segments {
        integrator.begin(segment)?;
        integrator.advance(&[], look)?;
        integrator.look(look);
    }
    Ok(integrator.state())
}

/// One value of a state.
pub fn value(dynamics: &Dynamics, state: &State, block: &str, variable: &str, index: usize) -> f64 {
    let block = dynamics.layout.block(block).unwrap();
    state.values[block.range(block.slot(variable).unwrap())][index]
}

/// Largest difference between two states in units of `1 + |b|`.
pub fn distance(a: &State, b: &State) -> f64 {
    a.values.iter().zip(&b.values).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f64::max)
}
