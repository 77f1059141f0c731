//! Jumps of the signals within a step.
//!
//! Where the signs of weights carry errors down, a weight that crosses zero makes the error below jump by some `J`, at a time
//! `theta h` that no polynomial over the step follows. Its mean over the step is `J (1 - theta)`, that of the quadratic through
//! the nodes `5 J / 6` if the jump comes before the middle, else `J / 6`: at most `J / 3` apart, which is what Simpson's rule
//! makes of the bend `J / 2`. That does not decline as the terms of a smooth signal do (order 3), and the last
//! correction may show a quarter of it (order 4).
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
use crate::network::Activation;
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
