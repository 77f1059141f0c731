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
            let placed: Vec<Point> =
                series.points.iter().map(|point| area.place(x_axis, y_axis, *point)).collect();
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
