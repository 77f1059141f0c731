//! Forecasts of sums over inputs that stay as they are for the whole segment: five terms serve both nodes (see `outlook`), and since they
//! do without the errors, the pass that gives the sums at the start of the step gives them too.
//!
//! A forecast made before the errors were known is that made afterwards, to the bit: it serves only where no synapse goes the long way.

use std::hint::black_box;

use pulp::Simd;

use super::super::aligned::Aligned;
use super::super::cell::row;
use super::super::kernels::wake;
use super::super::lane::Lane;
use super::super::outlook::{Outlook, Part, Row, TERMS};
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::{C, M, Shard, W};
use super::super::sight::Columns;
use super::add::{Late, cell};
use super::{FLAGS, flagged};

/// Rows that are added up at once: every sum is read and written that many times less often.
const ROWS: usize = 4;

/// The sums over the rows, from some vector on.
struct Sums<'a, S: Simd, T: Lane> {
    /// Those at the start of the step.
    start: &'a mut [T::Vector<S>],
    /// The terms of the forecast.
    terms: [&'a mut [T::Vector<S>]; TERMS],
    /// The risk and its largest value.
    risk: [&'a mut [T::Vector<S>]; 2],
    /// What goes the long way, at the inner node and the end.
    late: [&'a mut [T::Vector<S>]; 2],
}

impl<S: Simd, T: Lane> Sums<'_, S, T> {
    /// The sums from vector `from` up to `to`.
    #[inline(always)]
    fn part(&mut self, from: usize, to: usize) -> Sums<'_, S, T> {
        let Self { start, terms: [a, b, c, d, e], risk: [risk, top], late: [early, late] } = self;
        Sums {
            start: &mut start[from..to],
            terms: [&mut a[from..to], &mut b[from..to], &mut c[from..to], &mut d[from..to], &mut e[from..to]],
            risk: [&mut risk[from..to], &mut top[from..to]],
            late: [&mut early[from..to], &mut late[from..to]],
        }
    }

    /// The terms number `k` so far.
    #[inline(always)]
    fn total(&self, simd: S, k: usize) -> Total<Pack<S, T>> {
        let ([drive, size, square, cube, signal], [risk, top]) = (&self.terms, &self.risk);
        Total {
            drive: Pack::new(simd, drive[k]),
            size: Pack::new(simd, size[k]),
            square: Pack::new(simd, square[k]),
            cube: Pack::new(simd, cube[k]),
            signal: Pack::new(simd, signal[k]),
            risk: Pack::new(simd, risk[k]),
            top: Pack::new(simd, top[k]),
        }
    }

    /// Stores the terms number `k`.
    #[inline(always)]
    fn store(&mut self, k: usize, total: &Total<Pack<S, T>>) {
        let ([drive, size, square, cube, signal], [risk, top]) = (&mut self.terms, &mut self.risk);
        (drive[k], size[k], square[k]) = (total.drive.v, total.size.v, total.square.v);
        (cube[k], signal[k], risk[k], top[k]) = (total.cube.v, total.signal.v, total.risk.v, total.top.v);
    }

    /// Adds what the weights `w` of a row change by where their series are too short, and mutes their part.
    #[inline(always)]
    fn replace(
        &mut self,
        k: usize,
        row: &Row<T>,
        w: Pack<S, T>,
        [early, late, rho]: [Pack<S, T>; 3],
        part: &mut Part<Pack<S, T>>,
    ) {
        let (x, zero, simd) = (w.like(row.x), w.constant(0.0), w.simd());
        for (sum, at) in self.late.iter_mut().zip([early, late]) {
            sum[k] = (part.alarm.select(x * (at - w), zero) + Pack::new(simd, sum[k])).v;
        }
        part.drive = part.alarm.select(zero, part.drive);
        part.gain = part.alarm.select(zero, part.gain);
        part.risk = part.alarm.select(rho * rho * (x * x), part.risk);
    }
}

/// The terms of a forecast, the risk and its largest value.
#[derive(Clone, Copy)]
struct Total<P> {
    drive: P,
    size: P,
    square: P,
    cube: P,
    signal: P,
    risk: P,
    top: P,
}

