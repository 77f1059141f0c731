//! Forecasts of sums over the rows, as they will be if the signals stay as they are.

use std::hint::black_box;

use pulp::{NullaryFnOnce, Simd};

use super::super::factors::Factors;
use super::super::flow::{Weights, carry};
use super::super::gain::{Nodes, Push, evolve};
use super::super::lane::Lane;
use super::super::outlook::{Forecast, Outlook};
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::rows::Rows;
use super::super::rule::{Driver, Scale};
use super::super::shard::Shard;
use super::super::sight::{Columns, Seen};
use super::super::strand::Strand;
use super::{FLAGS, flagged, part};

/// A forecast with frozen signals whatever the synapse.
pub struct Late<'a, P> {
    /// Shared factors.
    pub factors: &'a Factors,
    /// Which weight dependence it has.
    pub which: usize,
    /// What pushes it.
    pub push: Push<P>,
    /// `w`, `m` and `rho`.
    pub cell: [P; 3],
}

impl<S: Simd, T: Lane> NullaryFnOnce for Late<'_, Pack<S, T>> {
    type Output = [Pack<S, T>; 3];
    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { factors, which, push, cell: [w, m, c] } = self;
        let local = evolve((Driver::Trace, Scale::Rms), factors, &push, m, c);
        let weights = Weights { w: (w, which), b: None };
        let early = carry(Scale::Rms, factors, 0, &local, weights);
        let late = carry(Scale::Rms, factors, 1, &local, weights);
        // A stiff gain only falls, and its end is not in `local`.
        [early.w, late.w, local.change[1].select(local.rho[2], local.rho[0])]
    }
}

/// What the synapses of a row are multiplied with.
#[derive(Clone, Copy)]
struct Row<P> {
    x: Nodes<P>,
    sent: [P; 2],
    reach: P,
}

impl<S: Simd, T: Lane> Row<Pack<S, T>> {
    /// That of row number `r`.
    #[inline(always)]
    fn new(simd: S, rows: Rows, seen: &Seen<T>, r: usize) -> Self {
        let [early, late] = seen.sent();
        Self {
            x: rows.signals(simd, seen, r),
            sent: [Pack::splat(simd, rows.value(early, r)), Pack::splat(simd, rows.value(late, r))],
            reach: Pack::splat(simd, rows.value(seen.reach(), r)),
        }
    }

    /// The same, adding nothing.
    #[inline(always)]
    fn muted(self) -> Self {
        let zero = self.reach.constant(0.0);
        Self { sent: [zero; 2], reach: zero, ..self }
    }
}

/// Where the sums over the rows go: values at the inner node and the end, and the risk.
struct Sums<'a, S: Simd, T: Lane> {
    at: [&'a mut [T::Vector<S>]; 2],
    risk: [&'a mut [T::Vector<S>]; 2],
}

impl<S: Simd, T: Lane> Sums<'_, S, T> {
    /// The sums from vector `from` up to `to`.
    #[inline(always)]
    fn part(&mut self, from: usize, to: usize) -> Sums<'_, S, T> {
        let [early, late] = &mut self.at;
        let [risk, top] = &mut self.risk;
        Sums {
            at: [&mut early[from..to], &mut late[from..to]],
            risk: [&mut risk[from..to], &mut top[from..to]],
        }
    }

    /// Adds the synapses number `k` of a row, as they will be, with the square of their gain.
    #[inline(always)]
    fn add(&mut self, k: usize, row: &Row<Pack<S, T>>, w: [Pack<S, T>; 2], square: Pack<S, T>) {
        let simd = square.simd();
        let (at, risk) = (&mut self.at, &mut self.risk);
        at[0][k] = row.sent[0].mul_add(w[0], Pack::new(simd, at[0][k])).v;
        at[1][k] = row.sent[1].mul_add(w[1], Pack::new(simd, at[1][k])).v;
        let share = row.reach * row.reach * square;
        risk[0][k] = (share + Pack::new(simd, risk[0][k])).v;
        risk[1][k] = share.max(Pack::new(simd, risk[1][k])).v;
    }

    /// Adds those of two rows at once.
    #[inline(always)]
    fn add_both(&mut self, k: usize, rows: &[Row<Pack<S, T>>; 2], found: [&Forecast<Pack<S, T>>; 2]) {
        let (simd, w) = (found[0].square.simd(), [found[0].w, found[1].w]);
        let (at, risk) = (&mut self.at, &mut self.risk);
        let early = rows[0].sent[0].mul_add(w[0][0], Pack::new(simd, at[0][k]));
        at[0][k] = rows[1].sent[0].mul_add(w[1][0], early).v;
        let late = rows[0].sent[1].mul_add(w[0][1], Pack::new(simd, at[1][k]));
        at[1][k] = rows[1].sent[1].mul_add(w[1][1], late).v;
        let first = rows[0].reach * rows[0].reach * found[0].square;
        let second = rows[1].reach * rows[1].reach * found[1].square;
        risk[0][k] = (first + second + Pack::new(simd, risk[0][k])).v;
        risk[1][k] = first.max(second).max(Pack::new(simd, risk[1][k])).v;
    }

    /// Adds the synapses number `k` of a row whose series are too short for some of them.
    #[inline(always)]
    fn add_late(
        &mut self,
        view: &View<S, T>,
        columns: &Columns<S, T>,
        row: &Row<Pack<S, T>>,
        (cell, k): ([Pack<S, T>; 3], usize),
    ) {
        let simd = row.reach.simd();
        let found = view.outlook.forecast(row.x[0] * columns.still(simd, k), cell);
        let push = columns.push(simd, view.factors, &row.x, k);
        let late = apart(simd, Late { factors: view.factors, which: view.which, push, cell });
        let w = [found.or(late[0], 0), found.or(late[1], 1)];
        self.add(k, row, w, found.alarm.select(late[2] * late[2], found.square));
    }
}

