//! The engine: signals, prediction, decision, step.

use super::control::Control;
use super::crew::Crew;
use super::error_norm::{LayerError, LayerSize, Worst};
use super::factors::Factors;
use super::kernels::Kind;
use super::lane::Lane;
use super::pass::{Job, Seen, Task};
use super::relax;
use super::rule::{Constants, Driver};
use super::shard::Shard;
use super::view::Glimpse;
use super::{ExponentialOptions, Order};
use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, Source, State, present};
use crate::error::{ConfigError, DataError, SolverError};
use crate::network::{Architecture, Pathway, Signals};
use crate::solver::{Integrator, Look, Statistics, View};
use crate::stream::{Drive, Segment};
use crate::synapse::FeedbackMode;

/// The inner node of the first round of order 4.
const EARLY: f64 = 1.0 / 3.0;
/// Fewest synapses that are worth another thread.
const SMALL: f64 = 16_384.0;
/// How much larger the error may be than the difference of two solutions, where a kink lies within the step.
const KINKED: f64 = 4.0;
/// Weights of the signals at the nodes in their mean.
const SIMPSON: [f64; 3] = [1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0];

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
    /// Risk of each layer (see [`LayerError`]).
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
            out.iter_mut().for_each(|error| *error *= size);
        }
    }

    fn pass(&mut self, task: Task, layer: Option<usize>) -> Result<(), SolverError> {
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

    fn evaluate(&mut self, segment: &Segment) -> Result<(), SolverError> {
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
    fn predict(&mut self, segment: &Segment, h: f64) -> Result<(Worst, usize), SolverError> {
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
    fn present(&mut self, segment: &Segment, times: [f64; 2]) {
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
            job.factors.kink = 0.0;
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
    fn see(&mut self) {
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

    /// The largest error of a network's step, and its layer.
    fn network_error(&self, h: f64) -> (Worst, usize) {
        let mut worst = (Worst::default(), 1);
        let next = match (self.constants.driver, self.options.order) {
            // Where `g` itself drives the weights, its zeros are kinks of all of a unit's synapses at once: no expansion
            // declines, and the middle alone tells too little.
            (Driver::Signal, _) => KINKED,
            (Driver::Trace, Order::Three) => self.decline(),
            (Driver::Trace, Order::Two | Order::Four) => 1.0,
        };
        for l in 1..self.nodes[0].delta.len() {
            let mut found = self.layer_error(l, h).worst(&self.constants, &self.options.atol, h);
            found.error *= next;
            if found.error.is_nan() || found.error > worst.0.error {
                worst = (found, l);
            }
        }
        worst
    }

    /// How much smaller than the part that order 2 leaves out the next one is likely to be: the terms of the signals'
    /// expansion over the step are taken to decline as the first two do, in the layer where they decline least.
    fn decline(&self) -> f64 {
        let [start, middle, end] = &self.nodes;
        let ratio = |l: usize| {
            let (mut first, mut second) = (0.0, 0.0);
            for (m, (a, b)) in middle.delta[l].iter().zip(start.delta[l].iter().zip(&end.delta[l])) {
                first += 0.5 * (b - a).abs();
                second += (m - 0.5 * (a + b)).abs();
            }
            if second > 0.0 { second / first } else { 0.0 }
        };
        (1..start.delta.len()).map(ratio).fold(0.0, f64::max).min(0.2) * 5.0
    }

    /// Shares of a constant `g` in `m` and of its square in `v` at the end of a step of length `h`.
    fn gained(&self, h: f64) -> [f64; 2] {
        [self.constants.tau_m, self.constants.tau_rho].map(|tau| -(-h / tau).exp_m1())
    }

    fn layer_error(&self, l: usize, h: f64) -> LayerError<'_> {
        let weight = SIMPSON;
        // What the two solutions see differently, of one unit, given its values now and before.
        let difference = |now: [f64; 3], before: [f64; 3]| match self.options.order {
            Order::Four => weight[1] * (now[1] - before[1]).abs() + weight[2] * (now[2] - before[2]).abs(),
            _ => weight[1] * (now[1] - 0.5 * (now[0] + now[2])).abs(),
        };
        let at = |which: fn(&Signals) -> &Vec<Vec<f64>>, l: usize, i: usize| {
            let pick = |nodes: &[Signals; 3]| [0, 1, 2].map(|node| which(&nodes[node])[l][i]);
            (pick(&self.nodes), pick(&self.before))
        };
        let reach = &self.reach[l];
        let mut pre: f64 = 0.0;
        for (j, reach) in reach.iter().enumerate() {
            let (now, before) = at(|signals| &signals.x, l - 1, j);
            let change = difference(now, before);
            if change > 1e-15 * reach {
                pre = pre.max(change / reach);
            }
        }
        let bias = if self.has_bias() { 1.0 } else { 0.0 };
        let sum = reach.iter().map(|x| x * x).sum::<f64>() + bias;
        let far = reach.iter().fold(bias, |top: f64, x| top.max(*x));
        let (mut error, mut largest) = (Vec::new(), Vec::new());
        for i in 0..self.nodes[0].delta[l].len() {
            let (now, before) = at(|signals| &signals.delta, l, i);
            let delta = now.iter().fold(0.0, |top: f64, d| top.max(d.abs()));
            error.push(difference(now, before) + pre * delta);
            largest.push(delta);
        }
        let (risk, size, gained) = (&self.risk[l], self.size[l], self.gained(h));
        let moved = |which: fn(&Signals) -> &Vec<Vec<f64>>, l: usize| {
            let [start, _, end] = &self.nodes;
            let pairs = which(start)[l].iter().zip(&which(end)[l]);
            pairs.fold(0.0, |top: f64, (a, b)| top.max((b - a).abs()))
        };
        let top = largest.iter().fold(0.0, |top: f64, delta| top.max(*delta));
        let change = moved(|signals| &signals.delta, l) * far + top * moved(|signals| &signals.x, l - 1);
        LayerError { error, delta: largest, reach: (sum, far), risk, size, change, gained }
    }

    fn has_bias(&self) -> bool {
        matches!(&self.dynamics.source, Source::Network(network) if network.bias)
    }

    /// The error of a protocol's step: how far the signal is from its quadratic at the quarters.
    fn protocol_error(&self, segment: &Segment, h: f64, scale: &[f64]) -> Worst {
        let g = [0.0, 0.5, 1.0].map(|theta| segment.g(self.t + theta * h));
        let off = [0.25, 0.75].map(|theta| {
            let weights = relax::interpolation(theta);
            let quadratic: f64 = weights.iter().zip(&g).map(|(weight, g)| weight * g).sum();
            (segment.g(self.t + theta * h) - quadratic).abs()
        });
        let off = match self.options.order {
            Order::Two => (g[1] - 0.5 * (g[0] + g[2])).abs(),
            _ => off[0].max(off[1]),
        };
        let top = g.iter().fold(0.0, |top: f64, g| top.max(g.abs()));
        let each = |value: f64| scale.iter().map(|scale| (scale * value).abs()).collect::<Vec<_>>();
        let error = LayerError {
            error: each(SIMPSON[1] * off),
            delta: each(top),
            reach: (1.0, 1.0),
            risk: &self.risk[0],
            size: self.size[0],
            change: scale.iter().fold(0.0, |top: f64, scale| top.max((scale * (g[2] - g[0])).abs())),
            gained: self.gained(h),
        };
        error.worst(&self.constants, &self.options.atol, h)
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
fn drive(segment: &Segment, t: f64, scale: &[f64], signals: &mut Signals) {
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
