//! The whole system `dy/dt = f(t, y)`: neuron signals first, then every synapse on its own.
//!
//! The right-hand side is written once, for any [`Real`]: with dual numbers it gives products with the Jacobian.

use crate::layout::{Block, Layout};
use crate::network::{Architecture, Signals};
use crate::stream::{Drive, Segment};
use crate::synapse::{Coordinate, Feedback, Real, Rule, RuleVisitor, Synapse, WeightDependence};

/// Derivatives beyond this are cut to it, so that an overflowing trial step is rejected by its size: solvers may
/// take NaN for success.
const LARGEST_DERIVATIVE: f64 = 1e50;

/// The state at one moment, in the model's own variables (`rho`, never `v`), arranged as a [`Layout`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The time, s.
    pub t: f64,
    /// The values.
    pub values: Vec<f64>,
}

/// Where the gradient signal of each synapse comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From the activities and errors of a network.
    Network(Architecture),
    /// From a protocol, times a factor for each synapse.
    Protocol {
        /// The factors.
        scale: Vec<f64>,
    },
}

/// The system of equations.
#[derive(Clone, Debug)]
pub struct Dynamics {
    /// Where each variable lives.
    pub layout: Layout,
    /// Where `g` comes from.
    pub source: Source,
    /// The synapse's own dynamics.
    pub synapse: Synapse,
    /// The feedback pathway.
    pub feedback: Feedback,
    /// Variable in which the gain is integrated.
    pub coordinate: Coordinate,
}

/// Room for one evaluation: the signals.
#[derive(Clone, Debug)]
pub struct Workspace<T = f64> {
    /// Activities and errors; in a protocol `delta[0]` holds `g` of each synapse.
    pub signals: Signals<T>,
    one: [T; 1],
}

impl Dynamics {
    /// The system for `source` with these synapses.
    #[must_use]
    pub fn new(source: Source, synapse: Synapse, feedback: Feedback, coordinate: Coordinate) -> Self {
        let variables = |has_feedback: bool| {
            let mut names = vec!["w"];
            names.extend(synapse.rule.locals());
            if has_feedback && feedback.has_weight() {
                names.push("b");
                if feedback.has_own_traces() {
                    names.extend(synapse.rule.locals().iter().map(|name| own_name(name)));
                }
            }
            names
        };
        let block = |name: String, layer, is_bias, post, pre, has_feedback| Block {
            name,
            layer,
            is_bias,
            post,
            pre,
            variables: variables(has_feedback),
            offset: 0,
        };
        let layout = match &source {
            Source::Protocol { scale } => {
                Layout::new([block("s".to_owned(), 0, false, scale.len(), 1, true)])
            }
            Source::Network(network) => Layout::new((1..=network.depth()).flat_map(|l| {
                let (pre, post) = (network.layers[l - 1], network.layers[l]);
                let weights = block(format!("l{l}"), l, false, post, pre, l > 1);
                let bias = network.bias.then(|| block(format!("l{l}.bias"), l, true, post, 1, false));
                std::iter::once(weights).chain(bias)
            })),
        };
        Self { layout, source, synapse, feedback, coordinate }
    }

    /// Room for evaluations.
    #[must_use]
    pub fn workspace<T: Real>(&self) -> Workspace<T> {
        let signals = match &self.source {
            Source::Network(network) => Signals::zeros(network),
            Source::Protocol { scale } => {
                Signals { x: Vec::new(), delta: vec![vec![T::zero(); scale.len()]], target: Vec::new() }
            }
        };
        Workspace { signals, one: [T::one()] }
    }

    /// Activities and errors at time `t` within `segment`, for the state `y`.
    pub fn signals<T: Real>(&self, segment: &Segment, t: f64, y: &[T], workspace: &mut Workspace<T>) {
        let signals = &mut workspace.signals;
        match &self.source {
            Source::Protocol { scale } => {
                let g = gradient(segment, t);
                for (delta, scale) in signals.delta[0].iter_mut().zip(scale) {
                    *delta = T::from(scale * g);
                }
            }
            Source::Network(network) => {
                present(segment, t, &mut signals.x[0], &mut signals.target);
                signals.forward(network, |l| self.weights(y, l));
                signals.backward(network, |l| self.feedback_weights(y, l));
            }
        }
    }

