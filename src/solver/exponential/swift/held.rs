//! Forecasts of sums over inputs that stay as they are for the whole segment: five terms serve both nodes (see `outlook`), and since they
//! do without the errors, the pass that gives the sums at the start of the step gives them too.
//!
//! A forecast made before the errors were known is that made afterwards, to the bit: it serves only where no synapse goes the long way.

use std::hint::black_box;

use pulp::Simd;

use super::super::cell::row;
use super::super::kernels::wake;
use super::super::lane::Lane;
use super::super::outlook::{Outlook, Part, Row, TERMS};
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::{Foresight, Shard};
use super::super::sight::Columns;
use super::add::{Late, cell};
use super::terms::{Total, together, together_mut};
use super::{FLAGS, flagged, part};

/// Rows that are added up at once: every sum is read and written that many times less often.
const ROWS: usize = 4;

/// The sums over the rows, from some vector on.
struct Sums<'a, S: Simd, T: Lane> {
    /// The terms of the forecast, those of the same synapses together: one place to keep in mind, where each term's own would be more
    /// than there are registers.
    terms: &'a mut [[T::Vector<S>; TERMS]],
    /// What goes the long way, at the inner node and the end.
    late: [&'a mut [T::Vector<S>]; 2],
}

impl<S: Simd, T: Lane> Sums<'_, S, T> {
    /// The sums from vector `from` up to `to`.
    #[inline(always)]
    fn part(&mut self, from: usize, to: usize) -> Sums<'_, S, T> {
        let [early, late] = &mut self.late;
        Sums { terms: &mut self.terms[from..to], late: [&mut early[from..to], &mut late[from..to]] }
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

/// Sums over the rows at the start of a step, with the terms of those at its nodes, which do without the errors.
#[inline(always)]
pub fn foresee<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    wake(simd, job, shard);
    let is_rough = add_up::<S, T, false>(simd, job, shard);
    shard.foresight = if is_rough { Foresight::Rough } else { Foresight::Until(job.factors.span) };
    let Shard { columns, terms, .. } = shard;
    for (start, terms) in T::vectors_mut::<S>(&mut columns.at[0]).iter_mut().zip(together::<S, T>(terms)) {
        *start = terms[0];
    }
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
    let mut alarm = Pack::<S, T>::splat(simd, T::default());
    let columns = T::vectors::<S>(&job.see(shard).columns[0]);
    for (delta, terms) in columns.iter().zip(together::<S, T>(&shard.terms)) {
        let risk = Total::<Pack<S, T>>::load(simd, terms).top;
        alarm = alarm.min(outlook.strain(risk, Pack::new(simd, *delta)));
    }
    !alarm.any_negative()
}

/// Adds up the rows, and whether the series are too short for some synapse: whatever the errors, or with those that are `KNOWN`, where it
/// goes the long way.
#[inline(always)]
fn add_up<S: Simd, T: Lane, const KNOWN: bool>(simd: S, job: &Job<T>, shard: &mut Shard<T>) -> bool {
    let mut late = shard.columns.at.each_mut().map(std::mem::take);
    let mut terms = std::mem::take(&mut shard.terms);
    terms.fit(TERMS * shard.stride).fill(T::default());
    let n = shard.vectors::<S>();
    for sums in &mut late {
        let sums = sums.fit(shard.stride);
        if KNOWN {
            sums.fill(T::default());
        }
    }
    let columns = if KNOWN { Columns::new(job.see(shard), shard) } else { Columns::none() };
    let mut sums = Sums::<S, T> {
        terms: &mut together_mut::<S, T>(&mut terms)[..n],
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
    let (seen, n) = (job.see(shard), sums.terms.len());
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let outlook = black_box(outlook);
    let awake = shard.awake.iter().map(|r| *r as usize);
    let mut active = awake.filter(|r| shard.rows.value(&seen.rows[0], *r) != T::default());
    let one = Pack::<S, T>::splat(simd, T::from_f64(1.0));
    let zero = one.constant(0.0);
    let (mut most, mut is_rough) = ([zero; 2], false);
    let cells = |r: usize| {
        let (place, [w, m, c, ..]) = (shard.place(r), &shard.state);
        [row::<S, T>(w, &place, n), row::<S, T>(m, &place, n), row::<S, T>(c, &place, n)]
    };
    while let Some(first) = active.next() {
        // Where there are no more, the first comes again and adds nothing.
        let numbers: [_; ROWS] = [Some(first), active.next(), active.next(), active.next()];
        let of =
            |r: Option<usize>| outlook.row(r.map_or(T::default(), |r| shard.rows.value(&seen.rows[0], r)));
        let rows = &numbers.map(of);
        let rows = black_box(rows);
        let numbers = numbers.map(|r| r.unwrap_or(first));
        let [a, b, c, d] = numbers;
        let cells = [cells(a), cells(b), cells(c), cells(d)];
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (columns, mut sums) =
                (if KNOWN { columns.part(from, to) } else { *columns }, sums.part(from, to));
            let [a, b, c, d] = cells;
            let cells = [part(a, from..to), part(b, from..to), part(c, from..to), part(d, from..to)];
            let mut late = 0_u64;
            for k in 0..to - from {
                let (mut total, mut alarm) = (Total::load(simd, &sums.terms[k]), one);
                for (row, cells) in rows.iter().zip(&cells) {
                    let cell = cell::<S, T>(simd, cells, k);
                    let part = row.terms(cell);
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
                    sums.terms[k] = total.store();
                }
            }
            is_rough |= late != 0;
            for k in flagged(late) {
                let mut total = Total::load(simd, &sums.terms[k]);
                for (which, row) in rows.iter().enumerate() {
                    let cell = cell::<S, T>(simd, &cells[which], k);
                    let mut part = row.terms(cell);
                    let strain = outlook.strain(part.risk, columns.still(simd, k));
                    let alarm = outlook.alarm([part.size, part.square]).min(strain);
                    let x = shard.rows.signals(simd, seen, numbers[which]);
                    let push = columns.push(simd, &job.factors, &x, k);
                    let found = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                    sums.replace(k, row, cell[0], found, alarm, &mut part);
                    total.add(row, cell[0], &part);
                }
                sums.terms[k] = total.store();
            }
        }
    }
    is_rough || !KNOWN && outlook.alarm(most).min(outlook.alarm([zero; 2])).any_negative()
}
