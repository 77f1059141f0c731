//! Passes over the shards: what is to be done, and what the synapses see meanwhile.

use pulp::{Simd, WithSimd};

use super::aligned::Aligned;
use super::factors::Factors;
use super::gap::{Gaps, catch_up};
use super::grow;
use super::kernels;
use super::lane::Lane;
use super::outlook::TERMS;
use super::rule::{Constants, Driver, Scale};
use super::shard::Shard;
use super::strand::Strand;
use super::swift;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Sums `x w`, once silent rows that wake are up to date.
    Forward,
    /// The same, and what tells how they will be at the inner node and the end of the coming step, where that is possible.
    Foresee,
    /// Sums `delta b`.
    Deliver,
    /// Sums `x w` as they will be at the inner node and the end of the step, and the risk; nothing is stored.
    PredictForward,
    /// Sums `delta b` as they will be, likewise.
    PredictDeliver,
    /// Carries the state through the step.
    Advance,
    /// Sums the squares of the weights into each unit.
    Squares,
    /// Lets weights grow by synaptic scaling.
    Grow,
}

/// The signals that the synapses of a projection see over a step: those of the units that rows and columns belong to, each at its start,
/// middle and end.
#[derive(Debug, Default)]
pub struct Seen<T> {
    /// Layer that the projection ends in.
    pub layer: usize,
    /// Whether rows are of postsynaptic units.
    pub is_turned: bool,
    /// Whether rows see the constant 1 throughout.
    pub is_constant: bool,
    /// Signals of the rows that make `g`.
    pub rows: [Vec<T>; 3],
    /// Signals of the columns that make `g`, padded.
    pub columns: [Aligned<T>; 3],
    /// Signals of the rows that weights pass on, at the inner node and the end: see [`Seen::sent`].
    pub sent_rows: [Vec<T>; 2],
    /// Signals of the columns that weights pass on, likewise, padded.
    pub sent_columns: [Aligned<T>; 2],
    /// Whether the signals of the rows do not change over the step: those of other nodes are not to be looked at then.
    pub is_steady: bool,
    /// Whether all signals stay as they are at the step's start: those of other nodes are not to be looked at then.
    pub is_frozen: bool,
    /// Sizes of presynaptic activities for the risk, where these are the rows: see [`Seen::reach`].
    pub row_sizes: Vec<T>,
    /// The same where they are the columns, padded.
    pub column_sizes: Aligned<T>,
    /// Whether the signals of the rows stay for the whole of the segment: they are shown once.
    pub is_held: bool,
}

impl<T: Lane> Seen<T> {
    /// What the projection in these pieces sees before anything is shown.
    #[must_use]
    pub fn of(pieces: &[Shard<T>]) -> Self {
        let (layer, is_turned) = pieces.first().map_or((0, false), |shard| (shard.layer, shard.is_turned));
        let is_constant = layer == 0 || pieces.iter().any(|shard| shard.is_bias);
        let units = pieces.iter().map(|shard| shard.rows.len()).sum();
        let one = if is_constant { vec![T::from_f64(1.0); units] } else { Vec::new() };
        let rows = [one, Vec::new(), Vec::new()];
        Self {
            layer,
            is_turned,
            is_constant,
            rows,
            is_steady: is_constant,
            is_held: is_constant,
            ..Self::default()
        }
    }

    /// Activities and errors, or what has been made of them, as what rows and columns see.
    #[inline]
    #[must_use]
    pub fn sides<A>(&self, activities: A, errors: A) -> [A; 2] {
        if self.is_turned { [errors, activities] } else { [activities, errors] }
    }

    /// Signals of the rows that weights pass on, at the inner node and the end.
    #[must_use]
    pub fn sent(&self) -> [&[T]; 2] {
        if self.is_held { [&self.rows[0]; 2] } else { self.sent_rows.each_ref().map(Vec::as_slice) }
    }

