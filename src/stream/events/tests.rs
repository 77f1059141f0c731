//! Tests of what events do to weights and to the world.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::wire::WeightName;
use crate::layout::{Block, BlockKind};

fn block(layer: usize, kind: BlockKind, variables: &[&'static str]) -> Block {
    let (post, pre) = if kind == BlockKind::Bias { (40, 1) } else { (40, 50) };
    let variables = variables.to_vec();
    Block { name: String::new(), layer, kind, post, pre, variables, offset: 0 }
}

fn layout() -> Layout {
    Layout::new([
        block(1, BlockKind::Weights, &["w", "m"]),
        block(2, BlockKind::Neurons, &["z", "e"]),
        block(2, BlockKind::Weights, &["w", "m", "b"]),
        block(2, BlockKind::Bias, &["w", "m"]),
    ])
}

fn events(events: &[Event], seed: u64) -> Events {
    let layout = layout();
    let subject = Subject { layout: &layout, inputs: 10, classes: Some(5) };
    Events::new(events, |at, _| at, subject, seed).unwrap()
}

fn perturb(at: f64, weights: WeightName) -> Event {
    Event::Perturb { at, layer: 2, weights, sigma: 0.1 }
}

/// The state after all noise of a time, from weights that are 2 or -2.
fn perturbed(events: &Events, at: f64) -> Vec<f64> {
    let mut values: Vec<f64> = (0..layout().len()).map(|k| if k % 3 == 0 { -2.0 } else { 2.0 }).collect();
    events.perturbations(at).iter().for_each(|noise| noise.apply(&mut values));
    values
}

#[test]
fn noise_has_its_size_and_reaches_nothing_else() {
    let layout = layout();
    let (before, block) = (perturbed(&Events::default(), 1.0), &layout.blocks[2]);
    for (weights, slot) in [(WeightName::W, 0), (WeightName::B, 2)] {
        let after = perturbed(&events(&[perturb(1.0, weights)], 3), 1.0);
        let noise: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
        let range = block.range(slot);
        assert!(noise.iter().enumerate().all(|(k, noise)| (*noise != 0.0) == range.contains(&k)));
        // 2000 samples of standard deviation 0.2: the estimate's own is 0.0032, the mean's 0.0045.
        let noise = &noise[range];
        let mean = noise.iter().sum::<f64>() / noise.len() as f64;
        let deviation = (noise.iter().map(|x| x * x).sum::<f64>() / noise.len() as f64).sqrt();
        assert!(mean.abs() < 0.02 && (deviation - 0.2).abs() < 0.015, "{mean} {deviation}");
    }
}

#[test]
fn noise_follows_the_seed_and_its_turn_and_no_other_event() {
    let w = perturb(1.0, WeightName::W);
    let alone = perturbed(&events(&[w], 3), 1.0);
    assert_eq!(alone, perturbed(&events(&[w], 3), 1.0));
    assert_ne!(alone, perturbed(&events(&[w], 4), 1.0));
    let others =
        [Event::PermuteLabels { at: 0.5 }, perturb(0.7, WeightName::B), w, perturb(2.0, WeightName::W)];
    let among = events(&others, 3);
    assert_eq!(alone, perturbed(&among, 1.0));
    assert_ne!(alone, perturbed(&among, 2.0), "the same noise twice");
    assert_eq!(perturbed(&among, 1.5), perturbed(&Events::default(), 1.5));
}

#[test]
fn each_permutation_leaves_no_class_in_its_place_and_all_are_equally_likely() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..9000 {
        let mut rng = generator(seed, "test", 0);
        let mut classes = Vec::new();
        permute(&mut classes, 4, &mut rng);
        assert!(classes.iter().zip(0..).all(|(now, before)| *now != before));
        let before = classes.clone();
        permute(&mut classes, 4, &mut rng);
        assert!(classes.iter().zip(&before).all(|(now, before)| now != before));
        *counts.entry(before).or_insert(0_i32) += 1;
    }
    // Nine such permutations, 1000 each, standard deviation 30.
    assert_eq!(counts.len(), 9);
    assert!(counts.values().all(|count| (count - 1000).abs() < 150), "{counts:?}");
}

#[test]
fn inputs_fall_silent_one_after_the_other() {
    let silence = |at, fraction| Event::Silence { at, fraction };
    // Given in any order, they happen in order of time.
    let events = events(&[silence(2.0, 0.3), silence(1.0, 0.2), silence(3.0, 1.0)], 0);
    let silent = |t: f64| events.world(t).silent.clone();
    assert_eq!([0.9, 1.0, 2.0, 3.0].map(|t| silent(t).len()), [0, 2, 5, 10]);
    assert!(silent(2.0).starts_with(&silent(1.0)));
    let mut all = silent(4.0);
    all.sort_unstable();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
}

#[test]
fn a_world_lasts_from_its_event_to_the_next() {
    let events = events(&[Event::PermuteLabels { at: 1.0 }, Event::Silence { at: 2.0, fraction: 0.1 }], 0);
    assert_eq!(events.world(0.999), &World::default());
    assert_ne!(events.world(1.0), &World::default());
    assert_eq!(events.world(2.0).classes, events.world(1.0).classes);
    assert_eq!([-1.0, 1.0, 1.5, 2.0].map(|t| events.next_after(t)), [Some(1.0), Some(2.0), Some(2.0), None]);
    assert_eq!([0.999, 1.0, 1.5, 2.0].map(|t| events.happen_at(t)), [false, true, false, true]);
}

#[test]
fn labels_that_can_not_be_permuted_are_refused() {
    let layout = layout();
    for (classes, part) in [(None, "numbers"), (Some(1), "one class")] {
        let subject = Subject { layout: &layout, inputs: 10, classes };
        let permute = [perturb(2.0, WeightName::W), Event::PermuteLabels { at: 1.0 }];
        let error = Events::new(&permute, |at, _| at, subject, 0).unwrap_err();
        assert_eq!(error.key, "events[1].kind");
        assert!(error.reason.contains(part), "{error}");
    }
}
