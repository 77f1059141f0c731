//! Looking at a state that lies in one flat array, as those of [`super::general`] and [`super::discrete`] do.

use super::View;
use crate::dynamics::{Dynamics, Workspace};
use crate::model::Input;
use crate::network::Signals;

/// The state at one moment.
pub(super) struct Snapshot<'a> {
    pub dynamics: &'a Dynamics,
    /// The time, s.
    pub t: f64,
    /// The state, in the coordinates of the integration.
    pub y: &'a [f64],
    /// Holds the signals of that moment.
    pub workspace: &'a Workspace,
}

impl View for Snapshot<'_> {
    fn t(&self) -> f64 {
        self.t
    }

    fn signals(&self) -> Option<&Signals> {
        self.dynamics.network().map(|_| &self.workspace.signals)
    }

    fn g(&self, block: usize, post: usize, pre: usize) -> f64 {
        let (delta, x) = self.dynamics.factors(&self.dynamics.layout.blocks[block], self.workspace);
        delta[post] * x[pre]
    }

    fn input(&self, input: Input, block: usize, post: usize, pre: usize) -> f64 {
        self.dynamics.site(&self.dynamics.layout.blocks[block], self.workspace).input(input, post, pre)
    }

    fn value(&self, block: usize, slot: usize, post: usize, pre: usize) -> f64 {
        let block = &self.dynamics.layout.blocks[block];
        let value = self.y[block.range(slot).start + post * block.pre + pre];
        if self.dynamics.is_inverse_square(block, slot) { value.sqrt().recip() } else { value }
    }

    fn read(&self, block: usize, slot: usize, out: &mut [f64]) {
        let block = &self.dynamics.layout.blocks[block];
        out.copy_from_slice(&self.y[block.range(slot)]);
        if self.dynamics.is_inverse_square(block, slot) {
            for value in out.iter_mut() {
                *value = value.sqrt().recip();
            }
        }
    }
}
