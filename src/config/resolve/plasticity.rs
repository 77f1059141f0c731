//! `[synapse]` and `[feedback]`.

use crate::config::range::{Checked, count, demand, finite, gain, non_negative, positive, refuse};
use crate::config::wire;
use crate::synapse::{
    CriticalPeriod, Feedback, FeedbackMode, Gain, Mirror, RuleName, RuleSpec, Synapse, Traces,
};

const SECONDS: &str = "time constants are in seconds, such as 1.0";

pub(super) fn synapse(wire: &mut wire::Synapse, mode: FeedbackMode) -> Checked<Synapse> {
    if wire.model.is_some() {
        let (rule, w_max) = (RuleSpec::Model, f64::INFINITY);
        return Ok(Synapse { rule, eta: 0.0, w_max, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 1.0 });
    }
    let eta = non_negative(
        "synapse.eta",
        wire.eta,
        "the learning rate is in 1/s, such as 0.01; its sign belongs to the rule, which descends",
    )?;
    let tau_m = positive("synapse.tau_m", wire.tau_m, SECONDS)?;
    let is_adam = matches!(wire.rule, RuleName::Adam | RuleName::DiscreteAdam);
    let slow = if wire.gain == Gain::MeanAbs && !is_adam { 1.0 } else { 100.0 };
    let tau_rho = positive("synapse.tau_rho", *wire.tau_rho.get_or_insert(slow), SECONDS)?;
    let epsilon = demand(
        "synapse.epsilon",
        wire.epsilon,
        (0.0..=1e100).contains(&wire.epsilon),
        "from 0 to 1e100",
        "it limits the gain to 1/epsilon, such as 1e-3",
    )?;
    let m0 = finite("synapse.m0", wire.m0)?;
    let rho0 = gain("synapse.rho0", wire.rho0)?;
    let bias_correction = bias_correction(wire, is_adam)?;
    let critical_period = critical_period(wire)?;
    let (w_max, kappa) = weight_dependence(wire, mode)?;
    let gain = wire.gain;
    let rule = match wire.rule {
        RuleName::BioAdam => RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon },
        RuleName::Adam | RuleName::DiscreteAdam => {
            RuleSpec::Adam { tau_m, tau_v: tau_rho, epsilon, bias_correction }
        }
        RuleName::Rmsprop => RuleSpec::RmsProp { gain, tau_rho, epsilon },
        RuleName::Momentum => RuleSpec::Momentum { tau_m },
        RuleName::Sgd | RuleName::DiscreteSgd => RuleSpec::Sgd,
    };
    Ok(Synapse { rule, eta, w_max, critical_period, kappa, m0, rho0 })
}

/// Whether Adam's moments are corrected for a start at 0, which they then must have.
fn bias_correction(wire: &mut wire::Synapse, is_adam: bool) -> Checked<bool> {
    if !is_adam {
        return match wire.bias_correction {
            None => Ok(false),
            Some(_) => refuse(
                "synapse.bias_correction",
                "has no effect: this rule has no moments to correct",
                "leave it out, or take rule = \"adam\"",
            ),
        };
    }
    let corrected = *wire.bias_correction.get_or_insert(true);
    if corrected && wire.m0 != 0.0 {
        return refuse(
            "synapse.m0",
            format!("is {:?}, but bias correction is for moments that start at 0", wire.m0),
            "set m0 = 0, or bias_correction = false",
        );
    }
    Ok(corrected)
}

/// A bound that loosens with age, which stands in place of `w_max`.
fn critical_period(wire: &wire::Synapse) -> Checked<Option<CriticalPeriod>> {
    let Some(period) = wire.critical_period else { return Ok(None) };
    if wire.w_max.is_some() {
        return refuse(
            "synapse.w_max",
            "has no effect beside critical_period, which gives the bound at every age",
            "keep one of the two",
        );
    }
    positive("synapse.critical_period.w_start", period.w_start, "it is the bound at the start")?;
    if period.w_end != f64::INFINITY {
        positive(
            "synapse.critical_period.w_end",
            period.w_end,
            "it is the bound in the end; `inf` for none",
        )?;
    }
    positive("synapse.critical_period.tau_age", period.tau_age, SECONDS)?;
    Ok(Some(period))
}

