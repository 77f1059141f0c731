//! Measuring a network without changing it: test score, symmetry of weights, alignment of errors.

use nalgebra::{DMatrix, DMatrixView, Dyn};

use super::signals::deliver;
use super::{Architecture, Signals};
use crate::layout::Layout;
use crate::solver::View;
use crate::stream::Samples;

/// Samples that are passed forward at once.
const BATCH: usize = 256;
/// Most samples over which the alignment of errors is averaged.
const PROBES: usize = 256;

/// A copy of all weights of a network.
///
/// # Shapes
/// Index `l - 1` holds layer `l`: `w` and `b` are `[post, pre]` row-major, `bias` has one value a unit or none. `b` is
/// empty where the forward weights carry the error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// Forward weights.
    pub w: Vec<Vec<f64>>,
    /// Biases.
    pub bias: Vec<Vec<f64>>,
    /// Feedback weights.
    pub b: Vec<Vec<f64>>,
}

/// How well a network answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean loss.
    pub loss: f64,
    /// Fraction of samples whose largest output is their label's; `None` without labels.
    pub accuracy: Option<f64>,
}

/// How close the feedback weights of a layer are to its forward weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symmetry {
    /// The layer.
    pub layer: usize,
    /// Angle between `W` and `B` as vectors, degrees.
    pub angle_deg: f64,
    /// `|W - B| / |W|`.
    pub relative_difference: f64,
    /// Mean angle between the error delivered through `B` and the one that `W` would deliver, degrees.
    pub error_angle_deg: f64,
}

impl Weights {
    /// Reads the weights of a network with `depth` layers of synapses.
    #[must_use]
    pub fn read(layout: &Layout, depth: usize, view: &dyn View) -> Self {
        let mut weights =
            Self { w: vec![Vec::new(); depth], bias: vec![Vec::new(); depth], b: vec![Vec::new(); depth] };
        for (index, block) in layout.blocks.iter().enumerate() {
            let read = |slot| {
                let mut values = vec![0.0; block.synapses()];
                view.read(index, slot, &mut values);
                values
            };
            let forward = if block.is_bias { &mut weights.bias } else { &mut weights.w };
            forward[block.layer - 1] = read(0);
            if let Some(slot) = block.slot("b") {
                weights.b[block.layer - 1] = read(slot);
            }
        }
        weights
    }

    /// Activities and errors for one sample; `signals.x[0]` and `signals.target` hold the sample.
    pub fn pass(&self, network: &Architecture, signals: &mut Signals) {
        signals.forward(network, |l| (&self.w[l - 1], &self.bias[l - 1]));
        signals.backward(network, |l| if self.b[l - 1].is_empty() { &self.w[l - 1] } else { &self.b[l - 1] });
    }

    /// Mean loss and accuracy over `samples`.
    #[must_use]
    pub fn score(&self, network: &Architecture, samples: &Samples) -> Score {
        let (mut loss, mut correct) = (0.0, 0_usize);
        let (mut x, mut y) = (vec![0.0; network.layers[0]], vec![0.0; samples.target_width()]);
        let mut targets = Vec::new();
        for first in (0..samples.len()).step_by(BATCH) {
            let batch = first..samples.len().min(first + BATCH);
            let mut inputs = DMatrix::zeros(x.len(), batch.len());
            targets.clear();
            for (column, k) in batch.clone().enumerate() {
                samples.sample_into(k, &mut x, &mut y);
                inputs.column_mut(column).copy_from_slice(&x);
                targets.extend_from_slice(&y);
            }
            let outputs = self.forward(network, inputs);
            for (column, k) in batch.enumerate() {
                let answer: Vec<f64> = outputs.column(column).iter().copied().collect();
                loss += network.readout.loss(&answer, &targets[column * y.len()..][..y.len()]);
                correct += usize::from(samples.label(k) == largest(&answer));
            }
        }
        let count = samples.len() as f64;
        let accuracy = samples.label(0).is_some().then_some(correct as f64 / count);
        Score { loss: loss / count, accuracy }
    }

