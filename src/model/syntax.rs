//! The text of a model as parts, by `DiffSL`'s own parser.

use diffsl::ast::{Ast, AstKind, StringSpan};
use diffsl::parser::parse_ds_string;
use pest::error::InputLocation;

use super::expr::Expr;
use super::function::{FUNCTIONS, Function};
use super::tree::{Element, Fault, Part};
use crate::config::nearest;

/// Deepest nesting of brackets: the parser calls itself for each.
const DEEPEST: usize = 100;
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
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let reason = format!("brackets are nested more than {DEEPEST} deep");
            return Err(Fault::new(at, reason, "close them, or give parts a name of their own"));
        }
    }
    Ok(())
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
        Some('#' | '%') => ("is not a comment".to_owned(), "comments start with //"),
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
    Ok(Part {
        name: tensor.name().to_owned(),
        index: tensor.indices().iter().collect(),
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
        None => format!("functions: {list}; a product needs its `*`"),
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
