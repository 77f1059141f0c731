//! Passes over the synapses, and what their sums mean for a layer.

use pulp::{Arch, Simd, WithSimd};

use super::super::aligned::Aligned;
use super::super::crew::Crew;
use super::super::lane::Lane;
use super::super::pass::{Finish, Gather, Task};
use super::super::shard::Shard;
use super::Engine;
use super::track::{Reach, sizes};
use crate::error::SolverError;
use crate::synapse::FeedbackMode;

impl<T: Lane> Engine<T> {
    pub(super) fn pass(&mut self, task: Task, layer: Option<usize>) -> Result<(), SolverError> {
        self.crew.with_job(|job| (job.task, job.layer) = (task, layer));
        if self.crew.run(layer) {
            return Ok(());
        }
        Err(self.failure(None, "a thread of the engine is lost", "report this as a bug"))
    }

    /// Prepares the gaps from `starts` to `end` for rows that a pass will bring up to date.
    pub(super) fn prepare_gaps(&self, starts: &[f64], end: f64) {
        self.crew.with_job(|job| {
            job.gaps.restart(end);
            for start in starts {
                job.gaps.add(&self.cutter, *start);
            }
        });
    }

    /// Adds up the results of a layer's shards, in a fixed order.
    pub(super) fn sum(&self, layer: usize, out: &mut [f64]) {
        self.sum_weights(layer, out);
        self.add_shards(layer, true, out);
    }

    /// The same without the bias.
    pub(super) fn sum_weights(&self, layer: usize, out: &mut [f64]) {
        out.fill(0.0);
        self.add_shards(layer, false, out);
    }

    fn add_shards(&self, layer: usize, is_bias: bool, out: &mut [f64]) {
        for shard in self.crew.of_layer(layer, is_bias) {
            gather(self.crew.arch(), &shard, false, [&shard.columns.at[0], &shard.each.at[0]], out);
        }
    }

    /// The errors of layer `layer - 1` at a node, from those of `layer`.
    pub(super) fn gather(&self, layer: usize, node: usize, out: &mut [f64]) {
        let (mut square, mut count) = (0.0, 0);
        out.fill(0.0);
        for shard in self.crew.of_layer(layer, false) {
            let found = [&*shard.columns.at[node], &shard.each.at[node]];
            gather(self.crew.arch(), &shard, true, found, out);
            square += shard.square[node];
            count += shard.rows.len() * shard.width;
        }
        if self.dynamics.feedback.mode == FeedbackMode::SignSymmetric {
            let size = (square / count as f64).sqrt();
            for error in out.iter_mut() {
                *error *= size;
            }
        }
    }

    /// Adds up what a prediction has found of layer `l`: net inputs at the inner node and the end, to which the weights have grown by
    /// scaling meanwhile, and the risk.
    pub(super) fn collect(&mut self, l: usize) {
        let Self { crew, growth, nodes: [_, inner, end], risk, terms, .. } = self;
        // A protocol has no activities.
        let net = [inner, end].map(|signals| signals.x.get_mut(l).map_or(&mut [][..], Vec::as_mut_slice));
        let mut found = Found { net, risk: risk[l].each_mut().map(Vec::as_mut_slice) };
        found.net.iter_mut().chain(&mut found.risk).for_each(|values| values.fill(0.0));
        found.add_all(crew, (l, false), terms);
        if let Some(growth) = growth {
            for (net, factors) in found.net.iter_mut().zip(&growth.at) {
                net.iter_mut().zip(&factors[l]).for_each(|(sum, factor)| *sum *= factor);
            }
        }
        found.add_all(crew, (l, true), terms);
    }

    /// Sizes of the presynaptic activities of layer `l` over the step. Those of inputs that stay are looked up where these are.
    pub(super) fn stretch(&mut self, l: usize) {
        let [x0, xm, x1] = self.nodes.each_ref().map(|signals| &signals.x[l - 1]);
        let Reach { each, square, top } = &mut self.reach[l];
        each.clear();
        if l == 1 && self.is_held {
            [*square, *top] = sizes(self.crew.arch(), x0);
            return;
        }
        each.extend(x0.iter().zip(xm).zip(x1).map(|((a, b), c)| a.abs().max(b.abs()).max(c.abs())));
        [*square, *top] = sizes(self.crew.arch(), each);
        if l > 1 {
            // A unit may cross zero: its change counts against what its neighbours do.
            let mean = *square / each.len() as f64;
            for x in each.iter_mut() {
                *x = (*x * *x + mean).sqrt();
            }
            (*square, *top) = (2.0 * *square, (*top * *top + mean).sqrt());
        }
    }
}

