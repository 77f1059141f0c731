//! The text of a configuration as a table, with overrides, and the way back from a key to its line.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::{explain, overrides, oversized, wire};
use crate::error::ConfigError;

/// Where a configuration was written.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The file, where there is one.
    pub(super) file: Option<PathBuf>,
    text: String,
    /// Keys that were set by overrides.
    set: Vec<String>,
    /// Keys that were given and have no effect.
    pub(super) idle: Vec<String>,
}

/// The same configuration is the same experiment wherever it was written.
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Origin {
    /// Keys that were given and that other choices leave without effect, each with the reason.
    #[must_use]
    pub fn idle(&self) -> &[String] {
        &self.idle
    }

    /// Adds to an error the file and the line of its key, or that the key was set by an override.
    #[must_use]
    pub fn locate(&self, mut error: ConfigError) -> ConfigError {
        if error.file.is_some() {
            return error;
        }
        error.file.clone_from(&self.file);
        let related = |set: &String| {
            *set == error.key || below(&error.key, set).is_some() || below(set, &error.key).is_some()
        };
        if self.set.iter().any(related) {
            error.reason.push_str(" (set by the command line)");
        } else {
            error.line = DeTable::parse(&self.text)
                .ok()
                .and_then(|table| position(table.get_ref(), &error.key))
                .map(|offset| line_and_column(&self.text, offset).0);
        }
        error
    }
}

/// A configuration whose syntax is right.
pub(super) struct Document {
    pub(super) origin: Origin,
    pub(super) value: toml::Value,
}

impl Document {
    /// Checks the syntax of `text`.
    pub(super) fn parse(text: &str) -> Result<Self, ConfigError> {
        let syntax = |error| explain::syntax(text, &error);
        if let Some((error, at)) = oversized::in_table(DeTable::parse(text).map_err(syntax)?.get_ref()) {
            let (line, column) = line_and_column(text, at);
            return Err(ConfigError { line: Some(line), column: Some(column), ..error });
        }
        let table = text.parse().map_err(syntax)?;
        let origin = Origin { text: text.to_owned(), ..Origin::default() };
        Ok(Self { origin, value: toml::Value::Table(table) })
    }

    /// Applies an override `key.path=value`.
    pub(super) fn set(&mut self, set: &str) -> Result<(), ConfigError> {
        self.origin.set.push(overrides::apply(&mut self.value, set)?);
        Ok(())
    }

    /// Reads it as a configuration.
    pub(super) fn deserialize(&self) -> Result<wire::Config, ConfigError> {
        serde_path_to_error::deserialize(self.value.clone())
            .map_err(|error| self.origin.locate(explain::mismatch(&error, &self.value)))
    }

    /// Refuses keys of rules beside `synapse.model`, where they would have no effect.
    pub(super) fn refuse_rule_beside_model(&self) -> Result<(), ConfigError> {
        let synapse = self.value.get("synapse").and_then(toml::Value::as_table);
        let Some(synapse) = synapse.filter(|table| table.contains_key("model")) else { return Ok(()) };
        match synapse.keys().find(|key| !matches!(key.as_str(), "model" | "parameters")) {
            None => Ok(()),
            Some(key) => {
                let reason = "has no effect beside synapse.model: it is of the built-in rules";
                let remedy = "set what the model has in [synapse.parameters]; `models show` lists it";
                Err(self.origin.locate(ConfigError::new(format!("synapse.{key}"), reason, remedy)))
            }
        }
    }
}

/// Line and column, from 1, of the byte at `offset`.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() as u32 + 1, before[line_start..].chars().count() as u32 + 1)
}

/// What is left of `key` below `parent`, with its leading `.` or `[`.
fn below<'k>(key: &'k str, parent: &str) -> Option<&'k str> {
    key.strip_prefix(parent).filter(|rest| rest.starts_with(['.', '[']))
}

/// Offset of the deepest part of the path `key` (such as `protocol.synapses[1].w`) that the text has.
///
/// A name may hold dots itself (`expect."l2.angle_deg"`), so the longest that fits wins.
fn position(table: &DeTable, key: &str) -> Option<usize> {
    let fits = |name: &str| key == name || below(key, name).is_some();
    let (name, value) =
        table.iter().filter(|(name, _)| fits(name.get_ref())).max_by_key(|(name, _)| name.get_ref().len())?;
    let rest = &key[name.get_ref().len()..];
    Some(deeper(value.get_ref(), rest).unwrap_or(name.span().start))
}

fn deeper(value: &DeValue, rest: &str) -> Option<usize> {
    match value {
        DeValue::Table(table) => position(table, rest.strip_prefix('.')?),
        DeValue::Array(array) => {
            let (index, rest) = rest.strip_prefix('[')?.split_once(']')?;
            let element = array.get(index.parse::<usize>().ok()?)?;
            Some(deeper(element.get_ref(), rest).unwrap_or(element.span().start))
        }
        _ => None,
    }
}
