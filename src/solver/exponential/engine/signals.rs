//! Activities and errors now, and as they will be in the middle and at the end of a step.

use super::super::Order;
use super::super::error_norm::Worst;
use super::super::factors::Factors;
use super::super::lane::Lane;
use super::super::pass::{Seen, Task};
use super::Engine;
use crate::dynamics::{Source, present};
use crate::error::SolverError;
use crate::network::{Architecture, Pathway, Signals};
use crate::stream::{Drive, Segment};
use crate::synapse::FeedbackMode;

/// The inner node of the first round of order 4.
const EARLY: f64 = 1.0 / 3.0;
/// Fewest synapses that are worth another thread.
const SMALL: f64 = 16_384.0;

impl<T: Lane> Engine<T> {
    /// Layers with their shards' results, in a fixed order.
    fn sum(&self, layer: usize, node: usize, out: &mut [f64]) {
        out.fill(0.0);
        for shard in self.crew.shards().filter(|shard| shard.layer == layer) {
            out.iter_mut().zip(&shard.forward[node]).for_each(|(sum, part)| *sum += part.to_f64());
        }
    }

    /// The errors of layer `layer - 1` at a node, from those of `layer`.
    fn gather(&self, layer: usize, node: usize, out: &mut [f64]) {
        let (mut square, mut count) = (0.0, 0);
        for shard in self.crew.shards().filter(|shard| shard.layer == layer && !shard.is_bias) {
            let rows = &mut out[shard.rows.clone()];
            rows.iter_mut().zip(&shard.backward[node]).for_each(|(to, from)| *to = from.to_f64());
            square += shard.square[node];
            count += shard.rows.len() * shard.post;
        }
        if self.dynamics.feedback.mode == FeedbackMode::SignSymmetric {
            let size = (square / count as f64).sqrt();
            for error in out.iter_mut() {
                *error *= size;
            }
        }
    }

    pub(super) fn pass(&mut self, task: Task, layer: Option<usize>) -> Result<(), SolverError> {
        self.crew.with_job(|job| (job.task, job.layer) = (task, layer));
        if self.crew.run(self.is_small(layer)) {
            return Ok(());
        }
        Err(self.failure(None, "a thread of the engine is lost", "report this as a bug"))
    }

    /// Whether a pass takes less time than it takes others to join in.
    fn is_small(&self, layer: Option<usize>) -> bool {
        let synapses = |l: usize| self.size[l].synapses;
        layer.map_or_else(|| (0..self.size.len()).map(synapses).sum(), synapses) < SMALL
    }

    pub(super) fn evaluate(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.statistics.evaluations += 1;
        let t = self.t;
        self.crew.with_job(|job| job.t = [t; 2]);
        let mut signals = std::mem::take(&mut self.nodes[0]);
        let result = match self.dynamics.source.clone() {
            Source::Protocol { scale } => {
                drive(segment, t, &scale, &mut signals);
                Ok(())
            }
            Source::Network(network) => {
                present(segment, t, &mut signals.x[0], &mut signals.target);
                self.propagate(&network, &mut signals)
            }
        };
        self.nodes[0] = signals;
        result?;
        let signals = &self.nodes[0];
        let finite = |values: &Vec<Vec<f64>>| values.iter().flatten().all(|value| value.is_finite());
        if finite(&signals.x) && finite(&signals.delta) {
            return Ok(());
        }
        let bad = |values: &Vec<f64>| values.iter().any(|value| !value.is_finite());
        let layer =
            signals.x.iter().position(bad).or_else(|| signals.delta.iter().position(bad)).unwrap_or(0);
        let place = self.hottest(layer, self.first_wild(layer), "w");
        Err(self.failure(
            place,
            "activities or errors are not finite",
            "check the input, lower `synapse.eta` or `network.weight_scale`, or bound the weights (`synapse.w_max`)",
        ))
    }