/// What a prediction finds of a layer, by unit.
struct Found<'a> {
    /// Net inputs at the inner node and the end of the step.
    net: [&'a mut [f64]; 2],
    /// See [`crate::solver::exponential::rows::Sums`].
    risk: [&'a mut [f64]; 2],
}

impl Found<'_> {
    /// Adds what the shards of a projection have found: of the weights, or of the biases, of a layer.
    fn add_all<T: Lane>(
        &mut self,
        crew: &Crew<T>,
        (layer, is_bias): (usize, bool),
        (terms, ends): &mut (Aligned<T>, [Aligned<T>; 4]),
    ) {
        let arch = crew.arch();
        crew.with_job(|job| {
            let mut projection = None;
            for shard in crew.of_layer(layer, is_bias) {
                if !job.leaves_terms(&shard) {
                    self.add(arch, &shard);
                    continue;
                }
                if projection.replace(shard.projection).is_none() {
                    terms.fill(T::default());
                }
                arch.dispatch(Gather { shard: &shard, to: terms });
                if !job.is_foreseen(&shard) {
                    for (to, parts) in self.net.iter_mut().zip(&shard.columns.at) {
                        arch.dispatch(Adding { parts, to });
                    }
                }
            }
            if let Some(projection) = projection {
                arch.dispatch(Finish { job, seen: &job.seen[projection], terms, to: ends });
                let [inner, end, risk, top] = ends;
                for (to, parts) in self.net.iter_mut().zip([inner, end]) {
                    arch.dispatch(Adding { parts, to });
                }
                arch.dispatch(Adding { parts: risk, to: self.risk[0] });
                arch.dispatch(Topping { parts: top, to: self.risk[1] });
            }
        });
    }

    /// Adds what one shard has found.
    fn add<T: Lane>(&mut self, arch: Arch, shard: &Shard<T>) {
        let Shard { columns, each, .. } = shard;
        for ((to, columns), each) in self.net.iter_mut().zip(&columns.at).zip(&each.at) {
            gather(arch, shard, false, [columns, each], to);
        }
        let [sum, top] = &mut self.risk;
        gather(arch, shard, false, [&columns.risk[0], &each.risk[0]], sum);
        if shard.is_turned() {
            let rows = each.risk[1].iter().enumerate();
            rows.for_each(|(row, risk)| {
                let top = &mut top[shard.rows.unit(row)];
                *top = top.max(risk.to_f64());
            });
        } else {
            arch.dispatch(Topping { parts: &columns.risk[1], to: top });
        }
    }
}

/// Adds what a shard has found, of columns or of each row, to the sums for the units that activities are sent to, or those that errors are
/// carried to.
fn gather<T: Lane>(
    arch: Arch,
    shard: &Shard<T>,
    carries_errors: bool,
    [columns, each]: [&[T]; 2],
    to: &mut [f64],
) {
    if shard.is_turned() == carries_errors {
        arch.dispatch(Adding { parts: columns, to: &mut to[shard.first_column..] });
    } else {
        each.iter().enumerate().for_each(|(row, part)| to[shard.rows.unit(row)] += part.to_f64());
    }
}

/// Adds parts to sums.
struct Adding<'a, T> {
    parts: &'a [T],
    to: &'a mut [f64],
}

impl<T: Lane> WithSimd for Adding<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (sum, part) in self.to.iter_mut().zip(self.parts) {
            *sum += part.to_f64();
        }
    }
}

/// Raises values to those that are larger.
struct Topping<'a, T> {
    parts: &'a [T],
    to: &'a mut [f64],
}

impl<T: Lane> WithSimd for Topping<'_, T> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (top, part) in self.to.iter_mut().zip(self.parts) {
            let part = part.to_f64();
            *top = if part > *top { part } else { *top };
        }
    }
}
