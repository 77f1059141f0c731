//! Marks of events: thin dashed lines across all panels, with labels above them.

use std::cmp::Ordering;

use super::Drawable;
use super::canvas::Canvas;
use super::error::FigureError;
use super::frame::Area;
use super::panel::Stack;
use super::scale::Axis;
use super::source::Run;
use super::style::{Dash, FRAME, Stroke};
use super::text::{Align, TextStyle, plain};

/// Size of a label.
const SIZE: f64 = 9.0;
/// Most rows of labels.
const ROWS: usize = 4;

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
        canvas.polyline(&[(x, area.bottom), (x, area.top)], line())?;
    }
    Ok(())
}

/// The label of a mark, in a row above the panels.
#[derive(Clone, Debug, PartialEq)]
struct Label {
    text: String,
    /// Where its line stands.
    x: f64,
    from: f64,
    to: f64,
    /// Its row, counted upwards; its line goes up to there.
    row: usize,
}

impl Label {
    /// Whether in `row` neither it nor its line meets another label or its line.
    fn is_clear_of(&self, other: &Self, row: usize) -> bool {
        match row.cmp(&other.row) {
            Ordering::Equal => self.to <= other.from || other.to <= self.from,
            Ordering::Less => !(self.from..self.to).contains(&other.x),
            Ordering::Greater => !(other.from..other.to).contains(&self.x),
        }
    }
}

/// The labels of all marks above the panels, where they hide no curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    labels: Vec<Label>,
    style: TextStyle,
}

impl Strip {
    /// Puts each label, from the last on, at the right of its line, or at its left where `area` ends, as low as others let it. One
    /// for which there is no room is left out.
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn arrange(
        canvas: &Canvas,
        area: Area,
        x_axis: &Axis,
        marks: &[Mark],
        zoom: f64,
    ) -> Result<Self, FigureError> {
        let style = TextStyle { color: FRAME.shade(), ..TextStyle::new(SIZE * zoom, Align::Middle) };
        let mut labels: Vec<Label> = Vec::new();
        for mark in marks.iter().rev() {
            let Some(x) = place(area, x_axis, mark) else { continue };
            let text = canvas.elide(&plain(&mark.label), style, 0.5 * area.width())?;
            let length = canvas.text_width(&text, style)? + 8.0 * zoom;
            let from = if x + length > area.right { x - length } else { x };
            let label = Label { text, x, from, to: from + length, row: 0 };
            let free = (0..ROWS).find(|row| labels.iter().all(|other| label.is_clear_of(other, *row)));
            labels.extend(free.map(|row| Label { row, ..label }));
        }
        Ok(Self { labels, style })
    }

    fn row_height(&self) -> f64 {
        1.4 * self.style.size
    }

    /// The height of its rows.
    #[must_use]
    pub fn height(&self) -> f64 {
        let rows = self.labels.iter().map(|label| label.row + 1).max().unwrap_or(0);
        rows as f64 * self.row_height()
    }

    /// Writes the labels above `bottom`, with their lines up to them.
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn draw(&self, canvas: &mut Canvas, bottom: f64) -> Result<(), FigureError> {
        for Label { text, x, from, to, row } in &self.labels {
            let top = bottom - (row + 1) as f64 * self.row_height();
            canvas.polyline(&[(*x, bottom), (*x, top)], line())?;
            canvas.text((from.midpoint(*to), top + 0.5 * self.row_height()), text, self.style)?;
        }
        Ok(())
    }
}

fn line() -> Stroke {
    Stroke::hairline(FRAME).dashed(Dash::Dashed)
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

    fn strip(places: &[f64]) -> Strip {
        let canvas = Canvas::new(400, 300, 1.0).unwrap();
        let area = Area { left: 0.0, top: 0.0, right: 400.0, bottom: 200.0 };
        let axis = Axis::linear(Extent::of([0.0, 10.0]).unwrap(), 0.0, 5);
        let mark = |x: &f64| Mark { x: *x, label: "silence 0..9".to_owned() };
        let marks: Vec<_> = places.iter().map(mark).collect();
        Strip::arrange(&canvas, area, &axis, &marks, 1.0).unwrap()
    }

    #[test]
    fn labels_stand_beside_their_lines_within_the_width() {
        let labels = strip(&[0.1, 5.0, 9.9]).labels;
        assert_eq!(labels.iter().map(|label| label.row).collect::<Vec<_>>(), [0, 0, 0]);
        let sides: Vec<_> = labels.iter().map(|label| [label.from == label.x, label.to == label.x]).collect();
        assert_eq!(sides, [[false, true], [true, false], [true, false]]);
        assert!(labels.iter().all(|label| label.to <= 400.0), "{labels:?}");
    }

    #[test]
    fn labels_that_are_close_stand_in_rows_and_no_line_runs_through_one() {
        let strip = strip(&[5.0, 5.3, 5.6, 5.9, 6.2, 6.5]);
        let labels = &strip.labels;
        assert!(labels.len() == ROWS, "{labels:?}");
        for (k, one) in labels.iter().enumerate() {
            for other in &labels[..k] {
                assert!(one.is_clear_of(other, one.row), "{one:?}, {other:?}");
            }
        }
        let rows = labels.iter().map(|label| label.row).max().unwrap() + 1;
        assert!((strip.height() - rows as f64 * strip.row_height()).abs() < 1e-9 && rows == ROWS);
    }
}
