//! The whole system `dy/dt = f(t, y)`: neuron signals first, then every synapse on its own.
//!
//! The right-hand side is written once, for any [`Real`]: with dual numbers it gives products with the Jacobian.
//! `neurons` holds the activities and errors, `rates` the derivatives of synaptic variables.

mod arrange;
mod mirror;
mod neurons;
mod rates;
mod workspace;

use std::sync::Arc;

pub(crate) use neurons::present;
pub(crate) use rates::limited;
pub use workspace::Workspace;

use crate::layout::{Block, BlockKind, Layout};
use crate::model::{self, Plasticity};
use crate::network::{Architecture, Signals};
use crate::stream::{Drive, Segment};
use crate::synapse::{Coordinate, Feedback, Real, Synapse};

/// The state at one moment, in the model's own variables (`rho`, never `v`), arranged as a [`Layout`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The time, s.
    pub t: f64,
    /// The values.
    pub values: Vec<f64>,
}

/// Where the gradient signal of each synapse comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From the activities and errors of a network.
    Network(Architecture),
    /// From a protocol, times a factor for each synapse.
    Protocol {
        /// The factors.
        scale: Vec<f64>,
    },
}

/// The system of equations.
#[derive(Clone, Debug)]
pub struct Dynamics {
    /// Where each variable lives.
    pub layout: Layout,
    /// Where `g` comes from.
    pub source: Source,
    /// The synapse's own dynamics.
    pub synapse: Synapse,
    /// The synapse's own dynamics as a text, in place of the rule of `synapse`.
    pub model: Option<Arc<Plasticity>>,
    /// The feedback pathway.
    pub feedback: Feedback,
    /// Variable in which the gain is integrated.
    pub coordinate: Coordinate,
    /// Feedback "direct": what carries the output error to each hidden layer, `[outputs, units]`; else empty.
    pub direct: Vec<Vec<f64>>,
    /// Slow multiplicative scaling of incoming weights, where it is on.
    pub scaling: Option<Scaling>,
}

/// Synaptic scaling: a neuron whose incoming weights have shrunk below their start grows them again, in proportion.
///
/// `dw/dt` gains `s w` with `s = max(0, 1 - |w_i| / |w_i(0)|) / tau`, the norm being that of all weights into the neuron
/// `i` (without its bias), and `db/dt` of the same pair gains `s b`, so that `w - b` keeps its size beside `w`.
///
/// # References
/// Turrigiano et al. 1998, doi:10.1038/36103.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// Time constant, s.
    pub tau: f64,
    /// Norm of the weights into each neuron at the start, by layer from 1.
    pub norms: Vec<Vec<f64>>,
}

impl Dynamics {
    /// The system for `source` with these synapses.
    #[must_use]
    pub fn new(source: Source, synapse: Synapse, feedback: Feedback, coordinate: Coordinate) -> Self {
        Self::with_model(source, synapse, None, feedback, coordinate)
    }

    /// The system for `source` whose synapses follow `model`, where there is one.
    #[must_use]
    pub fn with_model(
        source: Source,
        synapse: Synapse,
        model: Option<Arc<Plasticity>>,
        feedback: Feedback,
        coordinate: Coordinate,
    ) -> Self {
        let layout = arrange::layout(&source, &synapse, model.as_deref(), &feedback);
        Self { layout, source, synapse, model, feedback, coordinate, direct: Vec::new(), scaling: None }
    }

    /// The same system with the matrices of feedback "direct".
    #[must_use]
    pub fn with_direct(self, direct: Vec<Vec<f64>>) -> Self {
        Self { direct, ..self }
    }

    /// The same system with synaptic scaling of time constant `tau` in s, which keeps the norms of `start`.
    #[must_use]
    pub fn with_scaling(mut self, tau: f64, start: &State) -> Self {
        let depth = self.network().map_or(0, Architecture::depth);
        let norms = (1..=depth).map(|l| {
            let block = self.weights_block(l)?;
            let rows = start.values[block.range(0)].chunks_exact(block.pre);
            Some(rows.map(|row| row.iter().map(|w| w * w).sum::<f64>().sqrt()).collect())
        });
        self.scaling = norms.collect::<Option<_>>().map(|norms| Scaling { tau, norms });
        self
    }

    /// The network, where there is one.
    #[must_use]
    pub fn network(&self) -> Option<&Architecture> {
        match &self.source {
            Source::Network(network) => Some(network),
            Source::Protocol { .. } => None,
        }
    }

    /// The block of the weights into layer `l`.
    #[must_use]
    pub fn weights_block(&self, l: usize) -> Option<&Block> {
        self.block(l, BlockKind::Weights)
    }

    /// The block of this kind in layer `l`.
    fn block(&self, l: usize, kind: BlockKind) -> Option<&Block> {
        self.layout.blocks.iter().find(|block| block.layer == l && block.kind == kind)
    }

