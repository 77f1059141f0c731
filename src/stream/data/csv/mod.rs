//! Tables of comma-separated values: one sample a row, columns to predict from and a class or numbers to be predicted.
//!
//! Numbers are scaled as the samples to learn from say, inputs and targets alike. Nothing is guessed: a row of another
//! length, an empty cell, or one that is no finite number is refused with its place.

mod columns;
mod labels;
mod table;

#[cfg(test)]
mod tests;

use std::path::Path;

use self::columns::Selection;
use self::labels::{Cell, Classes, Labels};
use self::table::{Place, Table};
use super::samples::{Inputs, Samples, Targets};
use super::scaling::Scale;
use super::spec::{CsvSpec, TestPart};
use super::split;
use crate::error::DataError;
use crate::stream::random::generator;

/// Largest number that is taken for one: its square can be computed with.
const LARGEST: f64 = 1e100;

/// Samples to learn from, the first `train` of them if given, and samples to be tested on: of a single file, `test`
/// if given.
///
/// # Errors
/// Where a file is missing or broken, with line and column, or holds fewer samples than asked for.
pub(super) fn load(
    spec: &CsvSpec,
    train: Option<usize>,
    test: Option<usize>,
) -> Result<(Samples, Samples), DataError> {
    let table = Table::open(&spec.path, spec.header)?;
    let selection = Selection::new(spec, &table)?;
    let names = table.names.clone();
    let rows = Rows::read(table, &selection)?;
    match &spec.test {
        TestPart::File(path) => {
            let table = Table::open(path, spec.header)?;
            table.must_equal(names.as_deref(), selection.width, &spec.path)?;
            let tested = Rows::read(table, &selection)?;
            let classes = Classes::of(&rows.labels, &tested.labels)?;
            let keep = |rows: &Rows, most: Option<usize>| {
                (0..rows.len.min(most.unwrap_or(usize::MAX))).collect::<Vec<_>>()
            };
            let (train, test) = (keep(&rows, train), keep(&tested, test));
            scaled(spec, &selection, &classes, (&rows, &train), (&tested, &test))
        }
        TestPart::Split { fraction, seed } => {
            let classes = Classes::of(&rows.labels, &Labels::default())?;
            let count = set_apart(&spec.path, rows.len, test, *fraction)?;
            let labels =
                if rows.labels.cells.is_empty() { vec![0; rows.len] } else { classes.numbers(&rows.labels) };
            let mut rng = generator(*seed, "csv split", 0);
            let (mut learned, tested) = split::stratified(&labels, classes.count.max(1), count, &mut rng);
            learned.truncate(train.unwrap_or(usize::MAX));
            scaled(spec, &selection, &classes, (&rows, &learned), (&rows, &tested))
        }
    }
}

/// How many of `len` samples are to be tested on.
fn set_apart(
    path: &Path,
    len: usize,
    test: Option<usize>,
    fraction: Option<f64>,
) -> Result<usize, DataError> {
    let refuse = |reason, remedy: String| Err(DataError { path: path.to_owned(), reason, remedy });
    if len < 2 {
        return refuse(
            "holds one sample, which can't be split into some to train and some to test on".to_owned(),
            "give more rows, or a file to test on as data.test_path".to_owned(),
        );
    }
    match (test, fraction) {
        (Some(test), _) if test < len => Ok(test),
        (Some(test), _) => refuse(
            format!(
                "data.test sets {test} samples apart, but there are {len}, and some must stay to train on"
            ),
            format!("set data.test to between 1 and {}", len - 1),
        ),
        (None, fraction) => Ok(((fraction.unwrap_or(0.0) * len as f64).round() as usize).clamp(1, len - 1)),
    }
}

