//! Tests of the geometry that each set promises.
#![allow(clippy::unwrap_used)]

use std::f64::consts::{PI, TAU};

use proptest::prelude::*;

use super::mackey_glass::MackeyGlass;
use super::*;
use crate::stream::{DataSource, DataSpec, Dataset};

const MACKEY_GLASS: Generated = Generated::MackeyGlass { window: 4, tau: 17.0, noise: 0.0 };

fn sets() -> [Generated; 5] {
    [
        Generated::Blobs { classes: 3, dimension: 4, spread: 0.3 },
        Generated::Moons { noise: 0.1 },
        Generated::Spirals { classes: 3, turns: 1.5, noise: 0.02 },
        Generated::Teacher { dimension: 5, hidden: 7, outputs: 2, noise: 0.1 },
        MACKEY_GLASS,
    ]
}

fn made(set: &Generated, seed: u64, counts: [usize; 2]) -> Dataset {
    let source = DataSource::Generated { set: set.clone(), seed };
    Dataset::load(&DataSpec { source, train: Some(counts[0]), test: Some(counts[1]) }).unwrap()
}

/// Input and target of a sample.
fn sample(samples: &Samples, k: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut x, mut y) = (vec![0.0; samples.width()], vec![0.0; samples.target_width()]);
    samples.sample_into(k, &mut x, &mut y);
    (x, y)
}

fn contents(samples: &Samples) -> Vec<(Vec<f64>, Vec<f64>)> {
    (0..samples.len()).map(|k| sample(samples, k)).collect()
}

#[test]
fn a_set_depends_on_its_seed_alone_and_a_shorter_part_begins_a_longer_one() {
    for set in sets() {
        let hash = |seed, counts| made(&set, seed, counts).sha256;
        assert_eq!(hash(3, [40, 20]), hash(3, [40, 20]));
        assert_ne!(hash(3, [40, 20]), hash(4, [40, 20]));
        let (short, long) = (made(&set, 3, [40, 20]), made(&set, 3, [40, 30]));
        assert_eq!(short.train, long.train);
        assert_eq!(contents(&long.test)[..20], contents(&short.test));
        assert_ne!(sample(&short.train, 0), sample(&short.test, 0));
        if set != MACKEY_GLASS {
            let longer = made(&set, 3, [60, 20]);
            assert_eq!(contents(&longer.train)[..40], contents(&short.train));
            assert_eq!(longer.test, short.test);
        }
    }
}

/// Only sums, products and quotients go into the series: it is the same everywhere.
#[test]
fn the_mackey_glass_series_never_changes() {
    let hash = made(&MACKEY_GLASS, 0, [100, 50]).sha256;
    insta::assert_snapshot!(hash);
}

#[test]
fn classes_have_equal_shares() {
    for set in &sets()[..3] {
        let data = made(set, 0, [100, 31]);
        for samples in [&data.train, &data.test] {
            let classes = samples.target_width();
            let mut counts = vec![0_usize; classes];
            (0..samples.len()).for_each(|k| counts[samples.label(k).unwrap() as usize] += 1);
            assert!(counts.iter().all(|count| count.abs_diff(samples.len() / classes) <= 1), "{counts:?}");
        }
    }
}

#[test]
fn blobs_have_the_centres_and_the_spread_that_they_promise() {
    let (set, seed, each) = (&sets()[0], 5, 2000);
    let centres = Blobs::new(3, 4, 0.3, seed).centres;
    let data = made(set, seed, [3 * each, 3]);
    for class in 0..3 {
        for q in 0..4 {
            let values = (0..each).map(|k| sample(&data.train, 3 * k + class).0[q]);
            let mean = values.clone().sum::<f64>() / each as f64;
            let variance = values.map(|x| (x - mean).powi(2)).sum::<f64>() / each as f64;
            // Standard errors: 0.3/sqrt(2000) = 0.0067 and 0.09 sqrt(2/2000) = 0.0028.
            assert!((mean - centres[class * 4 + q]).abs() < 0.03, "{mean}");
            assert!((variance - 0.09).abs() < 0.012, "{variance}");
        }
    }
    let many = Blobs::new(1000, 10, 0.3, seed).centres;
    let variance = many.iter().map(|x| x * x).sum::<f64>() / many.len() as f64;
    assert!((variance - 1.0).abs() < 0.06, "{variance}");
}

