//! A signal from a CSV file: columns `time_s` and `g`, linear between rows, two rows of one time for a jump.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::DataError;

/// Points `(time, value)` in order of time, at most two of the same time.
///
/// # Errors
/// Where the file can't be read or does not hold such a signal, with the line.
pub(super) fn read(path: &Path) -> Result<Vec<(f64, f64)>, DataError> {
    let file = File::open(path).map_err(|error| DataError {
        path: path.to_owned(),
        reason: format!("cannot be read: {error}"),
        remedy: "set protocol.signal.path to a readable file, relative to the configuration's file"
            .to_owned(),
    })?;
    let mut header = None;
    let mut knots = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(file).lines()) {
        let broken = |reason| broken(path, format!("line {line}: {reason}"));
        let text = text.map_err(|error| broken(format!("cannot be read: {error}")))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        match &header {
            _ if text.is_empty() => {}
            None => header = Some(Header::parse(text).map_err(broken)?),
            Some(header) => {
                let knot = header.row(text).map_err(broken)?;
                check_order(&knots, knot.0).map_err(broken)?;
                knots.push(knot);
            }
        }
    }
    if knots.is_empty() {
        let missing = if header.is_some() { "rows after the header" } else { "header and no rows" };
        return Err(broken(path, format!("has no {missing}")));
    }
    Ok(knots)
}

/// Where the columns are that matter.
struct Header {
    width: usize,
    time: usize,
    g: usize,
}

impl Header {
    fn parse(text: &str) -> Result<Self, String> {
        let columns: Vec<&str> = fields(text).collect();
        let place = |name: &str| {
            let place = columns.iter().position(|column| *column == name);
            place.ok_or_else(|| format!("no column `{name}` in the header `{text}`"))
        };
        Ok(Self { width: columns.len(), time: place("time_s")?, g: place("g")? })
    }

    /// Time and value of a row.
    fn row(&self, text: &str) -> Result<(f64, f64), String> {
        let width = fields(text).count();
        if width != self.width {
            return Err(format!("has {width} columns where the header has {}", self.width));
        }
        let number = |name: &str, place: usize| {
            let text = fields(text).nth(place).unwrap_or_default();
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            number.ok_or_else(|| format!("{name} is `{text}`, which is not a finite number"))
        };
        Ok((number("time_s", self.time)?, number("g", self.g)?))
    }
}

/// The fields of a line, without blanks and quotes around them.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|field| field.trim().trim_matches('"'))
}

/// Whether a row at time `t` may follow.
fn check_order(knots: &[(f64, f64)], t: f64) -> Result<(), String> {
    match knots {
        [.., (last, _)] if t < *last => Err(format!("time_s goes back from {last} to {t}")),
        [.., (first, _), (last, _)] if t == *first && t == *last => {
            Err(format!("a third row at time_s = {t}; two make a jump"))
        }
        _ => Ok(()),
    }
}

fn broken(path: &Path, reason: String) -> DataError {
    let remedy = "give columns `time_s` and `g` with a header, finite numbers, and times that never go back";
    DataError { path: path.to_owned(), reason, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str) -> Result<Vec<(f64, f64)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signal.csv");
        std::fs::write(&path, text).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_become_points() {
        let knots = vec![(0.0, 1.0), (1.0, 2.0), (1.0, -3e-2), (2.5, 0.0)];
        assert_eq!(parse("time_s,g\n0,1\n1,2\n1,-3e-2\n2.5,0\n").unwrap(), knots);
        assert_eq!(
            parse("\u{feff}\"g\", note, time_s\r\n1,,0\r\n2,b,1\r\n-0.03,,1\r\n0,,2.5").unwrap(),
            knots
        );
    }

    #[test]
    fn what_is_no_signal_is_refused_with_its_line() {
        for (text, expected) in [
            ("", "has no header and no rows"),
            ("time,g\n0,1\n", "line 1: no column `time_s` in the header `time,g`"),
            ("time_s,w\n0,1\n", "line 1: no column `g`"),
            ("time_s,g\n", "no rows after the header"),
            ("time_s,g\n0,1\n1,nan\n", "line 3: g is `nan`"),
            ("time_s,g\n0,1\n\ninf,2\n", "line 4: time_s is `inf`"),
            ("time_s,g\n0,one\n", "line 2: g is `one`"),
            ("time_s,g\n0,\n", "line 2: g is ``"),
            ("time_s,g\n0,1\n2,1\n1,1\n", "line 4: time_s goes back from 2 to 1"),
            ("time_s,g\n0,1\n0,2\n0,3\n", "line 4: a third row at time_s = 0"),
            ("time_s,g\n0,1\n1\n", "line 3: has 1 columns where the header has 2"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(expected) && message.contains("signal.csv"), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = read(Path::new("nowhere/signal.csv")).unwrap_err().to_string();
        assert!(
            message.contains("nowhere/signal.csv") && message.contains("protocol.signal.path"),
            "{message}"
        );
    }
}
