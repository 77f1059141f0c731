//! Whatever a configuration says: it is refused in words, or it survives being written and read.

use proptest::prelude::*;
use synaptode::config::templates;

use crate::configs::{TEMPLATES, assert_round_trip, load_str};

/// Keys of the leaves of a table, as `--set` names them.
fn leaves(value: &toml::Value, path: &str, out: &mut Vec<String>) {
    let dot = if path.is_empty() { "" } else { "." };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(key, value)| leaves(value, &format!("{path}{dot}\"{key}\""), out));
        }
        toml::Value::Array(array) => {
            array
                .iter()
                .enumerate()
                .for_each(|(index, value)| leaves(value, &format!("{path}{dot}{index}"), out));
        }
        _ => {}
    }
    if !path.is_empty() {
        out.push(path.to_owned());
    }
}

#[test]
fn any_value_at_any_key_is_accepted_or_refused_in_words() {
    let values = [
        "-1",
        "0",
        "1",
        "nan",
        "inf",
        "-inf",
        "1e308",
        "5e-324",
        "1e-200",
        "9223372036854775807",
        "true",
        "\"\"",
        "word",
        "[]",
        "[1]",
        "{}",
        "{ a = 1 }",
        "1979-05-27",
        "[[]]",
    ];
    let (mut accepted, mut refused) = (0, 0);
    for template in TEMPLATES {
        let mut keys = Vec::new();
        let full = load_str(template, &[]).unwrap().to_toml().unwrap();
        leaves(&toml::Value::Table(full.parse().unwrap()), "", &mut keys);
        for (key, value) in keys.iter().flat_map(|key| values.iter().map(move |value| (key, value))) {
            match load_str(&full, &[&format!("{key}={value}")]) {
                Ok(experiment) => {
                    accepted += 1;
                    assert_round_trip(&experiment);
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.key.is_empty() && !error.remedy.is_empty(), "{key}={value}: {error}");
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), set in any::<String>()) {
        let _ = load_str(&text, &[]);
        let _ = load_str(templates::SYNAPSE, &[&set]);
        let _ = load_str(templates::SYNAPSE, &[&format!("{set}={text}")]);
    }

    #[test]
    fn text_like_toml_never_panics(lines in prop::collection::vec("(\\[{0,2}[a-z.]{0,9}\\]{0,2})|([a-z_.\"']{1,6} ?= ?[-0-9a-z.\"'{}\\[\\], é#]{0,12})", 0..12)) {
        let _ = load_str(&lines.join("\n"), &[]);
    }

    #[test]
    fn a_mutated_config_never_panics_and_what_loads_survives_a_round_trip(
        which in 0..2_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, any::<char>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let mut text: Vec<char> = TEMPLATES[which].chars().collect();
        for (at, kind, character, from) in edits {
            let (at, from) = (at.index(text.len()), from.index(text.len()));
            match kind {
                0 => { text.remove(at); }
                1 => text.insert(at, character),
                2 => text[at] = text[from],
                _ => { let piece: Vec<char> = text[from..].iter().take(20).copied().collect(); text.splice(at..at, piece); }
            }
        }
        let text: String = text.into_iter().collect();
        if let Ok(experiment) = load_str(&text, &[]) {
            assert_round_trip(&experiment);
        }
    }
}
