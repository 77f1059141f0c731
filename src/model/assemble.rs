//! From the parts of a text to a model: what each name means, and that everything fits.

use std::collections::BTreeMap;

use super::expr::Expr;
use super::header::Header;
use super::sorted::Sorted;
use super::tree::{Element, Fault, Part};
use super::{Definition, Input, Model, Parameter, Variable};
use crate::config::nearest;

/// Names with a meaning of their own.
const RESERVED: [&str; 13] =
    ["in", "u", "dudt", "F", "M", "out", "stop", "reset", "root", "N", "t", "i", "model"];

/// The model with these parts, every default evaluated.
pub(super) fn model(text: &str, name: &str, parts: Vec<Part>) -> Result<Model, Fault> {
    let mut model = Model {
        name: name.to_owned(),
        path: None,
        text: text.to_owned(),
        header: Header::read(text),
        parameters: Vec::new(),
        inputs: Vec::new(),
        variables: Vec::new(),
        definitions: Vec::new(),
        weight: 0,
        feedback: None,
    };
    let mut sorted = Sorted::default();
    for part in parts {
        sorted.add(part)?;
    }
    let Sorted { inputs, state, rates, out, scalars } = sorted;
    let state =
        state.ok_or_else(|| missing("u_i", "the state with its initial values", "u_i { w = 0.0 }"))?;
    let rates = rates.ok_or_else(|| missing("F_i", "the rates of the state", "F_i { -eta * g }"))?;
    model.inputs = inputs.map_or(Ok(Vec::new()), |part| declared_inputs(&part))?;
    let mut names: Vec<(String, usize)> = Vec::new();
    for element in &state.elements {
        let label = label(element, "u_i", "w = 0.0")?;
        new_name(&mut names, label, element.at)?;
    }
    let stateful: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    for (name, at, expr) in scalars {
        new_name(&mut names, &name, at)?;
        let varies = |name: &str| {
            name == "t"
                || Input::named(name).is_some()
                || stateful.iter().any(|other| other == name)
                || model.definitions.iter().any(|definition| definition.name == name)
        };
        if expr.names().iter().any(|(name, _)| varies(name)) {
            model.definitions.push(Definition { name, expr });
        } else {
            known(&model, &[], &expr)?;
            model.parameters.push(Parameter { name, default: expr, value: f64::NAN });
        }
    }
    variables(&mut model, state, rates)?;
    let stateful: Vec<&str> = stateful.iter().map(String::as_str).collect();
    for k in 0..model.definitions.len() {
        let earlier: Vec<&str> = model.definitions[..k].iter().map(|known| known.name.as_str()).collect();
        known(&model, &[&stateful[..], &earlier].concat(), &model.definitions[k].expr)?;
    }
    let defined: Vec<&str> = model.definitions.iter().map(|known| known.name.as_str()).collect();
    for variable in &model.variables {
        known(&model, &[&stateful[..], &defined].concat(), &variable.rate)?;
    }
    weights(&mut model, out, state_at(&names))?;
    model.evaluate(&BTreeMap::new());
    finite(&model)?;
    Ok(model)
}

fn missing(part: &str, meaning: &str, example: &str) -> Fault {
    Fault::whole(format!("has no `{part}`: {meaning}"), format!("add {example}"))
}

fn label<'e>(element: &'e Element, part: &str, example: &str) -> Result<&'e str, Fault> {
    element.label.as_deref().ok_or_else(|| {
        Fault::new(element.at, format!("an element of `{part}` has no name"), format!("write {example}"))
    })
}

/// Adds a name that must not have a meaning yet.
fn new_name(names: &mut Vec<(String, usize)>, name: &str, at: usize) -> Result<(), Fault> {
    let taken = if let Some(input) = Input::named(name) {
        Some(format!("is the input \"{}\"", input.meaning()))
    } else if RESERVED.contains(&name) {
        Some("has a meaning of its own in DiffSL".to_owned())
    } else if super::function::Function::named(name).is_some() {
        Some("is a function".to_owned())
    } else if names.iter().any(|(other, _)| other == name) {
        Some("stands for something already".to_owned())
    } else {
        None
    };
    if let Some(reason) = taken {
        return Err(Fault::new(at, format!("`{name}` {reason}"), "choose another name"));
    }
    names.push((name.to_owned(), at));
    Ok(())
}

fn declared_inputs(part: &Part) -> Result<Vec<Input>, Fault> {
    let mut inputs = Vec::new();
    for element in &part.elements {
        let name = label(element, "in_i", "g = 0.0")?;
        let Some(input) = Input::named(name) else {
            let all: Vec<String> =
                Input::ALL.iter().map(|input| format!("{} ({})", input.name(), input.meaning())).collect();
            let reason = format!("a synapse can't read `{name}`: what it reads must be local");
            return Err(Fault::new(element.at, reason, format!("inputs: {}; t is the time", all.join(", "))));
        };
        if inputs.contains(&input) {
            return Err(Fault::new(element.at, format!("`{name}` is declared twice"), "declare it once"));
        }
        inputs.push(input);
    }
    Ok(inputs)
}

