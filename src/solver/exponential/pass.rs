//! Passes over the shards: what is to be done, and what the synapses see meanwhile.

use pulp::{Simd, WithSimd};

use super::aligned::{Aligned, Frame};
use super::factors::Factors;
use super::gap::{Gaps, catch_up};
use super::grow;
use super::kernels;
use super::lane::Lane;
use super::rule::{Constants, Driver, Scale};
use super::shard::{Foresight, Shard};
use super::sight::{Pace, Seen};
use super::strand::Strand;
use super::swift::{self, advance};

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
            Task::Deliver | Task::PredictDeliver | Task::Squares | Task::Grow if shard.is_bias() => {}
            Task::Foresee
                if self.is_common()
                    && self.see(shard).holds_rows()
                    && shard.foresight != Foresight::Rough =>
            {
                arch.dispatch(Foresee { job: self, shard });
            }
            Task::Forward | Task::Foresee | Task::Deliver if self.adds_rows(shard) => {
                arch.dispatch(Add { job: self, shard });
            }
            Task::Forward | Task::Foresee | Task::Deliver => arch.dispatch(Dot { job: self, shard }),
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
        let is_swift = self.is_common() && seen.pace == Pace::Frozen && Strand::of(self, shard).changes;
        match (is_swift, self.adds_rows(shard)) {
            (true, true) if seen.holds_rows() => arch.dispatch(PredictHeld { job: self, shard }),
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
        self.task == Task::PredictForward
            && self.is_common()
            && seen.pace == Pace::Frozen
            && seen.holds_rows()
    }

    /// Whether these terms are at hand before the pass.
    #[must_use]
    pub fn is_foreseen(&self, shard: &Shard<T>) -> bool {
        self.leaves_terms(shard) && shard.foresight == Foresight::Until(self.factors.span)
    }

    /// Carries a shard through the step.
    fn advance(&self, arch: pulp::Arch, shard: &mut Shard<T>) {
        if self.is_common() && self.is_brief && !(shard.learns && self.has_own_traces) {
            let seen = self.see(shard);
            match (seen.pace != Pace::Moving, seen.holds_columns(), shard.learns) {
                (_, _, true) => arch.dispatch(PairedAdvance { job: self, shard }),
                (true, _, _) => arch.dispatch(SteadyAdvance { job: self, shard }),
                (_, true, _) => arch.dispatch(TurnedAdvance { job: self, shard }),
                _ => arch.dispatch(SwiftAdvance { job: self, shard }),
            }
        } else {
            arch.dispatch(Advance { job: self, shard });
        }
        shard.tally();
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
        self.carries_errors() == shard.is_turned()
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
                Frame::align();
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
kernel!(SteadyAdvance, advance::advance::<S, T, { advance::ROWS }, false>);
kernel!(TurnedAdvance, advance::advance::<S, T, { advance::COLUMNS }, false>);
kernel!(SwiftAdvance, advance::advance::<S, T, { advance::NONE }, false>);
kernel!(PairedAdvance, advance::advance::<S, T, { advance::NONE }, true>);

/// Adds the terms of a forecast that a shard has left to those of others.
pub struct Gather<'a, T> {
    /// The shard.
    pub shard: &'a Shard<T>,
    /// The sums.
    pub to: &'a mut Aligned<T>,
}

impl<T: Lane> WithSimd for Gather<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        swift::terms::gather(simd, self.shard, self.to);
    }
}

/// Makes sums at the nodes of the step of the terms of all shards of a projection.
pub struct Finish<'a, T> {
    /// The pass.
    pub job: &'a Job<T>,
    /// What the projection sees.
    pub seen: &'a Seen<T>,
    /// The terms.
    pub terms: &'a Aligned<T>,
    /// Sums at the inner node and the end, the sum of the risk and the largest of it.
    pub to: &'a mut [Aligned<T>; 4],
}

impl<T: Lane> WithSimd for Finish<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        swift::terms::finish(simd, self.job, self.seen, self.terms, self.to);
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
        Frame::align();
        for r in 0..self.shard.rows.len() {
            if self.shard.clock[r] < self.to {
                catch_up(simd, self.job, self.shard, r, self.to);
            }
        }
    }
}