impl<S: Simd, T: Lane> Total<Pack<S, T>> {
    /// Adds the synapses of a row.
    #[inline(always)]
    fn add(&mut self, row: &Row<T>, part: &Part<Pack<S, T>>) {
        let x = part.gain.like(row.x);
        self.drive = self.drive + part.drive;
        self.size = part.drive.mul_add(part.size, self.size);
        self.square = part.drive.mul_add(part.square, self.square);
        self.cube = part.drive.mul_add(part.risk, self.cube);
        self.signal = part.gain.mul_add(x, self.signal);
        self.risk = self.risk + part.risk;
        self.top = self.top.max(part.risk);
    }
}

/// Sums over the rows at the start of a step, and the terms of those at its nodes, which do without the errors.
#[inline(always)]
pub fn foresee<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    wake(simd, job, shard);
    shard.is_rough = add_up::<S, T, false>(simd, job, shard);
    shard.foreseen = (!shard.is_rough).then_some(job.factors.span);
    let Shard { columns, start, .. } = shard;
    columns.at[0].copy_from_slice(start);
}

/// Sums over the rows at the nodes of a step with frozen signals, unless their terms are at hand.
#[inline(always)]
pub fn predict<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let n = T::vectors::<S>(&shard.start).len();
    let columns = Columns::<S, T>::new(job.see(shard), n);
    let outlook = Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    if job.is_foreseen(shard) && is_calm(simd, &outlook, &columns, &shard.columns.risk[1]) {
        return;
    }
    shard.foreseen = None;
    shard.is_rough = add_up::<S, T, true>(simd, job, shard);
    let mut forward = shard.columns.at.each_mut().map(std::mem::take);
    let [early, late] = forward.each_mut().map(|sums| T::vectors_mut::<S>(sums));
    for k in 0..n {
        let changed = changed(simd, shard, &outlook, &columns, k);
        early[k] = (Pack::new(simd, early[k]) + changed[0]).v;
        late[k] = (Pack::new(simd, late[k]) + changed[1]).v;
    }
    shard.columns.at = forward;
}

/// The sums over the rows at the nodes of a step with frozen signals whose terms are at hand.
#[inline(always)]
pub fn finish<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &Shard<T>, to: &mut [Aligned<T>; 2]) {
    let n = T::vectors::<S>(&shard.start).len();
    let columns = Columns::<S, T>::new(job.see(shard), n);
    let outlook = Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let [early, late] = to.each_mut().map(|sums| T::vectors_mut::<S>(sums.fit(shard.stride)));
    for k in 0..n {
        let changed = changed(simd, shard, &outlook, &columns, k);
        (early[k], late[k]) = (changed[0].v, changed[1].v);
    }
}

/// The sums number `k` at the nodes, but for what goes the long way.
#[inline(always)]
fn changed<S: Simd, T: Lane>(
    simd: S,
    shard: &Shard<T>,
    outlook: &Outlook<T>,
    columns: &Columns<S, T>,
    k: usize,
) -> [Pack<S, T>; 2] {
    let [a, b, c, d, e] = &shard.terms;
    let [a, b, c] = [vector(simd, a, k), vector(simd, b, k), vector(simd, c, k)];
    let terms = [a, b, c, vector(simd, d, k), vector(simd, e, k)];
    let (start, changes) = (vector(simd, &shard.start, k), outlook.changes(terms, columns.still(simd, k)));
    [start + changes[0], start + changes[1]]
}

/// Vector number `k` of some values.
#[inline(always)]
fn vector<S: Simd, T: Lane>(simd: S, values: &[T], k: usize) -> Pack<S, T> {
    Pack::new(simd, T::vectors::<S>(values)[k])
}

/// Whether the series hold for all synapses under these errors, given the largest risks.
#[inline(always)]
fn is_calm<S: Simd, T: Lane>(simd: S, outlook: &Outlook<T>, columns: &Columns<S, T>, risks: &[T]) -> bool {
    let mut alarm = Pack::<S, T>::splat(simd, T::default());
    for (k, risk) in T::vectors::<S>(risks).iter().enumerate() {
        let [_, push] = columns.still(simd, k);
        alarm = alarm.min(outlook.strain(Pack::new(simd, *risk), push));
    }
    !alarm.any_negative()
}

