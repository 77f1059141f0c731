//! `[protocol]`.

use std::path::Path;

use super::absolute;
use crate::config::range::{Checked, demand, finite, non_negative, positive, refuse, seconds, squarable};
use crate::config::wire::{self, Signal};
use crate::stream::{ProtocolSpec, SynapseStart};
use crate::synapse::{Feedback, Synapse};

/// Most breakpoints of a signal.
const MOST_BREAKPOINTS: f64 = 1e7;

const SECONDS: &str = "it is in seconds";

pub(super) fn protocol(
    wire: &mut wire::Protocol,
    base: &Path,
    synapse: &Synapse,
    feedback: &Feedback,
) -> Checked<ProtocolSpec> {
    let duration = seconds("protocol.duration", wire.duration)?;
    let presentation = seconds("protocol.presentation", wire.presentation)?;
    demand(
        "protocol.presentation",
        presentation,
        presentation <= duration && duration / presentation <= MOST_BREAKPOINTS,
        &format!("from 1e-7 times the duration to the duration {duration:?}"),
        "it is the step of the discrete Adam that is drawn beside, in seconds",
    )?;
    signal(&mut wire.signal, duration, base)?;
    if wire.synapses.is_empty() {
        return refuse("protocol.synapses", "is empty", "give one synapse or more, or leave it out for one");
    }
    let starts = wire.synapses.iter_mut().enumerate();
    let synapses =
        starts.map(|(index, wire)| start(index, wire, synapse, feedback)).collect::<Checked<_>>()?;
    Ok(ProtocolSpec { signal: wire.signal.clone(), duration, presentation, synapses })
}

fn start(
    index: usize,
    wire: &mut wire::Start,
    synapse: &Synapse,
    feedback: &Feedback,
) -> Checked<SynapseStart> {
    let key = |name: &str| format!("protocol.synapses[{index}].{name}");
    let w = finite(&key("w"), wire.w)?;
    if wire.b.is_some_and(|b| b != w) && !feedback.has_weight() {
        return refuse(
            key("b"),
            "has no effect: b = w at all times with feedback \"symmetric\"",
            "leave it out, or take another feedback.mode",
        );
    }
    Ok(SynapseStart {
        w,
        b: finite(&key("b"), *wire.b.get_or_insert(w))?,
        m: finite(&key("m"), *wire.m.get_or_insert(synapse.m0))?,
        rho: squarable(
            &key("rho"),
            *wire.rho.get_or_insert(synapse.rho0),
            "the gain is about 1/|g|, such as 10",
        )?,
        scale: finite(&key("scale"), wire.scale)?,
    })
}

fn signal(signal: &mut Signal, duration: f64, base: &Path) -> Checked {
    match signal {
        Signal::Constant { value } => finite("protocol.signal.value", *value).map(|_| ()),
        Signal::Step { before, after, at } => {
            finites([("before", *before), ("after", *after)])?;
            let inside = *at > 0.0 && *at < duration;
            demand("protocol.signal.at", *at, inside, &within(duration), SECONDS).map(|_| ())
        }
        Signal::Sine { mean, amplitude, period } => {
            finites([("mean", *mean), ("amplitude", *amplitude)])?;
            periodic(*period, duration)
        }
        Signal::Square { mean, amplitude, period, duty } => {
            finites([("mean", *mean), ("amplitude", *amplitude)])?;
            periodic(*period, duration)?;
            let inside = *duty > 0.0 && *duty < 1.0;
            let remedy = "it is the fraction of the period that is high, such as 0.5";
            demand("protocol.signal.duty", *duty, inside, "between 0 and 1, both excluded", remedy)
                .map(|_| ())
        }
        Signal::Pulses { base: rest, amplitude, width, period, start } => {
            finites([("base", *rest), ("amplitude", *amplitude)])?;
            periodic(*period, duration)?;
            let fits = *width > 0.0 && width < period;
            let range = format!("between 0 and the period {period:?}, both excluded");
            demand("protocol.signal.width", *width, fits, &range, SECONDS)?;
            let inside = *start >= 0.0 && *start < duration;
            let range = format!("from 0 to below the duration {duration:?}");
            demand("protocol.signal.start", *start, inside, &range, SECONDS).map(|_| ())
        }
        Signal::OrnsteinUhlenbeck { mean, sigma, tau, step } => {
            finites([("mean", *mean)])?;
            non_negative("protocol.signal.sigma", *sigma, "it is the stationary standard deviation")?;
            let tau = positive("protocol.signal.tau", *tau, "it is the correlation time in seconds")?;
            let step = *step.get_or_insert(tau / 20.0);
            let fits = step > 0.0 && step <= tau && duration / step <= MOST_BREAKPOINTS;
            let range =
                format!("above 0, at most tau = {tau:?}, and at least 1e-7 times the duration {duration:?}");
            demand("protocol.signal.step", step, fits, &range, "leave it out for tau / 20").map(|_| ())
        }
        Signal::Csv { path } => {
            *path = absolute("protocol.signal.path", path, base)?;
            Ok(())
        }
    }
}

fn finites<const N: usize>(values: [(&str, f64); N]) -> Checked {
    values
        .into_iter()
        .try_for_each(|(name, value)| finite(&format!("protocol.signal.{name}"), value).map(|_| ()))
}

fn within(duration: f64) -> String {
    format!("between 0 and the duration {duration:?}, both excluded")
}

fn periodic(period: f64, duration: f64) -> Checked {
    positive("protocol.signal.period", period, SECONDS)?;
    let range = format!("at least 1e-7 times the duration {duration:?}");
    demand("protocol.signal.period", period, duration / period <= MOST_BREAKPOINTS, &range, SECONDS)
        .map(|_| ())
}
