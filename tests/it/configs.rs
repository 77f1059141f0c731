//! Configurations: valid ones load and survive being written and read, invalid ones are refused in clear words.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use synaptode::cli::{Check, Cli, Command, Overrides};
use synaptode::cmd;
use synaptode::config::{self, Experiment, Task, templates};
use synaptode::error::ConfigError;

pub const TEMPLATES: [&str; 2] = [templates::NETWORK, templates::SYNAPSE];

/// Every TOML file in a folder of the repository and below.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

pub fn load_str(text: &str, sets: &[&str]) -> Result<Experiment, ConfigError> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    config::load_str(text, "experiment", Path::new("base"), &sets)
}

/// What is written out in full gives the same experiment, and is the same again when written out.
pub fn assert_round_trip(experiment: &Experiment) {
    let text = experiment.to_toml().unwrap();
    let again = config::load_str(&text, "other", Path::new("/elsewhere"), &[])
        .unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(again, *experiment, "\n{text}");
    assert_eq!(again.to_toml().unwrap(), text);
}

#[test]
fn every_config_of_the_repository_is_valid_and_survives_a_round_trip() {
    let files = files("configs");
    assert!(files.len() >= 9);
    for path in files {
        let mut experiment = config::load(&path, &[], None).unwrap_or_else(|error| panic!("{error}"));
        assert_round_trip(&experiment);
        assert!(!experiment.analysis.is_empty(), "{} has no analysis", path.display());
        assert_eq!(experiment.origin.idle(), [""; 0], "{}", path.display());
        // Only a data set that has not been read leaves the length of its stream open.
        if experiment.duration().is_none() {
            experiment.resolve_samples(1000, 100).unwrap();
            assert_round_trip(&experiment);
        }
    }
    for template in TEMPLATES {
        assert_round_trip(&load_str(template, &[]).unwrap());
    }
}

#[test]
fn every_invalid_config_is_refused_in_clear_words() {
    let files = files("tests/invalid_configs");
    assert!(files.len() >= 25);
    for path in files {
        let error = config::load(&path, &[], None).err().unwrap_or_else(|| panic!("{}", path.display()));
        let name = path.file_name().unwrap().to_owned();
        assert_eq!(error.file.as_deref(), Some(path.as_path()));
        assert!(!error.remedy.is_empty(), "{error}");
        let shown = ConfigError { file: Some(name.clone().into()), ..error };
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.to_string_lossy().trim_end_matches(".toml"), shown.to_string());
        });
    }
}

#[test]
fn a_minimal_network_is_written_out_in_full() {
    let text = "[data]\nsource = \"digits\"\n[network]\nlayers = [64, 32, 10]";
    insta::assert_snapshot!(load_str(text, &[]).unwrap().to_toml().unwrap());
}

#[test]
fn a_minimal_protocol_is_written_out_in_full() {
    let text = "[protocol]\nduration = 10\nsignal = { kind = \"ornstein-uhlenbeck\", sigma = 1, tau = 2 }";
    let sets = ["feedback.traces=own", "feedback.mode=kolen-pollack", "synapse.gain=mean-abs"];
    insta::assert_snapshot!(load_str(text, &sets).unwrap().to_toml().unwrap());
}

