//! Silence: a synapse with `g = 0` through a gap of any length, in closed form.
//!
//! The drive is `u = -eta rho m` with `m = m(0) exp(-t/tau_m)`, so that in `p = 1 - exp(-t/tau_m)` its integral is that of `rho`.
//! A signal-driven weight rests but for its leak.

use pulp::Simd;

use super::careful::{piece, within};
use super::factors::{Bound, weights};
use super::flow::follow;
use super::gain::{inverse_root, series_limit};
use super::lane::Lane;
use super::pack::Pack;
use super::phi::SHORT;
use super::rule::{Constants, Driver, Scale};

/// A stretch of a gap within which a synapse is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Idle {
    /// Its length, s.
    pub span: f64,
    /// What is left of `m` at the end.
    pub m: f64,
    /// Rms, root: `exp(-t/tau_rho) - 1` in the middle (in `p`) and at the end.
    pub fade: [f64; 2],
    /// Largest relative change of `v` that the short series takes.
    pub light: f64,
    /// `epsilon`.
    pub epsilon: f64,
    /// Integral of `u` per `m(0)` and mean `rho`.
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

/// Cuts gaps into stretches, given what all of them share.
#[derive(Clone, Copy, Debug)]
pub struct Cutter {
    constants: Constants,
    /// Longest stretch that is felt, s.
    longest: f64,
    light: f64,
}

impl Cutter {
    /// For synapses with these constants.
    #[must_use]
    pub fn new(constants: &Constants) -> Self {
        let leak = constants.leak();
        let mut longest: f64 = match constants.scale {
            Scale::Rms | Scale::Root => longest_stretch(constants),
            Scale::MeanAbs | Scale::Unit => f64::INFINITY,
        }
        .min(constants.ageless());
        if leak > 0.0 {
            longest = longest.min(LEAK / leak).min(0.5 * constants.tau_m);
        }
        Self { constants: *constants, longest, light: series_limit(constants.rtol) }
    }

    /// Adds the stretches of the gap from `from` to `to`.
    pub fn cut(&self, from: f64, to: f64, stretches: &mut Vec<Idle>) {
        let gap = to - from;
        let is_driven = self.constants.driver == Driver::Trace;
        let felt = if is_driven { gap.min(FADED * self.constants.tau_m) } else { 0.0 };
        let count = (felt / self.longest).ceil().max(1.0);
        let span = felt / count;
        if felt > 0.0 {
            let starts = (0..count as usize).map(|k| from + k as f64 * span);
            stretches.extend(starts.map(|start| self.stretch(start, span)));
        }
        if gap > felt {
            stretches.push(self.stretch(from + felt, gap - felt));
        }
    }

    /// Those stretches alone.
    #[must_use]
    pub fn stretches(&self, from: f64, to: f64) -> Vec<Idle> {
        let mut stretches = Vec::new();
        self.cut(from, to, &mut stretches);
        stretches
    }

    /// A stretch of length `span` from `t` on.
    fn stretch(&self, t: f64, span: f64) -> Idle {
        let Constants { eta, tau_m, tau_rho, epsilon, driver, scale, .. } = self.constants;
        let is_driven = driver == Driver::Trace;
        let spent = if is_driven { -(-span / tau_m).exp_m1() } else { 0.0 };
        let felt = if is_driven { tau_m * spent } else { 0.0 };
        let mut idle = Idle {
            span,
            m: 1.0 - spent,
            light: self.light,
            epsilon,
            drive: -eta * felt,
            moment: eta * span * span / 12.0,
            weight: weights(&self.constants, t + 0.5 * span),
            ..Idle::default()
        };
        match scale {
            Scale::Unit => {}
            Scale::Rms | Scale::Root => {
                // The middle in p = 1 - exp(-t/tau_m), where half of the stretch's m has gone.
                let middle = if is_driven { -tau_m * (-0.5 * spent).ln_1p() } else { 0.5 * span };
                idle.fade = [middle, span].map(|t| (-t / tau_rho).exp_m1());
            }
            Scale::MeanAbs => {
                // m rho is a sum of two exponentials.
                let fast = tau_m.recip() + epsilon / tau_rho;
                let kept = if is_driven { -(-span * fast).exp_m1() / fast } else { 0.0 };
                let gained = felt - kept;
                let late = if epsilon > 0.0 { gained / epsilon } else { unlimited(tau_m, span, tau_rho) };
                idle.rho = [(-epsilon * span / tau_rho).exp(), limit(epsilon, span / tau_rho)];
                idle.drives = if is_driven { [-eta * kept, -eta * late] } else { [0.0; 2] };
            }
        }
        idle
    }
}

