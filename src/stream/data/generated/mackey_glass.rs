//! The Mackey-Glass series, a chaotic time series that has long been a benchmark of prediction:
//! `dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x` (M. C. Mackey and L. Glass 1977, Science 197:287).
//!
//! A sample is `window` successive values, 1 s apart, and its target is the value that follows. The samples to be
//! tested on follow those to learn from in time: the first of their targets is the first value that was never a target
//! before. The series is standardised by mean and standard deviation of its training part.
//!
//! Integrated by the classical Runge-Kutta method of order 4; the delayed value comes from a buffer of the past, by
//! cubic Hermite interpolation, which keeps that order. Only sums, products and quotients of the machine's numbers: the
//! same bits on every platform.

use std::collections::VecDeque;

use rand::RngExt;

use super::normal;
use crate::stream::data::samples::{Inputs, Samples, Targets};
use crate::stream::data::scaling::Scale;
use crate::stream::data::spec::Scaling;
use crate::stream::random::generator;

/// Steps of the integrator between two values of the series.
const STEPS: usize = 20;
/// Time that passes before the series begins: its history is forgotten, it is on the attractor.
const TRANSIENT: usize = 1000;

/// Samples to learn from and to be tested on; `None` where there are none.
pub(super) fn samples(
    window: usize,
    tau: f64,
    noise: f64,
    seed: u64,
    [train, test]: [usize; 2],
) -> [Option<Samples>; 2] {
    let history = 0.5 + generator(seed, "mackey-glass history", 0).random::<f64>();
    let mut series = MackeyGlass::new(history, tau, STEPS);
    (0..TRANSIENT * STEPS).for_each(|_| series.step());
    let mut values = Vec::with_capacity(train + test + window);
    while values.len() < train + test + window {
        values.push(series.x);
        (0..STEPS).for_each(|_| series.step());
    }
    Scale::fit(Scaling::Standardize, &values[..train + window], 1).apply(&mut values);
    let mut rng = generator(seed, "mackey-glass noise", 0);
    for value in &mut values {
        *value += noise * normal(&mut rng);
    }
    [&values[..train + window], &values[train..]].map(|values| windows(values, window))
}

/// Every stretch of `window` values with the value that follows it.
fn windows(values: &[f64], window: usize) -> Option<Samples> {
    let inputs = values[..values.len() - 1].windows(window).flatten().copied().collect();
    let targets = Targets::Numbers { values: values[window..].to_vec(), width: 1 };
    Samples::new(Inputs::Numbers(inputs), window, targets)
}

/// The series in motion.
pub(super) struct MackeyGlass {
    /// The value at the present time.
    pub x: f64,
    h: f64,
    /// Where the delayed present lies within the first piece of the buffer, from 0 to 1.
    place: f64,
    past: VecDeque<Piece>,
}

/// One step of the past: values and slopes at its ends. A piece of its own keeps the two slopes apart where there is a
/// kink, as at the start.
#[derive(Clone, Copy)]
struct Piece {
    x: [f64; 2],
    slope: [f64; 2],
}

impl MackeyGlass {
    /// Starts with the value `history` at all times up to the present.
    pub fn new(history: f64, tau: f64, steps_per_second: usize) -> Self {
        let h = 1.0 / steps_per_second as f64;
        let delay = tau / h;
        let piece = Piece { x: [history; 2], slope: [0.0; 2] };
        let past = VecDeque::from(vec![piece; delay.ceil() as usize]);
        Self { x: history, h, place: delay.ceil() - delay, past }
    }

    /// Goes on by one step.
    pub fn step(&mut self) {
        let h = self.h;
        let [before, middle, after] = [0.0, 0.5, 1.0].map(|part| self.delayed(part));
        let k1 = slope(self.x, before);
        let k2 = slope(self.x + 0.5 * h * k1, middle);
        let k3 = slope(self.x + 0.5 * h * k2, middle);
        let k4 = slope(self.x + h * k3, after);
        let next = self.x + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        self.past.push_back(Piece { x: [self.x, next], slope: [k1, slope(next, after)] });
        self.past.pop_front();
        self.x = next;
    }

    /// The value `tau` before a part of the step that comes.
    fn delayed(&self, part: f64) -> f64 {
        let place = self.place + part;
        let first = place <= 1.0;
        self.past[usize::from(!first)].at(if first { place } else { place - 1.0 }, self.h)
    }
}

impl Piece {
    /// Cubic Hermite interpolation, `s` from 0 to 1.
    fn at(&self, s: f64, h: f64) -> f64 {
        let ([x0, x1], [d0, d1], r) = (self.x, self.slope, 1.0 - s);
        r * r * ((1.0 + 2.0 * s) * x0 + h * s * d0) + s * s * ((1.0 + 2.0 * r) * x1 - h * r * d1)
    }
}

fn slope(x: f64, delayed: f64) -> f64 {
    let square = delayed * delayed;
    let fourth = square * square;
    0.2 * delayed / (1.0 + fourth * fourth * square) - 0.1 * x
}
