//! Passes over a shard: one read of its rows, and a write where the state goes on.

use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::factors::{Constants, Factors, Idle};
use super::flow::{Cell, Feedback, Own, Shared, Still, idle, step};
use super::gain::{GainFlow, MeanAbs, Nodes, Push, Rms};
use super::lane::{Lane, Pack};
use super::shard::{B, Shard, Size, W};
use crate::synapse::Gain;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Sums `x w`, once silent rows that wake are up to date.
    Forward,
    /// Sums `delta b`.
    Deliver,
    /// Sums `x w` as they will be in the middle and at the end of the step, and the risk; nothing is stored.
    PredictForward,
    /// Sums `delta b` as they will be, likewise.
    PredictDeliver,
    /// Carries the state through the step.
    Advance,
}

/// The signals that the synapses of a layer see over a step, each at its start, middle and end.
#[derive(Clone, Debug, Default)]
pub struct Seen<T> {
    /// Presynaptic activities that make `g`.
    pub x: [Vec<T>; 3],
    /// Postsynaptic errors that make `g`, padded.
    pub delta: [Vec<T>; 3],
    /// Presynaptic activities that the weights pass on, in the middle and at the end.
    pub sent: [Vec<T>; 2],
    /// Postsynaptic errors that the feedback weights pass on, likewise, padded.
    pub carried: [Vec<T>; 2],
    /// Whether the presynaptic activities do not change over the step.
    pub is_steady: bool,
    /// For each part of the step, what the errors add to `m` in the middle and at the end, and to `v`, where `x = 1`
    /// throughout; padded.
    pub push: [[Vec<T>; 4]; 2],
    /// Sizes of the presynaptic activities for the risk.
    pub reach: Vec<T>,
}

/// One pass, for whoever runs it.
#[derive(Clone, Debug)]
pub struct Job<T> {
    /// What to do.
    pub task: Task,
    /// The layer whose shards take part; all for `None`.
    pub layer: Option<usize>,
    /// The time at the step's start, and its end, s.
    pub t: [f64; 2],
    /// Constants of the synapses.
    pub constants: Constants,
    /// How the feedback weights are driven, where they learn: by their own traces or not.
    pub has_own_traces: bool,
    /// Shared factors of the first half, and of the whole step.
    pub factors: [Factors; 2],
    /// What the synapses of each layer see.
    pub seen: Vec<Seen<T>>,
    /// Whether each input is other than zero at any time of the segment.
    pub awake: Vec<bool>,
}

impl<T: Lane> Job<T> {
    /// Does it, for one shard, in the widest vectors of the machine.
    pub fn run(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        if self.layer.is_none_or(|layer| layer == shard.layer) {
            let learns = shard.learns;
            choose(&self.constants, learns, self.has_own_traces, Pass { arch, job: self, shard });
        }
    }
}

/// Something to be done with a local flow whose type is chosen by the configuration.
pub trait WithFlow {
    /// What comes of it.
    type Out;
    /// Does it for gain `G`, feedback `F`, and weights that are bounded without leak or not.
    fn with<G: GainFlow, F: Feedback, const BOUNDED: bool>(self) -> Self::Out;
}

/// Chooses the local flow.
#[inline(always)]
pub fn choose<W: WithFlow>(constants: &Constants, learns: bool, own: bool, what: W) -> W::Out {
    match (learns, own) {
        (false, _) => choose_gain::<Still, W>(constants, what),
        (true, false) => choose_gain::<Shared, W>(constants, what),
        (true, true) => choose_gain::<Own, W>(constants, what),
    }
}

#[inline(always)]
fn choose_gain<F: Feedback, W: WithFlow>(constants: &Constants, what: W) -> W::Out {
    match (constants.gain, constants.is_bounded()) {
        (Gain::Rms, true) => what.with::<Rms, F, true>(),
        (Gain::Rms, false) => what.with::<Rms, F, false>(),
        (Gain::MeanAbs, true) => what.with::<MeanAbs, F, true>(),
        (Gain::MeanAbs, false) => what.with::<MeanAbs, F, false>(),
    }
}

struct Pass<'a, T> {
    arch: pulp::Arch,
    job: &'a Job<T>,
    shard: &'a mut Shard<T>,
}

impl<T: Lane> WithFlow for Pass<'_, T> {
    type Out = ();
    fn with<G: GainFlow, F: Feedback, const BOUNDED: bool>(self) {
        if is_steady(self.shard, &self.job.seen[self.shard.layer]) {
            self.run::<G, F, BOUNDED, true>();
        } else {
            self.run::<G, F, BOUNDED, false>();
        }
    }
}

