//! The inner loops: one read of a shard's rows, and a write where the state goes on.
//!
//! What is the same for all synapses of a row (the rule, whether `b` learns, whether inputs change) is looked up anew for
//! every vector: a branch that always goes the same way is free beside the arithmetic, and one copy of each loop for
//! every combination would take minutes to compile.

use std::ops::Range;

use pulp::Simd;

use super::factors::Factors;
use super::flow::{Weights, carry};
use super::gain::{Local, Nodes, Push, evolve};
use super::idle::{Idle, rest, silent};
use super::lane::{Lane, Pack};
use super::pass::{Job, Seen};
use super::rule::{Constants, Driver, Scale};
use super::shard::{B, Shard, Size, W};

/// The variables of a synapse. Those that it lacks are zero.
#[derive(Clone, Copy)]
pub struct Cell<P> {
    /// Forward weight.
    pub w: P,
    /// Momentum trace.
    pub m: P,
    /// Stored coordinate of the gain.
    pub c: P,
    /// Feedback weight.
    pub b: P,
    /// Own trace of the feedback synapse.
    pub m_b: P,
    /// Own gain of the feedback synapse.
    pub c_b: P,
}

/// How the synapses of a shard work.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The rule.
    pub rule: (Driver, Scale),
    /// Whether `b` learns.
    pub learns: bool,
    /// Whether it has traces of its own.
    pub own: bool,
}

impl Kind {
    /// That of a shard whose feedback weights learn or not, with traces of their own or not.
    #[must_use]
    pub fn new(constants: &Constants, learns: bool, own: bool) -> Self {
        Self { rule: (constants.driver, constants.scale), learns, own: learns && own }
    }

    /// Carries a synapse through a step; also gives its gain for the risk.
    #[inline(always)]
    pub fn step<S: Simd, T: Lane>(
        self,
        factors: &Factors,
        push: &Push<Pack<S, T>>,
        cell: Cell<Pack<S, T>>,
    ) -> Cell<Pack<S, T>> {
        let mut end = cell;
        let local = evolve(self.rule, factors, push, cell.m, cell.c);
        let b = (self.learns && !self.own).then_some(cell.b);
        let carried = carry(self.rule.1, factors, 1, &local, Weights { w: (cell.w, 0), b });
        (end.m, end.c, end.w) = (local.m, carried.c, carried.w);
        if self.own {
            let local = evolve(self.rule, factors, push, cell.m_b, cell.c_b);
            let carried = carry(self.rule.1, factors, 1, &local, Weights { w: (cell.b, 1), b: None });
            (end.m_b, end.c_b, end.b) = (local.m, carried.c, carried.w);
        } else if self.learns {
            end.b = carried.b;
        }
        end
    }

    /// Carries a silent synapse (`g = 0`) through a stretch of a gap.
    #[inline(always)]
    pub fn idle<S: Simd, T: Lane>(self, idle: &Idle, cell: Cell<Pack<S, T>>) -> Cell<Pack<S, T>> {
        let mut end = cell;
        let mut silence = silent(self.rule.1, idle, cell.m, cell.c);
        (end.m, end.c, end.w) = (silence.m, silence.c, rest(idle, 0, cell.w, &silence));
        if self.own {
            silence = silent(self.rule.1, idle, cell.m_b, cell.c_b);
            (end.m_b, end.c_b) = (silence.m, silence.c);
        }
        if self.learns {
            end.b = rest(idle, 1, cell.b, &silence);
        }
        end
    }
}

/// Vectors of one variable of a row; none where the variable does not exist.
#[inline(always)]
fn row<'a, S: Simd, T: Lane>(values: &'a [T], place: &Range<usize>, n: usize) -> &'a [T::Vector<S>] {
    values.get(place.clone()).map_or(&[], |values| &T::vectors::<S>(values)[..n])
}

/// The same, to be written.
#[inline(always)]
fn row_mut<'a, S: Simd, T: Lane>(
    values: &'a mut [T],
    place: &Range<usize>,
    n: usize,
) -> &'a mut [T::Vector<S>] {
    values.get_mut(place.clone()).map_or(&mut [], |values| &mut T::vectors_mut::<S>(values)[..n])
}

/// The synapses number `k` of a row.
#[inline(always)]
fn load<S: Simd, T: Lane>(simd: S, row: &[&[T::Vector<S>]; 6], k: usize) -> Cell<Pack<S, T>> {
    let at = |variable: usize| match row[variable].get(k) {
        Some(v) => Pack::new(simd, *v),
        None => Pack::splat(simd, T::default()),
    };
    Cell { w: at(0), m: at(1), c: at(2), b: at(3), m_b: at(4), c_b: at(5) }
}

