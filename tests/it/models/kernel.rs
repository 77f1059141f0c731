//! Compiled code against the plain evaluation of the same text, and its tangents against finite differences.

use num_dual::Dual64;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use synaptode::model::function::FUNCTIONS;
use synaptode::model::{Feedback, Model, Plasticity, Site};
use synaptode::synapse::Real;

/// A model that calls every function, reads every input and the time, and names expressions.
fn everything() -> Model {
    let calls = FUNCTIONS.map(|function| match (function.name, function.arity) {
        ("log" | "log10" | "sqrt", _) => format!("{}(2.0 + w * w)", function.name),
        ("arccosh", _) => "arccosh(2.0 + s * s)".to_owned(),
        ("pow", _) => "pow(2.0 + w * w, 1.0 + s)".to_owned(),
        (name, 1) => format!("{name}(w - 0.3 * s)"),
        (name, _) => format!("{name}(w, s - x)"),
    });
    let text = format!(
        "tau {{ 2.0 }}\nin_i {{ y = 0, g = 0, x = 0, delta = 0 }}\nu_i {{ w = 0.1, s = 0.2, b = 0.3 }}\n\
         age {{ exp(-t / tau) }}\nmix {{ g * x - delta / (2.0 + y * y) + age * s }}\n\
         F_i {{ {}, mix - s / tau, -w + 2.0 * -b - mix }}\n",
        calls.join(" + ")
    );
    Model::parse(&text, "everything").unwrap()
}

/// Values that are all different, between -1 and 1.
fn values<T: Real>(n: usize, seed: usize) -> Vec<T> {
    (0..n)
        .map(|k| T::with_tangent(((k * 7 + seed * 13) as f64).sin(), ((k * 3 + seed) as f64).cos()))
        .collect()
}

/// State and derivatives of a projection of `post` times `pre` synapses, and what its synapses see.
fn evaluate<T: Real>(compiled: &Plasticity, post: usize, pre: usize) -> (Vec<T>, Vec<T>, [Vec<T>; 3]) {
    let n = post * pre;
    let state: Vec<T> = values(3 * n, 1);
    let [delta, x, y] = [values(post, 2), values(pre, 3), values(post, 4)];
    let mut rates = vec![T::zero(); 3 * n];
    let site = Site { g: &[], delta: &delta, x: &x, y: &y, pre };
    compiled.rates((&site, true), &[], 0.7, &state, &mut rates, &mut compiled.room());
    (state, rates, [delta, x, y])
}

/// What the model's inputs (y, g, x, delta) are for a synapse.
fn seen<T: Real>([delta, x, y]: &[Vec<T>; 3], i: usize, j: usize) -> [T; 4] {
    [y[i], delta[i] * x[j], x[j], delta[i]]
}

#[test]
fn compiled_code_has_the_values_of_the_text() {
    let model = everything();
    // One synapse, a block that is cut short, and enough of them for several threads.
    for (post, pre) in [(1, 1), (3, 5), (30, 23), (130, 101)] {
        let compiled = Plasticity::new(&model, Feedback::Learns, post * pre).unwrap();
        let (state, rates, sees) = evaluate::<f64>(&compiled, post, pre);
        let n = post * pre;
        for s in 0..n {
            let plain =
                model.rates(0.7, &[0, 1, 2].map(|k| state[k * n + s]), &seen(&sees, s / pre, s % pre));
            for (k, plain) in plain.into_iter().enumerate() {
                let fast = rates[k * n + s];
                assert!((fast - plain).abs() < 1e-12 * (1.0 + plain.abs()), "{k}: {fast} {plain}");
            }
        }
    }
}

#[test]
fn tangents_are_those_of_finite_differences() {
    let model = everything();
    let compiled = Plasticity::new(&model, Feedback::Learns, 35).unwrap();
    let (state, rates, sees) = evaluate::<Dual64>(&compiled, 5, 7);
    let h = 1e-6;
    for s in 0..35 {
        let at = |h: f64| {
            let shift = |value: Dual64| value.re + h * value.eps;
            let state = [0, 1, 2].map(|k| shift(state[k * 35 + s]));
            model.rates(0.7, &state, &seen(&sees, s / 7, s % 7).map(shift))
        };
        for (k, (above, below)) in at(h).into_iter().zip(at(-h)).enumerate() {
            let (tangent, difference) = (rates[k * 35 + s].eps, (above - below) / (2.0 * h));
            assert!(
                (tangent - difference).abs() < 1e-6 * (1.0 + difference.abs()),
                "{k}: {tangent} {difference}"
            );
        }
    }
}

#[test]
fn the_compilers_text_keeps_signs_and_brackets() {
    // Random expressions of w, s and x, written as text, parsed, compiled, and compared with their plain value.
    let leaf = prop::sample::select(vec!["w", "s", "x", "t", "2.5", "1e-3", "-0.75"]).prop_map(str::to_owned);
    let strategy = leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), "[-+*]", inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.prop_map(|a| format!("tanh({a})")),
        ]
    });
    let mut runner = TestRunner::new(Config { cases: 24, ..Config::default() });
    let outcome = runner.run(&strategy, |expression| {
        let text = format!(
            "in_i {{ x = 0 }} u_i {{ w = 0, s = 0, b = 0 }} F_i {{ {expression}, 1.0 * {expression}, 0.0 }}"
        );
        let model = Model::parse(&text, "random").unwrap();
        let compiled = Plasticity::new(&model, Feedback::Learns, 6).unwrap();
        let (state, rates, sees) = evaluate::<f64>(&compiled, 2, 3);
        for s in 0..6 {
            let [_, _, x, _] = seen(&sees, s / 3, s % 3);
            let plain = model.rates(0.7, &[0, 1, 2].map(|k| state[k * 6 + s]), &[x]);
            for k in 0..2 {
                assert!((rates[k * 6 + s] - plain[k]).abs() < 1e-12 * (1.0 + plain[k].abs()), "{expression}");
            }
        }
        Ok(())
    });
    outcome.unwrap();
}
