//! `[stream]` and `[network]`.

use crate::config::range::{Checked, demand, non_negative, positive, refuse, seconds};
use crate::config::wire;
use crate::network::{Architecture, Readout};
use crate::stream::{DataSpec, Length, StreamSpec};
use crate::synapse::RuleName;

/// Most synapses of a network: its state would fill some 60 GB.
const MOST_SYNAPSES: usize = 100_000_000;

/// Most presentations of a stream.
const MOST_PRESENTATIONS: f64 = 1e12;

pub(super) fn network(wire: &wire::Network, neuron: &wire::Neuron, rule: RuleName) -> Checked<Architecture> {
    let key = "network.layers";
    if wire.layers.len() < 2 {
        let reason =
            format!("is a list of {}, but a network has at least inputs and outputs", wire.layers.len());
        return refuse(key, reason, "give the units of each layer, input first, such as [64, 32, 10]");
    }
    if let Some(empty) = wire.layers.iter().position(|units| *units == 0) {
        return refuse(format!("{key}[{empty}]"), "is 0", "each layer has at least one unit");
    }
    let synapses = wire.layers.windows(2).try_fold(0_usize, |sum, pair| {
        pair[0].checked_mul(pair[1]).and_then(|product| product.checked_add(sum))
    });
    if synapses.is_none_or(|synapses| synapses > MOST_SYNAPSES) {
        return refuse(
            key,
            format!("makes more than {MOST_SYNAPSES} synapses"),
            "use fewer or narrower layers",
        );
    }
    if wire.readout == Readout::Softmax && wire.layers.last() == Some(&1) {
        return refuse(
            "network.readout",
            "is \"softmax\", but a softmax of one unit is always 1",
            "give it two units or more, or take readout \"logistic\" for a class, \"linear\" for a number",
        );
    }
    let weight_scale = non_negative(
        "network.weight_scale",
        wire.weight_scale,
        "it is the spread of initial weights in units of 1/sqrt(pre), such as 1.0",
    )?;
    let wire::Network { layers, activation, readout, bias, .. } = wire.clone();
    let neuron_tau = non_negative("neuron.tau", neuron.tau, "it is in seconds, such as 0.01; 0 for none")?;
    if neuron_tau > 0.0 && rule.is_discrete() {
        return refuse(
            "neuron.tau",
            "is an equation, but this rule steps once a presentation and solves none",
            "set it to 0, or take a rule without \"discrete\"",
        );
    }
    let scaling_tau = neuron.scaling_tau;
    if let Some(tau) = scaling_tau {
        positive("neuron.scaling_tau", tau, "it is in seconds, such as 100.0")?;
        if rule.is_discrete() {
            return refuse(
                "neuron.scaling_tau",
                "is of an equation, but this rule steps once a presentation and solves none",
                "leave it out, or take a rule without \"discrete\"",
            );
        }
    }
    Ok(Architecture { layers, activation, readout, bias, weight_scale, neuron_tau, scaling_tau })
}

pub(super) fn stream(wire: &mut wire::Stream, data: &DataSpec) -> Checked<StreamSpec> {
    let presentation = seconds("stream.presentation", wire.presentation)?;
    let crossfade = demand(
        "stream.crossfade",
        wire.crossfade,
        (0.0..=presentation).contains(&wire.crossfade),
        &format!("from 0 to the presentation time {presentation:?}"),
        "it is in seconds; 0 for none",
    )?;
    let length = match (wire.epochs, wire.duration) {
        (Some(_), Some(_)) => {
            return refuse("stream.duration", "can't stand beside stream.epochs", "keep one of the two");
        }
        (None, Some(duration)) => Length::Duration(seconds("stream.duration", duration)?),
        (epochs, None) => {
            let epochs = wire.epochs.insert(epochs.unwrap_or(1.0));
            Length::Epochs(positive("stream.epochs", *epochs, "it counts passes through the samples")?)
        }
    };
    let (key, presentations) = match length {
        Length::Duration(duration) => ("stream.duration", duration / presentation),
        Length::Epochs(epochs) => ("stream.epochs", epochs * data.train.unwrap_or(1) as f64),
    };
    if presentations > MOST_PRESENTATIONS {
        return refuse(key, format!("makes {presentations:e} presentations"), "make the stream shorter");
    }
    Ok(StreamSpec { presentation, crossfade, length, order: wire.order })
}
