//! The parts of a model's text, before anything is known about their meaning.

use super::expr::Expr;
use crate::error::ConfigError;

/// A named part `name { elements }` or `name_i { elements }`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub name: String,
    /// What follows the underscore, if anything.
    pub index: String,
    /// Byte of the text at which it stands.
    pub at: usize,
    pub elements: Vec<Element>,
}

/// An element of a part, `label = expr` or `expr`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    pub label: Option<String>,
    pub expr: Expr,
    pub at: usize,
}

/// Something wrong at a byte of a model's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// The byte; `None` where the whole text is meant.
    pub at: Option<usize>,
    pub reason: String,
    pub remedy: String,
}

impl Fault {
    pub fn new(at: usize, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at: Some(at), reason: reason.into(), remedy: remedy.into() }
    }

    pub fn whole(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at: None, reason: reason.into(), remedy: remedy.into() }
    }

    /// The error with line and column of `text`.
    pub fn locate(self, text: &str) -> ConfigError {
        let place = self.at.map(|at| crate::config::line_and_column(text, at));
        ConfigError {
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            ..ConfigError::new("", self.reason, self.remedy)
        }
    }
}
