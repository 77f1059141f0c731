//! Passes over the shards: what is to be done, and what the synapses see meanwhile.

use pulp::{Simd, WithSimd};

use super::aligned::Aligned;
use super::factors::Factors;
use super::gap::{Gaps, catch_up};
use super::grow;
use super::kernels;
use super::lane::Lane;
use super::rule::{Constants, Driver, Scale};
use super::shard::Shard;
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

/// The signals that the synapses of a layer see over a step, each at its start, middle and end.
#[derive(Debug, Default)]
pub struct Seen<T> {
    /// Presynaptic activities that make `g`.
    pub x: [Vec<T>; 3],
    /// Postsynaptic errors that make `g`, padded.
    pub delta: [Aligned<T>; 3],
    /// Presynaptic activities that the weights pass on, at the inner node and the end: see [`Seen::sent`].
    pub later: [Vec<T>; 2],
    /// Postsynaptic errors that the feedback weights pass on, likewise, padded.
    pub carried: [Aligned<T>; 2],
    /// Whether the presynaptic activities do not change over the step: those of other nodes are not to be looked at then.
    pub is_steady: bool,
    /// Whether all signals stay as they are at the step's start: those of other nodes are not to be looked at then.
    pub is_frozen: bool,
    /// What the errors add to `m` in the middle and at the end, to `v` likewise, and to their means, where `x = 1` throughout;
    /// padded.
    pub push: [Aligned<T>; 6],
    /// Sizes of the presynaptic activities for the risk: see [`Seen::reach`].
    pub sizes: Vec<T>,
    /// Whether the presynaptic activities stay for the whole of the segment: they are shown once.
    pub is_held: bool,
}

impl<T> Seen<T> {
    /// Presynaptic activities that the weights pass on, at the inner node and the end.
    #[must_use]
    pub fn sent(&self) -> [&[T]; 2] {
        if self.is_held { [&self.x[0]; 2] } else { self.later.each_ref().map(Vec::as_slice) }
    }

    /// Sizes of the presynaptic activities for the risk, but for their signs.
    #[must_use]
    pub fn reach(&self) -> &[T] {
        if self.is_held { &self.x[0] } else { &self.sizes }
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
    /// What the synapses of each layer see.
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
            Task::Foresee if self.is_common() && self.holds(shard) && !shard.is_rough => {
                arch.dispatch(Foresee { job: self, shard });
            }
            Task::Forward | Task::Foresee => arch.dispatch(Forward { job: self, shard }),
            Task::Deliver => arch.dispatch(Deliver { job: self, shard }),
            Task::PredictForward if self.is_common() && self.is_frozen(shard) && self.holds(shard) => {
                arch.dispatch(HeldForward { job: self, shard });
            }
            Task::PredictForward if self.is_common() && self.is_frozen(shard) => {
                arch.dispatch(SwiftForward { job: self, shard });
            }
            Task::PredictForward => arch.dispatch(PredictForward { job: self, shard }),
            Task::PredictDeliver if self.is_common() && self.is_frozen(shard) && shard.changes_feedback() => {
                arch.dispatch(SwiftDeliver { job: self, shard });
            }
            Task::PredictDeliver => arch.dispatch(PredictDeliver { job: self, shard }),
            Task::Advance => self.advance(arch, shard),
            Task::Squares | Task::Grow if shard.is_bias => {}
            Task::Squares => arch.dispatch(Squares { job: self, shard }),
            Task::Grow => arch.dispatch(Grow { job: self, shard }),
        }
    }

    /// Brings all rows of a shard up to the time `to`, in s.
    pub fn bring_up(&self, arch: pulp::Arch, shard: &mut Shard<T>, to: f64) {
        arch.dispatch(BringUp { job: self, shard, to });
    }

    /// The sums of a shard at the nodes, from terms that are at hand.
    pub fn finish(&self, arch: pulp::Arch, shard: &Shard<T>, to: &mut [Aligned<T>; 2]) {
        arch.dispatch(Finish { job: self, shard, to });
    }

    /// Carries a shard through the step.
    fn advance(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        if self.is_common() && self.is_brief && !(shard.learns && self.has_own_traces) {
            match (self.is_steady(shard), shard.learns) {
                (true, false) => arch.dispatch(SteadyAdvance { job: self, shard }),
                (_, false) => arch.dispatch(SwiftAdvance { job: self, shard }),
                (_, true) => arch.dispatch(PairedAdvance { job: self, shard }),
            }
        } else {
            arch.dispatch(Advance { job: self, shard });
        }
        shard.tally();
    }

    /// Whether the sums of a shard at the nodes follow from terms that are at hand.
    #[must_use]
    pub fn is_foreseen(&self, shard: &Shard<T>) -> bool {
        let is_asked_for = self.task == Task::PredictForward && self.is_frozen(shard);
        is_asked_for && shard.foreseen == Some(self.factors.span)
    }

    /// Whether the synapses of a shard see the signals of the step's start throughout.
    #[must_use]
    pub fn is_frozen(&self, shard: &Shard<T>) -> bool {
        self.seen[shard.layer].is_frozen
    }

    /// Whether the presynaptic activities of a shard do not change over the step.
    #[must_use]
    pub fn is_steady(&self, shard: &Shard<T>) -> bool {
        self.seen[shard.layer].is_steady || shard.is_bias
    }

    /// Whether the presynaptic activities of a shard stay as they are for the whole of the segment.
    #[must_use]
    pub fn holds(&self, shard: &Shard<T>) -> bool {
        shard.is_bias || self.seen[shard.layer].is_held
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
kernel!(Forward, kernels::forward);
kernel!(Deliver, kernels::deliver);
kernel!(PredictForward, kernels::predict_forward);
kernel!(SwiftForward, swift::predict::forward);
kernel!(Foresee, swift::held::foresee);
kernel!(HeldForward, swift::held::forward);
kernel!(PredictDeliver, kernels::predict_deliver);
kernel!(SwiftDeliver, swift::deliver::deliver);
kernel!(Squares, grow::squares);
kernel!(Grow, grow::grow);
kernel!(Advance, kernels::advance);
kernel!(SteadyAdvance, swift::advance::advance::<S, T, true, false>);
kernel!(SwiftAdvance, swift::advance::advance::<S, T, false, false>);
kernel!(PairedAdvance, swift::advance::advance::<S, T, false, true>);

/// Like a kernel, but the shard is only looked at.
struct Finish<'a, T> {
    job: &'a Job<T>,
    shard: &'a Shard<T>,
    to: &'a mut [Aligned<T>; 2],
}

impl<T: Lane> WithSimd for Finish<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        swift::held::finish(simd, self.job, self.shard, self.to);
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
