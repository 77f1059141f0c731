//! Keys that other choices leave without effect: each is named, changes nothing, and is in no resolved configuration.

use synaptode::config::Experiment;

use crate::configs::{TEMPLATES, assert_round_trip, load_str};
use crate::program::{Folder, SMALL};

const NETWORK: &str = "[data]\nsource = \"blobs\"\n[network]\nlayers = [4, 5, 3]\n[stream]\nduration = 1.0";
const PROTOCOL: &str = "[protocol]\nduration = 10\nsignal = { kind = \"constant\", value = 0.1 }";

/// Settings of what decides which keys have an effect.
fn choices() -> impl Iterator<Item = Vec<&'static str>> {
    let rules = ["bio-adam", "adam", "rmsprop", "momentum", "sgd", "discrete-adam", "discrete-sgd"];
    let rule = |rule: &str| -> &'static str { format!("synapse.rule={rule}").leak() };
    let others = [
        &[][..],
        &["solver.method=tsit45"],
        &["synapse.gain=mean-abs"],
        &["synapse.bias_correction=false"],
        &["feedback.traces=own"],
        &["feedback.mode=symmetric"],
        &["feedback.mode=weight-mirror", "feedback.mirror.every=7"],
        &["neuron.scaling_tau=50"],
        &["network.layers=[4,3]"],
    ];
    rules.map(rule).into_iter().flat_map(move |rule| others.map(|others| [&[rule], others].concat()))
}

fn with(sets: &[&'static str], set: &str) -> Vec<String> {
    sets.iter().copied().chain([set]).map(str::to_owned).collect()
}

fn loaded(text: &str, sets: &[String]) -> Option<Experiment> {
    load_str(text, &sets.iter().map(String::as_str).collect::<Vec<_>>()).ok()
}

/// A key that is written out has a say, one that is not has none: so it is for every rule.
#[test]
fn what_is_written_out_has_an_effect_and_what_is_not_has_none() {
    let keys = [
        ("synapse.tau_m", "0.25"),
        ("synapse.tau_rho", "0.25"),
        ("synapse.epsilon", "0.25"),
        ("synapse.m0", "0.25"),
        ("synapse.rho0", "0.25"),
        ("synapse.gain", "mean-abs"),
        ("stream.crossfade", "0.05"),
        ("solver.rtol", "0.01"),
        ("solver.max_steps", "77"),
        ("solver.skip_silent", "false"),
        ("feedback.m0", "0.25"),
        ("feedback.rho0", "0.25"),
        ("feedback.mirror.sigma", "0.25"),
    ];
    let (mut with_effect, mut without) = (0, 0);
    for text in [NETWORK, PROTOCOL] {
        for sets in choices() {
            let Ok(experiment) = load_str(text, &sets) else { continue };
            assert_round_trip(&experiment);
            let written: toml::Value = experiment.to_toml().unwrap().parse::<toml::Table>().unwrap().into();
            for (key, value) in keys {
                let Some(again) = loaded(text, &with(&sets, &format!("{key}={value}"))) else { continue };
                let is_written = key.split('.').try_fold(&written, |table, name| table.get(name)).is_some();
                let is_same = Experiment { resolved: experiment.resolved.clone(), ..again.clone() }
                    == experiment
                    && again.to_toml().unwrap() == experiment.to_toml().unwrap();
                let chosen = sets.iter().any(|set| set.starts_with(key));
                let named = again.origin.idle().iter().any(|idle| idle.contains(shown(key)));
                assert!(is_same != is_written || chosen, "{key}={value} with {sets:?} in {text}");
                assert!(
                    named != is_written,
                    "{key}={value} with {sets:?} in {text}: {:?}",
                    again.origin.idle()
                );
                *(if is_written { &mut with_effect } else { &mut without }) += 1;
            }
        }
    }
    assert!(with_effect > 200 && without > 100, "{with_effect} with an effect, {without} without");
}

/// As what it is named: a mirror is without effect as a whole.
fn shown(key: &str) -> &str {
    if key.starts_with("feedback.mirror") { "feedback.mirror" } else { key }
}

#[test]
fn starts_of_single_synapses_are_named_by_their_place() {
    let sets = ["protocol.synapses=[{ w = 1 }, { m = 0.5, rho = 3, w = 2 }]", "synapse.rule=momentum"];
    let experiment = load_str(PROTOCOL, &sets).unwrap();
    assert_eq!(
        experiment.origin.idle(),
        ["`protocol.synapses[1].rho` has no effect: this rule has no adaptive gain"]
    );
    let text = experiment.to_toml().unwrap();
    assert!(!text.contains("rho = 3") && text.contains("m = 0.5"), "{text}");
}

#[test]
fn the_coordinate_of_a_gain_is_of_methods_that_integrate_it() {
    for (sets, has_effect) in [
        (&["solver.gain_coordinate=v"][..], false),
        (&["solver.gain_coordinate=v", "solver.method=tsit45"], true),
        (&["solver.gain_coordinate=rho"], true),
        (&["solver.gain_coordinate=rho", "synapse.rule=adam"], false),
    ] {
        let experiment = load_str(NETWORK, sets).unwrap();
        assert_eq!(experiment.origin.idle().is_empty(), has_effect, "{sets:?}");
        assert_eq!(experiment.to_toml().unwrap().contains("gain_coordinate"), has_effect, "{sets:?}");
    }
}

#[test]
fn what_has_no_effect_is_checked_all_the_same() {
    let error = load_str(NETWORK, &["synapse.rule=sgd", "synapse.tau_rho=-1"]).unwrap_err();
    assert_eq!(error.key, "synapse.tau_rho");
}

#[test]
fn templates_have_nothing_without_effect() {
    for template in TEMPLATES {
        assert_eq!(load_str(template, &[]).unwrap().origin.idle(), [""; 0]);
    }
}

#[test]
fn run_and_check_say_what_has_no_effect_and_a_second_run_has_nothing_to_say() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let sets =
        ["--set", "synapse.rule=sgd", "--set", "synapse.tau_rho=1", "--set", "feedback.mode=symmetric"];
    let said = folder.run(&[&["run", "small.toml"], &sets[..]].concat());
    let warned = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success(), "{warned}");
    assert!(
        warned.contains("small.toml: `synapse.tau_rho` has no effect: this rule has no adaptive gain"),
        "{warned}"
    );
    let checked = folder.ok(&[&["check", "small.toml"], &sets[..]].concat());
    assert!(checked.contains("`synapse.tau_rho` has no effect"), "{checked}");
    let again = folder.run(&["run", "output/small/config.toml", "--output", "again"]);
    assert_eq!(String::from_utf8_lossy(&again.stderr), "");
    let files = ["output/small/config.toml", "again/config.toml"];
    assert_eq!(folder.bytes(files[0]), folder.bytes(files[1]));
}

