//! `[protocol]`.

use std::path::Path;

use super::absolute;
use crate::config::explain::nearest;
use crate::config::range::{Checked, demand, finite, gain, non_negative, positive, refuse, seconds};
use crate::config::wire::{self, Signal};
use crate::model::{Input, Model};
use crate::stream::{ProtocolSpec, SynapseStart};
use crate::synapse::{Feedback, Synapse};

/// Most breakpoints of a signal.
const MOST_BREAKPOINTS: f64 = 1e7;

const SECONDS: &str = "it is in seconds";

pub(super) fn protocol(
    wire: &mut wire::Protocol,
    base: &Path,
    (synapse, model): (&Synapse, Option<&Model>),
    feedback: &Feedback,
) -> Checked<ProtocolSpec> {
    let duration = seconds("protocol.duration", wire.duration)?;
    let presentation = *wire.presentation.get_or_insert(duration.min(0.1));
    seconds("protocol.presentation", presentation)?;
    demand(
        "protocol.presentation",
        presentation,
        presentation <= duration && duration / presentation <= MOST_BREAKPOINTS,
        &format!("from 1e-7 times the duration to the duration {duration:?}"),
        "it is the step of the discrete Adam that is drawn beside, in seconds",
    )?;
    let error = signals(wire, model, duration, base)?;
    if wire.synapses.is_empty() {
        return refuse("protocol.synapses", "is empty", "give one synapse or more, or leave it out for one");
    }
    let starts = wire.synapses.iter_mut().enumerate();
    let synapses =
        starts.map(|(index, wire)| start(index, wire, (synapse, model), feedback)).collect::<Checked<_>>()?;
    let states = wire.synapses.iter().map(|wire| wire.state.clone()).collect();
    let (x, y) = (wire.x.clone(), wire.y.clone());
    Ok(ProtocolSpec { signal: error, x, y, duration, presentation, synapses, states })
}

/// Checks the signals and gives the first, which is 0 where nothing reads it.
fn signals(wire: &mut wire::Protocol, model: Option<&Model>, duration: f64, base: &Path) -> Checked<Signal> {
    let reads = |input: &Input| model.is_some_and(|model| model.inputs.contains(input));
    if wire.signal.is_none() {
        if model.is_none() || reads(&Input::G) || reads(&Input::Delta) {
            return refuse(
                "protocol.signal",
                "is required, but missing",
                "add `signal = ...`; `synaptode init` prints complete examples",
            );
        }
        wire.signal = Some(Signal::Constant { value: 0.0 });
    }
    let mut first = Signal::Constant { value: 0.0 };
    let given = [
        ("signal", &mut wire.signal, true),
        ("x", &mut wire.x, model.is_some()),
        ("y", &mut wire.y, reads(&Input::Y)),
    ];
    for (name, signal, read) in given {
        let key = format!("protocol.{name}");
        let Some(wire) = signal else { continue };
        if !read {
            return refuse(
                key,
                format!("has no effect: the synapse does not read `{name}`"),
                "leave it out, or take a synapse.model that reads it",
            );
        }
        self::signal(&key, wire, duration, base)?;
        if name == "signal" {
            first = wire.clone();
        }
    }
    Ok(first)
}

fn start(
    index: usize,
    wire: &mut wire::Start,
    (synapse, model): (&Synapse, Option<&Model>),
    feedback: &Feedback,
) -> Checked<SynapseStart> {
    let key = |name: &str| format!("protocol.synapses[{index}].{name}");
    let weight = model.map_or(0.0, |model| model.variables[model.weight].initial);
    let w = finite(&key("w"), *wire.w.get_or_insert(weight))?;
    let own = model.and_then(|model| Some(model.variables[model.feedback?].initial));
    if wire.b.is_some_and(|b| b != w) && !feedback.has_weight() {
        return refuse(
            key("b"),
            "has no effect: b = w at all times with feedback \"symmetric\"",
            "leave it out, or take another feedback.mode",
        );
    }
    let b = if feedback.has_weight() { own.unwrap_or(w) } else { w };
    let b = finite(&key("b"), *wire.b.get_or_insert(b))?;
    let scale = finite(&key("scale"), wire.scale)?;
    if let Some(model) = model {
        states(wire, model, key)?;
        return Ok(SynapseStart { w, b, m: 0.0, rho: 1.0, scale });
    }
    if !wire.state.is_empty() {
        return refuse(
            key("state"),
            "has no effect: these are variables of a model, and there is none",
            "set m and rho, or take a synapse.model",
        );
    }
    Ok(SynapseStart {
        w,
        b,
        m: finite(&key("m"), *wire.m.get_or_insert(synapse.m0))?,
        rho: gain(&key("rho"), *wire.rho.get_or_insert(synapse.rho0))?,
        scale,
    })
}

