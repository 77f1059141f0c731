//! The validated experiment, every default resolved.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Origin, idle, resolve, wire};
use crate::checkpoint::Rhythm;
use crate::dynamics::{Dynamics, Source};
use crate::error::ConfigError;
use crate::model::Plasticity;
use crate::network::Architecture;
use crate::network::init::direct_feedback;
use crate::record::MODEL;
use crate::solver::SolverOptions;
use crate::stream::{DataSpec, Length, ProtocolSpec, StreamSpec};
use crate::synapse::{Feedback, FeedbackMode, Synapse};

/// Results of a network that `[expect]` may name, and whether they belong to a layer with feedback: such a name alone
/// stands for the largest over these layers, `l2.angle_deg` for one of them. All are final values;
/// `relative_difference_ratio` is the final relative difference over the initial one.
pub const METRICS: [(&str, bool); 8] = [
    ("test_accuracy", false),
    ("online_accuracy", false),
    ("loss", false),
    ("test_loss", false),
    ("angle_deg", true),
    ("relative_difference", true),
    ("relative_difference_ratio", true),
    ("error_angle_deg", true),
];

/// A validated experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Name of the run.
    pub name: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// What it shows.
    pub analysis: String,
    /// What drives the synapses.
    pub task: Task,
    /// What changes at given times of the stream, as the configuration orders it.
    pub events: Vec<wire::Event>,
    /// The synapse.
    pub synapse: Synapse,
    /// The synapse's equations as a text, compiled, in place of a rule.
    pub model: Option<Arc<Plasticity>>,
    /// The feedback pathway.
    pub feedback: Feedback,
    /// The integrator.
    pub solver: SolverOptions,
    /// What is recorded.
    pub record: RecordSpec,
    /// How often the whole state is kept.
    pub checkpoint: Rhythm,
    /// What is drawn.
    pub figures: wire::Figures,
    /// Results to be verified.
    pub expect: BTreeMap<String, wire::Bounds>,
    /// The configuration with every default written out.
    pub resolved: wire::Config,
    /// Where it was written.
    pub origin: Origin,
}

/// What drives the synapses.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A network that learns a stream of samples.
    Stream {
        /// The samples.
        data: DataSpec,
        /// How they follow one another.
        stream: StreamSpec,
        /// The network.
        network: Architecture,
    },
    /// Single synapses under a gradient signal.
    Protocol(ProtocolSpec),
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSpec {
    /// Names of the synapses to trace; `None`: `per_layer` of each layer.
    pub synapses: Option<Vec<String>>,
    /// How many of each layer otherwise.
    pub per_layer: usize,
    /// Time between two rows of traces, s. One presentation until [`Experiment::resolve_samples`] knows better.
    pub trace_interval: f64,
    /// Presentations between two measurements. 1 until [`Experiment::resolve_samples`] knows better.
    pub measure_every: u64,
}

impl Task {
    /// Where the gradient signal of each synapse comes from.
    #[must_use]
    pub fn source(&self) -> Source {
        match self {
            Self::Stream { network, .. } => Source::Network(network.clone()),
            Self::Protocol(protocol) => {
                Source::Protocol { scale: protocol.synapses.iter().map(|start| start.scale).collect() }
            }
        }
    }
}

impl Experiment {
    /// Validates a configuration and resolves every default: relative paths start at `base`, `stem` names an
    /// experiment that has no name.
    ///
    /// # Errors
    /// The first key that is wrong, with reason and remedy.
    pub fn from_config(config: wire::Config, base: &Path, stem: &str) -> Result<Self, ConfigError> {
        let mut experiment = resolve::experiment(config, base, stem)?;
        experiment.settle()?;
        Ok(experiment)
    }

