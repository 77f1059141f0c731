//! Activities and errors of every unit at one moment.

use nalgebra::{DMatrixView, DVectorView, DVectorViewMut};

use super::Architecture;
use crate::synapse::Real;

/// Activities and errors of every unit at one moment.
///
/// # Shapes
/// `x[l]` and `delta[l]` have one value a unit of layer `l`, the input being layer 0; `delta[0]` is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals<T = f64> {
    /// Activities.
    pub x: Vec<Vec<T>>,
    /// Errors.
    pub delta: Vec<Vec<T>>,
    /// Target of the outputs.
    pub target: Vec<T>,
}

impl<T: Real> Signals<T> {
    /// All zero.
    #[must_use]
    pub fn zeros(network: &Architecture) -> Self {
        let x: Vec<Vec<T>> = network.layers.iter().map(|n| vec![T::zero(); *n]).collect();
        let mut delta = x.clone();
        delta[0].clear();
        let target = x[x.len() - 1].clone();
        Self { x, delta, target }
    }

    /// Activities of every layer from `x[0]`.
    ///
    /// `weight(l)` gives `W_l` (`[post, pre]`, row-major) and the biases of layer `l` (empty for none).
    pub fn forward<'a>(&mut self, network: &Architecture, weight: impl Fn(usize) -> (&'a [T], &'a [T])) {
        for l in 1..self.x.len() {
            let (w, bias) = weight(l);
            let (below, above) = self.x.split_at_mut(l);
            let (x, z) = (&below[l - 1], &mut above[0]);
            let post = z.len();
            let mut out = DVectorViewMut::from_slice(z, post);
            if bias.is_empty() {
                out.fill(T::zero());
            } else {
                out.copy_from_slice(bias);
            }
            // Row-major [post, pre] is column-major [pre, post].
            let columns = DMatrixView::from_slice(w, x.len(), post);
            out.gemv_tr(T::one(), &columns, &DVectorView::from_slice(x, x.len()), T::one());
            if l == network.depth() {
                network.readout.apply(z);
            } else {
                z.iter_mut().for_each(|z| *z = network.activation.apply(*z));
            }
        }
    }

    /// Errors of every layer from the activities and the target.
    ///
    /// `feedback(l)` gives the weights that carry the error of layer `l` down to layer `l - 1`, stored as `W_l` is.
    pub fn backward<'a>(&mut self, network: &Architecture, feedback: impl Fn(usize) -> &'a [T]) {
        let top = network.depth();
        for ((delta, x), y) in self.delta[top].iter_mut().zip(&self.x[top]).zip(&self.target) {
            *delta = *x - *y;
        }
        for l in (1..top).rev() {
            let (below, above) = self.delta.split_at_mut(l + 1);
            let (delta, source) = (&mut below[l], &above[0]);
            deliver(feedback(l + 1), source, delta);
            for (delta, x) in delta.iter_mut().zip(&self.x[l]) {
                *delta *= network.activation.slope(*x);
            }
        }
    }
}

/// `out_j = sum_i b_ij delta_i` for `b` of shape `[post, pre]`, row-major.
pub fn deliver<T: Real>(b: &[T], delta: &[T], out: &mut [T]) {
    let columns = DMatrixView::from_slice(b, out.len(), delta.len());
    let pre = out.len();
    let mut out = DVectorViewMut::from_slice(out, pre);
    out.gemv(T::one(), &columns, &DVectorView::from_slice(delta, delta.len()), T::zero());
}
