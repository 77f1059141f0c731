//! The error of a predicted step, from its signals and the gains seen meanwhile: see [`super::super::error_norm`].

use super::super::error_norm::{LayerError, Worst};
use super::super::lane::Lane;
use super::super::relax;
use super::super::rule::{Driver, Scale};
use super::super::{Order, Precision};
use super::Engine;
use super::leaky::course::{Course, Courses};
use super::track::{SIMPSON, Sent, Track, decline, quartic};
use crate::dynamics::Source;
use crate::error::SolverError;
use crate::network::Activation;
use crate::stream::Segment;
use crate::synapse::FeedbackMode;

/// How much larger the error may be than the difference of two solutions, where a kink lies within the step.
const KINKED: f64 = 4.0;
/// By how much slower than it seems the signals' expansion may decline.
pub(super) const CAUTION: f64 = 5.0;
/// The same for gain "rms", whose own error is far smaller than what is allowed for it.
const EASY: f64 = 2.0;
/// What sums in 32 bits may be off by, in parts of the largest weight times the norm of what it is multiplied with.
const WAVERING: f64 = 4.0 * f32::EPSILON as f64;
/// Leaky units are at rest after so many of their time constants.
const RELAXED: f64 = 5.0;

impl<T: Lane> Engine<T> {
    /// The largest error of a network's step, and its layer.
    pub(super) fn network_error(&mut self, h: f64) -> Result<(Worst, usize), SolverError> {
        let jumps = self.jumps()?;
        let network =
            self.dynamics.network().filter(|_| self.leaky.is_none() && self.options.order != Order::Four);
        let missed = network.map_or_else(Vec::new, |network| self.missed(network, h));
        let courses = self.courses(h);
        let mut worst = self
            .leaky
            .as_ref()
            .map_or((Worst::default(), 1), |leaky| self.leaky_error(leaky, courses.as_ref(), h));
        let next = match (self.constants.driver, self.options.order) {
            // Where `g` itself drives the weights, its zeros are kinks of all of a unit's synapses at once: no expansion
            // declines, and the middle alone tells too little.
            (Driver::Signal, _) => KINKED,
            // The first two terms of all units' signals tell nothing of the jumps of some.
            (Driver::Trace, Order::Three) if !self.changes_slope() => self.decline(),
            (Driver::Trace, _) => 1.0,
        };
        let mut room = std::mem::take(&mut self.room);
        for l in 1..self.nodes[0].delta.len() {
            let mut error = self.layer_error(l, h, room);
            error.scale(next);
            self.count_slopes(l, &mut error.error);
            if let (Some(courses), Order::Three) = (&courses, self.options.order) {
                self.sharpen(&mut error, l, courses, next.max(1.0));
            }
            if let Some(jumps) = &jumps {
                error.error.iter_mut().zip(&jumps[l]).for_each(|(error, jump)| *error = error.max(*jump));
            }
            if let Some(missed) = missed.get(l) {
                error
                    .error
                    .iter_mut()
                    .zip(&error.delta)
                    .for_each(|(error, size)| *error = error.max(missed * size));
            }
            if let Some(growing) = self.growing(l, h, &error.delta) {
                error.grow(growing);
            }
            let found = error.worst(self.crew.arch(), &self.constants, &self.options.atol, h);
            if found.error.is_nan() || found.error > worst.0.error {
                worst = (found, l);
            }
            room = [error.error, error.delta, error.quartic];
        }
        self.room = room;
        Ok(worst)
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
        let reach = self.reach[l].each.iter().copied();
        let pre = Course::largest(courses.x[l - 1].iter().zip(reach));
        for (i, (error, size)) in error.error.iter_mut().zip(&error.delta).enumerate() {
            *error = error.min(margin * pre.product(1.0, &courses.delta[l][i], *size));
        }
    }

    /// How much smaller than the part that order 2 leaves out the next one is likely to be: the terms of the signals'
    /// expansion over the step are taken to decline as the first two do, in the layer where they decline least.
    fn decline(&self) -> f64 {
        let caution = if self.constants.scale == Scale::Rms { EASY } else { CAUTION };
        let of = |l: usize| {
            let errors = self.nodes.each_ref().map(|signals| signals.delta[l].as_slice());
            decline(self.crew.arch(), errors, caution)
        };
        (1..self.nodes[0].delta.len()).map(of).fold(0.0, f64::max)
    }

