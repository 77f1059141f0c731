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
        // Inputs have no errors, nor room for any.
        let delta = (0..x.len()).map(|l| if l == 0 { Vec::new() } else { x[l].clone() }).collect();
        let target = x[x.len() - 1].clone();
        Self { x, delta, target }
    }

    /// Of as many layers, without values.
    #[must_use]
    pub fn hollow(&self) -> Self {
        let layers = |of: &[Vec<T>]| of.iter().map(|_| Vec::new()).collect();
        Self { x: layers(&self.x), delta: layers(&self.delta), target: Vec::new() }
    }

    /// Activities of every layer from `x[0]`.
    ///
    /// `weight(l)` gives `W_l` (`[post, pre]`, row-major) and the biases of layer `l` (empty for none).
    pub fn forward<'a>(&mut self, network: &Architecture, weight: impl Fn(usize) -> (&'a [T], &'a [T])) {
        for l in 1..self.x.len() {
            let (w, bias) = weight(l);
            let (below, above) = self.x.split_at_mut(l);
            net_input(w, bias, &below[l - 1], &mut above[0]);
            self.activate(network, l);
        }
    }

    /// Turns the net inputs in `x[l]` into activities.
    pub fn activate(&mut self, network: &Architecture, l: usize) {
        if l == network.depth() {
            network.readout.apply(&mut self.x[l]);
        } else {
            for z in &mut self.x[l] {
                *z = network.activation.apply(*z);
            }
        }
    }

    /// Errors of every layer from the activities and the target.
    pub fn backward(&mut self, network: &Architecture, pathway: &Pathway<T>) {
        let top = network.depth();
        for ((delta, x), y) in self.delta[top].iter_mut().zip(&self.x[top]).zip(&self.target) {
            *delta = *x - *y;
        }
        for l in (1..top).rev() {
            let mut error = std::mem::take(&mut self.delta[l]);
            self.carry(pathway, l, &mut error);
            self.delta[l] = error;
            self.through_slope(network, l);
        }
    }

    /// The error that reaches hidden layer `l`, before it meets the slope of the units there.
    pub fn carry(&self, pathway: &Pathway<T>, l: usize, error: &mut [T]) {
        match pathway {
            Pathway::Layers(weights) => deliver(weights(l + 1), &self.delta[l + 1], error),
            Pathway::Direct(weights) => {
                error.fill(T::zero());
                let rows = weights[l - 1].chunks_exact(error.len());
                for (row, delta) in rows.zip(&self.delta[self.delta.len() - 1]) {
                    error.iter_mut().zip(row).for_each(|(error, weight)| *error += *delta * *weight);
                }
            }
        }
    }

    /// `delta_l *= phi'(z_l)`.
    pub fn through_slope(&mut self, network: &Architecture, l: usize) {
        for (delta, x) in self.delta[l].iter_mut().zip(&self.x[l]) {
            *delta *= network.activation.slope(*x);
        }
    }
}

/// What carries errors down to hidden layers.
pub enum Pathway<'a, T> {
    /// Layer by layer: the weights from layer `l` to layer `l - 1`, stored as `W_l` is.
    Layers(&'a dyn Fn(usize) -> &'a [T]),
    /// From the outputs to each hidden layer `l`: weights `[outputs, units]` at `l - 1`.
    Direct(&'a [Vec<f64>]),
}

/// `z = W x + bias` for `w` of shape `[post, pre]`, row-major; an empty `bias` stands for zeros.
pub fn net_input<T: Real>(w: &[T], bias: &[T], x: &[T], z: &mut [T]) {
    let post = z.len();
    if bias.is_empty() {
        z.fill(T::zero());
    } else {
        z.copy_from_slice(bias);
    }
    // Row-major [post, pre] is column-major [pre, post].
    let columns = DMatrixView::from_slice(w, x.len(), post);
    let mut out = DVectorViewMut::from_slice(z, post);
    out.gemv_tr(T::one(), &columns, &DVectorView::from_slice(x, x.len()), T::one());
}

/// The sign of each forward weight, scaled to their root mean square: the weights of feedback "sign-symmetric".
pub fn sign_symmetric<T: Real>(w: &[T], b: &mut [T]) {
    let squares = w.iter().fold(T::zero(), |sum, w| sum + *w * *w);
    let mean = squares / w.len() as f64;
    let size = if mean.re() > 0.0 { mean.sqrt() } else { T::zero() };
    for (b, w) in b.iter_mut().zip(w) {
        *b = if w.re() == 0.0 { T::zero() } else { size * w.re().signum() };
    }
}

/// `out_j = sum_i b_ij delta_i` for `b` of shape `[post, pre]`, row-major.
pub fn deliver<T: Real>(b: &[T], delta: &[T], out: &mut [T]) {
    let columns = DMatrixView::from_slice(b, out.len(), delta.len());
    let pre = out.len();
    let mut out = DVectorViewMut::from_slice(out, pre);
    out.gemv(T::one(), &columns, &DVectorView::from_slice(delta, delta.len()), T::zero());
}
