//! symmetry.png: how forward and feedback weights come to agree, per layer, against presentations.

use super::frame::Quantity;
use super::learning::X;
use super::legend::Entry;
use super::panel::{Panel, Scale, Series, Stack};
use super::source::Table;
use super::style::{Color, Dash, FRAME, Stroke};
use super::text::plain;
use super::{Drawable, LabelledRun};

const ANGLE: &str = "angle_deg";
const ERROR_ANGLE: &str = "error_angle_deg";
const DIFFERENCE: &str = "relative_difference";
const ABSENT: &str =
    "metrics.csv holds no angle or relative difference of W and B (feedback `symmetric` has no B of its own)";

/// Names of the layers with feedback, in order.
#[must_use]
pub fn layers(table: &Table) -> Vec<&str> {
    let mut layers = Vec::new();
    for (layer, quantity) in table.names.iter().filter_map(|name| name.rsplit_once('.')) {
        if [ANGLE, ERROR_ANGLE, DIFFERENCE].contains(&quantity) && !layers.contains(&layer) {
            layers.push(layer);
        }
    }
    layers
}

fn curve(table: &Table, layer: &str, quantity: &str, stroke: Stroke) -> Option<Series> {
    Some(Series { points: table.measurements(X, &format!("{layer}.{quantity}"))?, stroke })
}

fn difference_panel(series: Vec<Series>) -> Option<Panel> {
    Panel::new(Quantity::new("‖*W* − *B*‖ / ‖*W*‖", ""), Scale::LogBeyond(10.0), series)
}

fn stack(title: &str, legend: Vec<Vec<Entry>>, panels: Vec<Panel>) -> Drawable {
    if panels.is_empty() {
        return Drawable::Absent(ABSENT.to_owned());
    }
    let x = Quantity::new("presentations", "");
    Drawable::Stack(Stack { title: title.to_owned(), x, log_x: false, legend, panels, marks: Vec::new() })
}

/// One run, one colour a layer; the angle between the error signals is dashed.
#[must_use]
pub fn of_run(title: &str, table: &Table) -> Drawable {
    let layers: Vec<_> =
        layers(table).into_iter().enumerate().map(|(index, name)| (name, Color::series(index))).collect();
    let curves = |quantity: &str, dash| -> Vec<Series> {
        let stroke = |color: Color| match dash {
            Dash::Solid => Stroke::solid(color),
            dash => Stroke::solid(color.shade()).dashed(dash),
        };
        layers.iter().filter_map(|(layer, color)| curve(table, layer, quantity, stroke(*color))).collect()
    };
    let (weights, errors) = (curves(ANGLE, Dash::Solid), curves(ERROR_ANGLE, Dash::Dashed));
    let mut styles = Vec::new();
    if !errors.is_empty() {
        if !weights.is_empty() {
            styles.push(Entry::new("weights *W*, *B*", Stroke::solid(FRAME.shade())));
        }
        let dashed = Stroke::solid(FRAME.shade()).dashed(Dash::Dashed);
        styles.push(Entry::new("error signals through *W*, *B*", dashed));
    }
    let names =
        layers.iter().map(|(name, color)| Entry::new(layer_name(name), Stroke::solid(*color))).collect();
    let angles = weights.into_iter().chain(errors).collect();
    let panels = [
        Panel::new(Quantity::new("angle", "°"), Scale::FromZero, angles),
        difference_panel(curves(DIFFERENCE, Dash::Solid)),
    ];
    stack(title, vec![names, styles], panels.into_iter().flatten().collect())
}

/// Several runs, one colour each and one line style a layer.
#[must_use]
pub fn of_runs(runs: &[(LabelledRun<'_>, Table)]) -> Drawable {
    let mut names: Vec<&str> = Vec::new();
    for layer in runs.iter().flat_map(|(_, table)| layers(table)) {
        if !names.contains(&layer) {
            names.push(layer);
        }
    }
    let dash = |index: usize| Dash::ALL[index % Dash::ALL.len()];
    let curves = |quantity: &str| -> Vec<Series> {
        let of = |(run, table): &(LabelledRun<'_>, Table), index: usize, layer: &str| {
            curve(table, layer, quantity, Stroke::solid(run.color).dashed(dash(index)))
        };
        let named = names.iter().enumerate();
        named.flat_map(|(index, layer)| runs.iter().filter_map(move |run| of(run, index, layer))).collect()
    };
    let styles = if names.len() < 2 {
        Vec::new()
    } else {
        let entry = |(index, name): (usize, &&str)| {
            Entry::new(layer_name(name), Stroke::solid(FRAME.shade()).dashed(dash(index)))
        };
        names.iter().enumerate().map(entry).collect()
    };
    let panels = [
        Panel::new(Quantity::new("weight angle", "°"), Scale::FromZero, curves(ANGLE)),
        Panel::new(Quantity::new("error angle", "°"), Scale::FromZero, curves(ERROR_ANGLE)),
        difference_panel(curves(DIFFERENCE)),
    ];
    // A run with symmetric feedback has no line.
    let drawn = runs.iter().filter(|(_, table)| !layers(table).is_empty());
    let entries = drawn.map(|(run, _)| run.entry()).collect();
    stack("Symmetry of W and B", vec![entries, styles], panels.into_iter().flatten().collect())
}

/// `l2` as a reader calls it.
#[must_use]
pub fn layer_name(layer: &str) -> String {
    match layer.strip_prefix('l') {
        Some(number) if number.parse::<u32>().is_ok() => format!("layer {number}"),
        _ => plain(layer),
    }
}
