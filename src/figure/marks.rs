//! Marks of events: thin dashed lines across all panels, labelled in the one of whose curves labels hide least.

use super::Drawable;
use super::canvas::{Canvas, Point};
use super::error::FigureError;
use super::frame::Area;
use super::panel::Stack;
use super::scale::Axis;
use super::source::Run;
use super::style::{Dash, FRAME, PAPER, Stroke};
use super::text::{Align, TextStyle, plain};

/// Size of a label.
const SIZE: f64 = 9.0;
/// Opacity of what is under a label.
const PLATE: f64 = 0.85;

/// A vertical line across all panels.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its place on the x axis.
    pub x: f64,
    /// What it stands for.
    pub label: String,
}

/// What the x axis of a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// Presentations.
    Presentations,
    /// Seconds.
    Time,
}

/// The figure with the events of its runs marked; what several of them have in common is marked once.
#[must_use]
pub fn marked<'a>(figure: Drawable, along: Along, runs: impl IntoIterator<Item = &'a Run>) -> Drawable {
    let Drawable::Stack(stack) = figure else { return figure };
    let place = |run: &'a Run| {
        let unit = if along == Along::Time { 1.0 } else { run.presentation };
        run.events.iter().map(move |(at, label)| (at / unit, label.as_str()))
    };
    let mut events: Vec<(f64, &str)> = runs.into_iter().flat_map(place).collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut places: Vec<(f64, Vec<&str>)> = Vec::new();
    for (x, label) in events {
        match places.last_mut() {
            Some((last, labels)) if *last == x => {
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
            _ => places.push((x, vec![label])),
        }
    }
    let marks = places.into_iter().map(|(x, labels)| Mark { x, label: labels.join(", ") }).collect();
    Drawable::Stack(Stack { marks, ..stack })
}

/// Draws the lines over one panel.
///
/// # Errors
/// If drawing fails.
pub fn lines(canvas: &mut Canvas, area: Area, x_axis: &Axis, marks: &[Mark]) -> Result<(), FigureError> {
    for x in marks.iter().filter_map(|mark| place(area, x_axis, mark)) {
        let line = Stroke::hairline(FRAME).dashed(Dash::Dashed);
        canvas.polyline(&[(x, area.bottom), (x, area.top)], line)?;
    }
    Ok(())
}

/// A label with its plate, which curves shine through.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    text: String,
    style: TextStyle,
    plate: Area,
}

impl Label {
    /// Writes it.
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn draw(&self, canvas: &mut Canvas) -> Result<(), FigureError> {
        let Area { left, top, right, bottom } = self.plate;
        canvas.polygon(&[(left, top), (right, top), (right, bottom), (left, bottom)], PAPER, PLATE)?;
        canvas.text((left.midpoint(right), top), &self.text, self.style)
    }

    /// How much of a curve through these points lies under the plate, in pixels.
    #[must_use]
    pub fn hides(&self, curve: &[Point]) -> f64 {
        let Area { left, top, right, bottom } = self.plate;
        let is_hidden = |(x, y): Point| (left..=right).contains(&x) && (top..=bottom).contains(&y);
        let length = |pair: &[Point]| {
            let ((x, y), (other_x, other_y)) = (pair[0], pair[1]);
            let middle = (x.midpoint(other_x), y.midpoint(other_y));
            if is_hidden(middle) { (x - other_x).hypot(y - other_y) } else { 0.0 }
        };
        curve.windows(2).map(length).sum()
    }
}

/// The labels in one panel, upwards at the left of their lines, cut to its height.
///
/// # Errors
/// If the font can't be used.
pub fn labels(
    canvas: &Canvas,
    area: Area,
    x_axis: &Axis,
    marks: &[Mark],
    zoom: f64,
) -> Result<Vec<Label>, FigureError> {
    let gap = 4.0 * zoom;
    let style = TextStyle { upward: true, color: FRAME.shade(), ..TextStyle::new(SIZE * zoom, Align::End) };
    let placed = marks.iter().filter_map(|mark| Some((mark, place(area, x_axis, mark)?)));
    let label = |(mark, x): (&Mark, f64)| {
        let text = canvas.elide(&plain(&mark.label), style, area.height() - 2.0 * gap)?;
        let (x, top) = (x - gap - 0.4 * style.size, area.top + gap);
        let (half, bottom) = (0.7 * style.size, top + canvas.text_width(&text, style)?);
        Ok(Label { text, style, plate: Area { left: x - half, top, right: x + half, bottom } })
    };
    placed.map(label).collect()
}

/// Where a mark crosses the panel, if it does.
fn place(area: Area, x_axis: &Axis, mark: &Mark) -> Option<f64> {
    let part = x_axis.position(mark.x).filter(|part| (0.0..=1.0).contains(part))?;
    Some(area.left + part * area.width())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::figure::scale::Extent;

    #[test]
    fn a_label_hides_what_is_under_its_plate() {
        let canvas = Canvas::new(400, 300, 1.0).unwrap();
        let area = Area { left: 0.0, top: 0.0, right: 400.0, bottom: 200.0 };
        let axis = Axis::linear(Extent::of([0.0, 10.0]).unwrap(), 0.0, 5);
        let mark = |x| Mark { x, label: "silence 0..9".to_owned() };
        let labels = labels(&canvas, area, &axis, &[mark(5.0), mark(11.0)], 1.0).unwrap();
        // The second lies beyond the axis; its position is clamped to the end.
        let plate = labels[0].plate;
        assert!(plate.left < 200.0 && plate.right < 200.0 && plate.right > 190.0, "{plate:?}");
        let column = |x: f64| [(x, plate.top + 10.0), (x, plate.top + 20.0), (x, plate.top + 10.0)];
        let middle = plate.left.midpoint(plate.right);
        assert!((labels[0].hides(&column(middle)) - 20.0).abs() < 1e-9);
        assert!(labels[0].hides(&column(plate.right + 1.0)) == 0.0);
        assert!(labels[0].hides(&[(middle, f64::NAN), (middle, plate.top + 1.0)]) == 0.0);
    }
}
