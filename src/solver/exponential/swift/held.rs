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
use super::super::shard::{C, Foresight, M, Shard, W};
use super::super::sight::{Columns, Seen};
use super::add::{Late, cell};
use super::{FLAGS, flagged};

/// Rows that are added up at once: every sum is read and written that many times less often.
const ROWS: usize = 4;

/// The sums over the rows, from some vector on.
struct Sums<'a, S: Simd, T: Lane> {
    /// The terms of the forecast.
    terms: [&'a mut [T::Vector<S>]; TERMS],
    /// What goes the long way, at the inner node and the end.
    late: [&'a mut [T::Vector<S>]; 2],
}

impl<S: Simd, T: Lane> Sums<'_, S, T> {
    /// The sums from vector `from` up to `to`.
    #[inline(always)]
    fn part(&mut self, from: usize, to: usize) -> Sums<'_, S, T> {
        Sums {
            terms: self.terms.each_mut().map(|sums| &mut sums[from..to]),
            late: self.late.each_mut().map(|sums| &mut sums[from..to]),
        }
    }

    /// The terms number `k` so far.
    #[inline(always)]
    fn total(&self, simd: S, k: usize) -> Total<Pack<S, T>> {
        let [a, b, c, d, e, f, g, h] = &self.terms;
        Total::load(simd, &[a, b, c, d, e, f, g, h], k)
    }

    /// Stores the terms number `k`.
    #[inline(always)]
    fn store(&mut self, k: usize, total: &Total<Pack<S, T>>) {
        let [start, drive, size, square, cube, signal, risk, top] = &mut self.terms;
        (start[k], drive[k], size[k], square[k]) =
            (total.start.v, total.drive.v, total.size.v, total.square.v);
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
        alarm: Pack<S, T>,
        part: &mut Part<Pack<S, T>>,
    ) {
        let (x, zero, simd) = (w.like(row.x), w.constant(0.0), w.simd());
        for (sum, at) in self.late.iter_mut().zip([early, late]) {
            sum[k] = (alarm.select(x * (at - w), zero) + Pack::new(simd, sum[k])).v;
        }
        part.drive = alarm.select(zero, part.drive);
        part.gain = alarm.select(zero, part.gain);
        part.risk = alarm.select(rho * rho * (x * x), part.risk);
    }
}

/// The terms of a forecast: see [`TERMS`].
#[derive(Clone, Copy)]
struct Total<P> {
    start: P,
    drive: P,
    size: P,
    square: P,
    cube: P,
    signal: P,
    risk: P,
    top: P,
}

impl<S: Simd, T: Lane> Total<Pack<S, T>> {
    /// The terms number `k`.
    #[inline(always)]
    fn load(simd: S, terms: &[&[T::Vector<S>]; TERMS], k: usize) -> Self {
        let [start, drive, size, square, cube, signal, risk, top] = terms;
        Self {
            start: Pack::new(simd, start[k]),
            drive: Pack::new(simd, drive[k]),
            size: Pack::new(simd, size[k]),
            square: Pack::new(simd, square[k]),
            cube: Pack::new(simd, cube[k]),
            signal: Pack::new(simd, signal[k]),
            risk: Pack::new(simd, risk[k]),
            top: Pack::new(simd, top[k]),
        }
    }

    /// Adds the synapses of a row.
    #[inline(always)]
    fn add(&mut self, row: &Row<T>, w: Pack<S, T>, part: &Part<Pack<S, T>>) {
        self.start = w.mul_add(w.like(row.x), self.start);
        self.drive = self.drive + part.drive;
        self.size = part.drive.mul_add(part.size, self.size);
        self.square = part.drive.mul_add(part.square, self.square);
        self.cube = part.drive.mul_add(part.risk, self.cube);
        self.signal = part.gain.mul_add(w.like(row.x), self.signal);
        self.risk = self.risk + part.risk;
        self.top = self.top.max(part.risk);
    }

    /// Adds the terms of other rows.
    #[inline(always)]
    fn add_all(&mut self, other: &Self) {
        self.start = self.start + other.start;
        self.drive = self.drive + other.drive;
        self.size = self.size + other.size;
        self.square = self.square + other.square;
        self.cube = self.cube + other.cube;
        self.signal = self.signal + other.signal;
        self.risk = self.risk + other.risk;
        self.top = self.top.max(other.top);
    }
}

/// Sums over the rows at the start of a step, with the terms of those at its nodes, which do without the errors.
#[inline(always)]
pub fn foresee<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    wake(simd, job, shard);
    let is_rough = add_up::<S, T, false>(simd, job, shard);
    shard.foresight = if is_rough { Foresight::Rough } else { Foresight::Until(job.factors.span) };
    let Shard { columns, terms, .. } = shard;
    columns.at[0].copy_from_slice(&terms[0]);
}

/// The terms of the sums at the nodes of a step with frozen signals, unless they are at hand, and what goes the long way.
#[inline(always)]
pub fn predict<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    if !(job.is_foreseen(shard) && is_calm(simd, job, shard)) {
        let is_rough = add_up::<S, T, true>(simd, job, shard);
        shard.foresight = if is_rough { Foresight::Rough } else { Foresight::None };
    }
}

/// Whether the series hold for all synapses of a shard under the errors that are known now, given the largest risks.
#[inline(always)]
fn is_calm<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &Shard<T>) -> bool {
    let outlook = Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let [.., risks] = &shard.terms;
    let mut alarm = Pack::<S, T>::splat(simd, T::default());
    for (delta, risk) in T::vectors::<S>(&job.see(shard).columns[0]).iter().zip(T::vectors::<S>(risks)) {
        alarm = alarm.min(outlook.strain(Pack::new(simd, *risk), Pack::new(simd, *delta)));
    }
    !alarm.any_negative()
}

