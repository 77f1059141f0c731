//! Where a state starts.

use std::collections::BTreeMap;

use rand_distr::{Distribution, StandardNormal};

use crate::dynamics::{Dynamics, State};
use crate::layout::BlockKind;
use crate::network::Architecture;
use crate::stream::SynapseStart;
use crate::stream::random::generator;

/// The start of a network: `w` and, independently, `b` normal with standard deviation `weight_scale / sqrt(pre)`,
/// biases 0, local variables as configured.
///
/// Each array draws from a random stream of its own, so that adding a variable changes no other.
#[must_use]
pub fn network_start(dynamics: &Dynamics, weight_scale: f64, seed: u64) -> State {
    let mut state = local_start(dynamics);
    for block in dynamics.layout.blocks.iter().filter(|block| block.kind == BlockKind::Weights) {
        let scale = weight_scale / (block.pre as f64).sqrt();
        for (variable, slot) in ["w", "b"].into_iter().filter_map(|name| Some((name, block.slot(name)?))) {
            let mut rng = generator(seed, variable, block.layer as u64);
            for value in &mut state.values[block.range(slot)] {
                let sample: f64 = StandardNormal.sample(&mut rng);
                *value = scale * sample;
            }
        }
    }
    state
}

/// The matrices of feedback "direct", one for each hidden layer: `[outputs, units]` row-major, normal with standard
/// deviation `weight_scale / sqrt(outputs)`, which keeps the error's size.
#[must_use]
pub fn direct_feedback(network: &Architecture, seed: u64) -> Vec<Vec<f64>> {
    let outputs = network.layers[network.depth()];
    let scale = network.weight_scale / (outputs as f64).sqrt();
    let hidden = network.layers[1..network.depth()].iter().zip(0..);
    hidden
        .map(|(units, index)| {
            let mut rng = generator(seed, "direct", index);
            let samples = std::iter::repeat_with(|| StandardNormal.sample(&mut rng));
            samples.take(outputs * units).map(|sample: f64| scale * sample).collect()
        })
        .collect()
}

/// The start of a protocol's synapses.
#[must_use]
pub fn protocol_start(dynamics: &Dynamics, synapses: &[SynapseStart]) -> State {
    let mut state = local_start(dynamics);
    for block in &dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            for (value, start) in state.values[block.range(slot)].iter_mut().zip(synapses) {
                match *variable {
                    "w" => *value = start.w,
                    "b" => *value = start.b,
                    _ if dynamics.model.is_some() => {}
                    "m" => *value = start.m,
                    "rho" => *value = start.rho,
                    "v" => *value = dynamics.synapse.v0(start.rho),
                    _ => {}
                }
            }
        }
    }
    state
}

/// Variables of a model that start otherwise than it says, in each synapse of a protocol, by name.
pub fn start_states(dynamics: &Dynamics, states: &[BTreeMap<String, f64>], start: &mut State) {
    let block = &dynamics.layout.blocks[0];
    for (synapse, values) in states.iter().enumerate() {
        for (name, value) in values {
            if let Some(slot) = block.slot(name) {
                start.values[block.range(slot)][synapse] = *value;
            }
        }
    }
}

/// Weights 0, local variables as configured.
fn local_start(dynamics: &Dynamics) -> State {
    let mut values = vec![0.0; dynamics.layout.len()];
    for block in &dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            values[block.range(slot)].fill(local_value(dynamics, variable));
        }
    }
    State { t: 0.0, values }
}

fn local_value(dynamics: &Dynamics, variable: &str) -> f64 {
    if let Some(model) = &dynamics.model {
        return if matches!(variable, "z" | "e") { 0.0 } else { model.initial(variable) };
    }
    match variable {
        "m" => dynamics.synapse.m0,
        "rho" => dynamics.synapse.rho0,
        "m_b" => dynamics.feedback.m0,
        "rho_b" => dynamics.feedback.rho0,
        "v" => dynamics.synapse.v0(dynamics.synapse.rho0),
        "v_b" => dynamics.synapse.v0(dynamics.feedback.rho0),
        _ => 0.0,
    }
}