    fn propagate(&mut self, network: &Architecture, signals: &mut Signals) -> Result<(), SolverError> {
        for l in 1..=network.depth() {
            self.crew.with_job(|job| round(&mut job.seen[l].x[0], &signals.x[l - 1], 0));
            self.pass(Task::Forward, Some(l))?;
            self.sum(l, 0, &mut signals.x[l]);
            activate(network, l, &mut signals.x[l]);
        }
        output_error(signals);
        if self.dynamics.feedback.mode == FeedbackMode::Direct {
            direct(network, &self.dynamics.direct, signals);
            return Ok(());
        }
        for l in (2..=network.depth()).rev() {
            self.crew.with_job(|job| round(&mut job.seen[l].delta[0], &signals.delta[l], T::ALIGN));
            self.pass(Task::Deliver, Some(l))?;
            self.gather(l, 0, &mut signals.delta[l - 1]);
            fold_back(network, signals, l - 1);
        }
        Ok(())
    }

    /// Signals in the middle and at the end of a step of length `h`, and its error.
    pub(super) fn predict(&mut self, segment: &Segment, h: f64) -> Result<(Worst, usize), SolverError> {
        let t = self.t;
        self.prepare(h, 0.5);
        match self.dynamics.source.clone() {
            Source::Protocol { scale } => {
                for (node, theta) in [(1, 0.5), (2, 1.0)] {
                    drive(segment, t + theta * h, &scale, &mut self.nodes[node]);
                }
                self.see();
                self.pass(Task::PredictForward, None)?;
                self.collect(0);
                Ok((self.protocol_error(segment, h, &scale), 0))
            }
            Source::Network(network) => {
                if self.options.order == Order::Four {
                    // Other nodes than the next round has, so that their difference shows the cubic part too.
                    self.prepare(h, EARLY);
                    self.present(segment, [t + EARLY * h, t + h]);
                    self.freeze();
                    self.correct(&network)?;
                    self.move_early_to_middle();
                    self.present(segment, [t + 0.5 * h, t + h]);
                    self.before.clone_from(&self.nodes);
                    self.prepare(h, 0.5);
                    self.see();
                } else {
                    self.present(segment, [t + 0.5 * h, t + h]);
                    self.freeze();
                }
                self.correct(&network)?;
                Ok(self.network_error(h))
            }
        }
    }

    /// Shared factors of a step of length `h`, with its inner node at the part `inner`.
    fn prepare(&mut self, h: f64, inner: f64) {
        let factors = Factors::new(&self.constants, self.t, h, inner);
        self.crew.with_job(|job| job.factors = factors);
    }

    /// Inputs and targets at the inner node and the end.
    pub(super) fn present(&mut self, segment: &Segment, times: [f64; 2]) {
        for (signals, t) in self.nodes[1..].iter_mut().zip(times) {
            present(segment, t, &mut signals.x[0], &mut signals.target);
        }
    }

    /// Turns signals at the part [`EARLY`] into those in the middle, on the quadratic that they make.
    fn move_early_to_middle(&mut self) {
        let [start, middle, end] = &mut self.nodes;
        let shift = |middle: &mut [Vec<f64>], start: &[Vec<f64>], end: &[Vec<f64>]| {
            for ((middle, start), end) in middle.iter_mut().zip(start).zip(end) {
                for (m, (a, b)) in middle.iter_mut().zip(start.iter().zip(end)) {
                    *m = 1.125 * *m - 0.25 * a + 0.125 * b;
                }
            }
        };
        shift(&mut middle.x, &start.x, &end.x);
        shift(&mut middle.delta, &start.delta, &end.delta);
    }