    /// Outputs for a batch of inputs, one sample a column.
    fn forward(&self, network: &Architecture, inputs: DMatrix<f64>) -> DMatrix<f64> {
        let mut x = inputs;
        for l in 1..=network.depth() {
            let (pre, post) = (network.layers[l - 1], network.layers[l]);
            let (rows, columns) = (Dyn(pre), Dyn(1));
            let w = DMatrixView::from_slice_with_strides_generic(
                &self.w[l - 1],
                Dyn(post),
                Dyn(pre),
                rows,
                columns,
            );
            let mut z = w * &x;
            for mut column in z.column_iter_mut() {
                column.iter_mut().zip(&self.bias[l - 1]).for_each(|(z, bias)| *z += bias);
                if l == network.depth() {
                    network.readout.apply(column.as_mut_slice());
                } else {
                    column.iter_mut().for_each(|z| *z = network.activation.apply(*z));
                }
            }
            x = z;
        }
        x
    }

    /// Symmetry of every layer with feedback weights of its own; errors are those of the first samples.
    #[must_use]
    pub fn symmetry(&self, network: &Architecture, samples: &Samples) -> Vec<Symmetry> {
        let with_feedback = (2..=network.depth()).filter(|l| !self.b[l - 1].is_empty());
        let angles = self.error_angles(network, samples);
        with_feedback
            .map(|layer| {
                let (w, b) = (&self.w[layer - 1], &self.b[layer - 1]);
                let difference: f64 = w.iter().zip(b).map(|(w, b)| (w - b).powi(2)).sum();
                Symmetry {
                    layer,
                    angle_deg: angle_deg(w, b).unwrap_or(f64::NAN),
                    relative_difference: (difference / norm2(w)).sqrt(),
                    error_angle_deg: angles[layer - 1],
                }
            })
            .collect()
    }

    /// Mean angle between the errors that `B_l` and `W_l` deliver, by layer.
    fn error_angles(&self, network: &Architecture, samples: &Samples) -> Vec<f64> {
        let mut signals = Signals::zeros(network);
        let mut sums = vec![(0.0, 0.0); network.depth()];
        for k in 0..samples.len().min(PROBES) {
            samples.sample_into(k, &mut signals.x[0], &mut signals.target);
            self.pass(network, &mut signals);
            for layer in (2..=network.depth()).filter(|l| !self.b[l - 1].is_empty()) {
                let mut through_b = vec![0.0; network.layers[layer - 1]];
                let mut through_w = through_b.clone();
                deliver(&self.b[layer - 1], &signals.delta[layer], &mut through_b);
                deliver(&self.w[layer - 1], &signals.delta[layer], &mut through_w);
                if let Some(angle) = angle_deg(&through_b, &through_w) {
                    sums[layer - 1].0 += angle;
                    sums[layer - 1].1 += 1.0;
                }
            }
        }
        sums.iter().map(|(sum, count)| sum / count).collect()
    }
}

/// Position of the largest value.
#[must_use]
pub fn largest(values: &[f64]) -> Option<u32> {
    (0_u32..).zip(values).max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
}

/// Angle between two vectors in degrees; `None` where one of them vanishes.
#[must_use]
pub fn angle_deg(a: &[f64], b: &[f64]) -> Option<f64> {
    let scale = (norm2(a) * norm2(b)).sqrt();
    // The arc tangent keeps its accuracy where the arc cosine loses it, at small angles.
    let (na, nb) = (norm2(a).sqrt(), norm2(b).sqrt());
    let minus: f64 = a.iter().zip(b).map(|(a, b)| (a / na - b / nb).powi(2)).sum();
    let plus: f64 = a.iter().zip(b).map(|(a, b)| (a / na + b / nb).powi(2)).sum();
    (scale > 0.0).then(|| 2.0 * minus.sqrt().atan2(plus.sqrt()).to_degrees())
}

fn norm2(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}
