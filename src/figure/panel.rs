//! A stack of panels with one x axis, under a title and a legend.

use super::canvas::{Canvas, Point};
use super::coincide;
use super::curves;
use super::error::FigureError;
use super::frame::{self, Area, Quantity, TICK, TICK_GAP};
use super::legend::{Entry, Legend};
use super::marks::{self, Mark, Strip};
use super::scale::{Axis, Extent};
use super::style::{Color, Dash, LABEL_SIZE, Stroke, TICK_SIZE, TITLE_SIZE};
use super::text::{Align, TextStyle, plain};
use crate::config::wire::Figures;

/// Free border of a figure.
const MARGIN: f64 = 10.0;
/// Distance between panels.
const GAP: f64 = 12.0;

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its points in order of x, not finite where it is broken.
    pub points: Vec<Point>,
    /// How it is drawn.
    pub stroke: Stroke,
}

/// A range of values behind a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Its points `(x, least, largest)` in order of x.
    pub points: Vec<(f64, f64, f64)>,
    /// Its colour, of which it shows a part.
    pub color: Color,
}

/// How the y axis of a panel is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Linear, over what the data take.
    Linear,
    /// Linear, zero included.
    FromZero,
    /// Linear, within 0 to 1.
    Fraction,
    /// Logarithmic where the data are positive and span more than this ratio, otherwise linear.
    LogBeyond(f64),
}

impl Scale {
    /// The axis for what the data take, with at most `count` ticks.
    #[must_use]
    pub fn axis(self, extent: Extent, count: usize) -> Axis {
        match self {
            Self::LogBeyond(ratio) if extent.is_wide(ratio) => Axis::log(extent, count),
            Self::Linear | Self::LogBeyond(_) => Axis::linear(extent, 0.06, count),
            Self::FromZero if extent.min >= 0.0 => {
                let largest = if extent.max > 0.0 { extent.max } else { 1.0 };
                Axis::between(0.0, largest * 1.06, count)
            }
            Self::FromZero => Axis::linear(Extent { max: extent.max.max(0.0), ..extent }, 0.06, count),
            Self::Fraction => {
                let axis = Axis::linear(extent, 0.06, count);
                let mut axis = Axis::between(axis.min.clamp(-0.02, 0.9), axis.max.clamp(0.1, 1.02), count);
                axis.ticks.retain(|tick| (0.0..=1.0 + 1e-9).contains(&tick.value));
                axis
            }
        }
    }
}

/// One variable against the common x axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What the y axis shows.
    pub quantity: Quantity,
    /// How the y axis is chosen.
    pub scale: Scale,
    /// The curves, later ones on top.
    pub series: Vec<Series>,
    /// What lies behind them.
    pub bands: Vec<Band>,
}

impl Panel {
    /// A panel, where some curve has a finite value.
    #[must_use]
    pub fn new(quantity: Quantity, scale: Scale, mut series: Vec<Series>) -> Option<Self> {
        series.retain(|series| series.points.iter().any(|(x, y)| x.is_finite() && y.is_finite()));
        (!series.is_empty()).then_some(Self { quantity, scale, series, bands: Vec::new() })
    }

    /// The same panel with bands behind its curves.
    #[must_use]
    pub fn with_bands(self, bands: Vec<Band>) -> Self {
        Self { bands, ..self }
    }

    /// Whether its y axis is logarithmic.
    #[must_use]
    pub fn is_log(&self) -> bool {
        self.y_axis(2).is_some_and(|axis| axis.log)
    }

    /// Its y axis, with at most `count` ticks.
    ///
    /// What is dotted is there to compare with: on a linear axis it may add as much again on either side to what the others
    /// take, and goes out of sight beyond.
    #[must_use]
    pub fn y_axis(&self, count: usize) -> Option<Axis> {
        let (all, own) = (self.extent(|_| true)?, self.extent(|series| series.stroke.dash != Dash::Dotted));
        let axis = self.scale.axis(all, count);
        let Some(own) = own.filter(|own| own.max > own.min && !axis.log) else { return Some(axis) };
        let room = own.max - own.min;
        let (min, max) = (all.min.max(own.min - room), all.max.min(own.max + room));
        Some(self.scale.axis(Extent { min, max, ..all }, count))
    }

