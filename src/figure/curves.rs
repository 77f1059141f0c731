//! The curves of a panel and the bands behind them.

use super::canvas::{Canvas, Point};
use super::error::FigureError;
use super::frame::Area;
use super::panel::{Band, Panel};
use super::scale::Axis;
use super::style::{Dash, Stroke};
use super::thin::thin;

/// How much a band hides.
const BAND_OPACITY: f64 = 0.18;

/// Draws what lies behind the curves.
///
/// # Errors
/// If drawing fails.
pub fn bands(
    canvas: &mut Canvas,
    area: Area,
    (x_axis, y_axis): (&Axis, &Axis),
    bands: &[Band],
) -> Result<(), FigureError> {
    for band in bands {
        let lower = band.points.iter().map(|&(x, least, _)| (x, least));
        let upper = band.points.iter().rev().map(|&(x, _, largest)| (x, largest));
        let outline: Vec<Point> = lower
            .chain(upper)
            .map(|point| area.place(x_axis, y_axis, point))
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        canvas.polygon(&outline, band.color, BAND_OPACITY)?;
    }
    Ok(())
}

/// Draws the curves: unbroken ones first, of these the most jagged first, so that noise does not hide the others.
///
/// # Errors
/// If drawing fails.
pub fn series(
    canvas: &mut Canvas,
    area: Area,
    (x_axis, y_axis): (&Axis, &Axis),
    panel: &Panel,
    zoom: f64,
) -> Result<(), FigureError> {
    let columns = (area.width() * canvas.resolution()).max(1.0) as usize;
    let mut curves: Vec<_> = panel
        .series
        .iter()
        .map(|series| {
            let points = if series.stroke.dash == Dash::Dotted && !y_axis.log {
                &within(&series.points, (y_axis.min, y_axis.max))
            } else {
                &series.points
            };
            let placed: Vec<Point> = points.iter().map(|point| area.place(x_axis, y_axis, *point)).collect();
            let parts = thin(&placed, (area.left, area.right), columns);
            let rise: f64 =
                parts.iter().flat_map(|part| part.windows(2)).map(|pair| (pair[1].1 - pair[0].1).abs()).sum();
            (series.stroke, parts, rise / area.width())
        })
        .collect();
    curves.sort_by(|(a, _, rise_a), (b, _, rise_b)| {
        let is_broken = |stroke: &Stroke| stroke.dash != Dash::Solid;
        is_broken(a).cmp(&is_broken(b)).then(rise_b.total_cmp(rise_a))
    });
    for (stroke, parts, rise) in curves {
        let fineness = if rise > 4.0 { 0.6 } else { 1.0 };
        let stroke = Stroke { width: stroke.width * fineness * zoom, ..stroke };
        for part in parts {
            canvas.polyline(&part, stroke)?;
        }
    }
    Ok(())
}

/// The parts of a curve between two levels, ended at these; it is broken where it is beyond.
fn within(points: &[Point], (low, high): (f64, f64)) -> Vec<Point> {
    let seen = |(x, y): Point| (x, if (low..=high).contains(&y) { y } else { f64::NAN });
    let mut parts: Vec<Point> = points.first().map(|first| seen(*first)).into_iter().collect();
    for pair in points.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        for level in if a.1 < b.1 { [low, high] } else { [high, low] } {
            if (a.1 - level) * (b.1 - level) < 0.0 {
                parts.push((a.0 + (b.0 - a.0) * (level - a.1) / (b.1 - a.1), level));
            }
        }
        parts.push(seen(b));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_ends_where_it_leaves_the_panel_and_begins_where_it_comes_back() {
        let nan = f64::NAN;
        let parts =
            within(&[(0.0, 0.5), (1.0, 2.5), (2.0, 3.0), (3.0, -1.0), (4.0, nan), (5.0, 1.0)], (0.0, 1.0));
        let expected = [
            (0.0, 0.5),
            (0.25, 1.0),
            (1.0, nan),
            (2.0, nan),
            (2.5, 1.0),
            (2.75, 0.0),
            (3.0, nan),
            (4.0, nan),
            (5.0, 1.0),
        ];
        assert_eq!(format!("{parts:?}"), format!("{expected:?}"));
        assert!(within(&[], (0.0, 1.0)).is_empty());
    }
}
