//! Samples in memory: bytes stay bytes, and become numbers when a sample is presented.

use sha2::{Digest, Sha256};

/// Input activities of all samples, one row a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Bytes, such as grey values; a byte stands for `byte / divisor`.
    Bytes {
        /// The bytes.
        values: Vec<u8>,
        /// What stands for 1.
        divisor: f64,
    },
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Targets of all samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class each, presented as 1 at its unit and 0 elsewhere.
    Labels {
        /// The classes, each below `classes`.
        labels: Vec<u32>,
        /// How many there are.
        classes: usize,
    },
    /// Numbers, `width` a sample.
    Numbers {
        /// The numbers, one row a sample.
        values: Vec<f64>,
        /// Numbers in a row.
        width: usize,
    },
}

/// Samples: what is fed in, and what should come out.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    inputs: Inputs,
    width: usize,
    targets: Targets,
    len: usize,
}

impl Samples {
    /// Samples with `width` inputs each; `None` where the arrays do not hold equally many whole rows and at least
    /// one, or a label is not below the number of classes.
    #[must_use]
    pub fn new(inputs: Inputs, width: usize, targets: Targets) -> Option<Self> {
        let rows =
            |values: usize, width: usize| (width > 0 && values.is_multiple_of(width)).then(|| values / width);
        let len = match &inputs {
            Inputs::Bytes { values, .. } => rows(values.len(), width)?,
            Inputs::Numbers(values) => rows(values.len(), width)?,
        };
        let target_rows = match &targets {
            Targets::Labels { labels, classes } => {
                labels.iter().all(|label| (*label as usize) < *classes).then_some(labels.len())?
            }
            Targets::Numbers { values, width } => rows(values.len(), *width)?,
        };
        (len == target_rows && len > 0).then_some(Self { inputs, width, targets, len })
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Inputs of a sample.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Targets of a sample: classes, or numbers.
    #[must_use]
    pub fn target_width(&self) -> usize {
        match &self.targets {
            Targets::Labels { classes, .. } => *classes,
            Targets::Numbers { width, .. } => *width,
        }
    }

    /// Class of sample `k`; `None` where targets are numbers.
    #[must_use]
    pub fn label(&self, k: usize) -> Option<u32> {
        match &self.targets {
            Targets::Labels { labels, .. } => Some(labels[k]),
            Targets::Numbers { .. } => None,
        }
    }

    /// Writes input and target of sample `k`.
    ///
    /// # Shapes
    /// `x` holds [`Samples::width`] numbers, `y` holds [`Samples::target_width`].
    pub fn sample_into(&self, k: usize, x: &mut [f64], y: &mut [f64]) {
        let row = k * self.width..(k + 1) * self.width;
        match &self.inputs {
            Inputs::Bytes { values, divisor } => {
                x.iter_mut().zip(&values[row]).for_each(|(x, byte)| *x = f64::from(*byte) / divisor);
            }
            Inputs::Numbers(values) => x.copy_from_slice(&values[row]),
        }
        match &self.targets {
            Targets::Labels { labels, .. } => {
                y.fill(0.0);
                y[labels[k] as usize] = 1.0;
            }
            Targets::Numbers { values, width } => y.copy_from_slice(&values[k * width..(k + 1) * width]),
        }
    }

    /// The samples at `places`, in that order.
    #[must_use]
    pub(super) fn select(&self, places: &[usize]) -> Self {
        let inputs = match &self.inputs {
            Inputs::Bytes { values, divisor } => {
                Inputs::Bytes { values: rows(values, self.width, places), divisor: *divisor }
            }
            Inputs::Numbers(values) => Inputs::Numbers(rows(values, self.width, places)),
        };
        let targets = match &self.targets {
            Targets::Labels { labels, classes } => {
                Targets::Labels { labels: rows(labels, 1, places), classes: *classes }
            }
            Targets::Numbers { values, width } => {
                Targets::Numbers { values: rows(values, *width, places), width: *width }
            }
        };
        Self { inputs, width: self.width, targets, len: places.len() }
    }

    /// Keeps the first `len` samples and gives the memory of the rest back.
    pub(super) fn truncate(&mut self, len: usize) {
        match &mut self.inputs {
            Inputs::Bytes { values, .. } => shorten(values, len * self.width),
            Inputs::Numbers(values) => shorten(values, len * self.width),
        }
        match &mut self.targets {
            Targets::Labels { labels, .. } => shorten(labels, len),
            Targets::Numbers { values, width } => shorten(values, len * *width),
        }
        self.len = len;
    }

    /// Feeds shape, inputs and targets to `hash`, numbers as little-endian bytes.
    pub(super) fn hash(&self, hash: &mut Sha256) {
        for size in [self.len, self.width, self.target_width()] {
            hash.update((size as u64).to_le_bytes());
        }
        match &self.inputs {
            Inputs::Bytes { values, divisor } => {
                hash.update(divisor.to_le_bytes());
                hash.update(values);
            }
            Inputs::Numbers(values) => absorb(hash, values.iter().map(|value| value.to_le_bytes())),
        }
        match &self.targets {
            Targets::Labels { labels, .. } => absorb(hash, labels.iter().map(|label| label.to_le_bytes())),
            Targets::Numbers { values, .. } => absorb(hash, values.iter().map(|value| value.to_le_bytes())),
        }
    }
}

fn absorb<const N: usize>(hash: &mut Sha256, values: impl Iterator<Item = [u8; N]>) {
    for value in values {
        hash.update(value);
    }
}

fn rows<T: Copy>(values: &[T], width: usize, places: &[usize]) -> Vec<T> {
    places.iter().flat_map(|k| &values[k * width..(k + 1) * width]).copied().collect()
}

fn shorten<T>(values: &mut Vec<T>, len: usize) {
    values.truncate(len);
    values.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sample_is_scaled_and_its_target_is_one_hot() {
        let inputs = Inputs::Bytes { values: vec![0, 16, 8, 4], divisor: 16.0 };
        let samples = Samples::new(inputs, 2, Targets::Labels { labels: vec![2, 0], classes: 3 }).unwrap();
        let (mut x, mut y) = ([9.0; 2], [9.0; 3]);
        samples.sample_into(0, &mut x, &mut y);
        assert_eq!((x, y), ([0.0, 1.0], [0.0, 0.0, 1.0]));
        samples.sample_into(1, &mut x, &mut y);
        assert_eq!((x, y), ([0.5, 0.25], [1.0, 0.0, 0.0]));
        assert_eq!(samples.select(&[1, 0, 1]).label(2), Some(0));
    }

    #[test]
    fn shapes_that_disagree_are_refused() {
        let labels = |labels: &[u32]| Targets::Labels { labels: labels.to_vec(), classes: 2 };
        let numbers = || Inputs::Numbers(vec![0.0; 4]);
        assert!(Samples::new(numbers(), 2, labels(&[0, 1])).is_some());
        assert!(Samples::new(numbers(), 2, labels(&[0])).is_none());
        assert!(Samples::new(numbers(), 3, labels(&[0, 1])).is_none());
        assert!(Samples::new(numbers(), 0, labels(&[])).is_none());
        assert!(Samples::new(Inputs::Numbers(Vec::new()), 2, labels(&[])).is_none());
        assert!(Samples::new(numbers(), 2, labels(&[0, 2])).is_none());
        let targets = Targets::Numbers { values: vec![1.0, 2.0, 3.0, 4.0], width: 2 };
        let samples = Samples::new(numbers(), 2, targets).unwrap();
        let (mut x, mut y) = ([9.0; 2], [9.0; 2]);
        samples.sample_into(1, &mut x, &mut y);
        assert_eq!((x, y, samples.label(1)), ([0.0; 2], [3.0, 4.0], None));
    }
}
