//! What the engine needs to know of a rule: `u = -eta rho d`, what `d` is, and how `rho` comes about.

use super::phi::SHORT;
use crate::synapse::{CriticalPeriod, Gain, RuleSpec, Synapse, WeightDependence};

/// What a weight is driven by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// `d = m`, the momentum trace.
    Trace,
    /// `d = g`, the gradient signal itself.
    Signal,
}

/// The factor `rho` of the drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// `rho = 1`.
    Unit,
    /// `tau_rho drho/dt = rho (1 - rho^2 (g^2 + epsilon^2)) / 2`.
    Rms,
    /// `tau_rho drho/dt = 1 - rho (|g| + epsilon)`.
    MeanAbs,
    /// `rho = 1 / (sqrt(v) + epsilon)`, `tau_rho dv/dt = g^2 - v`, stored as `v`.
    Root,
}

/// Constants of the synapses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// What drives the weights.
    pub driver: Driver,
    /// How it is scaled.
    pub scale: Scale,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Time constant of the momentum trace, s; infinite where there is none.
    pub tau_m: f64,
    /// Time constant of the gain, s; infinite where there is none.
    pub tau_rho: f64,
    /// Gain limit, or what is added to the root.
    pub epsilon: f64,
    /// Whether `m` and `v` are corrected for their start at 0 (scale "root").
    pub is_corrected: bool,
    /// Weight dependence of `w`, at the start.
    pub forward: WeightDependence,
    /// Weight dependence of `b`, where it learns, at the start.
    pub backward: Option<WeightDependence>,
    /// How the soft bound changes with age.
    pub period: Option<CriticalPeriod>,
    /// Relative tolerance, for the closed forms that are cut series.
    pub rtol: f64,
    /// Largest relative change of `rho` whose cube, times 5/8, is within a hundredth of the tolerance, and fourth power,
    /// times 35/8.
    pub slight: f64,
    /// Largest exponent of a weight whose cube is within a hundredth of the tolerance, over 24.
    pub faint: f64,
}

impl Constants {
    /// Those of `synapse`.
    #[must_use]
    pub fn new(synapse: &Synapse, backward: Option<WeightDependence>, rtol: f64) -> Self {
        let scale_of = |gain| if gain == Gain::Rms { Scale::Rms } else { Scale::MeanAbs };
        let none = f64::INFINITY;
        let (driver, scale, tau_m, tau_rho, epsilon) = match synapse.rule {
            RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon } => {
                (Driver::Trace, scale_of(gain), tau_m, tau_rho, epsilon)
            }
            RuleSpec::Adam { tau_m, tau_v, epsilon, .. } => {
                (Driver::Trace, Scale::Root, tau_m, tau_v, epsilon)
            }
            RuleSpec::RmsProp { gain, tau_rho, epsilon } => {
                (Driver::Signal, scale_of(gain), none, tau_rho, epsilon)
            }
            RuleSpec::Momentum { tau_m } => (Driver::Trace, Scale::Unit, tau_m, none, 0.0),
            // A model is refused before it comes here.
            RuleSpec::Sgd | RuleSpec::Model => (Driver::Signal, Scale::Unit, none, none, 0.0),
        };
        let is_corrected = matches!(synapse.rule, RuleSpec::Adam { bias_correction: true, .. });
        let (eta, forward) = (synapse.eta, synapse.weight_dependence(0.0));
        let period = synapse.critical_period;
        let slight = (0.016 * rtol).cbrt().min((0.0022 * rtol).powf(0.25)).min(1.0 / 32.0);
        let faint = (0.24 * rtol).cbrt().min(SHORT);
        Self {
            driver,
            scale,
            eta,
            tau_m,
            tau_rho,
            epsilon,
            is_corrected,
            forward,
            backward,
            period,
            rtol,
            slight,
            faint,
        }
    }

    /// Longest time, s, over which the bound may be taken for that of its middle: what its change leaves out of the exponent
    /// is of second order.
    #[must_use]
    pub fn ageless(&self) -> f64 {
        let tau_age = self.period.map_or(f64::INFINITY, |period| period.tau_age);
        (12.0 * self.rtol).sqrt() * tau_age.min((tau_age * self.tau_m).sqrt())
    }

    /// Largest leak of a weight, 1/s.
    #[must_use]
    pub fn leak(&self) -> f64 {
        self.forward.leak.max(self.backward.map_or(0.0, |weight| weight.leak))
    }
}
