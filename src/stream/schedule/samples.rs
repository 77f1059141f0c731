//! Samples in continuous time.
//!
//! Sample `k` is present on `[k T, (k+1) T)`, input and target together. With a cross-fade of length `c`, its
//! predecessor turns into it linearly on `[k T, k T + c]`.

use std::mem;
use std::sync::Arc;

use super::{Drive, Segment};
use crate::stream::{Length, Order, Samples, StreamSpec, random};

/// Walks through the presentations of a stream.
#[derive(Clone, Debug)]
pub struct StreamSchedule {
    samples: Arc<Samples>,
    period: f64,
    crossfade: f64,
    duration: f64,
    presentations: u64,
    orders: Orders,
    next: u64,
    /// Whether the next segment holds the sample that the last one faded in.
    holds: bool,
    spare: Vec<Pair>,
}

/// Arrays for input and target.
type Pair = (Vec<f64>, Vec<f64>);

impl StreamSchedule {
    /// The stream that `spec` describes; its order comes from `seed`.
    #[must_use]
    pub fn new(spec: &StreamSpec, samples: &Arc<Samples>, seed: u64) -> Self {
        let period = spec.presentation;
        let (presentations, duration) = match spec.length {
            Length::Epochs(epochs) => {
                let presentations = (epochs * samples.len() as f64).round().max(1.0);
                (presentations as u64, presentations * period)
            }
            Length::Duration(duration) => (count(duration / period), duration),
        };
        let orders = Orders::new(spec.order, samples.len(), seed);
        let crossfade = spec.crossfade.min(period);
        let spare = Vec::with_capacity(4);
        let samples = Arc::clone(samples);
        Self { samples, period, crossfade, duration, presentations, orders, next: 0, holds: false, spare }
    }

    /// Length in seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.duration
    }

    /// Number of presentations, the last of which may be cut short.
    #[must_use]
    pub fn presentations(&self) -> u64 {
        self.presentations
    }

    /// The samples that are presented.
    #[must_use]
    pub fn samples(&self) -> &Arc<Samples> {
        &self.samples
    }

    /// The sample that is shown in a presentation: at once in the epoch that is being walked through, at the cost of
    /// a new permutation in others.
    #[must_use]
    pub fn sample(&self, presentation: u64) -> usize {
        self.orders.sample(presentation)
    }

    /// Goes on with `presentation` from its start, as if all before it had been walked through.
    pub fn seek(&mut self, presentation: u64) {
        self.next = presentation;
        self.holds = false;
    }

    /// Fills `segment` with the next segment and reuses its arrays; false at the end.
    pub fn next_segment(&mut self, segment: &mut Segment) -> bool {
        let k = self.next;
        if k >= self.presentations {
            return false;
        }
        let epoch = k / self.samples.len() as u64;
        self.orders.keep(epoch);
        let (start, end) = (self.boundary(k), self.boundary(k + 1));
        let faded = start + self.crossfade;
        let tolerance = rounding(k as f64);
        let fades = self.crossfade > tolerance * self.period && k > 0 && !self.holds;
        let rest = (end - faded) / self.period;
        self.reclaim(&mut segment.drive);
        segment.drive = if fades {
            let cut = rest < -tolerance;
            self.fade(k, if cut { (end - start) / self.crossfade } else { 1.0 })
        } else {
            self.hold(k)
        };
        segment.t0 = if self.holds { faded } else { start };
        segment.t1 = if fades && rest > tolerance { faded } else { end };
        segment.presentation = k;
        segment.epoch = epoch;
        segment.starts = !self.holds;
        segment.ends = segment.t1 == end;
        self.holds = !segment.ends;
        self.next += u64::from(segment.ends);
        true
    }

    /// Start of presentation `k`, or the end of the stream.
    pub(super) fn boundary(&self, k: u64) -> f64 {
        if k == self.presentations { self.duration } else { k as f64 * self.period }
    }

    fn hold(&mut self, k: u64) -> Drive {
        let (x, y) = self.pair(k);
        Drive::Hold { x, y }
    }

    /// From the predecessor of sample `k` towards it, as far as `part` of the whole way.
    fn fade(&mut self, k: u64, part: f64) -> Drive {
        let ((x0, y0), (mut x1, mut y1)) = (self.pair(k - 1), self.pair(k));
        if part < 1.0 {
            let cut = |from: &[f64], to: &mut [f64]| {
                from.iter().zip(to).for_each(|(from, to)| *to = from + (*to - from) * part);
            };
            cut(&x0, &mut x1);
            cut(&y0, &mut y1);
        }
        Drive::Fade { x0, x1, y0, y1 }
    }

    /// Input and target of presentation `k`, in arrays from the store.
    fn pair(&mut self, k: u64) -> Pair {
        let (mut x, mut y) = self.spare.pop().unwrap_or_default();
        x.resize(self.samples.width(), 0.0);
        y.resize(self.samples.target_width(), 0.0);
        self.samples.sample_into(self.sample(k), &mut x, &mut y);
        (x, y)
    }

    /// Takes the arrays of a drive that has been used back into the store.
    fn reclaim(&mut self, drive: &mut Drive) {
        match mem::replace(drive, Drive::Linear { g0: 0.0, g1: 0.0 }) {
            Drive::Hold { x, y } => self.spare.push((x, y)),
            Drive::Fade { x0, x1, y0, y1 } => self.spare.extend([(x0, y0), (x1, y1)]),
            Drive::Mirror { .. } | Drive::Linear { .. } | Drive::Sine { .. } => {}
        }
    }
}

