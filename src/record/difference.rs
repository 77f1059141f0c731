//! How far apart the files of two runs are.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use safetensors::{Dtype, SafeTensors};

use crate::error::{DataError, Error, IoError};

/// The files that hold results.
pub const RESULTS: [&str; 3] = ["traces.csv", "metrics.csv", "weights.safetensors"];
/// Bytes that are compared at a time.
const BLOCK: usize = 1 << 16;

/// What two files have in common.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Every byte, or neither is there.
    None,
    /// The form: how far apart their numbers are.
    Numbers(Apart),
    /// Less than that, and what it is that differs.
    Form(String),
}

/// The two numbers that are furthest apart, measured by the largest of their kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Apart {
    /// Column or array, and where in it.
    pub place: String,
    /// The number in the first file.
    pub first: f64,
    /// The number in the second.
    pub second: f64,
    /// Their distance over the largest number of the column or array.
    pub relative: f64,
}

/// Compares the file `name` of two run directories.
///
/// # Errors
/// Where one can't be read.
pub fn between(first: &Path, second: &Path, name: &str) -> Result<Difference, Error> {
    let (a, b) = (first.join(name), second.join(name));
    match (a.exists(), b.exists()) {
        (false, false) => return Ok(Difference::None),
        (true, true) => {}
        _ => return Ok(Difference::Form("only one of the runs has it".to_owned())),
    }
    if same(&a, &b)? {
        return Ok(Difference::None);
    }
    if a.extension().is_some_and(|extension| extension == "csv") { tables(&a, &b) } else { arrays(&a, &b) }
}

/// Whether two files have the same bytes.
fn same(a: &Path, b: &Path) -> Result<bool, IoError> {
    let length = |path: &Path| fs::metadata(path).map(|meta| meta.len());
    let read = |path: &Path, error| IoError::new(path, "reading", error);
    if length(a).map_err(|e| read(a, e))? != length(b).map_err(|e| read(b, e))? {
        return Ok(false);
    }
    let open = |path: &Path| File::open(path).map(BufReader::new).map_err(|error| read(path, error));
    let (mut x, mut y) = (open(a)?, open(b)?);
    let mut blocks = [vec![0; BLOCK], vec![0; BLOCK]];
    loop {
        let [p, q] = &mut blocks;
        let n = x.read(p).map_err(|error| read(a, error))?;
        if n == 0 {
            return Ok(true);
        }
        if y.read_exact(&mut q[..n]).is_err() || p[..n] != q[..n] {
            return Ok(false);
        }
    }
}

/// The largest difference of one column or array so far.
#[derive(Clone, Default)]
struct Largest {
    /// The largest number.
    size: f64,
    distance: f64,
    at: String,
    pair: (f64, f64),
}

impl Largest {
    fn see(&mut self, a: f64, b: f64, at: impl FnOnce() -> String) {
        self.size = [a.abs(), b.abs(), self.size].into_iter().filter(|x| x.is_finite()).fold(0.0, f64::max);
        // Neither counts as measured: no difference. Only one: all the difference there can be.
        let distance = match (a.is_nan(), b.is_nan()) {
            (true, true) => 0.0,
            (false, false) if a == b => 0.0,
            (false, false) => (a - b).abs(),
            _ => f64::INFINITY,
        };
        if distance > self.distance {
            (self.distance, self.at, self.pair) = (distance, at(), (a, b));
        }
    }

    fn apart(self, name: &str) -> Apart {
        let relative = if self.distance > 0.0 { self.distance / self.size } else { 0.0 };
        Apart { place: format!("{name} {}", self.at), first: self.pair.0, second: self.pair.1, relative }
    }
}

fn furthest(all: impl Iterator<Item = Apart>) -> Difference {
    all.max_by(|a, b| a.relative.total_cmp(&b.relative)).map_or(Difference::None, Difference::Numbers)
}

