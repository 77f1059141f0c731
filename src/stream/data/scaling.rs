//! Scaling of columns, fitted on the samples to learn from and applied to all.

use super::spec::Scaling;

/// `(value - shift) / size` for each column; 0 where the column of the fit was constant.
#[derive(Debug)]
pub(super) struct Scale {
    columns: Vec<Affine>,
}

#[derive(Clone, Copy, Debug)]
struct Affine {
    shift: f64,
    /// 0 for a constant column.
    size: f64,
}

impl Scale {
    /// Fits the scaling of `width` columns on rows of training samples.
    pub fn fit(scaling: Scaling, rows: &[f64], width: usize) -> Self {
        let column = |q| rows.iter().skip(q).step_by(width).copied();
        let columns = match scaling {
            Scaling::None => Vec::new(),
            Scaling::Standardize => (0..width).map(|q| Affine::standardizing(column(q))).collect(),
            Scaling::MinMax => (0..width).map(|q| Affine::of_range(range(column(q)))).collect(),
        };
        Self { columns }
    }

    /// Scales rows of samples in place.
    pub fn apply(&self, rows: &mut [f64]) {
        if self.columns.is_empty() {
            return;
        }
        for row in rows.chunks_exact_mut(self.columns.len()) {
            for (value, Affine { shift, size }) in row.iter_mut().zip(&self.columns) {
                *value = if *size > 0.0 { (*value - shift) / size } else { 0.0 };
            }
        }
    }
}

impl Affine {
    fn standardizing(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (min, max) = range(values.clone());
        let count = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        // Rounding gives a constant column a variance: its range tells.
        Self { shift: mean, size: if max > min { variance.sqrt() } else { 0.0 } }
    }

    fn of_range((min, max): (f64, f64)) -> Self {
        Self { shift: min, size: max - min }
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| (min.min(value), max.max(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(scaling: Scaling, rows: &[f64], test: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let scale = Scale::fit(scaling, rows, 2);
        let (mut rows, mut test) = (rows.to_vec(), test.to_vec());
        scale.apply(&mut rows);
        scale.apply(&mut test);
        (rows, test)
    }

    #[test]
    fn the_fit_is_of_the_training_samples_alone() {
        let train = [1.0, 0.1, 3.0, 0.1, 5.0, 0.1];
        let s = (8.0_f64 / 3.0).sqrt();
        let (rows, test) = scaled(Scaling::Standardize, &train, &[103.0, 7.0]);
        assert_eq!((rows, test), (vec![-2.0 / s, 0.0, 0.0, 0.0, 2.0 / s, 0.0], vec![100.0 / s, 0.0]));
        let (rows, test) = scaled(Scaling::MinMax, &train, &[9.0, 7.0]);
        assert_eq!((rows, test), (vec![0.0, 0.0, 0.5, 0.0, 1.0, 0.0], vec![2.0, 0.0]));
        let (rows, test) = scaled(Scaling::None, &train, &[9.0, 7.0]);
        assert_eq!((rows, test), (train.to_vec(), vec![9.0, 7.0]));
    }
}
