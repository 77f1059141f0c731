//! What the synapses see of the signals over a step.
//!
//! What has not changed is not written anew, since other threads have it in their caches: activities at the step's start
//! are shown as it is evaluated, an input that stays once and for all, and where nothing changes over a step its start
//! alone is looked at.
//!
//! Of each projection, one kind of signals is seen by the rows of its shards, the other by their columns: see [`Seen::sides`].

use super::super::aligned::Aligned;
use super::super::lane::Lane;
use super::super::pass::Job;
use super::super::shard::Shard;
use super::super::sight::{Pace, Seen};
use super::Engine;
use crate::dynamics::present;
use crate::stream::{Drive, Segment};

impl<T: Lane> Engine<T> {
    /// A copy of a segment, without an input that stays: this is kept once, as the signal that it is.
    pub(super) fn take_in(&mut self, segment: &Segment) -> Segment {
        let start = &mut self.nodes[0];
        let (Drive::Hold { y, .. }, Some(input)) = (&segment.drive, start.x.first_mut()) else {
            return segment.clone();
        };
        present(segment, segment.t0, input, &mut start.target);
        Segment { drive: Drive::Hold { x: Vec::new(), y: y.clone() }, ..*segment }
    }

    /// Lets a network see its input and target at the current time.
    pub(super) fn enter(&mut self, segment: &Segment) {
        if self.is_held {
            return;
        }
        self.is_held = matches!(segment.drive, Drive::Hold { .. });
        let (is_held, [start, later @ ..]) = (self.is_held, &mut self.nodes);
        present(segment, self.t, &mut start.x[0], &mut start.target);
        if is_held {
            for signals in later {
                // What stays is looked up at the start: see `inputs`.
                signals.x[0].clear();
                signals.target.clone_from(&start.target);
            }
            self.stretch(1);
        }
        self.show_activities(1, &self.nodes[0].x[0]);
        self.crew.with_job(|job| of_layer(job, 1).for_each(|seen| seen.is_held = is_held));
    }

    /// Inputs and targets at the inner node and the end of a step.
    pub(super) fn present(&mut self, segment: &Segment, times: [f64; 2]) {
        if self.is_held {
            return;
        }
        let [start, later @ ..] = &mut self.nodes;
        for (signals, t) in later.iter_mut().zip(times) {
            signals.x[0].resize(start.x[0].len(), 0.0);
            present(segment, t, &mut signals.x[0], &mut signals.target);
        }
    }

    /// The inputs of a network at a node of the step.
    pub(in super::super) fn inputs(&self, node: usize) -> &[f64] {
        &self.nodes[if self.is_held { 0 } else { node }].x[0]
    }

    /// `g` of a synapse at the nodes of the step.
    pub(in super::super) fn nodes_of(&self, shard: &Shard<T>, post: usize, pre: usize) -> [f64; 3] {
        let seen = |node: usize| {
            let signals = &self.nodes[node];
            let constant = shard.is_bias() || shard.layer == 0;
            let x = match shard.layer {
                _ if constant => 1.0,
                1 => self.inputs(node)[pre],
                layer => signals.x[layer - 1][pre],
            };
            x * signals.delta[shard.layer][post]
        };
        [seen(0), seen(1), seen(2)]
    }

    /// Shows what is sent to layer `l` at the inner node and the end of a step.
    pub(super) fn send(&mut self, l: usize) {
        if l > 1 || !self.is_held {
            self.stretch(l);
        }
        let (nodes, reach) = (&self.nodes, &self.reach[l].each);
        self.crew.with_job(|job| {
            for seen in of_layer(job, l).filter(|seen| !seen.is_held) {
                let later = nodes[1..].iter().map(|signals| &signals.x[l - 1]);
                if seen.is_turned {
                    pad(&mut seen.column_sizes, reach);
                    seen.sent_columns.iter_mut().zip(later).for_each(|(to, x)| pad(to, x));
                } else {
                    round(&mut seen.row_sizes, reach);
                    seen.sent_rows.iter_mut().zip(later).for_each(|(to, x)| round(to, x));
                }
            }
        });
    }

