//! The functions that a model may call: those of `DiffSL`, with their values for checks outside of compiled code.

/// A function of `DiffSL`.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Number of arguments: 1 or 2.
    pub arity: usize,
    /// Its value; with one argument the second is not read.
    pub value: fn(f64, f64) -> f64,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

const fn one(name: &'static str, value: fn(f64, f64) -> f64) -> Function {
    Function { name, arity: 1, value }
}

const fn two(name: &'static str, value: fn(f64, f64) -> f64) -> Function {
    Function { name, arity: 2, value }
}

/// All of them, but for `copysign`, whose derivative `DiffSL` has wrong (0.12.5), and tables of data.
pub const FUNCTIONS: [Function; 18] = [
    one("abs", |a, _| a.abs()),
    one("arccosh", |a, _| a.acosh()),
    one("arcsinh", |a, _| a.asinh()),
    one("cos", |a, _| a.cos()),
    one("cosh", |a, _| a.cosh()),
    one("exp", |a, _| a.exp()),
    one("heaviside", |a, _| if a >= 0.0 { 1.0 } else { 0.0 }),
    one("log", |a, _| a.ln()),
    one("log10", |a, _| a.log10()),
    two("max", f64::max),
    two("min", f64::min),
    two("pow", f64::powf),
    one("sigmoid", |a, _| (1.0 + (-a).exp()).recip()),
    one("sin", |a, _| a.sin()),
    one("sinh", |a, _| a.sinh()),
    one("sqrt", |a, _| a.sqrt()),
    one("tan", |a, _| a.tan()),
    one("tanh", |a, _| a.tanh()),
];

impl Function {
    /// The function of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        FUNCTIONS.into_iter().find(|function| function.name == name)
    }
}
