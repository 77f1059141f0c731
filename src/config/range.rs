//! Checks of single numbers: each names the key, the value, what is allowed, and what to do.

use crate::error::ConfigError;
use crate::synapse::GAINS;

/// A value that has been checked.
pub(super) type Checked<T = ()> = Result<T, ConfigError>;

/// Refuses `key` for this reason.
pub(super) fn refuse<T>(
    key: impl Into<String>,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Checked<T> {
    Err(ConfigError::new(key, reason, remedy))
}

/// Demands that `value` satisfies `allowed`, which `range` says in words.
pub(super) fn demand(key: &str, value: f64, allowed: bool, range: &str, remedy: &str) -> Checked<f64> {
    if allowed {
        return Ok(value);
    }
    refuse(key, format!("is {value:?}, but must be {range}"), remedy)
}

/// Any finite number.
pub(super) fn finite(key: &str, value: f64) -> Checked<f64> {
    demand(key, value, value.is_finite(), "finite", "give a finite number")
}

/// A finite number, 0 or more.
pub(super) fn non_negative(key: &str, value: f64, remedy: &str) -> Checked<f64> {
    demand(key, value, value.is_finite() && value >= 0.0, "finite and 0 or more", remedy)
}

/// A finite number above 0 whose inverse is finite too.
pub(super) fn positive(key: &str, value: f64, remedy: &str) -> Checked<f64> {
    let allowed = value.is_finite() && value.recip().is_finite() && value > 0.0;
    demand(key, value, allowed, "finite and above 0", remedy)
}

/// A length of time that a run may last.
pub(super) fn seconds(key: &str, value: f64) -> Checked<f64> {
    demand(
        key,
        value,
        (1e-12..=1e12).contains(&value),
        "between 1e-12 and 1e12",
        "it is in seconds, such as 0.1",
    )
}

/// A gain that a synapse may start from.
pub(super) fn gain(key: &str, value: f64) -> Checked<f64> {
    let remedy = "the gain is about 1/|g|: 10 is a usual start";
    demand(key, value, GAINS.contains(&value), "from 1e-15 to 1e15", remedy)
}

/// A whole number within limits.
pub(super) fn count(
    key: &str,
    value: u64,
    allowed: std::ops::RangeInclusive<u64>,
    remedy: &str,
) -> Checked<u64> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    refuse(key, format!("is {value}, but must be from {} to {}", allowed.start(), allowed.end()), remedy)
}
