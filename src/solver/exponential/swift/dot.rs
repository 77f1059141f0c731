//! Forecasts of sums over the values of each row, as they will be if the signals stay as they are.

use std::hint::black_box;

use pulp::Simd;

use super::super::kernels::Dots;
use super::super::lane::Lane;
use super::super::outlook::Outlook;
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::Shard;
use super::super::sight::Columns;
use super::super::strand::Strand;
use super::add::{Late, cell};
use super::{FLAGS, flagged, part};

/// Sums over the values of each row at the nodes of a step with frozen signals, for weights that change.
#[inline(always)]
pub fn predict<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, Strand { variables, which, is_signed, .. }) = (job.see(shard), Strand::of(job, shard));
    let n = shard.vectors::<S>();
    let columns = Columns::<S, T>::new(seen, shard);
    let [early, end] = seen.sent_columns();
    let early = &T::vectors::<S>(&early[shard.span()])[..n];
    let end = &T::vectors::<S>(&end[shard.span()])[..n];
    let sizes = T::vectors::<S>(seen.column_reach(shard));
    shard.each.fit(shard.rows.len());
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[which]);
    let outlook = black_box(outlook);
    let rows = shard.rows.len();
    let cells = variables.map(|variable| &T::vectors::<S>(&shard.state[variable])[..rows * n]);
    let mut squares = [Pack::splat(simd, T::default()); 2];
    for first in (0..rows).step_by(FLAGS) {
        let last = rows.min(first + FLAGS);
        let mut late = 0_u64;
        for r in first..last {
            let x = shard.rows.signals(simd, seen, r)[0];
            let cells = part(cells, r * n..(r + 1) * n);
            let mut sums = Dots::zero(simd, squares, is_signed);
            let mut alarm = x.constant(1.0);
            for k in 0..n {
                let found = outlook.forecast(x * columns.still(simd, k), cell::<S, T>(simd, &cells, k));
                alarm = alarm.min(found.alarm);
                sums.add([Pack::new(simd, early[k]), Pack::new(simd, end[k])], found.w);
                if let Some(size) = sizes.get(k) {
                    let size = Pack::new(simd, *size);
                    sums.risk(size * size * found.square);
                }
            }
            if alarm.any_negative() {
                late |= 1 << (r - first);
            } else {
                squares = sums.store(&mut shard.each, r);
            }
        }
        for flag in flagged(late) {
            let r = first + flag;
            let x = shard.rows.signals(simd, seen, r);
            let mut sums = Dots::zero(simd, squares, is_signed);
            for k in 0..n {
                let cell = cell::<S, T>(simd, &cells, r * n + k);
                let found = outlook.forecast(x[0] * columns.still(simd, k), cell);
                let push = columns.push(simd, &job.factors, &x, k);
                let late = apart(simd, Late { factors: &job.factors, which, push, cell });
                let w = [found.or(late[0], 0), found.or(late[1], 1)];
                sums.add([Pack::new(simd, early[k]), Pack::new(simd, end[k])], w);
                if let Some(size) = sizes.get(k) {
                    let size = Pack::new(simd, *size);
                    sums.risk(size * size * found.alarm.select(late[2] * late[2], found.square));
                }
            }
            squares = sums.store(&mut shard.each, r);
        }
    }
    shard.square = [squares[0].sum().to_f64(), squares[1].sum().to_f64()];
}
