//! Expressions of a model: evaluated for checks, written for the compiler, typeset for readers.

use std::fmt::Write;

use super::function::Function;

/// An expression for one synapse.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A name, and the byte of the text at which it stands.
    Name(String, usize),
    /// `-a`
    Negative(Box<Expr>),
    /// `a + b`, `a - b`, `a * b`, `a / b`
    Binary(char, Box<Expr>, Box<Expr>),
    /// `f(a)` or `f(a, b)`
    Call(Function, Vec<Expr>),
}

/// How strongly parts hold together when typeset.
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const ATOM: u8 = 3;

impl Expr {
    /// Its value, with `of` giving the values of names.
    pub fn value(&self, of: &impl Fn(&str) -> f64) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Name(name, _) => of(name),
            Self::Negative(a) => -a.value(of),
            Self::Binary(op, a, b) => {
                let (a, b) = (a.value(of), b.value(of));
                match op {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ => a / b,
                }
            }
            Self::Call(function, arguments) => {
                let argument = |k: usize| arguments.get(k).map_or(0.0, |argument| argument.value(of));
                (function.value)(argument(0), argument(1))
            }
        }
    }

    /// Every name that it reads, with its place, in order of appearance.
    #[must_use]
    pub fn names(&self) -> Vec<(&str, usize)> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'e>(&'e self, names: &mut Vec<(&'e str, usize)>) {
        match self {
            Self::Number(_) => {}
            Self::Name(name, at) => names.push((name, *at)),
            Self::Negative(a) => a.collect(names),
            Self::Binary(_, a, b) => {
                a.collect(names);
                b.collect(names);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.collect(names)),
        }
    }

    /// Whether it reads `name`.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.names().iter().any(|(other, _)| *other == name)
    }

    /// The parts of it that divide, each with what it divides by, innermost last.
    pub fn divisors<'e>(&'e self, found: &mut Vec<&'e Expr>) {
        match self {
            Self::Number(_) | Self::Name(..) => {}
            Self::Negative(a) => a.divisors(found),
            Self::Binary(op, a, b) => {
                if *op == '/' {
                    found.push(b);
                }
                a.divisors(found);
                b.divisors(found);
            }
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.divisors(found)),
        }
    }

    /// The text for the compiler, with `rename` giving the spelling of names.
    pub fn diffsl(&self, rename: &impl Fn(&str) -> String) -> String {
        match self {
            Self::Number(number) => literal(*number),
            Self::Name(name, _) => rename(name),
            Self::Negative(a) => format!("(-{})", a.diffsl(rename)),
            Self::Binary(op, a, b) => format!("({} {op} {})", a.diffsl(rename), b.diffsl(rename)),
            Self::Call(function, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| argument.diffsl(rename)).collect();
                format!("{}({})", function.name, arguments.join(", "))
            }
        }
    }

    /// The expression as a reader expects it: products without a sign, powers, bars for an absolute value.
    #[must_use]
    pub fn typeset(&self) -> String {
        self.set().0
    }

    /// The text and how strongly it holds together.
    fn set(&self) -> (String, u8) {
        match self {
            Self::Number(number) => {
                let text = short(*number);
                let strength = if *number < 0.0 { SUM } else { ATOM };
                (text, strength)
            }
            Self::Name(name, _) => (name.clone(), ATOM),
            Self::Negative(a) => (format!("-{}", a.held(PRODUCT)), SUM),
            Self::Binary('*', ..) => self.product(),
            Self::Binary('/', a, b) => {
                let below = b.held(ATOM);
                match a.set() {
                    // A sign before the whole fraction.
                    (above, SUM) if a.is_signed() => (format!("{above} / {below}"), SUM),
                    _ => (format!("{} / {below}", a.held(PRODUCT)), PRODUCT),
                }
            }
            Self::Binary(op, a, b) => {
                let right = if *op == '-' { b.held(PRODUCT) } else { b.held(SUM) };
                (format!("{} {op} {right}", a.held(SUM)), SUM)
            }
            Self::Call(function, arguments) => {
                let set: Vec<_> = arguments.iter().map(Expr::typeset).collect();
                let text = match function.name {
                    "abs" => format!("|{}|", set.concat()),
                    name => format!("{name}({})", set.join(", ")),
                };
                (text, ATOM)
            }
        }
    }

    /// The text, in parentheses if it holds together less strongly than `strength`.
    fn held(&self, strength: u8) -> String {
        let (text, own) = self.set();
        if own < strength { format!("({text})") } else { text }
    }

    /// A product: equal neighbours become powers.
    fn product(&self) -> (String, u8) {
        let mut factors = Vec::new();
        self.factors(&mut factors);
        let mut text = String::new();
        let mut rest = &factors[..];
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|factor| factor.is_same(first)).count();
            // A fraction or a sign within a product would be misread without parentheses.
            let set = match first {
                Self::Binary('/', ..) if !text.is_empty() => format!("({})", first.typeset()),
                Self::Negative(a) if text.is_empty() => format!("-{}", a.held(ATOM)),
                _ => first.held(PRODUCT),
            };
            let space = if text.is_empty() { "" } else { " " };
            // Writing into a string does not fail.
            let _ = match count {
                1 => write!(text, "{space}{set}"),
                _ => write!(text, "{space}{set}^{count}"),
            };
            rest = &rest[count..];
        }
        let strength = if text.starts_with('-') { SUM } else { PRODUCT };
        (text, strength)
    }

    fn factors<'e>(&'e self, factors: &mut Vec<&'e Expr>) {
        if let Self::Binary('*', a, b) = self {
            a.factors(factors);
            b.factors(factors);
        } else {
            factors.push(self);
        }
    }

    /// Whether it is a product or a fraction with a sign before it.
    fn is_signed(&self) -> bool {
        match self {
            Self::Negative(a) => !matches!(&**a, Self::Binary('+' | '-', ..)),
            Self::Binary('*' | '/', a, _) => a.is_signed(),
            _ => false,
        }
    }

    /// Whether both are the same name.
    fn is_same(&self, other: &Expr) -> bool {
        std::ptr::eq(self, other) || matches!((self, other), (Self::Name(a, _), Self::Name(b, _)) if a == b)
    }
}

