//! final.png: the final value of every variation, one row each: its mean with the 95 % interval over the seeds, and
//! below it each seed as a dot.

use super::canvas::Canvas;
use super::error::FigureError;
use super::frame::{self, Area, Quantity, TICK, TICK_GAP};
use super::legend::{Entry, Legend};
use super::panel::{Scale, title, zoom};
use super::scale::{Axis, Extent, Tick};
use super::style::{Color, FRAME, GRID, LABEL_SIZE, Stroke, TICK_SIZE};
use super::text::{Align, TextStyle};
use crate::compare::statistics::Summary;
use crate::config::wire::Figures;

/// Free border.
const MARGIN: f64 = 10.0;
/// Height of a row where there is room.
const ROW: f64 = 44.0;
/// Height of everything but the rows.
const AROUND: f64 = 110.0;
/// Largest part of the width that the names may take.
const NAMES: f64 = 0.42;
/// How far, in rows, the interval lies above and the dots lie below the middle of a row.
const APART: f64 = 0.16;

/// One variation.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is called, markup as in [`super::text`].
    pub label: String,
    /// Its colour.
    pub color: Color,
    /// The value of each seed.
    pub values: Vec<f64>,
}

/// Final values of variations.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The title, taken as it is.
    pub title: String,
    /// What is compared.
    pub quantity: Quantity,
    /// How its axis is chosen.
    pub scale: Scale,
    /// The variations from above.
    pub rows: Vec<Row>,
}

impl Row {
    /// Mean and ends of its interval; `None` for fewer than two values.
    fn interval(&self) -> Option<(f64, [f64; 2])> {
        let summary = Summary::of(&self.values)?;
        let half = summary.half_width()?;
        Some((summary.mean, [summary.mean - half, summary.mean + half]))
    }
}

impl Ranking {
    /// Draws the figure, lower than asked where few rows need less.
    ///
    /// # Errors
    /// If the size is impossible or the font can't be used.
    pub fn draw(&self, size: &Figures) -> Result<Canvas, FigureError> {
        let count = self.rows.len() as f64;
        let usual = zoom((f64::from(size.width), f64::from(size.height)));
        let needed = ((AROUND + count * ROW) * usual).min(f64::from(size.height)) as u32;
        let mut canvas = Canvas::new(size.width, needed, size.scale)?;
        let zoom = usual;
        let (width, height) = canvas.size;
        let room = (width - 2.0 * MARGIN * zoom, 2.0 * LABEL_SIZE * zoom);
        let legend = Legend::arrange(&canvas, &[vec![Entry::remark(self.remark())]], room, zoom)?;
        let header = title(&mut canvas, &self.title, zoom)?;

        let names = self.names(&canvas, zoom)?;
        let left = (MARGIN + TICK + TICK_GAP) * zoom + frame::label_width(&canvas, &names, zoom)?;
        let area = Area {
            left,
            top: header + legend.height() + 4.0 * zoom,
            right: width - 2.5 * MARGIN * zoom,
            bottom: height - (MARGIN + TICK + TICK_GAP + TICK_SIZE + 5.0 + LABEL_SIZE) * zoom,
        };
        let x_axis = self.x_axis(&canvas, area.width(), zoom)?;
        legend.draw(&mut canvas, header)?;
        for tick in &x_axis.ticks {
            if let Some(part) = x_axis.position(tick.value) {
                let x = area.left + part * area.width();
                canvas.polyline(&[(x, area.top), (x, area.bottom)], Stroke::hairline(GRID))?;
            }
        }
        for (index, row) in self.rows.iter().enumerate() {
            let middle = count - 1.0 - index as f64;
            self.draw_row(&mut canvas, area, (&x_axis, &names), (row, middle), zoom)?;
        }
        frame::spines(&mut canvas, area, (&x_axis, true), (&names, true), zoom)?;
        let x_label = (area.left.midpoint(area.right), height - (MARGIN * 0.7 + LABEL_SIZE / 2.0) * zoom);
        let style = TextStyle::new(LABEL_SIZE * zoom, Align::Middle);
        canvas.text(x_label, &self.quantity.label(x_axis.exponent), style)?;
        Ok(canvas)
    }

    /// The part of an interval's range that the quantity can take.
    fn possible(&self, value: f64) -> f64 {
        if self.scale == Scale::Fraction { value.clamp(0.0, 1.0) } else { value }
    }

