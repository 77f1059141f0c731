//! The inner loops: one read of a shard's rows, and a write where the state goes on.
//!
//! What is the same for all synapses of a row (the rule, whether `b` learns, whether inputs change) is looked up anew for
//! every vector: one copy of each loop for every combination would take minutes to compile. The common kind alone has
//! loops of its own, in `swift`.

use pulp::Simd;

use super::cell::{Kind, load_from, pick, row, row_mut, store};
use super::flow::{Weights, carry};
use super::gain::{Push, evolve};
use super::gap::catch_up;
use super::lane::Lane;
use super::pack::Pack;
use super::pass::Job;
use super::rows::{Size, Sums};
use super::rule::Scale;
use super::shard::{Foresight, Shard};
use super::sight::Columns;
use super::strand::Strand;

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
pub fn add<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    wake(simd, job, shard);
    let (values, [weight, ..]) = (&job.see(shard).rows[0], Strand::of(job, shard).variables);
    let mut sums = std::mem::take(&mut shard.columns.at[0]);
    sums.fit(shard.stride).fill(T::default());
    for r in shard.awake.iter().map(|r| *r as usize) {
        let x = shard.rows.value(values, r);
        if x == T::default() {
            continue;
        }
        let x = Pack::splat(simd, x);
        let w = T::vectors::<S>(&shard.state[weight][shard.place(r)]);
        for (sum, w) in T::vectors_mut::<S>(&mut sums).iter_mut().zip(w) {
            *sum = x.mul_add(Pack::new(simd, *w), Pack::new(simd, *sum)).v;
        }
    }
    shard.columns.at[0] = sums;
    if let Foresight::Until(_) = shard.foresight {
        shard.foresight = Foresight::None;
    }
}

/// What is passed on of weights `w`: their signs in feedback "sign-symmetric", whose common size is applied to the sums.
#[inline(always)]
pub fn passed_on<S: Simd, T: Lane>(is_signed: bool, w: Pack<S, T>) -> Pack<S, T> {
    let (zero, one) = (w.constant(0.0), w.constant(1.0));
    if is_signed { (zero - w.abs()).select(one.copysign(w), zero) } else { w }
}

/// Sums over the values of each row.
#[inline(always)]
pub fn dot<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let signals = T::vectors::<S>(&job.see(shard).columns[0][shard.span()]);
    let Strand { variables: [weight, ..], is_signed, .. } = Strand::of(job, shard);
    shard.each.at[0].resize(shard.rows.len(), T::default());
    let mut square = Pack::splat(simd, T::default());
    for r in 0..shard.rows.len() {
        let w = T::vectors::<S>(&shard.state[weight][shard.place(r)]);
        let mut sum = Pack::splat(simd, T::default());
        for (w, signal) in w.iter().zip(signals) {
            let w = Pack::new(simd, *w);
            sum = passed_on(is_signed, w).mul_add(Pack::new(simd, *signal), sum);
            square = w.mul_add(w, square);
        }
        shard.each.at[0][r] = sum.sum();
    }
    shard.square[0] = square.sum().to_f64();
}

/// Synapses as they will be at the nodes of a step.
struct Coming<P> {
    /// The weight at the inner node and the end.
    w: [P; 2],
    /// Its gain, where that is larger: at the start or the end.
    rho: P,
}

/// The synapses number `k` of a row as they will be.
#[inline(always)]
fn come<S: Simd, T: Lane>(
    job: &Job<T>,
    strand: &Strand,
    push: &Push<Pack<S, T>>,
    [w, m, c]: [Pack<S, T>; 3],
) -> Coming<Pack<S, T>> {
    if !strand.changes {
        return Coming { w: [w; 2], rho: c };
    }
    let rule = (job.constants.driver, job.constants.scale);
    let local = evolve(rule, &job.factors, push, m, c);
    let weights = Weights { w: (w, strand.which), b: None };
    let early = carry(rule.1, &job.factors, 0, &local, weights);
    let late = carry(rule.1, &job.factors, 1, &local, weights);
    // A stiff gain only falls, and its end is not in `local`.
    let grown = if rule.1 == Scale::Rms { local.change[1] } else { local.rho[0] - local.rho[2] };
    Coming { w: [early.w, late.w], rho: grown.select(local.rho[2], local.rho[0]) }
}

