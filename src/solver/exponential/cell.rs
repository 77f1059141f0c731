//! Synapses as vectors: their variables, how they work, and their way from and to memory.

use std::ops::Range;

use pulp::Simd;

use super::factors::Factors;
use super::flow::{Weights, carry};
use super::gain::{Push, evolve};
use super::idle::{Idle, rest, silent};
use super::lane::Lane;
use super::pack::Pack;
use super::rule::{Constants, Driver, Scale};
use super::twin::Twin;

/// The variables of a synapse. Those that it lacks are zero.
#[derive(Clone, Copy)]
pub struct Cell<P> {
    /// Forward weight.
    pub w: P,
    /// Momentum trace.
    pub m: P,
    /// Stored coordinate of the gain.
    pub c: P,
    /// Feedback weight.
    pub b: P,
    /// Own trace of the feedback synapse.
    pub m_b: P,
    /// Own gain of the feedback synapse.
    pub c_b: P,
}

impl<P: Copy> Cell<P> {
    /// Two of them side by side.
    #[inline(always)]
    pub fn twins([first, second]: [Self; 2]) -> Cell<Twin<P>> {
        Cell {
            w: Twin(first.w, second.w),
            m: Twin(first.m, second.m),
            c: Twin(first.c, second.c),
            b: Twin(first.b, second.b),
            m_b: Twin(first.m_b, second.m_b),
            c_b: Twin(first.c_b, second.c_b),
        }
    }
}

/// How the synapses of a shard work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The rule.
    pub rule: (Driver, Scale),
    /// Whether `b` learns.
    pub learns: bool,
    /// Whether it has traces of its own.
    pub own: bool,
}

impl Kind {
    /// That of a shard whose feedback weights learn or not, with traces of their own or not.
    #[must_use]
    pub fn new(constants: &Constants, learns: bool, own: bool) -> Self {
        Self { rule: (constants.driver, constants.scale), learns, own: learns && own }
    }

    /// Carries a synapse through a step; also gives its gain for the risk.
    #[inline(always)]
    pub fn step<S: Simd, T: Lane>(
        self,
        factors: &Factors,
        push: &Push<Pack<S, T>>,
        cell: Cell<Pack<S, T>>,
    ) -> Cell<Pack<S, T>> {
        let mut end = cell;
        let local = evolve(self.rule, factors, push, cell.m, cell.c);
        let b = (self.learns && !self.own).then_some(cell.b);
        let carried = carry(self.rule.1, factors, 1, &local, Weights { w: (cell.w, 0), b });
        (end.m, end.c, end.w) = (local.m, carried.c, carried.w);
        if self.own {
            let local = evolve(self.rule, factors, push, cell.m_b, cell.c_b);
            let carried = carry(self.rule.1, factors, 1, &local, Weights { w: (cell.b, 1), b: None });
            (end.m_b, end.c_b, end.b) = (local.m, carried.c, carried.w);
        } else if self.learns {
            end.b = carried.b;
        }
        end
    }

    /// Carries a silent synapse (`g = 0`) through a stretch of a gap.
    #[inline(always)]
    pub fn idle<S: Simd, T: Lane>(self, idle: &Idle, cell: Cell<Pack<S, T>>) -> Cell<Pack<S, T>> {
        let mut end = cell;
        let mut silence = silent(self.rule.1, idle, cell.m, cell.c);
        (end.m, end.c, end.w) = (silence.m, silence.c, rest(idle, 0, cell.w, &silence));
        if self.own {
            silence = silent(self.rule.1, idle, cell.m_b, cell.c_b);
            (end.m_b, end.c_b) = (silence.m, silence.c);
        }
        if self.learns {
            end.b = rest(idle, 1, cell.b, &silence);
        }
        end
    }
}

/// Vectors of one variable of a row; none where the variable does not exist.
#[inline(always)]
pub fn row<'a, S: Simd, T: Lane>(values: &'a [T], place: &Range<usize>, n: usize) -> &'a [T::Vector<S>] {
    values.get(place.clone()).map_or(&[], |values| &T::vectors::<S>(values)[..n])
}

/// The same, to be written.
#[inline(always)]
pub fn row_mut<'a, S: Simd, T: Lane>(
    values: &'a mut [T],
    place: &Range<usize>,
    n: usize,
) -> &'a mut [T::Vector<S>] {
    values.get_mut(place.clone()).map_or(&mut [], |values| &mut T::vectors_mut::<S>(values)[..n])
}

/// The synapses number `k` of a row.
#[inline(always)]
pub fn load<S: Simd, T: Lane>(simd: S, row: &[&[T::Vector<S>]; 6], k: usize) -> Cell<Pack<S, T>> {
    Cell {
        w: pick(simd, row[0], k),
        m: pick(simd, row[1], k),
        c: pick(simd, row[2], k),
        b: pick(simd, row[3], k),
        m_b: pick(simd, row[4], k),
        c_b: pick(simd, row[5], k),
    }
}

/// Vector number `k` of a row, zero where the variable does not exist.
#[inline(always)]
pub fn pick<S: Simd, T: Lane>(simd: S, row: &[T::Vector<S>], k: usize) -> Pack<S, T> {
    match row.get(k) {
        Some(v) => Pack::new(simd, *v),
        None => Pack::splat(simd, T::default()),
    }
}

/// The same of a row that is written.
#[inline(always)]
pub fn load_from<S: Simd, T: Lane>(simd: S, row: &[&mut [T::Vector<S>]; 6], k: usize) -> Cell<Pack<S, T>> {
    let [w, m, c, b, m_b, c_b] = row;
    load(simd, &[w, m, c, b, m_b, c_b], k)
}

/// Stores the synapses number `k` of a row.
#[inline(always)]
pub fn store<S: Simd, T: Lane>(row: &mut [&mut [T::Vector<S>]; 6], k: usize, cell: &Cell<Pack<S, T>>) {
    let [w, m, c, b, m_b, c_b] = row;
    put::<S, T>(w, k, cell.w);
    put::<S, T>(m, k, cell.m);
    put::<S, T>(c, k, cell.c);
    put::<S, T>(b, k, cell.b);
    put::<S, T>(m_b, k, cell.m_b);
    put::<S, T>(c_b, k, cell.c_b);
}

/// Writes vector number `k` of a row, if the variable exists.
#[inline(always)]
pub fn put<S: Simd, T: Lane>(row: &mut [T::Vector<S>], k: usize, value: Pack<S, T>) {
    if let Some(to) = row.get_mut(k) {
        *to = value.v;
    }
}
