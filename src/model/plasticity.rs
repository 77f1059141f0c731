//! A compiled model: the rates of every synapse of a projection, block by block, on all processors.

use std::fmt;
use std::sync::Arc;

use super::kernel::{Kernel, Scratch};
use super::{Input, Model};
use crate::dynamics::limited;
use crate::error::ConfigError;
use crate::layout::{VariableName, interned};
use crate::synapse::Real;

/// Most synapses of one call of compiled code: small enough for the cache, large enough that the call costs little.
const LARGEST_BLOCK: usize = 512;
/// Fewest blocks for which a second thread is worth its start.
const WORTH_THREADS: usize = 16;

/// What becomes of the feedback weight of each synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// It follows the model's own equation.
    Learns,
    /// It exists, and the synapse's own plasticity leaves it alone.
    Rests,
    /// It does not exist.
    Absent,
}

/// A compiled model.
pub struct Plasticity {
    /// The model, with the values of its parameters.
    pub model: Model,
    /// What becomes of the feedback weights.
    pub feedback: Feedback,
    /// Synapses without and with a place for a feedback weight.
    variants: [Variant; 2],
    threads: usize,
}

/// Synapses that all have the same variables.
struct Variant {
    kernel: Arc<Kernel>,
    /// Names of the variables in the layout: those of the kernel, then perhaps a `b` that rests.
    names: Vec<VariableName>,
    /// How many of them the kernel has.
    compiled: usize,
    /// Whether the kernel's last variable is a `b` that rests all the same.
    rests: bool,
}

/// Memory for evaluations.
#[derive(Clone, Debug, Default)]
pub struct Room {
    scratches: [Vec<Scratch>; 2],
}

/// What the synapses of a projection see.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a, T> {
    /// Gradient signal of each synapse; empty in a network, where it is `delta_i x_j`.
    pub g: &'a [T],
    /// Postsynaptic errors.
    pub delta: &'a [T],
    /// Presynaptic activities; in a protocol those of each synapse.
    pub x: &'a [T],
    /// Postsynaptic activities.
    pub y: &'a [T],
    /// Presynaptic units.
    pub pre: usize,
}

impl<T: Real> Site<'_, T> {
    /// One input of the synapse `(post, pre)`.
    #[must_use]
    pub fn input(&self, input: Input, post: usize, pre: usize) -> T {
        let single = !self.g.is_empty();
        match input {
            Input::G if single => self.g[post],
            Input::G => self.delta[post] * self.x[pre],
            Input::X => self.x[if single { post } else { pre }],
            Input::Delta => self.delta[post],
            Input::Y => self.y[post],
        }
    }

    /// Fills `out` with an input of the synapses from `start` on.
    fn fill(&self, input: Input, start: usize, mut put: impl FnMut(usize, T), count: usize) {
        let (mut i, mut j) = (start / self.pre, start % self.pre);
        for k in 0..count {
            put(k, self.input(input, i, j));
            j += 1;
            if j == self.pre {
                (i, j) = (i + 1, 0);
            }
        }
    }
}

impl Plasticity {
    /// Compiles `model` for projections of at most `synapses` synapses.
    ///
    /// # Errors
    /// Where the compiler refuses it.
    pub fn new(model: &Model, feedback: Feedback, synapses: usize) -> Result<Self, ConfigError> {
        let n = synapses.clamp(2, LARGEST_BLOCK);
        let others = (0..model.variables.len()).filter(|k| *k != model.weight && Some(*k) != model.feedback);
        let mut kept: Vec<usize> = std::iter::once(model.weight).chain(others).collect();
        if model.needs_feedback() {
            kept.extend(model.feedback);
        }
        let first = Variant::new(model, &kept, n)?;
        let second = match (feedback, model.feedback) {
            (Feedback::Learns, Some(b)) if !kept.contains(&b) => {
                kept.push(b);
                Variant::new(model, &kept, n)?
            }
            (Feedback::Rests, _) => {
                let compiled = model.feedback.is_some_and(|b| kept.contains(&b));
                let mut names = first.names.clone();
                if !compiled {
                    names.push("b");
                }
                Variant { kernel: Arc::clone(&first.kernel), names, compiled: kept.len(), rests: compiled }
            }
            _ => Variant { kernel: Arc::clone(&first.kernel), names: first.names.clone(), ..first },
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { model: model.clone(), feedback, variants: [first, second], threads })
    }

    /// The variables of a synapse, in order of storage: the forward weight first, the feedback weight last.
    #[must_use]
    pub fn names(&self, has_feedback: bool) -> &[VariableName] {
        &self.variants[usize::from(has_feedback)].names
    }

    /// The initial value of a variable, by its name in the layout.
    #[must_use]
    pub fn initial(&self, column: &str) -> f64 {
        let index = (0..self.model.variables.len()).find(|index| self.model.column(*index) == column);
        index.map_or(0.0, |index| self.model.variables[index].initial)
    }

    /// Memory for evaluations.
    #[must_use]
    pub fn room(&self) -> Room {
        let scratches = |variant: &Variant| (0..self.threads).map(|_| variant.kernel.scratch()).collect();
        Room { scratches: [scratches(&self.variants[0]), scratches(&self.variants[1])] }
    }

