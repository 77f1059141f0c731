//! Each built-in rule against its twin in `models/`: two implementations that share no equation, in a protocol and in a
//! network. Each checks the other.

use std::collections::BTreeMap;
use std::path::Path;

use synaptode::config;
use synaptode::runner::Run;

use crate::runs;

/// Model, `[synapse]` of the built-in rule, and feedback mode of the rule.
const TWINS: [(&str, &str, &str); 8] = [
    ("bio_adam", "rule = \"bio-adam\"\nw_max = 1.0", "predisposition"),
    ("bio_adam_mean_abs", "rule = \"bio-adam\"\ngain = \"mean-abs\"\nw_max = 1.0", "predisposition"),
    ("adam", "rule = \"adam\"", "fixed"),
    ("rmsprop", "rule = \"rmsprop\"", "fixed"),
    ("momentum", "rule = \"momentum\"\neta = 0.1", "fixed"),
    ("sgd", "rule = \"sgd\"\neta = 0.1", "fixed"),
    ("kolen_pollack", "rule = \"sgd\"\neta = 0.1\nkappa = 0.01", "kolen-pollack"),
    ("predisposition", "rule = \"sgd\"\neta = 0.1\nw_max = 1.0", "predisposition"),
];

const PROTOCOL: &str = r#"
[protocol]
duration = 12.0
signal = { kind = "square", amplitude = 0.8, mean = 0.1, period = 3.0 }
synapses = [{ w = 0.2, b = -0.2 }, { w = -0.5, b = 0.1, scale = -0.5 }]
"#;

/// Small, and with a bias, a hidden layer and a cross-fade.
const NETWORK: &str = r#"
[data]
source = "blobs"
train = 12
test = 4
[stream]
presentation = 0.2
crossfade = 0.05
epochs = 2
[network]
layers = [2, 6, 3]
"#;

const SOLVER: &str =
    "[solver]\nrtol = 1e-9\natol = { w = 1e-11, m = 1e-11, rho = 1e-9, v = 1e-13, b = 1e-11 }\n";

/// The final state by name, such as `l2.w`.
pub fn final_state(text: &str) -> BTreeMap<String, Vec<f64>> {
    let experiment = config::load_str(text, "twin", Path::new(env!("CARGO_MANIFEST_DIR")), &[]).unwrap();
    runs::final_state(&Run::prepare(experiment).unwrap())
}

fn with_rule(task: &str, synapse: &str, mode: &str, solver: &str) -> String {
    format!("{task}\n[synapse]\n{synapse}\n[feedback]\nmode = \"{mode}\"\n{solver}")
}

fn with_model(task: &str, model: &str, mode: &str, solver: &str) -> String {
    let mode = if mode == "fixed" { mode } else { "model" };
    format!("{task}\n[synapse]\nmodel = \"models/{model}.ds\"\n[feedback]\nmode = \"{mode}\"\n{solver}")
}

/// Largest difference in units of `1 + |b|`.
fn distance(a: &BTreeMap<String, Vec<f64>>, b: &BTreeMap<String, Vec<f64>>) -> f64 {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    let values = a.values().flatten().zip(b.values().flatten());
    values.map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f64::max)
}

#[test]
fn every_rule_and_its_model_agree_in_a_protocol_and_in_a_network() {
    for (model, synapse, mode) in TWINS {
        for task in [PROTOCOL, NETWORK] {
            let rule = final_state(&with_rule(task, synapse, mode, SOLVER));
            let text = final_state(&with_model(task, model, mode, SOLVER));
            let distance = distance(&text, &rule);
            assert!(distance < 2e-6, "{model}: {distance:e}");
        }
    }
    // The comparison can fail.
    let other = with_model(NETWORK, "sgd", "fixed", &format!("[synapse.parameters]\neta = 0.1001\n{SOLVER}"));
    let rule = final_state(&with_rule(NETWORK, TWINS[5].1, "fixed", SOLVER));
    assert!(distance(&final_state(&other), &rule) > 2e-6);
}

#[test]
fn products_with_the_jacobian_serve_the_implicit_methods() {
    for method in ["bdf", "tr_bdf2", "esdirk34"] {
        let solver = format!(
            "[solver]\nmethod = \"{method}\"\nrtol = 1e-7\natol = {{ w = 1e-9, m = 1e-9, rho = 1e-7, b = 1e-9 }}"
        );
        let explicit = final_state(&with_model(NETWORK, "bio_adam", "model", SOLVER));
        let implicit = final_state(&with_model(NETWORK, "bio_adam", "model", &solver));
        let distance = distance(&implicit, &explicit);
        assert!(distance < 1e-4, "{method}: {distance:e}");
    }
}
