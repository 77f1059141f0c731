//! Invariants of the equations under arbitrary signals and parameters.

use proptest::prelude::*;

use synaptode::network::init::protocol_start;
use synaptode::solver::Method;
use synaptode::stream::SynapseStart;
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Synapse, Traces};

use crate::support::*;

/// A signal of a few linear pieces with jumps between them, silence included.
fn signal() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    let level = prop_oneof![Just(0.0), -3.0..3.0];
    proptest::collection::vec((0.05..1.5, level.clone(), level), 1..6)
}

fn rules() -> impl Strategy<Value = Synapse> {
    (any::<bool>(), 0.05..2.0, 0.1..5.0, 0.01..0.3, 0.05..2.0, 0.5..30.0, 0.2..4.0).prop_map(
        |(rms, tau_m, tau_rho, epsilon, eta, rho0, w_max)| {
            let gain = if rms { Gain::Rms } else { Gain::MeanAbs };
            let rule = RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon };
            Synapse { rule, eta, w_max, critical_period: None, kappa: 0.0, m0: 0.3, rho0 }
        },
    )
}

fn coordinate(synapse: &Synapse) -> Coordinate {
    if synapse.rule.gain() == Some(Gain::Rms) { Coordinate::V } else { Coordinate::Rho }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn weights_stay_within_their_bound_and_their_difference_only_shrinks(
        synapse in rules(), signal in signal(), own in any::<bool>(), w in -1.0..1.0, b in -1.0..1.0
    ) {
        let traces = if own { Traces::Own } else { Traces::Shared };
        let coordinate = coordinate(&synapse);
        let dynamics = protocol(synapse, feedback(FeedbackMode::Predisposition, traces), coordinate, vec![1.0]);
        let (w0, b0) = (w * synapse.w_max, b * synapse.w_max);
        let start = protocol_start(
            &dynamics,
            &[SynapseStart { w: w0, b: b0, m: 0.3, rho: synapse.rho0, scale: 1.0 }],
        );
        let tolerance = 1e-6;
        let mut last = (w0 - b0).abs();
        synaptode::solver::general::with_integrator(
            &dynamics,
            &start,
            &options(Method::Tsit45, tolerance, coordinate),
            |integrator| {
                walk(integrator, &linear_segments(&signal), &mut |view| {
                    let read = |name| view.value(0, dynamics.layout.blocks[0].slot(name).unwrap(), 0, 0);
                    let (w, b, slack) = (read("w"), read("b"), 1e-4 * synapse.w_max.max(1.0));
                    assert!(w.abs() <= synapse.w_max + slack && b.abs() <= synapse.w_max + slack);
                    if !own {
                        assert!((w - b).abs() <= last + slack, "{} after {last}", (w - b).abs());
                        last = (w - b).abs();
                    }
                })
                .unwrap();
            },
        )
        .unwrap();
    }

    #[test]
    fn the_gain_stays_positive_and_below_its_limit(synapse in rules(), signal in signal()) {
        let RuleSpec::BioAdam { epsilon, .. } = synapse.rule else { unreachable!() };
        let coordinate = coordinate(&synapse);
        let dynamics =
            protocol(synapse, feedback(FeedbackMode::Fixed, Traces::Shared), coordinate, vec![1.0]);
        let start = protocol_start(
            &dynamics,
            &[SynapseStart { w: 0.0, b: 0.0, m: 0.3, rho: synapse.rho0, scale: 1.0 }],
        );
        let end = integrate(
            &dynamics,
            &start,
            &options(Method::Tsit45, 1e-6, coordinate),
            &linear_segments(&signal),
        );
        let rho = value(&dynamics, &end, "s", "rho", 0);
        prop_assert!(rho > 0.0 && rho <= synapse.rho0.max(epsilon.recip()) * (1.0 + 1e-3), "rho = {rho}");
    }
}
