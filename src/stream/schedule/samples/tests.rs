//! Tests of the walk through a stream.
#![allow(clippy::unwrap_used)]

mod events;

use proptest::prelude::*;

use super::*;
use crate::stream::Order;
use crate::stream::data::{Inputs, Targets};

/// `len` samples whose one input is their index plus 1.
fn samples(len: usize) -> Arc<Samples> {
    let inputs = Inputs::Numbers((1..=len).map(|k| k as f64).collect());
    let targets = Targets::Labels { labels: (0..len).map(|k| k as u32 % 3).collect(), classes: 3 };
    Arc::new(Samples::new(inputs, 1, targets).unwrap())
}

fn schedule(crossfade: f64, length: Length, order: Order, seed: u64) -> StreamSchedule {
    StreamSchedule::new(&StreamSpec { presentation: 0.1, crossfade, length, order }, &samples(7), seed)
}

fn segments(mut schedule: StreamSchedule) -> Vec<Segment> {
    let mut segment = Segment::default();
    let mut segments = Vec::new();
    while schedule.next_segment(&mut segment) {
        segments.push(segment.clone());
    }
    segments
}

/// Input at the start and the end of a segment.
fn ends(segment: &Segment) -> (f64, f64) {
    match &segment.drive {
        Drive::Hold { x, .. } => (x[0], x[0]),
        Drive::Fade { x0, x1, .. } => (x0[0], x1[0]),
        _ => panic!("no sample"),
    }
}

#[test]
fn each_sample_is_held_for_its_presentation() {
    let segments = segments(schedule(0.0, Length::Epochs(2.0), Order::Sequential, 0));
    assert_eq!(segments.len(), 14);
    for (k, segment) in segments.iter().enumerate() {
        assert_eq!((segment.t0, segment.t1), (k as f64 * 0.1, (k + 1) as f64 * 0.1));
        assert_eq!((segment.presentation, segment.epoch), (k as u64, k as u64 / 7));
        assert!(segment.starts && segment.ends);
        let target = (0..3).map(|class| f64::from(u8::from(class == k % 7 % 3))).collect();
        assert_eq!(segment.drive, Drive::Hold { x: vec![(k % 7) as f64 + 1.0], y: target });
    }
}

#[test]
fn a_crossfade_comes_from_the_predecessor_and_is_followed_by_a_hold() {
    let segments = segments(schedule(0.03, Length::Epochs(10.0 / 7.0), Order::Sequential, 0));
    assert_eq!(segments.len(), 19);
    assert_eq!((ends(&segments[0]), segments[0].t1), ((1.0, 1.0), 0.1));
    for (k, pair) in segments[1..].chunks(2).enumerate().map(|(k, pair)| (k + 1, pair)) {
        let [previous, current] = [k - 1, k].map(|k| (k % 7) as f64 + 1.0);
        assert_eq!((ends(&pair[0]), ends(&pair[1])), ((previous, current), (current, current)));
        assert_eq!((pair[0].t0, pair[0].t1), (k as f64 * 0.1, k as f64 * 0.1 + 0.03));
        assert_eq!((pair[1].t0, pair[1].t1), (pair[0].t1, (k + 1) as f64 * 0.1));
        assert_eq!([&pair[0], &pair[1]].map(|s| (s.starts, s.ends)), [(true, false), (false, true)]);
    }
}

#[test]
fn a_crossfade_as_long_as_the_presentation_leaves_no_hold() {
    let segments = segments(schedule(0.1, Length::Epochs(100.0), Order::Sequential, 0));
    assert_eq!(segments.len(), 700);
    assert!(segments.iter().all(|segment| segment.starts && segment.ends));
    assert!(segments.windows(2).all(|pair| pair[0].t1 == pair[1].t0 && ends(&pair[0]).1 == ends(&pair[1]).0));
}

#[test]
fn a_duration_cuts_the_last_presentation_short() {
    let whole = segments(schedule(0.0, Length::Duration(0.25), Order::Sequential, 0));
    assert_eq!(whole.len(), 3);
    assert_eq!((whole[2].t0, whole[2].t1, whole[2].ends), (0.2, 0.25, true));
    // Half way through the fade from sample 2 to sample 3.
    let faded = segments(schedule(0.04, Length::Duration(0.22), Order::Sequential, 0));
    let last = faded.last().unwrap();
    assert_eq!((last.t1, last.starts, last.ends), (0.22, true, true));
    assert!((ends(last).1 - 2.5).abs() < 1e-12, "{last:?}");
}

