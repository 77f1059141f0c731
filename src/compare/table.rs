//! `comparison.csv` and `summary.csv`: what all runs have measured, in tidy tables.
//!
//! Both start with `run`, a column for each varied key, and `seed`. `comparison.csv` goes on with the columns of
//! every run's `metrics.csv`, one row a run and measurement. `summary.csv` has one row a run, with `status`,
//! `seconds`, `directory` (relative to the comparison's), the final results, and `reason` where the run failed.

use std::path::{Path, PathBuf};

use super::{COMPARISON, Comparison, Outcome, SUMMARY, State};
use crate::error::IoError;
use crate::record::write_whole;

/// Writes `summary.csv`.
///
/// # Errors
/// Where the file can't be written.
pub fn write_summary(comparison: &Comparison) -> Result<(), IoError> {
    let results = union(
        comparison.runs.iter().filter_map(Outcome::manifest).map(|manifest| manifest.results.keys().cloned()),
    );
    let mut header = identity_header(comparison);
    header.extend(["status", "seconds", "directory"].map(str::to_owned));
    header.extend(results.iter().cloned());
    header.push("reason".to_owned());
    let rows = comparison.runs.iter().map(|run| {
        let status = match &run.state {
            State::Waiting => "waiting",
            State::Complete(_) => "complete",
            State::Failed(_) => "failed",
        };
        let manifest = run.manifest();
        let mut row = identity(run);
        row.push(status.to_owned());
        row.push(manifest.map_or_else(String::new, |manifest| manifest.seconds.to_string()));
        row.push(beside(&comparison.directory, &run.planned.directory).display().to_string());
        row.extend(results.iter().map(|name| {
            let value = manifest.and_then(|manifest| manifest.results.get(name));
            value.map_or_else(String::new, |value| format!("{value:?}"))
        }));
        row.push(run.failure().unwrap_or_default().to_owned());
        row
    });
    write(&comparison.directory.join(SUMMARY), &header, rows)
}

/// Writes `comparison.csv` from the `metrics.csv` of all complete runs.
///
/// # Errors
/// Where a file can't be read or written.
pub fn write_comparison(comparison: &Comparison) -> Result<(), IoError> {
    let mut tables = Vec::new();
    for run in comparison.runs.iter().filter(|run| run.manifest().is_some()) {
        let path = run.planned.directory.join("metrics.csv");
        if path.is_file() {
            tables.push((run, read(&path)?));
        }
    }
    let columns = union(tables.iter().map(|(_, (names, _))| names.iter().cloned()));
    let mut header = identity_header(comparison);
    header.extend(columns.iter().cloned());
    let rows = tables.iter().flat_map(|(run, (names, rows))| {
        let places: Vec<Option<usize>> =
            columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
        rows.iter().map(move |row| {
            let cell =
                |place: &Option<usize>| place.and_then(|place| row.get(place)).cloned().unwrap_or_default();
            identity(run).into_iter().chain(places.iter().map(cell)).collect()
        })
    });
    write(&comparison.directory.join(COMPARISON), &header, rows)
}

fn identity_header(comparison: &Comparison) -> Vec<String> {
    let keys = comparison.keys.iter().cloned();
    std::iter::once("run".to_owned()).chain(keys).chain(["seed".to_owned()]).collect()
}

fn identity(run: &Outcome) -> Vec<String> {
    let seed = run.planned.seed.map_or_else(String::new, |seed| seed.to_string());
    let values = run.planned.keys.iter().map(|(_, value)| value.clone());
    std::iter::once(run.planned.name.clone()).chain(values).chain([seed]).collect()
}

/// The names of all lists, each once, in the order of their first appearance.
fn union(lists: impl Iterator<Item = impl Iterator<Item = String>>) -> Vec<String> {
    let mut all = Vec::new();
    for name in lists.flatten() {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// A run directory as seen from the comparison's, or its absolute path where it lies elsewhere.
fn beside(comparison: &Path, run: &Path) -> PathBuf {
    match run.strip_prefix(comparison) {
        Ok(inner) => inner.to_owned(),
        Err(_) => std::path::absolute(run).unwrap_or_else(|_| run.to_owned()),
    }
}

/// Header and rows of a table; a last row that an interruption cut short is left out.
fn read(path: &Path) -> Result<(Vec<String>, Vec<Vec<String>>), IoError> {
    let failed = |error: csv::Error| IoError::new(path, "reading", error.into());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(failed)?;
    let header = cells(reader.headers().map_err(failed)?);
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(cells(&record.map_err(failed)?));
    }
    rows.retain(|row| row.len() == header.len());
    Ok((header, rows))
}

fn write(path: &Path, header: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<(), IoError> {
    let failed = |error: csv::Error| IoError::new(path, "writing", error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(&row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| IoError::new(path, "writing", error.into_error()))?;
    write_whole(path, &bytes)
}