/// Where there is no feedback weight, its tolerance is nobody's.
#[test]
fn the_tolerance_of_a_weight_that_is_not_there_costs_no_steps() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let steps = |atol_b: &str, mode: &str| {
        let sets = [
            format!("solver.atol={{ w = 0.1, m = 0.1, b = {atol_b} }}"),
            format!("feedback.mode={mode}"),
            "synapse.rule=sgd".to_owned(),
            "synapse.eta=3".to_owned(),
        ];
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        folder.ok(&[&["run", "small.toml", "--force"], &sets[..]].concat());
        let manifest: serde_json::Value =
            serde_json::from_slice(&folder.bytes("output/small/manifest.json")).unwrap();
        manifest["solver"]["steps"].as_u64().unwrap()
    };
    assert_eq!(steps("1e-9", "symmetric"), steps("0.1", "symmetric"));
    assert!(steps("1e-9", "predisposition") > steps("0.1", "predisposition"));
}

#[test]
fn compare_says_that_what_is_varied_has_no_effect() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let vary = ["--vary", "synapse.rule=sgd,momentum", "--vary", "synapse.tau_m=1,2"];
    let set = ["--set", "feedback.mode=fixed", "--set", "figures.draw=[]"];
    let output = folder.run(&[&["compare", "small.toml"], &vary[..], &set].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let named = |line: &&str| line.contains("`synapse.tau_m` has no effect: this rule has no momentum trace");
    assert_eq!(said.lines().filter(named).count(), 2, "{said}");
}

/// An earlier version wrote keys without effect into a run's configuration.
#[test]
fn a_run_is_the_same_with_and_without_a_key_that_has_no_effect() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml"]);
    let place = folder.path("output/small/config.toml");
    let add = |key: &str| {
        let text = std::fs::read_to_string(&place).unwrap();
        std::fs::write(&place, text.replacen("order = 3", &format!("{key}\norder = 3"), 1)).unwrap();
    };
    add("gain_coordinate = \"v\"");
    let said = folder.ok(&["run", "output/small", "--resume"]);
    assert!(said.contains("is complete"), "{said}");
    assert!(folder.ok(&["verify", "output/small"]).contains("identical"));
    let text = std::fs::read_to_string(&place).unwrap();
    std::fs::write(&place, text.replacen("eta = 0.01", "eta = 0.02", 1)).unwrap();
    let other = folder.fails(1, &["run", "small.toml", "--resume"]);
    assert!(other.contains("`synapse.eta`"), "{other}");
}