    /// How long the error of a step of length `h` is taken to last, s.
    ///
    /// Straight lines err alike from step to step, as long as signals bend the same way: what order 2 leaves out adds up over a segment. Leaky
    /// units bend for a few of their time constants. Orders 3 and 4 are more accurate than their estimates, by more than adds up. A jump
    /// is over with its step, and no step is so short that it would do if that were to last.
    pub(super) fn span(&self, h: f64) -> f64 {
        let jumps = || self.dynamics.feedback.mode == FeedbackMode::SignSymmetric || self.changes_slope();
        let segment = self.segment.as_ref().filter(|_| self.options.order == Order::Two && !jumps());
        let bending = self.leaky.as_ref().map_or(f64::INFINITY, |leaky| RELAXED * leaky.tau);
        segment.map_or(h, |segment| (segment.t1 - segment.t0).min(bending).max(h))
    }

    /// Shares of a constant `g` in `m` and of its square in `v` at the end of a step of length `h`.
    pub(super) fn gained(&self, h: f64) -> [f64; 2] {
        [self.constants.tau_m, self.constants.tau_rho].map(|tau| -(-h / tau).exp_m1())
    }

    /// The error of layer `l`, in the arrays of `room`.
    fn layer_error(
        &self,
        l: usize,
        h: f64,
        [mut error, mut delta, mut quartic]: [Vec<f64>; 3],
    ) -> LayerError<'_> {
        let (arch, order, nodes) = (self.crew.arch(), self.options.order, [&self.nodes, &self.before]);
        let reach = &self.reach[l];
        let sent = if l == 1 && self.is_held {
            Sent::default()
        } else {
            Track::new(nodes, order, |signals| &signals.x[l - 1]).senders(
                arch,
                &reach.each,
                self.wavering(l - 1),
            )
        };
        let errors = Track::new(nodes, order, |signals| &signals.delta[l]);
        let x = h / self.constants.tau_rho;
        let noise = if l + 1 == self.reach.len() { self.wavering(l) } else { self.wavering_errors(l) };
        let [top, moved] = errors.receivers(arch, (sent, x, noise), [&mut error, &mut delta, &mut quartic]);
        let bias = if self.has_bias() { 1.0 } else { 0.0 };
        let (far, span) = (reach.top.max(bias), self.span(h));
        LayerError {
            error,
            delta,
            reach: (reach.square + bias, far),
            risk: &self.risk[l],
            size: self.size[l],
            quartic,
            change: moved * far + top * sent.change,
            growing: None,
            factor: 1.0,
            gained: self.gained(span),
            span,
        }
    }

    /// What activities of layer `l` waver by, where their sums are of 32 bits: by parts of the terms, not of what is left of them.
    fn wavering(&self, l: usize) -> f64 {
        match self.options.precision {
            Precision::F32 if l > 0 => WAVERING * self.size[l].w_top * (1.0 + self.reach[l].square).sqrt(),
            _ => 0.0,
        }
    }

    /// The same of the errors that layer `l + 1` carries down to it.
    fn wavering_errors(&self, l: usize) -> f64 {
        match self.options.precision {
            Precision::F32 => {
                let square: f64 = self.nodes[0].delta[l + 1].iter().map(|delta| delta * delta).sum();
                WAVERING * self.size[l + 1].w_top.max(1.0) * square.sqrt()
            }
            Precision::F64 => 0.0,
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
            quartic: scale
                .iter()
                .map(|scale| scale * scale * quartic(g, h / self.constants.tau_rho))
                .collect(),
            reach: (1.0, 1.0),
            risk: &self.risk[0],
            size: self.size[0],
            change: scale.iter().fold(0.0, |top: f64, scale| top.max((scale * (g[2] - g[0])).abs())),
            growing: None,
            factor: 1.0,
            gained: self.gained(h),
            span: h,
        };
        error.worst(self.crew.arch(), &self.constants, &self.options.atol, h)
    }
}
