//! `models`: what models ship, what one says, and whether one works.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use anyhow::bail;

use crate::cli::ModelsCommand;
use crate::error::{ConfigError, Error};
use crate::model::check::{self, LEVEL, Trial};
use crate::model::{Model, shipped, show};

/// Prints to `out` what is asked.
///
/// # Errors
/// Where a model can't be read, or is found not to work.
pub fn run(command: &ModelsCommand, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        ModelsCommand::List => list(out),
        ModelsCommand::Show { models, source } => {
            for name in models {
                let model = open(name)?;
                let page = if *source { model.text.clone() } else { show::page(&model) };
                write!(out, "{page}")?;
            }
            Ok(())
        }
        ModelsCommand::Check { models } => {
            let verdicts =
                models.iter().map(|name| tried(name, out)).collect::<anyhow::Result<Vec<bool>>>()?;
            if verdicts.contains(&false) {
                bail!("a model does not stay finite");
            }
            Ok(())
        }
    }
}

fn list(out: &mut impl Write) -> anyhow::Result<()> {
    for name in shipped::names() {
        let model = shipped::model("", name)?;
        let title = model.header.title.split_once(": ").map_or("", |(_, title)| title);
        writeln!(out, "{name:<18} {title}")?;
    }
    Ok(())
}

/// The model in a file, or the one of this name that ships.
fn open(name: &str) -> Result<Model, ConfigError> {
    if shipped::is_path(name) { Model::load(Path::new(name)) } else { shipped::model("", name) }
}

/// Reports what a model does, and gives whether it stays finite.
fn tried(name: &str, out: &mut impl Write) -> anyhow::Result<bool> {
    let model = open(name)?;
    let trials = check::trials(&model).map_err(|error| at_model(&model, error))?;
    writeln!(out, "{} compiles: {}", model.name, described(&model))?;
    for parameter in unread(&model) {
        writeln!(out, "  note: parameter {parameter} is read nowhere")?;
    }
    for trial in &trials {
        write!(out, "{}", report(&model, trial))?;
    }
    let finite = trials.iter().all(|trial| trial.end.is_ok());
    let verdict = if finite { "stays finite under all of these inputs" } else { "does not stay finite" };
    writeln!(out, "{}: {verdict}; {}", model.name, stiffness(&trials))?;
    Ok(finite)
}

fn at_model(model: &Model, error: Error) -> Error {
    match error {
        Error::Config(error) => {
            Error::Config(ConfigError { file: model.path.clone().or(error.file.clone()), ..error })
        }
        other => other,
    }
}

fn described(model: &Model) -> String {
    let names = |names: Vec<&str>| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let state = names(model.variables.iter().map(|variable| variable.name.as_str()).collect());
    let inputs = names(model.inputs.iter().map(|input| input.name()).collect());
    let parameters = match model.parameters.len() {
        1 => "1 parameter".to_owned(),
        count => format!("{count} parameters"),
    };
    format!("state {state}; reads {inputs}; {parameters}")
}

/// Parameters that nothing reads.
fn unread(model: &Model) -> Vec<&str> {
    let rates = model.variables.iter().flat_map(|variable| [&variable.rate, &variable.default]);
    let named = model.definitions.iter().map(|definition| &definition.expr);
    let defaults = model.parameters.iter().map(|parameter| &parameter.default);
    let all: Vec<_> = rates.chain(named).chain(defaults).collect();
    let parameters = model.parameters.iter().map(|parameter| parameter.name.as_str());
    parameters.filter(|name| !all.iter().any(|expr| expr.reads(name))).collect()
}

fn report(model: &Model, trial: &Trial) -> String {
    let inputs: Vec<String> =
        trial.inputs.iter().map(|(input, value)| format!("{} = {value}", input.name())).collect();
    let inputs = if inputs.is_empty() { "no input".to_owned() } else { inputs.join(", ") };
    let mut text = format!("  {inputs} for {LEVEL} s\n");
    // Writing into a string does not fail.
    match &trial.end {
        Ok(end) => {
            let _ = writeln!(text, "    ends at {} after {} steps", state(model, end), trial.steps);
        }
        Err(error) => {
            let _ = writeln!(text, "    FAILS: {error}");
        }
    }
    if let Some((slow, fast)) = trial.speeds {
        let (fast, slow) = (number(fast.recip()), number(slow.recip()));
        let _ = if fast == slow {
            writeln!(text, "    time constant there: {fast} s")
        } else {
            writeln!(text, "    time constants there: {fast} to {slow} s")
        };
    }
    for (point, stable) in &trial.fixed_points {
        let kind = if *stable { "stable" } else { "unstable" };
        let _ = writeln!(text, "    {kind} fixed point: {}", state(model, point));
    }
    text
}

fn state(model: &Model, values: &[f64]) -> String {
    let pairs = model.variables.iter().zip(values);
    pairs
        .map(|(variable, value)| format!("{} = {}", variable.name, number(*value)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// How stiff the model was where it was worst.
fn stiffness(trials: &[Trial]) -> String {
    let ratio =
        trials.iter().filter_map(|trial| trial.speeds).map(|(slow, fast)| fast / slow).fold(1.0, f64::max);
    let word = match ratio {
        r if r < 1e3 => "not stiff",
        r if r < 1e6 => "stiff",
        _ => "very stiff",
    };
    let method = if ratio < 1e3 { "" } else { ": take solver.method = \"tr_bdf2\" for single synapses" };
    format!("{word} (time constants differ by a factor of {}){method}", number(ratio))
}

/// Four significant digits.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let text = format!("{rounded:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
