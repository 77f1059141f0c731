//! What is seen of a network while it runs: nothing changes by it, and it is as exact as what is left in the end.

use super::*;

#[test]
fn looking_changes_nothing_to_the_bit() {
    let case = &cases()[0];
    let segments = stream(case.readout);
    let (dynamics, start) = system(case, Coordinate::V);
    let options = options(Method::Tsit45, 1e-4, Coordinate::V);
    let silent = integrate(&dynamics, &start, &options, &segments);
    let watched = synaptode::solver::general::with_integrator(&dynamics, &start, &options, |integrator| {
        let mut seen = 0;
        for segment in &segments {
            integrator.begin(segment).unwrap();
            integrator.look(&mut |view| seen += usize::from(view.g(0, 1, 2).is_finite()));
            let times: Vec<f64> =
                (1..10).map(|k| segment.t0 + (segment.t1 - segment.t0) * f64::from(k) / 10.0).collect();
            integrator
                .advance(&times, &mut |view| seen += usize::from(view.value(0, 0, 1, 2).is_finite()))
                .unwrap();
        }
        assert_eq!(seen, segments.len() * 10);
        integrator.state()
    })
    .unwrap();
    assert_eq!(silent, watched);
}

#[test]
fn dense_output_between_breakpoints_is_as_exact_as_the_breakpoints() {
    let case = &cases()[0];
    let segments = stream(case.readout);
    let (dynamics, start) = system(case, Coordinate::V);
    for method in ALL_METHODS {
        let options = options(method, 1e-6, Coordinate::V);
        let at = segments[2].t0 + 0.0637;
        let mut halted = segments[..3].to_vec();
        halted[2].t1 = at;
        let expected = plain::integrate(&dynamics, &start, &halted, 2.5e-4);
        let mut seen = vec![0.0; dynamics.layout.len()];
        synaptode::solver::general::with_integrator(&dynamics, &start, &options, |integrator| {
            walk(integrator, &segments[..2], &mut |_| {}).unwrap();
            integrator.begin(&segments[2]).unwrap();
            integrator
                .advance(&[at], &mut |view| {
                    for (index, block) in dynamics.layout.blocks.iter().enumerate() {
                        for slot in 0..block.variables.len() {
                            view.read(index, slot, &mut seen[block.range(slot)]);
                        }
                    }
                })
                .unwrap();
        })
        .unwrap();
        let error = distance(&State { t: at, values: seen }, &expected);
        assert!(error < 1e-4, "{method:?}: {error:e}");
    }
}

#[test]
fn gradient_signals_are_the_loss_gradient() {
    for activation in [Activation::Tanh, Activation::Relu, Activation::Logistic, Activation::Linear] {
        for readout in [Readout::Softmax, Readout::Logistic, Readout::Linear] {
            let case = Case { activation, readout, mode: FeedbackMode::Symmetric, ..cases().remove(0) };
            let (dynamics, start) = system(&case, Coordinate::V);
            let network = dynamics.network().unwrap();
            let segment = &stream(readout)[0];
            let mut workspace = dynamics.workspace::<f64>();
            let mut loss = |values: &[f64]| {
                dynamics.signals(segment, segment.t0, values, &mut workspace);
                network.readout.loss(&workspace.signals.x[3], &workspace.signals.target)
            };
            let mut values = start.values.clone();
            let h = 1e-6;
            let mut differences = vec![0.0; values.len()];
            for block in &dynamics.layout.blocks {
                for index in block.range(0) {
                    let w = values[index];
                    values[index] = w + h;
                    let above = loss(&values);
                    values[index] = w - h;
                    differences[index] = (above - loss(&values)) / (2.0 * h);
                    values[index] = w;
                }
            }
            dynamics.signals(segment, segment.t0, &start.values, &mut workspace);
            for block in &dynamics.layout.blocks {
                let (delta, x) = dynamics.factors(block, &workspace);
                for (s, index) in block.range(0).enumerate() {
                    let g = delta[s / block.pre] * x[s % block.pre];
                    let error = (g - differences[index]).abs();
                    assert!(error < 1e-8, "{activation:?} {readout:?} {}: {error:e}", block.name);
                }
            }
        }
    }
}
