//! Keys that other choices leave without effect: the gain of a rule that has none, the tolerance of a method that
//! solves no equation.
//!
//! They are not refused, since a choice may be laid over a complete configuration (`--set synapse.rule=sgd`). They are
//! checked, named to the user, and then taken out, so that no resolved configuration holds one.

use toml::{Table, Value};

use super::experiment::{Experiment, Task};
use crate::solver::Method;
use crate::synapse::RuleSpec;

/// Takes such keys of `experiment` out of its configuration, and says of each why it has no effect.
pub(super) fn take(config: &mut Table, experiment: &Experiment) -> Vec<String> {
    let mut said = Vec::new();
    for (path, why) in paths(experiment) {
        let names: Vec<&str> = path.split('.').collect();
        if let Some((name, parents)) = names.split_last() {
            take_from(config, parents, name, &mut |place| {
                said.push(format!("`{place}` has no effect: {why}"));
            });
        }
    }
    said
}

/// Takes the key `name` out of the table below `parents`, or of every table of a list there.
fn take_from(table: &mut Table, parents: &[&str], name: &str, found: &mut dyn FnMut(String)) {
    let Some((first, rest)) = parents.split_first() else {
        if table.remove(name).is_some() {
            found(name.to_owned());
        }
        return;
    };
    match table.get_mut(*first) {
        Some(Value::Table(below)) => {
            take_from(below, rest, name, &mut |place| found(format!("{first}.{place}")));
        }
        Some(Value::Array(list)) => {
            for (index, below) in list.iter_mut().enumerate() {
                let Value::Table(below) = below else { continue };
                take_from(below, rest, name, &mut |place| found(format!("{first}[{index}].{place}")));
            }
        }
        _ => {}
    }
}

/// Every key that has no effect here, given or not, with the reason.
pub(super) fn paths(experiment: &Experiment) -> Vec<(&'static str, &'static str)> {
    let rule = experiment.synapse.rule;
    let method = experiment.solver.method;
    // The discrete Adam that is drawn beside a protocol reads time constants and epsilon whatever the rule.
    let (alone, depth, scales) = match &experiment.task {
        Task::Protocol(_) => (false, None, false),
        Task::Stream { network, .. } => (true, Some(network.depth()), network.scaling_tau.is_some()),
    };
    let no_trace = "this rule has no momentum trace";
    let no_gain = "this rule has no adaptive gain";
    let no_start = if rule.adapts() { "bias correction is for moments that start at 0" } else { no_gain };
    let no_step = "this rule steps once a presentation, and no equation is solved";
    let discrete = method == Method::PerPresentation;
    let closed = method == Method::Exponential;
    let start = !rule.starts_from_gain();
    [
        ("synapse.gain", rule.gain().is_none(), no_gain),
        ("synapse.tau_m", alone && !rule.has_trace(), no_trace),
        ("synapse.tau_rho", alone && !rule.adapts(), no_gain),
        ("synapse.epsilon", alone && !rule.adapts(), no_gain),
        ("synapse.m0", !rule.has_trace(), no_trace),
        ("synapse.rho0", start, no_start),
        ("protocol.presentation", rule == RuleSpec::Model, "no discrete Adam is drawn beside a model"),
        ("protocol.synapses.m", !rule.has_trace(), no_trace),
        ("protocol.synapses.rho", start, no_start),
        ("feedback.m0", !rule.has_trace(), no_trace),
        ("feedback.rho0", start, no_start),
        ("feedback.mirror", depth == Some(1), "a network with one layer of synapses has no feedback weights"),
        ("stream.crossfade", discrete, no_step),
        ("solver.rtol", discrete, no_step),
        ("solver.atol", discrete, no_step),
        ("solver.max_steps", discrete, no_step),
        ("solver.gain_coordinate", rule.gain().is_none(), no_gain),
        ("solver.gain_coordinate", closed, "method \"exponential\" has closed forms of the gain"),
        ("solver.skip_silent", scales, "synaptic scaling lets weights grow at all times"),
    ]
    .into_iter()
    .filter_map(|(key, is_idle, why)| is_idle.then_some((key, why)))
    .collect()
}
