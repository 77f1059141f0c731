//! Measuring a network without changing it: a copy of its weights, and its score on samples.

use nalgebra::DMatrix;

use super::signals::{Pathway, sign_symmetric};
use super::{Architecture, Signals};
use crate::dynamics::Dynamics;
use crate::solver::View;
use crate::stream::Presented;
use crate::synapse::FeedbackMode;

/// Samples that are passed forward at once.
const BATCH: usize = 256;

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
    /// Feedback "direct": `[outputs, units]` for each hidden layer; else empty.
    pub direct: Vec<Vec<f64>>,
}

/// How well a network answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Mean loss.
    pub loss: f64,
    /// Fraction of samples whose largest output is their label's; `None` without labels.
    pub accuracy: Option<f64>,
}

impl Weights {
    /// Reads the weights of a network.
    #[must_use]
    pub fn read(dynamics: &Dynamics, view: &dyn View) -> Self {
        let depth = dynamics.network().map_or(0, Architecture::depth);
        let mut weights = Self {
            w: vec![Vec::new(); depth],
            bias: vec![Vec::new(); depth],
            b: vec![Vec::new(); depth],
            direct: dynamics.direct.clone(),
        };
        let blocks = dynamics.layout.blocks.iter().enumerate().filter(|(_, block)| !block.is_neurons());
        for (index, block) in blocks {
            let read = |slot| {
                let mut values = vec![0.0; block.synapses()];
                view.read(index, slot, &mut values);
                values
            };
            let forward = if block.is_bias() { &mut weights.bias } else { &mut weights.w };
            forward[block.layer - 1] = read(0);
            // In a model whose weights follow one another, even biases have a `b`; it carries nothing.
            if let Some(slot) = block.slot("b").filter(|_| block.has_feedback()) {
                weights.b[block.layer - 1] = read(slot);
            }
        }
        if dynamics.feedback.mode == FeedbackMode::SignSymmetric {
            for (w, b) in weights.w.iter().zip(&mut weights.b).skip(1) {
                b.resize(w.len(), 0.0);
                sign_symmetric(w, b);
            }
        }
        weights
    }

    /// Activities and errors for one sample; `signals.x[0]` and `signals.target` hold the sample.
    pub fn pass(&self, network: &Architecture, signals: &mut Signals) {
        signals.forward(network, |l| (&self.w[l - 1], &self.bias[l - 1]));
        let layers =
            |l: usize| -> &[f64] { if self.b[l - 1].is_empty() { &self.w[l - 1] } else { &self.b[l - 1] } };
        let pathway =
            if self.direct.is_empty() { Pathway::Layers(&layers) } else { Pathway::Direct(&self.direct) };
        signals.backward(network, &pathway);
    }

    /// Mean loss and accuracy over `samples`.
    #[must_use]
    pub fn score(&self, network: &Architecture, samples: Presented<'_>) -> Score {
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
            // A copy in nalgebra's order of columns: its products of small matrices write out of bounds where one is a view
            // with strides (nalgebra 0.35.0).
            let w = DMatrix::from_row_slice(post, pre, &self.w[l - 1]);
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
}

/// Position of the largest value.
#[must_use]
pub fn largest(values: &[f64]) -> Option<u32> {
    (0_u32..).zip(values).max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(index, _)| index)
}