/// Soft bound and leak, which decide together with the feedback mode whether `w - b` contracts.
fn weight_dependence(wire: &mut wire::Synapse, mode: FeedbackMode) -> Checked<(f64, f64)> {
    let bound = if mode == FeedbackMode::Predisposition { 1.0 } else { f64::INFINITY };
    let leak = if mode == FeedbackMode::KolenPollack { 1e-3 } else { 0.0 };
    let aging = wire.critical_period.map(|period| period.w_start.max(period.w_end));
    let w_max = aging.unwrap_or_else(|| *wire.w_max.get_or_insert(bound));
    if w_max != f64::INFINITY {
        positive("synapse.w_max", w_max, "it is the soft bound of a weight; `inf` for none")?;
    }
    let kappa =
        non_negative("synapse.kappa", *wire.kappa.get_or_insert(leak), "the leak is in 1/s; 0 for none")?;
    match mode {
        FeedbackMode::KolenPollack if w_max.is_finite() || aging.is_some() => refuse(
            if aging.is_some() { "synapse.critical_period" } else { "synapse.w_max" },
            format!(
                "is {w_max:?}, but feedback \"kolen-pollack\" bounds no weight: w alone would be bounded and w - b would not contract"
            ),
            "leave the bound out, or take feedback.mode = \"predisposition\"",
        ),
        FeedbackMode::KolenPollack if kappa == 0.0 => refuse(
            "synapse.kappa",
            "is 0, but it is what makes w - b contract with feedback \"kolen-pollack\"",
            "give a leak such as 1e-3, or leave kappa out",
        ),
        FeedbackMode::Predisposition if w_max.is_infinite() && aging.is_none() && kappa == 0.0 => refuse(
            "synapse.w_max",
            "is inf with kappa = 0: nothing would make w - b contract with feedback \"predisposition\"",
            "give a bound such as 1.0, a leak kappa, or feedback.mode = \"fixed\"",
        ),
        _ => Ok((w_max, kappa)),
    }
}

pub(super) fn feedback(
    wire: &mut wire::Feedback,
    mode: FeedbackMode,
    synapse: &Synapse,
) -> Checked<Feedback> {
    let mut feedback = Feedback {
        mode,
        traces: wire.traces,
        m0: synapse.m0,
        rho0: synapse.rho0,
        mirror: mirror(wire, mode)?,
    };
    if !feedback.learns() && wire.traces == Traces::Own {
        return refuse(
            "feedback.traces",
            "is \"own\", but the feedback weights of this mode do not learn and have no traces",
            if synapse.rule == RuleSpec::Model {
                "leave it out: a model says itself what drives b"
            } else {
                "leave it out, or take mode \"predisposition\" or \"kolen-pollack\""
            },
        );
    }
    if wire.traces == Traces::Own && synapse.rule.locals().is_empty() {
        return refuse(
            "feedback.traces",
            "is \"own\", but this rule has no traces: both drives are the same",
            "leave it out",
        );
    }
    if feedback.has_own_traces() {
        feedback.m0 = finite("feedback.m0", *wire.m0.get_or_insert(synapse.m0))?;
        feedback.rho0 = gain("feedback.rho0", *wire.rho0.get_or_insert(synapse.rho0))?;
    } else if let Some(key) = wire.m0.map(|_| "feedback.m0").or(wire.rho0.map(|_| "feedback.rho0")) {
        return refuse(
            key,
            "has no effect: the feedback synapse has no traces of its own here",
            "leave it out, or set feedback.traces = \"own\"",
        );
    }
    Ok(feedback)
}

/// The phases of feedback "weight-mirror".
fn mirror(wire: &mut wire::Feedback, mode: FeedbackMode) -> Checked<Mirror> {
    if mode != FeedbackMode::WeightMirror {
        return match wire.mirror {
            None => Ok(Mirror::default()),
            Some(_) => refuse(
                "feedback.mirror",
                "has no effect: only mode \"weight-mirror\" has phases",
                "leave it out, or take feedback.mode = \"weight-mirror\"",
            ),
        };
    }
    let mirror = *wire.mirror.get_or_insert_default();
    count("feedback.mirror.every", mirror.every, 1..=1_000_000_000, "presentations from phase to phase")?;
    count("feedback.mirror.samples", mirror.samples, 1..=1_000_000, "noise samples in a phase")?;
    positive("feedback.mirror.sigma", mirror.sigma, "it is the spread of the noise, such as 1.0")?;
    non_negative("feedback.mirror.eta", mirror.eta, "it is in 1/s, such as 0.1")?;
    non_negative("feedback.mirror.kappa", mirror.kappa, "it is in 1/s, such as 0.1; 0 for none")?;
    Ok(mirror)
}
