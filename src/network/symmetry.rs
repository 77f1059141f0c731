//! How close feedback weights are to forward weights, and the errors that they deliver to those of the forward weights.

use super::evaluate::Weights;
use super::signals::{Pathway, deliver};
use super::{Architecture, Signals};
use crate::stream::Presented;

/// Most samples over which the alignment of errors is averaged.
const PROBES: usize = 256;

/// How close a layer's feedback is to that of its forward weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symmetry {
    /// The layer whose weights, or those that stand for them, carry the error down.
    pub layer: usize,
    /// Angle between `W` and `B` as vectors, degrees; NaN with feedback "direct".
    pub angle_deg: f64,
    /// `|W - B| / |W|`; NaN with feedback "direct".
    pub relative_difference: f64,
    /// Mean angle between the error delivered and the one that forward weights would deliver, degrees.
    pub error_angle_deg: f64,
}

impl Weights {
    /// Symmetry of every layer whose errors come down through other weights than its own; the errors are those of the
    /// first samples.
    #[must_use]
    pub fn symmetry(&self, network: &Architecture, samples: Presented<'_>) -> Vec<Symmetry> {
        let angles = self.error_angles(network, samples);
        let layers = (2..=network.depth()).filter(|l| !self.direct.is_empty() || self.is_paired(*l));
        layers
            .map(|layer| {
                let (w, b) = (&self.w[layer - 1], &self.b[layer - 1]);
                let difference: f64 = w.iter().zip(b).map(|(w, b)| (w - b).powi(2)).sum();
                let measured = |value: f64| if self.is_paired(layer) { value } else { f64::NAN };
                Symmetry {
                    layer,
                    angle_deg: measured(angle_deg(w, b).unwrap_or(f64::NAN)),
                    relative_difference: measured((difference / norm2(w)).sqrt()),
                    error_angle_deg: angles[layer - 1],
                }
            })
            .collect()
    }

    /// Whether each weight of the layer has a feedback weight.
    fn is_paired(&self, layer: usize) -> bool {
        !self.b[layer - 1].is_empty()
    }

    /// Mean angle between the error that comes down from layer `l` and the one that forward weights would deliver, at
    /// `l - 1`; NaN where they do deliver it.
    fn error_angles(&self, network: &Architecture, samples: Presented<'_>) -> Vec<f64> {
        let mut signals = Signals::zeros(network);
        let mut sums = vec![(0.0, 0.0); network.depth()];
        for k in 0..samples.len().min(PROBES) {
            samples.sample_into(k, &mut signals.x[0], &mut signals.target);
            self.pass(network, &mut signals);
            for (angle, sum) in self.angles(network, &signals).into_iter().zip(&mut sums) {
                if let Some(angle) = angle {
                    *sum = (sum.0 + angle, sum.1 + 1.0);
                }
            }
        }
        sums.iter().map(|(sum, count)| sum / count).collect()
    }

    /// The angles for one sample, by layer.
    ///
    /// Layer by layer, `B` and `W` are given the same error of layer `l`; feedback "direct" is compared with the error
    /// that comes all the way through forward weights.
    fn angles(&self, network: &Architecture, signals: &Signals) -> Vec<Option<f64>> {
        let mut all_the_way = signals.clone();
        if !self.direct.is_empty() {
            all_the_way.backward(network, &Pathway::Layers(&|l| &self.w[l - 1]));
        }
        let angle = |layer: usize| {
            if !self.direct.is_empty() {
                return angle_deg(&signals.delta[layer - 1], &all_the_way.delta[layer - 1]);
            }
            if !self.is_paired(layer) {
                return None;
            }
            let delivered = |weights: &[f64]| {
                let mut error = vec![0.0; network.layers[layer - 1]];
                deliver(weights, &signals.delta[layer], &mut error);
                error
            };
            angle_deg(&delivered(&self.b[layer - 1]), &delivered(&self.w[layer - 1]))
        };
        (1..=network.depth()).map(|layer| if layer == 1 { None } else { angle(layer) }).collect()
    }
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
