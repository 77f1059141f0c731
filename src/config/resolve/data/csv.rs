//! Source "csv": which columns are predicted from which, and what is tested on.

use std::path::Path;

use super::{path, seed};
use crate::config::range::{Checked, demand, refuse};
use crate::config::resolve::absolute;
use crate::config::wire;
use crate::stream::data::{Column, CsvSpec, Output, Scaling, TestPart};

pub(super) fn csv(wire: &mut wire::Data, base: &Path) -> Checked<CsvSpec> {
    let path = path(wire, base, "the file")?;
    let header = *wire.header.get_or_insert(true);
    let output = match (&wire.label, &wire.targets) {
        (Some(label), None) => Output::Label(label.clone()),
        (None, Some(targets)) => Output::Targets(targets.clone()),
        (Some(_), Some(_)) => {
            return refuse(
                "data.targets",
                "can't stand beside data.label: either a class is predicted or numbers are",
                "keep one of the two",
            );
        }
        (None, None) => {
            return refuse(
                "data.label",
                "is missing: the table has to say what is predicted",
                "give the column of the class as `label`, or columns of numbers as `targets`",
            );
        }
    };
    for (key, list) in [("data.targets", &wire.targets), ("data.inputs", &wire.inputs)] {
        if list.as_ref().is_some_and(Vec::is_empty) {
            return refuse(key, "is empty", "give at least one column, by name or by place from 0");
        }
    }
    if !header {
        columns_by_place(wire)?;
    }
    let test = test_part(wire, base)?;
    let scaling = *wire.scaling.get_or_insert(Scaling::Standardize);
    Ok(CsvSpec { path, test, header, inputs: wire.inputs.clone(), output, scaling })
}

/// Refuses names of columns, where there are none.
fn columns_by_place(wire: &wire::Data) -> Checked {
    let lists = [("targets", &wire.targets), ("inputs", &wire.inputs)];
    let listed = lists.into_iter().flat_map(|(key, list)| {
        list.iter().flatten().enumerate().map(move |(k, column)| (format!("data.{key}[{k}]"), column))
    });
    let mut columns = wire.label.iter().map(|label| ("data.label".to_owned(), label)).chain(listed);
    match columns.find(|(_, column)| matches!(column, Column::Name(_))) {
        None => Ok(()),
        Some((key, _)) => refuse(
            key,
            "is a name, but data.header = false says that columns have none",
            "give the column's place, counted from 0",
        ),
    }
}

/// Where the samples to test on come from.
fn test_part(wire: &mut wire::Data, base: &Path) -> Checked<TestPart> {
    if let Some(path) = &wire.test_path {
        for (key, given) in
            [("data.test_fraction", wire.test_fraction.is_some()), ("data.seed", wire.seed.is_some())]
        {
            if given {
                return refuse(
                    key,
                    "has no effect beside data.test_path: nothing is split",
                    "leave it out, or leave test_path out",
                );
            }
        }
        return Ok(TestPart::File(wire.test_path.insert(absolute("data.test_path", path, base)?).clone()));
    }
    let seed = seed(wire)?;
    if wire.test.is_some() && wire.test_fraction.is_some() {
        return refuse("data.test_fraction", "can't stand beside data.test", "keep one of the two");
    }
    let fraction = if wire.test.is_some() {
        None
    } else {
        let fraction = *wire.test_fraction.get_or_insert(0.2);
        let allowed = fraction > 0.0 && fraction < 1.0;
        let remedy = "it is a share, such as 0.2";
        Some(demand("data.test_fraction", fraction, allowed, "between 0 and 1", remedy)?)
    };
    Ok(TestPart::Split { fraction, seed })
}
