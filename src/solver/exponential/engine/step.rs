//! A step: tried until its error is within the tolerance, then taken.

use super::super::Order;
use super::super::lane::Lane;
use super::super::pass::Task;
use super::Engine;
use super::leaky::Leaky;
use crate::error::SolverError;
use crate::solver::Look;
use crate::stream::Segment;

impl<T: Lane> Engine<T> {
    /// A step within `segment`, shown at those of `times` that it passes; how many it was.
    pub(super) fn step(
        &mut self,
        segment: &Segment,
        times: &[f64],
        look: &mut Look,
    ) -> Result<usize, SolverError> {
        if self.is_stale {
            self.evaluate(segment)?;
            self.is_stale = false;
        }
        let mut h = self.control.next(segment.t1 - self.t);
        let mut attempts = 0;
        loop {
            let (worst, layer) = self.predict(segment, h)?;
            self.hardest = (worst, layer);
            if worst.error <= 1.0 {
                self.control.accept(h, worst.error);
                break;
            }
            self.statistics.rejected += 1;
            attempts += 1;
            self.control.reject(h, worst.error);
            h = self.control.next(segment.t1 - self.t);
            if h < 1e-12 * (segment.t1 - segment.t0) || attempts > 100 {
                return Err(self.too_small(h, layer, &worst));
            }
        }
        self.straighten();
        let remaining = segment.t1 - self.t;
        let end = if h >= remaining * (1.0 - 1e-9) { segment.t1 } else { self.t + h };
        let passed = times.iter().take_while(|time| **time <= end).count();
        for time in &times[..passed] {
            self.glimpse(*time, ((time - self.t) / h).clamp(0.0, 1.0), h, look);
        }
        self.commit(h, end)?;
        Ok(passed)
    }

    /// Takes the step of length `h` that was predicted, to `end`.
    fn commit(&mut self, h: f64, end: f64) -> Result<(), SolverError> {
        let t = self.t;
        self.straighten();
        self.see();
        self.crew.with_job(|job| job.t = [t, end]);
        // Silent inputs that are not left behind.
        self.prepare_gaps(&[t], end);
        self.grow(0.5 * h)?;
        self.pass(Task::Advance, None)?;
        self.weigh()?;
        self.grow(0.5 * h)?;
        self.leaky.iter_mut().for_each(Leaky::commit);
        self.t = end;
        self.is_stale = true;
        self.statistics.steps += 1;
        self.measure();
        match self.size.iter().position(|size| !(size.w + size.m).is_finite()) {
            None => Ok(()),
            Some(layer) => Err(self.failure(
                self.first_bad(layer),
                "the state is not finite",
                "lower solver.rtol, or bound the weights (synapse.w_max)",
            )),
        }
    }

    /// Order 2: signals as straight lines.
    fn straighten(&mut self) {
        if self.options.order != Order::Two {
            return;
        }
        let [start, middle, end] = &mut self.nodes;
        let mix = |middle: &mut [Vec<f64>], start: &[Vec<f64>], end: &[Vec<f64>]| {
            for ((middle, start), end) in middle.iter_mut().zip(start).zip(end) {
                middle.iter_mut().zip(start.iter().zip(end)).for_each(|(m, (a, b))| *m = 0.5 * (a + b));
            }
        };
        mix(&mut middle.x, &start.x, &end.x);
        mix(&mut middle.delta, &start.delta, &end.delta);
    }
}
