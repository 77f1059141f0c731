//! `check`: validates configurations and shows what they would take.
//!
//! The equivalent discrete Adam of a presentation time `T` has `beta1 = exp(-T/tau_m)`, `beta2 = exp(-T/tau_rho)` and
//! the step size `eta T`; its epsilon stands inside the root.

use std::io::Write;

use anyhow::bail;

use super::memory;
use crate::cli::Check;
use crate::config::{self, Experiment, Task};
use crate::network::Architecture;
use crate::runner;
use crate::solver::Method;
use crate::synapse::{CriticalPeriod, Gain, RuleSpec};

/// Prints a report of each configuration to `out`, and what is wrong with it or with the files that it names to `err`;
/// if `quiet`, only the latter.
///
/// # Errors
/// If any was refused, once all have been checked, or where `out` can't be written.
pub fn run(args: &Check, quiet: bool, out: &mut impl Write, err: &mut impl Write) -> anyhow::Result<()> {
    let mut refused = 0;
    for path in &args.configs {
        let found = match config::load(path, &args.overrides.sets, None) {
            Ok(experiment) => {
                if !quiet {
                    writeln!(out, "{} ({})", experiment.name, path.display())?;
                    for (title, text) in report(&experiment) {
                        writeln!(out, "  {title:<14} {text}")?;
                    }
                }
                runner::examine(&experiment)
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = found {
            refused += 1;
            writeln!(err, "error: {error}")?;
        }
    }
    match (refused, args.configs.len()) {
        (0, _) => Ok(()),
        (_, 1) => bail!("the configuration is refused"),
        (refused, all) => bail!("{refused} of {all} configurations are refused"),
    }
}

/// What the experiment is and takes, as titled lines.
#[must_use]
pub fn report(experiment: &Experiment) -> Vec<(&'static str, String)> {
    let layout = experiment.dynamics().layout;
    let (task, input) = match &experiment.task {
        Task::Stream { network, data, .. } => {
            (described(network), ("stream", samples(experiment, data.train)))
        }
        Task::Protocol(protocol) => (
            format!("{} single synapses", protocol.synapses.len()),
            ("signal", format!("{:?} s", protocol.duration)),
        ),
    };
    let options = &experiment.solver;
    let gain = if experiment.model.is_some() || options.method == Method::Exponential {
        String::new()
    } else {
        format!(", gain integrated as {}", spelled(&options.gain_coordinate))
    };
    let solver = format!("{}, rtol {:?}{gain}", spelled(&options.method), options.rtol);
    let mut lines = vec![
        ("task", task),
        ("state", format!("{} synapses, {} values", layout.synapses(), layout.len())),
        ("memory", memory(experiment, layout.len())),
        input,
        ("synapse", synapse(experiment)),
        ("discrete Adam", adam(experiment)),
        ("solver", solver),
        ("record", recorded(experiment)),
    ];
    let mut events: Vec<_> = experiment.events.iter().collect();
    events.sort_by(|a, b| a.at().total_cmp(&b.at()));
    lines.extend(events.into_iter().map(|event| ("event", format!("at {:?} s: {event}", event.at()))));
    lines.extend(experiment.origin.idle().iter().map(|idle| ("note", idle.clone())));
    lines
}

fn described(network: &Architecture) -> String {
    let layers = network.layers.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
    let bias = if network.bias { "bias" } else { "no bias" };
    let leak = match network.neuron_tau {
        0.0 => String::new(),
        tau => format!(", leaky with tau {tau:?} s"),
    };
    let scaling =
        network.scaling_tau.map_or_else(String::new, |tau| format!(", synaptic scaling in {tau:?} s"));
    format!(
        "network {layers}, {} units{leak}, {} readout, {bias}{scaling}",
        spelled(&network.activation),
        spelled(&network.readout)
    )
}

fn samples(experiment: &Experiment, train: Option<usize>) -> String {
    let Task::Stream { stream, .. } = &experiment.task else { return String::new() };
    let samples = train.map_or_else(|| "all".to_owned(), |train| train.to_string());
    let length = match (experiment.presentations(), experiment.duration()) {
        (Some(presentations), Some(duration)) => {
            format!("{presentations} presentations of {:?} s: {} s", stream.presentation, rounded(duration))
        }
        _ => format!("presentations of {:?} s, as many as the data set has", stream.presentation),
    };
    format!("{length}, from {samples} samples")
}

fn synapse(experiment: &Experiment) -> String {
    let (synapse, feedback) = (&experiment.synapse, &experiment.resolved.feedback);
    if let Some(compiled) = &experiment.model {
        let mode = spelled(&feedback.mode);
        return format!("model {}, feedback {mode}", compiled.model.name);
    }
    let bound = match synapse.critical_period {
        Some(CriticalPeriod { w_start, w_end, tau_age }) => {
            format!("w_max from {w_start:?} to {w_end:?} with tau_age {tau_age:?} s")
        }
        None => format!("w_max {:?}", synapse.w_max),
    };
    format!(
        "{}, {bound}, kappa {:?} /s, feedback {} with {} traces",
        spelled(&experiment.resolved.synapse.rule),
        synapse.kappa,
        spelled(&feedback.mode),
        spelled(&feedback.traces)
    )
}

fn adam(experiment: &Experiment) -> String {
    let presentation = match &experiment.task {
        Task::Stream { stream, .. } => stream.presentation,
        Task::Protocol(protocol) => protocol.presentation,
    };
    let beta = |tau: f64| (-presentation / tau).exp();
    let step = rounded(experiment.synapse.eta * presentation);
    let beta1 = |tau_m: f64| format!("beta1 = {:.4}", beta(tau_m));
    let beta2 = |gain: Gain, tau_rho: f64| match gain {
        Gain::Rms => format!("beta2 = {:.6}", beta(tau_rho)),
        Gain::MeanAbs => "no beta2: the gain's rate is (|g| + epsilon)/tau_rho".to_owned(),
    };
    let parts = match experiment.synapse.rule {
        RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon } => {
            vec![beta1(tau_m), beta2(gain, tau_rho), format!("epsilon = {epsilon:?}")]
        }
        RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction } => {
            let correction = if bias_correction { "bias correction" } else { "no bias correction" };
            vec![
                beta1(tau_m),
                beta2(Gain::Rms, tau_v),
                format!("epsilon = {epsilon:?}"),
                correction.to_owned(),
            ]
        }
        RuleSpec::RmsProp { gain, tau_rho, epsilon } => {
            vec!["beta1 = 0".to_owned(), beta2(gain, tau_rho), format!("epsilon = {epsilon:?}")]
        }
        RuleSpec::Momentum { tau_m } => vec![beta1(tau_m), "no gain".to_owned()],
        RuleSpec::Model => return "none: the synapse follows a model".to_owned(),
        RuleSpec::Sgd => vec!["beta1 = 0".to_owned(), "no gain".to_owned()],
    };
    format!("step size = {step}, {}", parts.join(", "))
}

