//! The exponential engine: a network integrated at the speed of memory.
//!
//! Synapses are coupled only through the activities and errors of the neurons. Given these as polynomials in time, every
//! synapse has a local flow in closed form (`flow`, `gain`), so that a step is one read and one write of the state, however
//! stiff the gain (exponential time differencing: Cox & Matthews 2002, doi:10.1006/jcph.2002.6995; Hochbruck & Ostermann
//! 2010, doi:10.1017/S0962492910000048; exact integration: Rotter & Diesmann 1999, doi:10.1007/s004220050570).
//!
//! # A step
//! 1. Signals at `t`, from the weights.
//! 2. Local flows with the signals frozen, to `t + h/2` and `t + h`: only the products that give the signals there are formed,
//!    nothing is stored. These signals are accurate to third order. For order 4, once more, with the signals as
//!    quadratics: fifth.
//! 3. The error estimate, from the signals alone and the gains seen in 2: what the curvature of the signals (order 2 and
//!    3) or their last change (order 4) does to `m`, `rho` and `w`, over each layer and for its hottest synapse. A rejected
//!    step has changed nothing. Jumps count in full: signs of weights, slopes of units. What order 2 leaves out of a
//!    step counts as if it lasted for the whole segment.
//! 4. Local flows with the signals as straight lines (order 2) or quadratics (orders 3 and 4), in place.
//!
//! Leaky neurons and error units relax exactly under what arrives as a quadratic through the nodes. Since their rates of
//! change are known there, so is what the quadratics leave out.
//!
//! Synaptic scaling is split off, to second order: half a step of growth before the synapses' step and half after it, in closed
//! form, as large as the norms of the weights ask for. No input is left behind then.
//!
//! Bio-Adam with gain "rms" and no leak, the common synapse, has loops of its own (`swift`): its frozen flows in 2 are cut to second
//! order (`outlook`), and what its short series do not take goes the long way, one synapse at a time.
//!
//! Inputs that are silent for a whole segment leave their synapses behind; these catch up by closed forms when the input
//! wakes. Whoever looks sees a copy brought up to date.
//!
//! # Order at kinks
//! With the soft bound every zero of an `m` is a kink of `|u|`. It is cut out of that synapse's own flow, but it is also a
//! jump in the second derivative of the signals: order 4 is seen without the bound, and order 3 with it.

// A kernel's instruction set reaches only what is inlined into it.
#![allow(clippy::inline_always)]

mod aligned;
mod careful;
mod cell;
mod checkpoint;
mod common;
mod control;
mod crew;
mod elementary;
mod engine;
mod error_norm;
mod factors;
mod flow;
mod form;
mod gain;
mod gap;
mod grow;
mod idle;
mod kernels;
mod lane;
mod line;
mod outlook;
mod pack;
mod pass;
mod phi;
mod relax;
mod rows;
mod rule;
mod shard;
mod sight;
mod strand;
mod swift;
#[cfg(test)]
mod tests;
mod transfer;
mod twin;
mod view;

use serde::{Deserialize, Serialize};

use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, State};
use crate::error::{ConfigError, DataError, SolverError};
use crate::network::Architecture;
use crate::solver::{AbsoluteTolerance, ExponentialSpec, Integrator, Look, SolverOptions, Statistics};
use crate::stream::Segment;
use crate::synapse::{FeedbackMode, GAINS};
use engine::Engine;

/// Order of convergence: 2, 3 or 4 in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Order {
    /// Signals as straight lines over a step; the error estimate is sharp.
    Two,
    /// Signals as quadratics: more accurate than order 2 at the same cost, its estimate that of order 2.
    Three,
    /// Signals as quadratics, corrected once more: for tight tolerances.
    Four,
}

impl TryFrom<u8> for Order {
    type Error = String;
    fn try_from(order: u8) -> Result<Self, String> {
        match order {
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            4 => Ok(Self::Four),
            _ => Err(format!("there is no order {order}: take 2, 3 or 4")),
        }
    }
}

impl From<Order> for u8 {
    fn from(order: Order) -> Self {
        match order {
            Order::Two => 2,
            Order::Three => 3,
            Order::Four => 4,
        }
    }
}

/// Precision of the synaptic state; signals and error norms are always in `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    F32,
    /// 64 bits.
    F64,
}

/// How to integrate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialOptions {
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerances.
    pub atol: AbsoluteTolerance,
    /// Order of convergence.
    pub order: Order,
    /// Precision of the synaptic state.
    pub precision: Precision,
    /// Threads; 0 for as many as the machine has cores. The result does not depend on it.
    pub threads: usize,
    /// Whether synapses of silent inputs are left behind until the input wakes.
    pub skip_silent: bool,
    /// Most steps between two breakpoints.
    pub max_steps: u64,
}

impl ExponentialOptions {
    /// Those of a configuration.
    #[must_use]
    pub fn new(options: &SolverOptions) -> Self {
        let ExponentialSpec { order, precision, threads, skip_silent } = options.exponential;
        let SolverOptions { rtol, atol, max_steps, .. } = *options;
        Self { rtol, atol, order, precision, threads, skip_silent, max_steps }
    }
}

