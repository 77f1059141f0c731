//! Tests of the walk through a signal.
#![allow(clippy::unwrap_used)]

use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::stream::schedule::Drive;

fn schedule(signal: Signal, duration: f64, seed: u64) -> ProtocolSchedule {
    let spec = ProtocolSpec {
        signal,
        x: None,
        y: None,
        duration,
        presentation: 0.1,
        synapses: Vec::new(),
        states: Vec::new(),
    };
    ProtocolSchedule::new(&spec, seed).unwrap()
}

fn segments(signal: Signal, duration: f64) -> Vec<Segment> {
    let mut schedule = schedule(signal, duration, 0);
    let mut segment = Segment::default();
    std::iter::from_fn(|| schedule.next_segment(&mut segment).then(|| segment.clone())).collect()
}

/// Start, end, and signal at either of each segment.
fn pieces(signal: Signal, duration: f64) -> Vec<[f64; 4]> {
    segments(signal, duration).iter().map(|s| [s.t0, s.t1, s.g(s.t0), s.g(s.t1)]).collect()
}

fn csv(rows: &str, duration: f64) -> Vec<[f64; 4]> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signal.csv");
    std::fs::write(&path, format!("time_s,g\n{rows}")).unwrap();
    pieces(Signal::Csv { path }, duration)
}

#[test]
fn a_jump_is_a_breakpoint_and_nothing_else_is() {
    let constant = Signal::Constant { value: 2.0 };
    assert_eq!(pieces(constant, 5.0), [[0.0, 5.0, 2.0, 2.0]]);
    let step = |before, after, at| Signal::Step { before, after, at };
    assert_eq!(pieces(step(1.0, 3.0, 2.0), 5.0), [[0.0, 2.0, 1.0, 1.0], [2.0, 5.0, 3.0, 3.0]]);
    assert_eq!(pieces(step(1.0, 3.0, 0.0), 5.0), [[0.0, 5.0, 3.0, 3.0]]);
    assert_eq!(pieces(step(1.0, 3.0, 7.0), 5.0), [[0.0, 5.0, 1.0, 1.0]]);
    assert_eq!(pieces(step(3.0, 3.0, 2.0), 5.0), [[0.0, 5.0, 3.0, 3.0]]);
}

#[test]
fn pulses_and_squares_switch_at_their_edges() {
    let pulses = |width, start| Signal::Pulses { base: 1.0, amplitude: 4.0, width, period: 2.0, start };
    assert_eq!(
        pieces(pulses(0.5, 1.0), 4.0),
        [
            [0.0, 1.0, 1.0, 1.0],
            [1.0, 1.5, 4.0, 4.0],
            [1.5, 3.0, 1.0, 1.0],
            [3.0, 3.5, 4.0, 4.0],
            [3.5, 4.0, 1.0, 1.0]
        ]
    );
    assert_eq!(pieces(pulses(2.0, 1.0), 4.0), [[0.0, 1.0, 1.0, 1.0], [1.0, 4.0, 4.0, 4.0]]);
    assert_eq!(pieces(pulses(0.0, 1.0), 4.0), [[0.0, 4.0, 1.0, 1.0]]);
    assert_eq!(pieces(pulses(0.5, 1e20), 4.0), [[0.0, 4.0, 1.0, 1.0]]);
    let square = |amplitude, duty| Signal::Square { mean: 1.0, amplitude, period: 2.0, duty };
    assert_eq!(
        pieces(square(3.0, 0.25), 3.0),
        [[0.0, 0.5, 4.0, 4.0], [0.5, 2.0, -2.0, -2.0], [2.0, 2.5, 4.0, 4.0], [2.5, 3.0, -2.0, -2.0]]
    );
    assert_eq!(pieces(square(3.0, 1.0), 3.0), [[0.0, 3.0, 4.0, 4.0]]);
    assert_eq!(pieces(square(0.0, 0.5), 3.0), [[0.0, 3.0, 1.0, 1.0]]);
}

