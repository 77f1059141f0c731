//! From spelling to meaning: every default resolved, every value checked, one file a part of the configuration.
//!
//! Each function reads one table of [`wire`], fills in the defaults that apply, removes none that was given, and
//! returns what the rest of the program works with. An option that would have no effect is refused,
//! but for those in `super::idle`.

mod data;
mod events;
mod expect;
mod model;
mod plasticity;
mod protocol;
mod record;
mod solver;
mod stream;

use std::path::{Path, PathBuf};

use super::experiment::{Experiment, Task};
use super::range::{Checked, refuse};
use super::{Origin, wire};
use crate::dynamics::Dynamics;
use crate::model::Model;
use crate::synapse::{Feedback, FeedbackMode, Synapse};

pub(super) use events::within;
pub(super) use record::cadence;
pub use solver::MOST_IMPLICIT_VALUES;

/// The whole of it; relative paths start at `base`, and `stem` names what has no name.
pub(super) fn experiment(mut wire: wire::Config, base: &Path, stem: &str) -> Checked<Experiment> {
    let name = wire.name.get_or_insert_with(|| stem.to_owned()).clone();
    check_name(&name)?;
    writable("seed", wire.seed)?;
    if wire.synapse.rule.is_discrete() && wire.protocol.is_some() {
        return refuse(
            "synapse.rule",
            "steps once a presentation, and a protocol has no presentations",
            "take a rule without \"discrete\": discrete Adam is drawn beside it anyway",
        );
    }
    let model = model::model(&mut wire.synapse, base)?;
    let mode = model::feedback_mode(&mut wire, model.as_ref())?;
    let needs_network =
        matches!(mode, FeedbackMode::SignSymmetric | FeedbackMode::Direct | FeedbackMode::WeightMirror);
    if needs_network && wire.protocol.is_some() {
        return refuse(
            "feedback.mode",
            "concerns whole layers, and a protocol has single synapses",
            "take \"predisposition\", \"kolen-pollack\", \"fixed\" or \"symmetric\"",
        );
    }
    let synapse = plasticity::synapse(&mut wire.synapse, mode)?;
    let feedback = plasticity::feedback(&mut wire.feedback, mode, &synapse)?;
    let task = task(&mut wire, base, (&synapse, model.as_ref()), &feedback)?;
    let coordinate = solver::coordinate(&mut wire.solver, synapse.rule)?;
    let model = model.map(|model| model::compiled(&model, mode, &task)).transpose()?;
    let dynamics = Dynamics::with_model(task.source(), synapse, model.clone(), feedback, coordinate);
    events::events(&wire.events, &task, &dynamics.layout)?;
    let solver = solver::solver(&mut wire.solver, wire.synapse.rule, &dynamics)?;
    let layout = dynamics.layout;
    let record = record::record(&mut wire.record, &task, &layout)?;
    let checkpoint = record::checkpoint(&wire.checkpoint, &task)?;
    let figures = record::figures(&mut wire.figures, &task, &layout, feedback.mode)?;
    expect::expect(&wire.expect, &task, &layout)?;
    Ok(Experiment {
        name,
        seed: wire.seed,
        analysis: wire.analysis.clone(),
        task,
        events: wire.events.clone(),
        synapse,
        model,
        feedback,
        solver,
        record,
        checkpoint,
        figures,
        expect: wire.expect.clone(),
        resolved: wire,
        origin: Origin::default(),
    })
}

/// Either a stream into a network or a protocol.
fn task(
    wire: &mut wire::Config,
    base: &Path,
    (synapse, model): (&Synapse, Option<&Model>),
    feedback: &Feedback,
) -> Checked<Task> {
    if let Some(protocol) = &mut wire.protocol {
        let others = [
            ("network", wire.network.is_some()),
            ("data", wire.data.is_some()),
            ("stream", wire.stream.is_some()),
            ("neuron", wire.neuron.is_some()),
        ];
        if let Some((other, _)) = others.iter().find(|(_, given)| *given) {
            return refuse(
                *other,
                "can't stand beside [protocol]: synapses are driven either by a signal or by a network",
                "keep [protocol], or keep [data], [stream], [network] and [neuron]",
            );
        }
        return protocol::protocol(protocol, base, (synapse, model), feedback).map(Task::Protocol);
    }
    if let Some(init) = wire.network.as_mut().and_then(|network| network.init.as_mut()) {
        *init = absolute("network.init", init, base)?;
    }
    let (Some(data), Some(network)) = (&mut wire.data, &wire.network) else {
        let missing = if wire.network.is_none() { "network" } else { "data" };
        return refuse(
            missing,
            "is missing: an experiment has [data] and [network], or else [protocol]",
            "`synaptode init` prints a network that learns a stream, `synaptode init synapse` a protocol",
        );
    };
    let neuron = wire.neuron.get_or_insert_default();
    let network = stream::network(network, neuron, wire.synapse.rule)?;
    if feedback.mode == FeedbackMode::WeightMirror
        && (network.neuron_tau > 0.0 || wire.synapse.rule.is_discrete())
    {
        return refuse(
            "feedback.mode",
            "is \"weight-mirror\", whose phases are equations for units that follow their input at once",
            "set neuron.tau = 0 and take a rule without \"discrete\"",
        );
    }
    let data = data::data(data, &network, base)?;
    let stream = stream::stream(wire.stream.get_or_insert_default(), &data)?;
    if network.depth() == 1 && feedback.has_own_traces() {
        return refuse(
            "feedback.traces",
            "is \"own\", but a network with one layer of synapses has no feedback weights",
            "leave it out, or add a hidden layer to network.layers",
        );
    }
    Ok(Task::Stream { data, stream, network })
}

/// Most bytes of a name: file systems allow 255, and a comparison adds to it.
const MOST_NAME: usize = 200;

/// A name becomes a directory's.
fn check_name(name: &str) -> Checked {
    let bad = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    if name.len() > MOST_NAME {
        let reason = format!("has {} bytes, more than the name of a directory may have", name.len());
        return refuse("name", reason, format!("use at most {MOST_NAME}"));
    }
    if name.is_empty() || name.trim() != name || name.starts_with(['.', '-']) || name.contains(bad) {
        return refuse(
            "name",
            format!("{name:?} can't be the name of a directory"),
            "use letters, digits, `-`, `_`, `.` and spaces, but not `.`, `-` or a space first, nor a space last",
        );
    }
    Ok(())
}

/// Refuses a number that TOML can't hold.
fn writable(key: &str, number: u64) -> Checked {
    match i64::try_from(number) {
        Ok(_) => Ok(()),
        Err(_) => refuse(key, format!("is {number}, which TOML can't hold"), "use a seed below 2^63"),
    }
}

/// The absolute form of a path that may be relative to `base`.
fn absolute(key: &str, path: &Path, base: &Path) -> Checked<PathBuf> {
    if path.as_os_str().is_empty() {
        return refuse(key, "is empty", "give a path, absolute or relative to the configuration's folder");
    }
    let absolute = std::path::absolute(base.join(path)).or_else(|error| {
        refuse(key, format!("`{}` can't be resolved: {error}", path.display()), "give an absolute path")
    })?;
    if absolute.to_str().is_none() {
        let reason = format!(
            "`{}` is not UTF-8, and can't be written into the run's configuration",
            absolute.display()
        );
        return refuse(key, reason, "rename the file or the folders that it lies in");
    }
    Ok(absolute)
}
