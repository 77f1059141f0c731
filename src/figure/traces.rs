//! traces.png: the variables of chosen synapses against time, one panel a variable.
//!
//! Lines of the forward synapse are unbroken, of the feedback synapse dashed, of discrete Adam dotted.

use super::frame::Quantity;
use super::legend::Entry;
use super::panel::{Panel, Scale, Series, Stack};
use super::source::Table;
use super::style::{Color, DISTINCT, Dash, FRAME, Stroke};
use super::text::plain;
use super::{Drawable, LabelledRun};
use crate::layout::interned;

/// A panel: its label, its unit, its axis, and the columns of the forward synapse, of feedback, and of Adam.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    symbol: String,
    unit: &'static str,
    scale: Scale,
    forward: String,
    feedback: &'static str,
    adam: &'static str,
}

/// What stands first, and what stands last; the variables of a model stand between them.
const FIRST: [Known; 6] = [
    ("*g*", "1", Scale::Linear, "g", "", ""),
    ("*δ*", "1", Scale::Linear, "delta", "", ""),
    ("*x*", "1", Scale::Linear, "x", "", ""),
    ("*y*", "1", Scale::Linear, "y", "", ""),
    ("*m*", "1", Scale::Linear, "m", "m_b", "m_adam"),
    ("*ρ*", "1", Scale::LogBeyond(30.0), "rho", "rho_b", "rho_adam"),
];
const LAST: [Known; 2] =
    [("*u*", "s⁻¹", Scale::Linear, "u", "u_b", ""), ("*w*", "1", Scale::Linear, "w", "b", "w_adam")];

/// The parts of a row, in their order.
type Known = (&'static str, &'static str, Scale, &'static str, &'static str, &'static str);

impl From<Known> for Row {
    fn from((symbol, unit, scale, forward, feedback, adam): Known) -> Self {
        Self { symbol: symbol.to_owned(), unit, scale, forward: forward.to_owned(), feedback, adam }
    }
}

/// The panels for the columns of these tables.
fn rows<'t>(tables: impl Iterator<Item = &'t Table>) -> Vec<Row> {
    let known: Vec<Row> = FIRST.into_iter().chain(LAST).map(Row::from).collect();
    let mut between: Vec<Row> = Vec::new();
    for table in tables {
        for (_, variable) in table.names.iter().filter_map(|name| name.rsplit_once('.')) {
            let mut all = known.iter().chain(&between);
            let is_new = !all.any(|row| [&row.forward, row.feedback, row.adam].contains(&variable));
            if is_new && !variable.ends_with("_b") {
                let unit = interned(table.units.get(variable).map_or("", String::as_str));
                between.push(Row {
                    symbol: format!("*{}*", symbol(variable)),
                    unit,
                    scale: Scale::Linear,
                    forward: variable.to_owned(),
                    feedback: "",
                    adam: "",
                });
            }
        }
    }
    let (first, last) = known.split_at(FIRST.len());
    [first, &between, last].concat()
}

/// How a variable of a model is written: Greek letters as such.
fn symbol(variable: &str) -> String {
    const GREEK: [(&str, &str); 12] = [
        ("alpha", "α"),
        ("beta", "β"),
        ("gamma", "γ"),
        ("epsilon", "ε"),
        ("eta", "η"),
        ("theta", "θ"),
        ("kappa", "κ"),
        ("lambda", "λ"),
        ("mu", "μ"),
        ("sigma", "σ"),
        ("phi", "φ"),
        ("omega", "ω"),
    ];
    let letter = GREEK.iter().find(|(name, _)| *name == variable).map(|(_, letter)| *letter);
    plain(letter.unwrap_or(variable))
}

/// Names of the synapses of a traces table, in order.
#[must_use]
pub fn synapses(table: &Table) -> Vec<&str> {
    let mut names = Vec::new();
    for (synapse, _) in table.names.iter().filter_map(|name| name.rsplit_once('.')) {
        if !names.contains(&synapse) {
            names.push(synapse);
        }
    }
    names
}

