//! The engine: state, step and what is seen of it. `signals` predicts, `estimate` judges.

mod estimate;
mod signals;

use super::cell::Kind;
use super::control::Control;
use super::crew::Crew;
use super::error_norm::{LayerSize, Worst};
use super::factors::Factors;
use super::lane::Lane;
use super::pass::{Job, Seen, Task};
use super::relax;
use super::rule::Constants;
use super::shard::Shard;
use super::view::Glimpse;
use super::{ExponentialOptions, Order};
use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, Source, State, present};
use crate::error::{ConfigError, DataError, SolverError};
use crate::network::Signals;
use crate::solver::{Integrator, Look, Statistics, View};
use crate::stream::{Drive, Segment};
use crate::synapse::FeedbackMode;
use signals::drive;

/// The engine with a state in precision `T`.
pub struct Engine<T: Lane> {
    pub(super) dynamics: Dynamics,
    pub(super) constants: Constants,
    pub(super) crew: Crew<T>,
    options: ExponentialOptions,
    /// Signals at the start, middle and end of a step.
    pub(super) nodes: [Signals; 3],
    /// The signals of the last correction but one (order 4).
    before: [Signals; 3],
    /// Risk of each layer (see [`super::error_norm::LayerError`]).
    risk: Vec<[Vec<f64>; 2]>,
    size: Vec<LayerSize>,
    reach: Vec<Vec<f64>>,
    awake: Vec<bool>,
    pub(super) t: f64,
    segment: Option<Segment>,
    pub(super) control: Control,
    pub(super) statistics: Statistics,
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
        let (learns, own) = (feedback.learns(), feedback.has_own_traces());
        let mut shards = Vec::new();
        for (index, block) in layout.blocks.iter().enumerate() {
            for mut shard in
                Shard::<T>::cut(index, block, options.skip_silent && !constants.is_corrected, learns)
            {
                load(&mut shard, &dynamics, initial);
                shards.push(shard);
            }
        }
        let nodes = [0; 3].map(|_| dynamics.workspace().signals);
        let layers = nodes[0].delta.len();
        let awake = vec![true; nodes[0].x.first().map_or(0, Vec::len)];
        let job = Job {
            task: Task::Forward,
            layer: None,
            t: [initial.t; 2],
            constants,
            has_own_traces: own,
            by_sign: feedback.mode == FeedbackMode::SignSymmetric,
            factors: Factors::default(),
            seen: (0..layers).map(|_| Seen::default()).collect(),
            awake: awake.clone(),
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
        let mut engine = Self {
            control: Control::new(options.order, &constants),
            options: *options,
            before: nodes.clone(),
            nodes,
            risk: (0..layers).map(|_| [Vec::new(), Vec::new()]).collect(),
            size: vec![LayerSize::default(); layers],
            reach: vec![Vec::new(); layers],
            awake,
            t: initial.t,
            segment: None,
            statistics: Statistics::default(),
            is_stale: true,
            hardest: (Worst::default(), 0),
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
        !shard.is_lazy || self.awake[shard.rows.start + row]
    }

    /// `g` of a synapse at the nodes of the step.
    pub(super) fn nodes_of(&self, shard: &Shard<T>, row: usize, post: usize) -> [f64; 3] {
        let seen = |node: usize| {
            let signals = &self.nodes[node];
            let constant = shard.is_bias || shard.layer == 0;
            let x = if constant { 1.0 } else { signals.x[shard.layer - 1][shard.rows.start + row] };
            x * signals.delta[shard.layer][post]
        };
        [seen(0), seen(1), seen(2)]
    }

    fn failure(
        &self,
        place: Option<String>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> SolverError {
        let presentation = self.segment.as_ref().map_or(0, |segment| segment.presentation);
        SolverError { t: self.t, presentation, place, reason: reason.into(), remedy: remedy.into() }
    }

    /// Signals at the current time under the current input.
    fn refresh(&mut self) -> Result<(), SolverError> {
        let Some(segment) = self.segment.take() else { return Ok(()) };
        let result = self.evaluate(&segment);
        self.segment = Some(segment);
        self.is_stale = false;
        result
    }

    /// Takes the step that was predicted, to `end`.
    fn commit(&mut self, end: f64) -> Result<(), SolverError> {
        let t = self.t;
        self.straighten();
        self.see();
        self.crew.with_job(|job| job.t = [t, end]);
        self.pass(Task::Advance, None)?;
        self.t = end;
        self.is_stale = true;
        self.statistics.steps += 1;
        self.measure();
        match self.size.iter().position(|size| !(size.w + size.m).is_finite()) {
            None => Ok(()),
            Some(layer) => Err(self.failure(
                self.first_bad(layer),
                "the state is not finite",
                "lower solver.rtol, or bound the weights (synapse.w_max)",
            )),
        }
    }

    /// Order 2: signals as straight lines.
    fn straighten(&mut self) {
        if self.options.order != Order::Two {
            return;
        }
        let [start, middle, end] = &mut self.nodes;
        let mix = |middle: &mut [Vec<f64>], start: &[Vec<f64>], end: &[Vec<f64>]| {
            for ((middle, start), end) in middle.iter_mut().zip(start).zip(end) {
                middle.iter_mut().zip(start.iter().zip(end)).for_each(|(m, (a, b))| *m = 0.5 * (a + b));
            }
        };
        mix(&mut middle.x, &start.x, &end.x);
        mix(&mut middle.delta, &start.delta, &end.delta);
    }

    /// The first synapse of a layer that is not finite, or the largest value, whose square is not.
    fn first_bad(&self, layer: usize) -> Option<String> {
        let mut worst: Option<(f64, String)> = None;
        for shard in self.crew.shards().filter(|shard| shard.layer == layer) {
            let block = &self.dynamics.layout.blocks[shard.block];
            for (position, values) in shard.state.iter().enumerate() {
                let variable = block.variables.iter().find(|name| Shard::<T>::position(name) == position);
                for (index, value) in values.iter().enumerate() {
                    // NaN counts as the largest of all.
                    let size = value.to_f64().abs().min(f64::INFINITY);
                    if worst.as_ref().is_none_or(|(top, _)| size > *top) {
                        let (row, post) = (index / shard.stride, index % shard.stride);
                        let pre = shard.rows.start + row;
                        let name = block.synapse_name(post, pre);
                        let synapse = format!("layer {layer}, synapse {name} (post {post}, pre {pre})");
                        let value = format!("variable {} = {value:?}", variable.copied().unwrap_or_default());
                        worst = Some((size, format!("{synapse}, {value}")));
                    }
                }
            }
        }
        worst.map(|(_, place)| place)
    }

    /// Sizes of every layer's weights and traces.
    pub(super) fn measure(&mut self) {
        let mut size = vec![LayerSize::default(); self.size.len()];
        for shard in self.crew.shards() {
            let total = &mut size[shard.layer];
            total.synapses += (shard.rows.len() * shard.post) as f64;
            for row in &shard.size {
                total.w += row.w2;
                total.m += row.m2;
                total.w_top = total.w_top.max(row.w);
                total.m_top = total.m_top.max(row.m);
            }
        }
        for total in &mut size {
            let n = total.synapses.max(1.0);
            (total.w, total.m) = ((total.w / n).sqrt(), (total.m / n).sqrt());
        }
        self.size = size;
    }

    /// Shows the state at the part `theta` of the predicted step of length `h`.
    fn glimpse(&self, t: f64, theta: f64, h: f64, look: &mut Look) {
        let weights = relax::interpolation(theta);
        let mut signals = self.nodes[0].clone();
        let mix = |to: &mut [Vec<f64>], which: fn(&Signals) -> &Vec<Vec<f64>>| {
            for (l, values) in to.iter_mut().enumerate() {
                for (i, value) in values.iter_mut().enumerate() {
                    *value = (0..3).map(|node| weights[node] * which(&self.nodes[node])[l][i]).sum();
                }
            }
        };
        mix(&mut signals.x, |signals| &signals.x);
        mix(&mut signals.delta, |signals| &signals.delta);
        if let Some(segment) = &self.segment {
            match &self.dynamics.source {
                Source::Network(_) => present(segment, t, &mut signals.x[0], &mut signals.target),
                Source::Protocol { scale } => drive(segment, t, scale, &mut signals),
            }
        }
        let way = Some((theta, Factors::new(&self.constants, self.t, theta * h, 0.5)));
        look(&mut Glimpse { engine: self, t, signals, way });
    }

    /// A step within `segment`, shown at those of `times` that it passes; how many it was.
    fn step(&mut self, segment: &Segment, times: &[f64], look: &mut Look) -> Result<usize, SolverError> {
        if self.is_stale {
            self.evaluate(segment)?;
            self.is_stale = false;
        }
        let mut h = self.control.next(segment.t1 - self.t);
        let mut attempts = 0;
        loop {
            let (worst, layer) = self.predict(segment, h)?;
            self.hardest = (worst, layer);
            if worst.error <= 1.0 {
                self.control.accept(h, worst.error);
                break;
            }
            self.statistics.rejected += 1;
            attempts += 1;
            self.control.reject(h, worst.error);
            h = self.control.next(segment.t1 - self.t);
            if h < 1e-12 * (segment.t1 - segment.t0) || attempts > 100 {
                return Err(self.too_small(h, layer, &worst));
            }
        }
        self.straighten();
        let remaining = segment.t1 - self.t;
        let end = if h >= remaining * (1.0 - 1e-9) { segment.t1 } else { self.t + h };
        let passed = times.iter().take_while(|time| **time <= end).count();
        for time in &times[..passed] {
            self.glimpse(*time, ((time - self.t) / h).clamp(0.0, 1.0), h, look);
        }
        self.commit(end)?;
        Ok(passed)
    }

    fn too_small(&self, h: f64, layer: usize, worst: &Worst) -> SolverError {
        let reason = format!("a step of {h:e} s is still {:.1e} times over the tolerance", worst.error);
        let place = self.hottest(layer, worst.post, worst.variable);
        self.failure(
            place,
            reason,
            "lower `synapse.eta`, or raise `synapse.epsilon`, `solver.rtol` or `solver.atol`",
        )
    }
}

impl<T: Lane> Integrator for Engine<T> {
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError> {
        let awake = &mut self.awake;
        match &segment.drive {
            Drive::Hold { x, .. } => awake.iter_mut().zip(x).for_each(|(awake, x)| *awake = *x != 0.0),
            Drive::Fade { x0, x1, .. } => {
                let both = x0.iter().zip(x1);
                awake.iter_mut().zip(both).for_each(|(awake, (a, b))| *awake = *a != 0.0 || *b != 0.0);
            }
            Drive::Mirror { .. } | Drive::Linear { .. } | Drive::Sine { .. } | Drive::Activities { .. } => {}
        }
        self.crew.with_job(|job| job.awake.clone_from(&self.awake));
        self.segment = Some(segment.clone());
        self.refresh()
    }

    fn look(&mut self, look: &mut Look) {
        if self.is_stale && self.refresh().is_err() {
            // The signals are shown as they are; the next step reports the failure.
            self.is_stale = true;
        }
        let signals = self.nodes[0].clone();
        look(&mut Glimpse { engine: self, t: self.t, signals, way: None });
    }

    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError> {
        let Some(segment) = self.segment.clone() else { return Ok(()) };
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
        let glimpse = Glimpse { engine: self, t: self.t, signals: self.nodes[0].clone(), way: None };
        for (index, block) in self.dynamics.layout.blocks.iter().enumerate() {
            for slot in 0..block.variables.len() {
                glimpse.read(index, slot, &mut values[block.range(slot)]);
            }
        }
        State { t: self.t, values }
    }

    fn set_state(&mut self, state: &State) {
        let Self { crew, dynamics, .. } = self;
        for mut shard in crew.shards() {
            load(&mut shard, dynamics, state);
        }
        self.t = state.t;
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

/// Fills a shard from the model's own variables.
fn load<T: Lane>(shard: &mut Shard<T>, dynamics: &Dynamics, initial: &State) {
    let block = &dynamics.layout.blocks[shard.block];
    shard.clock.fill(initial.t);
    for (slot, variable) in block.variables.iter().enumerate() {
        let values = &initial.values[block.range(slot)];
        let to = &mut shard.state[Shard::<T>::position(variable)];
        for (row, pre) in shard.rows.clone().enumerate() {
            for post in 0..shard.post {
                let value = values[post * block.pre + pre];
                to[row * shard.stride + post] = T::from_f64(value);
            }
        }
    }
    (0..shard.rows.len()).for_each(|row| shard.measure(row));
}
