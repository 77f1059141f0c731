//! Networks: activities forward, errors backward, and the gradient signal that each synapse sees.
//!
//! ```text
//! z_l = W_l x_{l-1} + bias_l         x_l = phi(z_l)
//! delta_L = x_L - y                  (the three readouts with their losses)
//! delta_l = phi'(z_l) * (B_{l+1} delta_{l+1})
//! g_ij = delta_i x_j
//! ```

pub mod activation;
pub mod evaluate;
pub mod init;
pub mod readout;
pub mod signals;
pub mod symmetry;

pub use activation::Activation;
pub use evaluate::{Score, Weights};
pub use readout::Readout;
pub use signals::{Pathway, Signals};

/// The shape of a dense network.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Units per layer, input first: at least two.
    pub layers: Vec<usize>,
    /// Activation of the hidden units.
    pub activation: Activation,
    /// Readout and its loss.
    pub readout: Readout,
    /// Whether each unit has a synapse from the unit that is always 1.
    pub bias: bool,
    /// Standard deviation of initial weights in units of `1/sqrt(pre)`.
    pub weight_scale: f64,
    /// Time constant of neurons and error units, s; 0 for none.
    pub neuron_tau: f64,
    /// Time constant of synaptic scaling, s, where it is on.
    pub scaling_tau: Option<f64>,
}

impl Architecture {
    /// Number of layers of synapses.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.layers.len() - 1
    }
}
