//! `[expect]`: the names of results and the ranges that they must lie in.

use std::collections::BTreeMap;

use super::record::synapse_names;
use crate::config::experiment::{METRICS, Task};
use crate::config::explain::nearest;
use crate::config::range::{Checked, finite, refuse};
use crate::config::wire::Bounds;
use crate::layout::Layout;

pub(super) fn expect(expect: &BTreeMap<String, Bounds>, task: &Task, layout: &Layout) -> Checked {
    for (name, bounds) in expect {
        let key = format!("expect.{name}");
        match task {
            Task::Stream { data, network, .. } => {
                if !data.has_labels() && matches!(name.as_str(), "test_accuracy" | "online_accuracy") {
                    return refuse(
                        key,
                        "is never measured: numbers are predicted, and an answer is not right or wrong",
                        "expect test_loss or loss, half the squared error",
                    );
                }
                network_result(&key, name, network.depth())?;
            }
            Task::Protocol(_) => protocol_result(&key, name, layout)?,
        }
        range(&key, *bounds)?;
    }
    Ok(())
}

fn range(key: &str, Bounds { min, max }: Bounds) -> Checked {
    for (name, bound) in [("min", min), ("max", max)] {
        finite(&format!("{key}.{name}"), bound.unwrap_or(0.0))?;
    }
    match (min, max) {
        (None, None) => refuse(key, "has no bound", "give { min = ... } or { max = ... } or both"),
        (Some(min), Some(max)) if min > max => {
            refuse(key, format!("has min = {min:?} above max = {max:?}"), "exchange them")
        }
        _ => Ok(()),
    }
}

/// A result of a network: `test_accuracy`, or `l2.angle_deg` of one layer with feedback.
fn network_result(key: &str, name: &str, depth: usize) -> Checked {
    let (layer, metric) = match name.split_once('.') {
        Some((layer, metric)) => (Some(layer), metric),
        None => (None, name),
    };
    let Some((_, per_layer)) = METRICS.iter().find(|(known, _)| *known == metric) else {
        let known = METRICS.map(|(known, _)| known);
        let remedy = match nearest(metric, &known) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("known results: {}", known.join(", ")),
        };
        return refuse(key, "is not a result of a network", remedy);
    };
    let layers = if depth > 2 { format!("l2 to l{depth}") } else { "l2".to_owned() };
    if *per_layer && depth < 2 {
        return refuse(
            key,
            "is never measured: a network with one layer of synapses has no feedback weights",
            "remove it, or pass `--set expect={}` to expect nothing",
        );
    }
    let Some(layer) = layer else { return Ok(()) };
    if !per_layer {
        return refuse(
            key,
            format!("is of one layer, but {metric} is of the whole network"),
            format!("write `{metric}`"),
        );
    }
    let number = layer.strip_prefix('l').and_then(|number| number.parse::<usize>().ok());
    if number.is_none_or(|number| !(2..=depth).contains(&number) || format!("l{number}") != layer) {
        return refuse(
            key,
            format!("{layer} is not a layer with feedback"),
            format!("layers with feedback: {layers}"),
        );
    }
    Ok(())
}

/// A result of a protocol: the final value of a variable, `s0.w`.
fn protocol_result(key: &str, name: &str, layout: &Layout) -> Checked {
    let found = name.rsplit_once('.').and_then(|(synapse, variable)| Some((layout.find(synapse)?, variable)));
    let block = &layout.blocks[0];
    if found.is_some_and(|((block, ..), variable)| layout.blocks[block].slot(variable).is_some()) {
        return Ok(());
    }
    let remedy = format!(
        "expect final values: {}, each with {}; such as \"s0.w\" = {{ min = 0.0 }}",
        synapse_names(layout),
        block.variables.join(", ")
    );
    refuse(key, "is not a result of this protocol", remedy)
}
