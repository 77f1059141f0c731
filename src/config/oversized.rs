//! Numbers that TOML can write and a computer can't hold: whole ones beyond 64 bits, and others beyond `f64`.

use toml::de::{DeTable, DeValue};

use crate::error::ConfigError;

/// The first of them in a table: the path of its key, and where it stands.
pub(super) fn in_table(table: &DeTable) -> Option<(ConfigError, usize)> {
    table.iter().find_map(|(name, value)| {
        in_value(name.get_ref(), value.get_ref()).map(|(error, at)| (error, at.unwrap_or(value.span().start)))
    })
}

/// The first of them in the value of `key`.
pub(super) fn in_text(key: &str, value: &str) -> Option<ConfigError> {
    let value = DeValue::parse(value).ok()?;
    in_value(key, value.get_ref()).map(|(error, _)| error)
}

/// What is wrong with the value of `key`, and where, if it is a part of it.
fn in_value(key: &str, value: &DeValue) -> Option<(ConfigError, Option<usize>)> {
    match value {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).err()?;
            let reason = format!("is {}, a whole number beyond 64 bits", number.as_str());
            let remedy = format!("give one from {} to {}", i64::MIN, i64::MAX);
            Some((ConfigError::new(key, reason, remedy), None))
        }
        DeValue::Float(number) => {
            let text = number.as_str();
            let is_beyond = text.parse().is_ok_and(f64::is_infinite) && !text.contains("inf");
            let reason = format!("is {text}, beyond the largest number that can be computed with");
            let remedy = "give one between -1.79e308 and 1.79e308, or `inf` where there shall be no limit";
            is_beyond.then(|| (ConfigError::new(key, reason, remedy), None))
        }
        DeValue::Array(array) => array
            .iter()
            .enumerate()
            .find_map(|(index, value)| part(&format!("{key}[{index}]"), value.get_ref(), value.span().start)),
        DeValue::Table(table) => table.iter().find_map(|(name, value)| {
            part(&format!("{key}.{}", name.get_ref()), value.get_ref(), value.span().start)
        }),
        _ => None,
    }
}

fn part(key: &str, value: &DeValue, start: usize) -> Option<(ConfigError, Option<usize>)> {
    in_value(key, value).map(|(error, at)| (error, at.or(Some(start))))
}
