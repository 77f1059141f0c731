//! Discrete Adam, the reference that a machine-learning user knows (Kingma & Ba 2015, arXiv:1412.6980).

/// Parameters of discrete Adam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamParameters {
    /// Step size.
    pub step: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
}

/// Discrete Adam for one weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiscreteAdam {
    parameters: AdamParameters,
    /// The weight.
    pub w: f64,
    m: f64,
    v: f64,
    /// `beta1^k`, `beta2^k` after `k` steps.
    decay: (f64, f64),
}

impl DiscreteAdam {
    /// Starts at weight `w` with both moments 0.
    #[must_use]
    pub fn new(parameters: AdamParameters, w: f64) -> Self {
        Self { parameters, w, m: 0.0, v: 0.0, decay: (1.0, 1.0) }
    }

    /// First moment, bias-corrected; 0 before the first step.
    #[must_use]
    pub fn m(&self) -> f64 {
        corrected(self.m, self.decay.0)
    }

    /// `1 / (sqrt(v) + epsilon)` with `v` bias-corrected.
    #[must_use]
    pub fn rho(&self) -> f64 {
        (corrected(self.v, self.decay.1).sqrt() + self.parameters.epsilon).recip()
    }

    /// One step with the gradient `g`.
    pub fn step(&mut self, g: f64) {
        let AdamParameters { step, beta1, beta2, .. } = self.parameters;
        self.m = beta1 * self.m + (1.0 - beta1) * g;
        self.v = beta2 * self.v + (1.0 - beta2) * g * g;
        self.decay = (self.decay.0 * beta1, self.decay.1 * beta2);
        self.w -= step * self.m() * self.rho();
    }

    /// Weight, moments and what is left of their start: all that changes.
    #[must_use]
    pub fn state(&self) -> [f64; 5] {
        [self.w, self.m, self.v, self.decay.0, self.decay.1]
    }

    /// Goes to where [`DiscreteAdam::state`] was this.
    pub fn set_state(&mut self, state: [f64; 5]) {
        [self.w, self.m, self.v, self.decay.0, self.decay.1] = state;
    }
}

fn corrected(moment: f64, decay: f64) -> f64 {
    if decay == 1.0 { 0.0 } else { moment / (1.0 - decay) }
}
