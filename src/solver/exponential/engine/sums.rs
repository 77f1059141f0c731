//! Passes over the synapses, and what their sums mean for a layer.

use super::super::idle::Cutter;
use super::super::lane::Lane;
use super::super::pass::Task;
use super::Engine;
use crate::error::SolverError;
use crate::synapse::FeedbackMode;

/// Fewest synapses that are worth another thread.
const SMALL: f64 = 16_384.0;

impl<T: Lane> Engine<T> {
    pub(super) fn pass(&mut self, task: Task, layer: Option<usize>) -> Result<(), SolverError> {
        self.crew.with_job(|job| (job.task, job.layer) = (task, layer));
        if self.crew.run(self.is_small(layer)) {
            return Ok(());
        }
        Err(self.failure(None, "a thread of the engine is lost", "report this as a bug"))
    }

    /// Prepares the gaps of the rows that a pass will bring up to date: those that wake before [`Task::Forward`], and in a
    /// step those of silent inputs that are not left behind.
    pub(super) fn prepare_gaps(&mut self, end: f64) {
        let (t, cutter) = (self.t, Cutter::new(&self.constants));
        self.crew.with_job(|job| {
            job.gaps.restart(end);
            job.gaps.add(&cutter, t);
            if t < end {
                return;
            }
            for shard in self.crew.shards().filter(|shard| shard.is_lazy) {
                for (clock, awake) in shard.clock.iter().zip(&self.awake[shard.rows.clone()]) {
                    if *awake && *clock < t {
                        job.gaps.add(&cutter, *clock);
                    }
                }
            }
        });
    }

    /// Whether a pass takes less time than it takes others to join in.
    fn is_small(&self, layer: Option<usize>) -> bool {
        let synapses = |l: usize| self.size[l].synapses;
        layer.map_or_else(|| (0..self.size.len()).map(synapses).sum(), synapses) < SMALL
    }

    /// Adds up the results of a layer's shards, in a fixed order.
    pub(super) fn sum(&self, layer: usize, node: usize, out: &mut [f64]) {
        self.sum_weights(layer, node, out);
        self.sum_shards(layer, true, node, out);
    }

    /// The same without the bias.
    pub(super) fn sum_weights(&self, layer: usize, node: usize, out: &mut [f64]) {
        out.fill(0.0);
        self.sum_shards(layer, false, node, out);
    }

    /// The same of predicted results, whose weights have grown by scaling meanwhile.
    pub(super) fn sum_grown(&self, layer: usize, node: usize, out: &mut [f64]) {
        self.sum_weights(layer, node, out);
        if let Some(growth) = &self.growth {
            out.iter_mut().zip(&growth.at[node][layer]).for_each(|(sum, factor)| *sum *= factor);
        }
        self.sum_shards(layer, true, node, out);
    }

    fn sum_shards(&self, layer: usize, is_bias: bool, node: usize, out: &mut [f64]) {
        for shard in self.crew.shards().filter(|shard| shard.layer == layer && shard.is_bias == is_bias) {
            out.iter_mut().zip(shard.forward[node].iter()).for_each(|(sum, part)| *sum += part.to_f64());
        }
    }

    /// The errors of layer `layer - 1` at a node, from those of `layer`.
    pub(super) fn gather(&self, layer: usize, node: usize, out: &mut [f64]) {
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

    /// Adds up the risk of layer `l`.
    pub(super) fn collect(&mut self, l: usize) {
        let mut risk = std::mem::take(&mut self.risk[l]);
        let post = self.nodes[0].delta[l].len();
        for sums in &mut risk {
            sums.clear();
            sums.resize(post, 0.0);
        }
        for shard in self.crew.shards().filter(|shard| shard.layer == l) {
            risk[0].iter_mut().zip(shard.risk[0].iter()).for_each(|(sum, part)| *sum += part.to_f64());
            risk[1]
                .iter_mut()
                .zip(shard.risk[1].iter())
                .for_each(|(top, part)| *top = top.max(part.to_f64()));
        }
        self.risk[l] = risk;
    }

    /// Sizes of the presynaptic activities of layer `l` over the step.
    pub(super) fn stretch(&mut self, l: usize) {
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
}
