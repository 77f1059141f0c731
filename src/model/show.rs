//! A model as plain text: equations, what each of them reads, symbols with units, citation.

use std::fmt::Write;

use super::expr::short;
use super::{Input, Model};

/// The whole page about a model.
#[must_use]
pub fn page(model: &Model) -> String {
    let header = &model.header;
    let title = if header.title.is_empty() { &model.name } else { &header.title };
    let mut page = format!("{title}\n");
    if !header.citation.is_empty() {
        section(&mut page, "Citation", header.citation.clone());
    }
    section(&mut page, "Equations", equations(model));
    section(&mut page, "Symbols", symbols(model));
    section(&mut page, "What each equation reads", audit(model));
    section(&mut page, "Weights", roles(model));
    page
}

fn section(page: &mut String, title: &str, lines: Vec<String>) {
    // Writing into a string does not fail.
    let _ = writeln!(page, "\n{title}");
    for line in lines {
        let _ = writeln!(page, "  {}", line.trim_end());
    }
}

/// Named expressions and rates.
fn equations(model: &Model) -> Vec<String> {
    let definitions = model.definitions.iter().map(|known| (known.name.clone(), known.expr.typeset()));
    let rates =
        model.variables.iter().map(|variable| (format!("d{}/dt", variable.name), variable.rate.typeset()));
    let all: Vec<(String, String)> = definitions.chain(rates).collect();
    let width = width(all.iter().map(|(left, _)| left.as_str()));
    all.iter().map(|(left, right)| format!("{left:<width$} = {right}")).collect()
}

/// Every symbol with its meaning, its unit and its default; `?` for a unit that the header does not state.
fn symbols(model: &Model) -> Vec<String> {
    let mut rows: Vec<[String; 4]> = vec![["", "", "unit", "value"].map(str::to_owned)];
    let mut row = |name: &str, kind: &str, value: String| {
        let symbol = model.header.symbol(name);
        let meaning = symbol.map_or(kind, |symbol| &symbol.meaning);
        let unit = symbol.map_or("?", |symbol| &symbol.unit);
        rows.push([name.to_owned(), meaning.to_owned(), unit.to_owned(), value]);
    };
    for input in &model.inputs {
        row(input.name(), input.meaning(), "input".to_owned());
    }
    for variable in &model.variables {
        row(&variable.name, "state variable", format!("{} at the start", short(variable.initial)));
    }
    for definition in &model.definitions {
        row(&definition.name, "named expression", String::new());
    }
    for parameter in &model.parameters {
        row(&parameter.name, "parameter", short(parameter.value));
    }
    let widths: [usize; 4] = std::array::from_fn(|k| width(rows.iter().map(|row| row[k].as_str())));
    let line = |row: &[String; 4]| {
        let cell = |k: usize| format!("{:<1$}", row[k], widths[k]);
        [cell(0), cell(1), cell(2), cell(3)].join("  ")
    };
    rows.iter().map(line).collect()
}

/// The locality audit: everything that each rate depends on, named expressions resolved.
fn audit(model: &Model) -> Vec<String> {
    let left = |name: &str| format!("d{name}/dt");
    let width = width(model.variables.iter().map(|variable| variable.name.as_str())) + 4;
    let mut lines: Vec<String> = Vec::new();
    for variable in &model.variables {
        let sources = model.sources(&variable.rate);
        let own = sources.iter().filter(|name| model.variables.iter().any(|known| known.name == **name));
        let mut parts = Vec::new();
        let own: Vec<&str> = own.map(String::as_str).collect();
        if !own.is_empty() {
            parts.push(format!("own state {}", own.join(", ")));
        }
        let inputs = Input::ALL.into_iter().filter(|input| sources.iter().any(|name| name == input.name()));
        parts.extend(inputs.map(|input| format!("{} ({})", input.name(), input.meaning())));
        if sources.iter().any(|name| name == "t") {
            parts.push("t (time)".to_owned());
        }
        if parts.is_empty() {
            parts.push("nothing but parameters".to_owned());
        }
        lines.push(format!("{:<width$}  {}", left(&variable.name), parts.join("; ")));
    }
    lines.push("All of it is local: of other synapses and layers a model can read nothing.".to_owned());
    lines
}

/// Which variables are weights, and the feedback modes that follow.
fn roles(model: &Model) -> Vec<String> {
    let name = |index: usize| &model.variables[index].name;
    let mut lines = vec![format!("forward weight   {}", name(model.weight))];
    let modes = match model.feedback {
        Some(_) if model.needs_feedback() => "model, fixed, weight-mirror",
        Some(_) => "model, fixed, symmetric, sign-symmetric, direct, weight-mirror",
        None => "fixed, symmetric, sign-symmetric, direct, weight-mirror",
    };
    lines.push(match model.feedback {
        Some(index) => format!("feedback weight  {}", name(index)),
        None => "feedback weight  none of its own".to_owned(),
    });
    lines.push(format!("feedback modes   {modes}"));
    lines
}

fn width<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or_default()
}
