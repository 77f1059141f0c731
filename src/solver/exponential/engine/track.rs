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
/// What the rule of three nodes leaves out of the mean of a fourth power is a 120th; half of that, since `rho` goes with the root.
const QUARTIC: f64 = 1.0 / 240.0;

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

/// What the presynaptic activities of a layer do over a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// The most that two solutions see differently of one, in parts of its reach.
    pub off: f64,
    /// The largest change.
    pub change: f64,
    /// The most that one goes up and down, in parts of its reach.
    pub way: f64,
    /// The largest coefficient of the square of time, likewise.
    pub bend: f64,
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

    /// Of presynaptic activities, of which differences up to `noise` are rounding.
    pub fn senders(self, arch: Arch, reach: &'a [f64], noise: f64) -> Sent {
        arch.dispatch(Senders { track: self, reach, noise })
    }

    /// Of postsynaptic errors: the largest, and the largest change. Fills `delta` with the size of each, `error` with what two solutions
    /// see differently of it, what they do of `sent` times its size included, and `quartic` with what the rule for the mean of the
    /// square leaves out in a step of `x` time constants. Differences up to `noise` are rounding.
    pub fn receivers(
        self,
        arch: Arch,
        (sent, x, noise): (Sent, f64, f64),
        [error, delta, quartic]: [&mut Vec<f64>; 3],
    ) -> [f64; 2] {
        let n = self.now[0].len();
        error.resize(n, 0.0);
        delta.resize(n, 0.0);
        quartic.resize(n, 0.0);
        arch.dispatch(Receivers { track: self, sent, x, noise, error, delta, quartic })
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
    /// What the units number `k` do.
    #[inline(always)]
    fn at(&self, k: usize) -> Course<Pack<S, f64>> {
        let [start, middle, end] = [self.now[0].at(k), self.now[1].at(k), self.now[2].at(k)];
        let mut size = start.abs().max(middle.abs()).max(end.abs());
        let bend = bend([start, middle, end]);
        let off = if self.order == Order::Four {
            let [middle_before, end_before] = [self.before[1].at(k), self.before[2].at(k)];
            size = size.max(middle_before.abs()).max(end_before.abs());
            let late = (end - end_before).abs() * start.constant(SIMPSON[2]);
            (middle - middle_before).abs() * start.constant(SIMPSON[1]) + late
        } else {
            bend * start.constant(SIMPSON[1])
        };
        let way = (middle - start).abs() + (end - middle).abs();
        Course { off, size, change: (end - start).abs(), way, bend: bend * start.constant(4.0) }
    }
}

/// What units do over a step.
struct Course<P> {
    /// What two solutions see differently of them.
    off: P,
    /// Their sizes, as both see them.
    size: P,
    /// From the start to the end.
    change: P,
    /// Up and down.
    way: P,
    /// The coefficient of the square of time, of a step of length 1.
    bend: P,
}

/// How far the middle is from the straight line.
#[inline(always)]
fn bend<S: Simd>([start, middle, end]: [Pack<S, f64>; 3]) -> Pack<S, f64> {
    (middle - (start + end) * start.constant(0.5)).abs()
}

/// What the rule for the mean of the square leaves out of a signal with these values at the nodes of a step of `x` time constants.
pub(super) fn quartic([start, middle, end]: [f64; 3], x: f64) -> f64 {
    let (bend, way) =
        (2.0 * (start - 2.0 * middle + end).abs(), (middle - start).abs() + (end - middle).abs());
    QUARTIC * bend * (bend + 2.0 * x * way)
}

struct Senders<'a> {
    track: Track<'a>,
    reach: &'a [f64],
    noise: f64,
}

impl WithSimd for Senders<'_> {
    type Output = Sent;
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Sent {
        let (lines, reach) = (self.track.lines(simd), Line::new(simd, self.reach));
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let noise = zero.constant(self.noise);
        let mut tops = [zero; 4];
        for k in 0..reach.len() {
            let (course, reach) = (lines.at(k), reach.at(k));
            // What an earlier round saw of a unit that is off now counts in parts of what it was then.
            let reach = reach.max(course.size);
            let counts = reach.mul_add(zero.constant(ROUNDING), noise);
            let part = |value: Pack<S, f64>| (counts - value).select(value / reach, zero);
            tops = [
                tops[0].max(part(course.off)),
                tops[1].max(course.change),
                tops[2].max(part(course.way)),
                tops[3].max(part(course.bend)),
            ];
        }
        let [off, change, way, bend] = tops.map(Pack::most);
        Sent { off, change, way, bend }
    }
}

struct Receivers<'a> {
    track: Track<'a>,
    sent: Sent,
    x: f64,
    noise: f64,
    error: &'a mut [f64],
    delta: &'a mut [f64],
    quartic: &'a mut [f64],
}

impl WithSimd for Receivers<'_> {
    type Output = [f64; 2];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 2] {
        let lines = self.track.lines(simd);
        let (mut error, mut delta) = (LineMut::new(simd, self.error), LineMut::new(simd, self.delta));
        let mut quartic = LineMut::new(simd, self.quartic);
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let [off, way, bend] = [self.sent.off, self.sent.way, self.sent.bend].map(|sent| zero.constant(sent));
        let noise = zero.constant(self.noise);
        let (double, part) = (zero.constant(2.0 * self.x), zero.constant(QUARTIC));
        let mut tops = [zero; 2];
        for k in 0..lines.now[0].len() {
            let own = lines.at(k);
            // What is no number stays none.
            let seen = own.off.mul_add(zero, (noise - own.off).select(own.off, zero));
            error.put(k, off.mul_add(own.size, seen));
            delta.put(k, own.size);
            // Coefficients of the fourth and third power of time in the square of (1 + way t + bend t^2) times the same of the unit.
            let (both, bent) = (way * own.way, bend * own.size);
            let fourth = both.mul_add(both, own.bend.mul_add(own.bend, bent * bent));
            let third = both * way.mul_add(own.size, own.way) + own.bend * own.way + bent * way * own.size;
            quartic.put(k, third.mul_add(double, fourth) * part);
            tops = [tops[0].max(own.size), tops[1].max(own.change)];
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