#[test]
fn a_sine_is_cut_at_its_quarters() {
    let sine = |amplitude| Signal::Sine { mean: 1.0, amplitude, period: 0.3 };
    let segments = segments(sine(2.0), 0.9);
    assert_eq!(segments.len(), 12);
    for (k, segment) in segments.iter().enumerate() {
        assert_eq!(segment.t0, k as f64 * 0.075);
        assert_eq!(segment.presentation, k as u64);
        assert_eq!(segment.drive, Drive::Sine { mean: 1.0, amplitude: 2.0, period: 0.3 });
    }
    assert_eq!(pieces(sine(0.0), 0.9), [[0.0, 0.9, 1.0, 1.0]]);
}

#[test]
fn a_csv_is_linear_between_rows_and_jumps_at_equal_times() {
    assert_eq!(
        csv("1,0\n2,4\n2,-1\n4,-1\n6,1\n", 8.0),
        [
            [0.0, 1.0, 0.0, 0.0],
            [1.0, 2.0, 0.0, 4.0],
            [2.0, 4.0, -1.0, -1.0],
            [4.0, 6.0, -1.0, 1.0],
            [6.0, 8.0, 1.0, 1.0]
        ]
    );
    // The end comes in the middle of a line, the start too.
    assert_eq!(csv("-1,0\n3,4\n", 1.0), [[0.0, 1.0, 1.0, 2.0]]);
    // A jump at the very start.
    assert_eq!(csv("0,5\n0,1\n1,2\n", 1.0), [[0.0, 1.0, 1.0, 2.0]]);
    // Rows at which nothing happens.
    assert_eq!(csv("1,2\n2,2\n2,2\n3,2\n", 4.0), [[0.0, 4.0, 2.0, 2.0]]);
    assert_eq!(csv("0,2\n1,2\n2,2\n3,3\n4,3\n5,3\n", 9.0).len(), 3);
}

#[test]
fn too_many_pieces_are_refused() {
    let refuse = |signal| {
        let spec = ProtocolSpec {
            signal,
            x: None,
            y: None,
            duration: 1e6,
            presentation: 0.1,
            synapses: Vec::new(),
            states: Vec::new(),
        };
        ProtocolSchedule::new(&spec, 0).unwrap_err().to_string()
    };
    let message = refuse(Signal::Sine { mean: 0.0, amplitude: 1.0, period: 1e-9 });
    assert!(message.contains("protocol.signal.period") && message.contains("4.0e15 pieces"), "{message}");
    let message = refuse(Signal::OrnsteinUhlenbeck { mean: 0.0, sigma: 1.0, tau: 1.0, step: None });
    assert!(message.contains("protocol.signal.step") && message.contains("2.0e7"), "{message}");
}

#[test]
fn noise_has_the_statistics_of_the_process() {
    let (mean, sigma, tau, step) = (0.3, 2.0, 0.5, 0.1);
    let mut rng = random::generator(7, "noise", 0);
    let knots = noise::ornstein_uhlenbeck(mean, sigma, tau, step, 1e5, &mut rng);
    let n = knots.len() as f64;
    // Of n = 10^6 points 2 tau/step = 10 make about one independent draw.
    let error = 5.0 * (2.0 * tau / step / n).sqrt();
    let deviations: Vec<f64> = knots.iter().map(|knot| (knot.1 - mean) / sigma).collect();
    let correlation = |lag: usize| {
        deviations.iter().zip(&deviations[lag..]).map(|(a, b)| a * b).sum::<f64>() / (n - lag as f64)
    };
    assert!((deviations.iter().sum::<f64>() / n).abs() < error);
    for lag in [0, 1, 5, 20, 100] {
        let expected = (-(lag as f64) * step / tau).exp();
        assert!((correlation(lag) - expected).abs() < 1.5 * error, "lag {lag}: {}", correlation(lag));
    }
    let fourth = deviations.iter().map(|x| x.powi(4)).sum::<f64>() / n;
    assert!((fourth - 3.0).abs() < 0.15, "{fourth}");
}

