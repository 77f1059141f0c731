//! Which variables a system has, and in which order they stand.

use super::Source;
use crate::layout::{Block, BlockKind, Layout};
use crate::model::Plasticity;
use crate::synapse::{Feedback, Synapse};

/// The layout of the system for `source` whose synapses follow `model`, where there is one.
pub(super) fn layout(
    source: &Source,
    synapse: &Synapse,
    model: Option<&Plasticity>,
    feedback: &Feedback,
) -> Layout {
    let variables = |has_feedback: bool| {
        if let Some(model) = model {
            return model.names(has_feedback).to_vec();
        }
        let mut names = vec!["w"];
        names.extend(synapse.rule.locals());
        if has_feedback && feedback.has_weight() {
            names.push("b");
            if feedback.has_own_traces() {
                names.extend(synapse.rule.locals().iter().map(|name| own_name(name)));
            }
        }
        names
    };
    let block = |name: String, layer, kind, post, pre, variables| Block {
        name,
        layer,
        kind,
        post,
        pre,
        variables,
        offset: 0,
    };
    match source {
        Source::Protocol { scale } => {
            Layout::new([block("s".to_owned(), 0, BlockKind::Weights, scale.len(), 1, variables(true))])
        }
        Source::Network(network) => Layout::new((1..=network.depth()).flat_map(|l| {
            let (pre, post) = (network.layers[l - 1], network.layers[l]);
            let weights = block(format!("l{l}"), l, BlockKind::Weights, post, pre, variables(l > 1));
            let bias = network
                .bias
                .then(|| block(format!("l{l}.bias"), l, BlockKind::Bias, post, 1, variables(false)));
            let neurons = (network.neuron_tau > 0.0)
                .then(|| block(format!("l{l}.neurons"), l, BlockKind::Neurons, post, 1, vec!["z", "e"]));
            std::iter::once(weights).chain(bias).chain(neurons)
        })),
    }
}

/// The name that a local variable has in the feedback synapse.
fn own_name(name: &str) -> &'static str {
    match name {
        "m" => "m_b",
        "rho" => "rho_b",
        "v" => "v_b",
        _ => unreachable!("every local variable of a rule has a name for its feedback twin"),
    }
}
