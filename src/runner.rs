//! From an experiment to a run directory: prepares the system, lets it run under observation, records what came of it.

mod conduct;
mod inputs;

pub use conduct::Conduct;
pub use inputs::examine;
use inputs::{init, named, protocol_schedule, samples};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::SystemTime;

use crate::checkpoint::Identity;
use crate::config::Experiment;
use crate::config::experiment::Task;
use crate::dynamics::{Dynamics, State};
use crate::error::{ConfigError, Error};
use crate::layout::BlockKind;
use crate::network::init::{network_start, protocol_start, start_states};
use crate::record::manifest::{Manifest, Status};
use crate::record::metrics::Measurement;
use crate::record::start::start_from;
use crate::record::traces::{Rhythm, Traced};
use crate::record::{Beside, Metrics, Place, Traces};
use crate::solver::Statistics;
use crate::stream::random::generator;
use crate::stream::{Dataset, PhasedSchedule, Schedule, StreamSchedule};
use crate::synapse::FeedbackMode;
use crate::synapse::discrete::AdamParameters;

/// An experiment that is ready to run.
#[derive(Debug)]
pub struct Run {
    /// The experiment, with what depends on the samples resolved.
    pub experiment: Experiment,
    /// The system of equations.
    pub dynamics: Dynamics,
    /// Where it starts.
    pub start: State,
    /// The samples, where a network learns.
    pub data: Option<Dataset>,
    schedule: Schedule,
}

/// Where the latest measurement can be read while a run goes on.
pub type Latest = Rc<RefCell<Measurement>>;

impl Run {
    /// Reads the data and builds the system.
    ///
    /// # Errors
    /// Where the data can't be read or do not fit the network.
    pub fn prepare(mut experiment: Experiment) -> Result<Self, Error> {
        let mut dynamics = experiment.dynamics();
        let (data, schedule, start) = match &experiment.task {
            Task::Stream { data, stream, network } => {
                let data = samples(&experiment, data, &network.layers)?;
                let schedule = StreamSchedule::new(stream, &data.train, experiment.seed)
                    .with_events(&experiment.events, &dynamics.layout)
                    .map_err(|error| experiment.origin.locate(error))?;
                let mut start = network_start(&dynamics, network.weight_scale, experiment.seed);
                if let Some(path) = init(&experiment) {
                    start_from(path, &dynamics, &mut start)
                        .map_err(|error| named(&experiment, "network.init", error))?;
                }
                let schedule = match experiment.feedback.mode {
                    FeedbackMode::WeightMirror => {
                        let hidden = &network.layers[1..network.depth()];
                        let mirror = experiment.feedback.mirror;
                        let period = stream.presentation;
                        let phased = PhasedSchedule::new(schedule, mirror, hidden, period, experiment.seed);
                        Schedule::Phased(phased)
                    }
                    _ => Schedule::Stream(schedule),
                };
                (Some(data), schedule, start)
            }
            Task::Protocol(protocol) => {
                let schedule = protocol_schedule(&experiment, protocol)?;
                let mut start = protocol_start(&dynamics, &protocol.synapses);
                start_states(&dynamics, &protocol.states, &mut start);
                (None, Schedule::Protocol(schedule), start)
            }
        };
        if let Some(tau) = dynamics.network().and_then(|network| network.scaling_tau) {
            dynamics = dynamics.with_scaling(tau, &start);
        }
        if let Some(data) = &data {
            experiment
                .resolve_samples(data.train.len(), data.test.len())
                .map_err(|error| experiment.origin.locate(error))?;
        }
        Ok(Self { experiment, dynamics, start, data, schedule })
    }

