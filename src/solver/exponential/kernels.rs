//! The inner loops: one read of a shard's rows, and a write where the state goes on.
//!
//! What is the same for all synapses of a row (the rule, whether `b` learns, whether inputs change) is looked up anew for
//! every vector: one copy of each loop for every combination would take minutes to compile. The common kind alone has
//! loops of its own, in `swift`.

use pulp::Simd;

use super::cell::{Kind, load, load_from, row, row_mut, store};
use super::flow::{Weights, carry};
use super::gain::{Local, evolve};
use super::gap::catch_up;
use super::lane::Lane;
use super::pack::Pack;
use super::pass::Job;
use super::rule::Scale;
use super::shard::{B, Shard, Size, W};
use super::sight::{Errors, Sources};

/// Looks up which rows take part in steps and brings them up to date.
#[inline(always)]
pub fn wake<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    shard.look_who_wakes(&job.awake);
    for k in 0..shard.awake.len() {
        let r = shard.awake[k] as usize;
        if shard.clock[r] < job.t[0] {
            catch_up(simd, job, shard, r, job.t[0]);
        }
    }
}

/// Sums over the rows.
#[inline(always)]
pub fn forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    wake(simd, job, shard);
    let (seen, sources) = (&job.seen[shard.layer], Sources::of(shard));
    let mut sums = std::mem::take(&mut shard.forward[0]);
    sums.fill(T::default());
    for r in shard.awake.iter().map(|r| *r as usize) {
        let x = sources.value(&seen.x[0], r);
        if x == T::default() {
            continue;
        }
        let x = Pack::splat(simd, x);
        let w = T::vectors::<S>(&shard.state[W][shard.place(r)]);
        for (sum, w) in T::vectors_mut::<S>(&mut sums).iter_mut().zip(w) {
            *sum = x.mul_add(Pack::new(simd, *w), Pack::new(simd, *sum)).v;
        }
    }
    shard.start.copy_from_slice(&sums);
    (shard.forward[0], shard.foreseen) = (sums, None);
}

/// The weights that carry errors down: `b`, or `w` where `b = w`.
fn feedback<T>(shard: &Shard<T>) -> &[T] {
    if shard.state[B].is_empty() { &shard.state[W] } else { &shard.state[B] }
}

/// What carries errors down for `w`: its sign in feedback "sign-symmetric", whose common size is applied to the sums.
#[inline(always)]
pub fn carrier<S: Simd, T: Lane>(by_sign: bool, w: Pack<S, T>) -> Pack<S, T> {
    let (zero, one) = (w.constant(0.0), w.constant(1.0));
    if by_sign { (zero - w.abs()).select(one.copysign(w), zero) } else { w }
}

/// Sums over the postsynaptic units.
#[inline(always)]
pub fn deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let delta = T::vectors::<S>(&job.seen[shard.layer].delta[0]);
    let mut square = Pack::splat(simd, T::default());
    for r in 0..shard.rows.len() {
        let b = T::vectors::<S>(&feedback(shard)[shard.place(r)]);
        let mut sum = Pack::splat(simd, T::default());
        for (b, delta) in b.iter().zip(delta) {
            let b = Pack::new(simd, *b);
            sum = carrier(job.by_sign, b).mul_add(Pack::new(simd, *delta), sum);
            square = b.mul_add(b, square);
        }
        shard.backward[0][r] = sum.sum();
    }
    shard.square[0] = square.sum().to_f64();
}

