//! The strip between title and panels that says what each line is.

use super::canvas::Canvas;
use super::error::FigureError;
use super::style::{INK, LABEL_SIZE, Stroke};
use super::text::{Align, TextStyle};

/// Length of a line's sample.
const SAMPLE: f64 = 24.0;
/// Distance from a sample to its text.
const GAP: f64 = 6.0;
/// Distance from one entry to the next.
const SPACE: f64 = 18.0;
/// Height of a row.
const ROW: f64 = 17.0;

/// One line and what it is, markup as in [`super::text`].
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The text.
    pub text: String,
    /// How the line is drawn; `None` for a remark.
    pub stroke: Option<Stroke>,
}

impl Entry {
    /// An entry for a line.
    #[must_use]
    pub fn new(text: impl Into<String>, stroke: Stroke) -> Self {
        Self { text: text.into(), stroke: Some(stroke) }
    }

    /// A remark.
    #[must_use]
    pub fn remark(text: impl Into<String>) -> Self {
        Self { text: text.into(), stroke: None }
    }
}

/// Entries arranged in rows.
#[derive(Clone, Debug)]
pub struct Legend {
    rows: Vec<Vec<(f64, Entry)>>,
    zoom: f64,
}

impl Legend {
    /// Arranges groups of `entries` within `width`; each group starts a row unless all fit in one. What is beyond
    /// `height` is counted instead of drawn.
    ///
    /// # Errors
    /// If the font can't be used.
    pub fn arrange(
        canvas: &Canvas,
        groups: &[Vec<Entry>],
        (width, height): (f64, f64),
        zoom: f64,
    ) -> Result<Self, FigureError> {
        let mut rows: Vec<Vec<(f64, Entry)>> = Vec::new();
        let mut x = 0.0;
        let lengths = |entry: &Entry| Self::length(canvas, entry, zoom);
        let mut total = 0.0;
        for entry in groups.iter().flatten() {
            total += lengths(entry)? + SPACE * zoom;
        }
        let one_row = total - SPACE * zoom <= width;
        for group in groups {
            for (index, entry) in group.iter().enumerate() {
                let mut entry = entry.clone();
                let text_room = width - (SAMPLE + GAP) * zoom;
                entry.text = canvas.elide(&entry.text, style(zoom), text_room)?;
                let length = lengths(&entry)?;
                if rows.is_empty() || (index == 0 && !one_row) || x + length > width {
                    rows.push(Vec::new());
                    x = 0.0;
                }
                if let Some(row) = rows.last_mut() {
                    row.push((x, entry));
                }
                x += length + SPACE * zoom;
            }
        }
        let most = ((height / (ROW * zoom)) as usize).max(1);
        if rows.len() > most {
            let rest: usize = rows.drain(most..).map(|row| row.len()).sum();
            Self::remark_rest(canvas, &mut rows, rest, width, zoom)?;
        }
        Ok(Self { rows, zoom })
    }

    /// Ends the last row with the number of entries that are left out.
    fn remark_rest(
        canvas: &Canvas,
        rows: &mut [Vec<(f64, Entry)>],
        mut rest: usize,
        width: f64,
        zoom: f64,
    ) -> Result<(), FigureError> {
        let Some(row) = rows.last_mut() else { return Ok(()) };
        loop {
            let x = match row.last() {
                Some((x, entry)) => x + Self::length(canvas, entry, zoom)? + SPACE * zoom,
                None => 0.0,
            };
            let remark = Entry { text: format!("and {rest} more"), stroke: None };
            if row.is_empty() || x + Self::length(canvas, &remark, zoom)? <= width {
                row.push((x, remark));
                return Ok(());
            }
            row.pop();
            rest += 1;
        }
    }

    fn length(canvas: &Canvas, entry: &Entry, zoom: f64) -> Result<f64, FigureError> {
        let sample = if entry.stroke.is_some() { (SAMPLE + GAP) * zoom } else { 0.0 };
        Ok(sample + canvas.text_width(&entry.text, style(zoom))?)
    }

    /// Height of all rows.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.rows.len() as f64 * ROW * self.zoom
    }

    /// Draws the rows from `top` on, centred on the canvas.
    ///
    /// # Errors
    /// If drawing fails.
    pub fn draw(&self, canvas: &mut Canvas, top: f64) -> Result<(), FigureError> {
        for (index, row) in self.rows.iter().enumerate() {
            let y = top + (index as f64 + 0.5) * ROW * self.zoom;
            let length = match row.last() {
                Some((x, entry)) => x + Self::length(canvas, entry, self.zoom)?,
                None => continue,
            };
            let left = (canvas.size.0 - length) / 2.0;
            for (x, entry) in row {
                let mut x = left + x;
                if let Some(stroke) = entry.stroke {
                    let stroke = Stroke { width: stroke.width * 1.25 * self.zoom, ..stroke };
                    canvas.polyline(&[(x, y), (x + SAMPLE * self.zoom, y)], stroke)?;
                    x += (SAMPLE + GAP) * self.zoom;
                }
                canvas.text((x, y), &entry.text, style(self.zoom))?;
            }
        }
        Ok(())
    }
}

fn style(zoom: f64) -> TextStyle {
    TextStyle { color: INK, ..TextStyle::new(LABEL_SIZE * zoom, Align::Start) }
}
