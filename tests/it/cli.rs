//! The program as a user meets it, in a temporary folder.

use std::path::Path;

use crate::program::{Folder, SMALL, SYNAPSES};

/// Header and rows of a CSV file; an empty cell is NaN.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let number = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
    let rows = reader.records().map(|row| row.unwrap().iter().map(number).collect()).collect();
    (header, rows)
}

#[test]
fn a_network_run_leaves_everything_that_is_promised() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let said = folder.ok(&["run", "small.toml", "--verify"]);
    assert!(said.contains("test_accuracy") && said.contains("holds"), "{said}");
    for file in ["config.toml", "manifest.json", "initial.safetensors", "weights.safetensors"] {
        assert!(folder.path("output/small").join(file).is_file(), "{file}");
    }
    for figure in ["traces", "learning", "symmetry", "weights"] {
        assert!(folder.path(&format!("output/small/figures/{figure}.png")).is_file(), "{figure}");
    }
    let (header, rows) = table(&folder.path("output/small/metrics.csv"));
    assert_eq!(header[..3], ["time_s", "presentation", "epoch"]);
    assert!(header.contains(&"l2.angle_deg".to_owned()));
    assert_eq!(rows.iter().map(|row| row[1]).collect::<Vec<_>>(), [0.0, 10.0, 20.0, 30.0, 40.0]);
    let (header, rows) = table(&folder.path("output/small/traces.csv"));
    assert_eq!(header.iter().filter(|name| name.rsplit('.').next() == Some("rho")).count(), 4);
    assert!(rows.windows(2).all(|pair| pair[0][0] <= pair[1][0]));
    // 4 s in steps of 0.02 s from 0, and the second row of each of the 39 changes of sample.
    assert_eq!(rows.len(), 201 + 39);
    assert_eq!(rows.last().unwrap()[0], 4.0);
    let manifest: serde_json::Value =
        serde_json::from_slice(&folder.bytes("output/small/manifest.json")).unwrap();
    assert_eq!(manifest["status"], "complete");
    assert_eq!(manifest["presentations"], 40);
}

#[test]
fn weights_are_readable_by_name_and_shape() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml"]);
    let bytes = folder.bytes("output/small/weights.safetensors");
    let arrays = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(arrays.tensor("l1.w").unwrap().shape(), [8, 64]);
    assert_eq!(arrays.tensor("l2.b").unwrap().shape(), [10, 8]);
    assert_eq!(arrays.tensor("l2.bias.rho").unwrap().shape(), [10]);
    assert!(arrays.tensor("l1.b").is_err(), "the first layer has no feedback");
}

#[test]
fn the_resolved_configuration_gives_the_same_run_again() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml", "--seed", "5"]);
    folder.ok(&["run", "output/small/config.toml", "--output", "again"]);
    for file in ["traces.csv", "metrics.csv", "weights.safetensors", "config.toml"] {
        assert!(
            folder.bytes(&format!("output/small/{file}")) == folder.bytes(&format!("again/{file}")),
            "{file}"
        );
    }
    folder.ok(&["run", "small.toml", "--seed", "6", "--output", "other"]);
    assert!(folder.bytes("output/small/weights.safetensors") != folder.bytes("other/weights.safetensors"));
}

#[test]
fn recording_changes_nothing_to_the_bit() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml", "--output", "watched"]);
    let unwatched = ["--set", "record.per_layer=0", "--set", "record.measure_every=40"];
    folder.ok(&[&["run", "small.toml", "--output", "unwatched"], &unwatched[..]].concat());
    assert!(folder.bytes("watched/weights.safetensors") == folder.bytes("unwatched/weights.safetensors"));
    assert!(folder.bytes("watched/traces.csv") != folder.bytes("unwatched/traces.csv"));
}

#[test]
fn a_protocol_run_traces_synapses_beside_discrete_adam() {
    let folder = Folder::new(&[("synapses.toml", SYNAPSES)]);
    folder.ok(&["run", "synapses.toml", "-q"]);
    let (header, rows) = table(&folder.path("output/synapses/traces.csv"));
    for column in ["s0.g", "s0.m", "s0.rho", "s0.u", "s0.w", "s0.b", "s1.w_adam"] {
        assert!(header.contains(&column.to_owned()), "{column} is missing in {header:?}");
    }
    // 41 multiples of the interval, and the second row of the three jumps.
    assert_eq!(rows.len(), 41 + 3);
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (g, w) = (column("s0.g"), column("s0.w"));
    let jump = rows.windows(2).find(|pair| pair[0][0] == pair[1][0]).unwrap();
    assert_eq!((jump[0][g], jump[1][g], jump[0][w]), (1.0, -1.0, jump[1][w]));
    assert!(!folder.path("output/synapses/metrics.csv").exists());
}

