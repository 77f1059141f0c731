//! Derivatives of synaptic variables, once the neurons' signals are known.

use super::{Dynamics, Workspace};
use crate::synapse::{Real, Rule, RuleVisitor, WeightDependence};

/// Derivatives beyond this are cut to it, so that an overflowing trial step is rejected by its size: solvers may
/// take NaN for success.
const LARGEST_DERIVATIVE: f64 = 1e50;

/// One evaluation of the drive of one synapse.
pub(super) struct Drives<'a> {
    pub t: f64,
    pub locals: &'a [f64],
    pub g: f64,
}

impl RuleVisitor for Drives<'_> {
    type Out = f64;
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) -> f64 {
        rule.drive(self.t, std::array::from_fn(|k| self.locals[k]), self.g)
    }
}

/// One evaluation of the right-hand side, once the signals are known.
pub(super) struct Evaluation<'a, T> {
    pub dynamics: &'a Dynamics,
    pub t: f64,
    pub y: &'a [T],
    pub dydt: &'a mut [T],
    pub workspace: &'a Workspace<T>,
}

impl<T: Real> RuleVisitor for Evaluation<'_, T> {
    type Out = ();
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) {
        let Dynamics { layout, synapse, feedback, .. } = self.dynamics;
        let forward = synapse.weight_dependence(self.t);
        for block in layout.blocks.iter().filter(|block| !block.is_neurons()) {
            let factors = self.dynamics.factors(block, self.workspace);
            let place = block.offset..block.offset + block.len();
            let (y, dydt) = (&self.y[place.clone()], &mut self.dydt[place]);
            let backward = block.slot("b").map(|slot| Backward {
                slot,
                weight: feedback.weight_dependence(forward),
                own: feedback.has_own_traces(),
            });
            let growth = self.workspace.growth_of(block);
            let rates = Rates { rule, t: self.t, forward, backward };
            rates.fill(factors, growth, y, dydt);
        }
    }
}

/// The feedback weights of a block: their slot, and how they learn (`None`: not at all).
struct Backward {
    slot: usize,
    weight: Option<WeightDependence>,
    own: bool,
}

/// What the derivatives of a block's variables follow.
struct Rates<R> {
    rule: R,
    t: f64,
    forward: WeightDependence,
    backward: Option<Backward>,
}

impl<R> Rates<R> {
    /// Derivatives of every variable of a block whose `g_ij` is `delta_i x_j`, and whose weights into neuron `i` grow at
    /// the rate `growth[i]` (all of them 0 if empty).
    fn fill<const N: usize, T: Real>(&self, (delta, x): (&[T], &[T]), growth: &[T], y: &[T], dydt: &mut [T])
    where
        R: Rule<N>,
    {
        let pre = x.len();
        let n = delta.len() * pre;
        for (i, delta) in delta.iter().enumerate() {
            let growth = growth.get(i).copied().unwrap_or_else(T::zero);
            for (j, x) in x.iter().enumerate() {
                let s = i * pre + j;
                let g = *delta * *x;
                let mut local = |first: usize| {
                    let local = std::array::from_fn(|k| y[(first + k) * n + s]);
                    for (k, rate) in self.rule.derivative(local, g).into_iter().enumerate() {
                        dydt[(first + k) * n + s] = limited(rate);
                    }
                    self.rule.drive(self.t, local, g)
                };
                let u = local(1);
                if let Some(Backward { slot, weight, own }) = &self.backward {
                    let u = if *own { local(slot + 1) } else { u };
                    let b = y[slot * n + s];
                    let rate = weight.map_or(T::zero(), |weight| weight.derivative(u, b) + growth * b);
                    dydt[slot * n + s] = limited(rate);
                }
                dydt[s] = limited(self.forward.derivative(u, y[s]) + growth * y[s]);
            }
        }
    }
}

/// Cuts a derivative to [`LARGEST_DERIVATIVE`]; NaN becomes the largest.
#[inline]
pub(crate) fn limited<T: Real>(rate: T) -> T {
    if rate.re().abs() <= LARGEST_DERIVATIVE { rate } else { T::from(LARGEST_DERIVATIVE.copysign(rate.re())) }
}
