//! The error of a predicted step, from its signals and the gains seen meanwhile: see [`super::super::error_norm`].

use super::super::Order;
use super::super::error_norm::{LayerError, Worst};
use super::super::lane::Lane;
use super::super::relax;
use super::super::rule::{Driver, Scale};
use super::Engine;
use super::leaky::course::{Course, Courses};
use crate::dynamics::Source;
use crate::network::{Activation, Signals};
use crate::stream::Segment;
use crate::synapse::FeedbackMode;

/// How much larger the error may be than the difference of two solutions, where a kink lies within the step.
const KINKED: f64 = 4.0;
/// By how much slower than it seems the signals' expansion may decline.
pub(super) const CAUTION: f64 = 5.0;
/// The same for gain "rms", whose own error is far smaller than what is allowed for it.
const EASY: f64 = 2.0;
/// Weights of the signals at the nodes in their mean.
const SIMPSON: [f64; 3] = [1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0];

impl<T: Lane> Engine<T> {
    /// The largest error of a network's step, and its layer.
    pub(super) fn network_error(&self, h: f64) -> (Worst, usize) {
        let courses = self.courses(h);
        let mut worst = self
            .leaky
            .as_ref()
            .map_or((Worst::default(), 1), |leaky| self.leaky_error(leaky, courses.as_ref(), h));
        let next = match (self.constants.driver, self.options.order) {
            // Where `g` itself drives the weights, its zeros are kinks of all of a unit's synapses at once: no expansion
            // declines, and the middle alone tells too little.
            (Driver::Signal, _) => KINKED,
            (Driver::Trace, Order::Three) => self.decline(),
            (Driver::Trace, Order::Two | Order::Four) => 1.0,
        };
        for l in 1..self.nodes[0].delta.len() {
            let mut error = self.layer_error(l, h);
            error.scale(next);
            if let (Some(courses), Order::Three) = (&courses, self.options.order) {
                self.sharpen(&mut error, l, courses, next.max(1.0));
            }
            if let Some(growing) = self.growing(l, h, &error.delta) {
                error.grow(growing);
            }
            let found = error.worst(&self.constants, &self.options.atol, h);
            if found.error.is_nan() || found.error > worst.0.error {
                worst = (found, l);
            }
        }
        worst
    }

    /// The courses of leaky units' signals, for orders that make use of them, and where nothing jumps: neither a unit's slope nor
    /// the sign of a weight.
    fn courses(&self, h: f64) -> Option<Courses> {
        let leaky = self.leaky.as_ref().filter(|_| self.options.order != Order::Four)?;
        let network = self.dynamics.network()?;
        let jumps = network.activation == Activation::Relu
            || self.dynamics.feedback.mode == FeedbackMode::SignSymmetric;
        (!jumps).then(|| leaky.courses(network, &self.nodes, h))
    }

    /// Lets what is known of the signals' courses, times `margin`, have its say, where it is less.
    fn sharpen(&self, error: &mut LayerError, l: usize, courses: &Courses, margin: f64) {
        let reach = self.reach[l].iter().copied();
        let pre = Course::largest(courses.x[l - 1].iter().zip(reach));
        for (i, (error, size)) in error.error.iter_mut().zip(&error.delta).enumerate() {
            *error = error.min(margin * pre.product(1.0, &courses.delta[l][i], *size));
        }
    }

    /// How much smaller than the part that order 2 leaves out the next one is likely to be: the terms of the signals'
    /// expansion over the step are taken to decline as the first two do, in the layer where they decline least.
    fn decline(&self) -> f64 {
        let caution = if self.constants.scale == Scale::Rms { EASY } else { CAUTION };
        let of =
            |l: usize| decline(self.nodes.each_ref().map(|signals| signals.delta[l].as_slice()), caution);
        (1..self.nodes[0].delta.len()).map(of).fold(0.0, f64::max)
    }

    /// Shares of a constant `g` in `m` and of its square in `v` at the end of a step of length `h`.
    pub(super) fn gained(&self, h: f64) -> [f64; 2] {
        [self.constants.tau_m, self.constants.tau_rho].map(|tau| -(-h / tau).exp_m1())
    }