fn tables(a: &Path, b: &Path) -> Result<Difference, Error> {
    let failed = |path: &Path, error: csv::Error| IoError::new(path, "reading", error.into());
    let open =
        |path: &Path| csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(|e| failed(path, e));
    let (mut x, mut y) = (open(a)?, open(b)?);
    let header = x.headers().map_err(|error| failed(a, error))?.clone();
    if header != *y.headers().map_err(|error| failed(b, error))? {
        return Ok(Difference::Form("the columns are others".to_owned()));
    }
    let mut columns = vec![Largest::default(); header.len()];
    let number = |cell: Option<&str>| cell.and_then(|cell| cell.parse::<f64>().ok()).unwrap_or(f64::NAN);
    let (mut rows, mut others) = (x.records(), y.records());
    for row in 1_u64.. {
        let (first, second) = match (rows.next(), others.next()) {
            (None, None) => break,
            (Some(first), Some(second)) => (first, second),
            _ => return Ok(Difference::Form(format!("one has {} rows, the other more", row - 1))),
        };
        let (first, second) = (first.map_err(|e| failed(a, e))?, second.map_err(|e| failed(b, e))?);
        for (k, column) in columns.iter_mut().enumerate() {
            column.see(number(first.get(k)), number(second.get(k)), || format!("in row {row}"));
        }
    }
    Ok(furthest(columns.into_iter().zip(&header).map(|(column, name)| column.apart(name))))
}

fn arrays(a: &Path, b: &Path) -> Result<Difference, Error> {
    let read = |path: &Path| fs::read(path).map_err(|error| IoError::new(path, "reading", error));
    let (x, y) = (read(a)?, read(b)?);
    let (first, second) = (parse(&x, a)?, parse(&y, b)?);
    let mut names = first.names();
    names.sort_unstable();
    let mut all = Vec::new();
    for name in names {
        let (Ok(one), Ok(other)) = (first.tensor(name), second.tensor(name)) else {
            return Ok(Difference::Form(format!("only one has the array {name}")));
        };
        if one.shape() != other.shape() || one.dtype() != Dtype::F64 || other.dtype() != Dtype::F64 {
            return Ok(Difference::Form(format!("the array {name} has another form")));
        }
        let numbers =
            |bytes: &[u8]| bytes.as_chunks().0.iter().map(|x| f64::from_le_bytes(*x)).collect::<Vec<_>>();
        let mut largest = Largest::default();
        for (k, (a, b)) in numbers(one.data()).into_iter().zip(numbers(other.data())).enumerate() {
            largest.see(a, b, || format!("at {k}"));
        }
        all.push(largest.apart(name));
    }
    Ok(furthest(all.into_iter()))
}

fn parse<'a>(bytes: &'a [u8], path: &Path) -> Result<SafeTensors<'a>, DataError> {
    SafeTensors::deserialize(bytes).map_err(|error| DataError {
        path: path.to_owned(),
        reason: format!("is no whole file: {error}"),
        remedy: "run the experiment again".to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn compared(first: &str, second: &str) -> Difference {
        let folder = tempfile::tempdir().unwrap();
        for (run, text) in [("a", first), ("b", second)] {
            fs::create_dir(folder.path().join(run)).unwrap();
            fs::write(folder.path().join(run).join("traces.csv"), text).unwrap();
        }
        between(&folder.path().join("a"), &folder.path().join("b"), "traces.csv").unwrap()
    }

    #[test]
    fn the_worst_number_is_found_by_the_size_of_its_column() {
        assert_eq!(compared("t,w\n1,2\n", "t,w\n1,2\n"), Difference::None);
        let Difference::Numbers(apart) = compared("t,w\n1,100\n2,1e-3\n", "t,w\n1,100\n2.5,1.1e-3\n") else {
            panic!()
        };
        assert_eq!((apart.place.as_str(), apart.first, apart.second), ("t in row 2", 2.0, 2.5));
        assert!((apart.relative - 0.2).abs() < 1e-12, "{apart:?}");
        let Difference::Numbers(apart) = compared("t,w\n1,\n", "t,w\n1,3\n") else { panic!() };
        assert!(apart.relative.is_infinite() && apart.place == "w in row 1");
    }

    #[test]
    fn other_columns_and_rows_are_told() {
        assert!(matches!(compared("t,w\n1,2\n", "t,v\n1,2\n"), Difference::Form(_)));
        assert!(matches!(compared("t,w\n1,2\n", "t,w\n1,2\n2,2\n"), Difference::Form(_)));
    }
}