/// Stores the synapses number `k` of a row.
#[inline(always)]
fn store<S: Simd, T: Lane>(row: &mut [&mut [T::Vector<S>]; 6], k: usize, cell: &Cell<Pack<S, T>>) {
    let values = [cell.w, cell.m, cell.c, cell.b, cell.m_b, cell.c_b];
    for (row, value) in row.iter_mut().zip(values) {
        if let Some(to) = row.get_mut(k) {
            *to = value.v;
        }
    }
}

/// The signals of a layer as vectors over its postsynaptic units.
#[derive(Clone, Copy)]
struct Errors<'a, S: Simd, T: Lane> {
    delta: [&'a [T::Vector<S>]; 3],
    push: [&'a [T::Vector<S>]; 4],
    is_steady: bool,
}

impl<'a, S: Simd, T: Lane> Errors<'a, S, T> {
    /// Those of a layer, cut to `n` vectors: all lengths in a loop are one, and known to be.
    fn new(seen: &'a Seen<T>, shard: &Shard<T>, n: usize) -> Self {
        let vectors = |values: &'a Vec<T>| &T::vectors::<S>(values)[..n];
        Self {
            delta: seen.delta.each_ref().map(vectors),
            push: seen.push.each_ref().map(vectors),
            is_steady: seen.is_steady || shard.is_bias,
        }
    }

    /// What pushes the synapses number `k` of a row over the step.
    #[inline(always)]
    fn push(&self, simd: S, factors: &Factors, x: &Nodes<Pack<S, T>>, k: usize) -> Push<Pack<S, T>> {
        let g = [0, 1, 2].map(|node| x[node] * Pack::new(simd, self.delta[node][k]));
        if !self.is_steady {
            return Push::new(factors, g);
        }
        let [m0, m1, v0, v1] = self.push.map(|push| Pack::new(simd, push[k]));
        let (x, square) = (x[0], x[0] * x[0]);
        let floor = factors.floor.map(|floor| x.constant(floor));
        Push { m: [x * m0, x * m1], v: [square.mul_add(v0, floor[0]), square.mul_add(v1, floor[1])], g }
    }
}

/// The presynaptic values of a row: 1 for a bias and in a protocol.
fn sent<T: Lane>(shard: &Shard<T>, values: &[T], row: usize) -> T {
    if shard.is_bias || shard.layer == 0 {
        T::from_f64(1.0)
    } else {
        values.get(shard.rows.start + row).copied().unwrap_or_default()
    }
}

/// The presynaptic activities of a row that make `g`.
#[inline(always)]
fn activities<S: Simd, T: Lane>(simd: S, shard: &Shard<T>, seen: &Seen<T>, row: usize) -> Nodes<Pack<S, T>> {
    [0, 1, 2].map(|node| Pack::splat(simd, sent(shard, &seen.x[node], row)))
}

/// Sums over the rows.
#[inline(always)]
pub fn forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let mut sums = std::mem::take(&mut shard.forward[0]);
    sums.fill(T::default());
    for r in 0..shard.rows.len() {
        let x = sent(shard, &seen.x[0], r);
        if job.is_awake(shard, r) && shard.clock[r] < job.t[0] {
            catch_up(simd, job, shard, r);
        }
        if x == T::default() {
            continue;
        }
        let x = Pack::splat(simd, x);
        let w = T::vectors::<S>(&shard.state[W][shard.place(r)]);
        for (sum, w) in T::vectors_mut::<S>(&mut sums).iter_mut().zip(w) {
            *sum = x.mul_add(Pack::new(simd, *w), Pack::new(simd, *sum)).v;
        }
    }
    shard.forward[0] = sums;
}

/// Brings a row that was silent up to date.
#[inline(always)]
fn catch_up<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>, r: usize) {
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    let place = shard.place(r);
    let n = T::vectors::<S>(&shard.state[W][place.clone()]).len();
    for stretch in Idle::cut(&job.constants, job.t[0] - shard.clock[r]) {
        let mut to = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        for k in 0..n {
            let cell = load::<S, T>(simd, &to.each_ref().map(|row| &**row), k);
            store(&mut to, k, &kind.idle(&stretch, cell));
        }
    }
    shard.clock[r] = job.t[0];
}

/// The weights that carry errors down: `b`, or `w` where `b = w`.
fn feedback<T>(shard: &Shard<T>) -> &[T] {
    if shard.state[B].is_empty() { &shard.state[W] } else { &shard.state[B] }
}

/// Sums over the postsynaptic units.
#[inline(always)]
pub fn deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let delta = T::vectors::<S>(&job.seen[shard.layer].delta[0]);
    for r in 0..shard.rows.len() {
        let b = T::vectors::<S>(&feedback(shard)[shard.place(r)]);
        let mut sum = Pack::splat(simd, T::default());
        for (b, delta) in b.iter().zip(delta) {
            sum = Pack::new(simd, *b).mul_add(Pack::new(simd, *delta), sum);
        }
        shard.backward[0][r] = sum.sum();
    }
}

