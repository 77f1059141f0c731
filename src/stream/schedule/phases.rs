//! A stream that pauses for the mirror phases of feedback "weight-mirror".
//!
//! A phase gives each hidden layer in turn its noise samples, each for one presentation time. The stream goes on after it
//! as if nothing had been: its samples and its events come in the same order, later by the length of the phases before.

use rand_distr::{Distribution, StandardNormal};

use super::{Drive, Segment, StreamSchedule};
use crate::checkpoint::Archive;
use crate::error::DataError;
use crate::stream::Events;
use crate::stream::random::generator;
use crate::synapse::feedback::Mirror;

/// Walks through a stream with phases between its presentations.
#[derive(Clone, Debug)]
pub struct PhasedSchedule {
    stream: StreamSchedule,
    /// Those of the stream, when they happen here.
    events: Events,
    mirror: Mirror,
    /// Units of each hidden layer.
    hidden: Vec<usize>,
    period: f64,
    seed: u64,
    /// Presentations of the stream that are over.
    done: u64,
    /// Noise samples given in the current phase.
    given: u64,
    /// Noise samples given in all.
    total: u64,
}

impl PhasedSchedule {
    /// The phases of `mirror` for these `hidden` layers, within `stream` of presentation time `period` in s.
    #[must_use]
    pub fn new(stream: StreamSchedule, mirror: Mirror, hidden: &[usize], period: f64, seed: u64) -> Self {
        let phase = mirror.samples * hidden.len() as u64;
        // What happens between two presentations comes before the phase that is there.
        let events = stream.events().moved(|at| {
            let phases = stream.presentation_until(at) / mirror.every + 1;
            at + (phases * phase) as f64 * period
        });
        let hidden = hidden.to_vec();
        Self { stream, events, mirror, hidden, period, seed, done: 0, given: 0, total: 0 }
    }

    /// What happens in the course of the stream, at times of this schedule.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Noise samples in one phase.
    fn phase(&self) -> u64 {
        self.mirror.samples * self.hidden.len() as u64
    }

    /// Length of stream and phases, s.
    #[must_use]
    pub fn duration(&self) -> f64 {
        let phases = self.stream.presentations().div_ceil(self.mirror.every);
        self.stream.duration() + (phases * self.phase()) as f64 * self.period
    }

    /// The stream within.
    #[must_use]
    pub fn stream(&self) -> &StreamSchedule {
        &self.stream
    }

    /// Fills `segment` with the next segment; false at the end.
    pub fn next_segment(&mut self, segment: &mut Segment) -> bool {
        if self.done >= self.stream.presentations() {
            return false;
        }
        let before = self.total as f64 * self.period;
        if self.done.is_multiple_of(self.mirror.every) && self.given < self.phase() {
            self.noise(segment);
            return true;
        }
        if !self.stream.next_segment(segment) {
            return false;
        }
        segment.t0 += before;
        segment.t1 += before;
        if segment.ends {
            self.done += 1;
            self.given = 0;
        }
        true
    }

    /// Adds to a checkpoint how far it has come.
    pub(super) fn save(&self, to: &mut Archive) {
        self.stream.save(to);
        to.put("stream.phases", [self.done, self.given, self.total]);
    }

    /// Goes to where it was at a checkpoint.
    pub(super) fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.done, self.given, self.total] = from.get_all("stream.phases")?;
        let most = self.stream.presentations().div_ceil(self.mirror.every) * self.phase();
        if self.done > self.stream.presentations() || self.given > self.phase() || self.total > most {
            return Err(from.broken("`stream.phases` counts more than there are"));
        }
        self.stream.restore(from)
    }

    /// The next noise sample.
    fn noise(&mut self, segment: &mut Segment) {
        let index = (self.given / self.mirror.samples) as usize;
        let mut rng = generator(self.seed, "mirror", self.total);
        let samples = std::iter::repeat_with(|| StandardNormal.sample(&mut rng));
        let x = samples.take(self.hidden[index]).map(|value: f64| self.mirror.sigma * value).collect();
        let start = self.stream.boundary(self.done);
        let time = |given: u64| start + given as f64 * self.period;
        *segment = Segment {
            t0: time(self.total),
            t1: time(self.total + 1),
            presentation: self.done,
            epoch: segment.epoch,
            starts: false,
            ends: false,
            drive: Drive::Mirror { layer: index + 1, x },
        };
        self.given += 1;
        self.total += 1;
    }
}
