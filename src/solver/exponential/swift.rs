//! The inner loops over common synapses (`common`).
//!
//! A vector that the short series do not take is left for after the loop, where a function of its own goes the long way: a
//! loop without a call keeps what it needs in registers.
//!
//! What all synapses share stays in memory, out of the compiler's sight (`black_box`): an operation that takes a number from
//! there for all of a vector costs nothing more. Otherwise they would be made vectors before the loop, more than there are
//! registers, and be read back from the stack across cache lines.

use std::hint::black_box;

use pulp::{NullaryFnOnce, Simd};

use super::cell::{Cell, Kind, load_from, row, row_mut, store};
use super::common::{Outlook, Step};
use super::factors::Factors;
use super::flow::{Weights, carry};
use super::gain::{Push, evolve};
use super::gap::catch_up;
use super::kernels::carrier;
use super::lane::Lane;
use super::pack::{Pack, apart};
use super::pass::Job;
use super::rule::{Driver, Scale};
use super::shard::{B, C, M, Shard, Size, W};
use super::sight::{Errors, activities, sent};

/// Vectors that one word of flags tells of.
const FLAGS: usize = 64;

/// The positions of the flags that are set.
fn flagged(mut flags: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let first = (flags != 0).then(|| flags.trailing_zeros() as usize);
        flags &= flags.wrapping_sub(1);
        first
    })
}

/// A forecast with frozen signals whatever the synapse.
struct Late<'a, P> {
    factors: &'a Factors,
    which: usize,
    push: Push<P>,
    cell: [P; 3],
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

/// Where the sums over the rows go: values at the inner node and the end, and the risk.
struct Sums<'a, S: Simd, T: Lane> {
    at: [&'a mut [T::Vector<S>]; 2],
    risk: [&'a mut [T::Vector<S>]; 2],
}

/// What a row is multiplied with.
#[derive(Clone, Copy)]
struct Sent<P> {
    at: [P; 2],
    reach: P,
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

    #[inline(always)]
    fn add(&mut self, k: usize, sent: &Sent<Pack<S, T>>, w: [Pack<S, T>; 2], rho: Pack<S, T>) {
        let simd = rho.simd();
        let (at, risk) = (&mut self.at, &mut self.risk);
        at[0][k] = sent.at[0].mul_add(w[0], Pack::new(simd, at[0][k])).v;
        at[1][k] = sent.at[1].mul_add(w[1], Pack::new(simd, at[1][k])).v;
        let share = sent.reach * rho;
        let share = share * share;
        risk[0][k] = (share + Pack::new(simd, risk[0][k])).v;
        risk[1][k] = share.max(Pack::new(simd, risk[1][k])).v;
    }
}

/// Sums over the rows at the nodes of a step with frozen signals.
#[inline(always)]
pub fn predict_forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
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
    for r in 0..shard.rows.len() {
        let [inner, last, reach] =
            [&seen.sent[0], &seen.sent[1], &seen.reach].map(|values| sent(shard, values, r));
        if [inner, last, reach].iter().all(|x| *x == T::default()) {
            continue;
        }
        let sent = Sent {
            at: [Pack::<S, T>::splat(simd, inner), Pack::splat(simd, last)],
            reach: Pack::splat(simd, reach),
        };
        let x = activities(simd, shard, seen, r);
        let place = shard.place(r);
        let w = row::<S, T>(&shard.state[W], &place, n);
        let m = row::<S, T>(&shard.state[M], &place, n);
        let c = row::<S, T>(&shard.state[C], &place, n);
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let (errors, mut sums) = (errors.part(from, to), sums.part(from, to));
            let (w, m, c) = (&w[from..to], &m[from..to], &c[from..to]);
            let mut late = 0_u64;
            for k in 0..w.len() {
                let cell = [Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k])];
                let found = outlook.forecast(x[0], errors.still(simd, k), cell);
                if found.alarm.any_negative() {
                    late |= 1 << k;
                } else {
                    sums.add(k, &sent, found.w, cell[2]);
                }
            }
            for k in flagged(late) {
                let cell = [Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k])];
                let push = errors.push(simd, &job.factors, &x, k);
                let [early, late, rho] = apart(simd, Late { factors: &job.factors, which: 0, push, cell });
                sums.add(k, &sent, [early, late], rho);
            }
        }
    }
    shard.forward = forward;
    shard.risk = risks;
}

