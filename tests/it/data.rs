//! Data sets on their way through whole runs: tables and regression, what is recorded of them, and small networks.

use std::path::Path;

use synaptode::config;
use synaptode::network::evaluate::{Weights, largest};
use synaptode::network::{Activation, Readout, Signals};
use synaptode::record::{Manifest, RunDirectory};
use synaptode::runner::{Latest, Run};
use synaptode::stream::data::Generated;
use synaptode::stream::{DataSource, DataSpec, Dataset, World};

use crate::runs::Nobody;
use crate::support;

/// Runs the configuration into the folder `name` below `folder`.
fn run(folder: &Path, text: &str, name: &str) -> Manifest {
    let experiment = config::load_str(text, name, folder, &[]).unwrap_or_else(|error| panic!("{error}"));
    let run = Run::prepare(experiment).unwrap();
    let directory = RunDirectory::create(&folder.join(name), false).unwrap();
    run.execute(&directory, &Latest::default(), &mut Nobody).unwrap()
}

/// A column of a CSV file as text.
fn column(path: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let place = reader.headers().unwrap().iter().position(|column| column == name).unwrap();
    reader.records().map(|row| row.unwrap()[place].to_owned()).collect()
}

const REGRESSION: &str = r#"
[data]
source = "csv"
path = "table.csv"
targets = ["y", 0]
test_fraction = 0.25
[network]
layers = [2, 4, 2]
readout = "linear"
"#;

#[test]
fn a_table_of_numbers_is_learned_without_accuracies_and_its_run_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..40).map(|k| format!("{},{},{k},{}\n", k % 5, k % 7, k % 3));
    let text = format!("y2,a,y,b\n{}", rows.collect::<String>());
    std::fs::write(folder.path().join("table.csv"), text).unwrap();
    let first = run(folder.path(), REGRESSION, "first");
    assert_eq!(first.presentations, 30);
    assert!(first.results.keys().all(|name| !name.contains("accuracy")), "{:?}", first.results);
    assert!(first.results["test_loss"] > 0.0);
    let metrics = folder.path().join("first/metrics.csv");
    for name in ["online_accuracy", "test_accuracy"] {
        let column = column(&metrics, name);
        assert!(column.len() > 2 && column.iter().all(String::is_empty), "{column:?}");
    }
    assert!(column(&metrics, "test_loss").iter().all(|cell| cell.parse::<f64>().is_ok()));

    let resolved = std::fs::read_to_string(folder.path().join("first/config.toml")).unwrap();
    let again = run(folder.path(), &resolved, "second");
    assert_eq!((again.data_sha256, again.results), (first.data_sha256, first.results));
}

#[test]
fn a_table_that_does_not_fit_the_network_is_refused_with_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("table.csv"), "a,b,c,label\n1,2,3,0\n4,5,6,1\n").unwrap();
    let text =
        "[data]\nsource = \"csv\"\npath = \"table.csv\"\nlabel = \"label\"\n[network]\nlayers = [4, 2]";
    let experiment = config::load_str(text, "x", folder.path(), &[]).unwrap();
    let message = Run::prepare(experiment).unwrap_err().to_string();
    assert!(message.contains("let `network.layers` start with 3 and end with 2"), "{message}");
}

/// The pass in batches against the pass of one sample, with layers of every small size.
#[test]
fn the_score_of_a_small_network_is_that_of_its_samples_one_by_one() {
    let set = Generated::Blobs { classes: 3, dimension: 2, spread: 0.5 };
    let source = DataSource::Generated { set, seed: 0 };
    let data = Dataset::load(&DataSpec { source, train: Some(1), test: Some(300) }).unwrap();
    for layers in [&[2, 1, 3][..], &[2, 2, 4, 3], &[2, 7, 3], &[2, 6, 6, 3], &[2, 3]] {
        let network = support::network(layers, Activation::Tanh, Readout::Softmax);
        let value = |l: usize, s: usize| (1.0 + 3.7 * l as f64 + 1.3 * s as f64).sin();
        let pairs = || layers.windows(2).map(|pair| (pair[0], pair[1])).enumerate();
        let weights = Weights {
            w: pairs().map(|(l, (pre, post))| (0..pre * post).map(|s| value(l, s)).collect()).collect(),
            bias: pairs().map(|(l, (_, post))| (0..post).map(|s| 0.3 * value(l, s + 5)).collect()).collect(),
            b: vec![Vec::new(); layers.len() - 1],
            ..Weights::default()
        };
        let score = weights.score(&network, World::default().show(&data.test));
        let mut signals = Signals::zeros(&network);
        let (mut loss, mut correct) = (0.0, 0.0);
        for k in 0..300 {
            data.test.sample_into(k, &mut signals.x[0], &mut signals.target);
            weights.pass(&network, &mut signals);
            let answer = &signals.x[network.depth()];
            loss += network.readout.loss(answer, &signals.target) / 300.0;
            correct += f64::from(u8::from(largest(answer) == data.test.label(k))) / 300.0;
        }
        assert!((score.loss - loss).abs() < 1e-12, "{layers:?}: {} {loss}", score.loss);
        assert!((score.accuracy.unwrap() - correct).abs() < 1e-12, "{layers:?}");
    }
}
