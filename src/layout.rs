//! Where every synaptic variable lives: one flat vector of arrays, one array per variable and block.
//!
//! A block holds the synapses of one projection, `[post, pre]` row-major: `l1`, `l2`, ... from layer to layer,
//! `l1.bias`, ... from the unit that is always 1, and `s` in a protocol (one row a synapse, one column); leaky neurons
//! have blocks `l1.neurons`, ... of their own. The order within a block of synapses is `w`, the rule's local variables, then `b` and its own local variables where they exist.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// A variable of a synapse, in the spelling of the CSV and of the weights file.
pub type VariableName = &'static str;

/// The one copy of a variable's name that lasts as long as the program: for names that come from a model's text.
pub(crate) fn interned(name: &str) -> VariableName {
    static NAMES: Mutex<BTreeSet<VariableName>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: VariableName = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    name
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Synapses between two layers, or those of a protocol.
    Weights,
    /// Synapses from the unit that is always 1.
    Bias,
    /// Leaky neurons and error units: net input `z` and error input `e`.
    Neurons,
}

/// Values of one kind: the synapses of a projection, or the neurons of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `l2`, `l2.bias` or `s`.
    pub name: String,
    /// Layer that the projection ends in, counted from 1; 0 in a protocol.
    pub layer: usize,
    /// What it holds.
    pub kind: BlockKind,
    /// Postsynaptic units.
    pub post: usize,
    /// Presynaptic units.
    pub pre: usize,
    /// The variables, in order of storage.
    pub variables: Vec<VariableName>,
    /// Index of the block's first value.
    pub offset: usize,
}

impl Block {
    /// Number of synapses, or of neurons.
    #[must_use]
    pub fn synapses(&self) -> usize {
        self.post * self.pre
    }

    /// Whether the presynaptic unit is the constant 1.
    #[must_use]
    pub fn is_bias(&self) -> bool {
        self.kind == BlockKind::Bias
    }

    /// Whether it holds neurons and no synapses.
    #[must_use]
    pub fn is_neurons(&self) -> bool {
        self.kind == BlockKind::Neurons
    }

    /// Whether its synapses are of those that carry the error down, and may have a feedback weight each.
    #[must_use]
    pub fn has_feedback(&self) -> bool {
        self.kind == BlockKind::Weights && self.layer != 1
    }

    /// Number of values: synapses times variables.
    #[must_use]
    pub fn len(&self) -> usize {
        self.synapses() * self.variables.len()
    }

    /// Whether the block holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of a variable in [`Block::variables`].
    #[must_use]
    pub fn slot(&self, variable: &str) -> Option<usize> {
        self.variables.iter().position(|name| *name == variable)
    }

    /// Where the values of the variable at `slot` live in the flat vector.
    #[must_use]
    pub fn range(&self, slot: usize) -> Range<usize> {
        let start = self.offset + slot * self.synapses();
        start..start + self.synapses()
    }

    /// The name of one synapse or neuron: `l2.p3.q17`, `l2.p3.bias`, `l2.p3`, `s0`.
    #[must_use]
    pub fn synapse_name(&self, post: usize, pre: usize) -> String {
        match (self.layer, self.kind) {
            (0, _) => format!("s{post}"),
            (layer, BlockKind::Bias) => format!("l{layer}.p{post}.bias"),
            (layer, BlockKind::Weights) => format!("l{layer}.p{post}.q{pre}"),
            (layer, BlockKind::Neurons) => format!("l{layer}.p{post}"),
        }
    }
}

/// The arrangement of the whole state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The blocks in order of storage.
    pub blocks: Vec<Block>,
}

/// What a position of the flat vector stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Layer, 0 in a protocol.
    pub layer: usize,
    /// Name of the synapse.
    pub synapse: String,
    /// Its postsynaptic unit.
    pub post: usize,
    /// Its presynaptic unit.
    pub pre: usize,
    /// Index of its block.
    pub block: usize,
    /// Name of the variable.
    pub variable: VariableName,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { layer, synapse, post, pre, variable, .. } = self;
        write!(f, "layer {layer}, synapse {synapse} (post {post}, pre {pre}), variable {variable}")
    }
}

