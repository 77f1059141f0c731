//! How far signals are from the quadratics that stand for them over a step, from their rates of change.
//!
//! The rate of a leaky unit is known at every node, `dy/dt = (f - y) / tau`, and so is that of what it sends. Values and rates at
//! the three nodes make a quintic, from which the quadratic through the values alone is off, in a step of length 1, by
//! ```text
//! (y_0 - 2 y_1 + y_2) / 15 + (y_0' - y_2') / 60      on average
//! (y_0' - 2 y_1' + y_2') / 180                       in the first moment about the middle
//! ```
//! What two signals do to their product `g` beside that comes from the terms of their expansions: `s^3` has the moment
//! `1/120`, `s^4` the mean `1/120`.

use num_dual::Dual64;

use super::{Leaky, Units};
use crate::network::{Architecture, Signals};

/// The course of one signal over a step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Course {
    /// Mean of what the quadratic leaves out.
    pub mean: f64,
    /// Its first moment about the middle.
    pub moment: f64,
    /// How far the middle is from the straight line.
    pub bend: f64,
    /// Sizes of the terms of first to third order of the expansion about the middle.
    terms: [f64; 3],
}

/// The courses of all signals, by layer.
#[derive(Clone, Debug, Default)]
pub struct Courses {
    /// Activities; of outputs too.
    pub x: Vec<Vec<Course>>,
    /// Errors.
    pub delta: Vec<Vec<Course>>,
}

impl Course {
    /// From values and rates at the start, middle and end of a step of length 1.
    fn new(y: [f64; 3], rate: [f64; 3]) -> Self {
        let second = y[0] - 2.0 * y[1] + y[2];
        let third = rate[0] - 2.0 * rate[1] + rate[2];
        Self {
            mean: (second / 15.0 + (rate[0] - rate[2]) / 60.0).abs(),
            moment: (third / 180.0).abs(),
            bend: 0.5 * second.abs(),
            terms: [rate[1].abs(), 2.0 * second.abs(), third.abs() / 1.5],
        }
    }

    /// From dual numbers whose derivatives are rates.
    fn of(nodes: [Dual64; 3]) -> Self {
        Self::new(nodes.map(|y| y.re), nodes.map(|y| y.eps))
    }

    /// That of the largest values of many, each in units of its `scale`.
    pub fn largest<'a>(courses: impl Iterator<Item = (&'a Self, f64)>) -> Self {
        courses.filter(|(_, scale)| *scale > 0.0).fold(Self::default(), |top, (course, scale)| {
            let most = |a: f64, b: f64| a.max(b / scale);
            Self {
                mean: most(top.mean, course.mean),
                moment: most(top.moment, course.moment),
                bend: most(top.bend, course.bend),
                terms: [0, 1, 2].map(|k| most(top.terms[k], course.terms[k])),
            }
        })
    }

    /// What the quadratic of the product with `other` leaves out, given the sizes of both.
    pub fn product(&self, size: f64, other: &Self, other_size: f64) -> f64 {
        let [a1, a2, a3] = self.terms;
        let [b1, b2, b3] = other.terms;
        let mixed = a1 * b2 + a2 * b1 + a1 * b3 + a2 * b2 + a3 * b1;
        (self.mean + self.moment) * other_size + (other.mean + other.moment) * size + mixed / 120.0
    }
}

impl Leaky {
    /// The courses of all signals over a predicted step of length `h`, whose inner node is the middle.
    pub fn courses(&self, network: &Architecture, nodes: &[Signals; 3], h: f64) -> Courses {
        let ratio = h / self.tau;
        let mut duals = [0; 3].map(|_| Signals::<Dual64>::zeros(network));
        for (node, (duals, signals)) in duals.iter_mut().zip(nodes).enumerate() {
            let unit = |units: &Units, l: usize, i: usize| {
                let y = units.state[node][l][i];
                Dual64::new(y, ratio * (units.drive[node][l][i] - y))
            };
            for l in 1..=network.depth() {
                for (i, x) in duals.x[l].iter_mut().enumerate() {
                    let z = unit(&self.z, l, i);
                    let value = signals.x[l][i];
                    // The slope of a hidden unit is known from its activity.
                    *x = if l < network.depth() {
                        Dual64::new(value, network.activation.slope(value) * z.eps)
                    } else {
                        z
                    };
                }
                duals.delta[l].iter_mut().enumerate().for_each(|(i, delta)| *delta = unit(&self.e, l, i));
                if l == network.depth() {
                    duals.activate(network, l);
                } else {
                    duals.through_slope(network, l);
                }
            }
        }
        let course = |which: fn(&Signals<Dual64>) -> &Vec<Vec<Dual64>>, l: usize| -> Vec<Course> {
            let n = which(&duals[0])[l].len();
            (0..n).map(|i| Course::of([0, 1, 2].map(|node| which(&duals[node])[l][i]))).collect()
        };
        let mut courses = Courses {
            x: (0..=network.depth()).map(|l| course(|signals| &signals.x, l)).collect(),
            delta: (0..=network.depth()).map(|l| course(|signals| &signals.delta, l)).collect(),
        };
        // Inputs are straight lines.
        for (course, (a, b)) in courses.x[0].iter_mut().zip(nodes[0].x[0].iter().zip(&nodes[2].x[0])) {
            course.terms[0] = (b - a).abs();
        }
        courses
    }
}
