//! What all synapses share over a step: exponentials and their moments, computed once.

use super::relax::Relaxation;
use crate::synapse::{Gain, RuleSpec, Synapse, WeightDependence};

/// Constants of the synapses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// How the gain adapts.
    pub gain: Gain,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// Time constant of the momentum trace, s.
    pub tau_m: f64,
    /// Time constant of the gain, s.
    pub tau_rho: f64,
    /// Gain limit.
    pub epsilon: f64,
    /// Weight dependence of `w`.
    pub forward: WeightDependence,
    /// Weight dependence of `b`, where it learns.
    pub backward: Option<WeightDependence>,
    /// Relative tolerance, for the closed forms that are cut series.
    pub rtol: f64,
}

impl Constants {
    /// Those of `synapse`, if its rule is one that the engine has closed forms for.
    #[must_use]
    pub fn new(synapse: &Synapse, backward: Option<WeightDependence>, rtol: f64) -> Option<Self> {
        let RuleSpec::BioAdam { gain, tau_m, tau_rho, epsilon } = synapse.rule else { return None };
        let forward = synapse.weight_dependence(0.0);
        Some(Self { gain, eta: synapse.eta, tau_m, tau_rho, epsilon, forward, backward, rtol })
    }

    /// Longest stretch of silence, s, over which `v` is taken as a quadratic in `p = 1 - exp(-t/tau_m)`.
    ///
    /// There `v - epsilon^2` is a power `a = tau_m/tau_rho` of `1 - p`. Simpson's rule on its logarithm is off by `2e-3 a`
    /// over one `tau_m`, growing with the fourth power, half of which reaches `rho`.
    fn longest_stretch(&self) -> f64 {
        let power = self.tau_m / self.tau_rho;
        let stretch = (self.rtol / (1e-2 * power)).powf(0.25).clamp(0.2, 3.0);
        self.tau_m * stretch.min(0.5 / power)
    }

    /// Whether every weight that learns has the soft bound and no leak: identity 2 holds as it stands.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let bounded = |weight: WeightDependence| weight.leak == 0.0 && weight.inverse_bound > 0.0;
        bounded(self.forward) && self.backward.is_none_or(bounded)
    }
}

/// The part `theta` of a step of length `h`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Factors {
    /// The part.
    pub theta: f64,
    /// Its length `theta h`, s.
    pub span: f64,
    /// `-eta theta h`: turns a mean of `rho m` into an integral of `u`.
    pub drive: f64,
    /// Momentum trace, to the middle and the end of the part.
    pub m: [Relaxation; 2],
    /// `v`, likewise.
    pub v: [Relaxation; 2],
    /// What `epsilon^2` adds to `v`, likewise.
    pub floor: [f64; 2],
    /// `h / tau_rho`.
    pub rate: f64,
    /// `epsilon`.
    pub epsilon: f64,
    /// Learning rate, 1/s.
    pub eta: f64,
    /// 1 where kinks are to be cut out, 0 where they may be passed over: in a first prediction they are of third order.
    pub kink: f64,
    /// Weight dependence of `w` and of `b`.
    pub weight: [Bound; 2],
}

/// Weight dependence over a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bound {
    /// `1 / w_max`.
    pub inverse: f64,
    /// `w_max`.
    pub limit: f64,
    /// Leak, 1/s.
    pub leak: f64,
}

impl From<WeightDependence> for Bound {
    fn from(weight: WeightDependence) -> Self {
        Self { inverse: weight.inverse_bound, limit: weight.inverse_bound.recip(), leak: weight.leak }
    }
}

impl Factors {
    /// Those of the part `theta` of a step of length `h`.
    #[must_use]
    pub fn new(constants: &Constants, h: f64, theta: f64) -> Self {
        let parts = |tau: f64| [0.5 * theta, theta].map(|part| Relaxation::new(h / tau, part));
        let v = parts(constants.tau_rho);
        let floor = constants.epsilon * constants.epsilon;
        Self {
            theta,
            span: theta * h,
            drive: -constants.eta * theta * h,
            m: parts(constants.tau_m),
            v,
            floor: v.map(|relaxation| relaxation.gained() * floor),
            rate: h / constants.tau_rho,
            epsilon: constants.epsilon,
            eta: constants.eta,
            kink: 1.0,
            weight: weights(constants),
        }
    }
}

