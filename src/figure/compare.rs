//! learning.png, symmetry.png and final.png of a comparison: one curve a variation, its mean over the seeds, before the
//! band from the least to the largest of them.
//!
//! Of a network with several layers of feedback the layer with the largest value is shown, as `[expect]` does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::frame::Quantity;
use super::learning::X;
use super::legend::Entry;
use super::panel::{Band, Panel, Scale, Series, Stack};
use super::ranking::{Ranking, Row};
use super::sheet::{Sheet, largest};
use super::source::Run;
use super::style::{Color, Dash, PALETTE, Stroke};
use super::text::plain;
use super::{Album, Drawable, FigureError, marks};
use crate::compare::{COMPARISON, SUMMARY, name};
use crate::config::wire::Figures;

/// Results of which the first that any run has is ranked, and how its axis is chosen.
const FINAL: [(&str, &str, Scale); 3] = [
    ("test_accuracy", "test accuracy", Scale::Fraction),
    ("test_loss", "test loss", Scale::LogBeyond(10.0)),
    ("loss", "loss", Scale::LogBeyond(10.0)),
];

/// A variation: what tells it from the others, and how it is drawn.
#[derive(Clone, Debug, PartialEq)]
struct Variation {
    values: Vec<String>,
    /// What the legend calls it.
    label: String,
    stroke: Stroke,
}

/// Draws the figures of the comparison in `directory` into `folder`, or into its `figures/`, and gives their paths.
///
/// The size is that of the first run's figures.
///
/// # Errors
/// If a file can't be read, a figure can't be written, or there is nothing to draw.
pub fn draw(directory: &Path, folder: Option<&Path>) -> Result<Vec<PathBuf>, FigureError> {
    let drawn = figures(directory)?;
    let runs = runs(&Sheet::read(&directory.join(SUMMARY))?, directory);
    let size = runs.first().map_or_else(Figures::default, |run| run.figures.clone());
    let own = directory.join("figures");
    let folder = folder.unwrap_or(&own);
    let mut album = Album::default();
    for (figure, name) in drawn {
        album.add(marks::marked(figure, marks::Along::Presentations, &runs), name, folder, &size)?;
    }
    album.finish(directory)
}

