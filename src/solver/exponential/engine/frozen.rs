//! What a forecast leaves out since it sees frozen signals.
//!
//! Where `g` changes by `dg` over a step, weights that see it frozen are off by `eta h rho (1 - exp(-h/tau_m)) dg / 6` at the end, and
//! that grows with the third power of time; by `eta h rho dg / 2`, with the second power, where `g` drives them itself. Net inputs are off
//! for that, and errors that the weights carry down; layers pass it on as they pass on the signals themselves. The bend of the signals tells of it too, unless
//! they are nearly straight.

use pulp::{Simd, WithSimd};

use super::super::Order;
use super::super::lane::Lane;
use super::super::line::Line;
use super::super::pack::Pack;
use super::super::rule::Driver;
use super::Engine;
use crate::network::{Architecture, Readout};
use crate::synapse::FeedbackMode;

impl<T: Lane> Engine<T> {
    /// By how much weights are off at the end of a step of length `h` and on average over it, in parts of `eta h rho dg`.
    pub(super) fn frozen(&self, h: f64) -> [f64; 2] {
        match (self.options.order, self.constants.driver) {
            // It has seen signals change.
            (Order::Four, _) => [0.0; 2],
            (_, Driver::Trace) => [1.0 / 6.0, 1.0 / 24.0].map(|part| part * self.gained(h)[0]),
            (_, Driver::Signal) => [1.0 / 2.0, 1.0 / 6.0],
        }
    }

    /// By how much `g` is off on average over the step, in parts of its size, by layer.
    pub(super) fn missed(&self, network: &Architecture, h: f64) -> Vec<f64> {
        let Self { nodes, reach, size, dynamics, .. } = self;
        let (depth, mode) = (network.depth(), dynamics.feedback.mode);
        let parts: Vec<_> = (1..=depth).map(|l| self.part(l, h)).collect();
        let mut missed = vec![0.0; depth + 1];
        // Sum of the squares of what activities are off by.
        let mut off = 0.0;
        for (l, part) in (1..).zip(&parts) {
            missed[l] = relative(off, reach[l].square);
            off = part.forward + nodes[0].delta[l].len() as f64 * size[l].w.powi(2) * off;
        }
        let slope: f64 = match network.readout {
            Readout::Softmax => 0.5,
            Readout::Logistic => 0.25,
            Readout::Linear => 1.0,
        };
        let outputs = slope * relative(off, parts[depth - 1].size);
        missed[depth] += outputs;
        let (mut above, follows) = (outputs, dynamics.feedback.learns() || mode == FeedbackMode::Symmetric);
        for l in (1..depth).rev() {
            let units = nodes[0].delta[l].len() as f64;
            if follows {
                above += relative(units * parts[l].backward.powi(2), parts[l - 1].size);
            }
            missed[l] += above;
        }
        missed
    }

    /// What the weights of layer `l` do.
    fn part(&self, l: usize, h: f64) -> Part {
        let signals = self.nodes.each_ref().map(|signals| signals.delta[l].as_slice());
        let [sum, top] = &self.risk[l];
        let [forward, size, backward] = self.crew.arch().dispatch(Survey { signals, risk: [sum, top] });
        let bias = if self.has_bias() { 1.0 } else { 0.0 };
        let share = self.constants.eta * h * self.frozen(h)[1];
        Part {
            forward: share * share * forward * (self.reach[l].square + bias),
            size,
            backward: share * backward,
        }
    }
}

/// The square root of `a/b`, where there is anything at all.
fn relative(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { (a / b).sqrt() }
}

/// What is off by the weights of one layer.
struct Part {
    /// Sum of the squares of what net inputs are off by.
    forward: f64,
    /// Sum of the squares of the errors' sizes.
    size: f64,
    /// The most that what arrives at a unit below is off by.
    backward: f64,
}

/// Over a layer's units: the sums of `change^2 sum_j (reach rho)^2`, of `size^2`, and of `size change max_j (reach rho)`.
struct Survey<'a> {
    /// Errors at the nodes.
    signals: [&'a [f64]; 3],
    risk: [&'a [f64]; 2],
}

impl WithSimd for Survey<'_> {
    type Output = [f64; 3];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; 3] {
        let [start, middle, end] = self.signals;
        let [start, middle, end] = [Line::new(simd, start), Line::new(simd, middle), Line::new(simd, end)];
        let [sum, top] = [Line::new(simd, self.risk[0]), Line::new(simd, self.risk[1])];
        let zero = Pack::<S, f64>::splat(simd, 0.0);
        let (mut forward, mut sizes, mut backward) = (zero, zero, zero);
        for k in 0..start.len() {
            let (start, middle, end) = (start.at(k), middle.at(k), end.at(k));
            let change = (middle - start).abs().max((end - start).abs());
            let size = start.abs().max(middle.abs()).max(end.abs());
            forward = (change * change).mul_add(sum.at(k), forward);
            sizes = size.mul_add(size, sizes);
            backward = (size * change).mul_add(top.at(k).sqrt(), backward);
        }
        [forward.sum(), sizes.sum(), backward.sum()]
    }
}