    fn layer_error(&self, l: usize, h: f64) -> LayerError<'_> {
        let order = self.options.order;
        let x = Track::new(&self.nodes, &self.before, |signals| &signals.x[l - 1]);
        let errors = Track::new(&self.nodes, &self.before, |signals| &signals.delta[l]);
        let reach = &self.reach[l];
        let mut pre: f64 = 0.0;
        for (j, reach) in reach.iter().enumerate() {
            let change = x.difference(order, j);
            if change > 1e-15 * reach {
                pre = pre.max(change / reach);
            }
        }
        let bias = if self.has_bias() { 1.0 } else { 0.0 };
        let sum = reach.iter().map(|x| x * x).sum::<f64>() + bias;
        let far = reach.iter().fold(bias, |top: f64, x| top.max(*x));
        let largest: Vec<f64> = (0..errors.now[0].len()).map(|i| errors.largest(i)).collect();
        let error =
            largest.iter().enumerate().map(|(i, top)| errors.difference(order, i) + pre * top).collect();
        let (risk, size, gained) = (&self.risk[l], self.size[l], self.gained(h));
        let moved = |which: fn(&Signals) -> &Vec<Vec<f64>>, l: usize| {
            let [start, _, end] = &self.nodes;
            let pairs = which(start)[l].iter().zip(&which(end)[l]);
            pairs.fold(0.0, |top: f64, (a, b)| top.max((b - a).abs()))
        };
        let top = largest.iter().fold(0.0, |top: f64, delta| top.max(*delta));
        let change = moved(|signals| &signals.delta, l) * far + top * moved(|signals| &signals.x, l - 1);
        LayerError {
            error,
            delta: largest,
            reach: (sum, far),
            risk,
            size,
            change,
            growing: None,
            factor: 1.0,
            gained,
        }
    }

    pub(super) fn has_bias(&self) -> bool {
        matches!(&self.dynamics.source, Source::Network(network) if network.bias)
    }

    /// The error of a protocol's step: how far the signal is from its quadratic at the quarters.
    pub(super) fn protocol_error(&self, segment: &Segment, h: f64, scale: &[f64]) -> Worst {
        let g = [0.0, 0.5, 1.0].map(|theta| segment.g(self.t + theta * h));
        let off = [0.25, 0.75].map(|theta| {
            let weights = relax::interpolation(theta);
            let quadratic: f64 = weights.iter().zip(&g).map(|(weight, g)| weight * g).sum();
            (segment.g(self.t + theta * h) - quadratic).abs()
        });
        let off = match self.options.order {
            Order::Two => (g[1] - 0.5 * (g[0] + g[2])).abs(),
            _ => off[0].max(off[1]),
        };
        let top = g.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
        let each = |value: f64| scale.iter().map(|scale| (scale * value).abs()).collect::<Vec<_>>();
        let error = LayerError {
            error: each(SIMPSON[1] * off),
            delta: each(top),
            reach: (1.0, 1.0),
            risk: &self.risk[0],
            size: self.size[0],
            change: scale.iter().fold(0.0, |top: f64, scale| top.max((scale * (g[2] - g[0])).abs())),
            growing: None,
            factor: 1.0,
            gained: self.gained(h),
        };
        error.worst(&self.constants, &self.options.atol, h)
    }
}

/// The signals of a layer's units over a step, and as they were seen before.
struct Track<'a> {
    now: [&'a [f64]; 3],
    before: [&'a [f64]; 3],
}

impl<'a> Track<'a> {
    fn new(
        now: &'a [Signals; 3],
        before: &'a [Signals; 3],
        which: impl Fn(&'a Signals) -> &'a Vec<f64>,
    ) -> Self {
        let [now, before] =
            [now, before].map(|nodes| nodes.each_ref().map(|signals| which(signals).as_slice()));
        Self { now, before }
    }

    /// What the two solutions see differently of unit `i`.
    #[inline]
    fn difference(&self, order: Order, i: usize) -> f64 {
        let [start, middle, end] = self.now;
        match order {
            Order::Four => {
                let [_, middle_before, end_before] = self.before;
                SIMPSON[1] * (middle[i] - middle_before[i]).abs()
                    + SIMPSON[2] * (end[i] - end_before[i]).abs()
            }
            Order::Two | Order::Three => SIMPSON[1] * (middle[i] - 0.5 * (start[i] + end[i])).abs(),
        }
    }

    /// The largest size of unit `i`.
    #[inline]
    fn largest(&self, i: usize) -> f64 {
        let [start, middle, end] = self.now;
        start[i].abs().max(middle[i].abs()).max(end[i].abs())
    }
}

/// How much smaller than the part that straight lines leave out the next one is likely to be, of values at the start, middle and
/// end of a step: at most 1.
pub(super) fn decline([start, middle, end]: [&[f64]; 3], caution: f64) -> f64 {
    let (mut first, mut second) = (0.0, 0.0);
    for (m, (a, b)) in middle.iter().zip(start.iter().zip(end)) {
        first += 0.5 * (b - a).abs();
        second += (m - 0.5 * (a + b)).abs();
    }
    let ratio: f64 = if second > 0.0 { second / first } else { 0.0 };
    (caution * ratio).min(1.0)
}