/// The state variables with their rates.
fn variables(model: &mut Model, state: Part, rates: Part) -> Result<(), Fault> {
    if state.elements.len() != rates.elements.len() {
        let names: Vec<&str> = state.elements.iter().filter_map(|element| element.label.as_deref()).collect();
        let reason = format!(
            "`F_i` has {} for the {} of `u_i`: {}",
            counted(rates.elements.len(), "rate"),
            counted(names.len(), "variable"),
            names.join(", ")
        );
        return Err(Fault::new(rates.at, reason, "give one rate for each state variable, in the same order"));
    }
    for (state, rate) in state.elements.into_iter().zip(rates.elements) {
        let name = label(&state, "u_i", "w = 0.0")?.to_owned();
        if let Some(label) = rate.label {
            let reason = format!("a rate has no name, but this one is called `{label}`");
            return Err(Fault::new(rate.at, reason, "write the expression alone, in the order of u_i"));
        }
        known(model, &[], &state.expr)?;
        let (default, initial) = (state.expr, f64::NAN);
        model.variables.push(Variable { name, default, initial, rate: rate.expr, rate_at: rate.at });
    }
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Refuses a name in `expr` that is neither a parameter nor among `others`, inputs and the time.
fn known(model: &Model, others: &[&str], expr: &Expr) -> Result<(), Fault> {
    let parameters: Vec<&str> = model.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    // Constants read parameters only.
    let constant = others.is_empty();
    for (name, at) in expr.names() {
        if parameters.contains(&name) || others.contains(&name) {
            continue;
        }
        let declared = model.inputs.iter().any(|input| input.name() == name);
        if !constant && (name == "t" || declared) {
            continue;
        }
        return Err(unknown(model, &[&parameters[..], others].concat(), constant, name, at));
    }
    Ok(())
}

fn unknown(model: &Model, known: &[&str], constant: bool, name: &str, at: usize) -> Fault {
    let later = model.definitions.iter().any(|definition| definition.name == name);
    let varies = name == "t" || Input::named(name).is_some();
    let varies = varies || later || model.variables.iter().any(|variable| variable.name == name);
    if constant && varies {
        let reason = format!("`{name}` changes with time, but an initial value is a constant");
        return Fault::new(at, reason, "let it depend on numbers and parameters only");
    }
    if Input::named(name).is_some() {
        let reason = format!("reads `{name}`, which is not declared");
        let mut inputs: Vec<&str> = model.inputs.iter().map(|input| input.name()).collect();
        inputs.push(name);
        let list: Vec<String> = inputs.iter().map(|input| format!("{input} = 0.0")).collect();
        return Fault::new(at, reason, format!("declare it: in_i {{ {} }}", list.join(", ")));
    }
    if later {
        return Fault::new(at, format!("`{name}` is defined further below"), "move its definition up");
    }
    let remedy = match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("add it as a parameter before this line: {name} {{ 1.0 }}"),
    };
    Fault::new(at, format!("`{name}` is not known"), remedy)
}

/// Where the first state variable stands.
fn state_at(names: &[(String, usize)]) -> usize {
    names.first().map_or(0, |(_, at)| *at)
}

/// Which variables are the forward and the feedback weight: those that `out_i` names, or `w` and `b`.
fn weights(model: &mut Model, out: Option<Part>, at: usize) -> Result<(), Fault> {
    let find = |name: &str| model.variables.iter().position(|variable| variable.name == name);
    let (weight, feedback) = if let Some(out) = out {
        let mut chosen = Vec::new();
        for element in &out.elements {
            let index = match &element.expr {
                Expr::Name(name, _) if element.label.is_none() => find(name),
                _ => None,
            };
            chosen.push(index.ok_or_else(|| {
                let reason = "an element of `out_i` is not the name of a state variable";
                Fault::new(element.at, reason, "write out_i { w } or out_i { w, b }: the weights")
            })?);
        }
        match chosen[..] {
            [weight] => (Some(weight), None),
            [weight, feedback] if weight != feedback => (Some(weight), Some(feedback)),
            _ => {
                let reason = "`out_i` names the forward weight and perhaps the feedback weight, nothing else";
                return Err(Fault::new(out.at, reason, "write out_i { w } or out_i { w, b }"));
            }
        }
    } else {
        (find("w"), find("b"))
    };
    let Some(weight) = weight else {
        let reason = "no state variable is called `w`, the forward weight";
        return Err(Fault::new(at, reason, "call it `w`, or name it in out_i { ... }"));
    };
    for (name, role) in [("w", Some(weight)), ("b", feedback)] {
        if find(name).is_some() && find(name) != role {
            let reason =
                format!("`{name}` is no weight here, but that is what the files of a run call a weight");
            return Err(Fault::new(at, reason, "give this variable another name"));
        }
    }
    (model.weight, model.feedback) = (weight, feedback);
    Ok(())
}

/// Refuses defaults that can't be computed with.
fn finite(model: &Model) -> Result<(), Fault> {
    let bad_parameter = model.parameters.iter().find(|parameter| parameter.value.is_nan());
    if let Some(parameter) = bad_parameter {
        let reason =
            format!("parameter `{}` = {} is not a number", parameter.name, parameter.default.typeset());
        return Err(Fault::whole(reason, "give it a value that can be computed"));
    }
    let bad_variable = model.variables.iter().find(|variable| !variable.initial.is_finite());
    if let Some(variable) = bad_variable {
        let reason = format!("`{}` starts at {:?}", variable.name, variable.initial);
        return Err(Fault::whole(reason, "give a finite initial value"));
    }
    if let Some((index, reason)) = model.singular() {
        return Err(Fault::new(model.variables[index].rate_at, reason, "choose other defaults"));
    }
    Ok(())
}
