//! What the rows of a shard belong to, and what is known of them.

use super::aligned::Aligned;
use super::lane::Lane;

/// Which units the rows of a shard belong to: every so many, since neighbours tend to be active together.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// The first.
    pub first: usize,
    /// How many units later the next is.
    pub step: usize,
    /// How many.
    pub len: usize,
}

impl Rows {
    /// How many.
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    /// The unit of a row.
    #[inline(always)]
    #[must_use]
    pub fn unit(self, row: usize) -> usize {
        self.first + row * self.step
    }

    /// The row of a unit, if it is here.
    #[must_use]
    pub fn row(self, unit: usize) -> Option<usize> {
        let row = unit.checked_sub(self.first)? / self.step;
        (row < self.len && self.unit(row) == unit).then_some(row)
    }
}

/// Sizes of a row's weights and traces, for the error norm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Sum of squares of `w`.
    pub w2: f64,
    /// Largest `|w|`.
    pub w: f64,
    /// Sum of squares of `m`.
    pub m2: f64,
    /// Largest `|m|`.
    pub m: f64,
}

impl Size {
    /// Those of a row's weights and traces.
    #[must_use]
    pub fn of<T: Lane>(w: &[T], m: &[T]) -> Self {
        let ((w2, w), (m2, m)) = (extent(w), extent(m));
        Self { w2, w, m2, m }
    }

    /// Those of both.
    #[inline]
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self {
            w2: self.w2 + other.w2,
            w: self.w.max(other.w),
            m2: self.m2 + other.m2,
            m: self.m.max(other.m),
        }
    }
}

/// Sum of squares and largest size, of every eighth value each at first.
fn extent<T: Lane>(values: &[T]) -> (f64, f64) {
    let (mut sums, mut tops) = ([0.0; 8], [0.0_f64; 8]);
    for values in values.chunks(8) {
        for ((sum, top), value) in sums.iter_mut().zip(&mut tops).zip(values) {
            let value = value.to_f64();
            (*sum, *top) = (*sum + value * value, top.max(value.abs()));
        }
    }
    (sums.iter().sum(), tops.iter().copied().fold(0.0, f64::max))
}

/// What a pass has found at the inner node and the end of a step, or at the start alone: one value for each column or for each row.
/// There is room for what some pass has asked for.
#[derive(Clone, Debug, Default)]
pub struct Sums<A> {
    /// Sums of products of weights and signals.
    pub at: [A; 2],
    /// Sum of `(reach rho)^2` and its largest value, for each postsynaptic unit.
    pub risk: [A; 2],
}

impl<T: Lane> Sums<Aligned<T>> {
    /// Sums of `n` columns, all zero: of products, and of the risk.
    pub fn clear(&mut self, n: usize) {
        self.at.iter_mut().chain(&mut self.risk).for_each(|sums| sums.fit(n).fill(T::default()));
    }
}

impl<T: Lane> Sums<Vec<T>> {
    /// Makes room for the sums of `n` rows.
    pub fn fit(&mut self, n: usize) {
        self.at.iter_mut().chain(&mut self.risk).for_each(|sums| sums.resize(n, T::default()));
    }
}
