//! What the engine shows within a step.

use super::super::factors::Factors;
use super::super::lane::Lane;
use super::super::relax;
use super::super::view::Glimpse;
use super::Engine;
use super::layers::drive;
use super::leaky::Leaky;
use crate::dynamics::{Source, present};
use crate::network::Signals;
use crate::solver::Look;

impl<T: Lane> Engine<T> {
    /// Shows the state at the part `theta` of the predicted step of length `h`.
    pub(super) fn glimpse(&self, t: f64, theta: f64, h: f64, look: &mut Look) {
        let weights = relax::interpolation(theta);
        let mut signals = self.nodes[0].clone();
        let mix = |first: usize, to: &mut [Vec<f64>], which: fn(&Signals) -> &Vec<Vec<f64>>| {
            for (l, values) in to.iter_mut().enumerate().skip(first) {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = (0..3).map(|node| weights[node] * which(&self.nodes[node])[l][i]).sum();
                }
            }
        };
        // Inputs are shown as they are.
        mix(1, &mut signals.x, |signals| &signals.x);
        mix(0, &mut signals.delta, |signals| &signals.delta);
        let growth = self.growth.as_ref().map(|growth| {
            let whole = growth.factors(theta * h);
            let half = growth.factors(0.5 * theta * h);
            [half, whole]
        });
        let units = self.leaky.as_ref().map(|leaky| leaky.within(h, theta));
        if let Some(segment) = &self.segment {
            match &self.dynamics.source {
                Source::Network(_) => present(segment, t, &mut signals.x[0], &mut signals.target),
                Source::Protocol { scale } => drive(segment, t, scale, &mut signals),
            }
        }
        let way = Some((theta, Factors::new(&self.constants, self.t, theta * h, 0.5)));
        look(&mut Glimpse { engine: self, t, signals, units, growth, way });
    }

    /// The state now.
    pub(super) fn now(&self) -> Glimpse<'_, T> {
        let units = self.leaky.as_ref().map(Leaky::now);
        Glimpse { engine: self, t: self.t, signals: self.nodes[0].clone(), units, growth: None, way: None }
    }
}