    /// Resolves what depends on the number of samples, once the data set has been read: the number of samples
    /// to train and to test on, and the defaults of `trace_interval` and `measure_every`.
    ///
    /// # Errors
    /// Where the stream would be too long, its traces would have too many rows, or an event lies outside of it.
    pub fn resolve_samples(&mut self, train: usize, test: usize) -> Result<(), ConfigError> {
        if let Task::Stream { data, .. } = &mut self.task {
            data.settle(train, test);
            if let Some(wire) = &mut self.resolved.data {
                (wire.train, wire.test, wire.test_fraction) = (data.train, data.test, None);
            }
        }
        self.settle()
    }

    /// Checks the times of events and gives the recorder's intervals their defaults, if the length of the experiment is known.
    fn settle(&mut self) -> Result<(), ConfigError> {
        let grid = match &self.task {
            Task::Stream { stream, .. } => Some(stream.presentation),
            Task::Protocol(_) => None,
        };
        let Some(total) = self.duration() else { return Ok(()) };
        if let Some(presentation) = grid {
            resolve::within(&self.events, total, presentation)?;
        }
        resolve::cadence(&mut self.resolved.record, &mut self.record, total, grid)
    }

    /// Length of the experiment, s; `None` while it is counted in epochs of a data set that has not been read.
    #[must_use]
    pub fn duration(&self) -> Option<f64> {
        match &self.task {
            Task::Protocol(protocol) => Some(protocol.duration),
            Task::Stream { stream: StreamSpec { length: Length::Duration(duration), .. }, .. } => {
                Some(*duration)
            }
            Task::Stream { stream, .. } => Some(self.presentations()? as f64 * stream.presentation),
        }
    }

    /// Number of presentations, the last one perhaps cut short; `None` in a protocol and while it is unknown.
    #[must_use]
    pub fn presentations(&self) -> Option<u64> {
        let Task::Stream { data, stream, .. } = &self.task else { return None };
        Some(match stream.length {
            Length::Epochs(epochs) => (epochs * data.train? as f64).round().max(1.0) as u64,
            // A whole number of presentations stays one, however the quotient is rounded.
            Length::Duration(duration) => (duration / stream.presentation * (1.0 - 1e-12)).ceil() as u64,
        })
    }

    /// The system of equations.
    #[must_use]
    pub fn dynamics(&self) -> Dynamics {
        let (source, model) = (self.task.source(), self.model.clone());
        let coordinate = self.solver.gain_coordinate;
        let dynamics = Dynamics::with_model(source, self.synapse, model, self.feedback, coordinate);
        match &self.task {
            Task::Stream { network, .. } if self.feedback.mode == FeedbackMode::Direct => {
                dynamics.with_direct(direct_feedback(network, self.seed))
            }
            _ => dynamics,
        }
    }

    /// The configuration with every default written out, as TOML that gives the same experiment when read again.
    ///
    /// # Errors
    /// Where a path is not UTF-8.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        self.written(&self.resolved)
    }

    /// The same as a run directory holds it: a model is the file beside it.
    ///
    /// # Errors
    /// As [`Experiment::to_toml`].
    pub fn to_recorded_toml(&self) -> Result<String, ConfigError> {
        let mut resolved = self.resolved.clone();
        resolved.synapse.model = self.model.as_ref().map(|_| MODEL.to_owned());
        self.written(&resolved)
    }

    /// What of `config` has an effect, as TOML.
    fn written(&self, config: &wire::Config) -> Result<String, ConfigError> {
        let written = toml::Table::try_from(config).and_then(|mut table| {
            idle::take(&mut table, self);
            toml::to_string_pretty(&table)
        });
        written.map_err(|error| {
            let remedy = "use paths of UTF-8 characters and numbers below 2^63";
            ConfigError::new("", format!("can't be written as TOML: {error}"), remedy)
        })
    }

    /// Whether a key, or the table that it is in, has no effect here.
    pub(crate) fn is_idle(&self, key: &str) -> bool {
        idle::paths(self).iter().any(|(path, _)| {
            key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The text of the synapse's model, where it has one.
    #[must_use]
    pub fn model_text(&self) -> Option<&str> {
        self.model.as_ref().map(|compiled| compiled.model.text.as_str())
    }
}
