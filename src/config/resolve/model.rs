//! `[synapse]` with a model: the text is read, its parameters set, and compiled for the task.

use std::path::Path;
use std::sync::Arc;

use super::absolute;
use crate::config::experiment::Task;
use crate::config::range::{Checked, refuse};
use crate::config::wire;
use crate::model::{Feedback, Model, Plasticity, shipped};
use crate::synapse::FeedbackMode;

/// The model, if there is one, with the values of the configuration; every one of them is written out.
pub(super) fn model(wire: &mut wire::Synapse, base: &Path) -> Checked<Option<Model>> {
    let Some(name) = &mut wire.model else {
        if wire.parameters.is_empty() {
            return Ok(None);
        }
        return refuse(
            "synapse.parameters",
            "has no effect: these are parameters of a model, and there is none",
            "set synapse.model, or set the rule's own keys in [synapse]",
        );
    };
    let mut model = if shipped::is_path(name) {
        let path = absolute("synapse.model", Path::new(name.as_str()), base)?;
        let model = Model::load(&path)?;
        *name = path.to_string_lossy().into_owned();
        model
    } else {
        shipped::model("synapse.model", name)?
    };
    let weights = [Some(model.weight), model.feedback].into_iter().flatten();
    for weight in weights.map(|index| &model.variables[index].name) {
        if wire.parameters.contains_key(weight) {
            return refuse(
                format!("synapse.parameters.{weight}"),
                "is a weight, whose start is no parameter",
                "set w and b in [[protocol.synapses]]; in a network they are random, see network.weight_scale",
            );
        }
    }
    model.set("synapse.parameters", &wire.parameters)?;
    wire.parameters = model.parameters.iter().map(|known| (known.name.clone(), known.value)).collect();
    let free = (0..model.variables.len()).filter(|k| *k != model.weight && Some(*k) != model.feedback);
    wire.parameters.extend(free.map(|k| (model.variables[k].name.clone(), model.variables[k].initial)));
    Ok(Some(model))
}

/// The feedback mode: the default depends on the model, and a model allows those that its state allows.
pub(super) fn feedback_mode(wire: &mut wire::Config, model: Option<&Model>) -> Checked<FeedbackMode> {
    let best = match model {
        None => FeedbackMode::Predisposition,
        Some(model) if model.feedback.is_some() => FeedbackMode::Model,
        Some(_) if wire.protocol.is_some() => FeedbackMode::Symmetric,
        Some(_) => FeedbackMode::Fixed,
    };
    let mode = *wire.feedback.mode.get_or_insert(best);
    let learns = matches!(mode, FeedbackMode::Predisposition | FeedbackMode::KolenPollack);
    let (reason, remedy) = match model {
        None if mode == FeedbackMode::Model => {
            ("is \"model\", but the synapse follows a rule", "set synapse.model, or take \"predisposition\"")
        }
        Some(_) if learns => (
            "belongs to the built-in rules, and a model brings its own equation",
            "take \"model\", \"fixed\", \"symmetric\", \"sign-symmetric\", \"direct\" or \"weight-mirror\"",
        ),
        Some(model) if mode == FeedbackMode::Model && model.feedback.is_none() => (
            "is \"model\", but this model has no feedback weight",
            "add a state variable `b` to it, or take \"fixed\" or \"symmetric\"",
        ),
        Some(model) if role(mode) == Feedback::Absent && model.needs_feedback() => (
            "leaves no feedback weight, but other equations of this model read it",
            "take \"model\", \"fixed\" or \"weight-mirror\"",
        ),
        _ => return Ok(mode),
    };
    refuse("feedback.mode", reason, remedy)
}

fn role(mode: FeedbackMode) -> Feedback {
    match mode {
        FeedbackMode::Model => Feedback::Learns,
        FeedbackMode::Fixed | FeedbackMode::WeightMirror => Feedback::Rests,
        _ => Feedback::Absent,
    }
}

/// The model, compiled for the largest projection of the task.
pub(super) fn compiled(model: &Model, mode: FeedbackMode, task: &Task) -> Checked<Arc<Plasticity>> {
    let synapses = match task {
        Task::Protocol(protocol) => protocol.synapses.len(),
        Task::Stream { network, .. } => {
            network.layers.windows(2).map(|pair| pair[0] * pair[1]).max().unwrap_or_default()
        }
    };
    Plasticity::new(model, role(mode), synapses).map(Arc::new)
}