/// Sums over the rows at the nodes of the step.
#[inline(always)]
pub fn predict_forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, sources) = (&job.seen[shard.layer], Sources::of(shard));
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, job.is_steady(shard));
    let rule = (job.constants.driver, job.constants.scale);
    let factors = job.factors;
    let mut sums = [0, 1].map(|node| std::mem::take(&mut shard.forward[node]));
    let mut risks = shard.risk.each_mut().map(std::mem::take);
    sums.iter_mut().chain(&mut risks).for_each(|sums| sums.fill(T::default()));
    {
        let [middle, end] = sums.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]);
        let [risk, top] = risks.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]);
        let [early, late] = seen.sent();
        for r in 0..shard.rows.len() {
            let [inner, last, reach] = [early, late, seen.reach()].map(|values| sources.value(values, r));
            if [inner, last, reach].iter().all(|x| *x == T::default()) {
                continue;
            }
            let (inner, last) = (Pack::<S, T>::splat(simd, inner), Pack::splat(simd, last));
            let reach = Pack::splat(simd, reach);
            let x = sources.activities(simd, seen, r);
            let place = shard.place(r);
            let row = [0, 1, 2].map(|variable| row::<S, T>(&shard.state[variable], &place, n));
            let row = [row[0], row[1], row[2], &[], &[], &[]];
            for k in 0..n {
                let cell = load(simd, &row, k);
                let push = errors.push(simd, &factors, &x, k);
                let local = evolve(rule, &factors, &push, cell.m, cell.c);
                let weights = Weights { w: (cell.w, 0), b: None };
                let early = carry(rule.1, &factors, 0, &local, weights);
                let late = carry(rule.1, &factors, 1, &local, weights);
                middle[k] = inner.mul_add(early.w, Pack::new(simd, middle[k])).v;
                end[k] = last.mul_add(late.w, Pack::new(simd, end[k])).v;
                // A stiff gain only falls, and its end is not in `local`.
                let grown = if rule.1 == Scale::Rms { local.change[1] } else { local.rho[0] - local.rho[2] };
                let share = reach * grown.select(local.rho[2], local.rho[0]);
                let share = share * share;
                risk[k] = (share + Pack::new(simd, risk[k])).v;
                top[k] = share.max(Pack::new(simd, top[k])).v;
            }
        }
    }
    shard.forward = sums;
    shard.risk = risks;
}

/// Sums over the postsynaptic units at the nodes of the step.
#[inline(always)]
pub fn predict_deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, sources) = (&job.seen[shard.layer], Sources::of(shard));
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, job.is_steady(shard));
    let factors = job.factors;
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    let carried = seen.carried.each_ref().map(|delta| &T::vectors::<S>(delta)[..n]);
    let is_symmetric = shard.state[B].is_empty();
    let mut squares = [Pack::splat(simd, T::default()); 2];
    for r in 0..shard.rows.len() {
        let x = sources.activities(simd, seen, r);
        let mut sums = [Pack::splat(simd, T::default()); 2];
        let place = shard.place(r);
        let row = shard.state.each_ref().map(|values| row::<S, T>(values, &place, n));
        let carried = carried[0].iter().zip(carried[1]);
        for (k, (early, late)) in carried.enumerate() {
            let cell = load(simd, &row, k);
            let at = if is_symmetric || kind.learns {
                let push = errors.push(simd, &factors, &x, k);
                let (m, c) = if kind.own { (cell.m_b, cell.c_b) } else { (cell.m, cell.c) };
                let local: Local<_> = evolve(kind.rule, &factors, &push, m, c);
                let w = if is_symmetric { (cell.w, 0) } else { (cell.b, 1) };
                let weights = Weights { w, b: None };
                let early = carry(kind.rule.1, &factors, 0, &local, weights);
                [early.w, carry(kind.rule.1, &factors, 1, &local, weights).w]
            } else {
                [cell.b; 2]
            };
            let b = [carrier(job.by_sign, at[0]), carrier(job.by_sign, at[1])];
            sums = [
                b[0].mul_add(Pack::new(simd, *early), sums[0]),
                b[1].mul_add(Pack::new(simd, *late), sums[1]),
            ];
            squares = [at[0].mul_add(at[0], squares[0]), at[1].mul_add(at[1], squares[1])];
        }
        (shard.backward[0][r], shard.backward[1][r]) = (sums[0].sum(), sums[1].sum());
    }
    shard.square = [squares[0].sum().to_f64(), squares[1].sum().to_f64()];
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, sources) = (&job.seen[shard.layer], Sources::of(shard));
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, n, job.is_steady(shard));
    let factors = job.factors;
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    for k in 0..shard.awake.len() {
        let r = shard.awake[k] as usize;
        let x = sources.activities(simd, seen, r);
        let place = shard.place(r);
        let mut to = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        let zero = Pack::splat(simd, T::default());
        let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
        for k in 0..n {
            let cell = load_from::<S, T>(simd, &to, k);
            let push = errors.push(simd, &factors, &x, k);
            let end = kind.step(&factors, &push, cell);
            w2 = end.w.mul_add(end.w, w2);
            m2 = end.m.mul_add(end.m, m2);
            w_top = w_top.max(end.w.abs());
            m_top = m_top.max(end.m.abs());
            store(&mut to, k, &end);
        }
        shard.size[r] = Size {
            w2: w2.sum().to_f64(),
            w: w_top.most().to_f64(),
            m2: m2.sum().to_f64(),
            m: m_top.most().to_f64(),
        };
        shard.clock[r] = job.t[1];
    }
}
