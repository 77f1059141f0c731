//! What a synapse can read besides its own state.

/// What a synapse can read besides its own state and the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The gradient signal `g = delta x`.
    G,
    /// Presynaptic activity.
    X,
    /// Postsynaptic error.
    Delta,
    /// Postsynaptic activity.
    Y,
}

impl Input {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::G, Self::X, Self::Delta, Self::Y];

    /// Its name in a model and in traces.csv.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::G => "g",
            Self::X => "x",
            Self::Delta => "delta",
            Self::Y => "y",
        }
    }

    /// What it is.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::G => "gradient signal: postsynaptic error times presynaptic activity",
            Self::X => "presynaptic activity",
            Self::Delta => "postsynaptic error",
            Self::Y => "postsynaptic activity",
        }
    }

    /// The input of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|input| input.name() == name)
    }
}
