//! The engine built on the general solvers of the diffsol crate: for every rule and, with a Jacobian, for stiffness.
//!
//! What this engine takes care of, because the solvers do not:
//! - the stored derivative is stale after a change of input: it is evaluated anew at each breakpoint;
//! - a NaN counts as success: derivatives are cut to a finite size, so that an overflowing step is rejected, and the
//!   state is checked after every step;
//! - the error norm is a mean square over all values, in which one synapse among many can hide: the tolerances are
//!   divided by the root of their number, so that `rtol` and `atol` bound the error estimate of every single value;
//! - Newton failures are counted over a solver's life: the limit is lifted, `max_steps` bounds the work instead;
//! - a step that a breakpoint cuts short would shorten the steps after it: the step size is carried over.

mod engine;
mod shared;

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverOptions};

use super::{Integrator, Method, SolverOptions};
use crate::dynamics::{Dynamics, State};
use crate::error::SolverError;
use engine::Engine;
use shared::Shared;

type Matrix = NalgebraMat<f64>;
type Lu = NalgebraLU<f64>;

/// Most values that the implicit methods, with their dense Jacobian, are offered for.
pub const LARGEST_IMPLICIT: usize = 1000;

/// Least relative tolerance that is passed on: below, rounding decides.
const SMALLEST_RTOL: f64 = 1e-13;

/// Runs `body` with an integrator that starts from `initial`.
///
/// # Errors
/// Where the solver can't be set up; the body's own result is passed through.
pub fn with_integrator<R>(
    dynamics: &Dynamics,
    initial: &State,
    options: &SolverOptions,
    body: impl FnOnce(&mut dyn Integrator) -> R,
) -> Result<R, SolverError> {
    let mut start = initial.values.clone();
    dynamics.integrated(&mut start);
    let n = start.len();
    let share = (n as f64).sqrt().recip();
    let atol = absolute_tolerances(dynamics, options, share);
    let shared = Shared::new(dynamics, options, atol.clone());
    let failed = |error: diffsol::error::DiffsolError| shared.failure(initial.t, error.to_string());

    let builder = OdeBuilder::<Matrix>::new()
        .t0(initial.t)
        .rtol((options.rtol * share).max(SMALLEST_RTOL))
        .atol(atol)
        .init(|_p, _t, y| y.copy_from_slice(&start), n);
    if options.method == Method::Tsit45 {
        let mut problem =
            builder.rhs(|y, _p, t, dydt| shared.derivative(t, y, dydt)).build().map_err(failed)?;
        problem.ode_options = limits(options.method);
        let solver = problem.tsit45().map_err(failed)?;
        return Ok(body(&mut Engine::new(solver, &shared)));
    }
    let mut problem = builder
        .rhs_implicit(
            |y, _p, t, dydt| shared.derivative(t, y, dydt),
            |y, _p, t, v, jv| shared.jacobian_product(t, y, v, jv),
        )
        .build()
        .map_err(failed)?;
    problem.ode_options = limits(options.method);
    Ok(match options.method {
        Method::Bdf => body(&mut Engine::new(problem.bdf::<Lu>().map_err(failed)?, &shared)),
        Method::TrBdf2 => body(&mut Engine::new(problem.tr_bdf2::<Lu>().map_err(failed)?, &shared)),
        _ => body(&mut Engine::new(problem.esdirk34::<Lu>().map_err(failed)?, &shared)),
    })
}

/// The solvers' own limits, lifted to where they can't end a long run that goes well.
fn limits(method: Method) -> OdeSolverOptions<f64> {
    OdeSolverOptions {
        max_nonlinear_solver_failures: usize::MAX,
        max_error_test_failures: 200,
        max_timestep_growth: (method == Method::Tsit45).then_some(5.0),
        ..OdeSolverOptions::default()
    }
}

/// Absolute tolerances of every integrated value, each times `share`.
///
/// A gain that is integrated as `v = rho^-2` is as well known as its relative error: `d rho / rho = -dv / (2 v)`. Its
/// absolute tolerance is therefore that of `rho` where `rho` is largest, which leaves the control to `rtol`.
fn absolute_tolerances(dynamics: &Dynamics, options: &SolverOptions, share: f64) -> Vec<f64> {
    let atol = &options.atol;
    let mut tolerances = vec![0.0; dynamics.layout.len()];
    for block in &dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            let tolerance = match *variable {
                "w" => atol.w,
                "b" => atol.b,
                "v" | "v_b" => atol.v,
                "z" | "e" => atol.z,
                name if name.starts_with("rho") => atol.rho,
                _ => atol.m,
            };
            let tolerance = if dynamics.is_inverse_square(block, slot) {
                2.0 * tolerance * dynamics.synapse.rule.smallest_v().powf(1.5)
            } else {
                tolerance
            };
            tolerances[block.range(slot)].fill((tolerance * share).max(f64::MIN_POSITIVE));
        }
    }
    tolerances
}