    fn extent(&self, counts: impl Fn(&Series) -> bool) -> Option<Extent> {
        let series = self.series.iter().filter(|series| counts(series));
        let curves = series.flat_map(|series| &series.points).map(|point| point.1);
        let bands = self.bands.iter().flat_map(|band| &band.points).flat_map(|point| [point.1, point.2]);
        Extent::of(curves.chain(bands))
    }
}

/// A whole figure of panels above one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The title, taken as it is.
    pub title: String,
    /// What the common x axis shows.
    pub x: Quantity,
    /// Whether the x axis is logarithmic, where its values are positive.
    pub log_x: bool,
    /// What the lines are; the entries of a group stay together.
    pub legend: Vec<Vec<Entry>>,
    /// The panels from above.
    pub panels: Vec<Panel>,
    /// Lines that mark events.
    pub marks: Vec<Mark>,
}

impl Stack {
    /// Draws the figure.
    ///
    /// # Errors
    /// If the size is impossible or the font can't be used.
    pub fn draw(&self, size: &Figures) -> Result<Canvas, FigureError> {
        let mut canvas = Canvas::new(size.width, size.height, size.scale)?;
        let (width, height) = canvas.size;
        let zoom = zoom(canvas.size);
        let left_edge = MARGIN * zoom;
        let legend_room = (width - 2.0 * left_edge, 0.25 * height);
        let remarks = coincide::remarks(&self.legend, &self.panels);
        let groups = [self.legend.as_slice(), &[remarks]].concat();
        let legend = Legend::arrange(&canvas, &groups, legend_room, zoom)?;
        let header = title(&mut canvas, &self.title, zoom)?;
        let top = header + legend.height() + 6.0 * zoom;
        let bottom = height - (MARGIN + TICK + TICK_GAP + TICK_SIZE + 5.0 + LABEL_SIZE) * zoom;

        let count = self.panels.len().max(1) as f64;
        let panel_height = |top: f64| ((bottom - top - (count - 1.0) * GAP * zoom) / count).max(1.0);
        let y_count = ((panel_height(top) / (14.0 * zoom)) as usize).clamp(2, 9);
        let axes: Vec<Axis> = self.panels.iter().filter_map(|panel| panel.y_axis(y_count)).collect();
        let mut widest = 0.0_f64;
        for axis in &axes {
            widest = widest.max(frame::label_width(&canvas, axis, zoom)?);
        }
        let left = left_edge + (LABEL_SIZE + 6.0 + TICK + TICK_GAP) * zoom + widest;
        // Half of the last tick's label may stand out to the right.
        let border = (MARGIN + 10.0) * zoom;
        let provisional = self.x_axis(&canvas, width - border - left, zoom)?;
        let overhang = frame::label_width(&canvas, &provisional, zoom)? / 2.0 + 0.5 * MARGIN * zoom;
        let right = width - overhang.max(border);
        let x_axis = self.x_axis(&canvas, right - left, zoom)?;

        let width_of_panels = Area { left, top, right, bottom };
        let strip = Strip::arrange(&canvas, width_of_panels, &x_axis, &self.marks, zoom)?;
        let top = top + strip.height();
        let panel_height = panel_height(top);

        legend.draw(&mut canvas, header)?;
        let area = |index: usize| {
            let top = top + index as f64 * (panel_height + GAP * zoom);
            Area { left, top, right, bottom: top + panel_height }
        };
        strip.draw(&mut canvas, top)?;
        for (index, (panel, y_axis)) in self.panels.iter().zip(&axes).enumerate() {
            let area = area(index);
            let is_last = index + 1 == self.panels.len();
            frame::grid(&mut canvas, area, y_axis)?;
            curves::bands(&mut canvas, area, (&x_axis, y_axis), &panel.bands)?;
            marks::lines(&mut canvas, area, &x_axis, &self.marks)?;
            curves::series(&mut canvas, area, (&x_axis, y_axis), panel, zoom)?;
            frame::spines(&mut canvas, area, (&x_axis, is_last), (y_axis, true), zoom)?;
            let label = panel.quantity.label(y_axis.exponent);
            frame::y_label(&mut canvas, area, left_edge + LABEL_SIZE / 2.0 * zoom, &label, zoom)?;
        }
        let x_label = (left.midpoint(right), height - (MARGIN * 0.7 + LABEL_SIZE / 2.0) * zoom);
        let style = TextStyle::new(LABEL_SIZE * zoom, Align::Middle);
        canvas.text(x_label, &self.x.label(x_axis.exponent), style)?;
        Ok(canvas)
    }

