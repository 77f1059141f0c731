//! Activities and errors as they will be in the middle and at the end of a step.

use std::sync::Arc;

use super::super::Order;
use super::super::error_norm::Worst;
use super::super::factors::Factors;
use super::super::lane::Lane;
use super::super::pass::Task;
use super::Engine;
use super::layers::{activate, direct, drive, fold_back, output_error};
use super::leaky::Leaky;
use crate::dynamics::Source;
use crate::error::SolverError;
use crate::network::Architecture;
use crate::stream::Segment;
use crate::synapse::FeedbackMode;

/// The inner node of a step.
pub(super) const MIDDLE: f64 = 0.5;
/// That of the first round of order 4.
const EARLY: f64 = 1.0 / 3.0;

impl<T: Lane> Engine<T> {
    /// Signals in the middle and at the end of a step of length `h`, and its error.
    pub(super) fn predict(&mut self, segment: &Segment, h: f64) -> Result<(Worst, usize), SolverError> {
        let t = self.t;
        self.prepare(h, MIDDLE);
        match &*Arc::clone(&self.source) {
            Source::Protocol { scale } => {
                for (node, theta) in [(1, 0.5), (2, 1.0)] {
                    drive(segment, t + theta * h, scale, &mut self.nodes[node]);
                }
                self.see();
                self.pass(Task::PredictForward, None)?;
                self.collect(0);
                Ok((self.protocol_error(segment, h, scale), 0))
            }
            Source::Network(network) => {
                if self.options.order == Order::Four {
                    // Other nodes than the next round has, so that their difference shows the cubic part too.
                    self.prepare(h, EARLY);
                    self.present(segment, [t + EARLY * h, t + h]);
                    self.freeze();
                    self.correct(network)?;
                    self.move_early_to_middle();
                    self.present(segment, [t + 0.5 * h, t + h]);
                    self.before.clone_from(&self.nodes);
                    self.leaky.iter_mut().for_each(Leaky::remember);
                    self.prepare(h, MIDDLE);
                    self.see();
                } else {
                    self.present(segment, [t + 0.5 * h, t + h]);
                    self.freeze();
                }
                self.correct(network)?;
                self.network_error(h)
            }
        }
    }

    /// Shared factors of a step of length `h`, with its inner node at the part `inner`.
    fn prepare(&mut self, h: f64, inner: f64) {
        self.share(h, inner);
        self.leaky.iter_mut().for_each(|leaky| leaky.prepare(h, inner));
        self.growth.iter_mut().for_each(|growth| growth.prepare(h, inner));
    }

    /// Shares the factors of a step of length `h`, unless they are known.
    pub(super) fn share(&mut self, h: f64, inner: f64) {
        let step = [self.t, h, inner];
        if self.shared != step {
            self.shared = step;
            let factors = Factors::new(&self.constants, self.t, h, inner);
            self.crew.with_job(|job| job.factors = factors);
        }
    }

    /// Turns signals but inputs at the part [`EARLY`] into those in the middle, on the quadratic that they make.
    fn move_early_to_middle(&mut self) {
        let [start, middle, end] = &mut self.nodes;
        let shift = |middle: &mut [Vec<f64>], start: &[Vec<f64>], end: &[Vec<f64>]| {
            for ((middle, start), end) in middle.iter_mut().zip(start).zip(end) {
                for (m, (a, b)) in middle.iter_mut().zip(start.iter().zip(end)) {
                    *m = 1.125 * *m - 0.25 * a + 0.125 * b;
                }
            }
        };
        shift(&mut middle.x[1..], &start.x[1..], &end.x[1..]);
        shift(&mut middle.delta, &start.delta, &end.delta);
    }

    /// One round of predicted signals in the middle and at the end.
    fn correct(&mut self, network: &Architecture) -> Result<(), SolverError> {
        self.statistics.evaluations += 2;
        for l in 1..=network.depth() {
            self.send(l);
            self.pass(Task::PredictForward, Some(l))?;
            self.collect(l);
            let Self { crew, leaky, nodes: [_, inner, end], .. } = self;
            if let Some(Leaky { z, way, .. }) = leaky {
                z.settle(way, l, [&mut inner.x[l], &mut end.x[l]]);
            }
            activate(crew.arch(), network, l, &mut inner.x[l]);
            activate(crew.arch(), network, l, &mut end.x[l]);
        }
        self.nodes[1..].iter_mut().for_each(output_error);
        for l in (1..=network.depth()).rev() {
            if l < network.depth() {
                self.predict_delivery(l)?;
            }
            let Self { leaky, nodes: [_, inner, end], .. } = self;
            if let Some(Leaky { e, way, .. }) = leaky {
                e.settle(way, l, [&mut inner.delta[l], &mut end.delta[l]]);
            }
            if l < network.depth() {
                fold_back(network, inner, l);
                fold_back(network, end, l);
            }
        }
        Ok(())
    }

    /// What arrives at the error units of hidden layer `l` at the inner node and the end.
    fn predict_delivery(&mut self, l: usize) -> Result<(), SolverError> {
        if self.dynamics.feedback.mode == FeedbackMode::Direct {
            let matrices = &self.dynamics.direct;
            self.nodes[1..].iter_mut().for_each(|signals| direct(matrices, signals, l));
            return Ok(());
        }
        let (learns, is_symmetric) =
            (self.dynamics.feedback.learns(), self.dynamics.feedback.mode == FeedbackMode::Symmetric);
        let [_, inner, end] = self.nodes.each_ref().map(|signals| signals.delta[l + 1].as_slice());
        if let Some(growth) = self.growth.as_ref().filter(|_| learns || is_symmetric) {
            let grown = |delta: &[f64], node: usize| -> Vec<f64> {
                delta.iter().zip(&growth.at[node][l + 1]).map(|(delta, factor)| delta * factor).collect()
            };
            self.send_errors(l + 1, [&grown(inner, 0), &grown(end, 1)]);
        } else {
            self.send_errors(l + 1, [inner, end]);
        }
        self.pass(Task::PredictDeliver, Some(l + 1))?;
        for node in 0..2 {
            let mut delta = std::mem::take(&mut self.nodes[node + 1].delta[l]);
            self.gather(l + 1, node, &mut delta);
            self.nodes[node + 1].delta[l] = delta;
        }
        Ok(())
    }
}
