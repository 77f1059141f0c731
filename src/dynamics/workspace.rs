//! Room for evaluations, so that they ask for no memory.

use super::{Dynamics, Source};
use crate::layout::{Block, BlockKind};
use crate::model;
use crate::network::Signals;
use crate::synapse::{FeedbackMode, Real};

/// Room for one evaluation: the signals.
#[derive(Clone, Debug)]
pub struct Workspace<T = f64> {
    /// Activities and errors. In a protocol, of each synapse: `delta[0]` is `g`, `delta[1]` the postsynaptic error, `x[0]`
    /// the presynaptic and `x[1]` the postsynaptic activity.
    pub signals: Signals<T>,
    /// Feedback "sign-symmetric": the weights that carry the error of layer `l` down, at `l - 1`; else empty.
    pub(super) derived: Vec<Vec<T>>,
    /// Growth rate of the weights into each neuron by synaptic scaling, by layer from 1; else empty.
    pub(super) growth: Vec<Vec<T>>,
    pub(super) one: [T; 1],
    /// Memory of compiled models.
    pub(super) room: model::Room,
}

impl Dynamics {
    /// Room for evaluations.
    #[must_use]
    pub fn workspace<T: Real>(&self) -> Workspace<T> {
        let signals = match &self.source {
            Source::Network(network) => Signals::zeros(network),
            Source::Protocol { scale } => {
                let each = || vec![vec![T::zero(); scale.len()]; 2];
                Signals { x: each(), delta: each(), target: Vec::new() }
            }
        };
        let derived = match &self.source {
            Source::Network(network) if self.feedback.mode == FeedbackMode::SignSymmetric => {
                network.layers.windows(2).map(|pair| vec![T::zero(); pair[0] * pair[1]]).collect()
            }
            _ => Vec::new(),
        };
        let growth = match (&self.source, &self.scaling) {
            (Source::Network(network), Some(_)) => {
                network.layers[1..].iter().map(|units| vec![T::zero(); *units]).collect()
            }
            _ => Vec::new(),
        };
        let room = self.model.as_ref().map_or_else(model::Room::default, |model| model.room());
        Workspace { signals, derived, growth, one: [T::one()], room }
    }
}

impl<T> Workspace<T> {
    /// Growth rates of the weights of a block by synaptic scaling; empty for none.
    pub(super) fn growth_of(&self, block: &Block) -> &[T] {
        match block.kind {
            BlockKind::Weights if !self.growth.is_empty() => &self.growth[block.layer - 1],
            _ => &[],
        }
    }
}
