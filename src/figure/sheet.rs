//! The tables of a comparison: rows of text, of which the columns between `run` and `seed` say the variation.

use std::path::Path;

use super::error::FigureError;

/// A table of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Names of the columns.
    pub names: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<String>>,
    /// How many columns after the first say the variation.
    keys: usize,
}

impl Sheet {
    /// Reads the file.
    ///
    /// # Errors
    /// If it can't be read or is not a table of a comparison.
    pub fn read(path: &Path) -> Result<Self, FigureError> {
        let wrong = |reason: String| {
            FigureError::new(path, reason, "the file must be as `compare` wrote it; compare the runs again")
        };
        let unreadable = |error: csv::Error| wrong(format!("not a CSV file: {error}"));
        let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let names = cells(reader.headers().map_err(unreadable)?);
        let seed = names.iter().position(|name| name == "seed");
        let Some(seed) = seed.filter(|_| names.first().is_some_and(|name| name == "run")) else {
            return Err(wrong("the columns `run` and `seed` are missing".to_owned()));
        };
        let rows: Result<Vec<_>, _> =
            reader.records().map(|record| record.map(|record| cells(&record))).collect();
        Ok(Self { names, rows: rows.map_err(unreadable)?, keys: seed - 1 })
    }

    /// The keys that vary.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.names[1..=self.keys]
    }

    /// What says the variation of a row.
    #[must_use]
    pub fn variation<'a>(&self, row: &'a [String]) -> &'a [String] {
        &row[1..=self.keys]
    }

    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// The places of the columns `name` and `<layer>.name`.
    #[must_use]
    pub fn columns(&self, name: &str) -> Vec<usize> {
        let is = |other: &String| {
            other.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.names.iter().enumerate().filter(|(_, other)| is(other)).map(|(index, _)| index).collect()
    }
}

/// The largest finite number among the cells of `row` at `columns`.
#[must_use]
pub fn largest(row: &[String], columns: &[usize]) -> Option<f64> {
    let numbers = columns.iter().filter_map(|column| row.get(*column)?.trim().parse::<f64>().ok());
    numbers.filter(|value| value.is_finite()).reduce(f64::max)
}