fn recorded(experiment: &Experiment) -> String {
    let record = &experiment.record;
    let synapses = match &record.synapses {
        Some(names) => format!("{} synapses", names.len()),
        None if record.per_layer == 1 => "1 synapse of each layer".to_owned(),
        None => format!("{} synapses of each layer", record.per_layer),
    };
    // Of a stream whose length the samples decide, only what the configuration says is known.
    let said = &experiment.resolved.record;
    let traces = match (experiment.duration(), said.trace_interval) {
        (Some(duration), _) => format!(
            " at about {:.0} times, every {} s",
            duration / record.trace_interval,
            rounded(record.trace_interval)
        ),
        (None, Some(interval)) => format!(" every {} s", rounded(interval)),
        (None, None) => " at 2000 times or fewer".to_owned(),
    };
    let measured = match (&experiment.task, said.measure_every) {
        (Task::Protocol(_), _) => String::new(),
        (Task::Stream { .. }, Some(every)) => format!("; measured every {every} presentations"),
        (Task::Stream { .. }, None) => "; measured 50 times or fewer".to_owned(),
    };
    format!("{synapses}{traces}{measured}")
}

/// The memory of a run, in words.
fn memory(experiment: &Experiment, values: usize) -> String {
    let memory::Memory { peak, without_input } = memory::memory(experiment, values);
    let (size, unit) = if peak < 1e9 { (peak / 1e6, "MB") } else { (peak / 1e9, "GB") };
    let missing = if without_input { " and what its input takes, which can't be read" } else { "" };
    format!("about {size:.1} {unit}{missing}")
}

/// A name as the configuration spells it.
fn spelled(name: &impl serde::Serialize) -> String {
    toml::Value::try_from(name).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A number to 6 significant digits, without trailing zeros.
pub(super) fn rounded(value: f64) -> String {
    format!("{:?}", format!("{value:.5e}").parse().unwrap_or(value))
}
