//! What a leak leaves of the order, for every drive that changes within a step.

use super::problem::Problem;
use super::protocol::protocol;
use super::slope;
use crate::solver::exponential::Order;
use crate::stream::Drive;
use crate::synapse::{Gain, RuleSpec};

/// One synapse with a large leak under signals that are constant by turns.
fn leaking(rule: RuleSpec) -> Problem {
    let constant = |g| (0.5, Drive::Linear { g0: g, g1: g });
    protocol(rule, 2.0, &[1.0], [constant(0.7), constant(0.3), constant(0.9)])
}

/// The first moment of `u` keeps a leaking weight to fourth order: a part of it missing leaves the second.
#[test]
fn a_leak_keeps_order_four_whatever_the_rule() {
    let (tau_m, tau_rho, epsilon) = (1.0, 3.0, 1e-2);
    for rule in [
        RuleSpec::BioAdam { gain: Gain::Rms, tau_m, tau_rho, epsilon },
        RuleSpec::BioAdam { gain: Gain::MeanAbs, tau_m, tau_rho, epsilon },
        RuleSpec::Adam { tau_m, tau_v: tau_rho, epsilon, bias_correction: false },
        RuleSpec::Adam { tau_m, tau_v: tau_rho, epsilon, bias_correction: true },
        RuleSpec::RmsProp { gain: Gain::Rms, tau_rho, epsilon },
        RuleSpec::RmsProp { gain: Gain::MeanAbs, tau_rho, epsilon },
        RuleSpec::Momentum { tau_m },
    ] {
        let problem = leaking(rule);
        let exact = problem.reference(4000);
        // More steps would meet the short series, which the loose tolerance of fixed steps allows.
        let counts = [1, 2, 4, 8];
        for variable in ["w", "b"] {
            let error = |n| problem.error(variable, &problem.fixed(Order::Three, n), &exact).ln();
            let slope = -slope(&counts.map(|n| f64::from(n).ln()), &counts.map(error));
            assert!(slope > 3.5, "{rule:?}: {variable} follows with order {slope}");
        }
    }
}
