//! The course of a signal in time, piece by piece.

use crate::stream::schedule::Drive;

/// The course of a signal.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Linear between knots `(time, value)`, constant before the first and after the last; two knots at one time
    /// make a jump.
    Knots(Vec<(f64, f64)>),
    /// `mean + amplitude sin(2 pi t / period)`, in pieces of a quarter period.
    Sine { mean: f64, amplitude: f64, period: f64 },
    /// `top` on `[start + k period, start + k period + width)`, `base` otherwise.
    Pulses { base: f64, top: f64, width: f64, period: f64, start: f64 },
}

/// A smooth piece of a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Time at which it ends, perhaps never.
    pub end: f64,
    curve: Curve,
}

#[derive(Clone, Copy, Debug)]
enum Curve {
    Constant(f64),
    /// A straight line through two points `(time, value)`.
    Line((f64, f64), (f64, f64)),
    Sine {
        mean: f64,
        amplitude: f64,
        period: f64,
    },
}

impl Shape {
    /// A course through knots in order of time, without those at which nothing happens.
    pub fn knots(mut knots: Vec<(f64, f64)>) -> Self {
        let first = knots.first().copied();
        let mut kept = 0;
        for i in 0..knots.len() {
            let g = knots[i].1;
            let before = if kept > 0 { knots[kept - 1].1 } else { g };
            let after = knots.get(i + 1).map_or(g, |knot| knot.1);
            if before != g || after != g {
                knots[kept] = knots[i];
                kept += 1;
            }
        }
        knots.truncate(kept);
        knots.shrink_to_fit();
        if knots.is_empty() {
            knots.extend(first);
        }
        Self::Knots(knots)
    }

    pub fn sine(mean: f64, amplitude: f64, period: f64) -> Self {
        if amplitude == 0.0 { Self::knots(vec![(0.0, mean)]) } else { Self::Sine { mean, amplitude, period } }
    }

    pub fn pulses(base: f64, top: f64, width: f64, period: f64, start: f64) -> Self {
        if base == top || width <= 0.0 {
            Self::knots(vec![(0.0, base)])
        } else if width >= period {
            Self::knots(vec![(start, base), (start, top)])
        } else {
            Self::Pulses { base, top, width, period, start }
        }
    }

    /// The piece that holds at `t` and just after.
    pub fn piece(&self, t: f64) -> Piece {
        match self {
            Self::Knots(knots) => {
                let next = knots.partition_point(|knot| knot.0 <= t);
                let constant = |end, knot: Option<&(f64, f64)>| Piece {
                    end,
                    curve: Curve::Constant(knot.map_or(0.0, |knot| knot.1)),
                };
                match (next.checked_sub(1).map(|last| knots[last]), knots.get(next)) {
                    (Some(a), Some(b)) if a.1 == b.1 => constant(b.0, Some(b)),
                    (Some(a), Some(b)) => Piece { end: b.0, curve: Curve::Line(a, *b) },
                    (None, Some(b)) if knots.len() > 1 => constant(b.0, Some(b)),
                    (_, _) => constant(f64::INFINITY, knots.last()),
                }
            }
            Self::Sine { mean, amplitude, period } => {
                let quarter = 0.25 * period;
                let k = last_at(|k| k * quarter, t / quarter, t);
                let curve = Curve::Sine { mean: *mean, amplitude: *amplitude, period: *period };
                Piece { end: (k + 1.0) * quarter, curve }
            }
            Self::Pulses { base, start, .. } if t < *start => {
                Piece { end: *start, curve: Curve::Constant(*base) }
            }
            Self::Pulses { base, top, width, period, start } => {
                let begin = |k: f64| start + k * period;
                let k = last_at(begin, (t - start) / period, t);
                let end = begin(k) + width;
                if t < end {
                    Piece { end, curve: Curve::Constant(*top) }
                } else {
                    Piece { end: begin(k + 1.0), curve: Curve::Constant(*base) }
                }
            }
        }
    }
}

impl Piece {
    /// The signal at time `t`.
    pub fn g(&self, t: f64) -> f64 {
        match self.curve {
            Curve::Constant(g) => g,
            Curve::Line((t0, g0), (t1, g1)) => g0 + (g1 - g0) * ((t - t0) / (t1 - t0)).clamp(0.0, 1.0),
            Curve::Sine { mean, amplitude, period } => {
                mean + amplitude * (std::f64::consts::TAU * t / period).sin()
            }
        }
    }

    /// What is fed in on the part from `t0` to `t1`.
    pub fn drive(&self, t0: f64, t1: f64) -> Drive {
        match self.curve {
            Curve::Sine { mean, amplitude, period } => Drive::Sine { mean, amplitude, period },
            Curve::Constant(_) | Curve::Line(..) => Drive::Linear { g0: self.g(t0), g1: self.g(t1) },
        }
    }
}

/// The largest whole `k` with `at(k) <= t`, given a guess that may be off by rounding. The number of pieces is
/// limited, so that neighbouring `k` are different numbers.
fn last_at(at: impl Fn(f64) -> f64, guess: f64, t: f64) -> f64 {
    let mut k = guess.floor();
    while at(k) > t {
        k -= 1.0;
    }
    while at(k + 1.0) <= t {
        k += 1.0;
    }
    k
}
