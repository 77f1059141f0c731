//! Which way round a block lies in memory, and into how many pieces it is cut.

use super::lane::Lane;
use crate::layout::Block;

/// Most shards of one block, and how many synapses each should have: each has sums of its own, which want adding up.
const PER_BLOCK: usize = 32;
const SMALLEST: usize = 1 << 16;
/// From more synapses on two threads are faster than one.
const LEAST: usize = 1 << 13;

/// How many times less a turned block must take where inputs may rest, about 80 % of them at a time, and where none is left behind.
const TURNED: [f64; 2] = [5.0, 1.25];
/// What a row takes by itself where it wakes and rests with its input, as synapses that take as long: in a block that caches hold, and
/// beyond them, where each row is fetched from memory on its own.
const ROW: [usize; 2] = [16, 96];
/// Bytes of a variable beyond which no cache is taken to hold a block.
const CACHED: usize = 1 << 22;

/// What the rows of a shard are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Of the constant 1.
    Bias,
    /// Of presynaptic units; those that are silent are left behind.
    Lazy,
    /// Of presynaptic units.
    Plain,
    /// Of postsynaptic units.
    Turned,
}

impl Form {
    /// That of a block whose inputs `may_rest`, if they are inputs. Errors that are carried by signs are not by turned blocks.
    #[must_use]
    pub fn of<T: Lane>(block: &Block, may_rest: bool, by_sign: bool) -> Self {
        let may_rest = may_rest && block.layer == 1;
        match block.layer {
            _ if block.is_bias() => Self::Bias,
            1.. if saved::<T>(block, may_rest) > TURNED[usize::from(!may_rest)] && !by_sign => Self::Turned,
            _ if may_rest => Self::Lazy,
            _ => Self::Plain,
        }
    }
}

/// How many times less a turned block takes.
fn saved<T: Lane>(block: &Block, may_rest: bool) -> f64 {
    let padded = |width: usize| width.next_multiple_of(T::ALIGN);
    let is_large = block.pre * padded(block.post) * size_of::<T>() > CACHED;
    let row = if may_rest { ROW[usize::from(is_large)] } else { 0 };
    let time = |rows: usize, width: usize| (rows * (padded(width) + row)) as f64;
    time(block.pre, block.post) / time(block.post, block.pre)
}

/// How many shards so many synapses want.
#[must_use]
pub fn pieces(synapses: usize) -> usize {
    match synapses.div_ceil(SMALLEST) {
        0 | 1 if synapses > LEAST => 2,
        0 | 1 => 1,
        // As many for each of two or four threads.
        most => most.next_multiple_of(4).min(PER_BLOCK),
    }
}