/// Longest stretch of silence, s, over which `v` is taken as a quadratic in `p = 1 - exp(-t/tau_m)`.
///
/// There `v - epsilon^2` is a power `a = tau_m/tau_rho` of `1 - p`. Simpson's rule on its logarithm is off by `2e-3 a`
/// over one `tau_m`, growing with the fourth power, half of which reaches `rho`.
fn longest_stretch(constants: &Constants) -> f64 {
    let power = constants.tau_m / constants.tau_rho;
    let stretch = (constants.rtol / (1e-2 * power)).powf(0.25).clamp(0.02, 3.0);
    constants.tau_m * stretch.min(0.5 / power)
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

/// One set of traces at the end of a stretch, with what it did to the weights.
#[derive(Clone, Copy)]
pub struct Silence<P> {
    /// Momentum trace.
    pub m: P,
    /// Stored coordinate of the gain.
    pub c: P,
    /// Integral and first moment of `u`.
    whole: P,
    moment: P,
}

/// The local variables over a stretch of silence.
#[inline(always)]
pub fn silent<S: Simd, T: Lane>(
    scale: Scale,
    idle: &Idle,
    m: Pack<S, T>,
    c: Pack<S, T>,
) -> Silence<Pack<S, T>> {
    let left = m * m.constant(idle.m);
    let (one, zero) = (m.constant(1.0), m.constant(0.0));
    let (whole, end, rho) = match scale {
        Scale::Unit => (m * m.constant(idle.drive), c, [one; 2]),
        Scale::MeanAbs => {
            let drive = c.mul_add(m.constant(idle.drives[0]), m.constant(idle.drives[1]));
            let end = c.mul_add(m.constant(idle.rho[0]), m.constant(idle.rho[1]));
            (drive * m, end, [c, end])
        }
        Scale::Rms => {
            // v / v(0) - 1: what is above the floor fades.
            let above = (c * c).mul_add(m.constant(-idle.epsilon * idle.epsilon), one);
            let change = [above * m.constant(idle.fade[0]), above * m.constant(idle.fade[1])];
            let small = m.constant(idle.light) - change[0].abs().max(change[1].abs());
            let mut root = [inverse_root(change[0]), inverse_root(change[1])];
            if small.any_negative() {
                root[0] = small.select((change[0] + one).sqrt().recip(), root[0]);
                root[1] = small.select((change[1] + one).sqrt().recip(), root[1]);
            }
            let mean = root[0].mul_add(m.constant(4.0 / 6.0), (root[1] + one) * m.constant(1.0 / 6.0));
            (mean * c * m * m.constant(idle.drive), c * root[1], [c, c * root[1]])
        }
        Scale::Root => {
            let middle = c.mul_add(m.constant(idle.fade[0]), c);
            let end = c.mul_add(m.constant(idle.fade[1]), c);
            let rho = [inverse(idle, c), inverse(idle, middle), inverse(idle, end)];
            let mean = rho[1].mul_add(m.constant(4.0 / 6.0), (rho[0] + rho[2]) * m.constant(1.0 / 6.0));
            (mean * m * m.constant(idle.drive), end, [rho[0], rho[2]])
        }
    };
    let moment = if idle.weight.iter().any(|bound| bound.leak > 0.0) {
        (m * rho[0] - left * rho[1]) * m.constant(idle.moment)
    } else {
        zero
    };
    Silence { m: left, c: end, whole, moment }
}

/// `1 / (sqrt(v) + epsilon)`.
#[inline(always)]
fn inverse<S: Simd, T: Lane>(idle: &Idle, v: Pack<S, T>) -> Pack<S, T> {
    (v.max(v.constant(f64::from(f32::MIN_POSITIVE))).sqrt() + v.constant(idle.epsilon)).recip()
}

/// A weight over a stretch of silence.
#[inline(always)]
pub fn rest<S: Simd, T: Lane>(
    idle: &Idle,
    which: usize,
    w: Pack<S, T>,
    silence: &Silence<Pack<S, T>>,
) -> Pack<S, T> {
    let bound = &idle.weight[which];
    let whole = silence.whole;
    if bound.leak > 0.0 {
        return piece(w, whole, w.constant(idle.span), silence.moment, bound);
    }
    let lambda = whole.abs() * w.constant(bound.inverse);
    let (alarm, end) = (w.constant(SHORT) - lambda, follow(w, whole, lambda));
    if alarm.any_negative() { alarm.select(within(w, whole, bound), end) } else { end }
}
