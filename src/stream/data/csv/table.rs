//! One file, row by row.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Trim};

use crate::error::DataError;

/// A file that is being read.
pub(super) struct Table {
    /// The file.
    pub path: PathBuf,
    /// The names of the columns, if the first line gives them.
    pub names: Option<Vec<String>>,
    /// Cells of the first line.
    pub width: usize,
    /// The line that gives the width.
    first_line: u64,
    reader: Reader<Cursor<Vec<u8>>>,
    row: StringRecord,
    /// Whether the row at hand, the first of a table without header, has not been handed out.
    waits: Option<u64>,
}

/// Where a cell is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// From 1.
    pub line: u64,
    /// From 0.
    pub column: usize,
}

impl Table {
    /// Reads the file, and its first line.
    ///
    /// # Errors
    /// Where it can't be read or is empty.
    pub fn open(path: &Path, header: bool) -> Result<Self, DataError> {
        let text = std::fs::read(path).map_err(|error| DataError {
            path: path.to_owned(),
            reason: format!("cannot be read: {error}"),
            remedy: "give a readable file, relative to the configuration's file".to_owned(),
        })?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(Cursor::new(text));
        let mut table = Self {
            path: path.to_owned(),
            names: None,
            width: 0,
            first_line: 0,
            reader,
            row: StringRecord::new(),
            waits: None,
        };
        let Some(line) = table.advance()? else { return Err(table.without_rows()) };
        (table.width, table.first_line) = (table.row.len(), line);
        if table.width == 1
            && let Some(separator) = [";", "\t"].into_iter().find(|mark| table.row[0].contains(mark))
        {
            let separator = if separator == ";" { "semicolons" } else { "tabs" };
            return Err(DataError {
                path: path.to_owned(),
                reason: format!("line {line}: has no commas, but {separator}"),
                remedy: "separate cells by commas, and write decimals with a point".to_owned(),
            });
        }
        if header {
            let names: Vec<String> = table.row.iter().map(str::to_owned).collect();
            if names.iter().all(|name| name.parse::<f64>().is_ok()) {
                log::warn!(
                    "{}: all names in the header are numbers; if it is a sample, set data.header = false",
                    path.display()
                );
            }
            table.names = Some(names);
        } else {
            table.waits = Some(line);
        }
        Ok(table)
    }

    /// Goes to the next row, whose line is returned; `None` at the end.
    ///
    /// # Errors
    /// Where the row has not `width` cells or is not UTF-8.
    pub fn next_row(&mut self, width: usize) -> Result<Option<u64>, DataError> {
        let line = match self.waits.take() {
            Some(line) => line,
            None => match self.advance()? {
                Some(line) => line,
                None => return Ok(None),
            },
        };
        let cells = self.row.len();
        if cells == width {
            return Ok(Some(line));
        }
        let plural = if cells == 1 { "" } else { "s" };
        Err(DataError {
            path: self.path.clone(),
            reason: format!("line {line}: has {cells} cell{plural}, but line {} has {width}", self.first_line),
            remedy: "give every row the same number of cells, separated by commas; a cell with a comma within stands \
                     in double quotes"
                .to_owned(),
        })
    }

    /// The text of a cell of the row at hand.
    ///
    /// # Errors
    /// Where it is empty.
    pub fn cell(&self, place: Place) -> Result<&str, DataError> {
        let text = self.row.get(place.column).unwrap_or_default();
        if text.is_empty() {
            return Err(self.error(place, "is empty", "fill the cell or take out the row"));
        }
        Ok(text)
    }

    /// A column in words.
    pub fn column(&self, column: usize) -> String {
        match self.names.as_ref().and_then(|names| names.get(column)) {
            Some(name) => format!("column `{name}` (index {column})"),
            None => format!("column of index {column}"),
        }
    }

    /// Most cells that `columns` of its columns can have: no more than the file bears out.
    pub fn room(&self, columns: usize) -> usize {
        let lines = self.text().split(|byte| *byte == b'\n').count();
        // A cell takes a byte, and a separator.
        lines.saturating_mul(columns).min(self.text().len() / 2 + 1)
    }

    fn text(&self) -> &[u8] {
        self.reader.get_ref().get_ref()
    }

    /// An error at a place.
    pub fn error(&self, place: Place, reason: &str, remedy: &str) -> DataError {
        let reason = format!("line {}, {}: {reason}", place.line, self.column(place.column));
        DataError { path: self.path.clone(), reason, remedy: remedy.to_owned() }
    }

    /// The error of a file without samples.
    pub fn without_rows(&self) -> DataError {
        let (missing, remedy) = match &self.names {
            Some(_) => (
                "has no rows after the header",
                "give one sample a row; set `data.header` to false if the first line is a sample",
            ),
            None => ("is empty", "give one sample a row, its cells separated by commas"),
        };
        DataError { path: self.path.clone(), reason: missing.to_owned(), remedy: remedy.to_owned() }
    }

    /// Refuses a file whose columns are not those of the file at `path`.
    ///
    /// # Errors
    /// Where number or names of the columns differ.
    pub fn must_equal(&self, names: Option<&[String]>, width: usize, path: &Path) -> Result<(), DataError> {
        let refuse = |reason| {
            Err(DataError {
                path: self.path.clone(),
                reason,
                remedy: format!("give it the columns of {}, in the same order", path.display()),
            })
        };
        if self.width != width {
            return refuse(format!(
                "line {}: has {} columns, but {} has {width}",
                self.first_line,
                self.width,
                path.display()
            ));
        }
        let mut pairs = self.names.iter().flatten().zip(names.into_iter().flatten()).enumerate();
        match pairs.find(|(_, (here, there))| here != there) {
            None => Ok(()),
            Some((column, (here, there))) => refuse(format!(
                "line {}: column {column} is called `{here}`, but `{there}` in {}",
                self.first_line,
                path.display()
            )),
        }
    }

    /// Reads a row, and gives its line.
    fn advance(&mut self) -> Result<Option<u64>, DataError> {
        let mut bytes = ByteRecord::new();
        let before = self.reader.position().clone();
        let more = self.reader.read_byte_record(&mut bytes).map_err(|error| DataError {
            path: self.path.clone(),
            reason: format!("line {}: cannot be read: {error}", before.line()),
            remedy: "give a text file of comma-separated values".to_owned(),
        })?;
        if !more {
            return Ok(None);
        }
        // Empty lines are passed over, and the reader counts them as part of the row that follows.
        let rest = self.text().get(before.byte() as usize..).unwrap_or_default();
        let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = before.line() + empty.filter(|byte| **byte == b'\n').count() as u64;
        self.row = StringRecord::from_byte_record(bytes).map_err(|error| DataError {
            path: self.path.clone(),
            reason: format!("line {line}: is not text in UTF-8, in its cell {}", error.utf8_error().field()),
            remedy: "save the file in UTF-8".to_owned(),
        })?;
        Ok(Some(line))
    }
}
