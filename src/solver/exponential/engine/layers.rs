//! How the units of a layer answer to what arrives.

use pulp::Arch;

use super::super::elementary;
use crate::network::{Architecture, Pathway, Signals};
use crate::stream::Segment;

/// The gradient signals of a protocol.
pub(super) fn drive(segment: &Segment, t: f64, scale: &[f64], signals: &mut Signals) {
    let g = segment.g(t);
    signals.delta[0].iter_mut().zip(scale).for_each(|(delta, scale)| *delta = scale * g);
}

/// Net inputs of layer `l` to activities.
pub(super) fn activate(arch: Arch, network: &Architecture, l: usize, z: &mut [f64]) {
    if l == network.depth() {
        network.readout.apply(z);
    } else {
        elementary::activate(arch, network.activation, z);
    }
}

/// The error of the outputs.
pub(super) fn output_error(signals: &mut Signals) {
    let Signals { x, delta, target } = signals;
    if let (Some(x), Some(delta)) = (x.last(), delta.last_mut()) {
        delta.iter_mut().zip(x.iter().zip(&*target)).for_each(|(delta, (x, y))| *delta = x - y);
    }
}

/// The errors that arrive at hidden layer `l` where each has a way of its own from the outputs.
pub(super) fn direct(matrices: &[Vec<f64>], signals: &mut Signals, l: usize) {
    let mut error = std::mem::take(&mut signals.delta[l]);
    signals.carry(&Pathway::Direct(matrices), l, &mut error);
    signals.delta[l] = error;
}

/// The errors that have arrived at layer `l`, times the slope there.
pub(super) fn fold_back(network: &Architecture, signals: &mut Signals, l: usize) {
    let Signals { x, delta, .. } = signals;
    delta[l].iter_mut().zip(&x[l]).for_each(|(delta, x)| *delta *= network.activation.slope(*x));
}
