//! Fewer points for the same picture: of all points in a column of pixels only the first, the least, the largest
//! and the last are kept, in order of time. Lines drawn through them cover the same pixels.
//!
//! # References
//! Jugel et al. (2014), "M4: a visualization-oriented time series data aggregation", doi:10.14778/2732951.2732953.

/// Connected parts of a curve: a value that is not finite ends one.
///
/// `x` must not decrease. `columns` is the number of pixel columns between `x_min` and `x_max`.
#[must_use]
pub fn thin(points: &[(f64, f64)], (x_min, x_max): (f64, f64), columns: usize) -> Vec<Vec<(f64, f64)>> {
    let column = |x: f64| ((x - x_min) / (x_max - x_min) * columns as f64).floor();
    points
        .split(|(x, y)| !(x.is_finite() && y.is_finite()))
        .filter(|part| !part.is_empty())
        .map(|part| part.chunk_by(|a, b| column(a.0) == column(b.0)).flat_map(keep).collect())
        .collect()
}

/// The points of one column that are kept.
fn keep(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= 4 {
        return points.to_vec();
    }
    let (mut least, mut largest) = (0, 0);
    for (index, point) in points.iter().enumerate() {
        if point.1 < points[least].1 {
            least = index;
        }
        if point.1 > points[largest].1 {
            largest = index;
        }
    }
    let mut kept = vec![0, least, largest, points.len() - 1];
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| points[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_survive() {
        let mut points: Vec<_> = (0..100_000).map(|i| (f64::from(i), (f64::from(i) * 0.01).sin())).collect();
        points[12_345].1 = 7.0;
        points[77_777].1 = -9.0;
        let parts = thin(&points, (0.0, 1e5), 500);
        assert_eq!(parts.len(), 1);
        assert!(parts[0].len() <= 2000, "{}", parts[0].len());
        assert!(parts[0].contains(&(12_345.0, 7.0)) && parts[0].contains(&(77_777.0, -9.0)));
        assert!(parts[0].is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn jumps_stay_vertical() {
        let points = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (1.0, 1.0)];
        assert_eq!(thin(&points, (0.0, 1.0), 1000), [points.to_vec()]);
        // Also where a column holds many points: the jump's both ends are its extremes.
        let mut dense: Vec<_> = (0..1000).map(|i| (f64::from(i) / 1000.0, f64::from(i / 500))).collect();
        dense.insert(500, (0.5, 0.0));
        let parts = thin(&dense, (0.0, 1.0), 10);
        assert!(
            parts[0].contains(&(0.5, 0.0)) || parts[0].windows(2).any(|p| p[0].1 == 0.0 && p[1].1 == 1.0)
        );
        assert!(parts[0].len() <= 40);
    }

    #[test]
    fn gaps_split_a_curve() {
        let points = [(0.0, 1.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 2.0)];
        let parts = thin(&points, (0.0, 3.0), 100);
        assert_eq!(parts, [vec![(0.0, 1.0)], vec![(2.0, 1.0), (3.0, 2.0)]]);
        assert!(thin(&[(0.0, f64::NAN)], (0.0, 0.0), 1).is_empty());
    }
}
