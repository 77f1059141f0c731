//! What the comments at the head of a model's file say: title, citation, equations, symbols.
//!
//! ```text
//! // oja: Hebbian learning that keeps the weights' norm
//! //
//! // Citation
//! //   Oja (1982), doi:10.1007/BF00275687
//! //
//! // Symbols                       unit  default
//! //   eta  learning rate          1/s   0.1
//! ```
//! Columns of a symbol stand two or more spaces apart. A model without a header works just as well.

/// A symbol as the header explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name in the model.
    pub name: String,
    /// What it is.
    pub meaning: String,
    /// Its unit, empty if not given.
    pub unit: String,
    /// Its default as written, empty if not given.
    pub default: String,
}

/// The comments before the first line of code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The first line.
    pub title: String,
    /// Lines under "Citation".
    pub citation: Vec<String>,
    /// Rows under "Symbols".
    pub symbols: Vec<Symbol>,
}

impl Header {
    /// Reads the header of a model's text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut header = Self::default();
        let mut section = String::new();
        let comments = text.lines().map_while(|line| match line.trim() {
            "" => Some(""),
            line => line.strip_prefix("//"),
        });
        for line in comments {
            let indented = line.starts_with("  ");
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if !indented {
                section = line.split_whitespace().next().unwrap_or_default().to_lowercase();
                if header.title.is_empty() {
                    line.clone_into(&mut header.title);
                }
            } else if section.starts_with("citation") {
                header.citation.push(line.to_owned());
            } else if section.starts_with("symbols") {
                header.symbols.push(symbol(line));
            }
        }
        header
    }

    /// The symbol of this name.
    #[must_use]
    pub fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.symbols.iter().find(|symbol| symbol.name == name)
    }

    /// The unit of a symbol; empty if not given.
    #[must_use]
    pub fn unit(&self, name: &str) -> &str {
        self.symbol(name).map_or("", |symbol| &symbol.unit)
    }
}

fn symbol(line: &str) -> Symbol {
    let mut columns = line.split("  ").map(str::trim).filter(|column| !column.is_empty());
    let mut next = || columns.next().unwrap_or_default().to_owned();
    Symbol { name: next(), meaning: next(), unit: next(), default: next() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_its_absence_is_no_error() {
        let text = "// oja: Hebb with a norm\n//\n// Citation\n//   Oja (1982)\n// Symbols    unit  default\n\
                    //   eta  learning rate   1/s   0.1\n//   w  the weight\n\neta { 0.1 } // not this\n";
        let header = Header::read(text);
        assert_eq!(
            (header.title.as_str(), &header.citation[..]),
            ("oja: Hebb with a norm", &["Oja (1982)".to_owned()][..])
        );
        assert_eq!(header.unit("eta"), "1/s");
        assert_eq!(
            header.symbols[1],
            Symbol {
                name: "w".to_owned(),
                meaning: "the weight".to_owned(),
                unit: String::new(),
                default: String::new()
            }
        );
        assert_eq!(Header::read("eta { 1 }"), Header::default());
    }
}