impl Default for ExponentialOptions {
    fn default() -> Self {
        Self {
            rtol: 1e-4,
            atol: AbsoluteTolerance::default(),
            order: Order::Three,
            precision: Precision::F64,
            threads: 0,
            skip_silent: true,
            max_steps: 100_000,
        }
    }
}

/// Smallest relative tolerance that a state of 32 bits can follow.
pub const SMALLEST_F32: f64 = 1e-5;
/// Smallest relative tolerance that a state of 64 bits can follow.
pub const SMALLEST_F64: f64 = 1e-13;

/// The engine, in the precision that was asked for.
pub struct Exponential {
    engine: Box<dyn Integrator + Send>,
}

impl Exponential {
    /// An engine for `dynamics`, at `initial` (in the model's own variables).
    ///
    /// # Errors
    /// Where the options or the initial state are none that it can work with: the error names the key.
    pub fn new(
        dynamics: Dynamics,
        initial: &State,
        options: &ExponentialOptions,
    ) -> Result<Self, ConfigError> {
        supports(&dynamics)?;
        check(&dynamics, initial, options)?;
        let engine: Box<dyn Integrator + Send> = match options.precision {
            Precision::F64 => Box::new(Engine::<f64>::new(dynamics, initial, options)?),
            Precision::F32 => Box::new(Engine::<f32>::new(dynamics, initial, options)?),
        };
        Ok(Self { engine })
    }
}

/// Refuses a system that the method has no closed forms for.
///
/// # Errors
/// The key that asks for it, why not, and what to do.
pub fn supports(dynamics: &Dynamics) -> Result<(), ConfigError> {
    let refuse = |key: &str, what: &str| {
        let reason = format!("asks for {what}, which method \"exponential\" does not integrate");
        Err(ConfigError::new(key, reason, "take solver.method = \"tsit45\""))
    };
    if dynamics.model.is_some() {
        return refuse("synapse.model", "a model");
    }
    let network = dynamics.network();
    let scales = network.is_some_and(|network: &Architecture| network.scaling_tau.is_some());
    if (scales || dynamics.scaling.is_some()) && dynamics.feedback.mode == FeedbackMode::SignSymmetric {
        return refuse("neuron.scaling_tau", "synaptic scaling together with feedback \"sign-symmetric\"");
    }
    match dynamics.feedback.mode {
        FeedbackMode::Predisposition
        | FeedbackMode::KolenPollack
        | FeedbackMode::Fixed
        | FeedbackMode::Symmetric
        | FeedbackMode::SignSymmetric
        | FeedbackMode::Direct
        | FeedbackMode::WeightMirror => Ok(()),
        FeedbackMode::Model => refuse("feedback.mode", "a model's feedback weight"),
    }
}

/// Refuses options and starts that the method can't work with.
fn check(dynamics: &Dynamics, initial: &State, options: &ExponentialOptions) -> Result<(), ConfigError> {
    let smallest = match options.precision {
        Precision::F32 => SMALLEST_F32,
        Precision::F64 => SMALLEST_F64,
    };
    if !(options.rtol >= smallest && options.rtol < 1.0) {
        let reason = format!("{} can't be kept in this precision", options.rtol);
        let remedy = format!("choose a relative tolerance from {smallest:e} to below 1");
        return Err(ConfigError::new("solver.rtol", reason, remedy));
    }
    if options.max_steps == 0 {
        return Err(ConfigError::new("solver.max_steps", "no step is allowed", "choose at least 1"));
    }
    if initial.values.len() != dynamics.layout.len() {
        let reason = format!("{} values for a state of {}", initial.values.len(), dynamics.layout.len());
        return Err(ConfigError::new("network.init", reason, "start from a state of the same network"));
    }
    let slots = dynamics
        .layout
        .blocks
        .iter()
        .flat_map(|block| (0..block.variables.len()).map(move |slot| (block, slot)));
    let bad = slots.into_iter().find_map(|(block, slot)| {
        let is_gain = block.variables[slot].starts_with("rho");
        let [least, most] = if is_gain { [*GAINS.start(), *GAINS.end()] } else { [f64::MIN, f64::MAX] };
        let good = |value: f64| value >= least && value <= most;
        let range = block.range(slot);
        // To look at all takes less time than to stop at one.
        let are_good = initial.values[range.clone()].iter().fold(true, |all, value| all & good(*value));
        (!are_good).then_some(range)?.find(|index| !good(initial.values[*index]))
    });
    bad.and_then(|index| dynamics.layout.place(index).map(|place| (place, initial.values[index]))).map_or(
        Ok(()),
        |(place, value)| {
            let reason = format!("{} of {} starts at {value:?}", place.variable, place.synapse);
            Err(ConfigError::new(
                "network.init",
                reason,
                "start from finite values, and gains from 1e-15 to 1e15",
            ))
        },
    )
}

impl Integrator for Exponential {
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.engine.begin(segment)
    }
    fn look(&mut self, look: &mut Look) {
        self.engine.look(look);
    }
    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError> {
        self.engine.advance(times, look)
    }
    fn state(&self) -> State {
        self.engine.state()
    }
    fn set_state(&mut self, state: &State) {
        self.engine.set_state(state);
    }
    fn statistics(&self) -> Statistics {
        self.engine.statistics()
    }
    fn save(&self, to: &mut Archive) {
        self.engine.save(to);
    }
    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        self.engine.restore(from)
    }
}
