//! Forecasts of sums over inputs that stay as they are over the step: four terms serve both nodes (see `outlook`).

use std::hint::black_box;

use pulp::Simd;

use super::super::cell::row;
use super::super::lane::Lane;
use super::super::outlook::{Outlook, Part, Row};
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::{C, M, Shard, W};
use super::super::sight::{Errors, Sources};
use super::predict::{Late, cell};
use super::{FLAGS, flagged};

/// The sums over the rows, from some vector on.
struct Sums<'a, S: Simd, T: Lane> {
    /// The terms.
    terms: [&'a mut [T::Vector<S>]; 4],
    /// The risk and its largest value.
    risk: [&'a mut [T::Vector<S>]; 2],
    /// What goes the long way, at the inner node and the end.
    late: [&'a mut [T::Vector<S>]; 2],
}

impl<S: Simd, T: Lane> Sums<'_, S, T> {
    /// The sums from vector `from` up to `to`.
    #[inline(always)]
    fn part(&mut self, from: usize, to: usize) -> Sums<'_, S, T> {
        let ([a, b, c, d], [risk, top], [early, late]) = (&mut self.terms, &mut self.risk, &mut self.late);
        Sums {
            terms: [&mut a[from..to], &mut b[from..to], &mut c[from..to], &mut d[from..to]],
            risk: [&mut risk[from..to], &mut top[from..to]],
            late: [&mut early[from..to], &mut late[from..to]],
        }
    }

    /// Adds the synapses number `k` of two rows.
    #[inline(always)]
    fn add(&mut self, simd: S, k: usize, rows: &[Row<T>; 2], [a, b]: [Part<Pack<S, T>>; 2]) {
        let ([drive, change, size, signal], [risk, top]) = (&mut self.terms, &mut self.risk);
        let x = [a.gain.like(rows[0].x), b.gain.like(rows[1].x)];
        drive[k] = (a.drive + b.drive + Pack::new(simd, drive[k])).v;
        change[k] = b.drive.mul_add(b.change, a.drive.mul_add(a.change, Pack::new(simd, change[k]))).v;
        size[k] = b.drive.mul_add(b.size, a.drive.mul_add(a.size, Pack::new(simd, size[k]))).v;
        signal[k] = b.gain.mul_add(x[1], a.gain.mul_add(x[0], Pack::new(simd, signal[k]))).v;
        risk[k] = (a.risk + b.risk + Pack::new(simd, risk[k])).v;
        top[k] = a.risk.max(b.risk).max(Pack::new(simd, top[k])).v;
    }

    /// Adds what the weights `w` of a row change by where their series are too short, and mutes their part.
    #[inline(always)]
    fn replace(
        &mut self,
        k: usize,
        row: &Row<T>,
        w: Pack<S, T>,
        [early, late, rho]: [Pack<S, T>; 3],
        part: Part<Pack<S, T>>,
    ) -> Part<Pack<S, T>> {
        let (x, zero, simd) = (w.like(row.x), w.constant(0.0), w.simd());
        for (sum, at) in self.late.iter_mut().zip([early, late]) {
            sum[k] = (part.alarm.select(x * (at - w), zero) + Pack::new(simd, sum[k])).v;
        }
        Part {
            drive: part.alarm.select(zero, part.drive),
            gain: part.alarm.select(zero, part.gain),
            change: part.alarm.select(zero, part.change),
            size: part.alarm.select(zero, part.size),
            risk: part.alarm.select(rho * rho * w.like(row.risk), part.risk),
            alarm: part.alarm,
        }
    }
}

/// Sums over the rows at the nodes of a step with frozen signals, given those at its start.
#[inline(always)]
pub fn forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let mut forward = shard.forward.each_mut().map(std::mem::take);
    let mut terms = shard.terms.each_mut().map(std::mem::take);
    let mut risk = shard.risk.each_mut().map(std::mem::take);
    terms.iter_mut().chain(&mut risk).for_each(|sums| sums.fill(T::default()));
    for sums in &mut forward {
        sums.copy_from_slice(&shard.start);
    }
    let n = T::vectors::<S>(&shard.start).len();
    let errors = Errors::<S, T>::new(&job.seen[shard.layer], n, true);
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[0]);
    let outlook = black_box(outlook);
    let mut sums = Sums::<S, T> {
        terms: terms.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
        risk: risk.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
        late: forward.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]),
    };
    add_rows(simd, job, shard, outlook, &errors, &mut sums);
    for k in 0..n {
        let [a, b, c, d] = &sums.terms;
        let [delta, _] = errors.still(simd, k);
        let terms =
            [Pack::new(simd, a[k]), Pack::new(simd, b[k]), Pack::new(simd, c[k]), Pack::new(simd, d[k])];
        let [early, late] = &mut sums.late;
        early[k] = (outlook.change(0, terms, delta) + Pack::new(simd, early[k])).v;
        late[k] = (outlook.change(1, terms, delta) + Pack::new(simd, late[k])).v;
    }
    (shard.forward, shard.terms, shard.risk) = (forward, terms, risk);
}

/// Adds up the rows, two at once: every sum is read and written half as often.
#[inline(always)]
fn add_rows<S: Simd, T: Lane>(
    simd: S,
    job: &Job<T>,
    shard: &Shard<T>,
    outlook: &Outlook<T>,
    errors: &Errors<S, T>,
    sums: &mut Sums<S, T>,
) {
    let (seen, sources, n) = (&job.seen[shard.layer], Sources::of(shard), sums.risk[0].len());
    let awake = shard.awake.iter().map(|r| *r as usize);
    let mut active = awake.filter(|r| sources.value(seen.reach(), *r) != T::default());
    while let Some(first) = active.next() {
        let next = active.next();
        // Without a second, the first comes again and adds nothing.
        let numbers = [first, next.unwrap_or(first)];
        let silent = outlook.row(T::default(), T::default());
        let of = |r: usize| outlook.row(sources.value(&seen.x[0], r), sources.value(seen.reach(), r));
        let rows = &[of(first), next.map_or(silent, of)];
        let rows = black_box(rows);
        let cells = numbers.map(|r| {
            let place = shard.place(r);
            [W, M, C].map(|variable| row::<S, T>(&shard.state[variable], &place, n))
        });
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (errors, mut sums) = (errors.part(from, to), sums.part(from, to));
            let cells = cells.map(|cells| cells.map(|values| &values[from..to]));
            let mut late = 0_u64;
            for k in 0..to - from {
                let [_, push] = errors.still(simd, k);
                let one = outlook.terms(&rows[0], push, cell::<S, T>(simd, &cells[0], k));
                let other = outlook.terms(&rows[1], push, cell::<S, T>(simd, &cells[1], k));
                if one.alarm.min(other.alarm).any_negative() {
                    late |= 1 << k;
                } else {
                    sums.add(simd, k, rows, [one, other]);
                }
            }
            for k in flagged(late) {
                let [_, still] = errors.still(simd, k);
                let mut parts = [
                    outlook.terms(&rows[0], still, cell::<S, T>(simd, &cells[0], k)),
                    outlook.terms(&rows[1], still, cell::<S, T>(simd, &cells[1], k)),
                ];
                for (which, part) in parts.iter_mut().enumerate() {
                    let x = sources.activities(simd, seen, numbers[which]);
                    let push = errors.push(simd, &job.factors, &x, k);
                    let cell = cell::<S, T>(simd, &cells[which], k);
                    let found = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                    *part = sums.replace(k, &rows[which], cell[0], found, *part);
                }
                sums.add(simd, k, rows, parts);
            }
        }
    }
}
