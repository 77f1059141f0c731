//! One panel's frame: its spines, grid lines, ticks and labels.

use super::canvas::{Canvas, Point};
use super::error::FigureError;
use super::scale::Axis;
use super::style::{FRAME, GRID, LABEL_SIZE, Stroke, TICK_SIZE};
use super::text::{Align, TextStyle, superscript};

/// Length of a tick.
pub const TICK: f64 = 3.5;
/// Distance from a tick to its label.
pub const TICK_GAP: f64 = 3.0;

/// A rectangle of the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

impl Area {
    /// Its width.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Where the value `(x, y)` of two axes lies; not finite where an axis can't show it.
    #[must_use]
    pub fn place(&self, x_axis: &Axis, y_axis: &Axis, (x, y): Point) -> Point {
        let part = |axis: &Axis, value| axis.position(value).unwrap_or(f64::NAN);
        (self.left + part(x_axis, x) * self.width(), self.bottom - part(y_axis, y) * self.height())
    }
}

/// What an axis shows: a name, markup as in [`super::text`], and a unit, empty for a plain number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Name or symbol.
    pub name: String,
    /// Unit.
    pub unit: &'static str,
}

impl Quantity {
    /// A quantity with its unit.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: &'static str) -> Self {
        Self { name: name.into(), unit }
    }

    /// The label of an axis whose ticks are in units of `10^exponent`: `u (10⁻³ s⁻¹)`.
    #[must_use]
    pub fn label(&self, exponent: i32) -> String {
        let power = if exponent == 0 { String::new() } else { format!("10{}", superscript(exponent)) };
        match (self.unit, power.as_str()) {
            ("", "") => self.name.clone(),
            (unit, "") => format!("{} ({unit})", self.name),
            ("" | "1", power) => format!("{} ({power})", self.name),
            (unit, power) => format!("{} ({power} {unit})", self.name),
        }
    }
}

/// Size of the largest tick label of an axis.
///
/// # Errors
/// If the font can't be used.
pub fn label_width(canvas: &Canvas, axis: &Axis, zoom: f64) -> Result<f64, FigureError> {
    let style = TextStyle::new(TICK_SIZE * zoom, Align::End);
    axis.ticks.iter().try_fold(0.0_f64, |widest, tick| Ok(widest.max(canvas.text_width(&tick.label, style)?)))
}

/// Horizontal grid lines.
///
/// # Errors
/// If drawing fails.
pub fn grid(canvas: &mut Canvas, area: Area, y_axis: &Axis) -> Result<(), FigureError> {
    for tick in &y_axis.ticks {
        if let Some(part) = y_axis.position(tick.value) {
            let y = area.bottom - part * area.height();
            canvas.polyline(&[(area.left, y), (area.right, y)], Stroke::hairline(GRID))?;
        }
    }
    Ok(())
}

/// Left and lower spine with ticks; their labels where asked.
///
/// # Errors
/// If drawing fails.
pub fn spines(
    canvas: &mut Canvas,
    area: Area,
    (x_axis, x_labels): (&Axis, bool),
    (y_axis, y_labels): (&Axis, bool),
    zoom: f64,
) -> Result<(), FigureError> {
    let line = Stroke::hairline(FRAME);
    canvas.polyline(&[(area.left, area.top), (area.left, area.bottom), (area.right, area.bottom)], line)?;
    for tick in &y_axis.ticks {
        let Some(part) = y_axis.position(tick.value) else { continue };
        let y = area.bottom - part * area.height();
        canvas.polyline(&[(area.left - TICK * zoom, y), (area.left, y)], line)?;
        if y_labels {
            let style = TextStyle::new(TICK_SIZE * zoom, Align::End);
            canvas.text((area.left - (TICK + TICK_GAP) * zoom, y), &tick.label, style)?;
        }
    }
    for tick in &x_axis.ticks {
        let Some(part) = x_axis.position(tick.value) else { continue };
        let x = area.left + part * area.width();
        canvas.polyline(&[(x, area.bottom), (x, area.bottom + TICK * zoom)], line)?;
        if x_labels {
            let style = TextStyle::new(TICK_SIZE * zoom, Align::Middle);
            let y = area.bottom + (TICK + TICK_GAP + TICK_SIZE / 2.0) * zoom;
            canvas.text((x, y), &tick.label, style)?;
        }
    }
    Ok(())
}

/// The label of a y axis, upwards along the line `x`; set smaller where the panel is too low for it.
///
/// # Errors
/// If drawing fails.
pub fn y_label(canvas: &mut Canvas, area: Area, x: f64, label: &str, zoom: f64) -> Result<(), FigureError> {
    let mut style = TextStyle { upward: true, ..TextStyle::new(LABEL_SIZE * zoom, Align::Middle) };
    let width = canvas.text_width(label, style)?;
    let room = area.height() + 8.0 * zoom;
    if width > room {
        style.size = (style.size * room / width).max(4.0);
    }
    canvas.text((x, area.top.midpoint(area.bottom)), label, style)
}