/// What a forecast looks at: a shard's rows and how they go on.
struct View<'a, S: Simd, T: Lane> {
    seen: &'a Seen<T>,
    rows: Rows,
    factors: &'a Factors,
    which: usize,
    outlook: &'a Outlook<T>,
    cells: [&'a [T::Vector<S>]; 3],
}

/// The synapses number `k`.
#[inline(always)]
pub fn cell<S: Simd, T: Lane>(simd: S, [w, m, c]: &[&[T::Vector<S>]; 3], k: usize) -> [Pack<S, T>; 3] {
    [Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k])]
}

/// Sums over the rows at the nodes of a step with frozen signals.
#[inline(always)]
pub fn predict<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, Strand { variables, which, .. }) = (job.see(shard), Strand::of(job, shard));
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[which]);
    let outlook = black_box(outlook);
    let mut found = std::mem::take(&mut shard.columns);
    found.clear(shard.stride);
    let n = shard.vectors::<S>();
    let columns = Columns::<S, T>::new(seen, shard);
    let mut sums = Sums::<S, T> {
        at: found.at.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
        risk: found.risk.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
    };
    let count = shard.rows.len();
    let cells = variables.map(|variable| &T::vectors::<S>(&shard.state[variable])[..count * n]);
    let view = View { seen, rows: shard.rows, factors: &job.factors, which, outlook, cells };
    match shard.together(n) {
        1 => add_pairs(simd, &view, &columns, &mut sums),
        together => add_short(simd, &view, &columns, together, &mut sums),
    }
    shard.columns = found;
}

/// Adds up long rows, two at once: every sum is read and written half as often.
#[inline(always)]
fn add_pairs<S: Simd, T: Lane>(simd: S, view: &View<S, T>, columns: &Columns<S, T>, sums: &mut Sums<S, T>) {
    let (View { seen, rows, outlook, cells, .. }, n) = (view, sums.risk[0].len());
    let [early, late] = seen.sent();
    let speaks = |r: usize| [early, late, seen.reach()].iter().any(|x| rows.value(x, r) != T::default());
    let mut active = (0..rows.len()).filter(|r| speaks(*r));
    while let Some(first) = active.next() {
        let one = Row::new(simd, *rows, seen, first);
        let (second, other) = match active.next() {
            Some(r) => (r, Row::new(simd, *rows, seen, r)),
            None => (first, one.muted()),
        };
        let rows = &[one, other];
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (columns, mut sums) = (columns.part(from, to), sums.part(from, to));
            let cells = |r: usize| part(*cells, r * n + from..r * n + to);
            let cells = [cells(first), cells(second)];
            let mut late = 0_u64;
            for k in 0..to - from {
                let still = columns.still(simd, k);
                let found = outlook.forecast(one.x[0] * still, cell::<S, T>(simd, &cells[0], k));
                let next = outlook.forecast(other.x[0] * still, cell::<S, T>(simd, &cells[1], k));
                if found.alarm.min(next.alarm).any_negative() {
                    late |= 1 << k;
                } else {
                    sums.add_both(k, rows, [&found, &next]);
                }
            }
            for k in flagged(late) {
                for (row, cells) in rows.iter().zip(&cells) {
                    sums.add_late(view, &columns, row, (cell::<S, T>(simd, cells, k), k));
                }
            }
        }
    }
}

/// Adds up short rows, as many as flags tell of.
#[inline(always)]
fn add_short<S: Simd, T: Lane>(
    simd: S,
    view: &View<S, T>,
    columns: &Columns<S, T>,
    together: usize,
    sums: &mut Sums<S, T>,
) {
    let (View { seen, rows, outlook, cells, .. }, n) = (view, sums.risk[0].len());
    for first in (0..rows.len()).step_by(together) {
        let last = rows.len().min(first + together);
        let cells = part(*cells, first * n..last * n);
        let mut late = 0_u64;
        for r in first..last {
            let row = Row::new(simd, *rows, seen, r);
            for k in 0..n {
                let place = (r - first) * n + k;
                let cell = cell::<S, T>(simd, &cells, place);
                let found = outlook.forecast(row.x[0] * columns.still(simd, k), cell);
                if found.alarm.any_negative() {
                    late |= 1 << place;
                } else {
                    sums.add(k, &row, found.w, found.square);
                }
            }
        }
        for flag in flagged(late) {
            let row = Row::new(simd, *rows, seen, first + flag / n);
            sums.add_late(view, columns, &row, (cell::<S, T>(simd, &cells, flag), flag % n));
        }
    }
}
