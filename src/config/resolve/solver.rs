//! `[solver]`.

use crate::config::range::{Checked, count, demand, positive, refuse};
use crate::config::wire;
use crate::dynamics::Dynamics;
use crate::solver::exponential::{self, Precision, SMALLEST_F32, SMALLEST_F64};
use crate::solver::{ExponentialSpec, Method, SolverOptions};
use crate::synapse::{Coordinate, Gain, RuleName, RuleSpec};

/// Most values of a state that an implicit method is given: its dense Jacobian has the square of that.
pub const MOST_IMPLICIT_VALUES: usize = 1000;

/// The variable in which the gain is integrated.
pub(super) fn coordinate(wire: &mut wire::Solver, rule: RuleSpec) -> Checked<Coordinate> {
    let gain = rule.gain();
    let best = if gain == Some(Gain::Rms) { Coordinate::V } else { Coordinate::Rho };
    let coordinate = *wire.gain_coordinate.get_or_insert(best);
    if gain == Some(Gain::MeanAbs) && coordinate == Coordinate::V {
        return refuse(
            "solver.gain_coordinate",
            "is \"v\", but the gain \"mean-abs\" is linear in rho already",
            "leave it out, or set it to \"rho\"",
        );
    }
    if rule == RuleSpec::Model && coordinate == Coordinate::V {
        return refuse(
            "solver.gain_coordinate",
            "is \"v\", but a model is integrated as it is written",
            "leave it out",
        );
    }
    Ok(coordinate)
}

/// The integrator for a state of `values`.
pub(super) fn solver(wire: &mut wire::Solver, rule: RuleName, dynamics: &Dynamics) -> Checked<SolverOptions> {
    let inside = wire.rtol > 0.0 && wire.rtol < 1.0;
    let rtol = demand(
        "solver.rtol",
        wire.rtol,
        inside,
        "between 0 and 1, both excluded",
        "1e-4 is usual; 1e-8 for a reference",
    )?;
    let atol = wire.atol;
    for (key, value) in
        [("w", atol.w), ("m", atol.m), ("rho", atol.rho), ("v", atol.v), ("b", atol.b), ("z", atol.z)]
    {
        positive(&format!("solver.atol.{key}"), value, "give the error that does not matter, such as 1e-6")?;
    }
    let max_steps = count("solver.max_steps", wire.max_steps, 1..=1_000_000_000_000, "100000 is usual")?;
    let (gain_coordinate, values) = (dynamics.coordinate, dynamics.layout.len());
    let method = method(wire, rule, dynamics)?;
    let exponential = exponential(wire, method)?;
    if matches!(method, Method::Bdf | Method::TrBdf2 | Method::Esdirk34) && values > MOST_IMPLICIT_VALUES {
        return refuse(
            "solver.method",
            format!(
                "is implicit, and the state has {values} values: the dense Jacobian is kept to {MOST_IMPLICIT_VALUES} values"
            ),
            "use method = \"tsit45\", or a smaller network",
        );
    }
    Ok(SolverOptions { method, rtol, atol, gain_coordinate, max_steps, exponential })
}

/// The method: a discrete rule steps once a presentation, an equation is integrated; that of a network by closed forms, where
/// there are any.
fn method(wire: &mut wire::Solver, rule: RuleName, dynamics: &Dynamics) -> Checked<Method> {
    let is_rms = dynamics.synapse.rule.gain() == Some(Gain::Rms);
    let by_rho = is_rms && dynamics.coordinate == Coordinate::Rho;
    let best = if rule.is_discrete() {
        Method::PerPresentation
    } else if dynamics.network().is_some() && !by_rho && exponential::supports(dynamics).is_ok() {
        Method::Exponential
    } else {
        Method::Tsit45
    };
    let method = *wire.method.get_or_insert(best);
    if rule.is_discrete() && method != Method::PerPresentation {
        return refuse(
            "solver.method",
            "integrates equations, but this rule steps once a presentation",
            "leave it out, or take a rule without \"discrete\"",
        );
    }
    if !rule.is_discrete() && method == Method::PerPresentation {
        return refuse(
            "solver.method",
            "is \"per_presentation\", which is for discrete rules",
            "leave it out, or take rule = \"discrete-adam\" or \"discrete-sgd\"",
        );
    }
    if method == Method::Exponential {
        exponential::supports(dynamics)?;
        if by_rho {
            return refuse(
                "solver.gain_coordinate",
                "is \"rho\", but method \"exponential\" integrates neither rho nor v: it has closed forms",
                "leave it out, or take solver.method = \"tsit45\"",
            );
        }
    }
    Ok(method)
}

/// What only method "exponential" has.
fn exponential(wire: &mut wire::Solver, method: Method) -> Checked<ExponentialSpec> {
    if method != Method::Exponential {
        let given = [
            ("order", wire.order.is_some()),
            ("precision", wire.precision.is_some()),
            ("threads", wire.threads.is_some()),
            ("skip_silent", wire.skip_silent.is_some()),
        ];
        return match given.iter().find(|(_, given)| *given) {
            None => Ok(ExponentialSpec::default()),
            Some((key, _)) => refuse(
                format!("solver.{key}"),
                "has no effect: it is of method \"exponential\"",
                "leave it out, or take solver.method = \"exponential\"",
            ),
        };
    }
    let best = ExponentialSpec::default();
    let precision = *wire.precision.get_or_insert(best.precision);
    if precision == Precision::F32 && wire.rtol < SMALLEST_F32 {
        return refuse(
            "solver.rtol",
            format!("is {:?}, which a state of 32 bits can't follow", wire.rtol),
            format!("take {SMALLEST_F32:?} or more, or precision = \"f64\""),
        );
    }
    if wire.rtol < SMALLEST_F64 {
        return refuse(
            "solver.rtol",
            format!("is {:?}, which a state of 64 bits can't follow", wire.rtol),
            format!("take {SMALLEST_F64:?} or more"),
        );
    }
    let threads = *wire.threads.get_or_insert(best.threads);
    count("solver.threads", threads as u64, 0..=1024, "0 is for as many as there are processors")?;
    Ok(ExponentialSpec {
        order: *wire.order.get_or_insert(best.order),
        precision,
        threads,
        skip_silent: *wire.skip_silent.get_or_insert(best.skip_silent),
    })
}
