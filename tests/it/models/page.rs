//! docs/models.md as its reader follows it: every file saved, every command run, every line of output compared.

use std::fs;

use crate::program::Folder;

const PAGE: &str = include_str!("../../../docs/models.md");

/// The fenced blocks: what stands after the three backquotes, and the lines.
fn blocks() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            blocks.push((kind, lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

/// Whether two lines have the same words, and numbers that another machine could round to.
fn same(line: &str, expected: &str) -> bool {
    let number = |word: &str| word.trim_end_matches([',', ')', '%']).parse::<f64>().ok();
    let close = |(a, b): (&str, &str)| match (number(a), number(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= 0.05 * b.abs().max(0.01),
        _ => a == b,
    };
    let (line, expected): (Vec<&str>, Vec<&str>) =
        (line.split_whitespace().collect(), expected.split_whitespace().collect());
    line.len() == expected.len() && line.into_iter().zip(expected).all(close)
}

/// Demands the lines of `expected` in `output`, in order; `...` stands for any lines.
fn compare(command: &str, expected: &[&str], output: &str) {
    let mut rest = output.lines();
    let mut skip = false;
    for line in expected {
        if *line == "..." {
            skip = true;
            continue;
        }
        let found = if skip {
            rest.any(|other| same(other, line))
        } else {
            rest.next().is_some_and(|other| same(other, line))
        };
        assert!(found, "{command}: `{line}` is not where it should be in\n{output}");
        skip = false;
    }
    assert!(skip || rest.next().is_none(), "{command}: there is more\n{output}");
}

#[test]
fn the_page_about_models_works_at_the_first_try() {
    let folder = Folder::new(&[]);
    let mut commands = 0;
    for (kind, lines) in blocks() {
        if let Some(name) = kind.strip_prefix("text ") {
            fs::write(folder.path(name), lines.join("\n") + "\n").unwrap();
            continue;
        }
        assert_eq!(kind, "console");
        let expected = lines.split(|line| line.starts_with("$ ")).skip(1);
        let typed = lines.iter().filter_map(|line| line.strip_prefix("$ synaptode "));
        for (command, expected) in typed.zip(expected) {
            let args: Vec<&str> = command.split_whitespace().collect();
            let output = folder.run(&args);
            // What is said of a run's progress depends on the clock.
            let mut said = String::from_utf8(output.stdout).unwrap();
            if !output.status.success() {
                said += &String::from_utf8(output.stderr).unwrap();
            }
            compare(command, expected, &said);
            commands += 1;
        }
    }
    assert!(commands >= 8);
}
