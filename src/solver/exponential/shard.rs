//! Storage: a few rows of one projection, with what a pass over them leaves behind.
//!
//! A row holds the synapses of one presynaptic unit, padded to whole vectors: `[pre, post]`, the transpose of
//! [`crate::layout::Layout`]. So a silent unit is a row that can be left alone, the forward product adds rows up and the
//! product with the feedback weights is one dot product a row. Where padding would cost more than silence saves, as it does of a
//! few units above many, the shard is turned: a row holds the synapses of one postsynaptic unit, and the two products change places.
//! Shards have a fixed size and their results are added up in a fixed order, whatever the number of threads.

use std::ops::Range;

use super::aligned::Aligned;
use super::lane::Lane;
use super::outlook::TERMS;
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

/// Most shards of one block, and how many synapses each should have: each has sums of its own, which want adding up.
const PER_BLOCK: usize = 32;
const SMALLEST: usize = 1 << 16;
/// From more synapses on two threads are faster than one.
const LEAST: usize = 1 << 13;

/// Vectors that one word of flags tells of.
pub const FLAGS: usize = 64;

/// How many times less a turned block must take where inputs may rest, about 80 % of them at a time, and where none is left behind.
const TURNED: [f64; 2] = [5.0, 1.25];

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

/// Rows of one block.
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
    /// Cuts block number `index`, the projection of that number, into shards. Errors that are carried by signs are not by turned ones.
    #[must_use]
    pub fn cut(
        [index, projection]: [usize; 2],
        block: &Block,
        is_lazy: bool,
        learns: bool,
        by_sign: bool,
    ) -> Vec<Self> {
        let (layer, is_bias) = (block.layer, block.is_bias());
        let may_rest = is_lazy && !is_bias && layer == 1;
        let padded = |rows: usize, width: usize| (rows * width.next_multiple_of(T::ALIGN)) as f64;
        let saved = padded(block.pre, block.post) / padded(block.post, block.pre);
        let form = match layer {
            _ if is_bias => Form::Bias,
            1.. if saved > TURNED[usize::from(!may_rest)] && !by_sign => Form::Turned,
            _ if may_rest => Form::Lazy,
            _ => Form::Plain,
        };
        let is_turned = form == Form::Turned;
        let (units, width) = if is_turned { (block.post, block.pre) } else { (block.pre, block.post) };
        let stride = width.next_multiple_of(T::ALIGN);
        let synapses = units * stride;
        let most = match synapses.div_ceil(SMALLEST) {
            0 | 1 if synapses > LEAST => 2,
            0 | 1 => 1,
            // As many for each of two or four threads.
            most => most.next_multiple_of(4).min(PER_BLOCK),
        };
        let step = most.min(units);
        (0..step)
            .map(|first| {
                let rows = Rows { first, step, len: (units - first).div_ceil(step) };
                let n = rows.len();
                let state = VARIABLES.map(|name| {
                    let position = Self::position(name);
                    if !block.variables.iter().any(|variable| Self::position(variable) == position) {
                        return Aligned::new(T::default(), 0);
                    }
                    // A padded synapse has gain 1, so that no root is taken of zero.
                    Aligned::new(T::from_f64(if name.starts_with("rho") { 1.0 } else { 0.0 }), n * stride)
                });
                let sums = || Aligned::new(T::default(), stride);
                let each = || vec![T::default(); n];
                let room = || if is_turned { Aligned::default() } else { sums() };
                Self {
                    block: index,
                    projection,
                    layer,
                    form,
                    learns: learns && block.slot("b").is_some(),
                    rows,
                    width,
                    stride,
                    state,
                    awake: (0_u32..).take(n).collect(),
                    clock: vec![0.0; n],
                    size: vec![Size::default(); n],
                    total: Size::default(),
                    columns: Sums { at: [sums(), sums()], risk: [sums(), sums()] },
                    each: Sums { at: [each(), each()], risk: [each(), each()] },
                    terms: Aligned::new(T::default(), if is_turned { 0 } else { TERMS * stride }),
                    foresight: Foresight::None,
                    course: [room(), room(), room(), room()],
                    square: [0.0; 2],
                }
            })
            .collect()
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
        let none = || Aligned::new(T::default(), 0);
        Self {
            rows: Rows { first: self.rows.unit(row), step: 1, len: 1 },
            state,
            awake: vec![0],
            clock: vec![self.clock[row]],
            size: vec![self.size[row]],
            columns: Sums::default(),
            each: Sums::default(),
            terms: none(),
            course: [none(), none(), none(), none()],
            ..*self
        }
    }

    /// Where row `row` (from the shard's first) lives.
    #[must_use]
    pub fn place(&self, row: usize) -> Range<usize> {
        row * self.stride..(row + 1) * self.stride
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
        let unit = self.rows.unit(row);
        if self.is_turned() { [unit, column] } else { [column, unit] }
    }

    /// Row and column of the synapse between two units, if it is here.
    #[must_use]
    pub fn find(&self, post: usize, pre: usize) -> Option<[usize; 2]> {
        let [unit, column] = if self.is_turned() { [post, pre] } else { [pre, post] };
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
        let add = |total: Size, row: &Size| Size {
            w2: total.w2 + row.w2,
            w: total.w.max(row.w),
            m2: total.m2 + row.m2,
            m: total.m.max(row.m),
        };
        self.total = self.size.iter().fold(Size::default(), add);
    }

    /// Measures a row.
    pub fn measure(&mut self, row: usize) {
        let place = row * self.stride..row * self.stride + self.width;
        let [w, m, ..] = &self.state;
        self.size[row] = Size::of(&w[place.clone()], m.get(place).unwrap_or_default());
    }
}
