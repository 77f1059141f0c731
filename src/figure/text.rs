//! Lines of text: how they are set, and their symbols: `*w* (1)` sets `w` oblique, as symbols of quantities are.

use super::style::{Color, INK};

/// Where the given position lies in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At its start.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Size of the em.
    pub size: f64,
    /// Where the position lies.
    pub align: Align,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it reads upwards.
    pub upward: bool,
    /// Its colour.
    pub color: Color,
}

impl TextStyle {
    /// Upright text of this size.
    #[must_use]
    pub fn new(size: f64, align: Align) -> Self {
        Self { size, align, bold: false, upward: false, color: INK }
    }
}

/// A piece of text in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The characters.
    pub text: String,
    /// Whether it is a symbol.
    pub oblique: bool,
}

/// The pieces of `markup`: what stands between two asterisks is oblique.
#[must_use]
pub fn spans(markup: &str) -> Vec<Span> {
    markup
        .split('*')
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
        .map(|(index, text)| Span { text: text.to_owned(), oblique: index % 2 == 1 })
        .collect()
}

/// A user's text as markup: its asterisks and control characters become harmless.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '*' => '\u{2217}',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// An integer in superscript digits.
#[must_use]
pub fn superscript(value: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "⁻" } else { "" };
    sign.chars().chain(digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_oblique() {
        let span = |text: &str, oblique| Span { text: text.to_owned(), oblique };
        assert_eq!(
            spans("*w*, *b* (1)"),
            [span("w", true), span(", ", false), span("b", true), span(" (1)", false)]
        );
        assert_eq!(spans(&plain("a*b\n")).len(), 1);
    }

    #[test]
    fn superscripts() {
        assert_eq!(superscript(-12), "⁻¹²");
        assert_eq!(superscript(0), "⁰");
    }
}