fn weights(constants: &Constants) -> [Bound; 2] {
    [constants.forward.into(), constants.backward.unwrap_or(constants.forward).into()]
}

/// A stretch of a gap within which a synapse is silent (`g = 0`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Idle {
    /// Its length, s.
    pub span: f64,
    /// What is left of `m` at the end.
    pub m: f64,
    /// What is left of `v - epsilon^2` in the middle (in `1 - exp(-t/tau_m)`) and at the end.
    pub v: [f64; 2],
    /// `epsilon^2`.
    pub floor: f64,
    /// Integral of `u` per `m(0)` and mean `rho` (rms).
    pub drive: f64,
    /// Mean-abs: what is left of `rho - 1/epsilon`, and the limit that `rho` gains.
    pub rho: [f64; 2],
    /// Mean-abs: integral of `u` per `m(0) rho(0)`, and per `m(0)`.
    pub drives: [f64; 2],
    /// First moment of `u` about the middle, per fall of `rho m`, s.
    pub moment: f64,
    /// Weight dependence of `w` and of `b`.
    pub weight: [Bound; 2],
}

/// Where less than this is left of `m`, no weight feels it: 2^-53 of the first stretch.
const FADED: f64 = 40.0;
/// Largest leak over one stretch.
const LEAK: f64 = 0.02;

impl Idle {
    /// Cuts a gap into stretches.
    #[must_use]
    pub fn cut(constants: &Constants, gap: f64) -> Vec<Self> {
        let leak = constants.forward.leak.max(constants.backward.map_or(0.0, |weight| weight.leak));
        let mut longest = match constants.gain {
            Gain::Rms => constants.longest_stretch(),
            Gain::MeanAbs => f64::INFINITY,
        };
        if leak > 0.0 {
            longest = longest.min(LEAK / leak).min(0.5 * constants.tau_m);
        }
        let felt = gap.min(FADED * constants.tau_m);
        let count = (felt / longest).ceil().max(1.0);
        let mut stretches: Vec<f64> = (0..count as usize).map(|_| felt / count).collect();
        if gap > felt {
            stretches.push(gap - felt);
        }
        stretches.into_iter().map(|span| Self::new(constants, span)).collect()
    }

    fn new(constants: &Constants, span: f64) -> Self {
        let Constants { eta, tau_m, tau_rho, epsilon, .. } = *constants;
        let spent = -(-span / tau_m).exp_m1();
        // The middle in p = 1 - exp(-t/tau_m), where half of the stretch's m has gone.
        let middle = -tau_m * (-0.5 * spent).ln_1p();
        let left = |t: f64| (-t / tau_rho).exp();
        // Mean-abs: m rho is a sum of two exponentials.
        let fast = tau_m.recip() + epsilon / tau_rho;
        let kept = -(-span * fast).exp_m1() / fast;
        let gained = tau_m * spent - kept;
        Self {
            span,
            m: 1.0 - spent,
            v: [left(middle), left(span)],
            floor: epsilon * epsilon,
            drive: -eta * tau_m * spent,
            rho: [(-epsilon * span / tau_rho).exp(), limit(epsilon, span / tau_rho)],
            drives: [
                -eta * kept,
                if epsilon > 0.0 { -eta * gained / epsilon } else { unlimited(tau_m, span, tau_rho) * -eta },
            ],
            moment: eta * span * span / 12.0,
            weight: weights(constants),
        }
    }
}

/// What `rho` gains in silence over `x = t / tau_rho`: `(1 - exp(-epsilon x)) / epsilon`.
fn limit(epsilon: f64, x: f64) -> f64 {
    if epsilon > 0.0 { -(-epsilon * x).exp_m1() / epsilon } else { x }
}

/// Integral of `exp(-t/tau_m) t / tau_rho`.
fn unlimited(tau_m: f64, span: f64, tau_rho: f64) -> f64 {
    let x = span / tau_m;
    tau_m * tau_m / tau_rho * (1.0 - (1.0 + x) * (-x).exp())
}
