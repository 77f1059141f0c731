//! The timed events of a stream, ready to happen: the world after each of them, and the noise that weights receive.
//!
//! Every random choice comes from the seed, from what is chosen, and from how often that has happened before: another
//! event, or another time, changes none of them.

use std::collections::BTreeMap;
use std::ops::Range;

use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use super::random::{generator, shuffle};
use super::world::World;
use crate::config::wire::Event;
use crate::error::ConfigError;
use crate::layout::Layout;

/// The events of a stream, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Events {
    start: World,
    moments: Vec<Moment>,
}

/// All that happens at one time.
#[derive(Clone, Debug)]
struct Moment {
    at: f64,
    /// The world from then on.
    world: World,
    perturbations: Vec<Perturbation>,
}

/// Noise for the weights of one layer.
#[derive(Clone, Debug)]
pub struct Perturbation {
    /// Where these weights live in the state.
    weights: Range<usize>,
    /// Standard deviation in units of their root mean square.
    sigma: f64,
    rng: Pcg64,
}

impl Perturbation {
    /// Adds the noise to the weights within `values`, the whole state.
    pub fn apply(&self, values: &mut [f64]) {
        let weights = &mut values[self.weights.clone()];
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let scale = self.sigma * (squares / weights.len() as f64).sqrt();
        let mut rng = self.rng.clone();
        for weight in weights {
            let sample: f64 = StandardNormal.sample(&mut rng);
            *weight += scale * sample;
        }
    }
}

/// What the events of a stream act on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Where the weights live.
    pub layout: &'a Layout,
    /// Inputs of a sample.
    pub inputs: usize,
    /// Number of classes; `None` where targets are numbers.
    pub classes: Option<usize>,
}

impl Events {
    /// Makes `events` ready; `snap` gives the exact time of one, from its time and that of the event before.
    ///
    /// # Errors
    /// Where classes are to be permuted and there are fewer than two.
    pub fn new(
        events: &[Event],
        snap: impl Fn(f64, Option<f64>) -> f64,
        subject: Subject<'_>,
        seed: u64,
    ) -> Result<Self, ConfigError> {
        let mut ordered: Vec<_> = events.iter().enumerate().collect();
        ordered.sort_by(|(_, a), (_, b)| a.at().total_cmp(&b.at()));
        let mut happened = BTreeMap::<String, u64>::new();
        let mut all = Self::default();
        for (index, event) in ordered {
            let before = all.moments.last().map(|moment| moment.at);
            let at = snap(event.at(), before);
            if before != Some(at) {
                let world = all.world(at).clone();
                all.moments.push(Moment { at, world, perturbations: Vec::new() });
            }
            let Some(moment) = all.moments.last_mut() else { continue };
            let mut rng = |purpose: String| {
                let count = happened.entry(purpose.clone()).or_default();
                *count += 1;
                generator(seed, &purpose, *count - 1)
            };
            match event {
                Event::Perturb { layer, weights, sigma, .. } => {
                    let variable = weights.variable();
                    let blocks = subject.layout.blocks.iter().filter(|block| !block.is_bias());
                    let place = blocks
                        .filter(|block| block.layer == *layer)
                        .find_map(|block| Some(block.range(block.slot(variable)?)));
                    let rng = rng(format!("perturb l{layer}.{variable}"));
                    let noise = place.map(|weights| Perturbation { weights, sigma: *sigma, rng });
                    moment.perturbations.extend(noise);
                }
                Event::PermuteLabels { .. } => {
                    let classes = classes(subject.classes, index)?;
                    permute(&mut moment.world.classes, classes, &mut rng("permute labels".to_owned()));
                }
                Event::Silence { fraction, .. } => {
                    let count = silent(*fraction, subject.inputs);
                    silence(&mut moment.world.silent, subject.inputs, count, &mut rng("silence".to_owned()));
                }
            }
        }
        Ok(all)
    }

    /// The same events at other times, in the same order.
    #[must_use]
    pub fn moved(&self, time: impl Fn(f64) -> f64) -> Self {
        let mut events = self.clone();
        events.moments.iter_mut().for_each(|moment| moment.at = time(moment.at));
        events
    }

    /// The world at time `t`; at the time of an event, the one after it.
    #[must_use]
    pub fn world(&self, t: f64) -> &World {
        self.until(t).last().map_or(&self.start, |moment| &moment.world)
    }

    /// The time of the first event after `t`.
    #[must_use]
    pub fn next_after(&self, t: f64) -> Option<f64> {
        self.moments.get(self.until(t).len()).map(|moment| moment.at)
    }

    /// Whether something happens at `t`.
    #[must_use]
    pub fn happen_at(&self, t: f64) -> bool {
        self.until(t).last().is_some_and(|moment| moment.at == t)
    }

    /// What the weights receive at `t`.
    #[must_use]
    pub fn perturbations(&self, t: f64) -> &[Perturbation] {
        match self.until(t).last() {
            Some(moment) if moment.at == t => &moment.perturbations,
            _ => &[],
        }
    }

    /// The moments up to `t`.
    fn until(&self, t: f64) -> &[Moment] {
        &self.moments[..self.moments.partition_point(|moment| moment.at <= t)]
    }
}

/// How many of `inputs` a fraction of them is.
#[must_use]
pub fn silent(fraction: f64, inputs: usize) -> usize {
    (fraction * inputs as f64).round() as usize
}

/// The number of classes, if they can be permuted.
fn classes(classes: Option<usize>, index: usize) -> Result<usize, ConfigError> {
    let reason = match classes {
        None => "is \"permute-labels\", but the targets of this data set are numbers, not classes",
        Some(0 | 1) => "is \"permute-labels\", but there is one class only",
        Some(classes) => return Ok(classes),
    };
    Err(ConfigError::new(format!("events[{index}].kind"), reason, "remove the event, or take another kind"))
}

/// Presents each class as another than before, every such permutation equally likely.
fn permute(classes: &mut Vec<u32>, count: usize, rng: &mut Pcg64) {
    if classes.is_empty() {
        classes.extend(0..count as u32);
    }
    let before = classes.clone();
    // About one order in e leaves no class in its place.
    while classes.iter().zip(&before).any(|(now, before)| now == before) {
        shuffle(classes, rng);
    }
}

/// Adds `count` of the inputs that are heard to those that are not, or all that are left.
fn silence(silent: &mut Vec<usize>, inputs: usize, count: usize, rng: &mut Pcg64) {
    let mut heard: Vec<usize> = (0..inputs).filter(|input| !silent.contains(input)).collect();
    shuffle(&mut heard, rng);
    silent.extend(heard.into_iter().take(count));
}

#[cfg(test)]
mod tests;
