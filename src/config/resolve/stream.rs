//! `[data]`, `[stream]` and `[network]`.

use std::path::Path;

use super::absolute;
use crate::config::range::{Checked, count, demand, non_negative, positive, refuse, seconds};
use crate::config::wire;
use crate::network::{Architecture, Readout};
use crate::stream::{DataSpec, Length, SourceName, StreamSpec};
use crate::synapse::RuleName;

/// Samples of the built-in digits: to train on, to test on, inputs, classes.
const DIGITS: (usize, usize, usize, usize) = (1437, 360, 64, 10);

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
            "give it two units or more, or take readout \"logistic\"",
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

pub(super) fn data(wire: &mut wire::Data, network: &Architecture, base: &Path) -> Checked<DataSpec> {
    for (key, number) in [("data.train", wire.train), ("data.test", wire.test)] {
        if number == Some(0) {
            return refuse(key, "is 0", "give at least one sample, or leave it out for all");
        }
    }
    match wire.source {
        SourceName::Digits => digits(wire, network)?,
        SourceName::Idx => {
            let Some(path) = &wire.path else {
                return refuse(
                    "data.path",
                    "is required by source \"idx\", but missing",
                    "give the folder of the IDX files, relative to this file",
                );
            };
            wire.path = Some(absolute("data.path", path, base)?);
        }
    }
    let wire::Data { source, path, train, test } = wire.clone();
    Ok(DataSpec { source, path, train, test })
}

/// The built-in digits, whose numbers are known.
fn digits(wire: &mut wire::Data, network: &Architecture) -> Checked {
    let (train, test, inputs, classes) = DIGITS;
    if wire.path.is_some() {
        return refuse("data.path", "has no effect: the digits are built in", "leave it out");
    }
    for (key, number, all) in [("data.train", &mut wire.train, train), ("data.test", &mut wire.test, test)] {
        let number = *number.get_or_insert(all);
        count(
            key,
            number as u64,
            1..=all as u64,
            "the digits have 1437 samples to train on and 360 to test on",
        )?;
    }
    let (first, last) = (network.layers[0], network.layers[network.depth()]);
    if first != inputs {
        return refuse(
            "network.layers[0]",
            format!("is {first}, but the digits have {inputs} pixels"),
            format!("start the layers with {inputs}"),
        );
    }
    if last != classes {
        return refuse(
            format!("network.layers[{}]", network.depth()),
            format!("is {last}, but the digits have {classes} classes"),
            format!("end the layers with {classes}"),
        );
    }
    Ok(())
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