/// Both parts from the chosen rows, scaled by the first.
fn scaled(
    spec: &CsvSpec,
    selection: &Selection,
    classes: &Classes,
    (train_rows, train): (&Rows, &[usize]),
    (test_rows, test): (&Rows, &[usize]),
) -> Result<(Samples, Samples), DataError> {
    let (width, target_width) = (selection.inputs.len(), selection.targets.len());
    let mut parts = [(train_rows, train), (test_rows, test)].map(|(rows, places)| {
        (chosen(&rows.inputs, width, places), chosen(&rows.targets, target_width, places))
    });
    let inputs = Scale::fit(spec.scaling, &parts[0].0, width);
    let targets = Scale::fit(spec.scaling, &parts[0].1, target_width);
    for part in &mut parts {
        inputs.apply(&mut part.0);
        targets.apply(&mut part.1);
    }
    let [trained, tested] = parts;
    let samples = |rows: &Rows, places: &[usize], (inputs, values): (Vec<f64>, Vec<f64>)| {
        let targets = if selection.label.is_some() {
            let labels = chosen(&classes.numbers(&rows.labels), 1, places);
            Targets::Labels { labels, classes: classes.count }
        } else {
            Targets::Numbers { values, width: target_width }
        };
        Samples::new(Inputs::Numbers(inputs), width, targets).ok_or_else(|| DataError {
            path: spec.path.clone(),
            reason: "leaves no samples to train or to test on".to_owned(),
            remedy: "set data.train and data.test to 1 or more".to_owned(),
        })
    };
    Ok((samples(train_rows, train, trained)?, samples(test_rows, test, tested)?))
}

fn chosen<T: Copy>(values: &[T], width: usize, places: &[usize]) -> Vec<T> {
    let mut chosen = Vec::with_capacity(places.len() * width);
    for k in places {
        chosen.extend_from_slice(&values[k * width..(k + 1) * width]);
    }
    chosen
}

/// What is needed of all rows of a file.
struct Rows {
    len: usize,
    /// `[row, input]`.
    inputs: Vec<f64>,
    /// `[row, target]`.
    targets: Vec<f64>,
    labels: Labels,
}

impl Rows {
    fn read(mut table: Table, selection: &Selection) -> Result<Self, DataError> {
        let values = |columns: &[usize]| Vec::with_capacity(table.room(columns.len()));
        let mut rows = Self {
            len: 0,
            inputs: values(&selection.inputs),
            targets: values(&selection.targets),
            labels: Labels::default(),
        };
        if let Some(column) = selection.label {
            let cells = Vec::with_capacity(table.room(1));
            rows.labels = Labels { path: table.path.clone(), column: table.column(column), cells };
        }
        while let Some(line) = table.next_row(selection.width)? {
            for (columns, values) in
                [(&selection.inputs, &mut rows.inputs), (&selection.targets, &mut rows.targets)]
            {
                for column in columns {
                    values.push(number(&table, Place { line, column: *column })?);
                }
            }
            if let Some(column) = selection.label {
                rows.labels.cells.push(Cell { text: table.cell(Place { line, column })?.into(), line });
            }
            rows.len += 1;
        }
        if rows.len == 0 {
            return Err(table.without_rows());
        }
        Ok(rows)
    }
}

/// The number in a cell.
fn number(table: &Table, place: Place) -> Result<f64, DataError> {
    let text = table.cell(place)?;
    let shown = shown(text);
    let reason = match text.parse::<f64>() {
        Ok(number) if number.abs() <= LARGEST => return Ok(number),
        Ok(number) if number.is_finite() => format!("is `{shown}`, beyond 1e100"),
        Ok(_) => format!("is `{shown}`, which is not finite"),
        Err(_) => format!("is `{shown}`, which is not a number"),
    };
    let remedy = if place.line == 1 && table.names.is_none() {
        "if the first line names the columns, leave `data.header` out"
    } else {
        "mend the cell or take out the row; numbers look like 0.5 or 1e-3; columns that are no numbers can be left out \
         by naming the others in `data.inputs`"
    };
    Err(table.error(place, &reason, remedy))
}

/// A cell as messages show it: on one line, and not too long.
fn shown(text: &str) -> String {
    let most = 40;
    let end = if text.chars().nth(most).is_some() { "..." } else { "" };
    text.chars().take(most).flat_map(char::escape_debug).chain(end.chars()).collect()
}
