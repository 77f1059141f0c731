//! What the synapses see of the signals over a step.
//!
//! What has not changed is not written anew, since other threads have it in their caches: activities at the step's start
//! are shown as it is evaluated, an input that stays once and for all, and where nothing changes over a step its start
//! alone is looked at.

use pulp::{Simd, WithSimd};

use super::super::aligned::Aligned;
use super::super::factors::Factors;
use super::super::lane::Lane;
use super::Engine;
use crate::dynamics::present;
use crate::stream::{Drive, Segment};

impl<T: Lane> Engine<T> {
    /// Lets a network see its input and target at the current time.
    pub(super) fn enter(&mut self, segment: &Segment) {
        if self.is_held {
            return;
        }
        let (start, is_held) = (&mut self.nodes[0], matches!(segment.drive, Drive::Hold { .. }));
        present(segment, self.t, &mut start.x[0], &mut start.target);
        self.crew.with_job(|job| {
            let seen = &mut job.seen[1];
            round(&mut seen.x[0], &start.x[0]);
            seen.is_held = is_held;
        });
        if is_held {
            self.present(segment, [self.t; 2]);
            self.stretch(1);
            self.is_held = true;
        }
    }

    /// Inputs and targets at the inner node and the end of a step.
    pub(super) fn present(&mut self, segment: &Segment, times: [f64; 2]) {
        if self.is_held {
            return;
        }
        for (signals, t) in self.nodes[1..].iter_mut().zip(times) {
            present(segment, t, &mut signals.x[0], &mut signals.target);
        }
    }

    /// Shows what is sent to layer `l` at the inner node and the end of a step.
    pub(super) fn send(&mut self, l: usize) {
        if l == 1 && self.is_held {
            return;
        }
        self.stretch(l);
        let (nodes, reach) = (&self.nodes, &self.reach[l].each);
        self.crew.with_job(|job| {
            let seen = &mut job.seen[l];
            round(&mut seen.sizes, reach);
            (0..2).for_each(|node| round(&mut seen.later[node], &nodes[node + 1].x[l - 1]));
        });
    }

    /// Lets the synapses see the signals of the step's start throughout.
    pub(super) fn freeze(&mut self) {
        let (start, arch) = (&self.nodes[0], self.crew.arch());
        self.crew.with_job(|job| {
            job.factors.kink = false;
            for (seen, delta) in job.seen.iter_mut().zip(&start.delta).skip(1) {
                (seen.is_steady, seen.is_frozen) = (true, true);
                pad(&mut seen.delta[0], delta);
                arch.dispatch(Pushing { to: &mut seen.push, factors: &job.factors, delta: [delta; 3] });
            }
        });
    }

    /// Lets the synapses see the signals at the nodes.
    pub(super) fn see(&mut self) {
        let (nodes, arch) = (&self.nodes, self.crew.arch());
        // A protocol's synapses see no activity that changes.
        let steady = usize::from(self.is_held);
        self.crew.with_job(|job| {
            job.factors.cut_kinks();
            for (l, seen) in job.seen.iter_mut().enumerate() {
                let delta = nodes.each_ref().map(|signals| signals.delta[l].as_slice());
                // The step's start has been shown frozen.
                let first = usize::from(seen.is_frozen);
                seen.delta.iter_mut().zip(delta).skip(first).for_each(|(to, delta)| pad(to, delta));
                arch.dispatch(Pushing { to: &mut seen.push, factors: &job.factors, delta });
                (seen.is_steady, seen.is_frozen) = (l <= steady, false);
                if !seen.is_steady {
                    let later = nodes[1..].iter().map(|signals| &signals.x[l - 1]);
                    seen.x[1..].iter_mut().zip(later).for_each(|(to, x)| round(to, x));
                }
            }
        });
    }
}

/// Copies values in the state's precision.
pub(super) fn round<T: Lane>(to: &mut Vec<T>, from: &[f64]) {
    to.resize(from.len(), T::default());
    convert(to, from);
}

/// Copies values in the state's precision, padded with zeros to whole vectors.
pub(super) fn pad<T: Lane>(to: &mut Aligned<T>, from: &[f64]) {
    convert(to.fit(from.len().next_multiple_of(T::ALIGN)), from);
}

fn convert<T: Lane>(to: &mut [T], from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::from_f64(*from);
    }
}

/// Weighs the errors as they push `m` and `v` where `x = 1`.
struct Pushing<'a, T> {
    to: &'a mut [Aligned<T>; 6],
    factors: &'a Factors,
    delta: [&'a [f64]; 3],
}

impl<T: Lane> WithSimd for Pushing<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Factors { m, v, mean, .. } = self.factors;
        let [m0, m1, v0, v1, m_mean, v_mean] = self.to;
        weigh(m0, m[0].weight, self.delta, identity);
        weigh(m1, m[1].weight, self.delta, identity);
        weigh(v0, v[0].weight, self.delta, square);
        weigh(v1, v[1].weight, self.delta, square);
        weigh(m_mean, mean.of[0].weight, self.delta, identity);
        weigh(v_mean, mean.of[1].weight, self.delta, square);
    }
}

/// The weighted sum of a function of the errors, padded with zeros.
#[inline(always)]
fn weigh<T: Lane>(to: &mut Aligned<T>, weight: [f64; 3], delta: [&[f64]; 3], of: impl Fn(f64) -> f64) {
    let n = delta[0].len();
    let to = &mut to.fit(n.next_multiple_of(T::ALIGN))[..n];
    let [start, middle, end] = delta.map(|delta| &delta[..n]);
    for i in 0..n {
        let late = weight[1] * of(middle[i]) + weight[2] * of(end[i]);
        to[i] = T::from_f64(weight[0] * of(start[i]) + late);
    }
}

#[inline(always)]
fn identity(delta: f64) -> f64 {
    delta
}

#[inline(always)]
fn square(delta: f64) -> f64 {
    delta * delta
}
