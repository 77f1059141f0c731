//! Forecasts: sums over synapses as they will be if the signals stay as they are.

use std::hint::black_box;

use pulp::{NullaryFnOnce, Simd};

use super::super::cell::row;
use super::super::common::{Forecast, Outlook};
use super::super::factors::Factors;
use super::super::flow::{Weights, carry};
use super::super::gain::{Nodes, Push, evolve};
use super::super::kernels::carrier;
use super::super::lane::Lane;
use super::super::pack::{Pack, apart};
use super::super::pass::{Job, Seen};
use super::super::rule::{Driver, Scale};
use super::super::shard::{B, C, M, Shard, W};
use super::super::sight::{Errors, activities, sent};
use super::{FLAGS, flagged};

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

/// A row: what it is multiplied with, and its synapses.
struct Row<'a, S: Simd, T: Lane> {
    x: Nodes<Pack<S, T>>,
    sent: [Pack<S, T>; 2],
    reach: Pack<S, T>,
    cells: [&'a [T::Vector<S>]; 3],
}

impl<'a, S: Simd, T: Lane> Row<'a, S, T> {
    /// Row number `r`.
    #[inline(always)]
    fn new(simd: S, shard: &'a Shard<T>, seen: &Seen<T>, r: usize, n: usize) -> Self {
        let place = shard.place(r);
        Self {
            x: activities(simd, shard, seen, r),
            sent: [
                Pack::splat(simd, sent(shard, &seen.sent[0], r)),
                Pack::splat(simd, sent(shard, &seen.sent[1], r)),
            ],
            reach: Pack::splat(simd, sent(shard, &seen.reach, r)),
            cells: [
                row::<S, T>(&shard.state[W], &place, n),
                row::<S, T>(&shard.state[M], &place, n),
                row::<S, T>(&shard.state[C], &place, n),
            ],
        }
    }

    /// The same, adding nothing.
    #[inline(always)]
    fn muted(self) -> Self {
        let zero = self.reach.constant(0.0);
        Self { sent: [zero; 2], reach: zero, ..self }
    }

    /// The vectors from number `from` up to `to`.
    #[inline(always)]
    fn part(&self, from: usize, to: usize) -> Self {
        let [w, m, c] = self.cells;
        Self { cells: [&w[from..to], &m[from..to], &c[from..to]], ..*self }
    }

    /// The synapses number `k`.
    #[inline(always)]
    fn cell(&self, k: usize) -> [Pack<S, T>; 3] {
        let simd = self.reach.simd();
        let [w, m, c] = self.cells;
        [Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k])]
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
    fn add(&mut self, k: usize, row: &Row<S, T>, w: [Pack<S, T>; 2], square: Pack<S, T>) {
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
    fn add_both(&mut self, k: usize, rows: [&Row<S, T>; 2], found: [&Forecast<Pack<S, T>>; 2]) {
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
}

/// Sums over the rows at the nodes of a step with frozen signals.
#[inline(always)]
pub fn forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, true);
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let outlook = black_box(outlook);
    let mut forward = [0, 1].map(|node| std::mem::take(&mut shard.forward[node]));
    let mut risks = shard.risk.each_mut().map(std::mem::take);
    forward.iter_mut().chain(&mut risks).for_each(|sums| sums.fill(T::default()));
    let mut sums = Sums::<S, T> {
        at: forward.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
        risk: risks.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
    };
    let speaks = |r: usize| {
        [&seen.sent[0], &seen.sent[1], &seen.reach].iter().any(|x| sent(shard, x, r) != T::default())
    };
    let mut rows = (0..shard.rows.len()).filter(|r| speaks(*r));
    // Two at once: every sum is read and written half as often.
    while let Some(r) = rows.next() {
        let first = Row::<S, T>::new(simd, shard, seen, r, n);
        let second = match rows.next() {
            Some(r) => Row::new(simd, shard, seen, r, n),
            None => Row::new(simd, shard, seen, r, n).muted(),
        };
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (errors, mut sums) = (errors.part(from, to), sums.part(from, to));
            let rows = [&first.part(from, to), &second.part(from, to)];
            let mut late = 0_u64;
            for k in 0..to - from {
                let (one, other) = (rows[0].cell(k), rows[1].cell(k));
                let still = errors.still(simd, k);
                let found = outlook.forecast(rows[0].x[0], still, one);
                let next = outlook.forecast(rows[1].x[0], still, other);
                if found.alarm.min(next.alarm).any_negative() {
                    late |= 1 << k;
                } else {
                    sums.add_both(k, rows, [&found, &next]);
                }
            }
            for k in flagged(late) {
                for row in rows {
                    let cell = row.cell(k);
                    let found = outlook.forecast(row.x[0], errors.still(simd, k), cell);
                    let push = errors.push(simd, &job.factors, &row.x, k);
                    let late = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                    let w = [found.or(late[0], 0), found.or(late[1], 1)];
                    sums.add(k, row, w, found.alarm.select(late[2] * late[2], found.square));
                }
            }
        }
    }
    shard.forward = forward;
    shard.risk = risks;
}

/// Sums over the postsynaptic units at the nodes of a step with frozen signals, for weights that change.
#[inline(always)]
pub fn deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, true);
    let [early, late] = seen.carried.each_ref().map(|delta| &T::vectors::<S>(delta)[..n]);
    let is_symmetric = shard.state[B].is_empty();
    let [w, m, c] = match (is_symmetric, job.has_own_traces) {
        (true, _) => [W, M, C],
        (false, false) => [B, M, C],
        (false, true) => [B, B + 1, B + 2],
    };
    let which = usize::from(!is_symmetric);
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[which]);
    let outlook = black_box(outlook);
    let mut squares = [Pack::splat(simd, T::default()); 2];
    for r in 0..shard.rows.len() {
        let x = activities(simd, shard, seen, r);
        let mut sums = [Pack::splat(simd, T::default()); 2];
        let place = shard.place(r);
        let w = row::<S, T>(&shard.state[w], &place, n);
        let m = row::<S, T>(&shard.state[m], &place, n);
        let c = row::<S, T>(&shard.state[c], &place, n);
        for k in 0..n {
            let cell = [Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k])];
            let found = outlook.forecast(x[0], errors.still(simd, k), cell);
            let mut at = found.w;
            if found.alarm.any_negative() {
                let push = errors.push(simd, &job.factors, &x, k);
                let late = apart(simd, Late { factors: &job.factors, which, push, cell });
                at = [found.or(late[0], 0), found.or(late[1], 1)];
            }
            let b = [carrier(job.by_sign, at[0]), carrier(job.by_sign, at[1])];
            sums[0] = b[0].mul_add(Pack::new(simd, early[k]), sums[0]);
            sums[1] = b[1].mul_add(Pack::new(simd, late[k]), sums[1]);
            squares = [at[0].mul_add(at[0], squares[0]), at[1].mul_add(at[1], squares[1])];
        }
        (shard.backward[0][r], shard.backward[1][r]) = (sums[0].sum(), sums[1].sum());
    }
    shard.square = [squares[0].sum().to_f64(), squares[1].sum().to_f64()];
}
