//! Marks of events: thin dashed lines across all panels, labelled in the first.

use super::Drawable;
use super::canvas::Canvas;
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

/// Writes the labels into one panel, upwards at the left of their lines, cut to its height, on plates through which curves still shine.
///
/// # Errors
/// If the font can't be used.
pub fn labels(
    canvas: &mut Canvas,
    area: Area,
    x_axis: &Axis,
    marks: &[Mark],
    zoom: f64,
) -> Result<(), FigureError> {
    let gap = 4.0 * zoom;
    let style = TextStyle { upward: true, color: FRAME.shade(), ..TextStyle::new(SIZE * zoom, Align::End) };
    for (mark, x) in marks.iter().filter_map(|mark| Some((mark, place(area, x_axis, mark)?))) {
        let text = canvas.elide(&plain(&mark.label), style, area.height() - 2.0 * gap)?;
        let (x, top) = (x - gap - 0.4 * style.size, area.top + gap);
        let (half, bottom) = (0.7 * style.size, top + canvas.text_width(&text, style)?);
        let plate = [(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom)];
        canvas.polygon(&plate, PAPER, PLATE)?;
        canvas.text((x, top), &text, style)?;
    }
    Ok(())
}

/// Where a mark crosses the panel, if it does.
fn place(area: Area, x_axis: &Axis, mark: &Mark) -> Option<f64> {
    let part = x_axis.position(mark.x).filter(|part| (0.0..=1.0).contains(part))?;
    Some(area.left + part * area.width())
}