/// Adds up the rows, and whether the series are too short for some synapse: whatever the errors, or with those that are `KNOWN`, where it
/// goes the long way.
#[inline(always)]
fn add_up<S: Simd, T: Lane, const KNOWN: bool>(simd: S, job: &Job<T>, shard: &mut Shard<T>) -> bool {
    let mut start = std::mem::take(&mut shard.start);
    let mut forward = shard.columns.at.each_mut().map(std::mem::take);
    let mut terms = shard.terms.each_mut().map(std::mem::take);
    let mut risk = shard.columns.risk.each_mut().map(std::mem::take);
    let sums = terms.iter_mut().chain(&mut risk).chain([&mut start]);
    sums.chain(if KNOWN { &mut forward[..] } else { &mut [] }).for_each(|sums| sums.fill(T::default()));
    let mut sums = Sums::<S, T> {
        start: T::vectors_mut::<S>(&mut start),
        terms: terms.each_mut().map(|sums| T::vectors_mut::<S>(sums)),
        risk: risk.each_mut().map(|sums| T::vectors_mut::<S>(sums)),
        late: forward.each_mut().map(|sums| T::vectors_mut::<S>(sums)),
    };
    let is_rough = add_rows::<S, T, KNOWN>(simd, job, shard, &mut sums);
    (shard.start, shard.columns, shard.terms) =
        (start, super::super::shard::Sums { at: forward, risk }, terms);
    is_rough
}

/// Adds up the rows, some at once.
#[inline(always)]
fn add_rows<S: Simd, T: Lane, const KNOWN: bool>(
    simd: S,
    job: &Job<T>,
    shard: &Shard<T>,
    sums: &mut Sums<S, T>,
) -> bool {
    let (seen, n) = (job.see(shard), sums.start.len());
    let columns = Columns::<S, T>::new(seen, if KNOWN { n } else { 0 });
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let outlook = black_box(outlook);
    let awake = shard.awake.iter().map(|r| *r as usize);
    let mut active = awake.filter(|r| shard.rows.value(&seen.rows[0], *r) != T::default());
    let one = Pack::<S, T>::splat(simd, T::from_f64(1.0));
    let mut worst = one;
    while let Some(first) = active.next() {
        // Where there are no more, the first comes again and adds nothing.
        let numbers: [_; ROWS] = [Some(first), active.next(), active.next(), active.next()];
        let of =
            |r: Option<usize>| outlook.row(r.map_or(T::default(), |r| shard.rows.value(&seen.rows[0], r)));
        let rows = &numbers.map(of);
        let rows = black_box(rows);
        let numbers = numbers.map(|r| r.unwrap_or(first));
        let cells = numbers.map(|r| {
            let place = shard.place(r);
            [W, M, C].map(|variable| row::<S, T>(&shard.state[variable], &place, n))
        });
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (columns, mut sums) =
                (if KNOWN { columns.part(from, to) } else { columns }, sums.part(from, to));
            let cells = cells.map(|cells| cells.map(|values| &values[from..to]));
            let mut late = 0_u64;
            for k in 0..to - from {
                let (mut start, mut total) = (Pack::new(simd, sums.start[k]), sums.total(simd, k));
                let mut alarm = one;
                for (row, cells) in rows.iter().zip(&cells) {
                    let cell = cell::<S, T>(simd, cells, k);
                    start = cell[0].mul_add(cell[0].like(row.x), start);
                    let part = outlook.terms(row, cell);
                    alarm = alarm.min(part.alarm);
                    if KNOWN {
                        alarm = alarm.min(outlook.strain(part.risk, columns.still(simd, k)[1]));
                    }
                    total.add(row, &part);
                }
                sums.start[k] = start.v;
                if KNOWN && alarm.any_negative() {
                    late |= 1 << k;
                } else {
                    sums.store(k, &total);
                    worst = worst.min(alarm);
                }
            }
            if late != 0 {
                worst = worst.constant(-1.0);
            }
            for k in flagged(late) {
                let mut total = sums.total(simd, k);
                for (which, row) in rows.iter().enumerate() {
                    let (x, cell) = (
                        shard.rows.signals(simd, seen, numbers[which]),
                        cell::<S, T>(simd, &cells[which], k),
                    );
                    let mut part = outlook.terms(row, cell);
                    part.alarm = part.alarm.min(outlook.strain(part.risk, columns.still(simd, k)[1]));
                    let push = columns.push(simd, &job.factors, &x, k);
                    let found = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                    sums.replace(k, row, cell[0], found, &mut part);
                    total.add(row, &part);
                }
                sums.store(k, &total);
            }
        }
    }
    worst.any_negative()
}