/// Checks where a model's other variables start.
fn states(wire: &wire::Start, model: &Model, key: impl Fn(&str) -> String) -> Checked {
    let indices = (0..model.variables.len()).filter(|k| *k != model.weight && Some(*k) != model.feedback);
    let known: Vec<&str> = indices.map(|k| model.variables[k].name.as_str()).collect();
    let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    for (name, given) in [("m", wire.m), ("rho", wire.rho)] {
        if let Some(value) = given {
            let remedy = format!("write state = {{ {name} = {value:?} }}; variables of the model: {list}");
            return refuse(key(name), "is of the built-in rules", remedy);
        }
    }
    for (name, value) in &wire.state {
        let key = key(&format!("state.{name}"));
        if !known.contains(&name.as_str()) {
            let remedy = match nearest(name, &known) {
                Some(nearest) => format!("did you mean `{nearest}`? Besides its weights it has {list}"),
                None => format!("besides its weights it has {list}"),
            };
            return refuse(key, format!("is not a variable of model {}", model.name), remedy);
        }
        finite(&key, *value)?;
    }
    Ok(())
}

fn signal(key: &str, signal: &mut Signal, duration: f64, base: &Path) -> Checked {
    let named = |name: &str| format!("{key}.{name}");
    match signal {
        Signal::Constant { value } => finite(&named("value"), *value).map(|_| ()),
        Signal::Step { before, after, at } => {
            finites(key, [("before", *before), ("after", *after)])?;
            let inside = *at > 0.0 && *at < duration;
            demand(&named("at"), *at, inside, &within(duration), SECONDS).map(|_| ())
        }
        Signal::Sine { mean, amplitude, period } => {
            finites(key, [("mean", *mean), ("amplitude", *amplitude)])?;
            periodic(key, *period, duration)
        }
        Signal::Square { mean, amplitude, period, duty } => {
            finites(key, [("mean", *mean), ("amplitude", *amplitude)])?;
            periodic(key, *period, duration)?;
            let inside = *duty > 0.0 && *duty < 1.0;
            let remedy = "it is the fraction of the period that is high, such as 0.5";
            demand(&named("duty"), *duty, inside, "between 0 and 1, both excluded", remedy).map(|_| ())
        }
        Signal::Pulses { base: rest, amplitude, width, period, start } => {
            finites(key, [("base", *rest), ("amplitude", *amplitude)])?;
            periodic(key, *period, duration)?;
            let fits = *width > 0.0 && width < period;
            let range = format!("between 0 and the period {period:?}, both excluded");
            demand(&named("width"), *width, fits, &range, SECONDS)?;
            let inside = *start >= 0.0 && *start < duration;
            let range = format!("from 0 to below the duration {duration:?}");
            demand(&named("start"), *start, inside, &range, SECONDS).map(|_| ())
        }
        Signal::OrnsteinUhlenbeck { mean, sigma, tau, step } => {
            finites(key, [("mean", *mean)])?;
            non_negative(&named("sigma"), *sigma, "it is the stationary standard deviation")?;
            let tau = positive(&named("tau"), *tau, "it is the correlation time in seconds")?;
            let step = *step.get_or_insert(tau / 20.0);
            let fits = step > 0.0 && step <= tau && duration / step <= MOST_BREAKPOINTS;
            let range =
                format!("above 0, at most tau = {tau:?}, and at least 1e-7 times the duration {duration:?}");
            demand(&named("step"), step, fits, &range, "leave it out for tau / 20").map(|_| ())
        }
        Signal::Csv { path } => {
            *path = absolute(&named("path"), path, base)?;
            Ok(())
        }
    }
}

fn finites<const N: usize>(key: &str, values: [(&str, f64); N]) -> Checked {
    values.into_iter().try_for_each(|(name, value)| finite(&format!("{key}.{name}"), value).map(|_| ()))
}

fn within(duration: f64) -> String {
    format!("between 0 and the duration {duration:?}, both excluded")
}

fn periodic(key: &str, period: f64, duration: f64) -> Checked {
    let key = format!("{key}.period");
    positive(&key, period, SECONDS)?;
    let range = format!("at least 1e-7 times the duration {duration:?}");
    demand(&key, period, duration / period <= MOST_BREAKPOINTS, &range, SECONDS).map(|_| ())
}
