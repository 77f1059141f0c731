//! The text of one synapse as the text of many: every state variable and input becomes a vector.
//!
//! Inputs are written as further state variables of rate 0. So an evaluation needs no call besides that of the rates, and
//! products with the Jacobian include the part that runs through the neurons.

use std::fmt::Write;

use super::{Definition, Model};

/// `DiffSL` for `n` synapses with the variables `kept`, then the inputs, each a run of `n` values of the state.
pub(super) fn text(model: &Model, kept: &[usize], n: usize) -> String {
    // What depends on the time alone is the same for all synapses, and computed once.
    let common = |definition: &Definition| model.sources(&definition.expr).iter().all(|name| name == "t");
    let vector = |name: &str| {
        model.variables.iter().any(|variable| variable.name == name)
            || model.inputs.iter().any(|input| input.name() == name)
            || model.definitions.iter().any(|known| known.name == name && !common(known))
    };
    let spell = |name: &str| if vector(name) { format!("{name}_i") } else { name.to_owned() };
    let range = |k: usize| format!("({}:{})", k * n, (k + 1) * n);
    let mut text = String::new();
    // Writing into a string does not fail.
    for parameter in &model.parameters {
        let _ = writeln!(
            text,
            "{} {{ {} }}",
            parameter.name,
            super::expr::Expr::Number(parameter.value).diffsl(&spell)
        );
    }
    let names = kept.iter().map(|k| model.variables[*k].name.as_str());
    let names: Vec<&str> = names.chain(model.inputs.iter().map(|input| input.name())).collect();
    text.push_str("u_i {\n");
    for (k, name) in names.iter().enumerate() {
        let _ = writeln!(text, "  {}: {name} = 0.0,", range(k));
    }
    text.push_str("}\n");
    for definition in &model.definitions {
        let expr = definition.expr.diffsl(&spell);
        let _ = if common(definition) {
            writeln!(text, "{} {{ {expr} }}", definition.name)
        } else {
            writeln!(text, "{}_i {{ (0:{n}): {expr} }}", definition.name)
        };
    }
    text.push_str("F_i {\n");
    for (k, index) in kept.iter().enumerate() {
        let _ = writeln!(text, "  {}: {},", range(k), model.variables[*index].rate.diffsl(&spell));
    }
    for k in kept.len()..names.len() {
        let _ = writeln!(text, "  {}: 0.0,", range(k));
    }
    text.push_str("}\n");
    text
}
