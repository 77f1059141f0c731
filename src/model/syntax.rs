//! The text of a model as parts, by `DiffSL`'s own parser.

use diffsl::ast::{Ast, AstKind, StringSpan};
use diffsl::parser::parse_ds_string;
use pest::error::InputLocation;

use super::expr::Expr;
use super::function::{FUNCTIONS, Function};
use super::tree::{Element, Fault, Part};
use crate::config::nearest;

/// Deepest nesting of parentheses: the parser calls itself for each.
const DEEPEST: usize = 100;
/// Most operators of one expression: they are taken apart by functions that call themselves.
const MOST_OPERATORS: usize = 500;
/// Longest text, bytes.
const LONGEST: usize = 100_000;

/// The parts of `text`, or the first thing that is wrong with it.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, Fault> {
    bounded(text)?;
    let model = parse_ds_string(text).map_err(|error| {
        let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
        explain(text, at)
    })?;
    if model.has_inputs {
        return Err(Fault::new(0, "lists its inputs as `in = [...]`", "declare them as in_i { g = 0.0 }"));
    }
    model.tensors.iter().map(|tensor| part(tensor)).collect()
}

/// Refuses what would take the parser too long or too deep.
fn bounded(text: &str) -> Result<(), Fault> {
    if text.len() > LONGEST {
        let reason = format!("has {} bytes; a model has {LONGEST} at most", text.len());
        return Err(Fault::whole(reason, "a model is the text of one synapse"));
    }
    let (mut depth, mut operators) = (0_usize, 0_usize);
    for (at, byte) in code(text) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'+' | b'-' | b'*' | b'/' => operators += 1,
            b'{' | b'}' | b',' => operators = 0,
            _ => {}
        }
        if depth > DEEPEST || operators > MOST_OPERATORS {
            let most = if depth > DEEPEST {
                format!("brackets are nested more than {DEEPEST} deep")
            } else {
                format!("an expression has more than {MOST_OPERATORS} operators")
            };
            return Err(Fault::new(at, most, "give parts of it names of their own"));
        }
    }
    Ok(())
}

/// The bytes of a text that stand outside of comments, with their places.
fn code(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut end = None;
    text.bytes().enumerate().filter(move |(at, _)| {
        let rest = &text.as_bytes()[*at..];
        match end {
            None if rest.starts_with(b"//") => end = Some(&b"\n"[..]),
            None if rest.starts_with(b"/*") => end = Some(&b"*/"[..]),
            None => return true,
            Some(mark) if rest.starts_with(mark) => end = None,
            Some(_) => {}
        }
        false
    })
}

/// What is wrong at `at`, where the parser could not go on.
fn explain(text: &str, at: usize) -> Fault {
    let rest = text.get(at..).unwrap_or_default();
    let before = text.get(..at).unwrap_or_default().trim_end().chars().next_back();
    let word: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let (reason, remedy) = match rest.chars().next() {
        None => ("ends too early: a part is not closed".to_owned(), "close it with `}`"),
        Some('^') => {
            ("`^` is not an operator".to_owned(), "write a square as `m * m`, other powers as pow(m, 1.5)")
        }
        Some('*') if before == Some('*') => {
            ("`**` is not an operator".to_owned(), "write a square as `m * m`, other powers as pow(m, 1.5)")
        }
        Some(c @ ('<' | '>' | '=' | '!' | '?' | '&' | '|')) => (
            format!("`{c}` can't stand here: there are no comparisons"),
            "write a condition a >= b as heaviside(a - b), which is 1 or 0; |a| as abs(a)",
        ),
        Some('_') => (
            "names carry no underscore".to_owned(),
            "write `taum` for tau_m; only in_i, u_i, F_i and out_i have one",
        ),
        Some('#' | '%') => ("`#` and `%` start no comment".to_owned(), "comments start with //"),
        Some('.') => ("a number starts with a digit".to_owned(), "write 0.5"),
        Some(';') => ("`;` can't stand here".to_owned(), "end an element with a comma"),
        Some(c @ ('}' | ')' | ',')) => {
            (format!("a value is missing before `{c}`"), "give a number, a name or an expression")
        }
        Some(c @ ('+' | '*' | '/' | '-')) => {
            (format!("a value is missing before `{c}`"), "an operator stands between two values")
        }
        Some('{') => {
            ("`{` can't stand here".to_owned(), "a part is written `name { ... }`, one after the other")
        }
        Some(_) if rest[word.len()..].starts_with('_') => {
            (format!("`{word}_...`: names carry no underscore"), "write `taum` for tau_m")
        }
        Some(c) if c.is_ascii_alphanumeric() => (
            format!("a comma or an operator is missing before `{word}`"),
            "products need their `*`; elements end with a comma",
        ),
        Some(c) => {
            (format!("`{c}` is not part of the language"), "write letters, digits, + - * / ( ) and commas")
        }
    };
    Fault::new(at.min(text.len()), reason, remedy)
}

