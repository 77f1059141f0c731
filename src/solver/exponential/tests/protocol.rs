//! Single synapses under signals of their own.

use super::problem::Problem;
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
