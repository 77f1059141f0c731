//! What the solver's right-hand side and the engine share: the input of the moment, and room for evaluations.

use std::cell::{Cell, RefCell};

use num_dual::Dual64;

use super::super::snapshot::Snapshot;
use super::super::trouble::last_good_of;
use super::super::{SolverOptions, View};
use crate::dynamics::{Dynamics, State, Workspace};
use crate::error::SolverError;
use crate::stream::{Drive, Segment};

/// The system under the input of the moment.
///
/// The solver borrows it for its whole life, so the input changes through interior mutability.
pub(super) struct Shared<'a> {
    pub dynamics: &'a Dynamics,
    pub options: &'a SolverOptions,
    pub atol: Vec<f64>,
    pub segment: RefCell<Segment>,
    pub evaluations: Cell<u64>,
    pub products: Cell<u64>,
    real: RefCell<Workspace<f64>>,
    dual: RefCell<DualRoom>,
}

/// Room for products with the Jacobian.
struct DualRoom {
    workspace: Workspace<Dual64>,
    y: Vec<Dual64>,
    dydt: Vec<Dual64>,
}

impl<'a> Shared<'a> {
    pub fn new(dynamics: &'a Dynamics, options: &'a SolverOptions, atol: Vec<f64>) -> Self {
        // Until the first segment begins there is no input.
        let segment = Segment {
            t0: 0.0,
            t1: 1.0,
            presentation: 0,
            epoch: 0,
            starts: true,
            ends: true,
            drive: Drive::Linear { g0: 0.0, g1: 0.0 },
        };
        let dual = DualRoom { workspace: dynamics.workspace(), y: Vec::new(), dydt: Vec::new() };
        Self {
            dynamics,
            options,
            atol,
            segment: RefCell::new(segment),
            evaluations: Cell::new(0),
            products: Cell::new(0),
            real: RefCell::new(dynamics.workspace()),
            dual: RefCell::new(dual),
        }
    }

    /// `dy/dt` at `t`.
    pub fn derivative(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        self.evaluations.set(self.evaluations.get() + 1);
        self.dynamics.derivative(&self.segment.borrow(), t, y, dydt, &mut self.real.borrow_mut());
    }

    /// The product of the Jacobian of `dy/dt` with `v`.
    pub fn jacobian_product(&self, t: f64, y: &[f64], v: &[f64], product: &mut [f64]) {
        self.products.set(self.products.get() + 1);
        let room = &mut *self.dual.borrow_mut();
        room.y.clear();
        room.y.extend(y.iter().zip(v).map(|(y, v)| Dual64::new(*y, *v)));
        room.dydt.resize(y.len(), Dual64::from_re(0.0));
        let segment = self.segment.borrow();
        self.dynamics.derivative(&segment, t, &room.y, &mut room.dydt, &mut room.workspace);
        product.iter_mut().zip(&room.dydt).for_each(|(product, dual)| *product = dual.eps);
    }

    /// Shows the state `y` (integrated coordinates) at `t` to `look`.
    pub fn show(&self, t: f64, y: &[f64], look: &mut dyn FnMut(&dyn View)) {
        let mut workspace = self.real.borrow_mut();
        self.dynamics.signals(&self.segment.borrow(), t, y, &mut workspace);
        look(&Snapshot { dynamics: self.dynamics, t, y, workspace: &workspace });
    }

    /// An error at time `t`, not tied to a synapse.
    pub fn failure(&self, t: f64, reason: String) -> SolverError {
        SolverError {
            t,
            presentation: self.segment.borrow().presentation,
            place: None,
            reason,
            remedy: if self.dynamics.model.is_some() {
                "see what `models check` says of the model; set `synapse.parameters` so that its rates stay bounded, \
                 or loosen `solver.rtol` and `solver.atol`"
            } else {
                "lower `synapse.eta`, raise `synapse.epsilon` or `synapse.tau_rho`, or loosen `solver.rtol` and \
                 `solver.atol`"
            }
            .to_owned(),
        }
    }

    /// An error at time `t` that names the value at `index` of the state, `good` being the last state that was.
    pub fn failure_at(&self, t: f64, index: usize, value: f64, reason: String, good: &State) -> SolverError {
        let place = self.dynamics.layout.place(index).map(|place| {
            let block = &self.dynamics.layout.blocks[place.block];
            let inverse =
                block.slot(place.variable).is_some_and(|slot| self.dynamics.is_inverse_square(block, slot));
            let power = if inverse { "^-2" } else { "" };
            let mut values = good.values.clone();
            self.dynamics.own(&mut values);
            let good = last_good_of(&self.dynamics.layout, &place, good.t, &values);
            format!("{place}{power} = {value:e}; {good}")
        });
        SolverError { place, ..self.failure(t, reason) }
    }
}
