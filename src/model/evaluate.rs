//! A model in numbers: its defaults, and its rates at one state, without compiled code.

use std::collections::BTreeMap;

use super::{Model, Parameter, Variable};

impl Model {
    /// Gives parameters and initial values their numbers: those of `values`, otherwise the defaults.
    pub(super) fn evaluate(&mut self, values: &BTreeMap<String, f64>) {
        for k in 0..self.parameters.len() {
            let Parameter { name, default, .. } = &self.parameters[k];
            let value = values.get(name).copied();
            self.parameters[k].value =
                value.unwrap_or_else(|| default.value(&|name: &str| constant(&self.parameters[..k], name)));
        }
        for variable in &mut self.variables {
            let value = values.get(&variable.name).copied();
            variable.initial = value
                .unwrap_or_else(|| variable.default.value(&|name: &str| constant(&self.parameters, name)));
        }
    }

    /// The rates of all variables at one state: for checks outside of compiled code.
    #[must_use]
    pub fn rates(&self, t: f64, state: &[f64], inputs: &[f64]) -> Vec<f64> {
        let named = self.named(t, state, inputs);
        let rate = |variable: &Variable| {
            variable.rate.value(&|name: &str| self.lookup(&named, t, state, inputs, name))
        };
        self.variables.iter().map(rate).collect()
    }

    /// The values of the named expressions.
    fn named(&self, t: f64, state: &[f64], inputs: &[f64]) -> Vec<(&str, f64)> {
        let mut named: Vec<(&str, f64)> = Vec::new();
        for definition in &self.definitions {
            let value = definition.expr.value(&|name: &str| self.lookup(&named, t, state, inputs, name));
            named.push((&definition.name, value));
        }
        named
    }

    fn lookup(&self, named: &[(&str, f64)], t: f64, state: &[f64], inputs: &[f64], name: &str) -> f64 {
        if name == "t" {
            return t;
        }
        let variable = self.variables.iter().position(|variable| variable.name == name);
        let input = self.inputs.iter().position(|input| input.name() == name);
        let defined = named.iter().find(|(other, _)| *other == name);
        match (variable, input, defined) {
            (Some(k), _, _) => state[k],
            (_, Some(k), _) => inputs[k],
            (_, _, Some((_, value))) => *value,
            _ => constant(&self.parameters, name),
        }
    }

    /// Why a rate can't be computed at the start, whatever the inputs, with the index of its variable.
    pub(super) fn singular(&self) -> Option<(usize, String)> {
        let state: Vec<f64> = self.variables.iter().map(|variable| variable.initial).collect();
        let [silent, active] = [0.0, 0.5].map(|input| vec![input; self.inputs.len()]);
        let rates = self.rates(0.0, &state, &active);
        let mut pairs = self.rates(0.0, &state, &silent).into_iter().zip(&rates);
        let index = pairs.position(|(silent, active)| !silent.is_finite() && !active.is_finite())?;
        let Variable { name, rate, .. } = &self.variables[index];
        let named = self.named(0.0, &state, &active);
        let of = |name: &str| self.lookup(&named, 0.0, &state, &active, name);
        let mut divisors = Vec::new();
        let expressions = self.definitions.iter().map(|definition| &definition.expr);
        std::iter::once(rate).chain(expressions).for_each(|expr| expr.divisors(&mut divisors));
        let zero = divisors.into_iter().find(|divisor| divisor.value(&of) == 0.0);
        let why = zero.map_or_else(
            || format!("d{name}/dt = {} is {:?}", rate.typeset(), rates[index]),
            |zero| format!("it divides by {}, which is 0", zero.typeset()),
        );
        Some((index, format!("the rate of `{name}` can't be computed at the start: {why}")))
    }
}

fn constant(parameters: &[Parameter], name: &str) -> f64 {
    parameters.iter().find(|parameter| parameter.name == name).map_or(f64::NAN, |parameter| parameter.value)
}
