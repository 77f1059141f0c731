//! Jumps of the signals within a step.
//!
//! Where the signs of weights carry errors down, a weight that crosses zero makes the error below jump by some `J`, at a time
//! `theta h` that no polynomial over the step follows. Its mean over the step is `J (1 - theta)`, that of the quadratic through
//! the nodes `5 J / 6` if the jump comes before the middle, else `J / 6`: at most `J / 3` apart, which is what Simpson's rule
//! makes of the bend `J / 2`. That does not decline as the terms of a smooth signal do (order 3), and the last
//! correction may show a quarter of it (order 4). A slope of relu that changes within the step does the same to its unit's error, and to
//! those that are carried down from it.
//!
//! What jumps is seen where the errors of the step's start are sent down through the weights as they will be at the nodes: but for
//! signs they would arrive unchanged.

use super::super::Order;
use super::super::lane::Lane;
use super::super::pass::Task;
use super::super::rule::Driver;
use super::super::view::ByUnit;
use super::Engine;
use super::track::SIMPSON;
use crate::error::SolverError;
use crate::network::{Activation, Architecture, Signals};
use crate::synapse::FeedbackMode;

impl<T: Lane> Engine<T> {
    /// The most that jumps of weights' signs leave out of each unit's mean error over the step; `None` where there are none, or
    /// where the estimate takes the whole bend for the error anyway. The errors of leaky units do not jump.
    pub(super) fn jumps(&mut self) -> Result<Option<ByUnit>, SolverError> {
        let by_sign = self.dynamics.feedback.mode == FeedbackMode::SignSymmetric && self.leaky.is_none();
        let is_seen = self.options.order == Order::Two || self.constants.driver == Driver::Signal;
        let Some(network) = self.dynamics.network().filter(|_| by_sign && !is_seen) else { return Ok(None) };
        let (activation, depth) = (network.activation, network.depth());
        let mut sent = [0; 2].map(|_| self.nodes[0].delta.clone());
        for l in (1..depth).rev() {
            self.send_errors(l + 1, sent.each_ref().map(|sent| sent[l + 1].as_slice()));
            self.pass(Task::PredictDeliver, Some(l + 1))?;
            for (node, sent) in sent.iter_mut().enumerate() {
                self.gather(l + 1, node, &mut sent[l]);
                let slopes = self.nodes[0].x[l].iter().map(|x| activation.slope(*x));
                sent[l].iter_mut().zip(slopes).for_each(|(delta, slope)| *delta *= slope);
            }
        }
        let [mut jumps, end] = sent;
        for ((middle, end), start) in jumps.iter_mut().zip(&end).zip(&self.nodes[0].delta) {
            for ((middle, end), start) in middle.iter_mut().zip(end).zip(start) {
                *middle = SIMPSON[1] * (*middle - 0.5 * (start + end)).abs();
            }
        }
        Ok(Some(jumps))
    }

    /// Order 4: raises the errors of layer `l` to what slopes that jump leave out of them, of its own units and of those above that
    /// carry errors down to all of it.
    pub(super) fn count_slopes(&self, l: usize, error: &mut [f64]) {
        let jumps = |network: &&Architecture| network.activation == Activation::Relu;
        let network = self.dynamics.network().filter(jumps);
        let Some(network) = network.filter(|_| self.options.order == Order::Four) else { return };
        let depth = network.depth();
        let is_told = (l + 1..depth).any(|l| (0..network.layers[l]).any(|i| self.switches(l, i)));
        let [start, middle, end] = self.nodes.each_ref().map(|signals| &signals.delta[l]);
        for (i, error) in error.iter_mut().enumerate() {
            if is_told || (l < depth && self.switches(l, i)) {
                *error = error.max(SIMPSON[1] * (middle[i] - 0.5 * (start[i] + end[i])).abs());
            }
        }
    }

    /// Whether a unit comes on or goes off within the step, in one of the rounds of the prediction.
    fn switches(&self, l: usize, i: usize) -> bool {
        let is_on = |signals: &Signals| signals.x[l][i] > 0.0;
        let start = is_on(&self.nodes[0]);
        let mut later = self.nodes[1..].iter().chain(&self.before[1..]);
        later.any(|signals| is_on(signals) != start)
    }

    /// Whether the slope of a hidden unit jumps within the step, and with it what all others receive.
    pub(super) fn changes_slope(&self) -> bool {
        let network = self.dynamics.network().filter(|network| network.activation == Activation::Relu);
        let [start, middle, end] = self.nodes.each_ref().map(|signals| &signals.x);
        let jumps = |l: usize| {
            let mut units = start[l].iter().zip(&middle[l]).zip(&end[l]);
            units.any(|((start, middle), end)| {
                let is_on = *start > 0.0;
                is_on != (*middle > 0.0) || is_on != (*end > 0.0)
            })
        };
        network.is_some_and(|network| (1..network.depth()).any(jumps))
    }
}
