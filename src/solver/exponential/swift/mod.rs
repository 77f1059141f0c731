//! The inner loops over common synapses (`common`).
//!
//! A vector that the short series do not take is left for after the loop, where a function of its own goes the long way: a
//! loop without a call keeps what it needs in registers.
//!
//! What all synapses share stays in memory, out of the compiler's sight (`black_box`): an operation that takes a number from
//! there for all of a vector costs nothing more. Otherwise they would be made vectors before the loop, more than there are
//! registers, and be read back from the stack across cache lines.

pub mod add;
pub mod advance;
pub mod dot;
pub mod held;
pub mod terms;

use std::ops::Range;

use super::shard::FLAGS;

/// A part of each variable of synapses.
///
/// Written out, here and where slices are cut for a loop: `array::map` becomes a call where there are many of it, and lengths that come from a
/// call are checked in every round.
#[inline(always)]
fn part<V>([w, m, c]: [&[V]; 3], range: Range<usize>) -> [&[V]; 3] {
    [&w[range.clone()], &m[range.clone()], &c[range]]
}

/// The positions of the flags that are set.
fn flagged(mut flags: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = (flags != 0).then(|| flags.trailing_zeros() as usize);
        flags &= flags.wrapping_sub(1);
        first
    })
}