/// The keys that a table knows, as the refusal of an unknown one lists them.
fn known_keys(template: &str, table: &str, sets: &[&str]) -> Vec<String> {
    let unknown = format!("{table}qqqqqq=1");
    let error = load_str(template, &[sets, &[unknown.as_str()]].concat()).unwrap_err();
    let (_, list) = error.remedy.rsplit_once("keys here: ").unwrap_or_else(|| panic!("{error}"));
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_templates_explain_every_key() {
    let explained = |template: &str, key: &str| {
        template.lines().any(|line| {
            let line = line.trim_start_matches(['#', ' ', '[']);
            let key_value = line.starts_with(&format!("{key} =")) || line.contains(&format!(" {key} = "));
            key_value || line.starts_with(&format!("{key}]")) || line.starts_with(&format!("protocol.{key}]"))
        })
    };
    let common = ["synapse.", "feedback.", "solver.", "solver.atol.", "figures."];
    for (template, tables) in [
        (templates::NETWORK, &["data.", "stream.", "network.", "neuron.", "record.", "checkpoint."][..]),
        (templates::SYNAPSE, &["protocol.", "protocol.synapses.0."][..]),
    ] {
        for table in common.iter().chain(tables) {
            for key in known_keys(template, table, &[]) {
                assert!(explained(template, &key), "{table}{key}");
            }
        }
        assert!(!explained(template, "qqqqqq"));
    }
    let kinds = load_str(templates::SYNAPSE, &["protocol.signal.kind=qqqqqq"]).unwrap_err().remedy;
    for kind in kinds.trim_start_matches("allowed: ").split(", ") {
        assert!(templates::SYNAPSE.contains(&format!("kind = {kind}")), "{kind}");
        let signal = format!("protocol.signal={{ kind = {kind} }}");
        for key in known_keys(templates::SYNAPSE, "protocol.signal.", &[signal.as_str()]) {
            assert!(explained(templates::SYNAPSE, &key), "{kind}: {key}");
        }
    }
    let kinds = load_str(templates::NETWORK, &["events=[{ kind = \"qqqqqq\" }]"]).unwrap_err().remedy;
    for kind in kinds.trim_start_matches("allowed: ").split(", ") {
        assert!(templates::NETWORK.contains(&format!("kind = {kind}")), "{kind}");
        let event = format!("events=[{{ kind = {kind} }}]");
        for key in known_keys(templates::NETWORK, "events.0.", &[event.as_str()]) {
            assert!(explained(templates::NETWORK, &key), "{kind}: {key}");
        }
    }
    for key in known_keys(templates::NETWORK, "", &[]) {
        assert!(TEMPLATES.iter().any(|template| explained(template, &key)), "{key}");
    }
}

#[test]
fn a_value_that_the_templates_call_default_is_the_default() {
    let given = load_str(templates::NETWORK, &["analysis=\"\"", "expect={}", "stream.epochs=1"]).unwrap();
    let text = "[data]\nsource = \"digits\"\n[network]\nlayers = [64, 32, 10]";
    let left_out = load_str(text, &["name=network"]).unwrap();
    let cadence = ["record.trace_interval=0.8", "record.measure_every=288"].map(str::to_owned);
    let left_out_cadence = config::load_str(text, "network", Path::new(""), &cadence).unwrap();
    assert_eq!(given, left_out_cadence);
    assert_ne!(given, left_out);
    // The two that depend on the length of the stream are those of the template's own ten epochs.
    let ten = load_str(text, &["stream.epochs=10"]).unwrap();
    assert_eq!((ten.record.trace_interval, ten.record.measure_every), (0.8, 288));
}

#[test]
fn overrides_replace_values_tables_and_elements() {
    let digits = load_str(
        templates::NETWORK,
        &["synapse.eta=0.5", "network.layers=[64,10]", "network.readout=logistic", "expect={}", "figures={}"],
    )
    .unwrap();
    assert_eq!(digits.synapse.eta, 0.5);
    let Task::Stream { network, .. } = &digits.task else { panic!() };
    assert_eq!(network.layers, [64, 10]);
    assert_eq!(network.readout, synaptode::network::Readout::Logistic);

    let sets = ["protocol.synapses.1.w=0.25", "expect.\"s1.w\".max=0.5", "record.trace_interval = 2"];
    let synapse = load_str(templates::SYNAPSE, &sets).unwrap();
    let Task::Protocol(protocol) = &synapse.task else { panic!() };
    assert_eq!(protocol.synapses[1].w, 0.25);
    assert_eq!(synapse.expect["s1.w"].max, Some(0.5));
    assert_eq!(synapse.record.trace_interval, 2.0);
}

#[test]
fn a_wrong_override_is_refused_as_such() {
    let refused = |set: &str| load_str(templates::NETWORK, &[set]).unwrap_err().to_string();
    let sets = [
        "synapse.eta",
        "=1",
        "synapse..eta=1",
        "synapse.eta=fast",
        "synapse.etaa=1",
        "synapse.eta=-1",
        "network.layers.7=10",
        "network.layers.0=63",
        "seed.x=1",
        "feedback.mode=backprop",
        "network.layers=[64,",
    ];
    let messages = sets.map(|set| format!("--set {set}\n{}\n", refused(set)));
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn the_seed_of_the_command_line_wins() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/digits.toml");
    assert_eq!(config::load(&path, &["seed=5".to_owned()], Some(7)).unwrap().seed, 7);
    let error = config::load(&path, &[], Some(u64::MAX)).unwrap_err();
    assert_eq!(error.key, "seed");
}

#[test]
fn paths_become_absolute() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[data]\nsource = \"idx\"\npath = \"mnist\"\n[network]\nlayers = [784, 10]";
    let file = folder.path().join("mine.toml");
    fs::write(&file, text).unwrap();
    let experiment = config::load(&file, &[], None).unwrap();
    assert_eq!(experiment.name, "mine");
    assert_eq!(experiment.resolved.data.unwrap().path.unwrap(), folder.path().join("mnist"));
}

