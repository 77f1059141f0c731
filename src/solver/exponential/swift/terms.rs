//! The terms of forecasts over inputs that stay: of rows, of shards, and what follows from them.

use pulp::Simd;

use super::super::aligned::Aligned;
use super::super::lane::Lane;
use super::super::outlook::{Outlook, Part, Row, TERMS};
use super::super::pack::Pack;
use super::super::pass::Job;
use super::super::shard::Shard;
use super::super::sight::Seen;

/// The terms of a forecast: see [`TERMS`].
#[derive(Clone, Copy)]
pub struct Total<P> {
    start: P,
    drive: P,
    size: P,
    square: P,
    cube: P,
    signal: P,
    risk: P,
    /// The largest risk.
    pub top: P,
}

impl<S: Simd, T: Lane> Total<Pack<S, T>> {
    /// The terms from memory.
    #[inline(always)]
    pub fn load(simd: S, terms: &[T::Vector<S>; TERMS]) -> Self {
        let [start, drive, size, square, cube, signal, risk, top] = *terms;
        Self {
            start: Pack::new(simd, start),
            drive: Pack::new(simd, drive),
            size: Pack::new(simd, size),
            square: Pack::new(simd, square),
            cube: Pack::new(simd, cube),
            signal: Pack::new(simd, signal),
            risk: Pack::new(simd, risk),
            top: Pack::new(simd, top),
        }
    }

    /// The terms for memory.
    #[inline(always)]
    pub fn store(&self) -> [T::Vector<S>; TERMS] {
        let Self { start, drive, size, square, cube, signal, risk, top } = self;
        [start.v, drive.v, size.v, square.v, cube.v, signal.v, risk.v, top.v]
    }

    /// Adds the synapses of a row.
    #[inline(always)]
    pub fn add(&mut self, row: &Row<T>, w: Pack<S, T>, part: &Part<Pack<S, T>>) {
        self.start = w.mul_add(w.like(row.x), self.start);
        self.drive = self.drive + part.drive;
        self.size = part.drive.mul_add(part.size, self.size);
        self.square = part.drive.mul_add(part.square, self.square);
        self.cube = part.drive.mul_add(part.risk, self.cube);
        self.signal = part.gain.mul_add(w.like(row.x), self.signal);
        self.risk = self.risk + part.risk;
        self.top = self.top.max(part.risk);
    }

    /// Adds the terms of other rows.
    #[inline(always)]
    pub fn add_all(&mut self, other: &Self) {
        self.start = self.start + other.start;
        self.drive = self.drive + other.drive;
        self.size = self.size + other.size;
        self.square = self.square + other.square;
        self.cube = self.cube + other.cube;
        self.signal = self.signal + other.signal;
        self.risk = self.risk + other.risk;
        self.top = self.top.max(other.top);
    }
}

/// The terms of vector after vector.
#[inline(always)]
pub fn together<S: Simd, T: Lane>(terms: &[T]) -> &[[T::Vector<S>; TERMS]] {
    T::vectors::<S>(terms).as_chunks().0
}

/// The same, to be written.
#[inline(always)]
pub fn together_mut<S: Simd, T: Lane>(terms: &mut [T]) -> &mut [[T::Vector<S>; TERMS]] {
    T::vectors_mut::<S>(terms).as_chunks_mut().0
}

/// Adds the terms of a shard to those of others.
#[inline(always)]
pub fn gather<S: Simd, T: Lane>(simd: S, shard: &Shard<T>, to: &mut Aligned<T>) {
    let from = together::<S, T>(&shard.terms);
    for (to, from) in together_mut::<S, T>(to.fit(shard.terms.len())).iter_mut().zip(from) {
        let mut total = Total::<Pack<S, T>>::load(simd, to);
        total.add_all(&Total::load(simd, from));
        *to = total.store();
    }
}

/// From the terms of all rows the sums at the nodes of the step, but for what goes the long way, and the risk.
#[inline(always)]
pub fn finish<S: Simd, T: Lane>(
    simd: S,
    job: &Job<T>,
    seen: &Seen<T>,
    terms: &Aligned<T>,
    to: &mut [Aligned<T>; 4],
) {
    let outlook = Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let columns = &seen.columns[0];
    let [inner, end, risk, top] = to.each_mut().map(|to| T::vectors_mut::<S>(to.fit(columns.len())));
    for (k, (delta, terms)) in T::vectors::<S>(columns).iter().zip(together::<S, T>(terms)).enumerate() {
        let total = Total::<Pack<S, T>>::load(simd, terms);
        let terms = [total.drive, total.size, total.square, total.cube, total.signal];
        let changes = outlook.changes(terms, Pack::new(simd, *delta));
        (inner[k], end[k]) = ((total.start + changes[0]).v, (total.start + changes[1]).v);
        (risk[k], top[k]) = (total.risk.v, total.top.v);
    }
}
