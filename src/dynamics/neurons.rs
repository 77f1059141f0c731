//! Activities and errors of the neurons, which follow their inputs at once or, with a time constant, as leaky units.
//!
//! ```text
//! tau dz_l/dt = -z_l + W_l x_{l-1} + bias_l                 x_l = phi(z_l)
//! tau de_L/dt = -e_L + x_L - y                              delta_L = e_L
//! tau de_l/dt = -e_l + B_{l+1} delta_{l+1}                  delta_l = phi'(z_l) * e_l
//! ```

use super::rates::limited;
use super::{Dynamics, Source, Workspace};
use crate::layout::BlockKind;
use crate::network::signals::{Pathway, net_input, sign_symmetric};
use crate::network::{Architecture, Signals};
use crate::stream::{Drive, Segment};
use crate::synapse::{FeedbackMode, Real};

impl Dynamics {
    /// Activities and errors at time `t` within `segment`, for the state `y`.
    pub fn signals<T: Real>(&self, segment: &Segment, t: f64, y: &[T], workspace: &mut Workspace<T>) {
        let Workspace { signals, derived, .. } = workspace;
        match &self.source {
            Source::Protocol { scale } => {
                let g = segment.g(t);
                for (delta, scale) in signals.delta[0].iter_mut().zip(scale) {
                    *delta = T::from(scale * g);
                }
                if self.model.is_some() {
                    self.single(segment, t, (scale, y), signals);
                }
            }
            Source::Network(network) => {
                if let Drive::Mirror { layer, x } = &segment.drive {
                    return self.respond(network, (*layer, x), y, signals);
                }
                present(segment, t, &mut signals.x[0], &mut signals.target);
                for (l, b) in derived.iter_mut().enumerate().skip(1) {
                    sign_symmetric(self.weights(y, l + 1).0, b);
                }
                if network.neuron_tau > 0.0 {
                    self.leaky(network, y, signals);
                } else {
                    signals.forward(network, |l| self.weights(y, l));
                    self.with_pathway(y, derived, |pathway| signals.backward(network, pathway));
                }
            }
        }
    }

    /// Activities and errors at each synapse of a protocol; without a signal for it, the postsynaptic activity is that of a
    /// linear unit with this synapse alone.
    fn single<T: Real>(
        &self,
        segment: &Segment,
        t: f64,
        (scale, y): (&[f64], &[T]),
        signals: &mut Signals<T>,
    ) {
        let (delta, x, post) = (segment.delta(t), segment.x(t), segment.y(t));
        let weights = &y[self.layout.blocks[0].range(0)];
        signals.delta[1].fill(T::from(delta));
        for (s, (scale, w)) in scale.iter().zip(weights).enumerate() {
            signals.x[0][s] = T::from(scale * x);
            signals.x[1][s] = post.map_or(*w * (scale * x), T::from);
        }
    }

    /// Calls `then` with what carries errors down, for the state `y`.
    fn with_pathway<T: Real, R>(
        &self,
        y: &[T],
        derived: &[Vec<T>],
        then: impl FnOnce(&Pathway<T>) -> R,
    ) -> R {
        match self.feedback.mode {
            FeedbackMode::Direct => then(&Pathway::Direct(&self.direct)),
            FeedbackMode::SignSymmetric => then(&Pathway::Layers(&|l| &derived[l - 1])),
            _ => then(&Pathway::Layers(&|l| self.feedback_weights(y, l))),
        }
    }

    /// Activities and errors of leaky units from their own state within `y`.
    fn leaky<T: Real>(&self, network: &Architecture, y: &[T], signals: &mut Signals<T>) {
        for l in 1..=network.depth() {
            let Some(block) = self.block(l, BlockKind::Neurons) else { continue };
            signals.x[l].copy_from_slice(&y[block.range(0)]);
            signals.delta[l].copy_from_slice(&y[block.range(1)]);
            signals.activate(network, l);
            if l < network.depth() {
                signals.through_slope(network, l);
            }
        }
    }

    /// Derivatives of leaky units.
    pub(super) fn relax<T: Real>(&self, y: &[T], dydt: &mut [T], workspace: &mut Workspace<T>) {
        let Some(network) = self.network().filter(|network| network.neuron_tau > 0.0) else { return };
        let Workspace { signals, derived, .. } = workspace;
        let rate = network.neuron_tau.recip();
        for l in 1..=network.depth() {
            let Some(block) = self.block(l, BlockKind::Neurons) else { continue };
            let (z, e) = (block.range(0), block.range(1));
            let (w, bias) = self.weights(y, l);
            net_input(w, bias, &signals.x[l - 1], &mut dydt[z.clone()]);
            if l == network.depth() {
                let errors = signals.x[l].iter().zip(&signals.target);
                dydt[e.clone()].iter_mut().zip(errors).for_each(|(rate, (x, y))| *rate = *x - *y);
            } else {
                self.with_pathway(y, derived, |pathway| signals.carry(pathway, l, &mut dydt[e.clone()]));
            }
            for index in z.chain(e) {
                dydt[index] = limited((dydt[index] - y[index]) * rate);
            }
        }
    }

    /// Growth rates by synaptic scaling.
    pub(super) fn grow<T: Real>(&self, y: &[T], workspace: &mut Workspace<T>) {
        let Some(scaling) = &self.scaling else { return };
        for (l, (growth, norms)) in workspace.growth.iter_mut().zip(&scaling.norms).enumerate() {
            let Some(block) = self.weights_block(l + 1) else { continue };
            let rows = y[block.range(0)].chunks_exact(block.pre);
            for ((growth, norm), row) in growth.iter_mut().zip(norms).zip(rows) {
                let square = row.iter().fold(T::zero(), |sum, w| sum + *w * *w);
                let small = square.re() < norm * norm;
                let ratio = if square.re() > 0.0 { square.sqrt() / *norm } else { T::zero() };
                *growth = if small { (T::one() - ratio) * scaling.tau.recip() } else { T::zero() };
            }
        }
    }
}

/// The input and target that a network sees.
pub(crate) fn present<T: Real>(segment: &Segment, t: f64, input: &mut [T], target: &mut [T]) {
    match &segment.drive {
        Drive::Hold { x, y } => {
            input.iter_mut().zip(x).for_each(|(to, from)| *to = T::from(*from));
            target.iter_mut().zip(y).for_each(|(to, from)| *to = T::from(*from));
        }
        Drive::Fade { x0, x1, y0, y1 } => {
            let s = segment.fraction(t);
            let mix = |to: &mut [T], a: &[f64], b: &[f64]| {
                to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to = T::from(a + (b - a) * s));
            };
            mix(input, x0, x1);
            mix(target, y0, y1);
        }
        Drive::Mirror { .. } | Drive::Linear { .. } | Drive::Sine { .. } | Drive::Activities { .. } => {}
    }
}