/// Sums over the postsynaptic units at the nodes of a step with frozen signals, for weights that change.
#[inline(always)]
pub fn predict_deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
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
                let found = apart(simd, Late { factors: &job.factors, which, push, cell });
                at = [found[0], found[1]];
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

/// A whole step whatever the synapse.
struct Anyhow<'a, P> {
    kind: Kind,
    factors: &'a Factors,
    push: Push<P>,
    cell: Cell<P>,
}

impl<S: Simd, T: Lane> NullaryFnOnce for Anyhow<'_, Pack<S, T>> {
    type Output = Cell<Pack<S, T>>;
    #[inline(always)]
    fn call(self) -> Self::Output {
        self.kind.step(self.factors, &self.push, self.cell)
    }
}

/// Sizes of a row's weights and traces.
#[inline(always)]
fn measure<S: Simd, T: Lane>(simd: S, w: &[T::Vector<S>], m: &[T::Vector<S>]) -> Size {
    let zero = Pack::<S, T>::splat(simd, T::default());
    let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
    for (w, m) in w.iter().zip(m) {
        let (w, m) = (Pack::new(simd, *w), Pack::new(simd, *m));
        (w2, w_top) = (w.mul_add(w, w2), w_top.max(w.abs()));
        (m2, m_top) = (m.mul_add(m, m2), m_top.max(m.abs()));
    }
    Size { w2: w2.sum().to_f64(), w: w_top.most().to_f64(), m2: m2.sum().to_f64(), m: m_top.most().to_f64() }
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane, const STEADY: bool, const LEARNS: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, STEADY);
    let shared = &Step::<T>::new(&job.factors);
    let shared = black_box(shared);
    let kind = Kind::new(&job.constants, LEARNS, false);
    let zero = Pack::splat(simd, T::default());
    for r in 0..shard.rows.len() {
        if !job.is_awake(shard, r) {
            continue;
        }
        if STEADY && sent(shard, &seen.x[0], r) == T::default() {
            catch_up(simd, job, shard, r, job.t[1]);
            continue;
        }
        let x = activities(simd, shard, seen, r);
        let place = shard.place(r);
        let [w, m, c, b, _, _] = &mut shard.state;
        let w = &mut T::vectors_mut::<S>(&mut w[place.clone()])[..n];
        let m = &mut T::vectors_mut::<S>(&mut m[place.clone()])[..n];
        let c = &mut T::vectors_mut::<S>(&mut c[place.clone()])[..n];
        let b = row_mut::<S, T>(b, &place, if LEARNS { n } else { 0 });
        for from in (0..n).step_by(FLAGS) {
            let to = n.min(from + FLAGS);
            let errors = errors.part(from, to);
            let (w, m, c) = (&mut w[from..to], &mut m[from..to], &mut c[from..to]);
            let b = if LEARNS { &mut b[from..to] } else { &mut [] };
            let mut late = 0_u64;
            for k in 0..w.len() {
                let (w0, m0, c0) = (Pack::new(simd, w[k]), Pack::new(simd, m[k]), Pack::new(simd, c[k]));
                let b0 = if LEARNS { Pack::new(simd, b[k]) } else { zero };
                let cell = Cell { w: w0, m: m0, c: c0, b: b0, m_b: zero, c_b: zero };
                let push = if STEADY {
                    shared.steady(x[0], errors.forcing(simd, k))
                } else {
                    shared.moving(errors.g(simd, &x, k))
                };
                let end = shared.carry::<S, LEARNS>(push, cell);
                if end.alarm.any_negative() {
                    late |= 1 << k;
                    continue;
                }
                (w[k], m[k], c[k]) = (end.cell.w.v, end.cell.m.v, end.cell.c.v);
                if LEARNS {
                    b[k] = end.cell.b.v;
                }
            }
            for k in flagged(late) {
                let mut to = [&mut *w, &mut *m, &mut *c, &mut *b, &mut [], &mut []];
                let cell = load_from::<S, T>(simd, &to, k);
                let push = errors.push(simd, &job.factors, &x, k);
                let end = apart(simd, Anyhow { kind, factors: &job.factors, push, cell });
                store(&mut to, k, &end);
            }
        }
        shard.size[r] = measure::<S, T>(simd, w, m);
        shard.clock[r] = job.t[1];
    }
}
