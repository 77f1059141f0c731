//! Models that are wrong, and what is said of them: the first cause, with line and column.

use std::fs;
use std::path::Path;

use synaptode::error::ConfigError;
use synaptode::model::Model;

#[test]
fn every_invalid_model_is_refused_in_clear_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid_models");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 30);
    let mut messages = Vec::new();
    for path in paths {
        let error = Model::load(&path).err().unwrap_or_else(|| panic!("{}", path.display()));
        assert!(!error.remedy.is_empty(), "{error}");
        let name = path.file_name().unwrap().to_owned();
        messages.push(ConfigError { file: Some(name.into()), ..error }.to_string());
    }
    insta::assert_snapshot!(messages.join("\n"));
}

proptest::proptest! {
    #[test]
    fn text_like_a_model_never_panics(text in "(eta|w|m|_i|g|u|F|in|out|[{}(),=*/+.0-9 \n^<-]){0,60}") {
        let _ = Model::parse(&text, "any");
    }

    #[test]
    fn a_mutated_model_never_panics(at in 0_usize..1600, with in "[ -~\n]{0,3}") {
        let mut text = include_str!("../../../models/bio_adam.ds").to_owned();
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let end = (at + 1).min(text.len());
        text.replace_range(at..end, &with);
        let _ = Model::parse(&text, "any");
    }
}

#[test]
fn deep_nesting_and_long_texts_are_refused() {
    let deep = format!("a {{ {}1{} }}", "(".repeat(50_000), ")".repeat(50_000));
    assert!(Model::parse(&deep[..60_000], "deep").unwrap_err().reason.contains("deep"));
    assert!(Model::parse(&" ".repeat(200_000), "long").unwrap_err().reason.contains("bytes"));
    // Signs nest without brackets.
    let signs = format!("u_i {{ w = 0.0 }} F_i {{ {}1.0 }}", "- ".repeat(10_000));
    let _ = Model::parse(&signs, "signs");
    let sums = format!("u_i {{ w = 0.0 }} F_i {{ 1.0{} }}", " + 1.0".repeat(15_000));
    let _ = Model::parse(&sums, "sums");
}
