//! Whatever the numbers in a configuration: a run ends in finite values or in an error that says where and what to change.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use synaptode::config;
use synaptode::error::Error;
use synaptode::record::manifest::Status;
use synaptode::record::{Manifest, RunDirectory};
use synaptode::runner::{Latest, Run};

use crate::runs::Nobody;

/// Most steps between two breakpoints.
const BUDGET: u64 = 300;

const NETWORK: &str = r#"
name = "extreme"
[data]
source = "blobs"
classes = 2
dimension = 2
train = 6
test = 4
[stream]
epochs = 1
[network]
layers = [2, 3, 2]
"#;

const PROTOCOL: &str = r#"
name = "extreme"
[protocol]
duration = 2.0
signal = { kind = "square", amplitude = 1.0, period = 1.0 }
synapses = [{ w = 0.2, b = -0.2 }, { w = -0.5, b = 0.1, scale = 0.5 }]
"#;

/// A number of any size, a usual one, or one that is none.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-14.0..14.0_f64).prop_map(|power| 10.0_f64.powf(power)),
        2 => 0.01..10.0_f64,
        1 => select(vec![0.0, -1.0, f64::INFINITY, f64::NAN, 1e300, 1e-300]),
    ]
}

/// Keys that networks and protocols have in common.
const NUMBERS: [&str; 9] = [
    "synapse.eta",
    "synapse.epsilon",
    "synapse.tau_m",
    "synapse.tau_rho",
    "synapse.rho0",
    "synapse.m0",
    "synapse.w_max",
    "solver.rtol",
    "solver.atol.w",
];
const WORDS: [&str; 13] = [
    "solver.method=exponential",
    "solver.method=bdf",
    "solver.method=tr_bdf2",
    "solver.method=esdirk34",
    "synapse.gain=mean-abs",
    "solver.gain_coordinate=rho",
    "synapse.rule=adam",
    "synapse.rule=sgd",
    "synapse.rule=momentum",
    "synapse.rule=rmsprop",
    "feedback.mode=kolen-pollack",
    "feedback.mode=fixed",
    "feedback.traces=own",
];

/// Settings of some keys, most left alone, for a network or a protocol.
fn settings(network: bool) -> impl Strategy<Value = (bool, Vec<String>)> {
    let (numbers, words) = if network {
        let numbers = ["network.weight_scale", "stream.presentation", "neuron.tau", "data.spread"];
        let words = [
            "synapse.rule=discrete-adam",
            "synapse.rule=discrete-sgd",
            "feedback.mode=symmetric",
            "network.activation=relu",
            "network.readout=linear",
            "stream.crossfade=0.05",
        ];
        (numbers, words.to_vec())
    } else {
        let numbers = [
            "protocol.signal.amplitude",
            "protocol.signal.mean",
            "protocol.synapses.0.w",
            "protocol.duration",
        ];
        (numbers, vec!["protocol.signal={ kind = \"sine\", amplitude = 100, period = 0.7 }"])
    };
    let keys = select([&NUMBERS[..], &numbers].concat());
    let number = (keys, wild()).prop_map(|(key, value)| format!("{key}={value:?}"));
    let word = select([&WORDS[..], &words].concat()).prop_map(str::to_owned);
    let numbers = proptest::collection::vec(number, 1..4);
    (numbers, proptest::collection::vec(word, 0..3))
        .prop_map(move |(numbers, words)| (network, [words, numbers].concat()))
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Refused,
    Failed,
    Complete,
}

fn fate(text: &str, sets: &[String]) -> Result<Fate, TestCaseError> {
    let budget = format!("solver.max_steps={BUDGET}");
    let sets = [&[budget], sets].concat();
    let experiment = match config::load_str(text, "extreme", Path::new(""), &sets) {
        Ok(experiment) => experiment,
        Err(error) => {
            prop_assert!(!error.remedy.is_empty() && !error.key.is_empty(), "{error}");
            return Ok(Fate::Refused);
        }
    };
    let run = match Run::prepare(experiment) {
        Ok(run) => run,
        Err(error) => {
            prop_assert!(error.to_string().contains("help:"), "{error}");
            return Ok(Fate::Refused);
        }
    };
    let folder = TempDir::new().unwrap();
    let directory = RunDirectory::create(&folder.path().join("run"), false).unwrap();
    let outcome = run.execute(&directory, &Latest::default(), &mut Nobody);
    let manifest = Manifest::read(&directory.path).unwrap();
    match outcome {
        Ok(_) => {
            prop_assert_eq!(manifest.status, Status::Complete);
            for value in arrays(&directory.file("weights.safetensors")) {
                prop_assert!(value.is_finite());
            }
            for file in ["traces.csv", "metrics.csv"] {
                let text = std::fs::read_to_string(directory.file(file)).unwrap_or_default();
                let bad = text.lines().find(|line| line.contains("inf") || line.contains("NaN"));
                prop_assert!(bad.is_none(), "{}: {:?}", file, bad);
            }
            Ok(Fate::Complete)
        }
        Err(error) => {
            prop_assert_eq!(manifest.status, Status::Failed);
            prop_assert!(!directory.file("weights.safetensors").exists());
            let text = error.to_string();
            let named = match &error {
                Error::Solver(error) => {
                    prop_assert!(error.t.is_finite() && error.place.is_some(), "{}", text);
                    ["presentation", "layer", "variable", "post", "pre", "help:", "synapse."]
                        .iter()
                        .all(|part| text.contains(part))
                }
                Error::Config(error) => !error.key.is_empty() && !error.remedy.is_empty(),
                _ => false,
            };
            prop_assert!(named, "{}", text);
            Ok(Fate::Failed)
        }
    }
}

fn arrays(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let data = file.tensors().into_iter().flat_map(|(_, tensor)| tensor.data().to_vec());
    data.collect::<Vec<u8>>().as_chunks().0.iter().map(|word| f64::from_le_bytes(*word)).collect()
}

#[test]
fn every_extreme_configuration_ends_in_finite_values_or_in_a_clear_error() {
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 700, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let counts = std::cell::RefCell::new([0; 3]);
    let strategy = prop_oneof![settings(true), settings(false)];
    let result = runner.run(&strategy, |(network, sets)| {
        let fate = fate(if network { NETWORK } else { PROTOCOL }, &sets)?;
        counts.borrow_mut()[fate as usize] += 1;
        Ok(())
    });
    let [refused, failed, complete] = counts.into_inner();
    println!("{refused} refused, {failed} failed with a clear error, {complete} complete");
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(failed + complete >= 200, "{failed} failed, {complete} complete");
    assert!(failed >= 20 && complete >= 20, "{failed} failed, {complete} complete");
}