/// Presentations in `length` periods, the last perhaps cut short.
fn count(length: f64) -> u64 {
    (length - rounding(length)).ceil().max(1.0) as u64
}

/// The part of a period below which a difference between two times, `periods` after the start, is rounding.
fn rounding(periods: f64) -> f64 {
    1e-9_f64.max(4.0 * f64::EPSILON * periods)
}

/// The order of the samples, epoch by epoch.
#[derive(Clone, Debug)]
struct Orders {
    order: Order,
    len: usize,
    seed: u64,
    /// The permutations of two neighbouring epochs: a cross-fade reaches across their border.
    kept: [Option<(u64, Vec<usize>)>; 2],
}

impl Orders {
    fn new(order: Order, len: usize, seed: u64) -> Self {
        Self { order, len, seed, kept: [None, None] }
    }

    fn sample(&self, presentation: u64) -> usize {
        let (epoch, place) = (presentation / self.len as u64, (presentation % self.len as u64) as usize);
        if self.order == Order::Sequential {
            return place;
        }
        match &self.kept[slot(epoch)] {
            Some((kept, permutation)) if *kept == epoch => permutation[place],
            _ => {
                let mut permutation = Vec::new();
                self.permute(epoch, &mut permutation);
                permutation[place]
            }
        }
    }

    /// Makes ready for the presentations of `epoch`.
    fn keep(&mut self, epoch: u64) {
        if self.order == Order::Sequential
            || self.kept[slot(epoch)].as_ref().is_some_and(|kept| kept.0 == epoch)
        {
            return;
        }
        let mut permutation = self.kept[slot(epoch)].take().map(|kept| kept.1).unwrap_or_default();
        self.permute(epoch, &mut permutation);
        self.kept[slot(epoch)] = Some((epoch, permutation));
    }

    /// The permutation of an epoch: from the seed and the epoch alone.
    fn permute(&self, epoch: u64, permutation: &mut Vec<usize>) {
        permutation.clear();
        permutation.extend(0..self.len);
        random::shuffle(permutation, &mut random::generator(self.seed, "order", epoch));
    }
}

/// Where the permutation of an epoch is kept: neighbours in different places.
fn slot(epoch: u64) -> usize {
    (epoch % 2) as usize
}

#[cfg(test)]
mod tests;