/// All synapses of one run, one colour each.
#[must_use]
pub fn of_run(title: &str, table: &Table) -> Drawable {
    let all = synapses(table);
    let synapses = &all[..all.len().min(DISTINCT)];
    let lines: Vec<_> =
        synapses.iter().enumerate().map(|(index, name)| (table, *name, Color::series(index))).collect();
    let entry = |(index, name): (usize, &&str)| Entry::new(plain(name), Stroke::solid(Color::series(index)));
    let mut legend: Vec<Entry> = synapses.iter().enumerate().map(entry).collect();
    if all.len() > synapses.len() {
        // More colours could not be told apart.
        let text = format!("({} more not drawn)", all.len() - synapses.len());
        legend.push(Entry { text, stroke: None });
    }
    stack(title, &lines, legend)
}

/// One synapse of several runs, one colour each.
#[must_use]
pub fn of_synapse(synapse: &str, runs: &[(LabelledRun<'_>, Table)]) -> Drawable {
    let lines: Vec<_> = runs.iter().map(|(run, table)| (table, synapse, run.color)).collect();
    let legend = runs
        .iter()
        .filter(|(_, table)| synapses(table).contains(&synapse))
        .map(|(run, _)| run.entry())
        .collect();
    stack(&format!("Synapse {synapse}"), &lines, legend)
}

fn stack(title: &str, lines: &[(&Table, &str, Color)], names: Vec<Entry>) -> Drawable {
    let rows = rows(lines.iter().map(|(table, ..)| *table));
    let has = |pick: fn(&Row) -> &'static str| {
        let holds = |(table, synapse, _): &(&Table, &str, Color)| {
            rows.iter().any(|row| table.column(&format!("{synapse}.{}", pick(row))).is_some())
        };
        lines.iter().any(holds)
    };
    let (has_feedback, has_adam) = (has(|row| row.feedback), has(|row| row.adam));
    let panels: Vec<Panel> = rows.iter().filter_map(|row| panel(row, lines)).collect();
    if panels.is_empty() {
        return Drawable::Absent("traces.csv holds no finite value of a synaptic variable".to_owned());
    }
    let mut styles = Vec::new();
    if has_feedback || has_adam {
        styles.push(Entry::new("forward (*w*)", Stroke::solid(FRAME.shade())));
    }
    if has_feedback {
        styles.push(Entry::new("feedback (*b*)", Stroke::solid(FRAME.shade()).dashed(Dash::Dashed)));
    }
    if has_adam {
        styles.push(Entry::new("discrete Adam", Stroke::solid(FRAME.shade()).dashed(Dash::Dotted)));
    }
    Drawable::Stack(Stack {
        title: title.to_owned(),
        x: Quantity::new("time", "s"),
        log_x: false,
        legend: vec![names, styles],
        panels,
        marks: Vec::new(),
    })
}

fn panel(row: &Row, lines: &[(&Table, &str, Color)]) -> Option<Panel> {
    let Row { symbol, unit, scale, forward, feedback, adam } = row;
    let mut series = Vec::new();
    // Broken lines lie on top, in a shade of their own, so that they show where they agree with the unbroken one.
    for (variable, dash) in
        [(forward.as_str(), Dash::Solid), (*adam, Dash::Dotted), (*feedback, Dash::Dashed)]
    {
        for (table, synapse, color) in lines {
            let Some(points) = table.curve("time_s", &format!("{synapse}.{variable}")) else { continue };
            let color = if dash == Dash::Solid { *color } else { color.shade() };
            let points = if dash == Dash::Dotted { held(&points) } else { points };
            series.push(Series { points, stroke: Stroke::solid(color).dashed(dash) });
        }
    }
    let symbol = symbol.as_str();
    let shows_feedback = symbol == "*w*" && series.iter().any(|series| series.stroke.dash == Dash::Dashed);
    let symbol = if shows_feedback { "*w*, *b*" } else { symbol };
    Panel::new(Quantity::new(symbol, unit), *scale, series)
}

/// The corners of a piecewise constant curve that keeps each value until the next time.
fn held(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> =
        points.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]).collect();
    corners.extend(points.last());
    corners
}
