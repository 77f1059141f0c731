//! weights.png: feedback weight against forward weight of every synapse of a layer, before and after.

use std::collections::BTreeMap;

use super::canvas::{Canvas, Point};
use super::error::FigureError;
use super::frame::{self, Area, Quantity, TICK, TICK_GAP};
use super::panel::{title, zoom};
use super::scale::{Axis, Extent};
use super::style::{Color, Dash, FRAME, LABEL_SIZE, Stroke, TICK_SIZE};
use super::symmetry::layer_name;
use super::text::{Align, TextStyle};
use crate::config::wire::Figures;

/// Most points of one panel; of more synapses every n-th is drawn.
const MOST_POINTS: usize = 4000;
/// Free border, and distance from panel to panel.
const MARGIN: f64 = 10.0;

/// A layer's pairs `(w, b)` before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name of the projection, such as `l2`.
    pub name: String,
    /// Before and after; `None` where it is not known.
    pub pairs: [Option<Vec<Point>>; 2],
}

/// Scatter plots of all layers with feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// The title, taken as it is.
    pub title: String,
    /// The layers: at least one.
    pub layers: Vec<Layer>,
}

/// Arrays by name, as a weights file holds them.
pub type Arrays = BTreeMap<String, Vec<f64>>;

impl Scatter {
    /// Of the arrays before and after; `None` where no layer has a feedback weight.
    #[must_use]
    pub fn new(title: &str, before: Option<&Arrays>, after: Option<&Arrays>) -> Option<Self> {
        let known = before.into_iter().chain(after).flat_map(BTreeMap::keys);
        let mut names: Vec<&str> = known
            .filter_map(|name| name.strip_suffix(".b"))
            .filter(|name| name.strip_prefix('l').is_some_and(|layer| layer.parse::<u32>().is_ok()))
            .collect();
        names.sort_by_key(|name| (name.len(), *name));
        names.dedup();
        let pairs = |arrays: Option<&Arrays>, name: &str| {
            let (w, b) = (arrays?.get(&format!("{name}.w"))?, arrays?.get(&format!("{name}.b"))?);
            let pairs = w.iter().copied().zip(b.iter().copied());
            let pairs: Vec<Point> = pairs.filter(|(w, b)| w.is_finite() && b.is_finite()).collect();
            (!pairs.is_empty()).then_some(pairs)
        };
        let layers: Vec<Layer> = names
            .into_iter()
            .map(|name| Layer { name: name.to_owned(), pairs: [pairs(before, name), pairs(after, name)] })
            .filter(|layer| layer.pairs.iter().any(Option::is_some))
            .collect();
        (!layers.is_empty()).then(|| Self { title: title.to_owned(), layers })
    }

    /// Moments that are known for some layer: 0 before, 1 after.
    fn moments(&self) -> Vec<usize> {
        (0..2).filter(|&moment| self.layers.iter().any(|layer| layer.pairs[moment].is_some())).collect()
    }

    /// Draws the figure, lower than asked where the panels need less.
    ///
    /// # Errors
    /// If the size is impossible or the font can't be used.
    pub fn draw(&self, size: &Figures) -> Result<Canvas, FigureError> {
        let zoom = zoom((f64::from(size.width), f64::from(size.height)));
        let mut canvas = Canvas::new(size.width, size.height, size.scale)?;
        let top = title(&mut canvas, &self.title, zoom)?;
        let moments = self.moments();
        let axes: Vec<Axis> = self.layers.iter().map(|layer| layer.axis(9)).collect();
        let mut widest = 0.0_f64;
        for axis in &axes {
            widest = widest.max(frame::label_width(&canvas, axis, zoom)?);
        }
        let tick = TICK + TICK_GAP;
        let before_panel = (2.0 * MARGIN + LABEL_SIZE + 4.0 + tick) * zoom + widest;
        let above = (LABEL_SIZE + 8.0) * zoom;
        let below = (tick + TICK_SIZE + 5.0 + LABEL_SIZE + MARGIN) * zoom;
        let grid = Grid::best(
            self.layers.len(),
            moments.len(),
            (canvas.size.0 - MARGIN * zoom, canvas.size.1 - top),
            (before_panel, above + below),
        );
        let needed = (top + grid.height(self.layers.len())).ceil() as u32;
        // The first canvas has served to measure; a large one is not to stand beside the second.
        drop(canvas);
        let mut canvas = Canvas::new(size.width, needed.min(size.height), size.scale)?;
        title(&mut canvas, &self.title, zoom)?;
        for (index, layer) in self.layers.iter().enumerate() {
            let axis =
                layer.axis(((grid.side / (widest.max(14.0 * zoom) + 8.0 * zoom)) as usize).clamp(2, 9));
            for (column, &moment) in moments.iter().enumerate() {
                let Some(pairs) = &layer.pairs[moment] else { continue };
                let (left, upper) = grid.place(index, column);
                let area = Area {
                    left: left + before_panel,
                    top: top + upper + above,
                    right: left + before_panel + grid.side,
                    bottom: top + upper + above + grid.side,
                };
                let heading = layer.heading(moment, pairs.len());
                draw_panel(&mut canvas, area, &axis, pairs, (&heading, zoom))?;
            }
        }
        Ok(canvas)
    }
}

impl Layer {
    /// The axis that all panels of the layer share.
    fn axis(&self, count: usize) -> Axis {
        let values = self.pairs.iter().flatten().flatten().flat_map(|&(w, b)| [w, b]);
        let extent = Extent::of(values).unwrap_or(Extent { min: 0.0, min_positive: 1.0, max: 1.0 });
        Axis::linear(extent, 0.05, count)
    }

