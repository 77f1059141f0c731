//! Mirror phases of feedback "weight-mirror": noise in one hidden layer, from which the feedback weights above it learn.
//!
//! `w` and its traces rest, so that the layer above responds alike throughout, and a phase is one exact step:
//! ```text
//! db_ij/dt = eta x_i x_j - kappa b_ij,   b_ij(h) = exp(-kappa h) b_ij(0) + h phi_1(-kappa h) eta x_i x_j
//! ```
//! Rows of silent inputs that were left behind are brought up to date as it begins: they rest as well. The equations are
//! those of [`crate::dynamics`].

use super::super::lane::Lane;
use super::super::pass::Task;
use super::super::relax::phi;
use super::super::shard::{B, Shard};
use super::super::view::Glimpse;
use super::Engine;
use super::layers::activate;
use crate::error::SolverError;
use crate::layout::Block;
use crate::network::{Architecture, Signals};
use crate::solver::{Look, View};
use crate::stream::Segment;
use crate::synapse::Mirror;

/// What becomes of a feedback weight within a phase.
#[derive(Clone, Copy, Debug)]
struct Phase {
    /// Factor of the weight.
    decay: f64,
    /// Factor of the product of the activities.
    gained: f64,
}

impl Phase {
    fn new(mirror: &Mirror, h: f64) -> Self {
        let [decay, phi1, ..] = phi(-mirror.kappa * h);
        Self { decay, gained: mirror.eta * h * phi1 }
    }

    fn carry(self, b: f64, post: f64, pre: f64) -> f64 {
        self.decay * b + self.gained * (post * pre)
    }
}

impl<T: Lane> Engine<T> {
    /// Activities of hidden layer `l`, which is given the noise `x`, and of the layer above; errors are 0.
    pub(super) fn respond(
        &mut self,
        network: &Architecture,
        (l, x): (usize, &[f64]),
        signals: &mut Signals,
    ) -> Result<(), SolverError> {
        signals.delta.iter_mut().flatten().for_each(|delta| *delta = 0.0);
        signals.x[l].copy_from_slice(x);
        let t = self.t;
        if self.crew.shards().any(|shard| shard.clock.iter().any(|clock| *clock < t)) {
            self.show_activities(1, &signals.x[0]);
            self.pass(Task::Forward, Some(1))?;
        }
        self.show_activities(l + 1, x);
        self.pass(Task::Forward, Some(l + 1))?;
        self.sum(l + 1, &mut signals.x[l + 1]);
        // Outputs answer with their net input: a softmax would hide the weights' common part.
        if l + 1 < network.depth() {
            activate(self.crew.arch(), network, l + 1, &mut signals.x[l + 1]);
        }
        Ok(())
    }

    /// Carries the feedback weights of layer `l + 1` to the end of a phase, shown at `times` on the way.
    pub(super) fn mirror(
        &mut self,
        segment: &Segment,
        l: usize,
        times: &[f64],
        look: &mut Look,
    ) -> Result<(), SolverError> {
        for time in times {
            look(&self.mirrored(l, *time));
        }
        let phase = Phase::new(&self.dynamics.feedback.mirror, segment.t1 - self.t);
        let [pre, post] = [l, l + 1].map(|layer| &self.nodes[0].x[layer]);
        let mut is_finite = true;
        for mut shard in self.crew.shards() {
            shard.clock.fill(segment.t1);
            if shard.layer != l + 1 || shard.is_bias() {
                continue;
            }
            let (units, columns) = if shard.is_turned() { (post, pre) } else { (pre, post) };
            let Shard { rows, first_column, stride, state, .. } = &mut *shard;
            for (row, b) in state[B].chunks_exact_mut(*stride).enumerate() {
                let unit = units[rows.unit(row)];
                for (b, column) in b.iter_mut().zip(&columns[*first_column..]) {
                    *b = T::from_f64(phase.carry(b.to_f64(), unit, *column));
                    is_finite &= b.to_f64().is_finite();
                }
            }
        }
        self.t = segment.t1;
        self.statistics.steps += 1;
        if is_finite {
            return Ok(());
        }
        let remedy =
            "lower feedback.mirror.eta or feedback.mirror.sigma, or bound the weights (synapse.w_max)";
        Err(self.failure(self.first_bad(l + 1), "the state is not finite", remedy))
    }

    /// The state at `t` within a phase of layer `l`.
    fn mirrored(&self, l: usize, t: f64) -> Mirrored<'_, T> {
        let is_above = |block: &Block| block.layer == l + 1 && block.has_feedback();
        Mirrored {
            now: self.now(),
            t,
            block: self.dynamics.layout.blocks.iter().position(is_above),
            l,
            phase: Phase::new(&self.dynamics.feedback.mirror, t - self.t),
        }
    }
}

/// The state within a phase: that of its start, but for the feedback weights of one block.
struct Mirrored<'a, T: Lane> {
    now: Glimpse<'a, T>,
    t: f64,
    block: Option<usize>,
    l: usize,
    phase: Phase,
}

impl<T: Lane> Mirrored<'_, T> {
    fn moves(&self, block: usize, slot: usize) -> bool {
        self.block == Some(block) && self.now.engine.dynamics.layout.blocks[block].slot("b") == Some(slot)
    }

    fn carry(&self, b: f64, post: usize, pre: usize) -> f64 {
        let x = &self.now.signals.x;
        self.phase.carry(b, x[self.l + 1][post], x[self.l][pre])
    }
}

impl<T: Lane> View for Mirrored<'_, T> {
    fn t(&self) -> f64 {
        self.t
    }

    fn signals(&self) -> Option<&Signals> {
        self.now.signals()
    }

    fn g(&self, block: usize, post: usize, pre: usize) -> f64 {
        self.now.g(block, post, pre)
    }

    fn value(&self, block: usize, slot: usize, post: usize, pre: usize) -> f64 {
        let value = self.now.value(block, slot, post, pre);
        if self.moves(block, slot) { self.carry(value, post, pre) } else { value }
    }

    fn read(&self, block: usize, slot: usize, out: &mut [f64]) {
        self.now.read(block, slot, out);
        if self.moves(block, slot) {
            let pre = self.now.engine.dynamics.layout.blocks[block].pre;
            for (s, b) in out.iter_mut().enumerate() {
                *b = self.carry(*b, s / pre, s % pre);
            }
        }
    }
}
