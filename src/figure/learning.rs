//! learning.png: loss and accuracy against presentations, online and on the test set.

use super::frame::Quantity;
use super::legend::Entry;
use super::panel::{Panel, Scale, Series, Stack};
use super::source::Table;
use super::style::{Color, Dash, FRAME, Stroke};
use super::{Drawable, LabelledRun};

/// Column of the common x axis.
pub const X: &str = "presentation";

/// A panel: its label, its axis, and the columns measured online and on the test set.
const ROWS: [(&str, Scale, [&str; 2]); 2] = [
    ("loss", Scale::LogBeyond(10.0), ["loss", "test_loss"]),
    ("accuracy", Scale::Fraction, ["online_accuracy", "test_accuracy"]),
];

/// One run: online and test in two colours.
#[must_use]
pub fn of_run(title: &str, table: &Table) -> Drawable {
    let strokes = [Stroke::solid(Color::series(0)), Stroke::solid(Color::series(1))];
    stack(title, &[(table, strokes)], Vec::new(), strokes)
}

/// Several runs, one colour each: online unbroken, test dashed.
#[must_use]
pub fn of_runs(runs: &[(LabelledRun<'_>, Table)]) -> Drawable {
    let styles = |color| [Stroke::solid(color), Stroke::solid(color).dashed(Dash::Dashed)];
    let lines: Vec<_> = runs.iter().map(|(run, table)| (table, styles(run.color))).collect();
    let names = runs.iter().map(|(run, _)| run.entry()).collect();
    stack("Learning", &lines, names, styles(FRAME.shade()))
}

fn stack(title: &str, lines: &[(&Table, [Stroke; 2])], names: Vec<Entry>, key: [Stroke; 2]) -> Drawable {
    let panels: Vec<Panel> = ROWS
        .into_iter()
        .filter_map(|(label, scale, columns)| {
            let series = lines.iter().flat_map(|(table, strokes)| {
                columns.into_iter().zip(*strokes).filter_map(|(column, stroke)| {
                    Some(Series { points: table.measurements(X, column)?, stroke })
                })
            });
            Panel::new(Quantity::new(label, ""), scale, series.collect())
        })
        .collect();
    if panels.is_empty() {
        return Drawable::Absent("metrics.csv holds no loss and no accuracy".to_owned());
    }
    let measured = |part: usize| {
        let held =
            |(table, _): &(&Table, _)| ROWS.iter().any(|row| table.measurements(X, row.2[part]).is_some());
        lines.iter().any(held)
    };
    let styles = [(0, "online"), (1, "test")]
        .into_iter()
        .filter(|(part, _)| measured(*part))
        .map(|(part, text)| Entry::new(text, key[part]))
        .collect();
    Drawable::Stack(Stack {
        title: title.to_owned(),
        x: Quantity::new("presentations", ""),
        log_x: false,
        legend: vec![names, styles],
        panels,
        marks: Vec::new(),
    })
}