#[test]
fn moons_are_half_circles_around_centres_of_their_own() {
    let data = made(&Generated::Moons { noise: 0.0 }, 0, [400, 1]);
    let mut mean = [0.0; 2];
    for k in 0..400 {
        let (x, upper) = (sample(&data.train, k).0, data.train.label(k) == Some(0));
        let side = if upper { 1.0 } else { -1.0 };
        let (a, b) = (side * x[0] + 0.5, side * x[1] + 0.25);
        assert!((a.hypot(b) - 1.0).abs() < 1e-12 && b >= 0.0);
        mean = [mean[0] + x[0] / 400.0, mean[1] + x[1] / 400.0];
    }
    assert!(mean.iter().all(|mean| mean.abs() < 0.15), "{mean:?}");
    // The angles cover the half circle: the mean height of a half circle is 2/pi.
    let heights = (0..400).step_by(2).map(|k| sample(&data.train, k).0[1] + 0.25);
    assert!((heights.sum::<f64>() / 200.0 - 2.0 / PI).abs() < 0.08);
}

#[test]
fn spirals_wind_as_they_should() {
    let data = made(&Generated::Spirals { classes: 3, turns: 1.5, noise: 0.0 }, 0, [600, 1]);
    let mut radii = 0.0;
    for k in 0..600 {
        let (x, class) = (sample(&data.train, k).0, data.train.label(k).unwrap());
        let radius = x[0].hypot(x[1]);
        assert!(radius < 1.0);
        radii += radius / 600.0;
        let turns = x[1].atan2(x[0]) / TAU - f64::from(class) / 3.0 - 1.5 * radius;
        assert!((turns - turns.round()).abs() * radius < 1e-12, "{turns}");
    }
    assert!((radii - 0.5).abs() < 0.04, "{radii}");
}

#[test]
fn noise_has_the_standard_deviation_that_was_asked_for() {
    for (clean, noisy, of_target) in [
        (Generated::Moons { noise: 0.0 }, Generated::Moons { noise: 0.2 }, false),
        (
            Generated::Spirals { classes: 2, turns: 1.0, noise: 0.0 },
            Generated::Spirals { classes: 2, turns: 1.0, noise: 0.2 },
            false,
        ),
        (
            Generated::Teacher { dimension: 3, hidden: 4, outputs: 2, noise: 0.0 },
            Generated::Teacher { dimension: 3, hidden: 4, outputs: 2, noise: 0.2 },
            true,
        ),
        (MACKEY_GLASS, Generated::MackeyGlass { window: 4, tau: 17.0, noise: 0.2 }, true),
    ] {
        let [clean, noisy] = [clean, noisy].map(|set| contents(&made(&set, 1, [2000, 1]).train));
        let values = |samples: &[(Vec<f64>, Vec<f64>)]| -> Vec<f64> {
            samples.iter().flat_map(|(x, y)| if of_target { y } else { x }).copied().collect()
        };
        let (clean, noisy) = (values(&clean), values(&noisy));
        let square = clean.iter().zip(&noisy).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / clean.len() as f64;
        assert!((square.sqrt() - 0.2).abs() < 0.015, "{}", square.sqrt());
    }
}

