//! Gradient signals that drive single synapses without a network.
//!
//! A shape tells which smooth piece of the signal holds at a time and when it ends; the schedule walks from piece
//! to piece. So pieces are made as they are needed, a jump is always a breakpoint, and no breakpoint is where
//! nothing happens.

mod file;
mod noise;
mod shape;

use std::sync::Arc;

use rand_pcg::Pcg64;
use sha2::{Digest, Sha256};
use shape::Shape;

use super::schedule::{Drive, Segment};
use super::{ProtocolSpec, random};
use crate::checkpoint::{Archive, hexadecimal};
use crate::config::wire::Signal;
use crate::error::{ConfigError, DataError, Error};

/// More pieces than any run can walk through.
const MOST_PIECES: f64 = 1e9;
/// Most grid points of a noise: they are kept in memory.
const MOST_GRID_POINTS: f64 = 1e7;
/// Grid points per correlation time, unless told otherwise.
const GRID_PER_TAU: f64 = 20.0;

/// Walks through the pieces of a gradient signal, or of several signals; clones share them.
#[derive(Clone, Debug)]
pub struct ProtocolSchedule {
    signal: Arc<Shape>,
    /// Presynaptic and postsynaptic activity, where they have signals of their own.
    activities: [Option<Arc<Shape>>; 2],
    duration: f64,
    /// SHA-256 of the signals that come from files.
    sha256: Option<Arc<str>>,
    next: f64,
    index: u64,
}

impl ProtocolSchedule {
    /// The signals that `spec` describes; noise comes from `seed`.
    ///
    /// # Errors
    /// Where a signal's file can't be used, or a signal has more pieces than can be walked through.
    pub fn new(spec: &ProtocolSpec, seed: u64) -> Result<Self, Error> {
        let duration = spec.duration;
        let shaped = |(key, signal): (&str, &Signal), stream| {
            shape(&format!("protocol.{key}"), signal, duration, random::generator(seed, "noise", stream))
        };
        let optional = |key, signal: &Option<Signal>, stream| {
            signal.as_ref().map(|signal| shaped((key, signal), stream).map(Arc::new)).transpose()
        };
        let signal = Arc::new(shaped(("signal", &spec.signal), 0)?);
        let activities = [optional("x", &spec.x, 1)?, optional("y", &spec.y, 2)?];
        let given = [Some(&spec.signal), spec.x.as_ref(), spec.y.as_ref()];
        let shapes = [Some(&*signal), activities[0].as_deref(), activities[1].as_deref()];
        let sha256 = fingerprint(given, shapes).map(Arc::from);
        Ok(Self { signal, activities, duration, sha256, next: 0.0, index: 0 })
    }

    /// SHA-256 in hexadecimal digits of the signals that come from files; `None` where none does.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Length in seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.duration
    }

    /// The signal at time `t`; at a jump, its value after.
    #[must_use]
    pub fn g(&self, t: f64) -> f64 {
        self.signal.piece(t).g(t)
    }

    /// Fills `segment` with the next segment; false at the end.
    pub fn next_segment(&mut self, segment: &mut Segment) -> bool {
        if self.next >= self.duration {
            return false;
        }
        let signal = self.signal.piece(self.next);
        let [x, y] =
            self.activities.each_ref().map(|shape| shape.as_ref().map(|shape| shape.piece(self.next)));
        let ends = [Some(&signal), x.as_ref(), y.as_ref()].into_iter().flatten().map(|piece| piece.end);
        let end = ends.fold(f64::INFINITY, f64::min);
        // A breakpoint that coincides with the end but for rounding is the end.
        let last = end >= self.duration * (1.0 - 4.0 * f64::EPSILON);
        let end = if last { self.duration } else { end };
        segment.t0 = self.next;
        segment.t1 = end;
        segment.presentation = self.index;
        segment.epoch = 0;
        (segment.starts, segment.ends) = (true, true);
        let drive = signal.drive(segment.t0, segment.t1);
        segment.drive = if x.is_none() && y.is_none() {
            drive
        } else {
            let one = Drive::Linear { g0: 1.0, g1: 1.0 };
            Drive::Activities {
                delta: Box::new(drive),
                x: Box::new(x.map_or(one, |piece| piece.drive(segment.t0, segment.t1))),
                y: y.map(|piece| Box::new(piece.drive(segment.t0, segment.t1))),
            }
        };
        self.next = end;
        self.index += 1;
        true
    }

    /// Adds to a checkpoint how far it has come.
    pub(super) fn save(&self, to: &mut Archive) {
        to.put("protocol.next", [self.next]);
        to.put("protocol.index", [self.index]);
    }

    /// Goes to where it was at a checkpoint.
    pub(super) fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.next] = from.get_all("protocol.next")?;
        [self.index] = from.get_all("protocol.index")?;
        Ok(())
    }
}

