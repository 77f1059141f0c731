//! What the synapses of a shard see over a step, as vectors.

use pulp::Simd;

use super::aligned::Aligned;
use super::factors::Factors;
use super::gain::{Nodes, Push};
use super::lane::Lane;
use super::pack::Pack;
use super::pass::Seen;
use super::shard::Rows;

/// What the columns of a shard see, as vectors: errors of postsynaptic units, unless the shard is turned.
#[derive(Clone, Copy)]
pub struct Columns<'a, S: Simd, T: Lane> {
    signal: Nodes<&'a [T::Vector<S>]>,
}

impl<'a, S: Simd, T: Lane> Columns<'a, S, T> {
    /// Those of a projection, cut to `n` vectors: all lengths in a loop are one, and known to be.
    #[inline(always)]
    pub fn new(seen: &'a Seen<T>, n: usize) -> Self {
        let vectors = |values: &'a Aligned<T>| &T::vectors::<S>(values)[..n];
        let [start, middle, end] = &seen.columns;
        let signal = if seen.is_frozen { [start; 3] } else { [start, middle, end] };
        Self { signal: signal.map(vectors) }
    }

    /// None.
    #[inline(always)]
    pub fn none() -> Self {
        Self { signal: [&[]; 3] }
    }

    /// The vectors from number `from` up to `to`.
    #[inline(always)]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let [start, middle, end] = self.signal;
        Self { signal: [&start[from..to], &middle[from..to], &end[from..to]] }
    }

    /// The signals number `k` now.
    #[inline(always)]
    pub fn still(&self, simd: S, k: usize) -> Pack<S, T> {
        Pack::new(simd, self.signal[0][k])
    }

    /// The signals number `k` at the nodes of the step.
    #[inline(always)]
    pub fn nodes(&self, simd: S, k: usize) -> Nodes<Pack<S, T>> {
        let [start, middle, end] = self.signal;
        [Pack::new(simd, start[k]), Pack::new(simd, middle[k]), Pack::new(simd, end[k])]
    }

    /// `g` of the synapses number `k` of a row that sees `x`.
    #[inline(always)]
    pub fn g(&self, simd: S, x: &Nodes<Pack<S, T>>, k: usize) -> Nodes<Pack<S, T>> {
        let [start, middle, end] = self.nodes(simd, k);
        [x[0] * start, x[1] * middle, x[2] * end]
    }

    /// What pushes the synapses number `k` of a row over the step.
    #[inline(always)]
    pub fn push(&self, simd: S, factors: &Factors, x: &Nodes<Pack<S, T>>, k: usize) -> Push<Pack<S, T>> {
        Push::new(factors, self.g(simd, x, k))
    }
}

impl Rows {
    /// The value of a row.
    #[inline(always)]
    pub fn value<T: Lane>(self, values: &[T], row: usize) -> T {
        values.get(self.unit(row)).copied().unwrap_or_default()
    }

    /// The signals of a row that make `g`.
    #[inline(always)]
    pub fn signals<S: Simd, T: Lane>(self, simd: S, seen: &Seen<T>, row: usize) -> Nodes<Pack<S, T>> {
        let start = Pack::splat(simd, self.value(&seen.rows[0], row));
        if seen.is_steady {
            return [start; 3];
        }
        let [middle, end] = [self.value(&seen.rows[1], row), self.value(&seen.rows[2], row)];
        [start, Pack::splat(simd, middle), Pack::splat(simd, end)]
    }
}
