//! Sets of samples that are made: each from a seed of its own, so that the experiment's seed varies the start and
//! the order, but never the task.
//!
//! What defines the task, the samples to learn from and those to be tested on come from random streams of their own:
//! asking for more of one part changes nothing else, and a shorter part is the beginning of a longer one. Classes take
//! turns, so that each has its share to within one sample.

mod mackey_glass;
mod shapes;
mod teacher;

#[cfg(test)]
mod tests;

use rand::RngExt;
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

use super::samples::{Inputs, Samples, Targets};
use super::spec::Generated;
use crate::stream::random::generator;
use shapes::{Blobs, moon, spiral};
use teacher::Teacher;

/// Samples to learn from and to be tested on, as many as `counts` says; `None` if one of the numbers is 0.
pub(super) fn generate(set: &Generated, seed: u64, counts: [usize; 2]) -> Option<[Samples; 2]> {
    let [train, test] = match *set {
        Generated::Blobs { classes, dimension, spread } => {
            let blobs = Blobs::new(classes, dimension, spread, seed);
            parts(seed, counts, |len, rng| {
                labelled(len, classes, dimension, |class, x| blobs.point(class, x, rng))
            })
        }
        Generated::Moons { noise } => parts(seed, counts, |len, rng| {
            labelled(len, 2, 2, |class, x| x.copy_from_slice(&moon(class, noise, rng)))
        }),
        Generated::Spirals { classes, turns, noise } => parts(seed, counts, |len, rng| {
            let angle = |class| class as f64 / classes as f64;
            labelled(len, classes, 2, |class, x| {
                x.copy_from_slice(&spiral(angle(class), turns, noise, rng));
            })
        }),
        Generated::Teacher { dimension, hidden, outputs, noise } => {
            let teacher = Teacher::new([dimension, hidden, outputs], seed);
            parts(seed, counts, |len, rng| teacher.samples(len, noise, rng))
        }
        Generated::MackeyGlass { window, tau, noise } => {
            mackey_glass::samples(window, tau, noise, seed, counts)
        }
    };
    Some([train?, test?])
}

/// Both parts, each from a random stream of its own.
fn parts(
    seed: u64,
    counts: [usize; 2],
    mut part: impl FnMut(usize, &mut Pcg64) -> Option<Samples>,
) -> [Option<Samples>; 2] {
    [("training samples", counts[0]), ("test samples", counts[1])]
        .map(|(purpose, len)| part(len, &mut generator(seed, purpose, 0)))
}

/// `len` samples of classes that take turns; `point` fills the inputs of one.
fn labelled(
    len: usize,
    classes: usize,
    width: usize,
    mut point: impl FnMut(usize, &mut [f64]),
) -> Option<Samples> {
    let mut inputs = vec![0.0; len * width];
    for (k, x) in inputs.chunks_exact_mut(width).enumerate() {
        point(k % classes, x);
    }
    let labels = (0..len).map(|k| (k % classes) as u32).collect();
    Samples::new(Inputs::Numbers(inputs), width, Targets::Labels { labels, classes })
}

/// A standard normal number.
fn normal(rng: &mut Pcg64) -> f64 {
    rng.sample(StandardNormal)
}