impl<T: Lane> Pass<'_, T> {
    /// Each kernel is a function of its own, compiled for each instruction set.
    fn run<G: GainFlow, F: Feedback, const BOUNDED: bool, const STEADY: bool>(self) {
        let Self { arch, job, shard } = self;
        let flow = PhantomData::<(G, F)>;
        match job.task {
            Task::Forward => arch.dispatch(Forward::<T, F, BOUNDED> { job, shard, flow: PhantomData }),
            Task::Deliver => arch.dispatch(Deliver { job, shard }),
            Task::PredictForward => {
                arch.dispatch(PredictForward::<T, G, F, BOUNDED, STEADY> { job, shard, flow });
            }
            Task::PredictDeliver => {
                arch.dispatch(PredictDeliver::<T, G, F, BOUNDED, STEADY> { job, shard, flow });
            }
            Task::Advance => arch.dispatch(Advance::<T, G, F, BOUNDED, STEADY> { job, shard, flow }),
        }
    }
}

/// A kernel over one shard, as a type that [`pulp::Arch::dispatch`] takes.
macro_rules! kernel {
    ($name:ident, $function:ident) => {
        struct $name<'a, T, G, F, const BOUNDED: bool, const STEADY: bool> {
            job: &'a Job<T>,
            shard: &'a mut Shard<T>,
            flow: PhantomData<(G, F)>,
        }
        impl<T: Lane, G: GainFlow, F: Feedback, const BOUNDED: bool, const STEADY: bool> WithSimd
            for $name<'_, T, G, F, BOUNDED, STEADY>
        {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                $function::<S, T, G, F, BOUNDED, STEADY>(simd, self.job, self.shard);
            }
        }
    };
}
kernel!(PredictForward, predict_forward);
kernel!(PredictDeliver, predict_deliver);
kernel!(Advance, advance);

struct Forward<'a, T, F, const BOUNDED: bool> {
    job: &'a Job<T>,
    shard: &'a mut Shard<T>,
    flow: PhantomData<F>,
}
impl<T: Lane, F: Feedback, const BOUNDED: bool> WithSimd for Forward<'_, T, F, BOUNDED> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        forward::<S, T, F, BOUNDED>(simd, self.job, self.shard);
    }
}

struct Deliver<'a, T> {
    job: &'a Job<T>,
    shard: &'a mut Shard<T>,
}
impl<T: Lane> WithSimd for Deliver<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        deliver(simd, self.job, self.shard);
    }
}

/// The synapses number `k` of a row.
#[inline(always)]
fn load<S: Simd, T: Lane, F: Feedback>(simd: S, row: &[&[T::Vector<S>]; 6], k: usize) -> Cell<Pack<S, T>> {
    let zero = Pack::splat(simd, T::default());
    let (learns, own) = (F::SHARED || F::OWN, F::OWN);
    Cell {
        w: Pack::new(simd, row[0][k]),
        m: Pack::new(simd, row[1][k]),
        c: Pack::new(simd, row[2][k]),
        b: if learns { Pack::new(simd, row[3][k]) } else { zero },
        m_b: if own { Pack::new(simd, row[4][k]) } else { zero },
        c_b: if own { Pack::new(simd, row[5][k]) } else { zero },
    }
}

/// Vectors of a row, of the variables that exist.
#[inline(always)]
fn row<'a, S: Simd, T: Lane>(shard: &'a Shard<T>, row: usize, n: usize) -> [&'a [T::Vector<S>]; 6] {
    let place = shard.place(row);
    let vectors = |values: &'a Vec<T>| match values.get(place.clone()) {
        Some(values) => &T::vectors::<S>(values)[..n],
        None => &[],
    };
    shard.state.each_ref().map(vectors)
}

/// Vectors of one variable of a row, to be written; none where the variable does not exist.
#[inline(always)]
fn row_mut<'a, S: Simd, T: Lane>(
    values: &'a mut [T],
    place: &Range<usize>,
    n: usize,
) -> &'a mut [T::Vector<S>] {
    match values.get_mut(place.clone()) {
        Some(values) => &mut T::vectors_mut::<S>(values)[..n],
        None => &mut [],
    }
}