    /// Length of the run, s.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.schedule.duration()
    }

    /// What comes when, from the start.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        self.schedule.clone()
    }

    /// Number of presentations; `None` for a protocol.
    #[must_use]
    pub fn presentations(&self) -> Option<u64> {
        self.schedule.presentations()
    }

    fn traces(&self, place: Place<'_>) -> Result<Traces<'_>, Error> {
        let rhythm = Rhythm {
            interval: self.experiment.record.trace_interval,
            end: self.duration(),
            events: self.schedule.events().cloned().unwrap_or_default(),
        };
        let beside = match (&self.experiment.task, &self.schedule) {
            (Task::Protocol(protocol), Schedule::Protocol(signal)) if self.experiment.model.is_none() => {
                let parameters = adam_parameters(&self.experiment, protocol.presentation);
                let starts = protocol.synapses.iter();
                starts
                    .map(|start| {
                        Beside::new(parameters, start.w, signal.clone(), start.scale, protocol.presentation)
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        Traces::open(place, &self.dynamics, self.traced()?, rhythm, beside)
    }

    fn metrics(&self, place: Place<'_>, latest: &Latest) -> Result<Option<Metrics<'_>>, Error> {
        let (Some(network), Some(data), Some(stream), Some(events)) =
            (self.dynamics.network(), &self.data, self.schedule.stream(), self.schedule.events())
        else {
            return Ok(None);
        };
        let every = self.experiment.record.measure_every;
        let latest = Rc::clone(latest);
        let schedule = (stream.clone(), events.clone());
        Metrics::open(place, &self.dynamics, network, data, schedule, every, latest).map(Some)
    }

    /// The synapses to trace: those that are named, or some of each layer; all of a protocol.
    fn traced(&self) -> Result<Vec<Traced>, ConfigError> {
        if let Some(names) = &self.experiment.record.synapses {
            return names.iter().map(|name| Traced::find(&self.dynamics.layout, name)).collect();
        }
        let mut traced = Vec::new();
        for (index, block) in self
            .dynamics
            .layout
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.kind == BlockKind::Weights)
        {
            let count = if block.layer == 0 { block.synapses() } else { self.experiment.record.per_layer };
            let mut rng = generator(self.experiment.seed, "traced synapses", block.layer as u64);
            let mut chosen =
                rand::seq::index::sample(&mut rng, block.synapses(), count.min(block.synapses())).into_vec();
            chosen.sort_unstable();
            traced.extend(chosen.into_iter().map(|s| Traced {
                block: index,
                post: s / block.pre,
                pre: s % block.pre,
            }));
        }
        Ok(traced)
    }

    /// Every variable of every synapse of a protocol, by the name that `[expect]` uses.
    fn final_values(&self, end: &State) -> BTreeMap<String, f64> {
        let values = end.values.iter().enumerate();
        values
            .filter_map(|(index, value)| {
                let place = self.dynamics.layout.place(index)?;
                Some((format!("{}.{}", place.synapse, place.variable), *value))
            })
            .collect()
    }

    /// Hash of the samples, or of the signals from files.
    fn data_sha256(&self) -> Option<&str> {
        match &self.schedule {
            Schedule::Protocol(protocol) => protocol.sha256(),
            _ => self.data.as_ref().map(|data| data.sha256.as_str()),
        }
    }

    fn manifest(&self, identity: &Identity) -> Manifest {
        Manifest {
            name: self.experiment.name.clone(),
            status: Status::Running,
            error: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.experiment.seed,
            machine: machine(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            seconds: 0.0,
            resumed: 0,
            data_sha256: self.data_sha256().map(str::to_owned),
            start_sha256: Some(identity.start_sha256().to_owned()),
            synapses: self.dynamics.layout.synapses(),
            state_values: self.dynamics.layout.len(),
            presentations: 0,
            solver: Statistics::default(),
            results: BTreeMap::new(),
        }
    }
}

/// Operating system, processor, and the vector instructions in use: rounding may differ with these.
fn machine() -> String {
    let vectors = format!("{:?}", pulp::Arch::new());
    let vectors = vectors.split('(').next().unwrap_or_default();
    format!("{} {}, vectors {vectors}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The parameters of the discrete Adam that is equivalent for presentations of `presentation` seconds.
#[must_use]
pub fn adam_parameters(experiment: &Experiment, presentation: f64) -> AdamParameters {
    let synapse = &experiment.resolved.synapse;
    AdamParameters {
        step: synapse.eta * presentation,
        beta1: (-presentation / synapse.tau_m).exp(),
        beta2: (-presentation / synapse.tau_rho.unwrap_or(f64::INFINITY)).exp(),
        epsilon: synapse.epsilon,
    }
}
