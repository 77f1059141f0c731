//! Synaptic scaling of stored weights: what they weigh for each neuron, and their growth by a factor for each.

use pulp::Simd;

use super::cell::row_mut;
use super::lane::Lane;
use super::pack::Pack;
use super::pass::Job;
use super::shard::{B, Shard, W};

/// Sums the squares of the weights into each postsynaptic unit.
#[inline(always)]
pub fn squares<S: Simd, T: Lane>(simd: S, _job: &Job<T>, shard: &mut Shard<T>) {
    let mut sums = std::mem::take(&mut shard.columns.at[0]);
    sums.fit(shard.stride).fill(T::default());
    shard.each.at[0].resize(shard.rows.len(), T::default());
    for r in 0..shard.rows.len() {
        let w = T::vectors::<S>(&shard.state[W][shard.place(r)]);
        let mut each = Pack::<S, T>::splat(simd, T::default());
        for (sum, w) in T::vectors_mut::<S>(&mut sums).iter_mut().zip(w) {
            let w = Pack::<S, T>::new(simd, *w);
            *sum = w.mul_add(w, Pack::new(simd, *sum)).v;
            each = w.mul_add(w, each);
        }
        shard.each.at[0][r] = each.sum();
    }
    shard.columns.at[0] = sums;
}

/// Multiplies the weights into each postsynaptic unit, and the feedback weights of the same pairs where they learn.
#[inline(always)]
pub fn grow<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let factors = &job.growth[shard.layer];
    let n = shard.vectors::<S>();
    let is_turned = shard.is_turned();
    let variables = if shard.learns { &[W, B][..] } else { &[W] };
    for r in 0..shard.rows.len() {
        let place = shard.place(r);
        for variable in variables {
            let values = row_mut::<S, T>(&mut shard.state[*variable], &place, n);
            let of_row = Pack::<S, T>::splat(simd, shard.rows.value(factors, r));
            for (k, value) in values.iter_mut().enumerate() {
                let factor = if is_turned { of_row } else { Pack::new(simd, T::vectors::<S>(factors)[k]) };
                *value = (Pack::<S, T>::new(simd, *value) * factor).v;
            }
        }
    }
}
