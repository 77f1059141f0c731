//! Gaps: rows whose input was silent, brought up to date.

use std::borrow::Cow;
use std::hint::black_box;
use std::ops::Range;

use pulp::{NullaryFnOnce, Simd};

use super::cell::{Cell, Kind, load_from, row_mut, store};
use super::common::follow_briefly;
use super::idle::{Cutter, Idle};
use super::lane::Lane;
use super::pack::{Pack, apart};
use super::pass::Job;
use super::rule::Constants;
use super::shard::{Shard, W};
use super::swift::add::cell;
use super::twin::{Operand, twins};

/// The gaps that end at one time, each cut into stretches: rows fall silent together.
#[derive(Debug, Default)]
pub struct Gaps {
    end: f64,
    /// Where each begins.
    starts: Vec<f64>,
    /// Which stretches it has.
    parts: Vec<Range<usize>>,
    stretches: Vec<Idle>,
}

impl Gaps {
    /// Forgets all, for gaps that end at `end`.
    pub fn restart(&mut self, end: f64) {
        self.starts.clear();
        self.parts.clear();
        self.stretches.clear();
        self.end = end;
    }

    /// Adds that from `start`, if it is not known.
    pub fn add(&mut self, cutter: &Cutter, start: f64) {
        // To look at all takes less time than to stop at one.
        let is_new = self.starts.iter().filter(|known| **known == start).count() == 0;
        if is_new && start < self.end {
            let first = self.stretches.len();
            cutter.cut(start, self.end, &mut self.stretches);
            self.starts.push(start);
            self.parts.push(first..self.stretches.len());
        }
    }

    /// The stretches of the gap from `start` to `end`.
    fn cut(&self, constants: &Constants, start: f64, end: f64) -> Cow<'_, [Idle]> {
        match self.starts.iter().position(|known| *known == start && self.end == end) {
            Some(which) => self.stretches[self.parts[which].clone()].into(),
            None => Cutter::new(constants).stretches(start, end).into(),
        }
    }
}

/// Brings row `r` up to date, to the time `to`.
#[inline(always)]
pub fn catch_up<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>, r: usize, to: f64) {
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    let place = shard.place(r);
    let n = T::vectors::<S>(&shard.state[W][place.clone()]).len();
    for stretch in job.gaps.cut(&job.constants, shard.clock[r], to).iter() {
        let mut cells = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        if job.is_common() && !kind.learns {
            if stretch.fade[1] >= -2.0 * job.constants.slight {
                rest_common::<S, T, false>(simd, &job.constants, stretch, kind, &mut cells);
            } else {
                rest_common::<S, T, true>(simd, &job.constants, stretch, kind, &mut cells);
            }
            continue;
        }
        for k in 0..n {
            let cell = load_from::<S, T>(simd, &cells, k);
            store(&mut cells, k, &kind.idle(stretch, cell));
        }
    }
    shard.clock[r] = to;
}

/// A stretch of silence for a row of common synapses without a `b` that learns, in which their gains change by more than a little
/// or not.
#[inline(always)]
fn rest_common<S: Simd, T: Lane, const LONG: bool>(
    simd: S,
    constants: &Constants,
    stretch: &Idle,
    kind: Kind,
    cells: &mut [&mut [T::Vector<S>]; 6],
) {
    let shared = &Rest::<T>::new(constants, stretch, LONG);
    let shared = black_box(shared);
    let [w, m, c, ..] = cells;
    let n = w.len();
    let (m, c) = (&mut m[..n], &mut c[..n]);
    for k in (0..n - n % 2).step_by(2) {
        let cells = [cell::<S, T>(simd, &[w, m, c], k), cell::<S, T>(simd, &[w, m, c], k + 1)];
        let ([w_end, m_end, c_end], alarm) = shared.rest::<_, LONG>(twins(cells));
        let mut ends = [[w_end.0, m_end.0, c_end.0], [w_end.1, m_end.1, c_end.1]];
        if alarm.any_negative() {
            let [first, second] = cells.map(|cell| Anyhow { kind, stretch, cell });
            ends = [first.or(simd, alarm.0, ends[0]), second.or(simd, alarm.1, ends[1])];
        }
        for (k, end) in (k..).zip(ends) {
            (w[k], m[k], c[k]) = (end[0].v, end[1].v, end[2].v);
        }
    }
    if let Some(k) = (n % 2 == 1).then(|| n - 1) {
        let cell = cell::<S, T>(simd, &[w, m, c], k);
        let (mut end, alarm) = shared.rest::<_, LONG>(cell);
        if alarm.any_negative() {
            end = Anyhow { kind, stretch, cell }.or(simd, alarm, end);
        }
        (w[k], m[k], c[k]) = (end[0].v, end[1].v, end[2].v);
    }
}