/// What is drawn of the comparison in `directory`, but for the marks of events, and the names.
pub(super) fn figures(directory: &Path) -> Result<[(Drawable, &'static str); 3], FigureError> {
    let measurements = Sheet::read(&directory.join(COMPARISON))?;
    let summary = Sheet::read(&directory.join(SUMMARY))?;
    let variations = variations(&summary, &name::comparison(directory));
    Ok([
        (learning(&measurements, &variations), "learning"),
        (symmetry(&measurements, &variations), "symmetry"),
        (ranking(&summary, &variations), "final"),
    ])
}

/// The variations in the order of the summary, so that each has one colour in every figure; one in which nothing varies
/// but the seed is called as the comparison is.
fn variations(summary: &Sheet, comparison: &str) -> Vec<Variation> {
    let mut variations: Vec<Variation> = Vec::new();
    for row in &summary.rows {
        let values = summary.variation(row);
        if variations.iter().all(|variation| variation.values != values) {
            let index = variations.len();
            // Past the end of the palette shades follow, and a dash tells them from their colour.
            let dash = Dash::ALL[(index / PALETTE.len()) % Dash::ALL.len()];
            let stroke = Stroke::solid(Color::series(index)).dashed(dash);
            let named: Vec<&str> =
                values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
            let label = plain(&if named.is_empty() { comparison.to_owned() } else { named.join(", ") });
            variations.push(Variation { values: values.to_vec(), label, stroke });
        }
    }
    variations
}

/// The runs whose configurations can be read.
fn runs(summary: &Sheet, directory: &Path) -> Vec<Run> {
    let run = |row: &Vec<String>| Run::open(&directory.join(row.get(summary.column("directory")?)?)).ok();
    summary.rows.iter().filter_map(run).collect()
}

fn learning(sheet: &Sheet, variations: &[Variation]) -> Drawable {
    let loss = ("online loss", "", Scale::LogBeyond(10.0), "loss");
    let accuracy = ("test accuracy", "", Scale::Fraction, "test_accuracy");
    let test_loss = ("test loss", "", Scale::LogBeyond(10.0), "test_loss");
    let has = |name: &str| sheet.rows.iter().any(|row| largest(row, &sheet.columns(name)).is_some());
    let second = if has("test_accuracy") { accuracy } else { test_loss };
    stack("Learning", &[loss, second], sheet, variations)
        .unwrap_or_else(|| Drawable::Absent(format!("{COMPARISON} holds no loss and no accuracy")))
}

fn symmetry(sheet: &Sheet, variations: &[Variation]) -> Drawable {
    let angle = ("weight angle", "°", Scale::FromZero, "angle_deg");
    let difference = ("‖*W* − *B*‖ / ‖*W*‖", "", Scale::LogBeyond(10.0), "relative_difference");
    let is_deep = sheet.columns("angle_deg").len() > 1;
    let title = if is_deep { "Symmetry of W and B, worst layer" } else { "Symmetry of W and B" };
    stack(title, &[angle, difference], sheet, variations).unwrap_or_else(|| {
        Drawable::Absent(format!("{COMPARISON} holds no angle and no difference of W and B"))
    })
}

/// Panels of the named columns, where any run has them.
fn stack(
    title: &str,
    rows: &[(&str, &'static str, Scale, &str)],
    sheet: &Sheet,
    variations: &[Variation],
) -> Option<Drawable> {
    let mut panels = Vec::new();
    let mut drawn = vec![0; variations.len()];
    for (label, unit, scale, column) in rows {
        let (mut series, mut bands) = (Vec::new(), Vec::new());
        for (index, variation) in variations.iter().enumerate() {
            let (seeds, points) = spread(sheet, variation, column);
            drawn[index] = drawn[index].max(seeds);
            let mean = points.iter().map(|&(x, mean, _, _)| (x, mean)).collect();
            series.push(Series { points: mean, stroke: variation.stroke });
            if seeds > 1 {
                let points = points.iter().map(|&(x, _, least, largest)| (x, least, largest)).collect();
                bands.push(Band { points, color: variation.stroke.color });
            }
        }
        let panel = Panel::new(Quantity::new(*label, unit), *scale, series);
        panels.extend(panel.map(|panel| panel.with_bands(bands)));
    }
    let shown = variations.iter().zip(&drawn).filter(|(_, seeds)| **seeds > 0);
    let names = shown.map(|(variation, _)| Entry::new(variation.label.clone(), variation.stroke));
    let names = keys(sheet).into_iter().chain(names).collect();
    // Losses above one another are read against one another.
    if panels.iter().any(Panel::is_log) {
        for panel in panels.iter_mut().filter(|panel| matches!(panel.scale, Scale::LogBeyond(_))) {
            panel.scale = Scale::LogBeyond(1.0);
        }
    }
    (!panels.is_empty()).then(|| {
        Drawable::Stack(Stack {
            title: title.to_owned(),
            x: Quantity::new("presentations", ""),
            log_x: false,
            legend: vec![names, remark(&drawn).into_iter().collect()],
            panels,
            marks: Vec::new(),
        })
    })
}

/// The keys whose values the legend gives.
fn keys(sheet: &Sheet) -> Option<Entry> {
    let keys = sheet.keys().join(", ");
    (!keys.is_empty()).then(|| Entry::remark(plain(&format!("{keys}:"))))
}

/// What line and band are, where there are bands.
fn remark(seeds: &[usize]) -> Option<Entry> {
    let shown = || seeds.iter().copied().filter(|seeds| *seeds > 0);
    let (least, most) = (shown().min()?, shown().max()?);
    let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
    (most > 1).then(|| Entry::remark(format!("line: mean of {count} seeds; band: least to largest")))
}

/// How many runs of a variation have measured `column`, and mean, least and largest value at each presentation at
/// which all of them have.
fn spread(sheet: &Sheet, variation: &Variation, column: &str) -> (usize, Vec<(f64, f64, f64, f64)>) {
    let columns = sheet.columns(column);
    let Some(x) = sheet.column(X) else { return (0, Vec::new()) };
    // Rows before and after an event have the same x: they are told apart by their turn within the run.
    let mut turns: BTreeMap<(&[String], u64), usize> = BTreeMap::new();
    let mut values: BTreeMap<(u64, usize), Vec<f64>> = BTreeMap::new();
    for row in sheet.rows.iter().filter(|row| sheet.variation(row) == variation.values) {
        if let (Some(x), Some(value)) = (largest(row, &[x]), largest(row, &columns)) {
            // Numbers above 0 are in the order of their bits.
            let turn = turns.entry((&row[..sheet.keys().len() + 2], x.to_bits())).or_default();
            values.entry((x.to_bits(), *turn)).or_default().push(value);
            *turn += 1;
        }
    }
    let seeds = values.values().map(Vec::len).max().unwrap_or(0);
    let of = |((x, _), values): ((u64, usize), Vec<f64>)| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let (least, largest) =
            values.iter().fold((mean, mean), |(a, b), &value| (a.min(value), b.max(value)));
        (f64::from_bits(x), mean, least, largest)
    };
    (seeds, values.into_iter().filter(|(_, values)| values.len() == seeds).map(of).collect())
}

/// The final values of every variation.
fn ranking(summary: &Sheet, variations: &[Variation]) -> Drawable {
    for (name, label, scale) in FINAL {
        let Some(column) = summary.column(name) else { continue };
        let rows: Vec<Row> = variations
            .iter()
            .map(|variation| {
                let own = summary.rows.iter().filter(|row| summary.variation(row) == variation.values);
                Row {
                    label: variation.label.clone(),
                    color: variation.stroke.color,
                    values: own.filter_map(|row| largest(row, &[column])).collect(),
                }
            })
            .collect();
        if rows.iter().any(|row| !row.values.is_empty()) {
            let by = summary.keys().join(", ");
            let by = if by.is_empty() { by } else { format!(" by {by}") };
            return Drawable::Ranking(Ranking {
                title: format!("Final {label}{by}"),
                quantity: Quantity::new(label, ""),
                scale,
                rows,
            });
        }
    }
    Drawable::Absent("the runs have no accuracy and no loss".to_owned())
}
