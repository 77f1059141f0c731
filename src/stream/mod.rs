//! What the synapses are fed with: data sets, gradient protocols, and the schedule in time.

pub mod data;
pub mod events;
pub mod protocol;
pub mod random;
pub mod schedule;
pub mod world;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use data::{DataSource, DataSpec, Dataset, Samples, SourceName};
pub use events::Events;
pub use protocol::ProtocolSchedule;
pub use schedule::{Drive, PhasedSchedule, Schedule, Segment, StreamSchedule};
pub use world::{Presented, World};

/// The order in which samples are presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// A new permutation each epoch, from the seed.
    Shuffled,
    /// As they are stored.
    Sequential,
}

/// How samples follow one another.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSpec {
    /// Presentation time of one sample, s.
    pub presentation: f64,
    /// Length of the cross-fade, s.
    pub crossfade: f64,
    /// How long it lasts.
    pub length: Length,
    /// Order of the samples.
    pub order: Order,
}

/// The length of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// In passes through the training samples.
    Epochs(f64),
    /// In seconds.
    Duration(f64),
}

/// Single synapses under a gradient signal.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtocolSpec {
    /// The signal, with paths resolved: the gradient signal, or the postsynaptic error beside a signal `x`.
    pub signal: crate::config::wire::Signal,
    /// Presynaptic activity; 1 if there is none.
    pub x: Option<crate::config::wire::Signal>,
    /// Postsynaptic activity; that of a linear unit with the synapse alone if there is none.
    pub y: Option<crate::config::wire::Signal>,
    /// Length, s.
    pub duration: f64,
    /// Step of the discrete Adam that is drawn beside, s.
    pub presentation: f64,
    /// How each synapse starts, every default resolved.
    pub synapses: Vec<SynapseStart>,
    /// Where other variables of a model start in each synapse, by name, unless as the model says.
    pub states: Vec<BTreeMap<String, f64>>,
}

/// How one synapse of a protocol starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynapseStart {
    /// Forward weight.
    pub w: f64,
    /// Feedback weight.
    pub b: f64,
    /// Momentum trace.
    pub m: f64,
    /// Gain.
    pub rho: f64,
    /// Factor on the signal.
    pub scale: f64,
}
