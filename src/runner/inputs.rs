//! What an experiment reads from other files: samples, signals, the weights that it starts from.

use std::path::PathBuf;

use crate::config::wire::Signal;
use crate::config::{Experiment, Task};
use crate::error::{ConfigError, DataError, Error};
use crate::record::start::examine_start;
use crate::stream::{DataSource, DataSpec, Dataset, ProtocolSchedule, ProtocolSpec};

/// Reads the files that an experiment names, and forgets them.
///
/// Samples that are made are not: they may need more memory than there is, which is known without them.
///
/// # Errors
/// Where a file can't be read or does not fit, with the key that names it.
pub fn examine(experiment: &Experiment) -> Result<(), Error> {
    match &experiment.task {
        Task::Stream { data, network, .. } => {
            let is_there = match &data.source {
                // `check` says of a folder that is yet to be filled that it can't be weighed.
                DataSource::Idx { folder } => folder.exists(),
                DataSource::Csv(_) => true,
                DataSource::Digits | DataSource::Generated { .. } => false,
            };
            if is_there {
                samples(experiment, data, &network.layers)?;
            }
            let Some(path) = init(experiment) else { return Ok(()) };
            let found = examine_start(path, &experiment.dynamics());
            Ok(found.map_err(|error| named(experiment, "network.init", error))?)
        }
        Task::Protocol(protocol) => {
            let signals = [Some(&protocol.signal), protocol.x.as_ref(), protocol.y.as_ref()];
            if signals.into_iter().flatten().any(|signal| matches!(signal, Signal::Csv { .. })) {
                protocol_schedule(experiment, protocol)?;
            }
            Ok(())
        }
    }
}

/// The file that a network starts from, if there is one.
pub(super) fn init(experiment: &Experiment) -> Option<&PathBuf> {
    experiment.resolved.network.as_ref().and_then(|network| network.init.as_ref())
}

/// The samples, which fit a network of these layers.
pub(super) fn samples(
    experiment: &Experiment,
    data: &DataSpec,
    layers: &[usize],
) -> Result<Dataset, ConfigError> {
    let data = Dataset::load(data).map_err(|error| named(experiment, "data", error))?;
    fits(&data, layers).map_err(|error| experiment.origin.locate(error))?;
    Ok(data)
}

/// The signals of a protocol.
pub(super) fn protocol_schedule(
    experiment: &Experiment,
    protocol: &ProtocolSpec,
) -> Result<ProtocolSchedule, Error> {
    ProtocolSchedule::new(protocol, experiment.seed).map_err(|error| match error {
        Error::Data(error) => named(experiment, "protocol", error).into(),
        Error::Config(error) => experiment.origin.locate(error).into(),
        error => error,
    })
}

/// An error of a file as one of the key that names it.
pub(super) fn named(experiment: &Experiment, key: &str, error: DataError) -> ConfigError {
    let DataError { path, reason, remedy } = error;
    experiment.origin.locate(ConfigError::new(key, format!("{}: {reason}", path.display()), remedy))
}

/// Refuses samples that do not fit the network.
fn fits(data: &Dataset, layers: &[usize]) -> Result<(), ConfigError> {
    let (inputs, outputs) = (data.train.width(), data.train.target_width().max(data.test.target_width()));
    let (first, last) = (layers[0], layers[layers.len() - 1]);
    if (inputs, outputs) == (first, last) {
        return Ok(());
    }
    Err(ConfigError::new(
        "network.layers",
        format!(
            "{first} inputs and {last} outputs do not fit {}, which has {inputs} and {outputs}",
            data.name
        ),
        format!("let `network.layers` start with {inputs} and end with {outputs}"),
    ))
}
