//! The built-in digits: 1797 samples of 8x8 pixels (E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten
//! Digits", UCI Machine Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0; see `DIGITS.md`).
//!
//! In file order the writers follow one another, and the last 360 samples are by writers that the first 1437 are
//! not by. So the split is shuffled and stratified by class, always in the same way: results of different seeds are
//! results on the same test samples.

use std::path::Path;

use super::samples::{Inputs, Samples, Targets};
use super::{idx, split};
use crate::error::DataError;
use crate::stream::random;

const IMAGES: &[u8] = include_bytes!("digits-images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("digits-labels-idx1-ubyte.gz");
const TEST: usize = 360;
const CLASSES: usize = 10;

/// Samples to learn from (1437) and to be tested on (360), shuffled.
///
/// # Errors
/// Never, unless the program's own copy of the data is damaged.
pub(super) fn load() -> Result<(Samples, Samples), DataError> {
    let images = idx::parse(IMAGES, Path::new("built-in digits (images)"), 3)?;
    let labels = idx::parse(LABELS, Path::new("built-in digits (labels)"), 1)?;
    let labels: Vec<u32> = labels.values.into_iter().map(u32::from).collect();
    let mut rng = random::generator(0, "digits split", 0);
    let (train, test) = split::stratified(&labels, CLASSES, TEST, &mut rng);
    let inputs = Inputs::Bytes { values: images.values, divisor: 16.0 };
    let samples = Samples::new(inputs, 64, Targets::Labels { labels, classes: CLASSES });
    let samples = samples.ok_or_else(|| DataError {
        path: "built-in digits".into(),
        reason: "images and labels do not fit together".to_owned(),
        remedy: "build the program again from an intact copy of its source".to_owned(),
    })?;
    Ok((samples.select(&train), samples.select(&test)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn counts(samples: &Samples) -> [usize; CLASSES] {
        let mut counts = [0; CLASSES];
        (0..samples.len()).for_each(|k| counts[samples.label(k).unwrap() as usize] += 1);
        counts
    }

    #[test]
    fn the_split_is_stratified() {
        let (train, test) = load().unwrap();
        assert_eq!((train.len(), test.len()), (1437, 360));
        let all = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
        let (train, test) = (counts(&train), counts(&test));
        for class in 0..CLASSES {
            assert_eq!(train[class] + test[class], all[class]);
            let share = test[class] as f64 - all[class] as f64 * 360.0 / 1797.0;
            assert!(share.abs() < 1.0, "class {class}: {}", test[class]);
        }
    }

    /// Sum of all pixels (561718) and their range are those of scikit-learn's `load_digits`.
    #[test]
    fn every_pixel_is_there_once() {
        let (train, test) = load().unwrap();
        let (mut x, mut y) = ([0.0; 64], [0.0; CLASSES]);
        let (mut sum, mut largest) = (0.0, 0.0_f64);
        for samples in [&train, &test] {
            for k in 0..samples.len() {
                samples.sample_into(k, &mut x, &mut y);
                sum += x.iter().sum::<f64>() * 16.0;
                largest = x.iter().copied().fold(largest, f64::max);
            }
        }
        assert_eq!((sum, largest), (561_718.0, 1.0));
    }

    #[test]
    fn the_first_samples_of_either_part_are_mixed() {
        let (train, test) = load().unwrap();
        for samples in [train, test] {
            let mut samples = samples;
            samples.truncate(100);
            assert!(counts(&samples).iter().all(|count| (2..=22).contains(count)), "{:?}", counts(&samples));
        }
    }
}