    fn remark(&self) -> &'static str {
        if self.rows.iter().any(|row| row.values.len() > 1) {
            "line: mean and its 95 % interval; dots: single seeds"
        } else {
            "dots: single runs; one seed gives no interval"
        }
    }

    /// The vertical axis: a tick for each row, named and cut where the name is too long.
    fn names(&self, canvas: &Canvas, zoom: f64) -> Result<Axis, FigureError> {
        let count = self.rows.len();
        let style = TextStyle::new(TICK_SIZE * zoom, Align::End);
        let tick = |(index, row): (usize, &Row)| {
            let label = canvas.elide(&row.label, style, NAMES * canvas.size.0)?;
            Ok(Tick { value: (count - 1 - index) as f64, label })
        };
        let ticks = self.rows.iter().enumerate().map(tick).collect::<Result<_, FigureError>>()?;
        Ok(Axis { min: -0.5, max: count as f64 - 0.5, log: false, ticks, exponent: 0 })
    }

    /// The horizontal axis over all values and intervals, with as many ticks as their labels leave room for.
    fn x_axis(&self, canvas: &Canvas, width: f64, zoom: f64) -> Result<Axis, FigureError> {
        let intervals = self.rows.iter().filter_map(Row::interval).flat_map(|(_, ends)| ends);
        let intervals = intervals.map(|end| self.possible(end));
        let values = self.rows.iter().flat_map(|row| row.values.iter().copied());
        let all = Extent::of(values.chain(intervals));
        let extent = all.unwrap_or(Extent { min: 0.0, min_positive: 1.0, max: 1.0 });
        // Final accuracies lie close together: the axis shows what they take, and not more than they can be.
        let is_fraction = self.scale == Scale::Fraction;
        let scale = if is_fraction { Scale::Linear } else { self.scale };
        let mut count = ((width / (50.0 * zoom)) as usize).clamp(2, 9);
        loop {
            let mut axis = scale.axis(extent, count);
            if is_fraction {
                let min = axis.min.max(-0.06);
                axis = Axis::between(min, axis.max.min(1.06 - 0.06 * min), count);
                axis.ticks.retain(|tick| (-1e-9..=1.0 + 1e-9).contains(&tick.value));
            }
            let needed = (frame::label_width(canvas, &axis, zoom)? + 12.0 * zoom) * axis.ticks.len() as f64;
            if needed <= width || count <= 2 {
                return Ok(axis);
            }
            count -= 1;
        }
    }

    fn draw_row(
        &self,
        canvas: &mut Canvas,
        area: Area,
        (x_axis, y_axis): (&Axis, &Axis),
        (row, middle): (&Row, f64),
        zoom: f64,
    ) -> Result<(), FigureError> {
        let place = |x: f64, y: f64| area.place(x_axis, y_axis, (x, y));
        if row.values.is_empty() {
            let style = TextStyle { color: FRAME, ..TextStyle::new(TICK_SIZE * zoom, Align::Start) };
            let (_, y) = place(x_axis.min, middle);
            return canvas.text((area.left + 8.0 * zoom, y), "no complete run", style);
        }
        let interval = row.interval();
        if let Some((mean, ends)) = interval {
            let line = Stroke { width: 2.0 * zoom, ..Stroke::solid(row.color) };
            let cap = 3.5 * zoom;
            canvas.polyline(&ends.map(|end| place(self.possible(end), middle + APART)), line)?;
            // An end beyond what the quantity can be is cut and has no cap.
            for end in ends.into_iter().filter(|end| self.possible(*end) == *end) {
                let (x, y) = place(end, middle + APART);
                canvas.polyline(&[(x, y - cap), (x, y + cap)], line)?;
            }
            canvas.disc(place(mean, middle + APART), 4.5 * zoom, row.color, 1.0)?;
        }
        let below = if interval.is_some() { APART } else { 0.0 };
        for value in &row.values {
            canvas.disc(place(*value, middle - below), 3.2 * zoom, row.color, 0.5)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_accuracies_ends_at_one_however_they_lie() {
        for (values, least) in
            [(vec![0.95, 0.95], 0.8), (vec![1.0], 0.8), (vec![0.2, 1.0], -0.1), (vec![0.0], -0.1)]
        {
            let row = Row { label: "a".to_owned(), color: Color::series(0), values };
            let (title, quantity) = (String::new(), Quantity::new("q", ""));
            let ranking = Ranking { title, quantity, scale: Scale::Fraction, rows: vec![row] };
            let axis = ranking.x_axis(&Canvas::new(400, 300, 1.0).unwrap(), 300.0, 1.0).unwrap();
            assert!(least < axis.min && axis.min < 0.95 && (1.0..1.08).contains(&axis.max), "{axis:?}");
            let ticks = || axis.ticks.iter().map(|tick| tick.value);
            assert!(
                ticks().count() > 1 && ticks().all(|value| (-1e-9..1.0 + 1e-9).contains(&value)),
                "{axis:?}"
            );
        }
    }
}
