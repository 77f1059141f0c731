//! What a stream makes of its samples at a given time: which class is called what, and which inputs are silent.

use super::Samples;

/// What events have made of the samples; as they are, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The class that each class is presented as; empty where each is itself.
    pub(super) classes: Vec<u32>,
    /// Inputs that are 0.
    pub(super) silent: Vec<usize>,
}

/// Samples as they are presented in some world.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    samples: &'a Samples,
    world: &'a World,
}

impl World {
    /// `samples` as they are presented in this world.
    #[must_use]
    pub fn show<'a>(&'a self, samples: &'a Samples) -> Presented<'a> {
        Presented { samples, world: self }
    }
}

impl Presented<'_> {
    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Targets of a sample.
    #[must_use]
    pub fn target_width(&self) -> usize {
        self.samples.target_width()
    }

    /// Class that sample `k` is presented as; `None` where targets are numbers.
    #[must_use]
    pub fn label(&self, k: usize) -> Option<u32> {
        let label = self.samples.label(k)?;
        Some(self.world.classes.get(label as usize).copied().unwrap_or(label))
    }

    /// Writes input and target of sample `k`, as [`Samples::sample_into`] does.
    pub fn sample_into(&self, k: usize, x: &mut [f64], y: &mut [f64]) {
        self.samples.sample_into(k, x, y);
        for input in &self.world.silent {
            x[*input] = 0.0;
        }
        if let (Some(label), false) = (self.label(k), self.world.classes.is_empty()) {
            y.fill(0.0);
            y[label as usize] = 1.0;
        }
    }
}