    /// Shows the activities that are sent to layer `l` now.
    pub(super) fn show_activities(&self, l: usize, x: &[f64]) {
        self.crew.with_job(|job| {
            for seen in of_layer(job, l) {
                if seen.is_turned {
                    pad(&mut seen.columns[0], x);
                } else {
                    round(&mut seen.rows[0], x);
                }
            }
        });
    }

    /// Shows the errors that layer `l` carries down now.
    pub(super) fn show_errors(&self, l: usize, delta: &[f64]) {
        self.crew.with_job(|job| {
            for seen in of_layer(job, l) {
                if seen.is_turned {
                    round(&mut seen.rows[0], delta);
                } else {
                    pad(&mut seen.columns[0], delta);
                }
            }
        });
    }

    /// Shows those that it carries down at the inner node and the end of a step.
    pub(super) fn send_errors(&self, l: usize, delta: [&[f64]; 2]) {
        self.crew.with_job(|job| {
            for seen in of_layer(job, l) {
                for (node, delta) in delta.iter().enumerate() {
                    if seen.is_turned {
                        round(&mut seen.sent_rows[node], delta);
                    } else {
                        pad(&mut seen.sent_columns[node], delta);
                    }
                }
            }
        });
    }

    /// Lets the synapses see the signals of the step's start throughout.
    pub(super) fn freeze(&mut self) {
        let start = &self.nodes[0];
        self.crew.with_job(|job| {
            job.factors.kink = false;
            for seen in &mut job.seen {
                let delta = &start.delta[seen.layer];
                seen.pace = Pace::Frozen;
                if seen.is_turned {
                    round(&mut seen.rows[0], delta);
                } else {
                    pad(&mut seen.columns[0], delta);
                }
            }
        });
    }

    /// Lets the synapses see the signals at the nodes.
    pub(super) fn see(&mut self) {
        let nodes = &self.nodes;
        self.crew.with_job(|job| {
            job.factors.cut_kinks();
            for seen in &mut job.seen {
                // A protocol has no activities.
                let below = seen.layer.wrapping_sub(1);
                let x = nodes.each_ref().map(|signals| signals.x.get(below).map_or(&[][..], Vec::as_slice));
                let delta = nodes.each_ref().map(|signals| signals.delta[seen.layer].as_slice());
                let [rows, columns] = seen.sides(x, delta);
                // The step's start has been shown frozen.
                let first = usize::from(seen.pace == Pace::Frozen);
                if !seen.holds_columns() {
                    seen.columns.iter_mut().zip(columns).skip(first).for_each(|(to, signal)| pad(to, signal));
                }
                seen.pace = if seen.holds_rows() { Pace::Steady } else { Pace::Moving };
                if seen.pace == Pace::Moving {
                    seen.rows.iter_mut().zip(rows).skip(1).for_each(|(to, signal)| round(to, signal));
                }
            }
        });
    }
}

/// What the projections of layer `l` see whose rows are not of the constant 1.
fn of_layer<T>(job: &mut Job<T>, l: usize) -> impl Iterator<Item = &mut Seen<T>> {
    job.seen.iter_mut().filter(move |seen| seen.layer == l && !seen.is_constant)
}

/// Copies values in the state's precision.
pub(super) fn round<T: Lane>(to: &mut Vec<T>, from: &[f64]) {
    to.resize(from.len(), T::default());
    convert(to, from);
}

/// Copies values in the state's precision, padded with zeros to whole vectors.
pub(in super::super) fn pad<T: Lane>(to: &mut Aligned<T>, from: &[f64]) {
    convert(to.fit(from.len().next_multiple_of(T::ALIGN)), from);
}

fn convert<T: Lane>(to: &mut [T], from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = T::from_f64(*from);
    }
}
