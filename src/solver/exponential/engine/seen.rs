//! What the synapses see of the signals over a step.

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
                seen.x.iter_mut().for_each(|x| round(x, &start.x[l - 1], 0));
                seen.delta.iter_mut().for_each(|delta| round(delta, &start.delta[l], T::ALIGN));
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
                        round(&mut seen.x[node], x, 0);
                    }
                    round(&mut seen.delta[node], &signals.delta[l], T::ALIGN);
                }
            }
        });
    }
}

/// Copies values in the state's precision, padded with zeros to a multiple of `align`.
pub(super) fn round<T: Lane>(to: &mut Vec<T>, from: &[f64], align: usize) {
    to.clear();
    to.extend(from.iter().map(|value| T::from_f64(*value)));
    if align > 0 {
        to.resize(from.len().next_multiple_of(align), T::default());
    }
}

/// Weighs the errors as they push `m` and `v` where `x = 1`.
fn push<T: Lane>(seen: &mut Seen<T>, factors: &Factors, delta: [&[f64]; 3]) {
    let n = delta[0].len();
    for (k, to) in seen.push.iter_mut().enumerate() {
        to.clear();
        let weight = if k < 2 { factors.m[k].weight } else { factors.v[k - 2].weight };
        to.extend((0..n).map(|i| {
            let term = |node: usize| {
                let delta = delta[node][i];
                weight[node] * if k < 2 { delta } else { delta * delta }
            };
            T::from_f64(term(0) + term(1) + term(2))
        }));
        to.resize(n.next_multiple_of(T::ALIGN), T::default());
    }
}