/// The hash of the points of those signals that come from files.
fn fingerprint(given: [Option<&Signal>; 3], shapes: [Option<&Shape>; 3]) -> Option<String> {
    let mut hash = None;
    for (place, (signal, shape)) in (0_u8..).zip(given.into_iter().zip(shapes)) {
        if let (Some(Signal::Csv { .. }), Some(Shape::Knots(knots))) = (signal, shape) {
            let hash = hash.get_or_insert_with(Sha256::new);
            hash.update([place]);
            knots.iter().flat_map(|(t, g)| [t, g]).for_each(|value| hash.update(value.to_le_bytes()));
        }
    }
    hash.map(|hash| hexadecimal(&hash.finalize()))
}

/// The course of one signal, whose keys stand under `key`.
fn shape(key: &str, signal: &Signal, duration: f64, mut rng: Pcg64) -> Result<Shape, Error> {
    let few = |name: &str, pieces: f64, most: f64| few(&format!("{key}.{name}"), pieces, most);
    Ok(match signal.clone() {
        Signal::Constant { value } => Shape::knots(vec![(0.0, value)]),
        Signal::Step { before, after, at } => Shape::knots(vec![(at, before), (at, after)]),
        Signal::Sine { mean, amplitude, period } => {
            few("period", duration / period * 4.0, MOST_PIECES)?;
            Shape::sine(mean, amplitude, period)
        }
        Signal::Square { mean, amplitude, period, duty } => {
            few("period", duration / period * 2.0, MOST_PIECES)?;
            Shape::pulses(mean - amplitude, mean + amplitude, duty * period, period, 0.0)
        }
        Signal::Pulses { base, amplitude, width, period, start } => {
            few("period", (duration - start) / period * 2.0, MOST_PIECES)?;
            Shape::pulses(base, amplitude, width, period, start)
        }
        Signal::OrnsteinUhlenbeck { mean, sigma, tau, step } => {
            let step = step.unwrap_or(tau / GRID_PER_TAU);
            few("step", duration / step, MOST_GRID_POINTS)?;
            Shape::knots(noise::ornstein_uhlenbeck(mean, sigma, tau, step, duration, &mut rng))
        }
        Signal::Csv { path } => {
            let knots = file::read(&path)?;
            tell_of_held_ends(key, &knots, duration);
            Shape::knots(knots)
        }
    })
}

/// Warns of a file that does not say what the signal is at the start or at the end of a run: it is held there.
fn tell_of_held_ends(key: &str, knots: &[(f64, f64)], duration: f64) {
    let (Some((first, _)), Some((last, _))) = (knots.first(), knots.last()) else { return };
    if *first > 0.0 || *last < duration {
        log::warn!(
            "{key}.path gives the signal from {first:?} to {last:?} s of {duration:?} s: beyond, its first and last values are held"
        );
    }
}

/// Refuses a signal of more than `most` pieces.
fn few(key: &str, pieces: f64, most: f64) -> Result<(), ConfigError> {
    if pieces <= most {
        return Ok(());
    }
    let reason = format!("the signal would have {pieces:.1e} pieces; at most {most:.0e} are possible");
    Err(ConfigError::new(key, reason, "make it longer, or protocol.duration shorter"))
}

/// Reads a signal and demands that it is in order of time.
#[cfg(fuzzing)]
pub fn fuzz(path: &std::path::Path) {
    if let Ok(knots) = file::read(path) {
        assert!(knots.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert!(knots.iter().all(|(t, g)| t.is_finite() && g.is_finite()));
    }
}

#[cfg(test)]
mod tests;