    /// Lets the synapses see the signals of the step's start throughout.
    fn freeze(&mut self) {
        let start = &self.nodes[0];
        self.crew.with_job(|job| {
            job.factors.kink = false;
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

    /// One round of predicted signals in the middle and at the end.
    fn correct(&mut self, network: &Architecture) -> Result<(), SolverError> {
        self.statistics.evaluations += 2;
        for l in 1..=network.depth() {
            self.stretch(l);
            let (nodes, reach) = (&self.nodes, &self.reach[l]);
            self.crew.with_job(|job| {
                let seen = &mut job.seen[l];
                round(&mut seen.reach, reach, 0);
                (0..2).for_each(|node| round(&mut seen.sent[node], &nodes[node + 1].x[l - 1], 0));
            });
            self.pass(Task::PredictForward, Some(l))?;
            self.collect(l);
            for node in 0..2 {
                let mut z = std::mem::take(&mut self.nodes[node + 1].x[l]);
                self.sum(l, node, &mut z);
                activate(network, l, &mut z);
                self.nodes[node + 1].x[l] = z;
            }
        }
        self.nodes[1..].iter_mut().for_each(output_error);
        if self.dynamics.feedback.mode == FeedbackMode::Direct {
            let matrices = &self.dynamics.direct;
            self.nodes[1..].iter_mut().for_each(|signals| direct(network, matrices, signals));
            return Ok(());
        }
        for l in (2..=network.depth()).rev() {
            let nodes = &self.nodes;
            self.crew.with_job(|job| {
                let carried = job.seen[l].carried.iter_mut().zip(&nodes[1..]);
                carried.for_each(|(to, signals)| round(to, &signals.delta[l], T::ALIGN));
            });
            self.pass(Task::PredictDeliver, Some(l))?;
            for node in 0..2 {
                let mut delta = std::mem::take(&mut self.nodes[node + 1].delta[l - 1]);
                self.gather(l, node, &mut delta);
                self.nodes[node + 1].delta[l - 1] = delta;
                fold_back(network, &mut self.nodes[node + 1], l - 1);
            }
        }
        Ok(())
    }

    /// Sizes of the presynaptic activities of layer `l` over the step.
    fn stretch(&mut self, l: usize) {
        let [x0, xm, x1] = self.nodes.each_ref().map(|signals| &signals.x[l - 1]);
        let reach = &mut self.reach[l];
        reach.clear();
        reach.extend(x0.iter().zip(xm).zip(x1).map(|((a, b), c)| a.abs().max(b.abs()).max(c.abs())));
        if l > 1 {
            // A unit may cross zero: its change counts against what its neighbours do.
            let mean = reach.iter().map(|x| x * x).sum::<f64>() / reach.len() as f64;
            for x in reach.iter_mut() {
                *x = (*x * *x + mean).sqrt();
            }
        }
    }

    /// Adds up the risk of layer `l`.
    fn collect(&mut self, l: usize) {
        let mut risk = std::mem::take(&mut self.risk[l]);
        let post = self.nodes[0].delta[l].len();
        for sums in &mut risk {
            sums.clear();
            sums.resize(post, 0.0);
        }
        for shard in self.crew.shards().filter(|shard| shard.layer == l) {
            risk[0].iter_mut().zip(&shard.risk[0]).for_each(|(sum, part)| *sum += part.to_f64());
            risk[1].iter_mut().zip(&shard.risk[1]).for_each(|(top, part)| *top = top.max(part.to_f64()));
        }
        self.risk[l] = risk;
    }
}

/// Copies values in the state's precision, padded with zeros to a multiple of `align`.
fn round<T: Lane>(to: &mut Vec<T>, from: &[f64], align: usize) {
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

/// The gradient signals of a protocol.
pub(super) fn drive(segment: &Segment, t: f64, scale: &[f64], signals: &mut Signals) {
    let g = segment.g(t);
    signals.delta[0].iter_mut().zip(scale).for_each(|(delta, scale)| *delta = scale * g);
}

/// Net inputs of layer `l` to activities.
fn activate(network: &Architecture, l: usize, z: &mut [f64]) {
    if l == network.depth() {
        network.readout.apply(z);
    } else {
        for z in z {
            *z = network.activation.apply(*z);
        }
    }
}

/// The error of the outputs.
fn output_error(signals: &mut Signals) {
    let Signals { x, delta, target } = signals;
    if let (Some(x), Some(delta)) = (x.last(), delta.last_mut()) {
        delta.iter_mut().zip(x.iter().zip(&*target)).for_each(|(delta, (x, y))| *delta = x - y);
    }
}

/// The errors of hidden layers where each has a way of its own from the outputs.
fn direct(network: &Architecture, matrices: &[Vec<f64>], signals: &mut Signals) {
    for l in 1..network.depth() {
        let mut error = std::mem::take(&mut signals.delta[l]);
        signals.carry(&Pathway::Direct(matrices), l, &mut error);
        signals.delta[l] = error;
        fold_back(network, signals, l);
    }
}

/// The errors that have arrived at layer `l`, times the slope there.
fn fold_back(network: &Architecture, signals: &mut Signals, l: usize) {
    let Signals { x, delta, .. } = signals;
    delta[l].iter_mut().zip(&x[l]).for_each(|(delta, x)| *delta *= network.activation.slope(*x));
}