/// The signals of a layer as vectors over its postsynaptic units.
#[derive(Clone, Copy)]
struct Errors<'a, S: Simd, T: Lane> {
    delta: [&'a [T::Vector<S>]; 3],
    push: [[&'a [T::Vector<S>]; 4]; 2],
}

impl<'a, S: Simd, T: Lane> Errors<'a, S, T> {
    /// Those of a layer, cut to `n` vectors: all lengths in a loop are one, and known to be.
    fn new(seen: &'a Seen<T>, n: usize) -> Self {
        let vectors = |values: &'a Vec<T>| &T::vectors::<S>(values)[..n];
        Self {
            delta: seen.delta.each_ref().map(vectors),
            push: seen.push.each_ref().map(|push| push.each_ref().map(vectors)),
        }
    }

    /// What pushes the synapses number `k` of a row over the part `theta` of the step.
    #[inline(always)]
    fn push<const STEADY: bool>(
        &self,
        simd: S,
        factors: &Factors,
        theta: usize,
        x: &Nodes<Pack<S, T>>,
        k: usize,
    ) -> Push<Pack<S, T>> {
        let g = [
            x[0] * Pack::new(simd, self.delta[0][k]),
            x[1] * Pack::new(simd, self.delta[1][k]),
            x[2] * Pack::new(simd, self.delta[2][k]),
        ];
        if !STEADY {
            return Push::new(factors, g);
        }
        let push = &self.push[theta];
        let (x, square) = (x[0], x[0] * x[0]);
        Push {
            m: [x * Pack::new(simd, push[0][k]), x * Pack::new(simd, push[1][k])],
            v: [square * Pack::new(simd, push[2][k]), square * Pack::new(simd, push[3][k])],
            g,
        }
    }
}

/// Whether the presynaptic activities of a shard do not change over the step.
fn is_steady<T: Lane>(shard: &Shard<T>, seen: &Seen<T>) -> bool {
    seen.is_steady || shard.is_bias
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
    [
        Pack::splat(simd, sent(shard, &seen.x[0], row)),
        Pack::splat(simd, sent(shard, &seen.x[1], row)),
        Pack::splat(simd, sent(shard, &seen.x[2], row)),
    ]
}

fn is_awake<T: Lane>(job: &Job<T>, shard: &Shard<T>, row: usize) -> bool {
    !shard.is_lazy || job.awake[shard.rows.start + row]
}

#[inline(always)]
fn forward<S: Simd, T: Lane, F: Feedback, const BOUNDED: bool>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
    let seen = &job.seen[shard.layer];
    let mut sums = std::mem::take(&mut shard.forward[0]);
    sums.fill(T::default());
    for r in 0..shard.rows.len() {
        let x = sent(shard, &seen.x[0], r);
        if is_awake(job, shard, r) && shard.clock[r] < job.t[0] {
            catch_up::<S, T, F, BOUNDED>(simd, job, shard, r);
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
fn catch_up<S: Simd, T: Lane, F: Feedback, const BOUNDED: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
    r: usize,
) {
    let n = T::vectors::<S>(&shard.state[W][shard.place(r)]).len();
    for stretch in Idle::cut(&job.constants, job.t[0] - shard.clock[r]) {
        let place = shard.place(r);
        let [w, m, c, b, m_b, c_b] = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        for k in 0..n {
            let cell = load::<S, T, F>(simd, &[w, m, c, b, m_b, c_b], k);
            let end = idle::<S, T, F, BOUNDED>(job.constants.gain, &stretch, cell);
            (w[k], m[k], c[k]) = (end.w.v, end.m.v, end.c.v);
            if F::SHARED || F::OWN {
                b[k] = end.b.v;
            }
            if F::OWN {
                (m_b[k], c_b[k]) = (end.m_b.v, end.c_b.v);
            }
        }
    }
    shard.clock[r] = job.t[0];
}

/// The weights that carry errors down: `b`, or `w` where `b = w`.
fn feedback<T>(shard: &Shard<T>) -> &[T] {
    if shard.state[B].is_empty() { &shard.state[W] } else { &shard.state[B] }
}

#[inline(always)]
fn deliver<S: Simd, T: Lane>(simd: S, job: &Job<T>, shard: &mut Shard<T>) {
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

#[inline(always)]
fn predict_forward<S: Simd, T: Lane, G: GainFlow, F: Feedback, const BOUNDED: bool, const STEADY: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0][0]).len();
    let errors = Errors::<S, T>::new(seen, n);
    let [half, whole] = job.factors;
    let [mut middle, mut end] = shard.forward.each_mut().map(std::mem::take);
    let [mut risk, mut square, mut top] = shard.risk.each_mut().map(std::mem::take);
    for sums in [&mut middle, &mut end, &mut risk, &mut square, &mut top] {
        sums.fill(T::default());
    }
    {
        let [middle, end, risk, square, top] = [&mut middle, &mut end, &mut risk, &mut square, &mut top]
            .map(|sums| &mut T::vectors_mut::<S>(sums)[..n]);
        for r in 0..shard.rows.len() {
            let (x_middle, x_end) = (sent(shard, &seen.sent[0], r), sent(shard, &seen.sent[1], r));
            let reach = sent(shard, &seen.reach, r);
            if [x_middle, x_end, reach].iter().all(|x| *x == T::default()) {
                continue;
            }
            let reach = Pack::<S, T>::splat(simd, reach);
            let (x_middle, x_end) = (Pack::splat(simd, x_middle), Pack::splat(simd, x_end));
            let x = activities(simd, shard, seen, r);
            let row = row::<S, T>(shard, r, n);
            for k in 0..n {
                let cell = load::<S, T, F>(simd, &row, k);
                let push = errors.push::<STEADY>(simd, &half, 0, &x, k);
                let (early, _) = step::<S, T, G, F, BOUNDED>(&half, &push, cell);
                let push = errors.push::<STEADY>(simd, &whole, 1, &x, k);
                let (late, rho) = step::<S, T, G, F, BOUNDED>(&whole, &push, cell);
                middle[k] = x_middle.mul_add(early.w, Pack::new(simd, middle[k])).v;
                end[k] = x_end.mul_add(late.w, Pack::new(simd, end[k])).v;
                let share = (reach * rho) * (reach * rho);
                risk[k] = (share + Pack::new(simd, risk[k])).v;
                square[k] = share.mul_add(share, Pack::new(simd, square[k])).v;
                top[k] = share.max(Pack::new(simd, top[k])).v;
            }
        }
    }
    shard.forward = [middle, end];
    shard.risk = [risk, square, top];
}

#[inline(always)]
fn predict_deliver<S: Simd, T: Lane, G: GainFlow, F: Feedback, const BOUNDED: bool, const STEADY: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0][0]).len();
    let errors = Errors::<S, T>::new(seen, n);
    let factors = job.factors;
    let carried = seen.carried.each_ref().map(|delta| &T::vectors::<S>(delta)[..n]);
    for r in 0..shard.rows.len() {
        let x = activities(simd, shard, seen, r);
        let mut sums = [Pack::splat(simd, T::default()); 2];
        let row = row::<S, T>(shard, r, n);
        for k in 0..n {
            let cell = load::<S, T, F>(simd, &row, k);
            for theta in 0..2 {
                let delta = Pack::new(simd, carried[theta][k]);
                let push = errors.push::<STEADY>(simd, &factors[theta], theta, &x, k);
                let b = if F::SHARED || F::OWN {
                    step::<S, T, G, F, BOUNDED>(&factors[theta], &push, cell).0.b
                } else if row[B].is_empty() {
                    step::<S, T, G, F, BOUNDED>(&factors[theta], &push, cell).0.w
                } else {
                    Pack::new(simd, row[B][k])
                };
                sums[theta] = b.mul_add(delta, sums[theta]);
            }
        }
        (shard.backward[0][r], shard.backward[1][r]) = (sums[0].sum(), sums[1].sum());
    }
}

