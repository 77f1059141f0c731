//! What stands in place of the compiler where the program is built without it.

use super::Model;
use super::tree::Fault;

/// Nothing: no model can be compiled.
pub(super) struct Kernel {
    pub n: usize,
}

/// Memory for evaluations in one thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub y: Vec<f64>,
    pub dy: Vec<f64>,
    pub rates: Vec<f64>,
    pub drates: Vec<f64>,
}

impl Kernel {
    pub fn new(_model: &Model, _kept: &[usize], _n: usize) -> Result<Self, Fault> {
        Err(super::syntax::absent())
    }

    pub fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    pub fn rates(&self, _t: f64, _scratch: &mut Scratch) {}

    pub fn tangents(&self, _t: f64, _scratch: &mut Scratch) {}
}
