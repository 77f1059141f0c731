//! `[synapse]`: a rule with its parameters, or a model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::synapse::{CriticalPeriod, Gain, RuleName};

/// `[synapse]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Synapse {
    /// A file of `DiffSL` text, or the name of a model that ships, in place of all keys that a rule has.
    pub model: Option<String>,
    /// Parameters and initial values of the model.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, f64>,
    /// The plasticity rule.
    pub rule: RuleName,
    /// How the gain adapts.
    pub gain: Gain,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Time constant of the momentum trace, s.
    pub tau_m: f64,
    /// Time constant of the gain, and of the second moment of "adam", s; 1 for gain "mean-abs", otherwise 100.
    pub tau_rho: Option<f64>,
    /// Gain limit: `rho <= 1/epsilon`; in "adam" it is added to the root.
    pub epsilon: f64,
    /// Whether the moments of "adam" are corrected for their start at 0; true for "adam" and "discrete-adam".
    pub bias_correction: Option<bool>,
    /// Initial momentum trace.
    pub m0: f64,
    /// Initial gain.
    pub rho0: f64,
    /// Soft bound of weights; 1 for feedback "predisposition", otherwise none (`inf`).
    pub w_max: Option<f64>,
    /// A soft bound that loosens with age, in place of `w_max`.
    pub critical_period: Option<CriticalPeriod>,
    /// Leak of weights, 1/s; 1e-3 for feedback "kolen-pollack", otherwise 0.
    pub kappa: Option<f64>,
}

impl Default for Synapse {
    fn default() -> Self {
        Self {
            model: None,
            parameters: BTreeMap::new(),
            rule: RuleName::BioAdam,
            gain: Gain::Rms,
            eta: 0.01,
            tau_m: 1.0,
            tau_rho: None,
            epsilon: 1e-3,
            bias_correction: None,
            m0: 0.0,
            rho0: 10.0,
            w_max: None,
            critical_period: None,
            kappa: None,
        }
    }
}

/// `[synapse]` with a model.
#[derive(Serialize)]
struct OfModel<'a> {
    model: &'a str,
    parameters: &'a BTreeMap<String, f64>,
}

/// Writes the keys that apply: with a model, those of rules have no meaning.
pub(super) fn what_applies<S: Serializer>(synapse: &Synapse, serializer: S) -> Result<S::Ok, S::Error> {
    match &synapse.model {
        Some(model) => OfModel { model, parameters: &synapse.parameters }.serialize(serializer),
        None => synapse.serialize(serializer),
    }
}
