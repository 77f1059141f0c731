//! Classes from the cells of a label column.
//!
//! If the first label is a number, all must be whole numbers from 0 up, and they are the classes: label 3 is output
//! unit 3. Otherwise labels are names, and the classes are the names in sorted order (by code point). Names and numbers
//! are not mixed: a stray cell is more likely a mistake than a class.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::shown;
use crate::error::DataError;

/// Most classes: more than any network of this kind has outputs for, less than a column of measurements has values.
const MOST_CLASSES: usize = 10_000;

/// The labels of a file.
#[derive(Default)]
pub(super) struct Labels {
    /// The file.
    pub path: PathBuf,
    /// Their column, in words.
    pub column: String,
    /// One a row, or none.
    pub cells: Vec<Cell>,
}

/// A label as it is written.
pub(super) struct Cell {
    pub text: Box<str>,
    pub line: u64,
}

/// The classes of a set of samples.
#[derive(Debug)]
pub(super) struct Classes {
    /// How many there are; 0 without labels.
    pub count: usize,
    /// In sorted order, if they have names.
    names: Option<Vec<String>>,
}

impl Classes {
    /// Classes of the labels of two files; classes by name must occur in the first.
    ///
    /// # Errors
    /// Where a label is no class.
    pub fn of(train: &Labels, test: &Labels) -> Result<Self, DataError> {
        let all =
            || [train, test].into_iter().flat_map(|file| file.cells.iter().map(move |cell| (file, cell)));
        if !train.cells.first().is_some_and(|cell| is_number(&cell.text)) {
            let names: BTreeSet<&str> = train.cells.iter().map(|cell| &*cell.text).collect();
            for (file, cell) in all() {
                check_name(cell, &names).map_err(|(reason, remedy)| file.error(cell, &reason, &remedy))?;
            }
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            return Ok(Self { count: names.len(), names: Some(names) });
        }
        let mut count = 0;
        for (file, cell) in all() {
            let Some(class) = whole(&cell.text) else {
                let text = shown(&cell.text);
                let most = MOST_CLASSES - 1;
                let reason = format!("label `{text}` is not a whole number from 0 to {most}");
                let remedy = "number the classes from 0, or give all of them names; numbers to be predicted are \
                              `data.targets`";
                return Err(file.error(cell, &reason, remedy));
            };
            count = count.max(class as usize + 1);
        }
        Ok(Self { count, names: None })
    }

    /// Classes of these labels by number.
    pub fn numbers(&self, labels: &Labels) -> Vec<u32> {
        let number = |cell: &Cell| match &self.names {
            Some(names) => {
                names.binary_search_by(|name| (**name).cmp(&*cell.text)).map_or(0, |class| class as u32)
            }
            None => whole(&cell.text).unwrap_or(0),
        };
        labels.cells.iter().map(number).collect()
    }
}

/// Whether a name is a class: otherwise reason and remedy.
fn check_name(cell: &Cell, names: &BTreeSet<&str>) -> Result<(), (String, String)> {
    let text = shown(&cell.text);
    if is_number(&cell.text) {
        return Err((
            format!("label `{text}` is a number, but the first label is a name"),
            "give all classes names, or number all of them from 0".to_owned(),
        ));
    }
    if !names.contains(&*cell.text) {
        return Err((
            format!("label `{text}` does not occur among the samples to learn from"),
            "spell it as there, or take out the row".to_owned(),
        ));
    }
    if names.len() > MOST_CLASSES {
        return Err((
            format!("label `{text}` is one of {} different ones", names.len()),
            format!("set `data.label` to the column of the class; there may be {MOST_CLASSES}"),
        ));
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// The whole number that `text` is, as `3` or `3.0`.
fn whole(text: &str) -> Option<u32> {
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0 && (0.0..MOST_CLASSES as f64).contains(&number)).then_some(number as u32)
}

impl Labels {
    fn error(&self, cell: &Cell, reason: &str, remedy: &str) -> DataError {
        let reason = format!("line {}, {}: {reason}", cell.line, self.column);
        DataError { path: self.path.clone(), reason, remedy: remedy.to_owned() }
    }
}