/// A number as the compiler reads it; what has no digits overflows to infinity there.
fn literal(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "1e999".to_owned() } else { "(-1e999)".to_owned() };
    }
    if number < 0.0 || number.is_sign_negative() { format!("({number:?})") } else { format!("{number:?}") }
}

/// A number without trailing zeros.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Expr {
        Expr::Name(name.to_owned(), 0)
    }

    fn binary(op: char, a: Expr, b: Expr) -> Expr {
        Expr::Binary(op, Box::new(a), Box::new(b))
    }

    #[test]
    fn products_sums_and_fractions_read_as_on_paper() {
        let square = binary('*', name("rho"), name("rho"));
        let inner = binary('-', Expr::Number(1.0), binary('*', square, name("g")));
        let product = binary('*', name("rho"), inner);
        let rate = binary('/', product, binary('*', Expr::Number(2.0), name("tau")));
        assert_eq!(rate.typeset(), "rho (1 - rho^2 g) / (2 tau)");
        let drive = binary('*', Expr::Negative(Box::new(name("eta"))), name("m"));
        assert_eq!(drive.typeset(), "-eta m");
        let difference = binary('-', name("a"), binary('-', name("b"), drive));
        assert_eq!(difference.typeset(), "a - (b - (-eta m))");
        let minus = |a: Expr| Expr::Negative(Box::new(a));
        assert_eq!(binary('/', minus(name("t")), name("tau")).typeset(), "-t / tau");
        let sum = binary('+', name("a"), name("b"));
        assert_eq!(binary('/', minus(sum), name("c")).typeset(), "(-(a + b)) / c");
    }

    #[test]
    fn the_compilers_text_keeps_the_value() {
        let expr = binary('-', name("a"), binary('/', Expr::Number(-0.5), Expr::Number(f64::INFINITY)));
        assert_eq!(expr.diffsl(&|name| format!("{name}_i")), "(a_i - ((-0.5) / 1e999))");
        assert_eq!(expr.value(&|_| 2.0), 2.0);
    }
}
