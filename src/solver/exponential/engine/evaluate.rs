//! Activities and errors now.

use std::sync::Arc;

use super::super::lane::Lane;
use super::super::pass::Task;
use super::Engine;
use super::layers::{activate, direct, drive, fold_back, output_error};
use super::predict::MIDDLE;
use crate::dynamics::Source;
use crate::error::SolverError;
use crate::network::{Architecture, Signals};
use crate::stream::{Drive, Segment};
use crate::synapse::FeedbackMode;

impl<T: Lane> Engine<T> {
    /// Signals at the current time under the current input.
    pub(super) fn refresh(&mut self) -> Result<(), SolverError> {
        let Some(segment) = self.segment.clone() else { return Ok(()) };
        let result = self.weigh().and_then(|()| self.evaluate(&segment));
        self.is_stale = false;
        result
    }

    pub(super) fn evaluate(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.statistics.evaluations += 1;
        let t = self.t;
        self.crew.with_job(|job| job.t = [t; 2]);
        let source = Arc::clone(&self.source);
        if let Source::Network(_) = *source {
            self.enter(segment);
            self.look_ahead(segment.t1 - t);
        }
        let mut signals = std::mem::take(&mut self.nodes[0]);
        let result = match &*source {
            Source::Protocol { scale } => {
                drive(segment, t, scale, &mut signals);
                Ok(())
            }
            Source::Network(network) => match &segment.drive {
                Drive::Mirror { layer, x } => self.respond(network, (*layer, x), &mut signals),
                _ => self.propagate(network, &mut signals),
            },
        };
        self.nodes[0] = signals;
        result?;
        let signals = &self.nodes[0];
        // All are looked at, which takes less time than to stop at the first.
        let finite = |values: &Vec<f64>| values.iter().fold(true, |all, value| all & value.is_finite());
        if signals.x.iter().chain(&signals.delta).all(finite) {
            return Ok(());
        }
        let bad = |values: &Vec<f64>| values.iter().any(|value| !value.is_finite());
        let layer =
            signals.x.iter().position(bad).or_else(|| signals.delta.iter().position(bad)).unwrap_or(0);
        let place = self.hottest(layer, self.first_wild(layer), "w");
        Err(self.failure(
            place,
            "activities or errors are not finite",
            "check the input, lower `synapse.eta` or `network.weight_scale`, or bound the weights (`synapse.w_max`)",
        ))
    }

    /// Shares the factors of the coming step, for sums that tell of it already.
    fn look_ahead(&mut self, remaining: f64) {
        self.share(self.control.next(remaining), MIDDLE);
    }

    fn propagate(&mut self, network: &Architecture, signals: &mut Signals) -> Result<(), SolverError> {
        for l in 1..=network.depth() {
            if l > 1 {
                self.show_activities(l, &signals.x[l - 1]);
            }
            self.pass(Task::Foresee, Some(l))?;
            self.sum(l, &mut signals.x[l]);
            if let Some(leaky) = &mut self.leaky {
                leaky.z.start(l, &mut signals.x[l]);
            }
            activate(self.crew.arch(), network, l, &mut signals.x[l]);
        }
        output_error(signals);
        for l in (1..=network.depth()).rev() {
            if l < network.depth() {
                self.deliver(l, signals)?;
            }
            if let Some(leaky) = &mut self.leaky {
                leaky.e.start(l, &mut signals.delta[l]);
            }
            if l < network.depth() {
                fold_back(network, signals, l);
            }
        }
        Ok(())
    }

    /// What arrives at the error units of hidden layer `l`.
    fn deliver(&mut self, l: usize, signals: &mut Signals) -> Result<(), SolverError> {
        if self.dynamics.feedback.mode == FeedbackMode::Direct {
            direct(&self.dynamics.direct, signals, l);
            return Ok(());
        }
        self.show_errors(l + 1, &signals.delta[l + 1]);
        self.pass(Task::Deliver, Some(l + 1))?;
        self.gather(l + 1, 0, &mut signals.delta[l]);
        Ok(())
    }
}