/// Sums over the rows at the nodes of the step.
#[inline(always)]
pub fn predict_add<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, strand) = (job.see(shard), Strand::of(job, shard));
    let mut sums = std::mem::take(&mut shard.columns);
    sums.clear(shard.stride);
    let [middle, end] = sums.at.each_mut().map(|sums| T::vectors_mut::<S>(sums));
    let [risk, top] = sums.risk.each_mut().map(|sums| T::vectors_mut::<S>(sums));
    let n = middle.len();
    let columns = Columns::<S, T>::new(seen, shard);
    let [early, late] = seen.sent();
    for r in 0..shard.rows.len() {
        let [inner, last, reach] = [early, late, seen.reach()].map(|values| shard.rows.value(values, r));
        if [inner, last, reach].iter().all(|x| *x == T::default()) {
            continue;
        }
        let (inner, last) = (Pack::<S, T>::splat(simd, inner), Pack::splat(simd, last));
        let reach = Pack::splat(simd, reach);
        let x = shard.rows.signals(simd, seen, r);
        let place = shard.place(r);
        let cells = strand.variables.map(|variable| row::<S, T>(&shard.state[variable], &place, n));
        for k in 0..n {
            let cell = [pick(simd, cells[0], k), pick(simd, cells[1], k), pick(simd, cells[2], k)];
            let push = columns.push(simd, &job.factors, &x, k);
            let coming = come(job, &strand, &push, cell);
            middle[k] = inner.mul_add(coming.w[0], Pack::new(simd, middle[k])).v;
            end[k] = last.mul_add(coming.w[1], Pack::new(simd, end[k])).v;
            let share = reach * coming.rho;
            let share = share * share;
            risk[k] = (share + Pack::new(simd, risk[k])).v;
            top[k] = share.max(Pack::new(simd, top[k])).v;
        }
    }
    shard.columns = sums;
}

/// Sums over the values of each row at the nodes of the step.
#[inline(always)]
pub fn predict_dot<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, strand) = (job.see(shard), Strand::of(job, shard));
    let [early, late] = seen.sent_columns().map(|signals| T::vectors::<S>(&signals[shard.span()]));
    let n = early.len();
    let columns = Columns::<S, T>::new(seen, shard);
    let sizes = T::vectors::<S>(seen.column_reach(shard));
    shard.each.fit(shard.rows.len());
    let mut squares = [Pack::splat(simd, T::default()); 2];
    for r in 0..shard.rows.len() {
        let x = shard.rows.signals(simd, seen, r);
        let mut sums = Dots::zero(simd, squares, strand.is_signed);
        let place = shard.place(r);
        let cells = strand.variables.map(|variable| row::<S, T>(&shard.state[variable], &place, n));
        for k in 0..n {
            let cell = [pick(simd, cells[0], k), pick(simd, cells[1], k), pick(simd, cells[2], k)];
            let push = columns.push(simd, &job.factors, &x, k);
            let coming = come(job, &strand, &push, cell);
            sums.add([Pack::new(simd, early[k]), Pack::new(simd, late[k])], coming.w);
            if let Some(size) = sizes.get(k) {
                let share = Pack::new(simd, *size) * coming.rho;
                sums.risk(share * share);
            }
        }
        squares = sums.store(&mut shard.each, r);
    }
    shard.square = [squares[0].sum().to_f64(), squares[1].sum().to_f64()];
}

/// Sums over the values of a row at the inner node and the end, and of the squares of its weights with those of rows before.
pub struct Dots<P> {
    at: [P; 2],
    risk: [P; 2],
    squares: [P; 2],
    is_signed: bool,
}

impl<S: Simd, T: Lane> Dots<Pack<S, T>> {
    /// Nothing but the squares of the rows before.
    #[inline(always)]
    pub fn zero(simd: S, squares: [Pack<S, T>; 2], is_signed: bool) -> Self {
        let zero = Pack::splat(simd, T::default());
        Self { at: [zero; 2], risk: [zero; 2], squares, is_signed }
    }

    /// Adds weights that pass on these signals.
    #[inline(always)]
    pub fn add(&mut self, signal: [Pack<S, T>; 2], w: [Pack<S, T>; 2]) {
        let passed = [passed_on(self.is_signed, w[0]), passed_on(self.is_signed, w[1])];
        self.at = [passed[0].mul_add(signal[0], self.at[0]), passed[1].mul_add(signal[1], self.at[1])];
        self.squares = [w[0].mul_add(w[0], self.squares[0]), w[1].mul_add(w[1], self.squares[1])];
    }

    /// Adds to the risk.
    #[inline(always)]
    pub fn risk(&mut self, share: Pack<S, T>) {
        self.risk = [self.risk[0] + share, self.risk[1].max(share)];
    }

    /// Stores the sums as those of row `r`, and gives the squares so far.
    #[inline(always)]
    pub fn store(self, to: &mut Sums<Vec<T>>, r: usize) -> [Pack<S, T>; 2] {
        (to.at[0][r], to.at[1][r]) = (self.at[0].sum(), self.at[1].sum());
        (to.risk[0][r], to.risk[1][r]) = (self.risk[0].sum(), self.risk[1].most());
        self.squares
    }
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let (seen, factors) = (job.see(shard), &job.factors);
    let n = shard.vectors::<S>();
    let columns = Columns::<S, T>::new(seen, shard);
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    for k in 0..shard.awake.len() {
        let r = shard.awake[k] as usize;
        let x = shard.rows.signals(simd, seen, r);
        let place = shard.place(r);
        let mut to = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        let zero = Pack::splat(simd, T::default());
        let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
        for k in 0..n {
            let cell = load_from::<S, T>(simd, &to, k);
            let push = columns.push(simd, factors, &x, k);
            let end = kind.step(factors, &push, cell);
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
