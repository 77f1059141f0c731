//! Between the shards and the state in the model's own variables.

use super::lane::Lane;
use super::pass::Job;
use super::shard::Shard;
use crate::dynamics::State;
use crate::layout::Layout;

/// Columns that are gone through at once: a cache line of a row.
const AT_ONCE: usize = 8;

/// Fills a shard.
pub fn load<T: Lane>(shard: &mut Shard<T>, layout: &Layout, initial: &State) {
    let block = &layout.blocks[shard.block];
    shard.clock.fill(initial.t);
    for (slot, variable) in block.variables.iter().enumerate() {
        let values = &initial.values[block.range(slot)];
        let mut to = std::mem::take(&mut shard.state[Shard::<T>::position(variable)]);
        each(shard, block.pre, |stored, value| to[stored] = T::from_f64(values[value]));
        shard.state[Shard::<T>::position(variable)] = to;
    }
    (0..shard.rows.len()).for_each(|row| shard.measure(row));
    shard.tally();
}

/// Writes a shard's variables to the state as of `t`, brought up to date on a copy where some rows are behind.
pub fn unload<T: Lane>(
    shard: &Shard<T>,
    (arch, job): (pulp::Arch, &Job<T>),
    t: f64,
    layout: &Layout,
    values: &mut [f64],
) {
    if shard.clock.iter().any(|clock| *clock < t) {
        let mut copy = shard.clone();
        job.bring_up(arch, &mut copy, t);
        return unload(&copy, (arch, job), t, layout, values);
    }
    let block = &layout.blocks[shard.block];
    for (slot, variable) in block.variables.iter().enumerate() {
        let from = &shard.state[Shard::<T>::position(variable)];
        let to = &mut values[block.range(slot)];
        each(shard, block.pre, |stored, value| to[value] = from[stored].to_f64());
    }
}

/// Where each synapse of a shard is stored, and where it is in `[post, pre]`.
#[inline]
fn each<T: Lane>(shard: &Shard<T>, pre: usize, mut visit: impl FnMut(usize, usize)) {
    for first in (0..shard.width).step_by(AT_ONCE) {
        let columns = first..shard.width.min(first + AT_ONCE);
        for row in 0..shard.rows.len() {
            for column in columns.clone() {
                let [post, from] = shard.units(row, column);
                visit(row * shard.stride + column, post * pre + from);
            }
        }
    }
}
