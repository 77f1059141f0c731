//! Discrete Adam beside a protocol's synapse, fed with the same signal.

use crate::checkpoint::Archive;
use crate::error::DataError;
use crate::stream::ProtocolSchedule;
use crate::synapse::discrete::{AdamParameters, DiscreteAdam};

/// A discrete Adam that steps once a presentation time with the signal's value at the presentation's start.
#[derive(Clone, Debug)]
pub struct Beside {
    adam: DiscreteAdam,
    signal: ProtocolSchedule,
    scale: f64,
    presentation: f64,
    steps: u64,
}

impl Beside {
    /// The columns that [`Beside::at`] fills.
    pub const COLUMNS: [&'static str; 3] = ["m_adam", "rho_adam", "w_adam"];

    /// Starts at weight `w`, fed with `scale` times the signal, one step each `presentation` seconds.
    #[must_use]
    pub fn new(
        parameters: AdamParameters,
        w: f64,
        signal: ProtocolSchedule,
        scale: f64,
        presentation: f64,
    ) -> Self {
        Self { adam: DiscreteAdam::new(parameters, w), signal, scale, presentation, steps: 0 }
    }

    /// First moment, gain and weight at `t`, which never decreases from call to call, after a step that is due at `t`.
    ///
    /// The gain is NaN before the first step, where bias correction leaves none, and while it has no limit: after no
    /// signal yet, without an epsilon.
    pub fn at(&mut self, t: f64) -> [f64; 3] {
        let reached = t + 1e-9 * self.presentation;
        while (self.steps + 1) as f64 * self.presentation <= reached {
            let g = self.scale * self.signal.g(self.steps as f64 * self.presentation);
            self.adam.step(g);
            self.steps += 1;
        }
        let rho = self.adam.rho();
        let has_gain = self.steps > 0 && rho.is_finite();
        [self.adam.m(), if has_gain { rho } else { f64::NAN }, self.adam.w]
    }

    /// Adds to a checkpoint, under `name`, what it needs to go on from there.
    pub fn save(&self, name: &str, to: &mut Archive) {
        to.put(format!("{name}.adam"), self.adam.state());
        to.put(format!("{name}.steps"), [self.steps]);
    }

    /// Goes to where it was at a checkpoint.
    ///
    /// # Errors
    /// Where the checkpoint does not have it.
    pub fn restore(&mut self, name: &str, from: &Archive) -> Result<(), DataError> {
        self.adam.set_state(from.get_all(&format!("{name}.adam"))?);
        [self.steps] = from.get_all(&format!("{name}.steps"))?;
        Ok(())
    }
}
