//! What an error says of the synapse at which the engine fails.

use super::super::error_norm::Worst;
use super::super::lane::Lane;
use super::super::shard::Shard;
use super::Engine;
use crate::error::SolverError;
use crate::layout::{Block, Place};
use crate::solver::View;
use crate::solver::trouble::last_good;

impl<T: Lane> Engine<T> {
    pub(super) fn failure(
        &self,
        place: Option<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> SolverError {
        let presentation = self.segment.as_ref().map_or(0, |segment| segment.presentation);
        SolverError { t: self.t, presentation, place, reason: reason.into(), remedy: remedy.into() }
    }

    pub(super) fn too_small(&self, h: f64, layer: usize, worst: &Worst) -> SolverError {
        let reason = format!("a step of {h:e} s is still {:.1e} times over the tolerance", worst.error);
        let place = self.hottest(layer, worst.post, worst.variable);
        self.failure(
            place,
            reason,
            if self.leaky.is_some() {
                "raise `neuron.tau`, `solver.rtol` or `solver.atol`, or lower `synapse.eta`"
            } else {
                "lower `synapse.eta`, or raise `synapse.epsilon`, `solver.rtol` or `solver.atol`"
            },
        )
    }

    /// The first synapse of a layer that is not finite, or the largest value, whose square is not.
    pub(super) fn first_bad(&self, layer: usize) -> Option<String> {
        let mut worst: Option<(f64, String)> = None;
        for shard in self.crew.shards().filter(|shard| shard.layer == layer) {
            let block = &self.dynamics.layout.blocks[shard.block];
            for (position, values) in shard.state.iter().enumerate() {
                let variable = block.variables.iter().find(|name| Shard::<T>::position(name) == position);
                let is_padding = |index: usize| index % shard.stride >= shard.width;
                for (index, value) in values.iter().enumerate().filter(|(index, _)| !is_padding(*index)) {
                    // NaN counts as the largest of all.
                    let size = value.to_f64().abs().min(f64::INFINITY);
                    if worst.as_ref().is_none_or(|(top, _)| size > *top) {
                        let [post, pre] = shard.units(index / shard.stride, index % shard.stride);
                        let name = block.synapse_name(post, pre);
                        let synapse = format!("layer {layer}, synapse {name} (post {post}, pre {pre})");
                        let value = format!("variable {} = {value:?}", variable.copied().unwrap_or_default());
                        worst = Some((size, format!("{synapse}, {value}")));
                    }
                }
            }
        }
        worst.map(|(_, place)| place)
    }

    /// The synapse of unit `post` of a layer that its input drives most, one of its variables, and its last good values.
    pub(super) fn hottest(&self, layer: usize, post: usize, variable: &str) -> Option<String> {
        let layout = &self.dynamics.layout;
        let glimpse = self.now();
        let units = layout.blocks.iter().position(|block| block.layer == layer && block.is_neurons());
        if let Some(number) = units.filter(|number| layout.blocks[*number].slot(variable).is_some()) {
            let block = &layout.blocks[number];
            let place = place(block, number, block.slot(variable).unwrap_or(0), post, 0);
            let good = last_good(block, self.t, |slot| glimpse.value(number, slot, post, 0));
            return Some(format!("{place}; {good}"));
        }
        // Inputs have no synapses of their own: those of the first layer carry them on.
        let layer = layer.max(layout.blocks.first()?.layer);
        let number = layout.blocks.iter().position(|block| block.layer == layer)?;
        let block = &layout.blocks[number];
        let post = post.min(block.post - 1);
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