    /// Sizes of the presynaptic activities for the risk, where these are the rows, but for their signs.
    #[must_use]
    pub fn reach(&self) -> &[T] {
        if self.is_held { &self.rows[0] } else { &self.row_sizes }
    }
}

/// One pass, for whoever runs it.
#[derive(Debug)]
pub struct Job<T> {
    /// What to do.
    pub task: Task,
    /// The layer whose shards take part; all for `None`.
    pub layer: Option<usize>,
    /// The time at the step's start, and its end, s.
    pub t: [f64; 2],
    /// Constants of the synapses.
    pub constants: Constants,
    /// Whether the feedback weights that learn have traces of their own.
    pub has_own_traces: bool,
    /// Whether the signs of forward weights carry errors down.
    pub by_sign: bool,
    /// Whether the step may leave out what is of third order.
    pub is_brief: bool,
    /// Shared factors of the step.
    pub factors: Factors,
    /// What the synapses of each projection see.
    pub seen: Vec<Seen<T>>,
    /// What has gone by in silence for rows that are to be brought up to date in this pass.
    pub gaps: Gaps,
    /// Factors by which the weights into each unit grow, by layer, padded.
    pub growth: Vec<Aligned<T>>,
    /// Whether each input is other than zero at any time of the segment.
    pub awake: Vec<bool>,
}

impl<T: Lane> Job<T> {
    /// Does it, for one shard, in the widest vectors of the machine.
    pub fn run(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        if self.layer.is_some_and(|layer| layer != shard.layer) {
            return;
        }
        match self.task {
            Task::Deliver | Task::PredictDeliver | Task::Squares | Task::Grow if shard.is_bias => {}
            Task::Foresee if self.is_common() && self.see(shard).is_held && !shard.is_rough => {
                arch.dispatch(Foresee { job: self, shard });
            }
            Task::Forward | Task::Foresee | Task::Deliver => match self.adds_rows(shard) {
                true => arch.dispatch(Add { job: self, shard }),
                false => arch.dispatch(Dot { job: self, shard }),
            },
            Task::PredictForward | Task::PredictDeliver => self.predict(arch, shard),
            Task::Advance => self.advance(arch, shard),
            Task::Squares => arch.dispatch(Squares { job: self, shard }),
            Task::Grow => arch.dispatch(Grow { job: self, shard }),
        }
    }

    /// Brings all rows of a shard up to the time `to`, in s.
    pub fn bring_up(&self, arch: pulp::Arch, shard: &mut Shard<T>, to: f64) {
        arch.dispatch(BringUp { job: self, shard, to });
    }

    /// Sums of a shard at the nodes of the step.
    fn predict(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        let seen = self.see(shard);
        let is_swift = self.is_common() && seen.is_frozen && Strand::of(self, shard).changes;
        match (is_swift, self.adds_rows(shard)) {
            (true, true) if seen.is_held => arch.dispatch(PredictHeld { job: self, shard }),
            (true, true) => arch.dispatch(SwiftAdd { job: self, shard }),
            (true, false) => arch.dispatch(SwiftDot { job: self, shard }),
            (false, true) => arch.dispatch(PredictAdd { job: self, shard }),
            (false, false) => arch.dispatch(PredictDot { job: self, shard }),
        }
    }

    /// Whether the pass leaves terms, from which the sums of a shard at the nodes follow.
    #[must_use]
    pub fn leaves_terms(&self, shard: &Shard<T>) -> bool {
        let seen = self.see(shard);
        self.task == Task::PredictForward && self.is_common() && seen.is_frozen && seen.is_held
    }

    /// Carries a shard through the step.
    fn advance(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        if self.is_common() && self.is_brief && !(shard.learns && self.has_own_traces) {
            match (self.see(shard).is_steady, shard.learns) {
                (true, false) => arch.dispatch(SteadyAdvance { job: self, shard }),
                (_, false) => arch.dispatch(SwiftAdvance { job: self, shard }),
                (_, true) => arch.dispatch(PairedAdvance { job: self, shard }),
            }
        } else {
            arch.dispatch(Advance { job: self, shard });
        }
        shard.tally();
    }

