//! Samples in continuous time.
//!
//! Sample `k` is present on `[k T, (k+1) T)`, input and target together. With a cross-fade of length `c`, its
//! predecessor turns into it linearly on `[k T, k T + c]`. An event splits a segment, and what comes after it is
//! presented as the event has left it: of a cross-fade, both samples.

mod orders;

use std::mem;
use std::sync::Arc;

use orders::Orders;

use super::{Drive, Segment};
use crate::checkpoint::Archive;
use crate::config::wire::Event;
use crate::error::{ConfigError, DataError};
use crate::layout::Layout;
use crate::stream::events::{Events, Subject};
use crate::stream::{Length, Samples, StreamSpec, World};

/// Walks through the presentations of a stream.
#[derive(Clone, Debug)]
pub struct StreamSchedule {
    samples: Arc<Samples>,
    period: f64,
    crossfade: f64,
    duration: f64,
    presentations: u64,
    orders: Orders,
    events: Arc<Events>,
    seed: u64,
    next: u64,
    /// Where the last segment ended within its presentation, s.
    reached: Option<f64>,
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
        Self {
            samples,
            period,
            crossfade,
            duration,
            presentations,
            orders,
            events: Arc::default(),
            seed,
            next: 0,
            reached: None,
            spare,
        }
    }

    /// The same stream with events, which act on the weights of `layout`.
    ///
    /// # Errors
    /// Where an event does not fit the samples.
    pub fn with_events(self, events: &[Event], layout: &Layout) -> Result<Self, ConfigError> {
        let classes = self.samples.label(0).map(|_| self.samples.target_width());
        let subject = Subject { layout, inputs: self.samples.width(), classes };
        let events = Events::new(events, |at, before| self.snapped(at, before), subject, self.seed)?;
        Ok(Self { events: Arc::new(events), ..self })
    }

    /// What happens in the course of the stream.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.events
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

    /// Presentation time, s.
    #[must_use]
    pub fn period(&self) -> f64 {
        self.period
    }

    /// The presentation that leads to time `t`: at a boundary, the one that ends there.
    #[must_use]
    pub fn presentation_until(&self, t: f64) -> u64 {
        let near = (t / self.period) as u64;
        (near.saturating_sub(1)..=near).find(|k| t <= self.boundary(k + 1)).unwrap_or(near)
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

    /// Makes ready for the samples of the epoch of `presentation`, so that [`StreamSchedule::sample`] has them at once.
    pub fn prepare(&mut self, presentation: u64) {
        self.orders.keep(presentation / self.samples.len() as u64);
    }

    /// Goes on with `presentation` from its start, as if all before it had been walked through.
    pub fn seek(&mut self, presentation: u64) {
        self.next = presentation;
        self.reached = None;
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
        let t0 = self.reached.unwrap_or(start);
        let faded = self.faded(k);
        let smooth = if t0 < faded { faded } else { end };
        let t1 = self.events.next_after(t0).map_or(smooth, |event| event.min(smooth));
        self.reclaim(&mut segment.drive);
        let events = Arc::clone(&self.events);
        let world = events.world(t0);
        segment.drive = if t0 < faded {
            self.fade(k, [t0, t1], world)
        } else {
            let (x, y) = self.pair(k, world);
            Drive::Hold { x, y }
        };
        (segment.t0, segment.t1) = (t0, t1);
        segment.presentation = k;
        segment.epoch = epoch;
        segment.starts = self.reached.is_none();
        segment.ends = t1 == end;
        self.reached = (!segment.ends).then_some(t1);
        self.next += u64::from(segment.ends);
        true
    }

    /// Adds to a checkpoint how far it has come.
    pub(super) fn save(&self, to: &mut Archive) {
        to.put("stream.next", [self.next]);
        to.put("stream.reached", self.reached);
    }

    /// Goes to where it was at a checkpoint.
    pub(super) fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.next] = from.get_all("stream.next")?;
        if self.next > self.presentations {
            return Err(from.broken(format!("`stream.next` is {} of {}", self.next, self.presentations)));
        }
        self.reached = from.get("stream.reached")?.next();
        Ok(())
    }

    /// Start of presentation `k`, or the end of the stream.
    pub(super) fn boundary(&self, k: u64) -> f64 {
        if k == self.presentations { self.duration } else { k as f64 * self.period }
    }

    /// Where the cross-fade of presentation `k` ends, or is cut short; its start where there is none.
    fn faded(&self, k: u64) -> f64 {
        let (start, end, tolerance) = (self.boundary(k), self.boundary(k + 1), self.tolerance(k));
        let faded = start + self.crossfade;
        if k == 0 || self.crossfade <= tolerance {
            return start;
        }
        if faded < end - tolerance { faded } else { end }
    }

    /// The time below which a difference between two times in presentation `k` is rounding, s.
    fn tolerance(&self, k: u64) -> f64 {
        rounding(k as f64) * self.period
    }

    /// The breakpoint, perhaps that of the event `before`, that `at` is up to rounding, or else `at` itself.
    fn snapped(&self, at: f64, before: Option<f64>) -> f64 {
        let k = (at / self.period) as u64;
        let breakpoints = [self.boundary(k), self.boundary(k + 1), self.boundary(k) + self.crossfade];
        let mut places = before.into_iter().chain(breakpoints);
        places.find(|place| (place - at).abs() <= self.tolerance(k)).unwrap_or(at)
    }

    /// The part between two times of the way from the predecessor of sample `k` to it.
    fn fade(&mut self, k: u64, times: [f64; 2], world: &World) -> Drive {
        let (start, tolerance) = (self.boundary(k), self.tolerance(k));
        let [s0, s1] = times.map(|t| {
            let done = t - start;
            if done >= self.crossfade - tolerance { 1.0 } else { done / self.crossfade }
        });
        let ((mut x0, mut y0), (mut x1, mut y1)) = (self.pair(k - 1, world), self.pair(k, world));
        let cut = |from: &mut [f64], to: &mut [f64]| {
            for (from, to) in from.iter_mut().zip(to) {
                (*from, *to) = (mix(*from, *to, s0), mix(*from, *to, s1));
            }
        };
        cut(&mut x0, &mut x1);
        cut(&mut y0, &mut y1);
        Drive::Fade { x0, x1, y0, y1 }
    }

    /// Input and target of presentation `k`, in arrays from the store.
    fn pair(&mut self, k: u64, world: &World) -> Pair {
        let (mut x, mut y) = self.spare.pop().unwrap_or_default();
        x.resize(self.samples.width(), 0.0);
        y.resize(self.samples.target_width(), 0.0);
        world.show(&self.samples).sample_into(self.sample(k), &mut x, &mut y);
        (x, y)
    }

    /// Takes the arrays of a drive that has been used back into the store.
    fn reclaim(&mut self, drive: &mut Drive) {
        match mem::replace(drive, Drive::Linear { g0: 0.0, g1: 0.0 }) {
            Drive::Hold { x, y } => self.spare.push((x, y)),
            Drive::Fade { x0, x1, y0, y1 } => self.spare.extend([(x0, y0), (x1, y1)]),
            Drive::Mirror { .. } | Drive::Linear { .. } | Drive::Sine { .. } | Drive::Activities { .. } => {}
        }
    }
}

/// The part `s` of the way from `a` to `b`, with both ends exact.
fn mix(a: f64, b: f64, s: f64) -> f64 {
    if s == 1.0 { b } else { a + (b - a) * s }
}

/// Presentations in `length` periods, the last perhaps cut short.
fn count(length: f64) -> u64 {
    (length - rounding(length)).ceil().max(1.0) as u64
}

/// The part of a period below which a difference between two times, `periods` after the start, is rounding.
fn rounding(periods: f64) -> f64 {
    1e-9_f64.max(4.0 * f64::EPSILON * periods)
}

#[cfg(test)]
mod tests;
