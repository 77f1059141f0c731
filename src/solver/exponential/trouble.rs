//! What an error says of the synapse at which the engine fails.

use super::engine::Engine;
use super::lane::Lane;
use super::view::Glimpse;
use crate::layout::{Block, Place};
use crate::solver::View;
use crate::solver::trouble::last_good;

impl<T: Lane> Engine<T> {
    /// The synapse of unit `post` of a layer that its input drives most, one of its variables, and its last good values.
    pub(super) fn hottest(&self, layer: usize, post: usize, variable: &str) -> Option<String> {
        let layout = &self.dynamics.layout;
        // Inputs have no synapses of their own: those of the first layer carry them on.
        let layer = layer.max(layout.blocks.first()?.layer);
        let number = layout.blocks.iter().position(|block| block.layer == layer)?;
        let block = &layout.blocks[number];
        let post = post.min(block.post - 1);
        let glimpse = Glimpse { engine: self, t: self.t, signals: self.nodes[0].clone(), way: None };
        let speed = |pre: usize| (glimpse.g(number, post, pre) * glimpse.value(number, 0, post, pre)).abs();
        let pre = (0..block.pre).max_by(|a, b| speed(*a).total_cmp(&speed(*b)))?;
        let slot = block.slot(variable).unwrap_or(0);
        let place = place(block, number, slot, post, pre);
        let good = last_good(block, self.t, |slot| glimpse.value(number, slot, post, pre));
        Some(format!("{place}; {good}"))
    }

    /// The unit at which the signals of a layer are not finite.
    pub(super) fn first_wild(&self, layer: usize) -> usize {
        let signals = &self.nodes[0];
        let bad = |values: &Vec<f64>| values.iter().position(|value| !value.is_finite());
        bad(&signals.delta[layer]).or_else(|| signals.x.get(layer).and_then(bad)).unwrap_or(0)
    }
}

fn place(block: &Block, number: usize, slot: usize, post: usize, pre: usize) -> Place {
    let synapse = block.synapse_name(post, pre);
    Place { layer: block.layer, synapse, post, pre, block: number, variable: block.variables[slot] }
}
