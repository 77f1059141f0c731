//! Synapses as text: `DiffSL` for one synapse, read, checked, compiled, and used wherever a built-in rule is.
//!
//! A model has parameters with defaults, inputs, state variables with initial values, named expressions and a rate for
//! each state variable:
//!
//! ```text
//! eta { 0.01 }                     a parameter
//! in_i { g = 0.0 }                 what it reads besides its own state: some of g, x, delta, y
//! u_i { w = 0.0, m = 0.0 }         its state, with initial values
//! drive { -eta * m }               a name for an expression
//! F_i { drive, (g - m) / taum }    the rates of the state variables, in their order, 1/s
//! ```
//!
//! The way of a text: `syntax` (`DiffSL`'s own parser) to `tree`, `assemble` to a [`Model`], `block` to the text for many
//! synapses at once, `kernel` to machine code. [`show`] typesets a model and says what each equation reads, [`check`]
//! tries it out.
//!
//! What a model can read is closed: its own state, the factors of its gradient signal and the postsynaptic activity, and
//! the time. So it is local by construction.

mod assemble;
#[cfg(feature = "models")]
mod block;
#[cfg(feature = "models")]
pub mod check;
mod evaluate;
pub mod expr;
pub mod function;
mod header;
mod input;
#[cfg(feature = "models")]
mod kernel;
#[cfg(not(feature = "models"))]
#[path = "kernel_absent.rs"]
mod kernel;
mod plasticity;
pub mod shipped;
pub mod show;
mod sorted;
#[cfg(feature = "models")]
mod syntax;
#[cfg(not(feature = "models"))]
#[path = "syntax_absent.rs"]
mod syntax;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::nearest;
use crate::error::ConfigError;
use expr::Expr;

pub use header::{Header, Symbol};
pub use input::Input;
pub use plasticity::{Feedback, Plasticity, Room, Site};

/// A constant of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its default, which may depend on parameters before it.
    pub default: Expr,
    /// Its value.
    pub value: f64,
}

/// A state variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name in the model.
    pub name: String,
    /// Its default initial value, which may depend on parameters.
    pub default: Expr,
    /// Its initial value.
    pub initial: f64,
    /// Its rate, 1/s times its unit.
    pub rate: Expr,
    /// Byte of the text at which the rate stands.
    pub rate_at: usize,
}

/// A named expression of state, inputs and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it stands for.
    pub expr: Expr,
}

/// A synapse's dynamics as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name: the file's stem.
    pub name: String,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// The whole text.
    pub text: String,
    /// What the comments before the first line of code say.
    pub header: Header,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it reads.
    pub inputs: Vec<Input>,
    /// Its state.
    pub variables: Vec<Variable>,
    /// Its named expressions.
    pub definitions: Vec<Definition>,
    /// Which variable is the forward weight.
    pub weight: usize,
    /// Which variable is the feedback weight.
    pub feedback: Option<usize>,
}

impl Model {
    /// Reads a model from a file.
    ///
    /// # Errors
    /// Where the file can't be read, or the first thing that is wrong with the model, with line and column.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let at_file = |error| ConfigError { file: Some(path.to_owned()), ..error };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let remedy = format!("check the path; models that ship: {}", shipped::names().join(", "));
            at_file(ConfigError::new("", format!("can't be read: {error}"), remedy))
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let model = Self::parse(&text, &name).map_err(at_file)?;
        Ok(Self { path: Some(path.to_owned()), ..model })
    }

    /// Reads a model from its text.
    ///
    /// # Errors
    /// The first thing that is wrong, with line and column.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let parts = syntax::parts(text).map_err(|fault| fault.locate(text))?;
        assemble::model(text, name, parts).map_err(|fault| fault.locate(text))
    }

    /// Sets parameters and initial values; `key` is the table that they stand in.
    ///
    /// # Errors
    /// Where a name is not known, or a value is not a number that can be computed with.
    pub fn set(&mut self, key: &str, values: &BTreeMap<String, f64>) -> Result<(), ConfigError> {
        for (name, value) in values {
            let key = format!("{key}.{name}");
            let known: Vec<&str> = self.settable().collect();
            if !known.contains(&name.as_str()) {
                let all = known.join(", ");
                let remedy = match nearest(name, &known) {
                    Some(nearest) => format!("did you mean `{nearest}`? It has {all}"),
                    None => format!("it has {all}"),
                };
                let reason = format!("is neither a parameter nor a state variable of model {}", self.name);
                return Err(ConfigError::new(key, reason, remedy));
            }
            if value.is_nan() {
                return Err(ConfigError::new(key, "is nan", "give a number"));
            }
        }
        self.evaluate(values);
        for variable in &self.variables {
            if !variable.initial.is_finite() {
                let reason =
                    format!("lets {} of model {} start at {:?}", variable.name, self.name, variable.initial);
                let key = if values.contains_key(&variable.name) {
                    format!("{key}.{}", variable.name)
                } else {
                    key.to_owned()
                };
                return Err(ConfigError::new(key, reason, "give finite initial values"));
            }
        }
        match self.singular() {
            None => Ok(()),
            Some((_, reason)) => Err(ConfigError::new(key, reason, "choose other values")),
        }
    }

    /// Names of parameters and state variables.
    fn settable(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().map(|parameter| parameter.name.as_str());
        parameters.chain(self.variables.iter().map(|variable| variable.name.as_str()))
    }

    /// The name that a variable has in the files of a run: `w`, `b`, or its own.
    #[must_use]
    pub fn column(&self, index: usize) -> &str {
        match index {
            _ if index == self.weight => "w",
            _ if Some(index) == self.feedback => "b",
            _ => &self.variables[index].name,
        }
    }

    /// Everything that an expression reads in the end, named expressions resolved: names of variables, inputs and `t`.
    #[must_use]
    pub fn sources(&self, expr: &Expr) -> Vec<String> {
        let mut sources = Vec::new();
        let mut open: Vec<&Expr> = vec![expr];
        let mut seen: Vec<&str> = Vec::new();
        while let Some(expr) = open.pop() {
            for (name, _) in expr.names() {
                if seen.contains(&name) {
                    continue;
                }
                seen.push(name);
                match self.definitions.iter().find(|definition| definition.name == name) {
                    Some(definition) => open.push(&definition.expr),
                    None if self.parameters.iter().all(|parameter| parameter.name != name) => {
                        sources.push(name.to_owned());
                    }
                    None => {}
                }
            }
        }
        sources.sort();
        sources
    }

    /// Whether the rate of another variable than the feedback weight depends on it.
    #[must_use]
    pub fn needs_feedback(&self) -> bool {
        let Some(feedback) = self.feedback else { return false };
        let name = &self.variables[feedback].name;
        let others = self.variables.iter().enumerate().filter(|(index, _)| *index != feedback);
        others.map(|(_, variable)| self.sources(&variable.rate)).any(|sources| sources.contains(name))
    }
}
