//! Mirror phases of feedback "weight-mirror": a hidden layer is given noise, the feedback weights above it learn.
//!
//! With zero-mean noise of variance `sigma^2` in layer `l` and linear units above, `<x_i x_j>` is `sigma^2 w_ij`, so that
//! `b` turns towards `w`. Nothing else moves (Akrout et al. 2019, arXiv:1904.05391).

use super::rates::limited;
use super::{Dynamics, Workspace};
use crate::network::signals::net_input;
use crate::network::{Architecture, Signals};
use crate::synapse::Real;

impl Dynamics {
    /// Activities of layer `l`, which is given the noise `x`, and of the layer above; errors are 0.
    pub(super) fn respond<T: Real>(
        &self,
        network: &Architecture,
        (l, x): (usize, &[f64]),
        y: &[T],
        signals: &mut Signals<T>,
    ) {
        signals.delta.iter_mut().flatten().for_each(|delta| *delta = T::zero());
        signals.x[l].iter_mut().zip(x).for_each(|(to, from)| *to = T::from(*from));
        let (w, bias) = self.weights(y, l + 1);
        let (below, above) = signals.x.split_at_mut(l + 1);
        net_input(w, bias, &below[l], &mut above[0]);
        // Outputs answer with their net input: a softmax would hide the weights' common part.
        if l + 1 < network.depth() {
            signals.activate(network, l + 1);
        }
    }

    /// Derivatives in a mirror phase of hidden layer `l`.
    pub(super) fn mirror<T: Real>(&self, l: usize, y: &[T], dydt: &mut [T], workspace: &Workspace<T>) {
        dydt.fill(T::zero());
        let Some(block) = self.weights_block(l + 1) else { return };
        let Some(slot) = block.slot("b") else { return };
        let (post, pre) = (&workspace.signals.x[l + 1], &workspace.signals.x[l]);
        let mirror = &self.feedback.mirror;
        let pairs = post.iter().flat_map(|post| pre.iter().map(move |pre| *post * *pre));
        for (index, product) in block.range(slot).zip(pairs) {
            dydt[index] = limited(product * mirror.eta - y[index] * mirror.kappa);
        }
    }
}
