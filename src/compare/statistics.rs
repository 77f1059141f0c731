//! What several seeds say: mean and standard deviation of a variation, and its paired difference to the first.
//!
//! Runs of the same seed share their start and the order of their samples, so the differences seed by seed vary less
//! than the runs themselves. The interval of their mean is `mean ± t(0.975, n-1) sd / sqrt(n)`, right where the
//! differences are about normal.

use std::collections::BTreeMap;

use super::student;

/// Probability with which an interval covers the mean.
pub const CONFIDENCE: f64 = 0.95;

/// What a few numbers say about their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many they are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (over n - 1); `None` for a single one.
    pub sd: Option<f64>,
}

impl Summary {
    /// Of the values; `None` where there are none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Some(Self { n, mean, sd })
    }

    /// Half the length of the interval that covers the mean with [`CONFIDENCE`]; `None` for a single value.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        self.sd.map(|sd| student::two_sided(CONFIDENCE, self.n - 1) * sd / (self.n as f64).sqrt())
    }
}

/// The differences `values - first`, seed by seed, over the seeds that both have; `None` where there are none.
#[must_use]
pub fn paired(first: &BTreeMap<u64, f64>, values: &BTreeMap<u64, f64>) -> Option<Summary> {
    let differences: Vec<f64> =
        values.iter().filter_map(|(seed, value)| Some(value - first.get(seed)?)).collect();
    Summary::of(&differences)
}