/// Adds the terms of a shard to those of others.
#[inline(always)]
pub fn gather<S: Simd, T: Lane>(simd: S, shard: &Shard<T>, to: &mut [Aligned<T>; TERMS]) {
    let from = shard.terms.each_ref().map(|terms| T::vectors::<S>(terms));
    let mut to = Sums::<S, T> {
        terms: to.each_mut().map(|terms| T::vectors_mut::<S>(terms.fit(shard.stride))),
        late: [&mut [], &mut []],
    };
    for k in 0..from[0].len() {
        let mut total = to.total(simd, k);
        total.add_all(&Total::load(simd, &from, k));
        to.store(k, &total);
    }
}

/// From the terms of all rows the sums at the nodes of the step, but for what goes the long way, in place of the second and third.
#[inline(always)]
pub fn finish<S: Simd, T: Lane>(simd: S, job: &Job<T>, seen: &Seen<T>, terms: &mut [Aligned<T>; TERMS]) {
    let outlook = Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let [start, drive, size, square, cube, signal, ..] =
        terms.each_mut().map(|terms| T::vectors_mut::<S>(terms));
    for (k, delta) in T::vectors::<S>(&seen.columns[0]).iter().enumerate() {
        let [a, b, c] = [Pack::new(simd, drive[k]), Pack::new(simd, size[k]), Pack::new(simd, square[k])];
        let terms = [a, b, c, Pack::new(simd, cube[k]), Pack::new(simd, signal[k])];
        let (start, changes) = (Pack::new(simd, start[k]), outlook.changes(terms, Pack::new(simd, *delta)));
        (drive[k], size[k]) = ((start + changes[0]).v, (start + changes[1]).v);
    }
}

/// Adds up the rows, and whether the series are too short for some synapse: whatever the errors, or with those that are `KNOWN`, where it
/// goes the long way.
#[inline(always)]
fn add_up<S: Simd, T: Lane, const KNOWN: bool>(simd: S, job: &Job<T>, shard: &mut Shard<T>) -> bool {
    let mut late = shard.columns.at.each_mut().map(std::mem::take);
    let mut terms = shard.terms.each_mut().map(std::mem::take);
    for sums in &mut terms {
        sums.fill(T::default());
    }
    let n = T::vectors::<S>(&terms[0]).len();
    let columns = if KNOWN {
        for sums in &mut late {
            sums.fill(T::default());
        }
        Columns::new(job.see(shard), n)
    } else {
        Columns::none()
    };
    let mut sums = Sums::<S, T> {
        terms: terms.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
        late: late.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
    };
    let is_rough = add_rows::<S, T, KNOWN>(simd, job, shard, &columns, &mut sums);
    (shard.columns.at, shard.terms) = (late, terms);
    is_rough
}

/// Adds up the rows, some at once.
#[inline(always)]
fn add_rows<S: Simd, T: Lane, const KNOWN: bool>(
    simd: S,
    job: &Job<T>,
    shard: &Shard<T>,
    columns: &Columns<S, T>,
    sums: &mut Sums<S, T>,
) -> bool {
    let (seen, n) = (job.see(shard), sums.terms[0].len());
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let outlook = black_box(outlook);
    let awake = shard.awake.iter().map(|r| *r as usize);
    let mut active = awake.filter(|r| shard.rows.value(&seen.rows[0], *r) != T::default());
    let one = Pack::<S, T>::splat(simd, T::from_f64(1.0));
    let zero = one.constant(0.0);
    let (mut most, mut is_rough) = ([zero; 2], false);
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
                (if KNOWN { columns.part(from, to) } else { *columns }, sums.part(from, to));
            let cells = cells.map(|cells| cells.map(|values| &values[from..to]));
            let mut late = 0_u64;
            for k in 0..to - from {
                let (mut total, mut alarm) = (sums.total(simd, k), one);
                for (row, cells) in rows.iter().zip(&cells) {
                    let cell = cell::<S, T>(simd, cells, k);
                    let part = outlook.terms(row, cell);
                    if KNOWN {
                        let strain = outlook.strain(part.risk, columns.still(simd, k));
                        alarm = alarm.min(outlook.alarm([part.size, part.square]).min(strain));
                    } else {
                        most = [most[0].max(part.size), most[1].max(part.square)];
                    }
                    total.add(row, cell[0], &part);
                }
                if KNOWN && alarm.any_negative() {
                    late |= 1 << k;
                } else {
                    sums.store(k, &total);
                }
            }
            is_rough |= late != 0;
            for k in flagged(late) {
                let mut total = sums.total(simd, k);
                for (which, row) in rows.iter().enumerate() {
                    let cell = cell::<S, T>(simd, &cells[which], k);
                    let mut part = outlook.terms(row, cell);
                    let strain = outlook.strain(part.risk, columns.still(simd, k));
                    let alarm = outlook.alarm([part.size, part.square]).min(strain);
                    let x = shard.rows.signals(simd, seen, numbers[which]);
                    let push = columns.push(simd, &job.factors, &x, k);
                    let found = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                    sums.replace(k, row, cell[0], found, alarm, &mut part);
                    total.add(row, cell[0], &part);
                }
                sums.store(k, &total);
            }
        }
    }
    is_rough || !KNOWN && outlook.alarm(most).min(outlook.alarm([zero; 2])).any_negative()
}
