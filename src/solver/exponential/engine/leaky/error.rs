//! The error of leaky units over a step.
//!
//! Their relaxation is exact for what is taken to arrive; what is left out is how far that is from what does:
//! - the quadratic through the nodes: orders 2 and 3 know what it leaves out of the signals that are sent ([`super::course`]), and take
//!   what arrives to be as much off for its bend; order 4 takes the last change;
//! - the weights that the first prediction sees, those of frozen signals ([`super::super::frozen`]). Order 4 has corrected that;
//! - what learned weights grow by synaptic scaling ([`super::super::scaling`]).

use pulp::Arch;

use super::super::super::Order;
use super::super::super::error_norm::Worst;
use super::super::super::lane::Lane;
use super::super::Engine;
use super::super::estimate::CAUTION;
use super::super::track::decline;
use super::course::{Course, Courses};
use super::{Leaky, Units};
use crate::synapse::FeedbackMode;

impl<T: Lane> Engine<T> {
    /// The largest error of a leaky unit, and its layer.
    pub(in super::super) fn leaky_error(
        &self,
        leaky: &Leaky,
        courses: Option<&Courses>,
        h: f64,
    ) -> (Worst, usize) {
        let mut worst = (Worst::default(), 1);
        let depth = self.nodes[0].delta.len() - 1;
        let gained = leaky.way.to[1].gained();
        let mut above = 0.0;
        for l in (1..=depth).rev() {
            let weights = self.unseen(l, h);
            let senders = courses.map(|courses| {
                let above = if self.dynamics.feedback.mode == FeedbackMode::Direct { depth } else { l + 1 };
                let errors = if l == depth { &courses.x[l] } else { &courses.delta[above] };
                (courses.x[l - 1].as_slice(), errors.as_slice())
            });
            let left_out = |units: &Units, senders: Option<&[Course]>| match self.options.order {
                Order::Four => units.last_change(l),
                Order::Two | Order::Three => leaky.left_out(self.crew.arch(), units, l, senders, h),
            };
            let z = left_out(&leaky.z, senders.map(|of| of.0));
            let e = left_out(&leaky.e, senders.map(|of| of.1));
            let found = [
                self.judge((&leaky.z, "z"), l, |i| z[i] + gained * weights.forward[i]),
                self.judge((&leaky.e, "e"), l, |i| e[i] + gained * above),
            ];
            above = weights.backward;
            for found in found {
                if found.error.is_nan() || found.error > worst.0.error {
                    worst = (found, l);
                }
            }
        }
        worst
    }

    /// The largest error of the units of one kind in layer `l`, in units of its tolerance.
    fn judge(
        &self,
        (units, variable): (&Units, &'static str),
        l: usize,
        error: impl Fn(usize) -> f64,
    ) -> Worst {
        let [start, _, end] = units.state.each_ref().map(|state| state[l].as_slice());
        let (mut total, mut top, mut post) = (0.0, 0.0, 0);
        let (mut square, mut largest) = (0.0, 0.0_f64);
        for i in 0..start.len() {
            let (e, size) = (error(i), start[i].abs().max(end[i].abs()));
            total += e * e;
            // NaN counts as the largest of all.
            if e.is_nan() || e > top {
                (top, post) = (e, i);
            }
            square += size * size;
            largest = largest.max(size);
        }
        let n = start.len() as f64;
        let tolerance = |size: f64| self.options.atol.z + self.options.rtol * size;
        let mean = (total / n).sqrt() / tolerance((square / n).sqrt());
        Worst { error: mean.max(top / tolerance(largest)) + 0.0 * top, post, variable }
    }

    /// What the weights of layer `l` do to what arrives, that a prediction leaves out.
    fn unseen(&self, l: usize, h: f64) -> Unseen {
        let [start, middle, end] = &self.nodes;
        let moved = |a: f64, b: f64, c: f64| (b - a).abs().max((c - a).abs());
        let reach = &self.reach[l];
        let pre = reach.each.iter().enumerate().filter(|(_, size)| **size > 0.0);
        let pre = pre.fold(0.0, |top: f64, (j, size)| {
            let x = [start, middle, end].map(|signals| signals.x[l - 1][j]);
            top.max(moved(x[0], x[1], x[2]) / size)
        });
        let bias = if self.has_bias() { 1.0 } else { 0.0 };
        let spread = (reach.square + bias).sqrt();
        let [frozen, _] = self.frozen(h);
        let mut unseen = Unseen::default();
        for (i, (sum, top)) in self.risk[l][0].iter().zip(&self.risk[l][1]).enumerate() {
            let delta = [start, middle, end].map(|signals| signals.delta[l][i]);
            let size = delta.iter().fold(0.0, |top: f64, d| top.max(d.abs()));
            let change = self.constants.eta * h * frozen * (moved(delta[0], delta[1], delta[2]) + pre * size)
                + self.ungrown(l, i, h, size);
            unseen.forward.push(change * sum.sqrt() * spread);
            unseen.backward += change * top.sqrt() * size;
        }
        unseen
    }
}

impl Units {
    /// What the last round of prediction has changed in layer `l` at the end of the step.
    fn last_change(&self, l: usize) -> Vec<f64> {
        self.state[2][l].iter().zip(&self.before[l]).map(|(now, before)| (now - before).abs()).collect()
    }
}

impl Leaky {
    /// What the quadratic of what arrives at layer `l` leaves out of the state at the end of a step of length `h`, given the
    /// courses of the signals that are sent there, where they are known.
    fn left_out(&self, arch: Arch, units: &Units, l: usize, senders: Option<&[Course]>, h: f64) -> Vec<f64> {
        let arriving = units.drive.each_ref().map(|drive| drive[l].as_slice());
        let last = &self.way.to[1];
        let by_bend = last.weight[1] * decline(arch, arriving, CAUTION);
        let sum = |of: fn(&Course) -> f64| senders.into_iter().flatten().map(of).sum::<f64>();
        let rest = sum(|course| course.mean) + h / self.tau * sum(|course| course.moment);
        let by_course = last.gained() * rest / sum(|course| course.bend);
        // Where no sender bends, what little arrives bent is the weights' doing.
        let share = by_bend.min(if by_course.is_finite() { by_course } else { f64::INFINITY });
        let [f0, f1, f2] = arriving;
        (0..f0.len()).map(|i| share * (f1[i] - 0.5 * (f0[i] + f2[i])).abs()).collect()
    }
}

/// Errors of what arrives, by the layer's own units and for all units of the layer below.
#[derive(Default)]
struct Unseen {
    forward: Vec<f64>,
    backward: f64,
}