    /// `W_l` and the biases of layer `l` (empty for none) within `y`.
    #[must_use]
    pub fn weights<'a, T>(&self, y: &'a [T], l: usize) -> (&'a [T], &'a [T]) {
        let blocks = self.layout.blocks.iter().filter(|block| block.layer == l);
        let (mut w, mut bias): (&[T], &[T]) = (&[], &[]);
        for block in blocks {
            *(if block.is_bias { &mut bias } else { &mut w }) = &y[block.range(0)];
        }
        (w, bias)
    }

    /// The weights within `y` that carry the error of layer `l` down, stored as `W_l` is.
    #[must_use]
    pub fn feedback_weights<'a, T>(&self, y: &'a [T], l: usize) -> &'a [T] {
        let block = self.layout.blocks.iter().find(|block| block.layer == l && !block.is_bias);
        block.map_or(&[], |block| &y[block.range(block.slot("b").unwrap_or(0))])
    }

    /// Errors of the postsynaptic and activities of the presynaptic units of a block: `g_ij = delta_i x_j`.
    #[must_use]
    pub fn factors<'a, T>(&self, block: &Block, workspace: &'a Workspace<T>) -> (&'a [T], &'a [T]) {
        let signals = &workspace.signals;
        let x =
            if block.is_bias || block.layer == 0 { &workspace.one[..] } else { &signals.x[block.layer - 1] };
        (&signals.delta[block.layer], x)
    }

    /// The right-hand side at time `t` within `segment`.
    ///
    /// # Shapes
    /// `y` and `dydt` have the layout's length and hold the gain in [`Dynamics::coordinate`].
    pub fn derivative<T: Real>(
        &self,
        segment: &Segment,
        t: f64,
        y: &[T],
        dydt: &mut [T],
        workspace: &mut Workspace<T>,
    ) {
        self.signals(segment, t, y, workspace);
        let evaluation = Evaluation { dynamics: self, y, dydt, workspace };
        self.synapse.rule.visit(self.synapse.eta, self.coordinate, evaluation);
    }

    /// The drive `u` in 1/s of a synapse with these local variables (the model's own) and this `g`.
    #[must_use]
    pub fn drive(&self, locals: &[f64], g: f64) -> f64 {
        self.synapse.rule.visit(self.synapse.eta, Coordinate::Rho, Drives { locals, g })
    }

    /// Turns the model's own variables into the integrated ones, in place.
    pub fn integrated(&self, values: &mut [f64]) {
        self.each_gain(values, |rho| (rho * rho).recip());
    }

    /// Turns the integrated variables into the model's own, in place.
    pub fn own(&self, values: &mut [f64]) {
        self.each_gain(values, |v| v.sqrt().recip());
    }

    fn each_gain(&self, values: &mut [f64], convert: impl Fn(f64) -> f64) {
        for block in &self.layout.blocks {
            for slot in (0..block.variables.len()).filter(|slot| self.is_inverse_square(block, *slot)) {
                values[block.range(slot)].iter_mut().for_each(|value| *value = convert(*value));
            }
        }
    }

    /// Whether the variable at `slot` is a gain that is integrated as `v = rho^-2`.
    #[must_use]
    pub fn is_inverse_square(&self, block: &Block, slot: usize) -> bool {
        self.coordinate == Coordinate::V && block.variables[slot].starts_with("rho")
    }
}

/// The name that a local variable has in the feedback synapse.
fn own_name(name: &str) -> &'static str {
    match name {
        "m" => "m_b",
        "rho" => "rho_b",
        _ => unreachable!("every local variable of a rule has a name for its feedback twin"),
    }
}

/// The gradient signal of a protocol.
pub(crate) fn gradient(segment: &Segment, t: f64) -> f64 {
    match &segment.drive {
        Drive::Linear { g0, g1 } => g0 + (g1 - g0) * segment.fraction(t),
        Drive::Sine { mean, amplitude, period } => {
            mean + amplitude * (std::f64::consts::TAU * t / period).sin()
        }
        Drive::Hold { .. } | Drive::Fade { .. } => 0.0,
    }
}

