//! Integrators: what carries the state from one breakpoint to the next.
//!
//! [`Integrator`] is the contract; [`diffsol`] is the engine built on general solvers.

pub mod exponential;

use serde::{Deserialize, Serialize};

use crate::dynamics::State;
use crate::error::SolverError;
use crate::network::Signals;
use crate::stream::Segment;
use crate::synapse::Coordinate;

/// The integration method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Explicit Runge-Kutta of order 5(4) (Tsitouras 2011, doi:10.1016/j.camwa.2011.06.002).
    Tsit45,
    /// Variable-order backward differentiation.
    Bdf,
    /// Singly diagonally implicit Runge-Kutta of order 2.
    TrBdf2,
    /// Singly diagonally implicit Runge-Kutta of order 3.
    Esdirk34,
}

/// Absolute tolerances, one a variable, in the variable's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AbsoluteTolerance {
    /// Forward weight.
    pub w: f64,
    /// Momentum traces.
    pub m: f64,
    /// Gains.
    pub rho: f64,
    /// Feedback weight.
    pub b: f64,
}

impl Default for AbsoluteTolerance {
    fn default() -> Self {
        Self { w: 1e-6, m: 1e-6, rho: 1e-3, b: 1e-6 }
    }
}

/// How to integrate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolverOptions {
    /// The method.
    pub method: Method,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerances.
    pub atol: AbsoluteTolerance,
    /// Variable in which the gain is integrated.
    pub gain_coordinate: Coordinate,
    /// Most steps between two breakpoints.
    pub max_steps: u64,
}

/// What an integration has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Evaluations of the right-hand side (or of all signals).
    pub evaluations: u64,
    /// Products with the Jacobian.
    pub jacobian_products: u64,
    /// Iterations of a nonlinear solver.
    pub newton_iterations: u64,
}

/// A read-only look at the state at one moment, in the model's own variables (`rho`, never `v`).
pub trait View {
    /// The time, s.
    fn t(&self) -> f64;
    /// Activities and errors at that time; `None` in a protocol.
    fn signals(&self) -> Option<&Signals>;
    /// The gradient signal of synapse `(post, pre)` of a block.
    fn g(&self, block: usize, post: usize, pre: usize) -> f64;
    /// One value: the variable at `slot` of synapse `(post, pre)` of a block.
    fn value(&self, block: usize, slot: usize, post: usize, pre: usize) -> f64;
    /// All values of the variable at `slot` of a block, `[post, pre]` row-major.
    fn read(&self, block: usize, slot: usize, out: &mut [f64]);
}

/// Called at the times that were asked for.
pub type Look<'a> = dyn FnMut(&dyn View) + 'a;

/// Carries the state exactly from breakpoint to breakpoint.
///
/// Looking never changes the state or the steps: the same segments end in the same bits whatever is looked at.
pub trait Integrator {
    /// Switches to the input of `segment`, which starts at the current time.
    ///
    /// # Errors
    /// Where the state or its derivative is not finite under the new input.
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError>;

    /// Shows the state at the current time under the current input.
    fn look(&mut self, look: &mut Look);

    /// Carries the state to the end of the current segment, and shows it at each of `times` (ascending, strictly
    /// within the segment) on the way.
    ///
    /// # Errors
    /// Where a step fails or the state is not finite: the error says when and where.
    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError>;

    /// The whole state at the current time, in the model's own variables.
    fn state(&self) -> State;

    /// What the integration has cost so far.
    fn statistics(&self) -> Statistics;
}
