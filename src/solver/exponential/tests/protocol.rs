//! Single synapses under signals of their own.

use super::problem::{Problem, options};
use crate::dynamics::{Dynamics, Source, State};
use crate::stream::{Drive, Segment};
use crate::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, RuleSpec, Synapse, Traces};

/// Synapses under signals that follow one another, each times the synapse's factor; weights far apart.
pub fn protocol<const N: usize>(
    rule: RuleSpec,
    kappa: f64,
    scale: &[f64],
    drives: [(f64, Drive); N],
) -> Problem {
    let synapse = Synapse { rule, eta: 0.1, w_max: 1.0, critical_period: None, kappa, m0: 0.0, rho0: 5.0 };
    let (mode, traces) = (FeedbackMode::Predisposition, Traces::Shared);
    let feedback = Feedback { mode, traces, m0: 0.0, rho0: 5.0, mirror: Mirror::default() };
    let is_rms = !matches!(
        rule,
        RuleSpec::BioAdam { gain: Gain::MeanAbs, .. } | RuleSpec::RmsProp { gain: Gain::MeanAbs, .. }
    );
    let coordinate = if is_rms { Coordinate::V } else { Coordinate::Rho };
    let source = Source::Protocol { scale: scale.to_vec() };
    let dynamics = Dynamics::new(source, synapse, feedback, coordinate);
    let mut values = vec![0.0; dynamics.layout.len()];
    let block = &dynamics.layout.blocks[0];
    for (slot, variable) in block.variables.iter().enumerate() {
        for (s, value) in values[block.range(slot)].iter_mut().enumerate() {
            let turn = s as f64 / scale.len() as f64;
            *value = match *variable {
                "w" => 0.4 - turn,
                "b" => turn - 0.5,
                "v" => synapse.v0(synapse.rho0),
                "rho" => synapse.rho0,
                _ => 0.0,
            };
        }
    }
    let mut end = 0.0;
    let segments = drives.into_iter().enumerate().map(|(k, (length, drive))| {
        let t0 = end;
        end += length;
        Segment { t0, t1: end, presentation: k as u64, epoch: 0, starts: true, ends: true, drive }
    });
    let segments = segments.collect();
    Problem { dynamics, initial: State { t: 0.0, values }, segments }
}

/// A drive that turns within a step moves a weight in two pieces; as one they would leave out the product of their exponents,
/// 5e-5 of the weight here. What is left is what the quadratic of `m` leaves out up to the turn.
#[test]
fn a_drive_that_turns_within_a_step_is_followed_both_ways() {
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 1.0, tau_rho: 1e5, epsilon: 1e-2 };
    let constant = |length, g| (length, Drive::Linear { g0: g, g1: g });
    let problem = protocol(rule, 0.0, &[1.0], [constant(0.5, 0.7), constant(0.2, -2.0)]);
    let (found, statistics) = problem.solve(&options(1e-6));
    assert!(statistics.steps <= 4, "the turn is to lie within one long step, not {}", statistics.steps);
    let exact = problem.reference(20_000);
    for variable in ["w", "b"] {
        let error = problem.error(variable, &found, &exact);
        assert!(error < 1.5e-5, "{variable} is off by {error:e}");
    }
}
