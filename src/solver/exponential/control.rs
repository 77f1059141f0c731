//! Step size control.
//!
//! The estimate is the difference of two solutions of neighbouring order, per layer: root mean square and largest synapse
//! of `w`, `m` and `rho`, each against its tolerance. The step follows by a PI controller (Gustafsson 1991,
//! doi:10.1145/210232.210242).

use super::Order;
use super::rule::{Constants, Scale};

/// Aims below the tolerance by this factor.
const SAFETY: f64 = 0.9;
/// Shortest step to begin with, as a part of the time to go: what relaxes within less is felt by nothing else.
const SHORTEST: f64 = 1e-10;
/// Limits of the change from step to step.
const CHANGE: [f64; 2] = [0.2, 5.0];

/// The controller.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Length that is tried next, s.
    pub h: f64,
    /// Error of the last accepted step, in units of the tolerance.
    last: f64,
    /// Power of `h` that the estimate goes with.
    power: f64,
    /// Longest step, s.
    pub longest: f64,
    /// Length that is tried first after a change of input, s; none where nothing relaxes after it.
    pub first: Option<f64>,
    /// Whether no step has been accepted since.
    starts: bool,
    /// Length and error of the attempt before, where it was rejected.
    rejected: Option<[f64; 2]>,
}

impl Control {
    /// A controller for `order`.
    #[must_use]
    pub fn new(order: Order, constants: &Constants, first: Option<f64>) -> Self {
        let power = match order {
            // Errors that last the same time however short the step is.
            Order::Two => 2.0,
            Order::Three | Order::Four => 4.0,
        };
        Self {
            h: f64::INFINITY,
            last: 1.0,
            power,
            longest: longest(constants),
            first,
            starts: false,
            rejected: None,
        }
    }

    /// What it has learned, for a checkpoint.
    #[must_use]
    pub fn memory(&self) -> [f64; 2] {
        [self.h, self.last]
    }

    /// Goes to where [`Control::memory`] was this.
    pub fn remember(&mut self, memory: [f64; 2]) {
        [self.h, self.last] = memory;
    }

    /// Is told that the input has changed, for a time of `length`.
    ///
    /// What relaxes after it asks for steps much shorter than those before: about as long as after the last change.
    pub fn restart(&mut self, length: f64) {
        if let Some(first) = self.first {
            (self.h, self.last, self.starts) = (first.max(SHORTEST * length), 1.0, true);
        }
    }

    /// Learns from an accepted step of length `h`.
    ///
    /// A step that was cut short to end at a breakpoint tells what its full length would have cost.
    pub fn accept(&mut self, h: f64, error: f64) {
        let full = self.h.min(CHANGE[1] * h);
        let error = (error * (full / h).powf(self.power)).max(1e-10);
        let factor = SAFETY * error.powf(-0.7 / self.power) * self.last.powf(0.4 / self.power);
        self.h = (full * factor.max(CHANGE[0])).min(CHANGE[1] * h);
        self.last = error;
        self.rejected = None;
        if std::mem::take(&mut self.starts) {
            self.first = Some(self.h);
        }
    }

    /// Learns from a rejected step of length `h`.
    ///
    /// Two in a row show by what power the error falls there: where a signal jumps, by the first.
    pub fn reject(&mut self, h: f64, error: f64) {
        let power = self.rejected.replace([h, error]).map_or(self.power, |[longer, larger]| {
            let seen = (larger / error).ln() / (longer / h).ln();
            if seen.is_nan() { self.power } else { seen.clamp(1.0, self.power) }
        });
        let factor = if error.is_finite() { SAFETY * error.powf(-1.0 / power) } else { 0.0 };
        self.h = h * factor.clamp(CHANGE[0], SAFETY);
    }

    /// Cuts `remaining` time into equal steps and gives the length of the first.
    #[must_use]
    pub fn next(&self, remaining: f64) -> f64 {
        let h = self.h.min(self.longest);
        let count = (remaining / h * (1.0 - 1e-9)).ceil().max(1.0);
        remaining / count
    }
}

/// Longest step for which the closed forms that are cut series hold to the tolerance, whatever the signals do.
///
/// Simpson's rule on `exp(-h/tau)` is off by `x^4/2880`; the first term left out of the series in `y` is `y^3/7`, where
/// `y <= x/2` for `x = h/tau_rho`; a leak enters to second order times the exponent.
fn longest(constants: &Constants) -> f64 {
    let rtol = constants.rtol;
    let simpson = (2880.0 * rtol).powf(0.25);
    let gain = match constants.scale {
        Scale::Rms => (56.0 * rtol).cbrt() * constants.tau_rho,
        // Exact for a constant |g|; what its variation does is part of the error estimate.
        Scale::MeanAbs | Scale::Root => simpson * constants.tau_rho,
        Scale::Unit => f64::INFINITY,
    };
    let leak = constants.leak();
    let leak = if leak > 0.0 { simpson / leak } else { f64::INFINITY };
    (simpson * constants.tau_m).min(gain).min(leak).min(constants.ageless())
}
