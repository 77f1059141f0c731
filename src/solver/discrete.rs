//! Discrete rules: one step at the end of each presentation, as in machine learning. No equation is solved.
//!
//! With `T` the presentation time, the local variables move to `beta x + (1 - beta) target`, `beta = exp(-T/tau)`, and
//! `w` by `T (u - |u| w/w_max - kappa w)`. For `discrete-adam` this is Kingma & Ba 2015 (arXiv:1412.6980), for
//! `discrete-sgd` plain gradient descent.

use super::snapshot::Snapshot;
use super::trouble::last_good_of;
use super::{Integrator, Look, Statistics};
use crate::checkpoint::Archive;
use crate::dynamics::{Dynamics, State, Workspace};
use crate::error::{DataError, SolverError};
use crate::stream::Segment;
use crate::synapse::{Rule, RuleSpec, RuleVisitor, WeightDependence};

/// Steps once a presentation.
pub struct PerPresentation<'a> {
    dynamics: &'a Dynamics,
    state: State,
    segment: Segment,
    /// When the current presentation began, s.
    began: f64,
    workspace: Workspace,
    /// The state before the last step.
    good: State,
    steps: u64,
}

impl<'a> PerPresentation<'a> {
    /// Starts from `initial`.
    #[must_use]
    pub fn new(dynamics: &'a Dynamics, initial: &State) -> Self {
        Self {
            dynamics,
            state: initial.clone(),
            segment: Segment::default(),
            began: initial.t,
            workspace: dynamics.workspace(),
            good: initial.clone(),
            steps: 0,
        }
    }

    fn step(&mut self) -> Result<(), SolverError> {
        let Self { dynamics, state, segment, workspace, good, .. } = self;
        good.clone_from(state);
        dynamics.signals(segment, segment.t1, &state.values, workspace);
        let period = segment.t1 - self.began;
        let (rule, corrections) = corrected(dynamics.synapse.rule, segment.t1);
        let step = Step { dynamics, t: segment.t1, period, corrections, y: &mut state.values, workspace };
        rule.visit(dynamics.synapse.eta, dynamics.coordinate, step);
        self.steps += 1;
        let Some(index) = state.values.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        Err(SolverError {
            t: segment.t1,
            presentation: segment.presentation,
            place: dynamics.layout.place(index).map(|place| {
                let good = last_good_of(&dynamics.layout, &place, good.t, &good.values);
                format!("{place} = {}; {good}", state.values[index])
            }),
            reason: "the state is no longer finite".to_owned(),
            remedy: "lower `synapse.eta`, or raise `synapse.epsilon`".to_owned(),
        })
    }
}

impl Integrator for PerPresentation<'_> {
    fn begin(&mut self, segment: &Segment) -> Result<(), SolverError> {
        self.segment.clone_from(segment);
        self.state.t = segment.t0;
        if segment.starts {
            self.began = segment.t0;
        }
        Ok(())
    }

    fn look(&mut self, look: &mut Look) {
        let t = self.state.t;
        self.show(t, look);
    }

    fn advance(&mut self, times: &[f64], look: &mut Look) -> Result<(), SolverError> {
        for t in times {
            self.show(*t, look);
        }
        if self.segment.ends {
            self.step()?;
        }
        self.state.t = self.segment.t1;
        Ok(())
    }

    fn state(&self) -> State {
        self.state.clone()
    }

    fn set_state(&mut self, state: &State) {
        self.state.clone_from(state);
    }

    fn statistics(&self) -> Statistics {
        Statistics { steps: self.steps, evaluations: self.steps, ..Statistics::default() }
    }

    fn save(&self, to: &mut Archive) {
        to.put("solver.t", [self.state.t, self.began]);
        to.put("solver.y", self.state.values.iter().copied());
        self.statistics().save(to);
    }

    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.state.t, self.began] = from.get_all("solver.t")?;
        from.fill("solver.y", &mut self.state.values)?;
        self.steps = Statistics::restored(from)?.steps;
        Ok(())
    }
}

impl PerPresentation<'_> {
    fn show(&mut self, t: f64, look: &mut Look) {
        let Self { dynamics, state, segment, workspace, .. } = self;
        dynamics.signals(segment, t, &state.values, workspace);
        look(&Snapshot { dynamics, t, y: &state.values, workspace });
    }
}

/// The rule without its bias correction, and what that multiplies the local variables by at time `t`: once for all
/// synapses, which would be slow to do for each.
fn corrected(rule: RuleSpec, t: f64) -> (RuleSpec, [f64; 2]) {
    let factor = |tau: f64| (-(-t / tau).exp_m1()).recip();
    match rule {
        RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction: true } => {
            let rule = RuleSpec::Adam { tau_m, tau_v, epsilon, bias_correction: false };
            (rule, [factor(tau_m), factor(tau_v)])
        }
        rule => (rule, [1.0; 2]),
    }
}

/// One step of every synapse.
struct Step<'a> {
    dynamics: &'a Dynamics,
    t: f64,
    period: f64,
    corrections: [f64; 2],
    y: &'a mut [f64],
    workspace: &'a Workspace,
}

impl Step<'_> {
    /// `beta` of each local variable. The target of the first is `g`, of the second `g^2`.
    fn decays(&self) -> [f64; 2] {
        match self.dynamics.synapse.rule {
            RuleSpec::Adam { tau_m, tau_v, .. } => {
                [(-self.period / tau_m).exp(), (-self.period / tau_v).exp()]
            }
            _ => [0.0; 2],
        }
    }

    /// `w` after the drive `u` has acted for one period.
    fn moved(&self, weight: WeightDependence, u: f64, w: f64) -> f64 {
        w + self.period * weight.derivative(u, w)
    }
}

impl RuleVisitor for Step<'_> {
    type Out = ();
    fn visit<const N: usize, R: Rule<N>>(self, rule: R) {
        let decays = self.decays();
        let forward = self.dynamics.synapse.weight_dependence(self.t);
        let backward = self.dynamics.feedback.weight_dependence(forward);
        for block in self.dynamics.layout.blocks.iter().filter(|block| !block.is_neurons()) {
            let (delta, x) = self.dynamics.factors(block, self.workspace);
            let n = block.synapses();
            let b = backward.and_then(|weight| Some((weight, block.slot("b")?)));
            let synapses = delta.iter().flat_map(|delta| x.iter().map(move |x| delta * x));
            for (s, g) in synapses.enumerate() {
                let at = |slot: usize| block.offset + slot * n + s;
                let mut local = |first: usize| {
                    let targets = [g, g * g];
                    let local: [f64; N] = std::array::from_fn(|k| {
                        targets[k] + (self.y[at(first + k)] - targets[k]) * decays[k]
                    });
                    (0..N).for_each(|k| self.y[at(first + k)] = local[k]);
                    rule.drive(self.t, std::array::from_fn(|k| local[k] * self.corrections[k]), g)
                };
                let u = local(1);
                if let Some((weight, slot)) = b {
                    let u = if self.dynamics.feedback.has_own_traces() { local(slot + 1) } else { u };
                    self.y[at(slot)] = self.moved(weight, u, self.y[at(slot)]);
                }
                self.y[at(0)] = self.moved(forward, u, self.y[at(0)]);
            }
        }
    }
}
