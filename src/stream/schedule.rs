//! Time cut into segments within which the input is smooth.

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
}
