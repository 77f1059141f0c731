//! Feedback "weight-mirror": phases of noise in which only the feedback weights move.

use synaptode::dynamics::{Dynamics, Source};
use synaptode::network::init::network_start;
use synaptode::network::{Activation, Architecture, Readout};
use synaptode::solver::Method;
use synaptode::stream::{
    DataSource, DataSpec, Dataset, Drive, Length, Order, PhasedSchedule, Segment, StreamSchedule, StreamSpec,
};
use synaptode::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, Traces};

use crate::program::{Folder, SMALL};
use crate::support::*;

const MIRROR: Mirror = Mirror { every: 7, samples: 3, sigma: 0.5, eta: 0.4, kappa: 0.3 };

fn system() -> Dynamics {
    let network = Architecture { bias: false, ..network(&[4, 5, 3], Activation::Tanh, Readout::Softmax) };
    let feedback = Feedback { mirror: MIRROR, ..feedback(FeedbackMode::WeightMirror, Traces::Shared) };
    Dynamics::new(Source::Network(network), synapse(Gain::Rms), feedback, Coordinate::V)
}

#[test]
fn only_feedback_weights_move_in_a_phase_and_they_follow_their_equation() {
    let dynamics = system();
    let start = network_start(&dynamics, 1.0, 1);
    let x = vec![0.3, -0.8, 1.1, 0.0, -0.2];
    let duration = 0.9;
    let segments = drives(vec![(duration, Drive::Mirror { layer: 1, x: x.clone() })]);
    for method in [Method::Tsit45, Method::Exponential] {
        let end = integrate(&dynamics, &start, &options(method, 1e-9, Coordinate::V), &segments);
        let block = dynamics.layout.block("l2").unwrap();
        let (w, b) = (block.range(0), block.range(block.slot("b").unwrap()));
        for (index, value) in end.values.iter().enumerate().filter(|(index, _)| !b.contains(index)) {
            let before = start.values[index];
            assert!((value - before).abs() <= 1e-12 * before.abs(), "{before} became {value}");
        }
        for (s, index) in b.enumerate() {
            let (i, j) = (s / 5, s % 5);
            let response: f64 = (0..5).map(|k| start.values[w.start + i * 5 + k] * x[k]).sum();
            let limit = MIRROR.eta * response * x[j] / MIRROR.kappa;
            let expected = limit + (start.values[index] - limit) * (-MIRROR.kappa * duration).exp();
            assert!((end.values[index] - expected).abs() < 1e-8);
        }
    }
}

#[test]
fn phases_come_first_and_between_presentations_and_leave_no_gap() {
    let data = DataSpec { train: Some(10), test: Some(5), ..digits() };
    let data = Dataset::load(&data).unwrap();
    let spec = StreamSpec {
        presentation: 0.1,
        crossfade: 0.02,
        length: Length::Epochs(2.0),
        order: Order::Shuffled,
    };
    let stream = StreamSchedule::new(&spec, &data.train, 3);
    let mut schedule = PhasedSchedule::new(stream, MIRROR, &[6, 4], 0.1, 3);
    let (mut segment, mut end, mut noise, mut seen) = (Segment::default(), 0.0, Vec::new(), 0);
    while schedule.next_segment(&mut segment) {
        assert!(segment.t0 == end && segment.t1 > segment.t0, "{} after {end}", segment.t0);
        end = segment.t1;
        match &segment.drive {
            Drive::Mirror { layer, x } => noise.push((segment.presentation, *layer, x.len())),
            _ => seen += u32::from(segment.ends),
        }
    }
    let phase = |k| [(k, 1, 6); 3].into_iter().chain([(k, 2, 4); 3]);
    assert_eq!(noise, [0, 7, 14].into_iter().flat_map(phase).collect::<Vec<_>>());
    assert_eq!(seen, 20);
    assert!((end - schedule.duration()).abs() < 1e-12);
}

#[test]
fn metrics_begin_at_the_start_before_the_first_phase() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let mirror = "feedback.mirror={ every = 50, samples = 10 }";
    let at = |mode: &str, sets: &[&str]| {
        let mode_set = format!("feedback.mode={mode}");
        let sets: Vec<_> = sets.iter().chain(&[mode_set.as_str()]).flat_map(|set| ["--set", *set]).collect();
        folder.ok(&[&["run", "small.toml", "--output", mode, "-q"], &sets[..]].concat());
        let text = String::from_utf8(folder.bytes(&format!("{mode}/metrics.csv"))).unwrap();
        let row = |k: usize| text.lines().nth(k).unwrap().split(',').map(str::to_owned).collect::<Vec<_>>();
        (row(1), row(2), text.lines().count())
    };
    let (first, second, rows) = at("weight-mirror", &[mirror]);
    let (fixed, _, all) = at("fixed", &[]);
    assert_eq!((first, rows), (fixed, all));
    // What follows has the phase behind it.
    assert!(second[0].parse::<f64>().unwrap() > 1.0);
}

fn digits() -> DataSpec {
    DataSpec { source: DataSource::Digits, train: None, test: None }
}