/// Sums over the rows at the nodes of the step.
#[inline(always)]
pub fn predict_forward<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, shard, n);
    let (factors, rule) = (job.factors, (job.constants.driver, job.constants.scale));
    let mut sums = [0, 1].map(|node| std::mem::take(&mut shard.forward[node]));
    let mut risks = shard.risk.each_mut().map(std::mem::take);
    sums.iter_mut().chain(&mut risks).for_each(|sums| sums.fill(T::default()));
    {
        let [middle, end] = sums.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]);
        let [risk, square, top] = risks.each_mut().map(|sums| &mut T::vectors_mut::<S>(sums)[..n]);
        for r in 0..shard.rows.len() {
            let [inner, last, reach] =
                [&seen.sent[0], &seen.sent[1], &seen.reach].map(|values| sent(shard, values, r));
            if [inner, last, reach].iter().all(|x| *x == T::default()) {
                continue;
            }
            let [inner, last, reach] = [inner, last, reach].map(|value| Pack::<S, T>::splat(simd, value));
            let x = activities(simd, shard, seen, r);
            let place = shard.place(r);
            let row = [0, 1, 2].map(|variable| row::<S, T>(&shard.state[variable], &place, n));
            let row = [row[0], row[1], row[2], &[], &[], &[]];
            for k in 0..n {
                let cell = load(simd, &row, k);
                let push = errors.push(simd, &factors, &x, k);
                let local = evolve(rule, &factors, &push, cell.m, cell.c);
                let weights = Weights { w: (cell.w, 0), b: None };
                let [early, late] = [0, 1].map(|which| carry(rule.1, &factors, which, &local, weights));
                middle[k] = inner.mul_add(early.w, Pack::new(simd, middle[k])).v;
                end[k] = last.mul_add(late.w, Pack::new(simd, end[k])).v;
                // A stiff gain only falls, and its end is not in `local`.
                let grown = if rule.1 == Scale::Rms { local.change[1] } else { local.rho[0] - local.rho[2] };
                let share = reach * grown.select(local.rho[2], local.rho[0]);
                let share = share * share;
                risk[k] = (share + Pack::new(simd, risk[k])).v;
                square[k] = share.mul_add(share, Pack::new(simd, square[k])).v;
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
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, shard, n);
    let factors = job.factors;
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    let carried = seen.carried.each_ref().map(|delta| &T::vectors::<S>(delta)[..n]);
    let is_symmetric = shard.state[B].is_empty();
    for r in 0..shard.rows.len() {
        let x = activities(simd, shard, seen, r);
        let mut sums = [Pack::splat(simd, T::default()); 2];
        let place = shard.place(r);
        let row = shard.state.each_ref().map(|values| row::<S, T>(values, &place, n));
        for k in 0..n {
            let cell = load(simd, &row, k);
            let at = if is_symmetric || kind.learns {
                let push = errors.push(simd, &factors, &x, k);
                let (m, c) = if kind.own { (cell.m_b, cell.c_b) } else { (cell.m, cell.c) };
                let local: Local<_> = evolve(kind.rule, &factors, &push, m, c);
                let w = if is_symmetric { (cell.w, 0) } else { (cell.b, 1) };
                [0, 1].map(|which| carry(kind.rule.1, &factors, which, &local, Weights { w, b: None }).w)
            } else {
                [cell.b; 2]
            };
            for node in 0..2 {
                sums[node] = at[node].mul_add(Pack::new(simd, carried[node][k]), sums[node]);
            }
        }
        (shard.backward[0][r], shard.backward[1][r]) = (sums[0].sum(), sums[1].sum());
    }
}

/// Takes the step.
#[inline(always)]
pub fn advance<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0]).len();
    let errors = Errors::<S, T>::new(seen, shard, n);
    let factors = job.factors;
    let kind = Kind::new(&job.constants, shard.learns, job.has_own_traces);
    for r in 0..shard.rows.len() {
        if !job.is_awake(shard, r) {
            continue;
        }
        let x = activities(simd, shard, seen, r);
        let place = shard.place(r);
        let mut to = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        let zero = Pack::splat(simd, T::default());
        let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
        for k in 0..n {
            let cell = load::<S, T>(simd, &to.each_ref().map(|row| &**row), k);
            let push = errors.push(simd, &factors, &x, k);
            let end = kind.step(&factors, &push, cell);
            w2 = end.w.mul_add(end.w, w2);
            m2 = end.m.mul_add(end.m, m2);
            w_top = w_top.max(end.w.abs());
            m_top = m_top.max(end.m.abs());
            store(&mut to, k, &end);
        }
        let sum = |values: Pack<S, T>| values.sum().to_f64();
        let top = |values: Pack<S, T>| values.most().to_f64();
        shard.size[r] = Size { w2: sum(w2), w: top(w_top), m2: sum(m2), m: top(m_top) };
        shard.clock[r] = job.t[1];
    }
}