    fn heading(&self, moment: usize, count: usize) -> String {
        let moment = ["before", "after"][moment];
        let every = count.div_ceil(MOST_POINTS);
        let share = if every > 1 { format!(" (1 in {every} synapses)") } else { String::new() };
        format!("{}, {moment}{share}", layer_name(&self.name))
    }
}

/// How the panels are arranged: `columns` layers side by side; before and after side by side too, or one above the
/// other; each panel `side` wide and high.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid {
    columns: usize,
    moments: usize,
    is_stacked: bool,
    side: f64,
    cell: (f64, f64),
    left: f64,
}

impl Grid {
    /// The arrangement with the largest panels for `layers` layers in `room`, each panel with `around` it.
    fn best(layers: usize, moments: usize, room: (f64, f64), around: (f64, f64)) -> Self {
        let arrange = |columns: usize, is_stacked: bool| {
            let (wide, high) = if is_stacked { (1, moments) } else { (moments, 1) };
            let (across, down) = ((columns * wide) as f64, (layers.div_ceil(columns) * high) as f64);
            let side = (room.0 / across - around.0).min(room.1 / down - around.1).max(4.0);
            let cell = (side + around.0, side + around.1);
            // What is left over at the sides; below, the figure ends.
            let left = ((room.0 - across * cell.0) / 2.0).max(0.0);
            Self { columns, moments, is_stacked, side, cell, left }
        };
        (1..=layers)
            .flat_map(|columns| [arrange(columns, false), arrange(columns, true)])
            .fold(arrange(1, false), |best, other| if other.side > best.side * 1.05 { other } else { best })
    }

    /// Height of all cells.
    fn height(&self, layers: usize) -> f64 {
        let high = if self.is_stacked { self.moments } else { 1 };
        (layers.div_ceil(self.columns) * high) as f64 * self.cell.1
    }

    /// Upper left corner of the cell of layer `index` and the `moment`th moment.
    fn place(&self, index: usize, moment: usize) -> (f64, f64) {
        let (column, row) = (index % self.columns, index / self.columns);
        let (across, down) = if self.is_stacked {
            (column, row * self.moments + moment)
        } else {
            (column * self.moments + moment, row)
        };
        (self.left + across as f64 * self.cell.0, down as f64 * self.cell.1)
    }
}

fn draw_panel(
    canvas: &mut Canvas,
    area: Area,
    axis: &Axis,
    pairs: &[Point],
    (heading, zoom): (&str, f64),
) -> Result<(), FigureError> {
    frame::grid(canvas, area, axis)?;
    let diagonal = [(area.left, area.bottom), (area.right, area.top)];
    canvas.polyline(&diagonal, Stroke { width: zoom, ..Stroke::solid(FRAME).dashed(Dash::Dashed) })?;
    let every = pairs.len().div_ceil(MOST_POINTS).max(1);
    let drawn = pairs.len().div_ceil(every);
    let radius = zoom * if drawn > 1000 { 1.3 } else { 2.0 };
    let opacity = if drawn > 1000 { 0.4 } else { 0.6 };
    for &pair in pairs.iter().step_by(every) {
        canvas.disc(area.place(axis, axis, pair), radius, Color::series(0), opacity)?;
    }
    frame::spines(canvas, area, (axis, true), (axis, true), zoom)?;
    let middle = area.left.midpoint(area.right);
    let style = TextStyle::new(LABEL_SIZE * zoom, Align::Middle);
    let room = area.width() + 40.0 * zoom;
    let heading = canvas.elide(heading, style, room)?;
    canvas.text((middle, area.top - (LABEL_SIZE / 2.0 + 4.0) * zoom), &heading, style)?;
    let lower = area.bottom + (TICK + TICK_GAP + TICK_SIZE + 3.0 + LABEL_SIZE / 2.0) * zoom;
    canvas.text((middle, lower), &Quantity::new("*w*", "1").label(axis.exponent), style)?;
    let widest = frame::label_width(canvas, axis, zoom)?;
    let label_x = area.left - (TICK + TICK_GAP + 5.0 + LABEL_SIZE / 2.0) * zoom - widest;
    frame::y_label(canvas, area, label_x, &Quantity::new("*b*", "1").label(axis.exponent), zoom)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn layers_in_order_and_biases_left_out() {
        let names = ["l10.b", "l10.w", "l2.b", "l2.w", "l2.bias.w", "s.w", "s.b", "l1.w"];
        let arrays: Arrays = names.iter().map(|name| ((*name).to_owned(), vec![1.0, f64::NAN])).collect();
        let scatter = Scatter::new("t", None, Some(&arrays)).unwrap();
        let found: Vec<_> = scatter.layers.iter().map(|layer| layer.name.as_str()).collect();
        assert_eq!(found, ["l2", "l10"]);
        assert_eq!(scatter.layers[0].pairs, [None, Some(vec![(1.0, 1.0)])]);
        assert_eq!(scatter.moments(), [1]);
        assert_eq!(Scatter::new("t", Some(&Arrays::new()), None), None);
    }

    #[test]
    fn panels_stay_apart_and_inside() {
        for layers in 1..=9 {
            let grid = Grid::best(layers, 2, (800.0, 560.0), (60.0, 60.0));
            for index in 0..layers {
                let (x, y) = grid.place(index, 1);
                assert!(y + grid.cell.1 <= grid.height(layers) + 0.1, "{layers} {grid:?}");
                assert!(x + grid.cell.0 <= 800.1 && y + grid.cell.1 <= 560.1, "{layers} {grid:?}");
            }
        }
    }
}