    /// `W_l` and the biases of layer `l` (empty for none) within `y`.
    #[must_use]
    pub fn weights<'a, T>(&self, y: &'a [T], l: usize) -> (&'a [T], &'a [T]) {
        let values = |kind| self.block(l, kind).map_or(&[][..], |block| &y[block.range(0)]);
        (values(BlockKind::Weights), values(BlockKind::Bias))
    }

    /// The weights within `y` that carry the error of layer `l` down, stored as `W_l` is.
    #[must_use]
    pub fn feedback_weights<'a, T>(&self, y: &'a [T], l: usize) -> &'a [T] {
        self.weights_block(l).map_or(&[], |block| &y[block.range(block.slot("b").unwrap_or(0))])
    }

    /// Errors of the postsynaptic and activities of the presynaptic units of a block: `g_ij = delta_i x_j`.
    #[must_use]
    pub fn factors<'a, T>(&self, block: &Block, workspace: &'a Workspace<T>) -> (&'a [T], &'a [T]) {
        let signals = &workspace.signals;
        let x = if block.is_bias() || block.layer == 0 {
            &workspace.one[..]
        } else {
            &signals.x[block.layer - 1]
        };
        (&signals.delta[block.layer], x)
    }

    /// What the synapses of a block see.
    #[must_use]
    pub fn site<'a, T>(&self, block: &Block, workspace: &'a Workspace<T>) -> model::Site<'a, T> {
        let Signals { x, delta, .. } = &workspace.signals;
        match (&self.source, block.layer) {
            (Source::Protocol { .. }, _) => {
                model::Site { g: &delta[0], delta: &delta[1], x: &x[0], y: &x[1], pre: 1 }
            }
            (Source::Network(_), layer) => {
                let pre = if block.is_bias() { &workspace.one[..] } else { &x[layer - 1] };
                model::Site { g: &[], delta: &delta[layer], x: pre, y: &x[layer], pre: block.pre }
            }
        }
    }

    /// The right-hand side at time `t` within `segment`.
    ///
    /// # Shapes
    /// `y` and `dydt` have the layout's length and hold the gain in [`Dynamics::coordinate`].
    pub fn derivative<T: Real>(
        &self,
        segment: &Segment,
        t: f64,
        y: &[T],
        dydt: &mut [T],
        workspace: &mut Workspace<T>,
    ) {
        self.signals(segment, t, y, workspace);
        if let Drive::Mirror { layer, .. } = &segment.drive {
            return self.mirror(*layer, y, dydt, workspace);
        }
        self.grow(y, workspace);
        if let Some(model) = &self.model {
            self.compiled(model, t, y, dydt, workspace);
        } else {
            let evaluation = rates::Evaluation { dynamics: self, t, y, dydt, workspace };
            self.synapse.rule.visit(self.synapse.eta, self.coordinate, evaluation);
        }
        self.relax(y, dydt, workspace);
    }

    /// The drive `u` in 1/s at time `t` of a synapse with these local variables (the model's own) and this `g`.
    #[must_use]
    pub fn drive(&self, t: f64, locals: &[f64], g: f64) -> f64 {
        self.synapse.rule.visit(self.synapse.eta, Coordinate::Rho, rates::Drives { t, locals, g })
    }

    /// Turns the model's own variables into the integrated ones, in place.
    pub fn integrated(&self, values: &mut [f64]) {
        self.each_gain(values, |rho| (rho * rho).recip());
    }

    /// Turns the integrated variables into the model's own, in place.
    pub fn own(&self, values: &mut [f64]) {
        self.each_gain(values, |v| v.sqrt().recip());
    }

    fn each_gain(&self, values: &mut [f64], convert: impl Fn(f64) -> f64) {
        for block in &self.layout.blocks {
            for slot in (0..block.variables.len()).filter(|slot| self.is_inverse_square(block, *slot)) {
                values[block.range(slot)].iter_mut().for_each(|value| *value = convert(*value));
            }
        }
    }

    /// Whether the variable at `slot` is a gain that is integrated as `v = rho^-2`.
    #[must_use]
    pub fn is_inverse_square(&self, block: &Block, slot: usize) -> bool {
        self.coordinate == Coordinate::V && block.variables[slot].starts_with("rho")
    }
}

impl Dynamics {
    /// Derivatives of synapses whose dynamics are a text.
    fn compiled<T: Real>(
        &self,
        model: &Plasticity,
        t: f64,
        y: &[T],
        dydt: &mut [T],
        workspace: &mut Workspace<T>,
    ) {
        let mut room = std::mem::take(&mut workspace.room);
        for block in self.layout.blocks.iter().filter(|block| !block.is_neurons()) {
            let site = self.site(block, workspace);
            let place = block.offset..block.offset + block.len();
            let growth = workspace.growth_of(block);
            let sees = (&site, block.has_feedback());
            model.rates(sees, growth, t, &y[place.clone()], &mut dydt[place], &mut room);
        }
        workspace.room = room;
    }
}