#[test]
fn the_teacher_answers_by_its_formula() {
    let data = made(&Generated::Teacher { dimension: 5, hidden: 7, outputs: 2, noise: 0.0 }, 9, [500, 1]);
    let teacher = Teacher::new([5, 7, 2], 9);
    let mut variance = 0.0;
    for (x, y) in contents(&data.train) {
        for (o, y) in y.iter().enumerate() {
            let mut sum = 0.0;
            for i in 0..7 {
                let net: f64 = (0..5).map(|j| teacher.inward[i * 5 + j] * x[j]).sum();
                sum += teacher.outward[o * 7 + i] * (net + teacher.bias[i]).tanh();
            }
            assert!((sum - y).abs() < 1e-12);
            variance += y * y / 1000.0;
        }
    }
    assert!((0.05..5.0).contains(&variance), "{variance}");
    let large = Teacher::new([100, 200, 50], 9);
    for (values, variance) in [(&large.inward, 0.01), (&large.outward, 0.005)] {
        let square = values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64;
        assert!((square / variance - 1.0).abs() < 0.06, "{square}");
    }
}

/// The value of a series after `seconds`.
fn after(seconds: usize, steps: usize, tau: f64) -> f64 {
    let mut series = MackeyGlass::new(1.2, tau, steps);
    (0..seconds * steps).for_each(|_| series.step());
    series.x
}

/// On the first stretch of length tau the delayed value is the constant history, and the equation is linear.
#[test]
fn mackey_glass_begins_with_its_closed_form() {
    let source = 0.2 * 1.2 / (1.0 + 1.2_f64.powi(10));
    let exact = 10.0 * source + (1.2 - 10.0 * source) * (-1.7_f64).exp();
    assert!((after(17, 20, 17.0) - exact).abs() < 1e-9);
}

/// Successive halvings of the step, over a delay that the steps divide and one that they do not, once the kinks of the
/// start have been left behind by the first.
#[test]
fn mackey_glass_converges_with_order_four() {
    let reference = after(300, 1280, 17.0);
    let errors = [5, 10, 20].map(|steps| (after(300, steps, 17.0) - reference).abs());
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((3.5..4.8).contains(&order), "{errors:?}");
    }
    assert!(errors[2] < 1e-6, "{errors:?}");
    assert!((after(300, 20, 17.3) - after(300, 1000, 17.3)).abs() < 1e-4);
}

#[test]
fn mackey_glass_has_its_known_statistics() {
    let mut series = MackeyGlass::new(1.2, 17.0, 20);
    let mut values = Vec::new();
    for second in 0..21_000 {
        (0..20).for_each(|_| series.step());
        if second >= 1000 {
            values.push(series.x);
        }
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    let (min, max) = values.iter().fold((9.0_f64, 0.0_f64), |(min, max), x| (min.min(*x), max.max(*x)));
    assert!((mean - 0.93).abs() < 0.01 && (deviation - 0.225).abs() < 0.01, "{mean} {deviation}");
    // The 0.22 that is often seen as least value, 1.2 exp(-1.7), belongs to the transient from a history of zeros.
    assert!((0.40..0.44).contains(&min) && (1.3..1.35).contains(&max), "{min} to {max}");
}

#[test]
fn mackey_glass_samples_are_one_series_cut_in_time() {
    let data = made(&MACKEY_GLASS, 2, [300, 100]);
    let samples = [contents(&data.train), contents(&data.test)].concat();
    for pair in samples.windows(2) {
        let next = [&pair[0].0[1..], &pair[0].1].concat();
        assert_eq!(pair[1].0, next);
    }
    // Standardised by the values that are seen in training: the first inputs and all targets.
    let values: Vec<f64> =
        samples[0].0.iter().copied().chain(samples[..300].iter().map(|(_, y)| y[0])).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64;
    assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{mean} {variance}");
}

proptest! {
    #[test]
    fn whatever_is_asked_for_is_finite(seed in any::<u64>(), which in 0..5_usize, train in 1..50_usize, test in 1..50_usize) {
        let data = made(&sets()[which], seed, [train, test]);
        prop_assert_eq!((data.train.len(), data.test.len()), (train, test));
        for (x, y) in [contents(&data.train), contents(&data.test)].concat() {
            prop_assert!(x.iter().chain(&y).all(|value| value.is_finite()));
        }
    }
}
