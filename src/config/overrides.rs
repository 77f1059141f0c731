//! Overrides from the command line: `key.path=value`.

use toml::{Table, Value};

use super::oversized;
use crate::error::ConfigError;

/// Lays the override `set` over the configuration `root` and returns the path of its key.
///
/// The value is TOML; what does not parse as TOML is taken as a string, so that words need no quotes. Tables on the
/// way are created; an element of an array is named by its index, as in `protocol.synapses.0.w`.
pub(super) fn apply(root: &mut Value, set: &str) -> Result<String, ConfigError> {
    let (path, value) = parts(set)?;
    let mut place = root;
    let mut walked = String::new();
    for name in path {
        let parent = walked.clone();
        walked = match place {
            Value::Array(_) => format!("{parent}[{name}]"),
            _ if parent.is_empty() => name.clone(),
            _ => format!("{parent}.{name}"),
        };
        place = child(place, &name).map_err(|reason| {
            let remedy = format!("set `{parent}` as a whole");
            ConfigError::new(&parent, format!("{reason}, so `--set {walked}` has no place"), remedy)
        })?;
    }
    if let Some(error) = oversized::in_text(&walked, value.trim()) {
        return Err(ConfigError { reason: format!("{} (set by the command line)", error.reason), ..error });
    }
    *place = value.trim().parse().unwrap_or_else(|_| Value::String(value.trim().to_owned()));
    Ok(walked)
}

/// The names of the key of an override, and its value.
///
/// # Errors
/// Where it is none.
pub(crate) fn parts(set: &str) -> Result<(Vec<String>, &str), ConfigError> {
    let refused = |reason| {
        let example = "write `--set key.path=value`, such as `--set synapse.eta=0.02`";
        ConfigError::new("", format!("the override `{set}` {reason}"), example)
    };
    let (key, value) = set.split_once('=').ok_or_else(|| refused("has no `=`"))?;
    let path = split(key.trim()).ok_or_else(|| refused("does not start with a key"))?;
    Ok((path, value))
}

/// The value called `name` in `parent`; an empty table if a table does not have it yet.
fn child<'v>(parent: &'v mut Value, name: &str) -> Result<&'v mut Value, String> {
    match parent {
        Value::Table(table) => Ok(table.entry(name).or_insert_with(|| Value::Table(Table::new()))),
        Value::Array(array) => {
            let reason = format!("is a list of {}", array.len());
            name.parse::<usize>().ok().and_then(|index| array.get_mut(index)).ok_or(reason)
        }
        other => Err(format!("is the value `{other}`")),
    }
}

/// The names of a dotted key, which TOML itself takes apart.
fn split(key: &str) -> Option<Vec<String>> {
    let mut rest = Value::Table(format!("{key} = 0").parse().ok()?);
    let mut path = Vec::new();
    while let Value::Table(table) = rest {
        let mut entries = table.into_iter();
        let (name, value) = entries.next()?;
        if entries.next().is_some() {
            return None;
        }
        path.push(name);
        rest = value;
    }
    Some(path)
}
