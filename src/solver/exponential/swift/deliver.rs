//! Forecasts: sums over the postsynaptic units as they will be if the signals stay as they are.

use std::hint::black_box;

use pulp::Simd;

use super::super::kernels::carrier;
use super::super::lane::Lane;
use super::super::outlook::Outlook;
use super::super::pack::{Pack, apart};
use super::super::pass::Job;
use super::super::shard::{B, C, M, Shard, W};
use super::super::sight::{Errors, Sources};
use super::predict::{Late, cell};
use super::{FLAGS, flagged};

/// Sums over the postsynaptic units at the nodes of a step with frozen signals, for weights that change.
#[inline(always)]
pub fn deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, sources) = (&job.seen[shard.layer], Sources::of(shard));
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, true);
    let [early, end] = seen.carried.each_ref().map(|delta| &T::vectors::<S>(delta)[..n]);
    let is_symmetric = shard.state[B].is_empty();
    let [w, m, c] = match (is_symmetric, job.has_own_traces) {
        (true, _) => [W, M, C],
        (false, false) => [B, M, C],
        (false, true) => [B, B + 1, B + 2],
    };
    let which = usize::from(!is_symmetric);
    let outlook = &Outlook::<T>::new(&job.factors, &job.factors.weight[which]);
    let outlook = black_box(outlook);
    let rows = shard.rows.len();
    let cells = [w, m, c].map(|variable| &T::vectors::<S>(&shard.state[variable])[..rows * n]);
    let [at_inner, at_end] = &mut shard.backward;
    let mut squares = [Pack::splat(simd, T::default()); 2];
    for first in (0..rows).step_by(FLAGS) {
        let last = rows.min(first + FLAGS);
        let mut late = 0_u64;
        for r in first..last {
            let x = sources.activities(simd, seen, r)[0];
            let cells = cells.map(|values| &values[r * n..(r + 1) * n]);
            let mut sums = Delivered::zero(simd, squares, job.by_sign);
            let mut alarm = x.constant(1.0);
            for k in 0..n {
                let found = outlook.forecast(x, errors.still(simd, k), cell::<S, T>(simd, &cells, k));
                alarm = alarm.min(found.alarm);
                sums.add([Pack::new(simd, early[k]), Pack::new(simd, end[k])], found.w);
            }
            if alarm.any_negative() {
                late |= 1 << (r - first);
            } else {
                (at_inner[r], at_end[r], squares) = sums.done();
            }
        }
        for flag in flagged(late) {
            let r = first + flag;
            let x = sources.activities(simd, seen, r);
            let mut sums = Delivered::zero(simd, squares, job.by_sign);
            for k in 0..n {
                let cell = cell::<S, T>(simd, &cells, r * n + k);
                let found = outlook.forecast(x[0], errors.still(simd, k), cell);
                let push = errors.push(simd, &job.factors, &x, k);
                let late = apart(simd, Late { factors: &job.factors, which, push, cell });
                let w = [found.or(late[0], 0), found.or(late[1], 1)];
                sums.add([Pack::new(simd, early[k]), Pack::new(simd, end[k])], w);
            }
            (at_inner[r], at_end[r], squares) = sums.done();
        }
    }
    shard.square = [squares[0].sum().to_f64(), squares[1].sum().to_f64()];
}

/// Sums over the synapses of a row at the inner node and the end, and of the squares of its weights with those of rows before.
struct Delivered<P> {
    sums: [P; 2],
    squares: [P; 2],
    by_sign: bool,
}

impl<S: Simd, T: Lane> Delivered<Pack<S, T>> {
    #[inline(always)]
    fn zero(simd: S, squares: [Pack<S, T>; 2], by_sign: bool) -> Self {
        Self { sums: [Pack::splat(simd, T::default()); 2], squares, by_sign }
    }

    /// Adds weights that meet these errors.
    #[inline(always)]
    fn add(&mut self, delta: [Pack<S, T>; 2], w: [Pack<S, T>; 2]) {
        let b = [carrier(self.by_sign, w[0]), carrier(self.by_sign, w[1])];
        self.sums = [b[0].mul_add(delta[0], self.sums[0]), b[1].mul_add(delta[1], self.sums[1])];
        self.squares = [w[0].mul_add(w[0], self.squares[0]), w[1].mul_add(w[1], self.squares[1])];
    }

    /// The sums, and the squares so far.
    #[inline(always)]
    fn done(self) -> (T, T, [Pack<S, T>; 2]) {
        (self.sums[0].sum(), self.sums[1].sum(), self.squares)
    }
}
