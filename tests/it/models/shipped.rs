//! The models that ship: their headers say what their texts say, and each configuration shows what it claims.

use std::fs;
use std::path::Path;

use synaptode::model::{Model, shipped};

use crate::program::Folder;

fn models() -> Vec<Model> {
    shipped::names().into_iter().map(|name| shipped::model("", name).unwrap()).collect()
}

#[test]
fn every_file_of_the_folder_ships() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let files = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        (path.extension()? == "ds").then(|| path.file_stem().unwrap().to_string_lossy().into_owned())
    });
    let mut files: Vec<String> = files.collect();
    files.sort();
    assert_eq!(files, shipped::names());
}

#[test]
fn headers_name_every_symbol_with_unit_and_default() {
    for model in models() {
        let header = &model.header;
        assert!(header.title.starts_with(&format!("{}: ", model.name)), "{}", model.name);
        assert!(
            header.citation.iter().any(|line| line.contains("doi:") || line.contains("arXiv")),
            "{}",
            model.name
        );
        let parameters = model.parameters.iter().map(|parameter| (&parameter.name, parameter.value));
        let state = model.variables.iter().map(|variable| (&variable.name, variable.initial));
        let mut known: Vec<&str> = Vec::new();
        for (name, value) in parameters.chain(state) {
            let symbol = header.symbol(name).unwrap_or_else(|| panic!("{}: {name}", model.name));
            assert!(!symbol.unit.is_empty() && !symbol.meaning.is_empty(), "{}: {name}", model.name);
            assert_eq!(symbol.default.parse::<f64>().unwrap(), value, "{}: {name}", model.name);
            known.push(name);
        }
        for input in &model.inputs {
            assert_eq!(header.symbol(input.name()).unwrap().default, "input", "{}", model.name);
            known.push(input.name());
        }
        for definition in &model.definitions {
            assert!(!header.unit(&definition.name).is_empty(), "{}: {}", model.name, definition.name);
            known.push(&definition.name);
        }
        for symbol in &header.symbols {
            assert!(known.contains(&symbol.name.as_str()), "{}: {} is nowhere", model.name, symbol.name);
        }
    }
}

#[test]
fn every_model_has_a_configuration_that_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new(&[]);
    for name in shipped::names() {
        let config = root.join(format!("configs/models/{name}.toml"));
        folder.ok(&["-q", "run", config.to_str().unwrap(), "--verify", "--set", "figures.draw=[]"]);
    }
}

#[test]
fn a_model_is_listed_shown_and_checked() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.ok(&["models", "list"]).lines().count(), shipped::names().len());
    insta::assert_snapshot!(folder.ok(&["models", "show", "bcm", "kolen_pollack", "adam"]));
    insta::assert_snapshot!(folder.ok(&["models", "check", "oja", "calcium"]));
    let source = folder.ok(&["models", "show", "oja", "--source"]);
    fs::write(folder.path("mine.ds"), source.replace("eta * y * (x - y * w)", "eta * y * x * w * w"))
        .unwrap();
    let diverges = folder.run(&["models", "check", "mine.ds"]);
    assert_eq!(diverges.status.code(), Some(1));
    let said = String::from_utf8(diverges.stdout).unwrap();
    assert!(said.contains("FAILS") && said.contains("does not stay finite"), "{said}");
}