#[test]
fn noise_starts_from_the_stationary_distribution() {
    let start = |seed| {
        let signal = Signal::OrnsteinUhlenbeck { mean: 1.0, sigma: 2.0, tau: 1.0, step: Some(0.5) };
        schedule(signal, 1.0, seed).g(0.0)
    };
    let starts: Vec<f64> = (0..4000).map(start).collect();
    let mean = starts.iter().sum::<f64>() / 4000.0;
    let variance = starts.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 4000.0;
    assert!((mean - 1.0).abs() < 0.16 && (variance - 4.0).abs() < 0.45, "{mean} {variance}");
}

#[test]
fn noise_depends_on_the_seed_alone() {
    let noise = |seed, duration| {
        let signal = Signal::OrnsteinUhlenbeck { mean: 0.0, sigma: 1.0, tau: 1.0, step: None };
        let schedule = schedule(signal, duration, seed);
        (0..40).map(|k| schedule.g(f64::from(k) * 0.05)).collect::<Vec<_>>()
    };
    assert_eq!(noise(1, 2.0), noise(1, 2.0));
    assert_eq!(noise(1, 2.0), noise(1, 3.0));
    assert_ne!(noise(1, 2.0), noise(2, 2.0));
}

fn signals() -> impl Strategy<Value = Signal> {
    let (size, time) = (-3.0..3.0, 0.05..5.0);
    prop_oneof![
        size.clone().prop_map(|value| Signal::Constant { value }),
        (size.clone(), size.clone(), time.clone()).prop_map(|(before, after, at)| Signal::Step {
            before,
            after,
            at
        }),
        (size.clone(), size.clone(), time.clone()).prop_map(|(mean, amplitude, period)| Signal::Sine {
            mean,
            amplitude,
            period
        }),
        (size.clone(), size.clone(), time.clone(), 0.1..0.9)
            .prop_map(|(mean, amplitude, period, duty)| Signal::Square { mean, amplitude, period, duty }),
        (size.clone(), size, 0.1..0.9, time.clone(), -3.0..3.0).prop_map(
            |(base, amplitude, part, period, start)| Signal::Pulses {
                base,
                amplitude,
                width: part * period,
                period,
                start
            }
        ),
    ]
}

/// The signal by its definition.
fn formula(signal: &Signal, t: f64) -> f64 {
    match *signal {
        Signal::Constant { value } => value,
        Signal::Step { before, after, at } => {
            if t < at {
                before
            } else {
                after
            }
        }
        Signal::Sine { mean, amplitude, period } => mean + amplitude * (TAU * t / period).sin(),
        Signal::Square { mean, amplitude, period, duty } => {
            if (t / period).fract() < duty {
                mean + amplitude
            } else {
                mean - amplitude
            }
        }
        Signal::Pulses { base, amplitude, width, period, start } => {
            if t >= start && (t - start).rem_euclid(period) < width { amplitude } else { base }
        }
        Signal::OrnsteinUhlenbeck { .. } | Signal::Csv { .. } => unreachable!(),
    }
}

proptest! {
    #[test]
    fn signals_follow_their_formula(signal in signals(), times in prop::collection::vec(0.0..20.0_f64, 50)) {
        let schedule = schedule(signal.clone(), 20.0, 0);
        let segments = segments(signal.clone(), 20.0);
        for t in times {
            let expected = formula(&signal, t);
            prop_assert!((schedule.g(t) - expected).abs() < 1e-9, "g({t}) = {} != {expected}", schedule.g(t));
            let segment = segments.iter().find(|segment| t < segment.t1).unwrap();
            prop_assert!((segment.g(t) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn segments_share_their_boundaries(signal in signals(), duration in 0.1..20.0) {
        let segments = segments(signal.clone(), duration);
        prop_assert_eq!(segments[0].t0, 0.0);
        prop_assert_eq!(segments.last().unwrap().t1, duration);
        prop_assert!(segments.iter().all(|segment| segment.t0 < segment.t1));
        prop_assert!(segments.windows(2).all(|pair| pair[0].t1 == pair[1].t0));
        // Right-continuous: at a boundary, the signal is that of the segment that starts there.
        let schedule = schedule(signal, duration, 0);
        prop_assert!(segments.iter().all(|segment| schedule.g(segment.t0) == segment.g(segment.t0)));
    }
}
