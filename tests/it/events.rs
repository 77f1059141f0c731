//! Timed events in whole runs, and what every integrator makes of a state that is replaced.

use std::path::Path;

use synaptode::config;
use synaptode::dynamics::State;
use synaptode::network::{Activation, Readout, init::network_start};
use synaptode::record::RunDirectory;
use synaptode::runner::{Latest, Run};
use synaptode::solver::{Method, SolverOptions, with_integrator};
use synaptode::stream::Drive;
use synaptode::synapse::{Coordinate, FeedbackMode, Gain, RuleSpec, Traces};

use crate::program::SMALL;
use crate::runs::Nobody;
use crate::support::*;

/// Rows of a CSV file by the names of its columns.
struct Rows(Vec<String>, Vec<Vec<f64>>);

impl Rows {
    fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let number = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
        Self(header, reader.records().map(|row| row.unwrap().iter().map(number).collect()).collect())
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let index = self.0.iter().position(|column| column == name).unwrap();
        self.1.iter().map(|row| row[index]).collect()
    }

    /// Values of a column at one time, in order.
    fn at(&self, t: f64, name: &str) -> Vec<f64> {
        let times = self.column("time_s");
        let values = self.column(name).into_iter().zip(times);
        values.filter(|(_, time)| (time - t).abs() < 1e-9).map(|(value, _)| value).collect()
    }
}

struct Done {
    metrics: Rows,
    traces: Rows,
    weights: Vec<u8>,
}

fn run(events: &str, sets: &[&str]) -> Done {
    let folder = tempfile::tempdir().unwrap();
    let sparse = ["record.trace_interval=0.1", "record.measure_every=20"];
    let sets: Vec<String> = sparse.iter().chain(sets).map(ToString::to_string).collect();
    let experiment = config::load_str(&format!("{SMALL}{events}"), "small", folder.path(), &sets).unwrap();
    let run = Run::prepare(experiment).unwrap();
    let directory = RunDirectory::create(&folder.path().join("out"), false).unwrap();
    run.execute(&directory, &Latest::default(), &mut Nobody).unwrap();
    let read = |name| Rows::read(&directory.file(name));
    let weights = std::fs::read(directory.file("weights.safetensors")).unwrap();
    Done { metrics: read("metrics.csv"), traces: read("traces.csv"), weights }
}

fn perturb(at: f64, weights: &str) -> String {
    format!("[[events]]\nkind = \"perturb\"\nat = {at:?}\nlayer = 2\nweights = \"{weights}\"\nsigma = 1.0\n")
}

fn permute(at: f64) -> String {
    format!("[[events]]\nkind = \"permute-labels\"\nat = {at:?}\n")
}

#[test]
fn noise_on_b_jumps_at_its_time_and_nowhere_else() {
    let (plain, done) = (run("", &[]), run(&perturb(2.43, "b"), &[]));
    let angles = done.metrics.at(2.43, "l2.angle_deg");
    assert_eq!(angles.len(), 2);
    assert!(angles[1] - angles[0] > 5.0 || angles[0] - angles[1] > 5.0, "{angles:?}");
    let scores = done.metrics.at(2.43, "test_loss");
    assert_eq!(scores[0], scores[1], "forward weights stay");
    assert!(
        done.metrics.at(2.43, "presentation").iter().all(|presentation| (presentation - 24.3).abs() < 1e-9)
    );
    let online = done.metrics.at(2.43, "loss");
    assert!(online[0].is_finite() && online[1].is_nan(), "{online:?}");
    // A row before and one after in the traces: b jumps, and w does not.
    let jumps = |variable: &str| {
        let columns = done.traces.0.iter().filter(|name| name.starts_with("l2") && name.ends_with(variable));
        let pairs: Vec<_> = columns.map(|name| done.traces.at(2.43, name)).collect();
        assert!(pairs.len() == 2 && pairs.iter().all(|pair| pair.len() == 2), "{pairs:?}");
        pairs.iter().all(|pair| pair[0] != pair[1])
    };
    assert!(jumps(".b") && !jumps(".w") && !jumps(".m"));
    // Until then nothing is different but the step that ends at the event.
    for (name, t) in done.traces.0.iter().flat_map(|name| [0.0, 1.0, 2.4].map(|t| (name, t))) {
        assert_eq!(done.traces.at(t, name), plain.traces.at(t, name));
    }
}

#[test]
fn noise_on_w_changes_the_score() {
    let done = run(&perturb(2.0, "w"), &[]);
    let losses = done.metrics.at(2.0, "test_loss");
    // At a boundary that is measured anyway the row before is there once.
    assert!(losses.len() == 2 && losses[0] != losses[1], "{losses:?}");
    assert_eq!(done.metrics.at(2.0, "presentation"), [20.0; 2]);
    assert_eq!(done.metrics.1.len(), 4);
}

#[test]
fn permuted_labels_are_judged_as_they_are_presented() {
    let sets = [
        "data.train=200",
        "data.test=100",
        "stream.epochs=8",
        "network.layers.1=32",
        "synapse.eta=0.05",
        "feedback.mode=symmetric",
        "record.measure_every=100",
    ];
    for at in [120.0, 120.05] {
        let done = run(&permute(at), &sets);
        let test = done.metrics.at(at, "test_accuracy");
        assert!(test.len() == 2 && test[0] > 0.7 && test[1] < 0.1, "{test:?}");
        // The hundred presentations before the event, and the hundred after it.
        let online = |t| done.metrics.at(t, "online_accuracy")[0];
        assert!(online(120.0) > 0.8 && online(130.0) < 0.4, "{} {}", online(120.0), online(130.0));
    }
}

