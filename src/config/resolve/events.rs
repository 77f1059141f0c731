//! `[[events]]`.

use crate::config::experiment::Task;
use crate::config::range::{Checked, count, demand, positive, refuse};
use crate::config::wire::{Event, WeightName};
use crate::layout::Layout;
use crate::stream::events::silent;

/// Least distance of an event from either end of the stream, in presentations.
const MARGIN: f64 = 1e-6;

/// Checks all but the times, for which see [`within`].
pub(super) fn events(events: &[Event], task: &Task, layout: &Layout) -> Checked {
    let network = match task {
        Task::Stream { network, .. } => network,
        Task::Protocol(_) if events.is_empty() => return Ok(()),
        Task::Protocol(_) => {
            let reason = "can't stand beside [protocol]: they change a network or the samples of its stream";
            return refuse("events", reason, "remove them; a protocol's changes are part of its signal");
        }
    };
    for (index, event) in events.iter().enumerate() {
        let key = |name: &str| format!("events[{index}].{name}");
        match event {
            Event::Perturb { layer, weights, sigma, .. } => {
                let remedy = "layers are counted from 1, the first above the inputs";
                count(&key("layer"), *layer as u64, 1..=network.depth() as u64, remedy)?;
                positive(
                    &key("sigma"),
                    *sigma,
                    "it is in units of the weights' root mean square, such as 0.5",
                )?;
                has_weights(&key("weights"), *layer, *weights, layout)?;
            }
            Event::PermuteLabels { .. } => {}
            Event::Silence { fraction, .. } => {
                let inputs = network.layers[0];
                let some = *fraction <= 1.0 && silent(*fraction, inputs) > 0;
                let range = format!("above 0, at least half of one of the {inputs} inputs, and at most 1");
                demand(
                    &key("fraction"),
                    *fraction,
                    some,
                    &range,
                    "it is a fraction of all inputs, such as 0.2",
                )?;
            }
        }
    }
    Ok(())
}

/// Refuses feedback weights that do not exist.
fn has_weights(key: &str, layer: usize, weights: WeightName, layout: &Layout) -> Checked {
    let mut layers = layout.blocks.iter().filter(|block| block.slot("b").is_some()).map(|block| block.layer);
    if weights == WeightName::W || layers.clone().any(|with_feedback| with_feedback == layer) {
        return Ok(());
    }
    if layers.next().is_some() {
        let reason = format!("is \"b\", but layer {layer} sends no error down: it has no feedback weights");
        return refuse(key, reason, "take layer 2 or higher, or weights = \"w\"");
    }
    let reason = "is \"b\", but no layer has feedback weights of its own here";
    refuse(key, reason, "take weights = \"w\", or a feedback.mode with weights b such as \"predisposition\"")
}

/// Refuses events outside of a stream of `total` seconds.
pub(in crate::config) fn within(events: &[Event], total: f64, presentation: f64) -> Checked {
    let margin = MARGIN * presentation;
    for (index, at) in events.iter().map(Event::at).enumerate() {
        let range = format!("between 0 and the stream's length {total:?}, both excluded");
        let inside = at > margin && at < total - margin;
        demand(&format!("events[{index}].at"), at, inside, &range, "it is in seconds")?;
    }
    Ok(())
}
