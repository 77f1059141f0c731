//! What the synapses see of the signals over a step.

use super::super::aligned::Aligned;
use super::super::factors::Factors;
use super::super::lane::Lane;
use super::super::pass::Seen;
use super::Engine;
use crate::stream::Drive;

impl<T: Lane> Engine<T> {
    /// Lets the synapses see the signals of the step's start throughout.
    pub(super) fn freeze(&mut self) {
        let start = &self.nodes[0];
        self.crew.with_job(|job| {
            job.factors.kink = false;
            job.is_frozen = true;
            let factors = job.factors;
            for (l, seen) in job.seen.iter_mut().enumerate().skip(1) {
                seen.x.iter_mut().for_each(|x| round(x, &start.x[l - 1]));
                seen.delta.iter_mut().for_each(|delta| pad(delta, &start.delta[l]));
                seen.is_steady = true;
                push(seen, &factors, [&start.delta[l]; 3]);
            }
        });
    }

    /// Lets the synapses see the signals at the nodes.
    pub(super) fn see(&mut self) {
        let nodes = &self.nodes;
        let is_steady = matches!(&self.segment, Some(segment) if matches!(segment.drive, Drive::Hold { .. }));
        self.crew.with_job(|job| {
            job.factors.cut_kinks();
            job.is_frozen = false;
            let factors = job.factors;
            for (l, seen) in job.seen.iter_mut().enumerate() {
                seen.is_steady = l <= 1 && (l == 0 || is_steady);
                push(seen, &factors, nodes.each_ref().map(|signals| signals.delta[l].as_slice()));
                for (node, signals) in nodes.iter().enumerate() {
                    if let Some(x) = l.checked_sub(1).and_then(|below| signals.x.get(below)) {
                        round(&mut seen.x[node], x);
                    }
                    pad(&mut seen.delta[node], &signals.delta[l]);
                }
            }
        });
    }
}

/// Copies values in the state's precision.
pub(super) fn round<T: Lane>(to: &mut Vec<T>, from: &[f64]) {
    to.clear();
    to.extend(from.iter().map(|value| T::from_f64(*value)));
}

/// Copies values in the state's precision, padded with zeros to whole vectors.
pub(super) fn pad<T: Lane>(to: &mut Aligned<T>, from: &[f64]) {
    let len = from.len().next_multiple_of(T::ALIGN);
    to.set(from.iter().map(|value| T::from_f64(*value)), T::default(), len);
}

/// Weighs the errors as they push `m` and `v` where `x = 1`.
fn push<T: Lane>(seen: &mut Seen<T>, factors: &Factors, delta: [&[f64]; 3]) {
    let n = delta[0].len();
    for (k, to) in seen.push.iter_mut().enumerate() {
        let weight = match k {
            0 | 1 => factors.m[k].weight,
            2 | 3 => factors.v[k - 2].weight,
            _ => factors.mean.of[k - 4].weight,
        };
        let squares = !matches!(k, 0 | 1 | 4);
        let values = (0..n).map(|i| {
            let term = |node: usize| {
                let delta = delta[node][i];
                weight[node] * if squares { delta * delta } else { delta }
            };
            T::from_f64(term(0) + term(1) + term(2))
        });
        to.set(values, T::default(), n.next_multiple_of(T::ALIGN));
    }
}
