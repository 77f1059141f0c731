//! What protects a run with a rule protects one with a model: bad rates, narrow pulses, feedback modes, run directories.

use std::fmt::Write;
use std::fs;

use super::twins::final_state;
use crate::program::Folder;

/// A protocol with the model `mine.ds`.
fn protocol(rest: &str) -> String {
    format!("name = \"mine\"\n[protocol]\nduration = 10.0\n{rest}\n[synapse]\nmodel = \"mine.ds\"\n")
}

const ONE: &str = "signal = { kind = \"constant\", value = 1.0 }";

/// Runs a model that must fail, and gives what is said.
fn failure(model: &str) -> String {
    let folder = Folder::new(&[("mine.ds", model), ("mine.toml", &protocol(ONE))]);
    let output = folder.run(&["-q", "run", "mine.toml"]);
    assert_eq!(output.status.code(), Some(1), "{model}");
    assert!(folder.path("output/mine/traces.csv").is_file());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn rates_that_blow_up_end_the_run_with_time_and_variable() {
    for model in [
        // Infinite at t = 1.
        "in_i { g = 0.0 } u_i { w = 1.0, calm = 0.0 } F_i { g * w * w, g }",
        // A root that the state leaves, an overflow, a pole that it meets.
        "in_i { g = 0.0 } u_i { w = 0.0, calm = 0.0 } F_i { 1.0 + sqrt(g - w), 0.0 }",
        "in_i { g = 0.0 } u_i { w = 1.0, calm = 0.0 } F_i { exp(g * 300.0 * w), 0.0 }",
        "in_i { g = 0.0 } u_i { w = 1.0, calm = 0.0 } F_i { -g / w, 0.0 }",
    ] {
        let said = failure(model);
        assert!(
            said.contains("integration failed at t = ")
                && said.contains("synapse s0")
                && said.contains("variable w = "),
            "{said}"
        );
        assert!(said.contains("models check"), "{said}");
    }
}

#[test]
fn pulses_of_every_signal_are_stop_times() {
    let model = "in_i { delta = 0, x = 0, y = 0 } u_i { w = 0.0, a = 0.0, c = 0.0 } F_i { delta, x, y }";
    let signals = "signal = { kind = \"pulses\", amplitude = 1.0, width = 0.001, period = 9.0, start = 5.0 }\n\
                   x = { kind = \"pulses\", amplitude = 2.0, width = 0.002, period = 9.0, start = 4.0 }\n\
                   y = { kind = \"pulses\", amplitude = 3.0, width = 0.003, period = 9.0, start = 5.0005 }\n\
                   synapses = [{ scale = 2.0, state = { c = 0.5 } }]";
    let folder = Folder::new(&[("mine.ds", model), ("mine.toml", &protocol(signals))]);
    folder.ok(&["-q", "run", "mine.toml"]);
    let manifest = fs::read_to_string(folder.path("output/mine/manifest.json")).unwrap();
    let results = serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["results"].clone();
    for (name, expected) in [("s0.w", 0.001), ("s0.a", 0.008), ("s0.c", 0.509)] {
        let result = results[name].as_f64().unwrap();
        assert!((result - expected).abs() < 1e-9, "{name}: {result}");
    }
}

#[test]
fn a_run_directory_holds_its_model_and_runs_again_to_the_same_bytes() {
    let model =
        "eta { 0.3 } in_i { g = 0 } u_i { fast = 0.0, ca = 1.0 } F_i { -eta * g * ca, -ca } out_i { fast }";
    let config = protocol(ONE) + "parameters = { eta = 0.7, ca = 2.0 }\n";
    let folder = Folder::new(&[("mine.ds", model), ("mine.toml", &config)]);
    folder.ok(&["-q", "run", "mine.toml"]);
    fs::remove_file(folder.path("mine.ds")).unwrap();
    folder.ok(&["-q", "run", "output/mine/config.toml", "--output", "again"]);
    for file in ["model.ds", "config.toml", "traces.csv", "weights.safetensors"] {
        assert_eq!(
            fs::read(folder.path(&format!("output/mine/{file}"))).unwrap(),
            fs::read(folder.path(&format!("again/{file}"))).unwrap(),
            "{file}"
        );
    }
    let header = fs::read_to_string(folder.path("again/traces.csv")).unwrap();
    assert!(header.starts_with("time_s,s0.g,s0.ca,s0.w\n0,1,2,0\n"), "{header}");
    assert!(folder.path("again/figures/traces.png").is_file());
}

#[test]
fn a_model_whose_text_has_changed_is_another_experiment() {
    let text = |rate: &str| format!("in_i {{ g = 0 }} u_i {{ w = 0.0 }} F_i {{ {rate} }}");
    let folder = Folder::new(&[("mine.ds", &text("-g")), ("mine.toml", &protocol(ONE))]);
    let compare = ["compare", "mine.toml", "--vary", "protocol.duration=1.0,2.0", "--output", "compared"];
    folder.ok(&compare);
    folder.ok(&compare);
    fs::write(folder.path("mine.ds"), text("-2.0 * g")).unwrap();
    assert!(!folder.run(&compare).status.success());
}

const NETWORK: &str =
    "[data]\nsource = \"blobs\"\ntrain = 8\ntest = 4\n[stream]\nepochs = 1\n[network]\nlayers = [2, 4, 3]\n";

#[test]
fn a_model_learns_in_every_feedback_mode_that_its_state_allows() {
    let run = |model: &str, mode: &str| {
        final_state(&format!("{NETWORK}[synapse]\nmodel = \"{model}\"\n[feedback]\nmode = \"{mode}\"\n"))
    };
    for mode in ["model", "fixed", "symmetric", "sign-symmetric", "direct"] {
        let state = run("bio_adam", mode);
        assert_eq!(state.contains_key("l2.b"), matches!(mode, "model" | "fixed"), "{mode}");
        assert!(!state.contains_key("l1.b"));
        assert!(state.values().flatten().all(|value| value.is_finite()));
    }
    // What learns is another state than what rests; with the same weights at the start.
    assert_ne!(run("bio_adam", "model")["l2.b"], run("bio_adam", "fixed")["l2.b"]);
    let start = final_state(&format!("{NETWORK}[synapse]\nmodel = \"sgd\"\nparameters = {{ eta = 0.0 }}\n"));
    assert_eq!(start["l2.b"], run("bio_adam", "fixed")["l2.b"]);
}

#[test]
fn a_forward_weight_may_follow_the_feedback_weight() {
    // Both approach their mean: 1/2 (w + b) stays.
    let text = "in_i { g = 0 } u_i { w = 0.0, b = 0.0 } F_i { b - w + 0.0 * g, w - b }";
    let folder = Folder::new(&[("mine.ds", text)]);
    let model = folder.path("mine.ds");
    let run = |mode: &str, duration: f64| {
        final_state(&format!(
            "{NETWORK}[synapse]\nmodel = {model:?}\n[feedback]\nmode = \"{mode}\"\n[solver]\nrtol = 1e-8\n"
        ).replace("epochs = 1", &format!("duration = {duration}")))
    };
    let (start, end) = (run("model", 1e-6), run("model", 20.0));
    for layer in ["l1", "l2"] {
        let at = |state: &std::collections::BTreeMap<String, Vec<f64>>, name| {
            state[&format!("{layer}.{name}")].clone()
        };
        for k in 0..at(&end, "w").len() {
            let mean = 0.5 * (at(&start, "w")[k] + at(&start, "b")[k]);
            assert!((at(&end, "w")[k] - mean).abs() < 1e-5 && (at(&end, "b")[k] - mean).abs() < 1e-5);
        }
    }
    // With a feedback weight that rests, w goes all the way.
    let end = run("fixed", 20.0);
    assert!(end["l2.w"].iter().zip(&end["l2.b"]).all(|(w, b)| (w - b).abs() < 1e-5));
}

#[test]
fn oja_finds_the_first_principal_component() {
    // Points on both sides of the origin along (0.8, 0.6), with a little beside it.
    let mut table = String::from("a,b,target\n");
    for k in 0..60_i32 {
        let (along, beside) = ((f64::from(k) * 1.7).sin(), 0.1 * (f64::from(k) * 2.3).cos());
        writeln!(table, "{},{},0", 0.8 * along - 0.6 * beside, 0.6 * along + 0.8 * beside).unwrap();
    }
    let folder = Folder::new(&[("points.csv", &table)]);
    let state = final_state(&format!(
        "[data]\nsource = \"csv\"\npath = {:?}\ntargets = [\"target\"]\nscaling = \"none\"\ntrain = 50\ntest = 10\n\
         [stream]\nepochs = 40\n[network]\nlayers = [2, 1]\nreadout = \"linear\"\nbias = false\n\
         [synapse]\nmodel = \"oja\"\nparameters = {{ eta = 0.3 }}\n",
        folder.path("points.csv")
    ));
    let w = &state["l1.w"];
    let along = (0.8 * w[0] + 0.6 * w[1]).abs();
    assert!((along - 1.0).abs() < 0.03 && (0.8 * w[1] - 0.6 * w[0]).abs() < 0.1, "{w:?}");
}
