//! What the parsers of TOML and serde say, in the words of this program: place, reason and remedy.

use serde_path_to_error::Segment;
use toml::Value;

use super::document::line_and_column;
use super::{templates, wire};
use crate::error::ConfigError;

/// An error of TOML's syntax.
pub(super) fn syntax(text: &str, error: &toml::de::Error) -> ConfigError {
    let offset = error.span().map(|span| span.start);
    let place = offset.map(|offset| line_and_column(text, offset));
    let line = place.and_then(|(line, _)| text.lines().nth(line as usize - 1)).map_or("", str::trim);
    let shown = if line.is_empty() { String::new() } else { format!(" in `{}`", shortened(line)) };
    ConfigError {
        file: None,
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        key: String::new(),
        reason: format!("not valid TOML: {}{shown}", error.message()),
        remedy: syntax_remedy(error.message(), line).to_owned(),
    }
}

fn syntax_remedy(message: &str, line: &str) -> &'static str {
    let remedies = [
        ("duplicate key", "keep one of the two; a [table] may also appear only once"),
        ("unexpected key or value", "one `key = value` a line; decimals have a point, not a comma"),
        ("missing comma", "separate elements with commas, and close the list with `]`"),
        (
            "invalid basic string",
            "close the quote on the same line; a text of several lines stands between \"\"\"",
        ),
        ("quoted", "put words in quotes: key = \"word\""),
        ("boolean", "put words in quotes: key = \"word\"; true and false stand without"),
        ("unclosed", "close the bracket, brace or quote that is open here"),
        ("number", "numbers look like 1, 0.5, 1e-3 or inf"),
        ("float", "numbers look like 1, 0.5, 1e-3 or inf"),
    ];
    if line.ends_with('=') {
        return "give a value after the `=`";
    }
    let fits = remedies.iter().find(|(part, _)| message.contains(part));
    fits.map_or(
        "one `key = value` a line, in a [table]; words in quotes, lists in [brackets]",
        |(_, remedy)| remedy,
    )
}

/// An error of serde: the text is TOML, but not a configuration.
pub(super) fn mismatch(error: &serde_path_to_error::Error<toml::de::Error>, root: &Value) -> ConfigError {
    let message = error.inner().message();
    let names = quoted(message);
    let mut path = path(error.path());
    let Some(first) = names.first().copied() else {
        return wrong_type(path, message, root);
    };
    if message.starts_with("unknown field") {
        if path.last().is_none_or(|last| last != first) {
            path.push(first.to_owned());
        }
        unknown_key(&join(&path), first, &names[1..])
    } else if message.starts_with("unknown variant") {
        // The kind of a signal is a key of its table, but serde reports the table.
        if find(root, &path).is_some_and(Value::is_table) {
            path.push("kind".to_owned());
        }
        unknown_name(&join(&path), first, &names[1..])
    } else if message.starts_with("missing field") {
        path.push(first.to_owned());
        let remedy = format!("add `{first} = ...`; `synaptode init` prints complete examples");
        ConfigError::new(join(&path), "is required, but missing", remedy)
    } else {
        wrong_type(path, message, root)
    }
}

fn unknown_key(key: &str, name: &str, known: &[&str]) -> ConfigError {
    let homes = templates::tables_with(name);
    let remedy = if let Some(nearest) = nearest(name, known) {
        format!("did you mean `{nearest}`?")
    } else if key.starts_with("expect.") {
        "a bound is { min = ... } or { max = ... } or both; quote names with a dot: \"l2.angle_deg\" = { max = 6 }".to_owned()
    } else if homes.is_empty() {
        format!("known keys here: {}", known.join(", "))
    } else {
        format!("`{name}` belongs in {}; known keys here: {}", homes.join(" or "), known.join(", "))
    };
    ConfigError::new(key, "is not a known key", remedy)
}

fn unknown_name(key: &str, name: &str, known: &[&str]) -> ConfigError {
    let list = known.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let remedy = match nearest(name, known) {
        Some(nearest) => format!("did you mean \"{nearest}\"? Allowed: {list}"),
        None => format!("allowed: {list}"),
    };
    ConfigError::new(key, format!("can't be \"{name}\""), remedy)
}

