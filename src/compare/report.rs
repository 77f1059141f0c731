//! `summary.md`: for each result a table of the variations, over their seeds, beside the first of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::statistics::{Summary, paired};
use super::{Comparison, Outcome};

/// Results that are compared, as far as the runs have them.
pub const RESULTS: [&str; 5] = ["test_accuracy", "test_loss", "loss", "angle_deg", "relative_difference"];
/// Most results of runs that have none of [`RESULTS`], as synapses under a protocol.
const MOST_OTHERS: usize = 12;

/// The whole report, Markdown that also reads well in a terminal.
#[must_use]
pub fn markdown(comparison: &Comparison, title: &str) -> String {
    let variations = comparison.variations();
    let complete = comparison.runs.iter().filter(|run| run.manifest().is_some()).count();
    let reused = comparison.runs.iter().filter(|run| run.reused).count();
    let failed = comparison.failures().count();
    let mut text = format!("# {title}\n\n{complete} of {} runs complete", comparison.runs.len());
    if reused > 0 {
        let _ = write!(text, ", {reused} of them from before");
    }
    text.push_str(if failed > 0 { "; " } else { ".\n" });
    if failed > 0 {
        let _ = writeln!(text, "{failed} failed, see the end.");
    }
    if let (Some((first, _)), true) = (variations.first(), variations.len() > 1) {
        let _ = writeln!(
            text,
            "Differences are to `{first}`, paired by seed, with the 95 % interval of their mean (Student's t)."
        );
    }
    for result in compared(comparison) {
        let _ = write!(text, "\n## {result}\n\n{}", table(&variations, &result));
    }
    if failed > 0 {
        text.push_str("\n## Failed\n\n");
        for (name, reason) in comparison.failures() {
            let _ = writeln!(text, "- `{name}`: {}", reason.replace('\n', " "));
        }
    }
    text
}

/// The results that are compared.
#[must_use]
pub fn compared(comparison: &Comparison) -> Vec<String> {
    let has = |name: &str| comparison.runs.iter().any(|run| value(run, name).is_some());
    let usual: Vec<String> = RESULTS.into_iter().filter(|name| has(name)).map(str::to_owned).collect();
    if !usual.is_empty() {
        return usual;
    }
    let manifests = comparison.runs.iter().filter_map(Outcome::manifest);
    let all: std::collections::BTreeSet<&String> =
        manifests.flat_map(|manifest| manifest.results.keys()).collect();
    all.into_iter().take(MOST_OTHERS).cloned().collect()
}

/// The result of this name.
#[must_use]
pub fn value(run: &Outcome, name: &str) -> Option<f64> {
    run.manifest()?.results.get(name).copied()
}

/// A row a variation; numbers of a table are written alike, so that they can be compared.
fn table(variations: &[(String, Vec<&Outcome>)], result: &str) -> String {
    let by_seed = |runs: &Vec<&Outcome>| -> BTreeMap<u64, f64> {
        runs.iter().filter_map(|run| Some((run.planned.seed?, value(run, result)?))).collect()
    };
    let first = variations.first().map(|(_, runs)| by_seed(runs)).unwrap_or_default();
    let largest = variations.iter().flat_map(|(_, runs)| by_seed(runs).into_values()).fold(0.0, largest);
    let write = if (1e-2..1e5).contains(&largest) { |value| format!("{value:.4}") } else { number };
    let header = ["variation", "n", "mean", "sd", "difference", "95 % interval", "pairs"];
    let mut rows = vec![header.map(str::to_owned)];
    for (index, (label, runs)) in variations.iter().enumerate() {
        let values = by_seed(runs);
        let [n, mean, sd] = described(Summary::of(&values.values().copied().collect::<Vec<_>>()), write);
        let [difference, interval, pairs] = if index == 0 || values.is_empty() {
            ["", "", ""].map(str::to_owned)
        } else {
            differing(paired(&first, &values), write)
        };
        let label = label.replace('|', "\\|");
        rows.push([label, n, mean, sd, difference, interval, pairs]);
    }
    let columns = if variations.len() > 1 { header.len() } else { 4 };
    aligned(&rows, columns)
}

fn described(summary: Option<Summary>, write: fn(f64) -> String) -> [String; 3] {
    let Some(summary) = summary else { return ["0", "not measured", ""].map(str::to_owned) };
    let sd = summary.sd.map_or_else(|| "-".to_owned(), write);
    [summary.n.to_string(), write(summary.mean), sd]
}

fn differing(differences: Option<Summary>, write: fn(f64) -> String) -> [String; 3] {
    let Some(differences) = differences else {
        return ["-", "no common seed", "0"].map(str::to_owned);
    };
    let signed = |value: f64| if value < 0.0 { write(value) } else { format!("+{}", write(value)) };
    let interval = differences.half_width().map_or_else(
        || "none for n = 1".to_owned(),
        |half| format!("{} to {}", signed(differences.mean - half), signed(differences.mean + half)),
    );
    [signed(differences.mean), interval, differences.n.to_string()]
}

/// A Markdown table whose columns are as wide as their cells, names to the left and numbers to the right.
fn aligned<const N: usize>(rows: &[[String; N]], columns: usize) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        if index == 0 {
            let rule = |(column, width): (usize, &usize)| {
                let end = if column == 0 { "-" } else { ":" };
                format!("-{}{end}", "-".repeat(*width))
            };
            let _ = writeln!(text, "|{}|", widths.iter().enumerate().map(rule).collect::<Vec<_>>().join("|"));
        }
    }
    text
}

/// A result with the digits that mean something.
#[must_use]
pub fn number(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

fn largest(largest: f64, value: f64) -> f64 {
    largest.max(value.abs())
}
