//! Tests of a stream in which something happens.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::stream::Presented;

fn with(schedule: StreamSchedule, events: &[Event]) -> StreamSchedule {
    schedule.with_events(events, &Layout::new([])).unwrap()
}

fn permute(at: f64) -> Event {
    Event::PermuteLabels { at }
}

/// Input and target at `part` of a segment.
fn at(segment: &Segment, part: f64) -> (f64, Vec<f64>) {
    match &segment.drive {
        Drive::Hold { x, y } => (x[0], y.clone()),
        Drive::Fade { x0, x1, y0, y1 } => {
            let mix = |a: f64, b: f64| a + (b - a) * part;
            (mix(x0[0], x1[0]), y0.iter().zip(y1).map(|(a, b)| mix(*a, *b)).collect())
        }
        _ => panic!("no sample"),
    }
}

#[test]
fn an_event_in_mid_presentation_splits_it_there() {
    let plain = schedule(0.0, Length::Epochs(2.0), Order::Sequential, 0);
    let split = segments(with(plain.clone(), &[permute(0.234)]));
    let plain = segments(plain);
    assert_eq!(split.len(), plain.len() + 1);
    let [before, after] = [&split[2], &split[3]];
    assert_eq!([before.t0, before.t1, after.t0, after.t1], [0.2, 0.234, 0.234, plain[2].t1]);
    assert_eq!([before, after].map(|s| (s.starts, s.ends)), [(true, false), (false, true)]);
    assert_eq!([before, after].map(|s| s.presentation), [2, 2]);
    assert_eq!((split[..2].to_vec(), &before.drive), (plain[..2].to_vec(), &plain[2].drive));
    assert_eq!(at(before, 0.0).0, at(after, 0.0).0);
    assert_ne!(at(before, 0.0).1, at(after, 0.0).1);
}

#[test]
fn an_event_at_a_breakpoint_up_to_rounding_is_there_and_splits_nothing() {
    // 7 * 0.1 is not 0.7, nor 3 * 0.1 + 0.03 what stands in a configuration.
    let plain = schedule(0.03, Length::Epochs(2.0), Order::Sequential, 0);
    let times = [0.7, 0.33, 0.6, 0.600_000_000_000_1];
    let eventful = with(plain.clone(), &times.map(permute));
    let (split, plain) = (segments(eventful.clone()), segments(plain));
    let boundaries = |segments: &[Segment]| segments.iter().map(|s| (s.t0, s.t1)).collect::<Vec<_>>();
    assert_eq!(boundaries(&split), boundaries(&plain));
    let happened: Vec<_> = split.iter().filter(|s| eventful.events().happen_at(s.t0)).collect();
    let starts = [(3, false), (6, true), (7, true)];
    assert_eq!(happened.iter().map(|s| (s.presentation, s.starts)).collect::<Vec<_>>(), starts);
}

#[test]
fn a_fade_goes_on_from_the_transformed_mix() {
    let whole = segments(schedule(0.04, Length::Epochs(2.0), Order::Sequential, 0));
    let eventful =
        with(schedule(0.04, Length::Epochs(2.0), Order::Sequential, 0), &[permute(0.31), permute(0.33)]);
    let split = segments(eventful.clone());
    let fade = whole.iter().find(|s| s.presentation == 3).unwrap();
    let pieces: Vec<_> = split.iter().filter(|s| s.presentation == 3).collect();
    assert_eq!(pieces.len(), 4);
    for (piece, [from, to]) in pieces.iter().zip([[0.0, 0.25], [0.25, 0.75], [0.75, 1.0]]) {
        let classes = &eventful.events().world(piece.t0).classes;
        for (here, there) in [(0.0, from), (0.5, f64::midpoint(from, to)), (1.0, to)] {
            let ((x, y), (whole_x, whole_y)) = (at(piece, here), at(fade, there));
            assert!((x - whole_x).abs() < 1e-12, "{x} {whole_x}");
            for (class, expected) in whole_y.iter().enumerate() {
                let seen = y[classes.get(class).map_or(class, |class| *class as usize)];
                assert!((seen - expected).abs() < 1e-12);
            }
        }
    }
    assert_eq!((ends(pieces[2]).1, pieces[2].t1), (ends(fade).1, fade.t1));
}

