//! The engine: its state, from breakpoint to breakpoint.
//!
//! `step` takes the steps: `evaluate` gives the signals at their start, `predict` those to come, `estimate` judges these.
//! `seen` shows signals to the synapses, `sums` adds up what these make of them, `silence` knows which inputs rest.

mod estimate;
mod evaluate;
mod frozen;
mod jumps;
mod layers;
pub(super) mod leaky;
mod look;
mod mirror;
mod predict;
pub(super) mod scaling;
pub(super) mod seen;
mod silence;
mod step;
mod sums;
mod track;
mod trouble;

use std::sync::Arc;

use super::aligned::Aligned;
use super::cell::Kind;
use super::control::Control;
use super::crew::Crew;
use super::error_norm::{LayerSize, Worst};
use super::factors::Factors;
use super::form::Form;
use super::gap::Gaps;
use super::idle::Cutter;
use super::lane::Lane;
use super::pass::{Job, Task};
use super::rule::Constants;
use super::shard::Shard;
use super::sight::Seen;
use super::transfer::{load, unload};
use super::{ExponentialOptions, Order};
use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, Source, State};
use crate::error::{ConfigError, DataError, SolverError};
use crate::network::Signals;
use crate::solver::{Integrator, Look, Statistics, View};
use crate::stream::{Drive, Segment};
use crate::synapse::FeedbackMode;
use leaky::Leaky;
use scaling::Growth;
use silence::Silence;
use track::Reach;

/// The engine with a state in precision `T`.
pub struct Engine<T: Lane> {
    pub(super) dynamics: Dynamics,
    /// What the synapses belong to, to be held while the engine works.
    source: Arc<Source>,
    pub(super) constants: Constants,
    pub(super) crew: Crew<T>,
    options: ExponentialOptions,
    /// Signals at the start, middle and end of a step.
    pub(super) nodes: [Signals; 3],
    /// Leaky neurons and error units, where units do not follow at once.
    pub(super) leaky: Option<Leaky>,
    /// Synaptic scaling, where it is on.
    growth: Option<Growth>,
    /// The signals of the last correction but one (order 4), else without values.
    before: [Signals; 3],
    /// Risk of each layer (see [`super::error_norm::LayerError`]).
    pub(super) risk: Vec<[Vec<f64>; 2]>,
    size: Vec<LayerSize>,
    /// Sizes of the presynaptic activities of each layer.
    reach: Vec<Reach>,
    /// Arrays for the error estimate.
    room: [Vec<f64>; 3],
    /// Room for the terms of forecasts, and what they come to.
    terms: (Aligned<T>, [Aligned<T>; 4]),
    /// Whether some synapses of silent inputs are left behind.
    skips: bool,
    pub(super) silence: Silence,
    cutter: Cutter,
    pub(super) t: f64,
    pub(super) segment: Option<Arc<Segment>>,
    /// Whether inputs and targets stay for the whole segment: inputs are at its start alone, see [`Engine::inputs`].
    is_held: bool,
    pub(super) control: Control,
    pub(super) statistics: Statistics,
    /// Start, length and inner node of the step whose factors are shared.
    shared: [f64; 3],
    /// Whether `nodes[0]` is not of the current time and input.
    pub(super) is_stale: bool,
    /// What the last step was held up by most, and its layer.
    hardest: (Worst, usize),
}

