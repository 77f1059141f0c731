//! Which columns are predicted from which.

use super::table::Table;
use crate::config::nearest;
use crate::error::DataError;
use crate::stream::data::spec::{Column, CsvSpec, Output};

/// Places of the columns in use, from 0.
#[derive(Debug)]
pub(super) struct Selection {
    /// Columns of the whole table.
    pub width: usize,
    /// Predicted from.
    pub inputs: Vec<usize>,
    /// The class.
    pub label: Option<usize>,
    /// Numbers to be predicted.
    pub targets: Vec<usize>,
}

impl Selection {
    /// Finds the columns that `spec` names.
    ///
    /// # Errors
    /// Where one of them is missing, ambiguous, or given twice.
    pub fn new(spec: &CsvSpec, table: &Table) -> Result<Self, DataError> {
        let finder = Finder { spec, table };
        let (label, targets) = match &spec.output {
            Output::Label(column) => (Some(finder.place("data.label", column)?), Vec::new()),
            Output::Targets(columns) => (None, finder.places("data.targets", columns)?),
        };
        let is_output = |place: &usize| Some(*place) == label || targets.contains(place);
        let inputs = match &spec.inputs {
            None => (0..table.width).filter(|place| !is_output(place)).collect(),
            Some(columns) => finder.places("data.inputs", columns)?,
        };
        if let Some(k) = inputs.iter().position(is_output) {
            let column = finder.name(inputs[k]);
            let reason = format!("{column} is an input (data.inputs[{k}]) and is to be predicted as well");
            return Err(finder.error(reason, "take it out of one of the two".to_owned()));
        }
        if inputs.is_empty() {
            let reason = "no column is left to predict from".to_owned();
            return Err(
                finder.error(reason, "give a table with more columns, separated by commas".to_owned())
            );
        }
        Ok(Self { width: table.width, inputs, label, targets })
    }
}

struct Finder<'a> {
    spec: &'a CsvSpec,
    table: &'a Table,
}

impl Finder<'_> {
    /// Places of several columns, each given once.
    fn places(&self, key: &str, columns: &[Column]) -> Result<Vec<usize>, DataError> {
        let mut places = Vec::new();
        for (k, column) in columns.iter().enumerate() {
            let place = self.place(&format!("{key}[{k}]"), column)?;
            if let Some(first) = places.iter().position(|other| *other == place) {
                let reason = format!("{key}[{k}] is {}, as is {key}[{first}]", self.name(place));
                return Err(self.error(reason, "give each column once".to_owned()));
            }
            places.push(place);
        }
        Ok(places)
    }

    fn place(&self, key: &str, column: &Column) -> Result<usize, DataError> {
        let width = self.table.width;
        let name = match column {
            Column::Index(index) if *index < width => return Ok(*index),
            Column::Index(index) => {
                let reason = format!("{key} is {index}, but there are {width} columns");
                return Err(self.error(reason, format!("columns count from 0 to {}", width - 1)));
            }
            Column::Name(name) => name,
        };
        let names: Vec<&str> = self.table.names.iter().flatten().map(String::as_str).collect();
        let mut places = (0..names.len()).filter(|place| names[*place] == name);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(first), Some(second)) => Err(self.error(
                format!("{key} is `{name}`, but columns {first} and {second} are both called so"),
                format!("give the column's place, {first} or {second}, in place of its name"),
            )),
            (None, _) => {
                let remedy = match nearest(name, &names) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("columns are: {}", listed(&names)),
                };
                Err(self.error(format!("{key} is `{name}`, but no column is called so"), remedy))
            }
        }
    }

    /// A column in words.
    fn name(&self, place: usize) -> String {
        let name = self.table.names.as_ref().and_then(|names| names.get(place));
        name.map_or_else(|| format!("column {place}"), |name| format!("column {place} (`{name}`)"))
    }

    fn error(&self, reason: String, remedy: String) -> DataError {
        DataError { path: self.spec.path.clone(), reason, remedy }
    }
}

/// The first few names.
fn listed(names: &[&str]) -> String {
    let most = 12;
    let list = names.iter().take(most).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > most { format!("{list} and {} more", names.len() - most) } else { list }
}