#[test]
fn train_and_test_are_presented_alike() {
    let eventful = with(schedule(0.0, Length::Epochs(1.0), Order::Sequential, 0), &[permute(0.3)]);
    let samples = Arc::clone(eventful.samples());
    let (mut x, mut y) = ([0.0], [0.0; 3]);
    for segment in segments(eventful.clone()) {
        let k = eventful.sample(segment.presentation);
        let presented: Presented<'_> = eventful.events().world(segment.t0).show(&samples);
        presented.sample_into(k, &mut x, &mut y);
        assert_eq!(segment.drive, Drive::Hold { x: x.to_vec(), y: y.to_vec() });
        assert_eq!(y[presented.label(k).unwrap() as usize], 1.0);
        assert_eq!(presented.label(k) == samples.label(k), segment.t0 < 0.3);
    }
}

#[test]
fn silent_inputs_are_zero_from_then_on() {
    let eventful = with(
        schedule(0.0, Length::Epochs(1.0), Order::Sequential, 0),
        &[Event::Silence { at: 0.25, fraction: 1.0 }],
    );
    let inputs: Vec<f64> = segments(eventful).iter().map(|segment| ends(segment).0).collect();
    assert_eq!(inputs, [1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
}

proptest! {
    #[test]
    fn segments_stay_contiguous_whatever_happens(
        crossfade in prop_oneof![Just(0.0), Just(0.1), 0.001..0.1],
        length in prop_oneof![(0.2..5.0).prop_map(Length::Epochs), (0.2..3.0).prop_map(Length::Duration)],
        parts in proptest::collection::vec(
            prop_oneof![0.001..0.999, (1_u32..200).prop_map(|k| f64::from(k) / 200.0)], 0..8),
        on_grid: bool,
        seed: u64,
    ) {
        let plain = schedule(crossfade, length, Order::Shuffled, seed);
        let on_grid = on_grid && plain.duration() > 0.11;
        let grid = |t: f64| if on_grid { ((t * 10.0).round() / 10.0).clamp(0.1, plain.duration() - 0.01) } else { t };
        let times: Vec<f64> = parts.iter().map(|part| grid(part * plain.duration())).collect();
        let events: Vec<Event> = times.iter().map(|t| permute(*t)).collect();
        let eventful = with(plain.clone(), &events);
        let (all, plain) = (segments(eventful.clone()), segments(plain));
        prop_assert_eq!(all[0].t0, 0.0);
        prop_assert_eq!(all.last().unwrap().t1, eventful.duration());
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].t1, pair[1].t0);
            prop_assert!(pair[1].t1 - pair[1].t0 > 1e-11);
            prop_assert_eq!(pair[1].starts, pair[0].ends);
        }
        for starts_or_ends in [|s: &Segment| s.starts, |s: &Segment| s.ends] {
            let count = all.iter().filter(|s| starts_or_ends(s)).count() as u64;
            prop_assert_eq!(count, eventful.presentations());
        }
        for t in times {
            prop_assert!(all.iter().any(|s| (s.t0 - t).abs() < 1e-9 && eventful.events().happen_at(s.t0)));
        }
        // Whatever is split, inputs run as they would have.
        for piece in &all {
            let whole = plain.iter().find(|s| s.t0 <= piece.t0 && piece.t1 <= s.t1).unwrap();
            for (here, t) in [(0.0, piece.t0), (1.0, piece.t1)] {
                prop_assert!((at(piece, here).0 - at(whole, whole.fraction(t)).0).abs() < 1e-9);
            }
        }
    }
}
