//! The weights that a pass adds up, and the traces that move them.

use super::lane::Lane;
use super::pass::Job;
use super::shard::{B, C, M, Shard, W};

/// Where a shard keeps the weights that carry activities up, or those that carry errors down, and how they change.
#[derive(Clone, Copy, Debug)]
pub struct Strand {
    /// Positions of the weight, its trace and its gain.
    pub variables: [usize; 3],
    /// Which weight dependence it has.
    pub which: usize,
    /// Whether it changes over a step.
    pub changes: bool,
    /// Whether its sign alone is passed on.
    pub is_signed: bool,
}

impl Strand {
    /// The one that a pass over the shard is about.
    #[must_use]
    pub fn of<T: Lane>(job: &Job<T>, shard: &Shard<T>) -> Self {
        let carries_errors = job.carries_errors();
        let is_signed = carries_errors && job.by_sign;
        if !carries_errors || shard.state[B].is_empty() {
            return Self { variables: [W, M, C], which: 0, changes: true, is_signed };
        }
        let variables = if shard.learns && job.has_own_traces { [B, B + 1, B + 2] } else { [B, M, C] };
        Self { variables, which: 1, changes: shard.learns, is_signed }
    }
}