#[test]
fn a_finished_run_is_only_replaced_when_told_to() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml"]);
    let before = folder.bytes("output/small/weights.safetensors");
    let message = folder.fails(1, &["run", "small.toml", "--seed", "9"]);
    assert!(message.contains("--force"), "{message}");
    assert_eq!(before, folder.bytes("output/small/weights.safetensors"));
    folder.ok(&["run", "small.toml", "--seed", "9", "--force"]);
    assert_ne!(before, folder.bytes("output/small/weights.safetensors"));
}

#[test]
fn a_folder_that_is_no_run_is_left_alone() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    std::fs::create_dir(folder.path("mine")).unwrap();
    std::fs::write(folder.path("mine/thesis.tex"), "years of work").unwrap();
    let message = folder.fails(1, &["run", "small.toml", "--output", "mine"]);
    assert!(message.contains("no run has written"), "{message}");
    assert!(!folder.path("mine/config.toml").exists());
}

#[test]
fn an_expectation_that_fails_fails_the_command() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let message =
        folder.fails(1, &["run", "small.toml", "--verify", "--set", "expect.test_accuracy.min=0.999"]);
    assert!(message.contains("test_accuracy >= 0.999"), "{message}");
}

#[test]
fn figures_are_drawn_again_from_the_files() {
    let folder = Folder::new(&[("synapses.toml", SYNAPSES)]);
    folder.ok(&["run", "synapses.toml"]);
    let figure = folder.path("output/synapses/figures/traces.png");
    let first = std::fs::read(&figure).unwrap();
    std::fs::remove_file(&figure).unwrap();
    folder.ok(&["plot", "output/synapses"]);
    assert!(first == std::fs::read(&figure).unwrap());
}

#[test]
fn a_run_that_fails_keeps_what_it_has_and_says_so() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let message =
        folder.fails(1, &["run", "small.toml", "--set", "solver.max_steps=1", "--set", "solver.rtol=1e-10"]);
    for part in ["presentation", "synapse", "solver.max_steps"] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&folder.bytes("output/small/manifest.json")).unwrap();
    assert_eq!(manifest["status"], "failed");
    assert!(folder.path("output/small/traces.csv").is_file());
    folder.ok(&["run", "small.toml"]);
}

#[test]
fn wrong_use_and_wrong_input_have_their_own_exit_status() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.fails(2, &["run"]);
    folder.fails(2, &["dance"]);
    let message = folder.fails(1, &["run", "absent.toml"]);
    assert!(message.contains("absent.toml"), "{message}");
    let message = folder.fails(1, &["run", "small.toml", "--set", "synapse.tau_q=3"]);
    assert!(message.contains("tau_q") && message.contains("tau_m"), "{message}");
}

#[test]
fn quiet_is_silent() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    // A key without effect is worth a warning, and a warning is no error.
    let idle = ["--set", "synapse.rule=sgd", "--set", "synapse.tau_rho=1"];
    let output =
        folder.run(&[&["run", "small.toml", "-q", "--set", "feedback.mode=fixed"], &idle[..]].concat());
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
}

#[test]
fn templates_run_as_they_are_printed() {
    let folder = Folder::new(&[]);
    for template in ["network", "synapse"] {
        let text = folder.ok(&["init", template]);
        std::fs::write(folder.path("printed.toml"), text).unwrap();
        folder.ok(&["check", "printed.toml"]);
    }
}

#[test]
fn nothing_to_verify_is_said_before_the_run() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let message = folder.fails(1, &["run", "small.toml", "--set", "expect={}", "--verify"]);
    assert!(message.contains("nothing to verify") && message.contains("[expect]"), "{message}");
    assert!(!folder.path("output").exists());
}

#[test]
fn discrete_adam_beside_a_synapse_has_taken_every_step_that_is_due() {
    // Under a constant gradient, bias correction makes every step eta T g / (|g| + epsilon).
    let config = SYNAPSES.replace("\"square\", amplitude = 1.0, period = 1.0", "\"constant\", value = 1.0");
    let folder = Folder::new(&[("constant.toml", config.as_str())]);
    folder.ok(&["run", "constant.toml"]);
    let (header, rows) = table(&folder.path("output/synapses/traces.csv"));
    let column = |name: &str| header.iter().position(|other| other == name).unwrap();
    let (w, rho) = (column("s0.w_adam"), column("s0.rho_adam"));
    for row in &rows {
        let steps = (row[0] / 0.1 + 1e-6).floor();
        assert!((row[w] - (0.2 - steps * 1e-3 / 1.001)).abs() < 1e-12, "{} {}", row[0], row[w]);
        // Before the first step there is no gain.
        assert_eq!(row[rho].is_nan(), steps == 0.0, "{}", row[0]);
    }
    assert_eq!(rows.len(), 41);
}

