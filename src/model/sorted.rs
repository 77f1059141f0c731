//! The parts of a text by their kind.

use super::expr::Expr;
use super::tree::{Element, Fault, Part};

/// The parts by their kind.
#[derive(Default)]
pub(super) struct Sorted {
    pub inputs: Option<Part>,
    pub state: Option<Part>,
    pub rates: Option<Part>,
    pub out: Option<Part>,
    pub scalars: Vec<(String, usize, Expr)>,
}

impl Sorted {
    /// Puts a part where it belongs.
    pub fn add(&mut self, part: Part) -> Result<(), Fault> {
        let slot = match (part.name.as_str(), part.index.as_str()) {
            ("in", "i") => &mut self.inputs,
            ("u", "i") => &mut self.state,
            ("F", "i") => &mut self.rates,
            ("out", "i") => &mut self.out,
            (name, index) => return self.scalar(name, index, &part),
        };
        if slot.is_some() {
            return Err(Fault::new(
                part.at,
                format!("`{}_i` stands here a second time", part.name),
                "keep one of the two",
            ));
        }
        *slot = Some(part);
        Ok(())
    }

    fn scalar(&mut self, name: &str, index: &str, part: &Part) -> Result<(), Fault> {
        let at = part.at;
        if ["in", "u", "F", "out"].contains(&name) {
            let written = if index.is_empty() { name.to_owned() } else { format!("{name}_{index}") };
            return Err(Fault::new(
                at,
                format!("`{written}` has another index than i"),
                format!("write `{name}_i`"),
            ));
        }
        match &part.elements[..] {
            [Element { label: None, expr, .. }] => {
                self.scalars.push((name.to_owned(), at, expr.clone()));
                Ok(())
            }
            [] => Err(Fault::new(at, format!("`{name}` has no value"), format!("write {name} {{ 1.0 }}"))),
            _ => Err(Fault::new(
                at,
                format!("`{name}` must have one value: a model is for one synapse"),
                format!("write {name} {{ 1.0 }}; state variables belong in u_i, their rates in F_i"),
            )),
        }
    }
}