    /// The x axis over all curves, with as many ticks as their labels leave room for.
    fn x_axis(&self, canvas: &Canvas, width: f64, zoom: f64) -> Result<Axis, FigureError> {
        let points = self.panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
        let extent = Extent::of(points.map(|point| point.0));
        let extent = extent.unwrap_or(Extent { min: 0.0, min_positive: 1.0, max: 1.0 });
        let mut count = ((width / (55.0 * zoom)) as usize).clamp(2, 13);
        loop {
            let axis = if self.log_x && extent.is_wide(1.0) {
                Axis::log(extent, count)
            } else {
                Axis::between(extent.min, extent.max, count)
            };
            let needed = (frame::label_width(canvas, &axis, zoom)? + 12.0 * zoom) * axis.ticks.len() as f64;
            if needed <= width || count <= 2 {
                return Ok(axis);
            }
            count -= 1;
        }
    }
}

/// How much smaller than usual a small figure is lettered.
#[must_use]
pub fn zoom((width, height): (f64, f64)) -> f64 {
    (width / 560.0).min(height / 420.0).clamp(0.5, 1.0)
}

/// Writes the title and gives the height at which the rest begins.
///
/// # Errors
/// If the font can't be used.
pub fn title(canvas: &mut Canvas, title: &str, zoom: f64) -> Result<f64, FigureError> {
    let style = TextStyle { bold: true, ..TextStyle::new(TITLE_SIZE * zoom, Align::Middle) };
    let middle = canvas.size.0 / 2.0;
    let text = canvas.elide(&plain(title), style, canvas.size.0 - 2.0 * MARGIN * zoom)?;
    canvas.text((middle, (MARGIN + TITLE_SIZE / 2.0) * zoom), &text, style)?;
    Ok((MARGIN + TITLE_SIZE + 8.0) * zoom)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dotted_may_double_the_room_on_either_side_and_no_more() {
        let curve = |values: &[f64], dash: Dash| Series {
            points: values.iter().zip(0_u8..).map(|(value, x)| (f64::from(x), *value)).collect(),
            stroke: Stroke::solid(Color::series(0)).dashed(dash),
        };
        let range = |scale: Scale, own: &[f64], adam: &[f64]| {
            let series = vec![curve(own, Dash::Solid), curve(adam, Dash::Dotted)];
            let axis = Panel::new(Quantity::new("w", "1"), scale, series).unwrap().y_axis(5).unwrap();
            (axis.min, axis.max)
        };
        let (min, max) = range(Scale::Linear, &[-1.0, 0.0], &[0.0, -10.0]);
        assert!((-2.2..-2.0).contains(&min) && (0.0..0.2).contains(&max), "{min} {max}");
        let (min, max) = range(Scale::Linear, &[-1.0, 0.0], &[0.0, 0.5]);
        assert!((-1.2..-1.0).contains(&min) && (0.5..0.7).contains(&max), "{min} {max}");
        assert!(range(Scale::Linear, &[1.0, 1.0], &[0.0, -10.0]).0 <= -10.0, "no room to tell by");
        assert!(range(Scale::LogBeyond(30.0), &[1.0, 10.0], &[1.0, 1000.0]).1 >= 1000.0, "logarithmic");
    }

    #[test]
    fn the_x_axis_is_logarithmic_where_that_is_asked_for_and_possible() {
        let is_log = |log_x: bool, from: f64| {
            let stroke = Stroke::solid(Color::series(0));
            let series = Series { points: vec![(from, 1.0), (100.0, 2.0)], stroke };
            let quantity = || Quantity::new("q", "");
            let panels = Panel::new(quantity(), Scale::Linear, vec![series]).into_iter().collect();
            let (title, legend, marks) = (String::new(), Vec::new(), Vec::new());
            let stack = Stack { title, x: quantity(), log_x, legend, panels, marks };
            stack.x_axis(&Canvas::new(400, 300, 1.0).unwrap(), 300.0, 1.0).unwrap().log
        };
        assert!(is_log(true, 0.01) && !is_log(false, 0.01) && !is_log(true, 0.0));
    }
}
