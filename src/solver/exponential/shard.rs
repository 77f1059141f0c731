//! Storage: a few rows of one projection, with what a pass over them leaves behind.
//!
//! A row holds the synapses of one presynaptic unit, padded to whole vectors: `[pre, post]`, the transpose of
//! [`crate::layout::Layout`]. So a silent unit is a row that can be left alone, the forward product adds rows up and the
//! product with the feedback weights is one dot product a row. Where padding would cost more than silence saves, as it does of a
//! few units above many, the shard is turned: a row holds the synapses of one postsynaptic unit, and the two products change places.
//! Shards have a fixed size and their results are added up in a fixed order, whatever the number of threads. Each has some of the rows,
//! or, where it is turned and they are few and long, a part of all.

use std::ops::Range;

use pulp::Simd;

use super::aligned::Aligned;
use super::form::{Form, pieces};
use super::lane::Lane;
use super::rows::{Rows, Size, Sums};
use crate::layout::Block;

/// Positions of the variables within [`Shard::state`]; `v` and `v_b` are where the gains are.
pub const VARIABLES: [&str; 6] = ["w", "m", "rho", "b", "m_b", "rho_b"];
/// Position of `w`.
pub const W: usize = 0;
/// Position of `m`.
pub const M: usize = 1;
/// Position of the gain's stored coordinate.
pub const C: usize = 2;
/// Position of `b`.
pub const B: usize = 3;

/// Vectors that one word of flags tells of.
pub const FLAGS: usize = 64;

/// Whether the terms of a forecast are at hand before errors are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Foresight {
    /// They are not.
    None,
    /// For a step of this length, in s.
    Until(f64),
    /// They are not, nor will they be next time: some synapse went the long way in the last forecast.
    Rough,
}

/// What all shards of a block have in common.
struct Here {
    index: usize,
    projection: usize,
    form: Form,
    learns: bool,
}

/// Rows of one block, or parts of them.
#[derive(Clone, Debug)]
pub struct Shard<T> {
    /// Index of the block.
    pub block: usize,
    /// Number of the projection, by which its signals are found.
    pub projection: usize,
    /// Layer that it ends in, from 1; 0 in a protocol.
    pub layer: usize,
    /// What its rows are.
    pub form: Form,
    /// Whether the block has feedback weights that learn.
    pub learns: bool,
    /// Units of the rows.
    pub rows: Rows,
    /// The first column that is here.
    pub first_column: usize,
    /// Values of a row, and of a row with its padding.
    pub width: usize,
    /// See `width`.
    pub stride: usize,
    /// The variables, each `[row, stride]`, or empty.
    pub state: [Aligned<T>; 6],
    /// The rows that take part in steps, in order.
    pub awake: Vec<u32>,
    /// The time that each row has reached, s.
    pub clock: Vec<f64>,
    /// Sizes of each row as of its last step; those of rows that go together are with the first.
    pub size: Vec<Size>,
    /// Those of all rows, as of the last step.
    pub total: Size,
    /// Sums over the rows.
    pub columns: Sums<Aligned<T>>,
    /// Sums over the values of each row.
    pub each: Sums<Vec<T>>,
    /// Sum of the squares of the feedback weights, likewise.
    pub square: [f64; 2],
    /// Sums over the rows of the terms of a forecast: those of each vector of columns together.
    pub terms: Aligned<T>,
    /// Whether these are at hand.
    pub foresight: Foresight,
    /// Room for what pushes synapses whose rows, not turned, see 1 throughout: see [`super::common::Step::course`].
    pub course: [Aligned<T>; 4],
}

impl<T: Lane> Shard<T> {
    /// Cuts block number `index`, the projection of that number, into shards.
    #[must_use]
    pub fn cut([index, projection]: [usize; 2], block: &Block, form: Form, learns: bool) -> Vec<Self> {
        let (units, width) =
            if form == Form::Turned { (block.post, block.pre) } else { (block.pre, block.post) };
        let most = pieces(units * width.next_multiple_of(T::ALIGN));
        let here = Here { index, projection, form, learns: learns && block.slot("b").is_some() };
        if form == Form::Turned {
            let rows = Rows { first: 0, step: 1, len: units };
            let each = width.div_ceil(most).next_multiple_of(T::ALIGN);
            let firsts = (0..width).step_by(each);
            return firsts
                .map(|first| Self::new(&here, block, rows, first..width.min(first + each)))
                .collect();
        }
        let step = most.min(units);
        let rows = (0..step).map(|first| Rows { first, step, len: (units - first).div_ceil(step) });
        rows.map(|rows| Self::new(&here, block, rows, 0..width)).collect()
    }

