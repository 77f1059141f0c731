//! Variations from the command line: `key.path=value,value,...` or `key.path=first..last`.
//!
//! Several keys vary independently: their values are combined in every way, the first key changing slowest.

use std::collections::HashSet;

use crate::error::ConfigError;

/// Most runs that a comparison may have: more are a slip of the hand.
pub const MOST_RUNS: usize = 10_000;

/// A key and the values that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The key's path, such as `synapse.rule`.
    pub key: String,
    /// Its values, as TOML or as bare words.
    pub values: Vec<String>,
}

/// One value for each key that varies.
pub type Assignment = Vec<(String, String)>;

impl Axis {
    /// Reads `key=values`. Values stand between commas, of which those within brackets, braces or quotes do not count;
    /// `a..b` stands for all whole numbers from `a` to `b`, both included.
    ///
    /// # Errors
    /// Where there is no key or no value, a bracket or quote stays open, a range is empty or a value appears twice.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let example = "write `--vary key.path=value,value`, such as `--vary synapse.eta=0.01,0.02` or `--vary seed=0..4`";
        let refuse = |key: &str, reason: String| Err(ConfigError::new(key, reason, example));
        let Some((key, list)) = text.split_once('=') else {
            return refuse("", format!("the variation `{text}` has no `=`"));
        };
        let key = key.trim();
        if key.is_empty() {
            return refuse("", format!("the variation `{text}` does not start with a key"));
        }
        let Some(items) = split(list) else {
            return refuse(key, format!("`{list}` has a bracket or a quote without its partner"));
        };
        let mut values = Vec::new();
        for item in items {
            match range(item) {
                Some((first, last)) if first > last => {
                    return refuse(key, format!("the range `{item}` is empty"));
                }
                Some((first, last)) if last.abs_diff(first) >= MOST_RUNS as u64 => {
                    return refuse(key, format!("the range `{item}` has more than {MOST_RUNS} values"));
                }
                Some((first, last)) => values.extend((first..=last).map(|value| value.to_string())),
                None if item.is_empty() => return refuse(key, format!("`{list}` has an empty value")),
                None => values.push(item.to_owned()),
            }
        }
        let mut seen = HashSet::new();
        if let Some(twice) = values.iter().find(|value| !seen.insert(value.as_str())) {
            return refuse(key, format!("the value `{twice}` appears twice"));
        }
        Ok(Self { key: key.to_owned(), values })
    }
}

/// Reads all variations.
///
/// # Errors
/// Where one is wrong, two have the same key, or their combinations are too many.
pub fn parse(texts: &[String]) -> Result<Vec<Axis>, ConfigError> {
    let axes: Vec<Axis> = texts.iter().map(|text| Axis::parse(text)).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    if let Some(twice) = axes.iter().find(|axis| !seen.insert(axis.key.as_str())) {
        let remedy = "give all values of a key in one `--vary`";
        return Err(ConfigError::new(&twice.key, "varies twice", remedy));
    }
    let count = axes.iter().try_fold(1_usize, |count, axis| count.checked_mul(axis.values.len()));
    if count.is_none_or(|count| count > MOST_RUNS) {
        let reason = format!("the variations combine to more than {MOST_RUNS} runs");
        return Err(ConfigError::new("", reason, "vary fewer keys at once"));
    }
    Ok(axes)
}

/// Every combination of the axes' values; without axes the one that assigns nothing.
#[must_use]
pub fn product(axes: &[Axis]) -> Vec<Assignment> {
    axes.iter().fold(vec![Vec::new()], |combinations, axis| {
        let extend = |combination: Assignment| {
            axis.values.iter().map(move |value| {
                let mut longer = combination.clone();
                longer.push((axis.key.clone(), value.clone()));
                longer
            })
        };
        combinations.into_iter().flat_map(extend).collect()
    })
}

/// The items between the commas outside of brackets, braces and quotes; `None` where one of these stays open.
fn split(list: &str) -> Option<Vec<&str>> {
    let (mut items, mut start) = (Vec::new(), 0);
    // What closes the brackets, braces and quotes that are open, the innermost last.
    let mut open: Vec<char> = Vec::new();
    let mut is_escaped = false;
    for (at, c) in list.char_indices() {
        let inner = open.last().copied();
        if let Some(quote @ ('"' | '\'')) = inner {
            if c == quote && !is_escaped {
                open.pop();
            }
            is_escaped = quote == '"' && c == '\\' && !is_escaped;
            continue;
        }
        match c {
            '"' | '\'' => open.push(c),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ']' | '}' if inner == Some(c) => drop(open.pop()),
            ']' | '}' => return None,
            ',' if open.is_empty() => {
                items.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(list[start..].trim());
    open.is_empty().then_some(items)
}

/// The ends of `a..b`.
fn range(item: &str) -> Option<(i64, i64)> {
    let (first, last) = item.split_once("..")?;
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}