impl Layout {
    /// An arrangement of `(name, layer, is_bias, post, pre, variables)` blocks, one after the other.
    #[must_use]
    pub fn new(blocks: impl IntoIterator<Item = Block>) -> Self {
        let mut offset = 0;
        let blocks = blocks
            .into_iter()
            .map(|mut block| {
                block.offset = offset;
                offset += block.len();
                block
            })
            .collect();
        Self { blocks }
    }

    /// Number of values of the whole state.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Block::len).sum()
    }

    /// Whether there is no state at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of synapses.
    #[must_use]
    pub fn synapses(&self) -> usize {
        self.blocks.iter().filter(|block| !block.is_neurons()).map(Block::synapses).sum()
    }

    /// The block of this name.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.name == name)
    }

    /// Where the synapse of this name is: the index of its block, its row `post` and its column `pre`.
    #[must_use]
    pub fn find(&self, synapse: &str) -> Option<(usize, usize, usize)> {
        let number = |part: &str, letter| part.strip_prefix(letter)?.parse::<usize>().ok();
        let parts: Vec<&str> = synapse.split('.').collect();
        let (layer, kind, post, pre) = match parts[..] {
            [post] => (0, BlockKind::Weights, number(post, 's')?, 0),
            [layer, post, "bias"] => (number(layer, 'l')?, BlockKind::Bias, number(post, 'p')?, 0),
            [layer, post, pre] => {
                (number(layer, 'l')?, BlockKind::Weights, number(post, 'p')?, number(pre, 'q')?)
            }
            _ => return None,
        };
        let index = self.blocks.iter().position(|block| block.layer == layer && block.kind == kind)?;
        let block = &self.blocks[index];
        let exists = post < block.post && pre < block.pre && block.synapse_name(post, pre) == synapse;
        exists.then_some((index, post, pre))
    }

    /// What the value at `index` stands for.
    #[must_use]
    pub fn place(&self, index: usize) -> Option<Place> {
        let holds = |block: &Block| (block.offset..block.offset + block.len()).contains(&index);
        let (number, block) = self.blocks.iter().enumerate().find(|(_, block)| holds(block))?;
        let (slot, synapse) =
            ((index - block.offset) / block.synapses(), (index - block.offset) % block.synapses());
        let (post, pre) = (synapse / block.pre, synapse % block.pre);
        Some(Place {
            layer: block.layer,
            synapse: block.synapse_name(post, pre),
            post,
            pre,
            block: number,
            variable: block.variables[slot],
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_synapse() {
        let block = |name: &str, layer, kind, post, pre| Block {
            name: name.to_owned(),
            layer,
            kind,
            post,
            pre,
            variables: vec!["w"],
            offset: 0,
        };
        let network = Layout::new([
            block("l1", 1, BlockKind::Weights, 3, 4),
            block("l1.bias", 1, BlockKind::Bias, 3, 1),
            block("l2", 2, BlockKind::Weights, 2, 3),
        ]);
        let protocol = Layout::new([block("s", 0, BlockKind::Weights, 3, 1)]);
        for layout in [network, protocol] {
            for (index, block) in layout.blocks.iter().enumerate() {
                for (post, pre) in (0..block.post).flat_map(|i| (0..block.pre).map(move |j| (i, j))) {
                    assert_eq!(layout.find(&block.synapse_name(post, pre)), Some((index, post, pre)));
                }
            }
            for wrong in
                ["", "s3", "l1.p3.q0", "l1.p0.q4", "l1.p00.q0", "l2.p0.bias", "l3.p0.q0", "w", "l1.p+1.q0"]
            {
                assert_eq!(layout.find(wrong), None, "{wrong}");
            }
        }
    }
}