fn start(ast: &Ast) -> usize {
    ast.span.map_or(0, |span: StringSpan| span.pos_start)
}

fn part(ast: &Ast) -> Result<Part, Fault> {
    let at = start(ast);
    let AstKind::Tensor(tensor) = &ast.kind else {
        return Err(Fault::new(at, "is not a part of a model", "a part is written `name { ... }`"));
    };
    let (name, index) = (tensor.name(), tensor.indices().iter().collect::<String>());
    if ["dudt", "M", "stop", "reset"].contains(&name) {
        let reason = format!("`{name}` is part of DiffSL, but not of a synapse's model");
        return Err(Fault::new(at, reason, "a model has parameters, in_i, u_i, named expressions and F_i"));
    }
    if !index.is_empty() && !["in", "u", "F", "out"].contains(&name) {
        let reason = format!("`{name}_{index}`: names carry no underscore");
        return Err(Fault::new(at, reason, format!("write `{name}{index}`, here and wherever it is used")));
    }
    Ok(Part {
        name: name.to_owned(),
        index,
        at,
        elements: tensor.elmts().iter().map(element).collect::<Result<_, _>>()?,
    })
}

fn element(ast: &Ast) -> Result<Element, Fault> {
    let at = start(ast);
    let AstKind::TensorElmt(element) = &ast.kind else { return Err(foreign(at)) };
    if element.indices.is_some() {
        return Err(Fault::new(
            at,
            "gives an index, but a model is for one synapse",
            "leave the index out: elements follow one another",
        ));
    }
    let (label, value) = match &element.expr.kind {
        AstKind::Assignment(assignment) => (Some(assignment.name.to_owned()), &assignment.expr),
        _ => (None, &element.expr),
    };
    Ok(Element { label, expr: expr(value)?, at })
}

fn expr(ast: &Ast) -> Result<Expr, Fault> {
    let at = start(ast);
    match &ast.kind {
        AstKind::Number(number) => Ok(Expr::Number(*number)),
        AstKind::Integer(number) => Ok(Expr::Number(*number as f64)),
        AstKind::Name(name) if name.indice.is_none() && name.indices.is_empty() => {
            Ok(Expr::Name(name.name.to_owned(), at))
        }
        AstKind::Name(name) => {
            let index: String = name.indices.iter().collect();
            let reason = format!("`{}_{index}`: names carry no underscore", name.name);
            Err(Fault::new(at, reason, format!("write `{}` or `{}{index}`", name.name, name.name)))
        }
        AstKind::Monop(operation) if operation.op == '-' => {
            Ok(Expr::Negative(Box::new(expr(&operation.child)?)))
        }
        AstKind::Monop(operation) => expr(&operation.child),
        AstKind::Binop(operation) if "+-*/".contains(operation.op) => Ok(Expr::Binary(
            operation.op,
            Box::new(expr(&operation.left)?),
            Box::new(expr(&operation.right)?),
        )),
        AstKind::Call(call) => {
            let arguments = call.args.iter().map(|argument| expr(argument)).collect::<Result<Vec<_>, _>>()?;
            let function = Function::named(call.fn_name).ok_or_else(|| unknown_function(call.fn_name, at))?;
            if arguments.len() != function.arity {
                let reason = format!(
                    "`{}` takes {} argument{}, not {}",
                    function.name,
                    function.arity,
                    if function.arity == 1 { "" } else { "s" },
                    arguments.len()
                );
                return Err(Fault::new(at, reason, "check the commas and parentheses"));
            }
            Ok(Expr::Call(function, arguments))
        }
        AstKind::CallArg(argument) => expr(&argument.expression),
        _ => Err(foreign(at)),
    }
}

fn unknown_function(name: &str, at: usize) -> Fault {
    let known = FUNCTIONS.map(|function| function.name);
    let list = known.join(", ");
    let remedy = match nearest(name, &known) {
        Some(nearest) => format!("did you mean `{nearest}`? Functions: {list}"),
        None => format!("if `{name}` is a value, a `*` or a comma is missing after it; functions: {list}"),
    };
    Fault::new(at, format!("`{name}` is not a function"), remedy)
}

fn foreign(at: usize) -> Fault {
    Fault::new(
        at,
        "is not for a model of one synapse",
        "write numbers, names, + - * /, parentheses and functions",
    )
}
