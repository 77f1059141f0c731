//! One solver kept alive over all segments.

use std::marker::PhantomData;

use diffsol::{NalgebraVec, OdeEquations, OdeSolverMethod, OdeSolverState, OdeSolverStopReason};

use super::super::{Integrator, Look, Method, Statistics};
use super::{Matrix, Shared};
use crate::checkpoint::Archive;
use crate::dynamics::State;
use crate::error::{DataError, SolverError};
use crate::stream::Segment;

/// First step of a run as a fraction of the first segment.
const FIRST_STEP: f64 = 0.01;

/// Integrates segment after segment with the solver `S`.
pub(super) struct Engine<'a, Eqn, S> {
    solver: S,
    shared: &'a Shared<'a>,
    /// Step to try at the start of the next segment, s.
    h: Option<f64>,
    /// The time, s: the breakpoint itself where the solver stopped within rounding of it.
    t: f64,
    /// End of the current segment, s.
    t1: f64,
    interpolated: NalgebraVec<f64>,
    /// The last finite state, in the integrated variables.
    good: State,
    /// Whether the solver learns from its steps more than the size of the next: then a breakpoint makes it forget.
    has_history: bool,
    /// What the integration had cost before this solver went on with it.
    before: Statistics,
    equations: PhantomData<Eqn>,
}

impl<'a, Eqn, S> Engine<'a, Eqn, S>
where
    Eqn: OdeEquations<T = f64, V = NalgebraVec<f64>, M = Matrix> + 'a,
    S: OdeSolverMethod<'a, Eqn>,
{
    pub fn new(solver: S, shared: &'a Shared<'a>) -> Self {
        let interpolated = solver.state().y.clone();
        let t = solver.state().t;
        let good = State { t, values: interpolated.batch_as_slice(0).to_vec() };
        let has_history = shared.options.method != Method::Tsit45;
        let before = Statistics::default();
        Self {
            solver,
            shared,
            h: None,
            t,
            t1: t,
            interpolated,
            good,
            has_history,
            before,
            equations: PhantomData,
        }
    }

    fn y(&self) -> &[f64] {
        self.solver.state().y.batch_as_slice(0)
    }

    /// Refuses a state that is not finite, and keeps one that is.
    fn check(&mut self) -> Result<(), SolverError> {
        let state = self.solver.state();
        let (t, y) = (state.t, state.y.batch_as_slice(0));
        if let Some(index) = y.iter().position(|value| !value.is_finite()) {
            let reason = "the state is no longer finite".to_owned();
            return Err(self.shared.failure_at(t, index, y[index], reason, &self.good));
        }
        self.good.t = t;
        self.good.values.copy_from_slice(y);
        Ok(())
    }

    /// The error of a failed step: names the value that changes fastest for its tolerance.
    fn step_failed(&self, reason: String) -> SolverError {
        let state = self.solver.state();
        let (y, dy) = (self.y(), state.dy.batch_as_slice(0));
        let speed = |i: usize| dy[i].abs() / (self.shared.atol[i] + self.shared.options.rtol * y[i].abs());
        let fastest = (0..y.len()).max_by(|i, j| speed(*i).total_cmp(&speed(*j)));
        match fastest {
            Some(index) => self.shared.failure_at(state.t, index, y[index], reason, &self.good),
            None => self.shared.failure(state.t, reason),
        }
    }
}

impl<'a, Eqn, S> Integrator for Engine<'a, Eqn, S>
where
    Eqn: OdeEquations<T = f64, V = NalgebraVec<f64>, M = Matrix> + 'a,
    S: OdeSolverMethod<'a, Eqn>,
{
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.shared.segment.borrow_mut().clone_from(segment);
        (self.t, self.t1) = (segment.t0, segment.t1);
        let length = segment.t1 - segment.t0;
        let state = self.solver.state_mut();
        *state.t = segment.t0;
        *state.h = self.h.unwrap_or(FIRST_STEP * length).min(length);
        self.shared.derivative(segment.t0, state.y.batch_as_slice(0), state.dy.batch_as_mut_slice(0));
        self.check()?;
        if self.has_history {
            // Jacobian, differences and order are of another input, and no checkpoint could bring them back.
            self.solver.set_state(S::State::new_from_common(self.solver.state_clone().into_common()));
            self.solver.state_mut();
        }
        self.solver.set_stop_time(segment.t1).map_err(|error| self.step_failed(error.to_string()))
    }

    fn look(&mut self, look: &mut Look) {
        self.shared.show(self.t, self.y(), look);
    }

    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError> {
        let mut times = times.iter().copied().peekable();
        let mut longest: f64 = 0.0;
        for _ in 0..self.shared.options.max_steps {
            let t0 = self.solver.state().t;
            let stop = self.solver.step().map_err(|error| self.step_failed(error.to_string()))?;
            self.check()?;
            let t = self.solver.state().t;
            longest = longest.max(t - t0);
            while let Some(at) = times.next_if(|at| *at <= t) {
                self.solver
                    .interpolate_inplace(at, &mut self.interpolated)
                    .map_err(|error| self.step_failed(error.to_string()))?;
                self.shared.show(at, self.interpolated.batch_as_slice(0), look);
            }
            if stop == OdeSolverStopReason::TstopReached {
                self.t = self.t1;
                self.h = Some(self.solver.state().h.max(longest));
                return Ok(());
            }
        }
        let reason = format!(
            "{} steps were not enough to reach the breakpoint at {} s",
            self.shared.options.max_steps, self.t1
        );
        let failure = self.step_failed(reason);
        Err(SolverError { remedy: format!("raise `solver.max_steps`, or {}", failure.remedy), ..failure })
    }

    fn state(&self) -> State {
        let mut values = self.y().to_vec();
        self.shared.dynamics.own(&mut values);
        State { t: self.t, values }
    }

    fn set_state(&mut self, state: &State) {
        let mut values = state.values.clone();
        self.shared.dynamics.integrated(&mut values);
        self.t = state.t;
        let solver = self.solver.state_mut();
        *solver.t = state.t;
        solver.y.batch_as_mut_slice(0).copy_from_slice(&values);
    }

    fn statistics(&self) -> Statistics {
        let (solver, before) = (self.solver.get_statistics(), &self.before);
        Statistics {
            steps: before.steps + solver.number_of_steps as u64,
            rejected: before.rejected + solver.number_of_error_test_failures as u64,
            evaluations: self.shared.evaluations.get(),
            jacobian_products: self.shared.products.get(),
            newton_iterations: before.newton_iterations + solver.number_of_nonlinear_solver_iterations as u64,
        }
    }

    fn save(&self, to: &mut Archive) {
        to.put("solver.t", [self.t]);
        to.put("solver.y", self.y().iter().copied());
        to.put("solver.h", self.h);
        self.statistics().save(to);
    }

    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.t] = from.get_all("solver.t")?;
        let state = self.solver.state_mut();
        *state.t = self.t;
        from.fill("solver.y", state.y.batch_as_mut_slice(0))?;
        self.h = from.get("solver.h")?.next();
        self.before = Statistics::restored(from)?;
        self.shared.evaluations.set(self.before.evaluations);
        self.shared.products.set(self.before.jacobian_products);
        Ok(())
    }
}