#[inline(always)]
fn advance<S: Simd, T: Lane, G: GainFlow, F: Feedback, const BOUNDED: bool, const STEADY: bool>(
    simd: S,
    job: &Job<T>,
    shard: &mut Shard<T>,
) {
    let seen = &job.seen[shard.layer];
    let n = T::vectors::<S>(&seen.push[0][0]).len();
    let errors = Errors::<S, T>::new(seen, n);
    let [_, factors] = job.factors;
    for r in 0..shard.rows.len() {
        if !is_awake(job, shard, r) {
            continue;
        }
        let x = activities(simd, shard, seen, r);
        let place = shard.place(r);
        let [w, m, c, b, m_b, c_b] = shard.state.each_mut().map(|values| row_mut::<S, T>(values, &place, n));
        let zero = Pack::splat(simd, T::default());
        let (mut w2, mut w_top, mut m2, mut m_top) = (zero, zero, zero, zero);
        for k in 0..n {
            let cell = load::<S, T, F>(simd, &[w, m, c, b, m_b, c_b], k);
            let push = errors.push::<STEADY>(simd, &factors, 1, &x, k);
            let (end, _) = step::<S, T, G, F, BOUNDED>(&factors, &push, cell);
            w2 = end.w.mul_add(end.w, w2);
            m2 = end.m.mul_add(end.m, m2);
            w_top = w_top.max(end.w.abs());
            m_top = m_top.max(end.m.abs());
            (w[k], m[k], c[k]) = (end.w.v, end.m.v, end.c.v);
            if F::SHARED || F::OWN {
                b[k] = end.b.v;
            }
            if F::OWN {
                (m_b[k], c_b[k]) = (end.m_b.v, end.c_b.v);
            }
        }
        let top = |values: Pack<S, T>| -(zero - values).least().to_f64();
        let sum = |values: Pack<S, T>| values.sum().to_f64();
        shard.size[r] = Size { w2: sum(w2), w: top(w_top), m2: sum(m2), m: top(m_top) };
        shard.clock[r] = job.t[1];
    }
}
