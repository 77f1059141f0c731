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
    signal: [&'a [T::Vector<S>]; 3],
    push: [&'a [T::Vector<S>]; 6],
    is_steady: bool,
}

impl<'a, S: Simd, T: Lane> Columns<'a, S, T> {
    /// Those of a projection, cut to `n` vectors: all lengths in a loop are one, and known to be.
    #[inline(always)]
    pub fn new(seen: &'a Seen<T>, n: usize) -> Self {
        let vectors = |values: &'a Aligned<T>| &T::vectors::<S>(values)[..n];
        let [start, middle, end] = &seen.columns;
        let signal = if seen.is_frozen { [start; 3] } else { [start, middle, end] };
        Self {
            signal: signal.map(vectors),
            push: seen.push.each_ref().map(vectors),
            is_steady: seen.is_steady,
        }
    }

    /// The vectors from number `from` up to `to`.
    #[inline(always)]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let ([d0, d1, d2], [m0, m1, v0, v1, m, v]) = (self.signal, self.push);
        Self {
            signal: [&d0[from..to], &d1[from..to], &d2[from..to]],
            push: [&m0[from..to], &m1[from..to], &v0[from..to], &v1[from..to], &m[from..to], &v[from..to]],
            ..*self
        }
    }

    /// The signals number `k` now, and what their squares add to `v` by the end if they stay.
    #[inline(always)]
    pub fn still(&self, simd: S, k: usize) -> [Pack<S, T>; 2] {
        [Pack::new(simd, self.signal[0][k]), Pack::new(simd, self.push[3][k])]
    }

    /// What the signals number `k` add to `m` and `v` where the row's is 1 throughout.
    #[inline(always)]
    pub fn forcing(&self, simd: S, k: usize) -> [Pack<S, T>; 4] {
        let [m0, m1, v0, v1, ..] = self.push;
        [Pack::new(simd, m0[k]), Pack::new(simd, m1[k]), Pack::new(simd, v0[k]), Pack::new(simd, v1[k])]
    }

    /// The same for the means over the step and for its end.
    #[inline(always)]
    pub fn course(&self, simd: S, k: usize) -> [Pack<S, T>; 4] {
        let [_, m1, _, v1, m, v] = self.push;
        [Pack::new(simd, m[k]), Pack::new(simd, m1[k]), Pack::new(simd, v[k]), Pack::new(simd, v1[k])]
    }

    /// `g` of the synapses number `k` of a row at the nodes of the step.
    #[inline(always)]
    pub fn g(&self, simd: S, x: &Nodes<Pack<S, T>>, k: usize) -> Nodes<Pack<S, T>> {
        let [d0, d1, d2] = self.signal;
        [x[0] * Pack::new(simd, d0[k]), x[1] * Pack::new(simd, d1[k]), x[2] * Pack::new(simd, d2[k])]
    }

    /// What pushes the synapses number `k` of a row over the step.
    #[inline(always)]
    pub fn push(&self, simd: S, factors: &Factors, x: &Nodes<Pack<S, T>>, k: usize) -> Push<Pack<S, T>> {
        let g = self.g(simd, x, k);
        if !self.is_steady {
            return Push::new(factors, g);
        }
        let [m0, m1, v0, v1] = self.forcing(simd, k);
        let (x, square) = (x[0], x[0] * x[0]);
        let floor = x.constants(factors.floor);
        Push { m: [x * m0, x * m1], v: [square.mul_add(v0, floor[0]), square.mul_add(v1, floor[1])], g }
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