    /// These rows and columns of a block.
    fn new(here: &Here, block: &Block, rows: Rows, columns: Range<usize>) -> Self {
        let &Here { index, projection, form, learns } = here;
        let (n, width) = (rows.len(), columns.len());
        let stride = width.next_multiple_of(T::ALIGN);
        let state = VARIABLES.map(|name| {
            let position = Self::position(name);
            if !block.variables.iter().any(|variable| Self::position(variable) == position) {
                return Aligned::default();
            }
            // A padded synapse has gain 1, so that no root is taken of zero.
            Aligned::new(T::from_f64(if name.starts_with("rho") { 1.0 } else { 0.0 }), n * stride)
        });
        Self {
            block: index,
            projection,
            layer: block.layer,
            form,
            learns,
            rows,
            first_column: columns.start,
            width,
            stride,
            state,
            awake: (0_u32..).take(n).collect(),
            clock: vec![0.0; n],
            size: vec![Size::default(); n],
            total: Size::default(),
            columns: Sums::default(),
            each: Sums::default(),
            terms: Aligned::default(),
            foresight: Foresight::None,
            course: Default::default(),
            square: [0.0; 2],
        }
    }

    /// A shard of one row alone.
    #[must_use]
    pub fn lone(&self, row: usize) -> Self {
        let place = self.place(row);
        let state = self.state.each_ref().map(|values| {
            let Some(from) = values.get(place.clone()) else { return Aligned::new(T::default(), 0) };
            let mut to = Aligned::new(T::default(), self.stride);
            to.copy_from_slice(from);
            to
        });
        Self {
            rows: Rows { first: self.rows.unit(row), step: 1, len: 1 },
            state,
            awake: vec![0],
            clock: vec![self.clock[row]],
            size: vec![self.size[row]],
            columns: Sums::default(),
            each: Sums::default(),
            terms: Aligned::default(),
            course: Default::default(),
            ..*self
        }
    }

    /// Where row `row` (from the shard's first) lives.
    #[must_use]
    pub fn place(&self, row: usize) -> Range<usize> {
        row * self.stride..(row + 1) * self.stride
    }

    /// Where the signals of its columns are among those of all columns, as far as they go.
    #[inline(always)]
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.first_column..self.first_column + self.stride
    }

    /// Vectors of a row.
    #[inline(always)]
    #[must_use]
    pub fn vectors<S: Simd>(&self) -> usize {
        self.stride * size_of::<T>() / size_of::<T::Vector<S>>()
    }

    /// Whether the presynaptic unit is the constant 1.
    #[inline(always)]
    #[must_use]
    pub fn is_bias(&self) -> bool {
        self.form == Form::Bias
    }

    /// Whether silent rows are left behind.
    #[inline(always)]
    #[must_use]
    pub fn is_lazy(&self) -> bool {
        self.form == Form::Lazy
    }

    /// Whether rows are of postsynaptic units.
    #[inline(always)]
    #[must_use]
    pub fn is_turned(&self) -> bool {
        self.form == Form::Turned
    }

    /// Postsynaptic and presynaptic unit of the synapse in column `column` of a row.
    #[inline]
    #[must_use]
    pub fn units(&self, row: usize, column: usize) -> [usize; 2] {
        let (unit, column) = (self.rows.unit(row), self.first_column + column);
        if self.is_turned() { [unit, column] } else { [column, unit] }
    }

    /// Row and column of the synapse between two units, if it is here.
    #[must_use]
    pub fn find(&self, post: usize, pre: usize) -> Option<[usize; 2]> {
        let [unit, column] = if self.is_turned() { [post, pre] } else { [pre, post] };
        let column = column.checked_sub(self.first_column).filter(|column| *column < self.width)?;
        self.rows.row(unit).map(|row| [row, column])
    }

    /// Looks up which rows take part in steps, given which inputs do.
    pub fn look_who_wakes(&mut self, inputs: &[bool]) {
        if !self.is_lazy() {
            return;
        }
        self.awake.resize(self.rows.len(), 0);
        let mut count = 0;
        // Without a branch: who is awake can't be foreseen.
        for (row, number) in (0..self.rows.len()).zip(0..) {
            self.awake[count] = number;
            count += usize::from(inputs[self.rows.unit(row)]);
        }
        self.awake.truncate(count);
    }

    /// How many rows of `n` vectors are looped over at once: those that flags of one word tell of, where none is left behind.
    #[must_use]
    pub fn together(&self, n: usize) -> usize {
        if self.is_lazy() { 1 } else { (FLAGS / n.max(1)).max(1) }
    }

    /// Position within `state` of the variable at `slot` of the block.
    #[must_use]
    pub fn position(variable: &str) -> usize {
        let name = match variable {
            "v" => "rho",
            "v_b" => "rho_b",
            name => name,
        };
        VARIABLES.iter().position(|known| *known == name).unwrap_or(W)
    }

    /// Adds up the sizes of all rows.
    pub fn tally(&mut self) {
        self.total = self.size.iter().fold(Size::default(), |total, row| total.with(row));
    }

    /// Measures a row.
    pub fn measure(&mut self, row: usize) {
        let place = row * self.stride..row * self.stride + self.width;
        let [w, m, ..] = &self.state;
        self.size[row] = Size::of(&w[place.clone()], m.get(place).unwrap_or_default());
    }
}
