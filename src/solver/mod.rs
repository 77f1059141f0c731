//! Integrators: what carries the state from one breakpoint to the next.
//!
//! [`Integrator`] is the contract; [`exponential`] is our own engine for networks, [`general`] the one built on the diffsol
//! crate, [`discrete`] steps once a presentation.

pub mod discrete;
pub mod exponential;
pub mod general;
mod snapshot;
mod trouble;

use serde::{Deserialize, Serialize};

use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, State};
use crate::error::{DataError, Error, SolverError};
use crate::model::Input;
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
    /// Closed forms of every synapse, coupled by the neurons' signals: see [`exponential`].
    Exponential,
    /// One step a presentation, for discrete rules: no equation is solved.
    PerPresentation,
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
    /// Second moments (rule "adam").
    pub v: f64,
    /// Feedback weight.
    pub b: f64,
    /// Leaky neurons and error units.
    pub z: f64,
}

impl Default for AbsoluteTolerance {
    fn default() -> Self {
        Self { w: 1e-6, m: 1e-6, rho: 1e-3, v: 1e-9, b: 1e-6, z: 1e-6 }
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
    /// What the exponential engine needs to know besides.
    pub exponential: ExponentialSpec,
}

/// What the exponential engine needs to know besides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialSpec {
    /// Order of convergence.
    pub order: exponential::Order,
    /// Precision of the synaptic state.
    pub precision: exponential::Precision,
    /// Threads; 0 for as many as the machine has processors.
    pub threads: usize,
    /// Whether synapses of silent inputs are left behind until the input wakes.
    pub skip_silent: bool,
}

impl Default for ExponentialSpec {
    fn default() -> Self {
        let (order, precision) = (exponential::Order::Three, exponential::Precision::F64);
        Self { order, precision, threads: 0, skip_silent: true }
    }
}

/// Runs `body` with the integrator that `options` name, which starts from `initial`.
///
/// # Errors
/// Where the integrator can't be set up; the body's own result is passed through.
pub fn with_integrator<R>(
    dynamics: &Dynamics,
    initial: &State,
    options: &SolverOptions,
    body: impl FnOnce(&mut dyn Integrator) -> R,
) -> Result<R, Error> {
    match options.method {
        Method::Exponential => {
            let options = exponential::ExponentialOptions::new(options);
            let mut engine = exponential::Exponential::new(dynamics.clone(), initial, &options)?;
            Ok(body(&mut engine))
        }
        Method::PerPresentation => Ok(body(&mut discrete::PerPresentation::new(dynamics, initial))),
        Method::Tsit45 | Method::Bdf | Method::TrBdf2 | Method::Esdirk34 => {
            Ok(general::with_integrator(dynamics, initial, options, body)?)
        }
    }
}

/// What an integration has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl Statistics {
    /// Its name in a checkpoint.
    const NAME: &str = "solver.statistics";

    fn save(&self, to: &mut Archive) {
        let Self { steps, rejected, evaluations, jacobian_products, newton_iterations } = *self;
        to.put(Self::NAME, [steps, rejected, evaluations, jacobian_products, newton_iterations]);
    }

    fn restored(from: &Archive) -> Result<Self, DataError> {
        let counts: [u64; 5] = from.get_all(Self::NAME)?;
        if counts.iter().any(|count| *count > u64::MAX / 2) {
            return Err(from.broken(format!("`{}` counts more than there can be", Self::NAME)));
        }
        let [steps, rejected, evaluations, jacobian_products, newton_iterations] = counts;
        Ok(Self { steps, rejected, evaluations, jacobian_products, newton_iterations })
    }
}

/// A read-only look at the state at one moment, in the model's own variables (`rho`, never `v`).
pub trait View {
    /// The time, s.
    fn t(&self) -> f64;
    /// Activities and errors at that time; `None` in a protocol.
    fn signals(&self) -> Option<&Signals>;
    /// The gradient signal of synapse `(post, pre)` of a block.
    fn g(&self, block: usize, post: usize, pre: usize) -> f64;
    /// What a model's synapse `(post, pre)` of a block can see; NaN where the engine runs no models.
    fn input(&self, input: Input, block: usize, post: usize, pre: usize) -> f64 {
        if input == Input::G { self.g(block, post, pre) } else { f64::NAN }
    }
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

    /// Replaces the state at a breakpoint; what follows must be [`Integrator::begin`].
    fn set_state(&mut self, state: &State);

    /// What the integration has cost so far.
    fn statistics(&self) -> Statistics;

    /// Adds to a checkpoint, at a breakpoint, all that is needed to go on from there.
    fn save(&self, to: &mut Archive);

    /// Goes to where a checkpoint of the same system was; what follows must be [`Integrator::begin`], and ends in the same
    /// bits as what followed there.
    ///
    /// # Errors
    /// Where the checkpoint is of another system or method.
    fn restore(&mut self, from: &Archive) -> Result<(), DataError>;
}