/// The input and target that a network sees.
pub(crate) fn present<T: Real>(segment: &Segment, t: f64, input: &mut [T], target: &mut [T]) {
    match &segment.drive {
        Drive::Hold { x, y } => {
            input.iter_mut().zip(x).for_each(|(to, from)| *to = T::from(*from));
            target.iter_mut().zip(y).for_each(|(to, from)| *to = T::from(*from));
        }
        Drive::Fade { x0, x1, y0, y1 } => {
            let s = segment.fraction(t);
            let mix = |to: &mut [T], a: &[f64], b: &[f64]| {
                to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to = T::from(a + (b - a) * s));
            };
            mix(input, x0, x1);
            mix(target, y0, y1);
        }
        Drive::Linear { .. } | Drive::Sine { .. } => {}
    }
}

/// One evaluation of the drive of one synapse.
struct Drives<'a> {
    locals: &'a [f64],
    g: f64,
}

impl RuleVisitor for Drives<'_> {
    type Out = f64;
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) -> f64 {
        rule.drive(std::array::from_fn(|k| self.locals[k]), self.g)
    }
}

/// One evaluation of the right-hand side, once the signals are known.
struct Evaluation<'a, T> {
    dynamics: &'a Dynamics,
    y: &'a [T],
    dydt: &'a mut [T],
    workspace: &'a Workspace<T>,
}

impl<T: Real> RuleVisitor for Evaluation<'_, T> {
    type Out = ();
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) {
        let Dynamics { layout, synapse, feedback, .. } = self.dynamics;
        let forward = synapse.weight_dependence();
        for block in &layout.blocks {
            let factors = self.dynamics.factors(block, self.workspace);
            let place = block.offset..block.offset + block.len();
            let (y, dydt) = (&self.y[place.clone()], &mut self.dydt[place]);
            let backward = block.slot("b").map(|slot| Backward {
                slot,
                weight: feedback.weight_dependence(forward),
                own: feedback.has_own_traces(),
            });
            synapses(rule, forward, backward.as_ref(), factors, y, dydt);
        }
    }
}

/// The feedback weights of a block: their slot, and how they learn (`None`: not at all).
struct Backward {
    slot: usize,
    weight: Option<WeightDependence>,
    own: bool,
}

/// Derivatives of every variable of a block.
fn synapses<const N: usize, T: Real, R: Rule<N>>(
    rule: R,
    forward: WeightDependence,
    backward: Option<&Backward>,
    (delta, x): (&[T], &[T]),
    y: &[T],
    dydt: &mut [T],
) {
    let pre = x.len();
    let n = delta.len() * pre;
    for (i, delta) in delta.iter().enumerate() {
        for (j, x) in x.iter().enumerate() {
            let s = i * pre + j;
            let g = *delta * *x;
            let (u, rates) = local(&rule, g, |k| y[(1 + k) * n + s]);
            dydt[s] = limited(forward.derivative(u, y[s]));
            rates.into_iter().enumerate().for_each(|(k, rate)| dydt[(1 + k) * n + s] = limited(rate));
            let Some(Backward { slot, weight, own }) = backward else { continue };
            let mut u = u;
            if *own {
                let first = slot + 1;
                let (u_b, rates) = local(&rule, g, |k| y[(first + k) * n + s]);
                rates.into_iter().enumerate().for_each(|(k, rate)| dydt[(first + k) * n + s] = limited(rate));
                u = u_b;
            }
            let rate = weight.map_or(T::zero(), |weight| weight.derivative(u, y[slot * n + s]));
            dydt[slot * n + s] = limited(rate);
        }
    }
}

/// Drive and derivatives of one synapse's local variables.
#[inline]
fn local<const N: usize, T: Real, R: Rule<N>>(rule: &R, g: T, value: impl Fn(usize) -> T) -> (T, [T; N]) {
    let local = std::array::from_fn(value);
    (rule.drive(local, g), rule.derivative(local, g))
}

/// Cuts a derivative to [`LARGEST_DERIVATIVE`]; NaN becomes the largest.
#[inline]
fn limited<T: Real>(rate: T) -> T {
    if rate.re().abs() <= LARGEST_DERIVATIVE { rate } else { T::from(LARGEST_DERIVATIVE.copysign(rate.re())) }
}