#[test]
fn check_says_what_it_knows_of_a_stream_whose_length_the_samples_decide() {
    let config = "[data]\nsource = \"idx\"\npath = \"nowhere\"\n[network]\nlayers = [784, 8, 10]\n\
                  [neuron]\ntau = 0.01\n[record]\nper_layer = 1\n";
    let folder = Folder::new(&[("a.toml", config)]);
    let said = folder.ok(&["check", "a.toml"]);
    assert!(
        said.contains("1 synapse of each layer at 2000 times or fewer; measured 50 times or fewer\n"),
        "{said}"
    );
    assert!(said.contains("tanh units, leaky with tau 0.01 s, "), "{said}");
    let more = ["--set", "record.measure_every=7", "--set", "record.trace_interval=0.5"];
    let said = folder.ok(&[&["check", "a.toml"], &more[..]].concat());
    assert!(said.contains("1 synapse of each layer every 0.5 s; measured every 7 presentations\n"), "{said}");
}

#[test]
fn an_override_that_is_none_is_wrong_use() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    for set in ["synapse.eta", "=3", "a..b=3"] {
        for command in ["run", "check"] {
            let said = folder.fails(2, &[command, "small.toml", "--set", set]);
            assert!(said.contains("--set key.path=value") && said.contains(set), "{said}");
        }
    }
}

#[test]
fn a_quiet_check_says_nothing_but_errors() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    assert_eq!(folder.ok(&["-q", "check", "small.toml"]), "");
    assert!(folder.fails(1, &["-q", "check", "small.toml", "absent.toml"]).contains("absent.toml"));
}

/// A signal whose file ends before the run does stays as it was, which is said.
#[test]
fn a_signal_that_ends_early_is_held_and_that_is_said() {
    let config = |duration: f64| {
        format!("[protocol]\nduration = {duration:?}\nsignal = {{ kind = \"csv\", path = \"s.csv\" }}\n")
    };
    let csv = "time_s,g\n0,0.1\n1,0.2\n";
    let folder = Folder::new(&[("s.csv", csv), ("long.toml", &config(5.0)), ("short.toml", &config(1.0))]);
    let said = |name: &str| String::from_utf8(folder.run(&["run", name]).stderr).unwrap();
    let long = said("long.toml");
    assert!(long.contains("from 0.0 to 1.0 s of 5.0 s") && long.contains("held"), "{long}");
    assert!(!said("short.toml").contains("held"));
    let (header, rows) = table(&folder.path("output/long/traces.csv"));
    let g = header.iter().position(|name| name == "s0.g").unwrap();
    assert!(rows.iter().filter(|row| row[0] >= 1.0).all(|row| row[g] == 0.2));
}

#[test]
fn a_run_that_is_given_twice_is_not_drawn_over_itself() {
    let folder = Folder::new(&[("synapses.toml", SYNAPSES)]);
    folder.ok(&["run", "synapses.toml"]);
    let message = folder.fails(1, &["plot", "output/synapses", "output/../output/synapses"]);
    assert!(message.contains("given twice") && message.contains("help:"), "{message}");
}

#[test]
fn a_short_protocol_needs_no_presentation() {
    let model = "[protocol]\nduration = 0.05\nsignal = { kind = \"constant\", value = 1.0 }";
    let folder = Folder::new(&[("short.toml", model)]);
    folder.ok(&["run", "short.toml"]);
    let config = String::from_utf8(folder.bytes("output/short/config.toml")).unwrap();
    assert!(config.contains("presentation = 0.05"), "{config}");
}

#[test]
fn what_is_verified_is_shown_to_the_digits_that_decide() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml"]);
    let manifest: serde_json::Value =
        serde_json::from_slice(&folder.bytes("output/small/manifest.json")).unwrap();
    let loss = manifest["results"]["loss"].as_f64().unwrap();
    let bound = format!("expect={{ loss = {{ max = {} }} }}", loss * (1.0 - 1e-5));
    let message = folder.fails(1, &["run", "small.toml", "--force", "--verify", "--set", &bound]);
    let shown: f64 = message.rsplit(": ").next().unwrap().trim().parse().unwrap();
    assert!((shown / loss - 1.0).abs() < 5.1e-6, "{message}, but {loss}");
}