    /// Derivatives of every variable of a projection whose weights into neuron `i` grow at the rate `growth[i]` besides
    /// (all of them 0 if empty).
    ///
    /// # Shapes
    /// `y` and `dydt` hold one array a variable, in the order of [`Plasticity::names`].
    pub fn rates<T: Real>(
        &self,
        (site, has_feedback): (&Site<T>, bool),
        growth: &[T],
        t: f64,
        y: &[T],
        dydt: &mut [T],
        room: &mut Room,
    ) {
        let which = usize::from(has_feedback);
        let variant = &self.variants[which];
        let (n, size) = (y.len() / variant.names.len(), variant.kernel.n);
        let mut columns: Vec<_> = dydt.chunks_mut(n).map(|rates| rates.chunks_mut(size)).collect();
        let mut jobs: Vec<(usize, Vec<&mut [T]>)> = (0..n)
            .step_by(size)
            .map(|start| (start, columns.iter_mut().filter_map(Iterator::next).collect()))
            .collect();
        let task = Task { variant, inputs: &self.model.inputs, site, growth, t, y, n };
        let scratches = &mut room.scratches[which];
        let threads = if jobs.len() < WORTH_THREADS { 1 } else { scratches.len() };
        let share = jobs.len().div_ceil(threads);
        std::thread::scope(|scope| {
            let mut work = jobs.chunks_mut(share).zip(scratches);
            let own = work.next();
            for (jobs, scratch) in work {
                scope.spawn(|| task.run(jobs, scratch));
            }
            if let Some((jobs, scratch)) = own {
                task.run(jobs, scratch);
            }
        });
    }
}

impl Variant {
    fn new(model: &Model, kept: &[usize], n: usize) -> Result<Self, ConfigError> {
        let kernel = Kernel::new(model, kept, n)
            .map_err(|fault| ConfigError { file: model.path.clone(), ..fault.locate(&model.text) })?;
        let names = kept.iter().map(|index| interned(model.column(*index))).collect();
        Ok(Self { kernel: Arc::new(kernel), names, compiled: kept.len(), rests: false })
    }
}

/// One evaluation of a projection.
struct Task<'a, T> {
    variant: &'a Variant,
    inputs: &'a [Input],
    site: &'a Site<'a, T>,
    growth: &'a [T],
    t: f64,
    y: &'a [T],
    n: usize,
}

impl<T: Real> Task<'_, T> {
    /// Fills blocks of derivatives, each with the index of its first synapse and one slice a variable.
    fn run(&self, jobs: &mut [(usize, Vec<&mut [T]>)], scratch: &mut Scratch) {
        for (start, rates) in jobs {
            self.gather(*start, rates[0].len(), scratch);
            let kernel = &self.variant.kernel;
            kernel.rates(self.t, scratch);
            if T::DUAL {
                kernel.tangents(self.t, scratch);
            }
            self.scatter(*start, rates, scratch);
        }
    }

    /// Copies the state and the inputs of `count` synapses from `start` on.
    fn gather(&self, start: usize, count: usize, scratch: &mut Scratch) {
        let size = self.variant.kernel.n;
        let Scratch { y, dy, .. } = scratch;
        for slot in 0..self.variant.compiled {
            let from = &self.y[slot * self.n + start..][..count];
            y[slot * size..].iter_mut().zip(from).for_each(|(to, from)| *to = from.re());
            if T::DUAL {
                dy[slot * size..].iter_mut().zip(from).for_each(|(to, from)| *to = from.tangent());
            }
        }
        for (k, input) in self.inputs.iter().enumerate() {
            let place = (self.variant.compiled + k) * size;
            let (y, dy) = (&mut y[place..], &mut dy[place..]);
            let put = |k: usize, value: T| {
                y[k] = value.re();
                if T::DUAL {
                    dy[k] = value.tangent();
                }
            };
            self.site.fill(*input, start, put, count);
        }
    }

    /// Hands out the derivatives.
    fn scatter(&self, start: usize, rates: &mut [&mut [T]], scratch: &Scratch) {
        let Variant { kernel, compiled, rests, names } = self.variant;
        for (slot, out) in rates.iter_mut().enumerate() {
            let own = if *rests { compiled - 1 } else { *compiled };
            if slot >= own {
                out.fill(T::zero());
                continue;
            }
            let range = slot * kernel.n..slot * kernel.n + out.len();
            for ((out, rate), tangent) in
                out.iter_mut().zip(&scratch.rates[range.clone()]).zip(&scratch.drates[range])
            {
                *out = limited(T::with_tangent(*rate, *tangent));
            }
            if !self.growth.is_empty() && (slot == 0 || names[slot] == "b") {
                let pre = self.site.pre;
                for (k, out) in out.iter_mut().enumerate() {
                    let grown = self.growth[(start + k) / pre] * self.y[slot * self.n + start + k];
                    *out = limited(*out + grown);
                }
            }
        }
    }
}

impl PartialEq for Plasticity {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model && self.feedback == other.feedback
    }
}

impl fmt::Debug for Plasticity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plasticity")
            .field("model", &self.model.name)
            .field("feedback", &self.feedback)
            .finish_non_exhaustive()
    }
}