/// 3 * 0.3 is less than 0.9 and 3 * 0.1 is more than 0.3: neither may leave a sliver.
#[test]
fn rounding_makes_no_presentation() {
    for (period, n) in [(0.3, 3), (0.1, 3), (0.7, 11), (0.1, 1_000_000), (1e-3, 123_457)] {
        let length = Length::Duration((f64::from(n) * period * 1e6).round() / 1e6);
        let spec = StreamSpec { presentation: period, crossfade: 0.0, length, order: Order::Shuffled };
        assert_eq!(StreamSchedule::new(&spec, &samples(7), 0).presentations(), u64::from(n as u32));
    }
}

#[test]
fn fractions_of_an_epoch_round_to_whole_presentations() {
    let presentations = |epochs| schedule(0.0, Length::Epochs(epochs), Order::Shuffled, 0).presentations();
    assert_eq!([0.5, 1.0, 1.5, 1e-9].map(presentations), [4, 7, 11, 1]);
}

#[test]
fn each_epoch_is_a_permutation_of_its_own() {
    let order = |seed, epoch: u64| {
        let schedule = schedule(0.0, Length::Epochs(9.0), Order::Shuffled, seed);
        (0..7).map(|k| schedule.sample(epoch * 7 + k)).collect::<Vec<_>>()
    };
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..3 {
        for epoch in 0..3 {
            let mut sorted = order(seed, epoch);
            seen.insert(sorted.clone());
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6]);
        }
    }
    assert_eq!(seen.len(), 9);
}

#[test]
fn no_array_is_allocated_twice() {
    let mut schedule = schedule(0.03, Length::Epochs(5.0), Order::Shuffled, 1);
    let mut segment = Segment::default();
    let mut arrays = std::collections::BTreeSet::new();
    while schedule.next_segment(&mut segment) {
        match &segment.drive {
            Drive::Fade { x0, x1, .. } => arrays.extend([x0.as_ptr(), x1.as_ptr()]),
            Drive::Hold { x, .. } => _ = arrays.insert(x.as_ptr()),
            _ => panic!("no sample"),
        }
    }
    assert_eq!(arrays.len(), 2);
}

proptest! {
    #[test]
    fn segments_share_their_boundaries_and_agree_with_the_order(
        crossfade in prop_oneof![Just(0.0), 0.001..0.1],
        length in prop_oneof![(0.01..5.0).prop_map(Length::Epochs), (0.01..3.0).prop_map(Length::Duration)],
        seed: u64,
    ) {
        let schedule = schedule(crossfade, length, Order::Shuffled, seed);
        let (order, all) = (schedule.clone(), segments(schedule));
        prop_assert_eq!(all[0].t0, 0.0);
        prop_assert_eq!(all.last().unwrap().t1, order.duration());
        prop_assert_eq!(all.iter().filter(|s| s.starts).count() as u64, order.presentations());
        prop_assert_eq!(all.iter().filter(|s| s.ends).count() as u64, order.presentations());
        for pair in all.windows(2) {
            prop_assert_eq!(pair[0].t1, pair[1].t0);
            prop_assert!(pair[1].t1 - pair[1].t0 > 1e-11);
            prop_assert!(pair[1].starts == pair[0].ends);
        }
        for segment in all.iter().filter(|segment| segment.t1 < order.duration()) {
            prop_assert_eq!(ends(segment).1, order.sample(segment.presentation) as f64 + 1.0);
        }
    }

    #[test]
    fn seeking_goes_on_as_walking_does(start in 0_u64..21, crossfade in prop_oneof![Just(0.0), Just(0.03)]) {
        let mut sought = schedule(crossfade, Length::Epochs(3.0), Order::Shuffled, 5);
        let walked = segments(sought.clone());
        sought.seek(start);
        let rest = segments(sought);
        prop_assert_eq!(&walked[walked.len() - rest.len()..], &rest[..]);
        prop_assert_eq!(rest[0].presentation, start);
    }
}
