//! What the synapses of a projection see over a step.

use pulp::Simd;

use super::aligned::Aligned;
use super::factors::Factors;
use super::gain::{Nodes, Push};
use super::lane::Lane;
use super::pack::Pack;
use super::rows::Rows;
use super::shard::Shard;

/// How signals change over a step: nodes at which they are as at its start are not to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// All stay.
    Frozen,
    /// Those of the rows stay.
    Steady,
    /// All may change.
    #[default]
    Moving,
}

/// The signals that the synapses of a projection see over a step: those of the units that rows and columns belong to, each at its start,
/// middle and end.
#[derive(Debug, Default)]
pub struct Seen<T> {
    /// Layer that the projection ends in.
    pub layer: usize,
    /// Whether rows are of postsynaptic units.
    pub is_turned: bool,
    /// Whether rows see the constant 1 throughout.
    pub is_constant: bool,
    /// Signals of the rows that make `g`.
    pub rows: [Vec<T>; 3],
    /// Signals of the columns that make `g`, padded.
    pub columns: [Aligned<T>; 3],
    /// Signals of the rows that weights pass on, at the inner node and the end: see [`Seen::sent`].
    pub sent_rows: [Vec<T>; 2],
    /// Signals of the columns that weights pass on, likewise, padded.
    pub sent_columns: [Aligned<T>; 2],
    /// How they change over the step.
    pub pace: Pace,
    /// Sizes of presynaptic activities for the risk, where these are the rows: see [`Seen::reach`].
    pub row_sizes: Vec<T>,
    /// The same where they are the columns, padded.
    pub column_sizes: Aligned<T>,
    /// Whether the presynaptic activities stay for the whole of the segment: they are shown once, as those of the start.
    pub is_held: bool,
}

impl<T: Lane> Seen<T> {
    /// What the projection in these pieces sees before anything is shown.
    #[must_use]
    pub fn of(pieces: &[Shard<T>]) -> Self {
        let (layer, is_turned) = pieces.first().map_or((0, false), |shard| (shard.layer, shard.is_turned()));
        let is_constant = layer == 0 || pieces.iter().any(Shard::is_bias);
        let units = pieces.iter().map(|shard| shard.rows.len()).sum();
        let one = if is_constant { vec![T::from_f64(1.0); units] } else { Vec::new() };
        let rows = [one, Vec::new(), Vec::new()];
        Self {
            layer,
            is_turned,
            is_constant,
            rows,
            pace: Pace::Steady,
            is_held: is_constant,
            ..Self::default()
        }
    }

    /// Activities and errors, or what has been made of them, as what rows and columns see.
    #[inline]
    #[must_use]
    pub fn sides<A>(&self, activities: A, errors: A) -> [A; 2] {
        if self.is_turned { [errors, activities] } else { [activities, errors] }
    }

    /// Whether the signals of the rows stay for the whole of the segment.
    #[inline]
    #[must_use]
    pub fn holds_rows(&self) -> bool {
        self.is_held && !self.is_turned
    }

    /// Whether those of the columns do.
    #[inline]
    #[must_use]
    pub fn holds_columns(&self) -> bool {
        self.is_held && self.is_turned
    }

    /// Signals of the rows that weights pass on, at the inner node and the end.
    #[must_use]
    pub fn sent(&self) -> [&[T]; 2] {
        if self.holds_rows() { [&self.rows[0]; 2] } else { self.sent_rows.each_ref().map(Vec::as_slice) }
    }

    /// The same of all columns.
    #[must_use]
    pub fn sent_columns(&self) -> [&[T]; 2] {
        if self.holds_columns() {
            [&self.columns[0]; 2]
        } else {
            self.sent_columns.each_ref().map(|sent| &**sent)
        }
    }

    /// Sizes of the presynaptic activities for the risk, where these are the rows, but for their signs.
    #[must_use]
    pub fn reach(&self) -> &[T] {
        if self.holds_rows() { &self.rows[0] } else { &self.row_sizes }
    }

    /// The same where they are the columns of a shard, else none: where errors are sent on, there is no risk to be summed.
    #[must_use]
    pub fn column_reach(&self, shard: &Shard<T>) -> &[T] {
        match (self.is_turned, self.is_held) {
            (false, _) => &[],
            (true, true) => &self.columns[0][shard.span()],
            (true, false) => &self.column_sizes[shard.span()],
        }
    }
}

/// What the columns of a shard see, as vectors: errors of postsynaptic units, unless the shard is turned.
#[derive(Clone, Copy)]
pub struct Columns<'a, S: Simd, T: Lane> {
    signal: Nodes<&'a [T::Vector<S>]>,
}

impl<'a, S: Simd, T: Lane> Columns<'a, S, T> {
    /// Those of a shard, cut to its vectors: all lengths in a loop are one, and known to be.
    #[inline(always)]
    pub fn new(seen: &'a Seen<T>, shard: &Shard<T>) -> Self {
        let (span, n) = (shard.span(), shard.vectors::<S>());
        let vectors = |values: &'a Aligned<T>| &T::vectors::<S>(&values[span.clone()])[..n];
        let [start, middle, end] = &seen.columns;
        let stays = seen.pace == Pace::Frozen || seen.holds_columns();
        let [middle, end] = if stays { [start; 2] } else { [middle, end] };
        Self { signal: [vectors(start), vectors(middle), vectors(end)] }
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
        if seen.pace != Pace::Moving {
            return [start; 3];
        }
        let [middle, end] = [self.value(&seen.rows[1], row), self.value(&seen.rows[2], row)];
        [start, Pack::splat(simd, middle), Pack::splat(simd, end)]
    }
}
