//! Synaptic scaling: the weights into a neuron that have shrunk below their start grow in proportion.
//!
//! ```text
//! dw/dt = ... + s_i w,   s_i = max(0, 1 - q_i) / tau,   q_i = |w_i| / |w_i(0)|
//! ```
//! On its own this has a closed form, `w(t) = w(0) / (q + (1 - q) exp(-t/tau))` with the `q` of its start. A step grows for its first
//! half, then goes as without scaling, then grows for its second half (Strang 1968, doi:10.1137/0705041); the signals see
//! the weights as grown as they are at each node. What that leaves out is of third order in the step, and small where `tau` is long:
//! - `s_i` times the first moment of `u`, which is up to `h^2/12` of its change;
//! - of what arrives, half the growth times its change over the step, since weights learn after they have grown;
//! - a growth rate that does not change in a straight line.
//!
//! All three are part of the error estimate, and hold the engine to order 2 where they count.

use super::super::aligned::Aligned;
use super::super::error_norm::Growing;
use super::super::lane::Lane;
use super::super::pass::Task;
use super::super::rule::Driver;
use super::super::view::ByUnit;
use super::Engine;
use super::seen::pad;
use super::track::Reach;
use crate::dynamics::{Dynamics, Scaling};
use crate::error::SolverError;

/// Synaptic scaling over a step; by layer, none in layer 0.
#[derive(Clone, Debug)]
pub struct Growth {
    /// Time constant, s.
    tau: f64,
    /// Norms of the weights into each neuron at the start of the run.
    norms: ByUnit,
    /// Norms now, as parts of that; 1 where nothing grows.
    parts: ByUnit,
    /// Factors by which weights have grown at the inner node and at the end of the step.
    pub at: [ByUnit; 2],
}

impl Growth {
    /// That of `dynamics`, where it is on.
    #[must_use]
    pub fn new(dynamics: &Dynamics) -> Option<Self> {
        let Scaling { tau, norms } = dynamics.scaling.as_ref()?;
        let norms: Vec<_> = std::iter::once(Vec::new()).chain(norms.iter().cloned()).collect();
        let ones: Vec<_> = norms.iter().map(|norms| vec![1.0; norms.len()]).collect();
        Some(Self { tau: *tau, norms, parts: ones.clone(), at: [ones.clone(), ones] })
    }

    /// Looks at a step of length `h` with its inner node at the part `inner`.
    pub fn prepare(&mut self, h: f64, inner: f64) {
        self.at = [inner * h, h].map(|t| self.factors(t));
    }

    /// How much weights grow in a time.
    #[must_use]
    pub fn factors(&self, t: f64) -> ByUnit {
        let left = (-t / self.tau).exp();
        // What is zero stays so.
        let factor = |part: &f64| if *part > 0.0 { (part + (1.0 - part) * left).recip() } else { 1.0 };
        self.parts.iter().map(|parts| parts.iter().map(factor).collect()).collect()
    }

    /// Is told that all weights have grown by these factors.
    fn grown(&mut self, factors: &ByUnit) {
        let pairs = self.parts.iter_mut().flatten().zip(factors.iter().flatten());
        pairs.for_each(|(part, factor)| *part *= factor);
    }

    /// Learns the sums of squares of the weights into layer `l`.
    fn weigh(&mut self, l: usize, squares: &[f64]) {
        for ((part, norm), square) in self.parts[l].iter_mut().zip(&self.norms[l]).zip(squares) {
            let norm = if *norm > 0.0 { square.sqrt() / norm } else { 1.0 };
            *part = norm.min(1.0);
        }
    }
}

impl<T: Lane> Engine<T> {
    /// Learns what the weights into each neuron weigh: at a breakpoint, and after the synapses' step.
    pub(super) fn weigh(&mut self) -> Result<(), SolverError> {
        let Some(mut growth) = self.growth.take() else { return Ok(()) };
        let result = self.pass(Task::Squares, None);
        for (l, parts) in growth.parts.clone().iter().enumerate().skip(1) {
            let mut squares = vec![0.0; parts.len()];
            self.sum_weights(l, &mut squares);
            growth.weigh(l, &squares);
        }
        self.growth = Some(growth);
        result
    }

    /// Lets all weights grow for a time.
    pub(super) fn grow(&mut self, t: f64) -> Result<(), SolverError> {
        let Some(growth) = &mut self.growth else { return Ok(()) };
        let factors = growth.factors(t);
        growth.grown(&factors);
        self.crew.with_job(|job| {
            job.growth.resize_with(factors.len(), Aligned::default);
            job.growth.iter_mut().zip(&factors).for_each(|(to, from)| pad(to, from));
        });
        self.pass(Task::Grow, None)
    }

    /// How much a weight of layer `l` changes over a step, at most, per `reach rho`, where the error is `delta`.
    fn learned(&self, l: usize, h: f64, delta: f64) -> f64 {
        let Reach { square, .. } = &self.reach[l];
        let spread = square.sqrt();
        let drive = match self.constants.driver {
            Driver::Signal => delta,
            // The traces as they are on average, in proportion to the reach.
            Driver::Trace if spread > 0.0 => {
                self.gained(h)[0] * delta
                    + self.size[l].m * (self.nodes[0].x[l - 1].len() as f64).sqrt() / spread
            }
            Driver::Trace => 0.0,
        };
        self.constants.eta * h * drive
    }

    /// What the weights into unit `i` of layer `l` are off by in a prediction, per `reach rho`: half their growth times their change.
    pub(super) fn ungrown(&self, l: usize, i: usize, h: f64, delta: f64) -> f64 {
        let Some(growth) = &self.growth else { return 0.0 };
        0.5 * (growth.at[1][l][i] - 1.0) * self.learned(l, h, delta)
    }

    /// What scaling adds to the error of layer `l`, given the largest `|delta_i|`.
    pub(super) fn growing(&self, l: usize, h: f64, delta: &[f64]) -> Option<Growing> {
        let growth = self.growth.as_ref()?;
        let [start, _, end] = &self.nodes;
        let moved = |a: &f64, b: &f64| (b - a).abs();
        let below = start.x[l - 1].iter().zip(&end.x[l - 1]).zip(&self.reach[l].each);
        let pre = below.filter(|(_, reach)| **reach > 0.0);
        let pre = pre.fold(0.0, |top: f64, ((a, b), reach)| top.max(moved(a, b) / reach));
        // What any signal may be off by, in parts of its change.
        let top = growth.at[1].iter().flatten().fold(1.0, |top: f64, factor| top.max(*factor)) - 1.0;
        let span = self.span(h);
        // Moments of the drive do not add up to traces, unlike errors of signals.
        let each = match self.constants.driver {
            Driver::Trace => self.gained(h)[0] / self.gained(span)[0],
            Driver::Signal => 1.0,
        };
        let mut growing = Growing::default();
        for (i, delta) in delta.iter().enumerate() {
            let change = moved(&start.delta[l][i], &end.delta[l][i]);
            growing.signals.push(0.5 * top * (change + pre * delta));
            let learned = self.learned(l, h, *delta);
            growing.drive.push(each * (growth.at[1][l][i] - 1.0) / 6.0 * learned / (self.constants.eta * h));
            let (step, norm) = (learned * self.risk[l][0][i].sqrt(), growth.norms[l][i]);
            growing.rate.push(if norm > 0.0 { span / growth.tau * step / norm / 12.0 } else { 0.0 });
        }
        Some(growing)
    }
}