impl<T: Lane> Engine<T> {
    pub(super) fn new(
        dynamics: Dynamics,
        initial: &State,
        options: &ExponentialOptions,
    ) -> Result<Self, ConfigError> {
        let Dynamics { synapse, feedback, layout, .. } = &dynamics;
        let backward = feedback.weight_dependence(synapse.weight_dependence(initial.t));
        let constants = Constants::new(synapse, backward, options.rtol);
        let mut options = *options;
        if !feedback.has_weight() {
            // Nothing has that tolerance.
            options.atol.b = f64::INFINITY;
        }
        let (learns, own) = (feedback.learns(), feedback.has_own_traces());
        // What is left behind would have to grow along, by a factor of its own for every neuron.
        let skips = options.skip_silent && !constants.is_corrected && dynamics.scaling.is_none();
        let by_sign = feedback.mode == FeedbackMode::SignSymmetric;
        let (mut shards, mut seen) = (Vec::new(), Vec::new());
        for (index, block) in layout.blocks.iter().enumerate().filter(|(_, block)| !block.is_neurons()) {
            let form = Form::of::<T>(block, skips, by_sign);
            let pieces = Shard::<T>::cut([index, seen.len()], block, form, learns);
            seen.push(Seen::of(&pieces));
            for mut shard in pieces {
                load(&mut shard, layout, initial);
                shards.push(shard);
            }
        }
        let nodes = [0; 3].map(|_| dynamics.workspace().signals);
        let layers = nodes[0].delta.len();
        let skips = shards.iter().any(Shard::is_lazy);
        let inputs = nodes[0].x.first().filter(|_| skips).map_or(0, Vec::len);
        let silence = Silence::new(inputs, initial.t);
        let job = Job {
            task: Task::Forward,
            layer: None,
            t: [initial.t; 2],
            constants,
            has_own_traces: own,
            by_sign,
            is_brief: options.order != Order::Four,
            factors: Factors::default(),
            seen,
            gaps: Gaps::default(),
            growth: Vec::new(),
            awake: silence.awake.clone(),
        };
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        };
        let crew = Crew::new(shards, job, threads).map_err(|error| {
            ConfigError::new(
                "solver.threads",
                format!("can't start {threads} threads: {error}"),
                "ask for fewer",
            )
        })?;
        let leaky = Leaky::new(&dynamics, initial);
        let mut engine = Self {
            control: Control::new(options.order, &constants, leaky.as_ref().map(|leaky| leaky.tau)),
            options,
            leaky,
            growth: Growth::new(&dynamics),
            before: nodes.each_ref().map(Signals::hollow),
            risk: nodes[0].delta.iter().map(|delta| [0; 2].map(|_| vec![0.0; delta.len()])).collect(),
            nodes,
            size: vec![LayerSize::default(); layers],
            reach: vec![Reach::default(); layers],
            room: Default::default(),
            terms: Default::default(),
            skips,
            silence,
            cutter: Cutter::new(&constants),
            t: initial.t,
            segment: None,
            is_held: false,
            statistics: Statistics::default(),
            shared: [f64::NAN; 3],
            is_stale: true,
            hardest: (Worst::default(), 0),
            source: Arc::new(dynamics.source.clone()),
            dynamics,
            constants,
            crew,
        };
        engine.measure();
        Ok(engine)
    }

    pub(super) fn kind(&self, shard: &Shard<T>) -> Kind {
        Kind::new(&self.constants, shard.learns, self.dynamics.feedback.has_own_traces())
    }

    pub(super) fn is_awake(&self, shard: &Shard<T>, row: usize) -> bool {
        !shard.is_lazy() || self.silence.awake[shard.rows.unit(row)]
    }

    /// Sizes of every layer's weights and traces.
    pub(super) fn measure(&mut self) {
        let Self { crew, size, .. } = self;
        size.fill(LayerSize::default());
        for shard in crew.shards() {
            let total = &mut size[shard.layer];
            total.synapses += (shard.rows.len() * shard.width) as f64;
            total.w += shard.total.w2;
            total.m += shard.total.m2;
            total.w_top = total.w_top.max(shard.total.w);
            total.m_top = total.m_top.max(shard.total.m);
        }
        for total in size {
            let n = total.synapses.max(1.0);
            (total.w, total.m) = ((total.w / n).sqrt(), (total.m / n).sqrt());
        }
    }
}

impl<T: Lane> Integrator for Engine<T> {
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.silence.enter(self.crew.arch(), &segment.drive, self.t);
        self.crew.with_job(|job| job.awake.clone_from(&self.silence.awake));
        self.prepare_gaps(if self.skips { &self.silence.ended } else { &[] }, self.t);
        // Not both at a time: samples may be as large as the state.
        self.segment = None;
        self.segment = Some(Arc::new(self.take_in(segment)));
        self.is_held = false;
        self.control.restart(segment.t1 - segment.t0);
        self.refresh()
    }

    fn look(&mut self, look: &mut Look) {
        if self.is_stale && self.refresh().is_err() {
            // The signals are shown as they are; the next step reports the failure.
            self.is_stale = true;
        }
        look(&mut self.now());
    }

    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError> {
        let Some(segment) = self.segment.clone() else { return Ok(()) };
        if let Drive::Mirror { layer, .. } = segment.drive {
            return self.mirror(&segment, layer, times, look);
        }
        let (mut times, mut steps) = (times, 0);
        while self.t < segment.t1 {
            let passed = self.step(&segment, times, look)?;
            times = &times[passed..];
            steps += 1;
            if steps >= self.options.max_steps && self.t < segment.t1 {
                let reason =
                    format!("{steps} steps were not enough to reach the breakpoint at {} s", segment.t1);
                let (worst, layer) = self.hardest;
                let place = self.hottest(layer, worst.post, worst.variable);
                let remedy = "raise `solver.max_steps` or `solver.rtol`, or lower `synapse.eta`";
                return Err(self.failure(place, reason, remedy));
            }
        }
        Ok(())
    }

    fn state(&self) -> State {
        let mut values = vec![0.0; self.dynamics.layout.len()];
        let (glimpse, layout, arch) = (self.now(), &self.dynamics.layout, self.crew.arch());
        for (index, block) in layout.blocks.iter().enumerate().filter(|(_, block)| block.is_neurons()) {
            let slots = 0..block.variables.len();
            slots.for_each(|slot| glimpse.read(index, slot, &mut values[block.range(slot)]));
        }
        self.crew.with_job(|job| {
            self.crew.shards().for_each(|shard| unload(&shard, (arch, job), self.t, layout, &mut values));
        });
        State { t: self.t, values }
    }

    fn set_state(&mut self, state: &State) {
        let Self { crew, dynamics, leaky, .. } = self;
        if let Some(leaky) = leaky {
            leaky.load(dynamics, state);
        }
        for mut shard in crew.shards() {
            load(&mut shard, &dynamics.layout, state);
        }
        self.t = state.t;
        self.silence.restart(self.t);
        self.is_stale = true;
        self.measure();
    }

    fn statistics(&self) -> Statistics {
        self.statistics
    }

    fn save(&self, to: &mut Archive) {
        self.save_state(to);
    }

    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        self.restore_state(from)
    }
}
