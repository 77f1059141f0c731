//! Time cut into segments within which the input is smooth.
//!
//! Breakpoints are computed from their index, never by adding up, and a segment starts at the very number at which
//! its predecessor ended.

mod phases;
mod samples;

pub use phases::PhasedSchedule;
pub use samples::StreamSchedule;

use super::events::Events;
use super::protocol::ProtocolSchedule;
use crate::checkpoint::Archive;
use crate::error::DataError;

/// A stretch of time between two breakpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Start, s.
    pub t0: f64,
    /// End, s.
    pub t1: f64,
    /// Index of the presentation that this segment belongs to (the segment's own index in a protocol).
    pub presentation: u64,
    /// Index of the epoch, from 0.
    pub epoch: u64,
    /// Whether the segment starts its presentation.
    pub starts: bool,
    /// Whether the segment ends its presentation.
    pub ends: bool,
    /// What is fed in.
    pub drive: Drive,
}

impl Segment {
    /// `(t - t0) / (t1 - t0)`, within 0..=1.
    #[must_use]
    pub fn fraction(&self, t: f64) -> f64 {
        ((t - self.t0) / (self.t1 - self.t0)).clamp(0.0, 1.0)
    }

    /// The gradient signal of a protocol at time `t`; 0 for samples.
    #[must_use]
    pub fn g(&self, t: f64) -> f64 {
        match &self.drive {
            Drive::Activities { delta, x, .. } => self.course(delta, t) * self.course(x, t),
            drive => self.course(drive, t),
        }
    }

    /// The postsynaptic error of a protocol at time `t`: the gradient signal, where nothing else is said of `x`.
    #[must_use]
    pub fn delta(&self, t: f64) -> f64 {
        match &self.drive {
            Drive::Activities { delta, .. } => self.course(delta, t),
            drive => self.course(drive, t),
        }
    }

    /// The presynaptic activity of a protocol at time `t`: 1 unless it has a signal of its own.
    #[must_use]
    pub fn x(&self, t: f64) -> f64 {
        match &self.drive {
            Drive::Activities { x, .. } => self.course(x, t),
            _ => 1.0,
        }
    }

    /// The postsynaptic activity of a protocol at time `t`, where it has a signal of its own.
    #[must_use]
    pub fn y(&self, t: f64) -> Option<f64> {
        match &self.drive {
            Drive::Activities { y: Some(y), .. } => Some(self.course(y, t)),
            _ => None,
        }
    }

    /// The value of one signal at time `t`.
    fn course(&self, signal: &Drive, t: f64) -> f64 {
        match signal {
            Drive::Linear { g0, g1 } => g0 + (g1 - g0) * self.fraction(t),
            Drive::Sine { mean, amplitude, period } => {
                mean + amplitude * (std::f64::consts::TAU * t / period).sin()
            }
            Drive::Hold { .. } | Drive::Fade { .. } | Drive::Mirror { .. } | Drive::Activities { .. } => 0.0,
        }
    }
}

impl Default for Segment {
    /// A segment of no length, to be filled by [`Schedule::next_segment`].
    fn default() -> Self {
        let drive = Drive::Linear { g0: 0.0, g1: 0.0 };
        Self { t0: 0.0, t1: 0.0, presentation: 0, epoch: 0, starts: false, ends: false, drive }
    }
}

/// What is fed in over a segment.
#[derive(Clone, Debug, PartialEq)]
pub enum Drive {
    /// A sample that stays.
    Hold {
        /// Input activities.
        x: Vec<f64>,
        /// Target of the outputs.
        y: Vec<f64>,
    },
    /// Linear cross-fade from one sample to the next.
    Fade {
        /// Input activities at the start.
        x0: Vec<f64>,
        /// Input activities at the end.
        x1: Vec<f64>,
        /// Target at the start.
        y0: Vec<f64>,
        /// Target at the end.
        y1: Vec<f64>,
    },
    /// Noise in one hidden layer, for the mirror phases of feedback "weight-mirror".
    Mirror {
        /// The hidden layer, counted from 1.
        layer: usize,
        /// Its activities.
        x: Vec<f64>,
    },
    /// A gradient signal that runs linearly from `g0` to `g1`.
    Linear {
        /// Signal at the start.
        g0: f64,
        /// Signal at the end.
        g1: f64,
    },
    /// `g = mean + amplitude sin(2 pi t / period)`.
    Sine {
        /// Mean.
        mean: f64,
        /// Amplitude.
        amplitude: f64,
        /// Period, s.
        period: f64,
    },
    /// Signals of their own for what a model's synapse sees, each [`Drive::Linear`] or [`Drive::Sine`].
    Activities {
        /// Postsynaptic error.
        delta: Box<Drive>,
        /// Presynaptic activity.
        x: Box<Drive>,
        /// Postsynaptic activity; that of a linear unit if there is none.
        y: Option<Box<Drive>>,
    },
}

/// What comes when, from the start of a run to its end.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// Samples that follow one another.
    Stream(StreamSchedule),
    /// Samples with phases between them.
    Phased(PhasedSchedule),
    /// A gradient signal.
    Protocol(ProtocolSchedule),
}

impl Schedule {
    /// Fills `segment` with the next segment and reuses its arrays; false at the end.
    pub fn next_segment(&mut self, segment: &mut Segment) -> bool {
        match self {
            Self::Stream(schedule) => schedule.next_segment(segment),
            Self::Phased(schedule) => schedule.next_segment(segment),
            Self::Protocol(schedule) => schedule.next_segment(segment),
        }
    }

    /// Length in seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        match self {
            Self::Stream(schedule) => schedule.duration(),
            Self::Phased(schedule) => schedule.duration(),
            Self::Protocol(schedule) => schedule.duration(),
        }
    }

    /// The stream of samples; `None` for a protocol.
    #[must_use]
    pub fn stream(&self) -> Option<&StreamSchedule> {
        match self {
            Self::Stream(schedule) => Some(schedule),
            Self::Phased(schedule) => Some(schedule.stream()),
            Self::Protocol(_) => None,
        }
    }

    /// What happens in the course of a stream, at times of this schedule; `None` for a protocol.
    #[must_use]
    pub fn events(&self) -> Option<&Events> {
        match self {
            Self::Stream(schedule) => Some(schedule.events()),
            Self::Phased(schedule) => Some(schedule.events()),
            Self::Protocol(_) => None,
        }
    }

    /// Number of presentations, the last of which may be cut short; `None` for a protocol.
    #[must_use]
    pub fn presentations(&self) -> Option<u64> {
        self.stream().map(StreamSchedule::presentations)
    }

    /// Adds to a checkpoint how far it has come.
    pub fn save(&self, to: &mut Archive) {
        match self {
            Self::Stream(schedule) => schedule.save(to),
            Self::Phased(schedule) => schedule.save(to),
            Self::Protocol(schedule) => schedule.save(to),
        }
    }

    /// Goes to where the same schedule was at a checkpoint.
    ///
    /// # Errors
    /// Where the checkpoint is of another kind of schedule.
    pub fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        match self {
            Self::Stream(schedule) => schedule.restore(from),
            Self::Phased(schedule) => schedule.restore(from),
            Self::Protocol(schedule) => schedule.restore(from),
        }
    }
}