    /// Whether these are at hand.
    #[must_use]
    pub fn is_foreseen(&self, shard: &Shard<T>) -> bool {
        self.leaves_terms(shard) && shard.foreseen == Some(self.factors.span)
    }

    /// What the synapses of a shard see.
    #[inline(always)]
    #[must_use]
    pub fn see(&self, shard: &Shard<T>) -> &Seen<T> {
        &self.seen[shard.projection]
    }

    /// Whether the pass carries errors, not activities.
    #[must_use]
    pub fn carries_errors(&self) -> bool {
        matches!(self.task, Task::Deliver | Task::PredictDeliver)
    }

    /// Whether the pass adds up the rows of a shard, not the values of each.
    #[must_use]
    pub fn adds_rows(&self, shard: &Shard<T>) -> bool {
        self.carries_errors() == shard.is_turned
    }

    /// Whether the synapses are of the common kind, which has loops of its own.
    #[must_use]
    pub fn is_common(&self) -> bool {
        let Constants { driver, scale, .. } = self.constants;
        driver == Driver::Trace && scale == Scale::Rms && self.constants.leak() == 0.0
    }
}

/// A kernel over one shard, as a type that [`pulp::Arch::dispatch`] takes: compiled for each instruction set.
macro_rules! kernel {
    ($name:ident, $function:expr) => {
        struct $name<'a, T> {
            job: &'a Job<T>,
            shard: &'a mut Shard<T>,
        }
        impl<T: Lane> WithSimd for $name<'_, T> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, simd: S) {
                $function(simd, self.job, self.shard);
            }
        }
    };
}
kernel!(Add, kernels::add);
kernel!(Dot, kernels::dot);
kernel!(PredictAdd, kernels::predict_add);
kernel!(PredictDot, kernels::predict_dot);
kernel!(SwiftAdd, swift::add::predict);
kernel!(SwiftDot, swift::dot::predict);
kernel!(Foresee, swift::held::foresee);
kernel!(PredictHeld, swift::held::predict);
kernel!(Squares, grow::squares);
kernel!(Grow, grow::grow);
kernel!(Advance, kernels::advance);
kernel!(SteadyAdvance, swift::advance::advance::<S, T, true, false>);
kernel!(SwiftAdvance, swift::advance::advance::<S, T, false, false>);
kernel!(PairedAdvance, swift::advance::advance::<S, T, false, true>);

/// Adds the terms of a forecast that a shard has left to those of others.
pub struct Gather<'a, T> {
    /// The shard.
    pub shard: &'a Shard<T>,
    /// The sums.
    pub to: &'a mut [Aligned<T>; TERMS],
}

impl<T: Lane> WithSimd for Gather<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        swift::held::gather(simd, self.shard, self.to);
    }
}

/// Makes sums at the nodes of the step, in place of the second and the third, of the terms of all shards of a projection.
pub struct Finish<'a, T> {
    /// The pass.
    pub job: &'a Job<T>,
    /// What the projection sees.
    pub seen: &'a Seen<T>,
    /// The terms.
    pub terms: &'a mut [Aligned<T>; TERMS],
}

impl<T: Lane> WithSimd for Finish<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        swift::held::finish(simd, self.job, self.seen, self.terms);
    }
}

/// Like a kernel, to a time of its own.
struct BringUp<'a, T> {
    job: &'a Job<T>,
    shard: &'a mut Shard<T>,
    to: f64,
}

impl<T: Lane> WithSimd for BringUp<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for r in 0..self.shard.rows.len() {
            if self.shard.clock[r] < self.to {
                catch_up(simd, self.job, self.shard, r, self.to);
            }
        }
    }
}
