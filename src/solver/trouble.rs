//! What an error says of the synapse at which an integration fails: its last good values.

use crate::layout::{Block, Layout, Place};

/// All variables of the synapse at `place` at time `t`, as `value` gives them by their slot.
pub(super) fn last_good(block: &Block, t: f64, value: impl Fn(usize) -> f64) -> String {
    let values: Vec<_> = block
        .variables
        .iter()
        .enumerate()
        .map(|(slot, name)| format!("{name} = {:e}", value(slot)))
        .collect();
    format!("last good values at t = {t} s: {}", values.join(", "))
}

/// The same from a whole state in the model's own variables.
pub(super) fn last_good_of(layout: &Layout, place: &Place, t: f64, values: &[f64]) -> String {
    let block = &layout.blocks[place.block];
    last_good(block, t, |slot| values[block.range(slot).start + place.post * block.pre + place.pre])
}