#[test]
fn the_numbers_of_an_unread_data_set_are_resolved_later() {
    let text = "[data]\nsource = \"idx\"\npath = \"mnist\"\n[network]\nlayers = [784, 256, 10]";
    let mut experiment = load_str(text, &["stream.epochs=2"]).unwrap();
    assert_eq!(experiment.presentations(), None);
    assert_eq!(experiment.resolved.record.measure_every, None);
    assert_round_trip(&experiment);
    experiment.resolve_samples(60_000, 10_000).unwrap();
    assert_eq!(experiment.presentations(), Some(120_000));
    assert_eq!(experiment.record.measure_every, 2400);
    assert!((experiment.record.trace_interval - 6.0).abs() < 1e-12);
    assert_round_trip(&experiment);
}

#[test]
fn the_default_cadence_lies_on_the_grid_of_presentations() {
    for (presentation, duration, interval) in
        [(0.1, 1437.0, 0.8), (0.1, 100.0, 0.05), (2.0, 10.0, 0.005), (0.3, 0.3, 0.00015)]
    {
        let sets = [format!("stream.presentation={presentation}"), format!("stream.duration={duration}")];
        let text = "[data]\nsource = \"digits\"\n[network]\nlayers = [64, 32, 10]";
        let experiment = config::load_str(text, "x", Path::new(""), &sets).unwrap();
        let chosen = experiment.record.trace_interval;
        assert!((chosen / interval - 1.0).abs() < 1e-9, "{chosen} for {presentation}, {duration}");
    }
}

#[test]
fn a_run_directory_is_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.toml"), "").unwrap();
    let error = config::load(folder.path(), &[], None).unwrap_err();
    assert!(error.remedy.contains("config.toml"), "{error}");
    let error = config::load(&folder.path().join("none.toml"), &[], None).unwrap_err();
    assert!(error.remedy.contains("init"), "{error}");
}

#[test]
fn check_reports_what_an_experiment_takes_and_every_refusal() {
    let configs =
        ["configs/digits.toml", "tests/invalid_configs/range_zero_tau.toml", "configs/protocols/sine.toml"];
    let configs = configs.map(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).to_vec();
    let args = Check { configs, overrides: Overrides::default() };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let failure = cmd::check::run(&args, false, &mut out, &mut err).unwrap_err();
    assert_eq!(failure.to_string(), "1 of 3 configurations are refused");
    let shown = [out, err].map(|text| String::from_utf8(text).unwrap()).join("\n");
    insta::assert_snapshot!(shown.replace(&format!("{}/", env!("CARGO_MANIFEST_DIR")), ""));
}

#[test]
fn the_command_line_is_consistent_and_init_and_completions_print() {
    Cli::command().debug_assert();
    // The terminal breaks lines of prose, the text does not; an example is a line that hardly any terminal breaks.
    let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ');
    for command in Cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = help.lines().collect();
        assert!(lines.iter().all(|line| is_prose(line) || line.chars().count() <= 110), "{help}");
        assert!(!lines.windows(2).any(|pair| pair.iter().all(|line| is_prose(line))), "{help}");
    }
    let print = |args: &[&str]| {
        let mut out = Vec::new();
        match Cli::try_parse_from([&["synaptode"], args].concat()).unwrap().command {
            Command::Init(args) => cmd::init::run(&args, &mut out).unwrap(),
            Command::Completions(args) => cmd::completions::run(&args, &mut out).unwrap(),
            other => panic!("{other:?}"),
        }
        String::from_utf8(out).unwrap()
    };
    assert_eq!(print(&["init"]), templates::NETWORK);
    assert_eq!(print(&["init", "synapse"]), templates::SYNAPSE);
    assert!(print(&["completions", "bash"]).contains("--verify"));
    let run = ["synaptode", "run", "a.toml", "--set", "a=1", "--set", "b=2", "-vv"];
    let Cli { command: Command::Run(run), verbosity } = Cli::try_parse_from(run).unwrap() else { panic!() };
    assert_eq!((run.overrides.sets.len(), verbosity.verbose), (2, 2));
    assert!(Cli::try_parse_from(["synaptode", "check"]).is_err());
}
