//! The signals of a layer over a step: how large they are, how they change, and what two solutions see differently of them.

use pulp::{Arch, Simd, WithSimd};

use super::super::Order;
use super::super::line::{Line, LineMut};
use super::super::pack::Pack;
use crate::network::Signals;

/// Weights of the signals at the nodes in their mean.
pub(super) const SIMPSON: [f64; 3] = [1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0];
/// What rounding may change of a signal, in parts of its size.
const ROUNDING: f64 = 1e-15;

/// Sizes of the presynaptic activities of a layer over a step.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    /// That of each.
    pub each: Vec<f64>,
    /// Sum of their squares.
    pub square: f64,
    /// The largest.
    pub top: f64,
}

/// The signals of a layer's units at the nodes of a step, and as they were seen before.
#[derive(Clone, Copy)]
pub(super) struct Track<'a> {
    now: [&'a [f64]; 3],
    before: [&'a [f64]; 3],
    order: Order,
}

impl<'a> Track<'a> {
    pub fn new(
        [now, before]: [&'a [Signals; 3]; 2],
        order: Order,
        which: impl Fn(&'a Signals) -> &'a Vec<f64>,
    ) -> Self {
        let [now, before] =
            [now, before].map(|nodes| nodes.each_ref().map(|signals| which(signals).as_slice()));
        Self { now, before, order }
    }

    /// Of presynaptic activities: the most that two solutions see differently, in parts of the reach, and the largest change.
    pub fn senders(self, arch: Arch, reach: &'a [f64]) -> [f64; 2] {
        arch.dispatch(Senders { track: self, reach })
    }

    /// Of postsynaptic errors: the largest, and the largest change. Fills `delta` with the size of each, and `error` with what two
    /// solutions see differently of it, `pre` times its size included.
    pub fn receivers(self, arch: Arch, pre: f64, error: &mut Vec<f64>, delta: &mut Vec<f64>) -> [f64; 2] {
        let n = self.now[0].len();
        error.resize(n, 0.0);
        delta.resize(n, 0.0);
        arch.dispatch(Receivers { track: self, pre, error, delta })
    }

    #[inline(always)]
    fn lines<S: Simd>(self, simd: S) -> Lines<'a, S> {
        let Self { now, before, order } = self;
        let lines = |nodes: [&'a [f64]; 3]| {
            [Line::new(simd, nodes[0]), Line::new(simd, nodes[1]), Line::new(simd, nodes[2])]
        };
        Lines { now: lines(now), before: lines(before), order }
    }
}

/// The same as vectors.
struct Lines<'a, S: Simd> {
    now: [Line<'a, S>; 3],
    before: [Line<'a, S>; 3],
    order: Order,
}

impl<S: Simd> Lines<'_, S> {
    /// What two solutions see differently of the units number `k`, their sizes, and their changes.
    #[inline(always)]
    fn at(&self, k: usize) -> [Pack<S, f64>; 3] {
        let [start, middle, end] = [self.now[0].at(k), self.now[1].at(k), self.now[2].at(k)];
        let off = if self.order == Order::Four {
            let [middle_before, end_before] = [self.before[1].at(k), self.before[2].at(k)];
            let late = (end - end_before).abs() * start.constant(SIMPSON[2]);
            (middle - middle_before).abs() * start.constant(SIMPSON[1]) + late
        } else {
            bend([start, middle, end]) * start.constant(SIMPSON[1])
        };
        [off, start.abs().max(middle.abs()).max(end.abs()), (end - start).abs()]
    }
}

/// How far the middle is from the straight line.
#[inline(always)]
fn bend<S: Simd>([start, middle, end]: [Pack<S, f64>; 3]) -> Pack<S, f64> {
    (middle - (start + end) * start.constant(0.5)).abs()
}

struct Senders<'a> {
    track: Track<'a>,
    reach: &'a [f64],
}

impl WithSimd for Senders<'_> {
    type Output = [f64; 2];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 2] {
        let (lines, reach) = (self.track.lines(simd), Line::new(simd, self.reach));
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let mut tops = [zero; 2];
        for k in 0..reach.len() {
            let ([off, _, change], reach) = (lines.at(k), reach.at(k));
            let counts = reach * zero.constant(ROUNDING) - off;
            tops = [tops[0].max(counts.select(off / reach, zero)), tops[1].max(change)];
        }
        tops.map(Pack::most)
    }
}

struct Receivers<'a> {
    track: Track<'a>,
    pre: f64,
    error: &'a mut [f64],
    delta: &'a mut [f64],
}

impl WithSimd for Receivers<'_> {
    type Output = [f64; 2];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 2] {
        let lines = self.track.lines(simd);
        let (mut error, mut delta) = (LineMut::new(simd, self.error), LineMut::new(simd, self.delta));
        let pre = Pack::<S, f64>::splat(simd, self.pre);
        let mut tops = [pre.constant(0.0); 2];
        for k in 0..lines.now[0].len() {
            let [off, size, change] = lines.at(k);
            error.put(k, pre.mul_add(size, off));
            delta.put(k, size);
            tops = [tops[0].max(size), tops[1].max(change)];
        }
        tops.map(Pack::most)
    }
}

/// Sum of the squares of values, and the size of the largest of them.
pub(super) fn sizes(arch: Arch, values: &[f64]) -> [f64; 2] {
    arch.dispatch(Sizes(values))
}

struct Sizes<'a>(&'a [f64]);

impl WithSimd for Sizes<'_> {
    type Output = [f64; 2];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 2] {
        let line = Line::new(simd, self.0);
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let (mut square, mut top) = (zero, zero);
        for k in 0..line.len() {
            let value = line.at(k);
            (square, top) = (value.mul_add(value, square), top.max(value.abs()));
        }
        [square.sum(), top.most()]
    }
}

/// How much smaller than the part that straight lines leave out the next one is likely to be, of values at the start, middle and
/// end of a step: at most 1.
pub(super) fn decline(arch: Arch, nodes: [&[f64]; 3], caution: f64) -> f64 {
    let [first, second] = arch.dispatch(Terms(nodes));
    let ratio: f64 = if second > 0.0 { second / first } else { 0.0 };
    (caution * ratio).min(1.0)
}

/// The first two terms of the expansion of values, over all of them.
struct Terms<'a>([&'a [f64]; 3]);

impl WithSimd for Terms<'_> {
    type Output = [f64; 2];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 2] {
        let [start, middle, end] = self.0;
        let [start, middle, end] = [Line::new(simd, start), Line::new(simd, middle), Line::new(simd, end)];
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let (mut first, mut second) = (zero, zero);
        for k in 0..start.len() {
            let nodes = [start.at(k), middle.at(k), end.at(k)];
            first = (nodes[2] - nodes[0]).abs() + first;
            second = bend(nodes) + second;
        }
        [0.5 * first.sum(), second.sum()]
    }
}