/// What all common synapses share over a stretch of silence, in the precision of the state.
///
/// With `F` the fading of `v` since the start, `a = 1 - (rho epsilon)^2` and `s_k` the series of the inverse root, `rho` goes with the sum of
/// `s_k F^k a^k`, and its mean with that of the means of the powers of `F`.
struct Rest<T> {
    m: T,
    floor: T,
    mean: [T; 3],
    end: [T; 4],
    drive: T,
    inverse: T,
    light: T,
    faint: T,
}

/// The series of `(1 + y)^(-1/2)` after its first term.
const SERIES: [f64; 4] = [-1.0 / 2.0, 3.0 / 8.0, -5.0 / 16.0, 35.0 / 128.0];

impl<T: Lane> Rest<T> {
    /// Those of a stretch, whose series are cut early unless it is `long`.
    fn new(constants: &Constants, idle: &Idle, long: bool) -> Self {
        let [middle, end] = idle.fade;
        let powers = |fade: f64| [fade, fade * fade, fade * fade * fade, fade * fade * fade * fade];
        let (inner, outer) = (powers(middle), powers(end));
        let term = |k: usize| SERIES[k] * outer[k];
        let mean = |k: usize| SERIES[k] * (4.0 * inner[k] + outer[k]) / 6.0;
        Self {
            m: T::from_f64(idle.m),
            floor: T::from_f64(-idle.epsilon * idle.epsilon),
            mean: [mean(0), mean(1), mean(2)].map(T::from_f64),
            end: [term(0), term(1), term(2), term(3)].map(T::from_f64),
            drive: T::from_f64(idle.drive),
            inverse: T::from_f64(-idle.weight[0].inverse),
            light: T::from_f64((if long { idle.light } else { 2.0 * constants.slight }) / end.abs()),
            faint: T::from_f64(constants.faint),
        }
    }

    /// `w`, `m` and `rho` at the end, and a value below zero where the series are too short.
    #[inline(always)]
    fn rest<P: Operand<Real = T>, const LONG: bool>(&self, [w, m, c]: [P; 3]) -> ([P; 3], P) {
        let one = w.constant(1.0);
        let above = (c * c).mul_add(c.like(self.floor), one);
        let (mut mean, mut end) = (c.like(self.mean[1]), c.like(self.end[2]));
        if LONG {
            mean = above.mul_add(c.like(self.mean[2]), mean);
            end = above.mul_add(c.like(self.end[3]), end);
        }
        let mean = above.mul_add(above.mul_add(mean, c.like(self.mean[0])), one);
        let end = above.mul_add(above.mul_add(end, c.like(self.end[1])), c.like(self.end[0]));
        let root = above.mul_add(end, one);
        let drive = mean * c * (m * m.like(self.drive));
        let spent = drive.abs() * w.like(self.inverse);
        let alarm = (c.like(self.light) - above.abs()).min(w.like(self.faint) + spent);
        ([follow_briefly(w, drive, spent), m * m.like(self.m), c * root], alarm)
    }
}

/// A stretch of silence whatever the synapse.
struct Anyhow<'a, P> {
    kind: Kind,
    stretch: &'a Idle,
    cell: [P; 3],
}

impl<S: Simd, T: Lane> Anyhow<'_, Pack<S, T>> {
    /// What the short series gave, but for those synapses that the alarm is about.
    #[inline(always)]
    fn or(self, simd: S, alarm: Pack<S, T>, short: [Pack<S, T>; 3]) -> [Pack<S, T>; 3] {
        let exact = apart(simd, self);
        [alarm.select(exact[0], short[0]), short[1], alarm.select(exact[2], short[2])]
    }
}

impl<S: Simd, T: Lane> NullaryFnOnce for Anyhow<'_, Pack<S, T>> {
    type Output = [Pack<S, T>; 3];
    #[inline(always)]
    fn call(self) -> Self::Output {
        let [w, m, c] = self.cell;
        let zero = w.constant(0.0);
        let end = self.kind.idle(self.stretch, Cell { w, m, c, b: zero, m_b: zero, c_b: zero });
        [end.w, end.m, end.c]
    }
}