#[test]
fn an_event_where_no_signal_jumps_still_has_its_two_rows() {
    // Noise on b reaches the signals of the layers below only.
    let one = "record={ synapses = [\"l2.p0.q0\"], trace_interval = 0.1 }";
    let done = run(&perturb(1.05, "b"), &[one]);
    let g = done.traces.at(1.05, "l2.p0.q0.g");
    assert!(g.len() == 2 && (g[0] - g[1]).abs() < 1e-12, "{g:?}");
}

#[test]
fn silent_inputs_are_silent_in_the_test_too() {
    let silence = "[[events]]\nkind = \"silence\"\nat = 1.05\nfraction = 0.5\n";
    let losses = run(silence, &[]).metrics.at(1.05, "test_loss");
    assert!(losses.len() == 2 && losses[0] != losses[1], "{losses:?}");
}

#[test]
fn recording_changes_nothing_where_something_happens() {
    let events = format!("{}{}{}", perturb(1.234, "w"), permute(2.0), perturb(3.0, "b"));
    let watched = run(&events, &["stream.crossfade=0.02"]);
    let sets = ["stream.crossfade=0.02", "record.per_layer=0", "record.measure_every=40"];
    assert!(watched.weights == run(&events, &sets).weights);
    assert!(watched.weights != run("", &sets).weights);
}

#[test]
fn the_order_in_which_events_are_written_does_not_matter() {
    let events = [perturb(1.234, "w"), permute(2.0), perturb(1.234, "b"), perturb(3.0, "b")];
    let backwards: Vec<&str> = events.iter().rev().map(String::as_str).collect();
    assert!(run(&events.concat(), &[]).weights == run(&backwards.concat(), &[]).weights);
}

#[test]
fn phases_between_presentations_move_events_with_the_stream() {
    let mirror = ["feedback.mode=weight-mirror", "feedback.mirror={ every = 10, samples = 5 }"];
    // Presentation 20 is followed by the third phase, presentation 24 is in the stream after it.
    for (at, t, presentation) in [(2.0, 2.0 + 1.0, 20.0), (2.43, 2.43 + 1.5, 24.3)] {
        let done = run(&perturb(at, "b"), &mirror);
        let angles = done.metrics.at(t, "l2.angle_deg");
        assert!(angles.len() == 2 && (angles[1] - angles[0]).abs() > 5.0, "{angles:?}");
        assert!(done.metrics.at(t, "presentation").iter().all(|seen| (seen - presentation).abs() < 1e-9));
        assert_eq!(done.traces.at(t, "time_s").len(), 2);
    }
}

#[test]
fn discrete_rules_take_events_too() {
    let done = run(&perturb(2.43, "b"), &["synapse.rule=discrete-adam"]);
    let angles = done.metrics.at(2.43, "l2.angle_deg");
    assert!((angles[1] - angles[0]).abs() > 5.0, "{angles:?}");
}

#[test]
fn every_integrator_goes_on_from_a_state_that_is_set() {
    let architecture = network(&[2, 3, 2], Activation::Tanh, Readout::Linear);
    let source = synaptode::dynamics::Source::Network(architecture);
    let feedback = feedback(FeedbackMode::Predisposition, Traces::Shared);
    let hold = |x: f64| Drive::Hold { x: vec![x, 0.5], y: vec![-x, 1.0] };
    let segments = drives([(0.3, hold(1.0)), (0.4, hold(-0.7)), (0.2, hold(0.2))]);
    let mut discrete = synapse(Gain::Rms);
    discrete.rule = RuleSpec::Adam { tau_m: 0.5, tau_v: 4.0, epsilon: 0.01, bias_correction: false };
    let methods = ALL_METHODS.iter().chain(&[Method::Exponential]);
    let continuous = methods.flat_map(|method| {
        [Coordinate::V, Coordinate::Rho].map(|coordinate| (*method, synapse(Gain::Rms), coordinate))
    });
    let cases = continuous.chain([(Method::PerPresentation, discrete, Coordinate::Rho)]);
    for (method, synapse, coordinate) in cases {
        let dynamics = synaptode::dynamics::Dynamics::new(source.clone(), synapse, feedback, coordinate);
        let start = network_start(&dynamics, 1.0, 5);
        let options: SolverOptions = options(method, 1e-8, coordinate);
        let disturb = |state: State| State {
            values: state.values.iter().map(|value| value * 1.2 + 0.05).collect(),
            ..state
        };
        let (middle, end) = with_integrator(&dynamics, &start, &options, |integrator| {
            let middle = disturb(walk(integrator, &segments[..1], &mut |_| {}).unwrap());
            integrator.set_state(&middle);
            assert!(distance(&integrator.state(), &middle) < 1e-14 && integrator.state().t == middle.t);
            (middle, walk(integrator, &segments[1..], &mut |_| {}).unwrap())
        })
        .unwrap();
        let fresh = with_integrator(&dynamics, &middle, &options, |integrator| {
            walk(integrator, &segments[1..], &mut |_| {}).unwrap()
        })
        .unwrap();
        assert!(distance(&end, &fresh) < 1e-5, "{method:?} {coordinate:?}: {}", distance(&end, &fresh));
        assert_eq!(end.t, fresh.t);
    }
}