/// A value of the wrong type or range of its type.
fn wrong_type(mut path: Vec<String>, message: &str, root: &Value) -> ConfigError {
    let expected = message.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    // serde reports a signal's table as a whole: find the key that is to blame.
    if let Some(Value::Table(table)) = find(root, &path)
        && message.starts_with("invalid")
        && !message.contains("invalid type: map")
        && let Some(culprit) =
            table.keys().find(|key| *key != "kind" && is_to_blame(root, &path, key, message))
    {
        path.push(culprit.clone());
    }
    let (wanted, remedy) = match expected {
        _ if path == ["solver", "order"] => {
            ("2, 3 or 4", "write order = 3, without quotes and without a point; 4 is for tight tolerances")
        }
        "f64" => ("a number", "numbers are written without quotes, such as 0.1, 1e-3 or inf"),
        "usize" | "u64" | "u32" => {
            ("a whole number, 0 or more", "write a number such as 10, without quotes and without a point")
        }
        "a boolean" => ("true or false", "write true or false, without quotes"),
        "a string" | "path string" => ("a string", "put it in quotes"),
        "a column" => ("a column's name or its place", "give a name in quotes, or a place counted from 0"),
        "a sequence" => ("a list", "write a list in brackets, such as [64, 32, 10] or [\"s0\"]"),
        "a map" => ("a table", "write a table, such as { min = 0.95 }"),
        _ if expected.starts_with("struct") => ("a table", "write it as a [table] or { key = value }"),
        _ if expected.contains("enum") || message.contains("string only") => ("a word", "put it in quotes"),
        _ => ("", "`synaptode init` prints complete examples"),
    };
    let reason = match find(root, &path) {
        Some(value) if !wanted.is_empty() => format!("must be {wanted}, but is {}", described(value)),
        _ => message.trim().to_owned(),
    };
    ConfigError::new(join(&path), reason, remedy)
}

/// Whether the error `message` goes away, or turns into another, without the key `name` of the table at `path`.
fn is_to_blame(root: &Value, path: &[String], name: &str, message: &str) -> bool {
    let mut without = root.clone();
    let table = path.iter().try_fold(&mut without, |place, name| match place {
        Value::Table(table) => table.get_mut(name),
        Value::Array(array) => array.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    });
    if let Some(Value::Table(table)) = table {
        table.remove(name);
    }
    serde_path_to_error::deserialize::<_, wire::Config>(without)
        .map_or_else(|error| error.inner().message() != message, |_| true)
}

fn described(value: &Value) -> String {
    match value {
        Value::String(text) => format!("the string \"{}\"", shortened(text)),
        Value::Array(array) => format!("a list of {}", array.len()),
        Value::Table(_) => "a table".to_owned(),
        other => format!("{other}"),
    }
}

fn shortened(text: &str) -> String {
    let most = 60;
    let mut short: String = text.chars().take(most).collect();
    if text.chars().nth(most).is_some() {
        short.push_str("...");
    }
    short
}

fn find<'v>(root: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(root, |place, name| match place {
        Value::Table(table) => table.get(name),
        Value::Array(array) => array.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// What stands between backquotes.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// Names and indices on the way to a value.
fn path(path: &serde_path_to_error::Path) -> Vec<String> {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    names.collect()
}

/// The path as it is shown: `protocol.synapses[1].w`.
fn join(path: &[String]) -> String {
    let part = |(depth, name): (usize, &String)| match (name.parse::<usize>(), depth) {
        (Ok(index), _) => format!("[{index}]"),
        (_, 0) => name.clone(),
        _ => format!(".{name}"),
    };
    path.iter().enumerate().map(part).collect()
}

/// The known name that is most like `name`, if any is near.
pub(crate) fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let folded = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let name = folded(name);
    let near =
        known.iter().map(|known| (strsim::normalized_damerau_levenshtein(&name, &folded(known)), *known));
    near.filter(|(likeness, _)| *likeness >= 0.6).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
