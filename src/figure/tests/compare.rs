//! Figures of a comparison, made from small tables.

use std::fmt::Write as _;

use super::super::compare;
use super::*;

/// A comparison in a directory of this name, with one measurement a row: `(seed, presentation, loss, test loss)`.
fn comparison(name: &str, rows: &[(u64, u64, f64, f64)]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let directory = dir.path().join(name);
    fs::create_dir(&directory).unwrap();
    let mut measured = "run,seed,presentation,loss,test_loss\n".to_owned();
    let mut summary = "run,seed,status,directory,test_accuracy\n".to_owned();
    for (seed, presentation, loss, test_loss) in rows {
        writeln!(measured, "seed={seed},{seed},{presentation},{loss},{test_loss}").unwrap();
        writeln!(summary, "seed={seed},{seed},complete,seed={seed},0.95").unwrap();
    }
    put(&directory, crate::compare::COMPARISON, &measured);
    put(&directory, crate::compare::SUMMARY, &summary);
    (dir, directory)
}

#[test]
fn where_only_the_seed_varies_the_legend_names_the_comparison() {
    let (_dir, directory) = comparison("compare-reach", &[(0, 0, 1.0, 1.0), (1, 0, 2.0, 2.0)]);
    let figures = compare::figures(&directory).unwrap();
    let Drawable::Stack(learning) = &figures[0].0 else { panic!("{figures:?}") };
    let texts: Vec<_> = learning.legend.iter().flatten().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts, ["reach", "line: mean of 2 seeds; band: least to largest"]);
}

#[test]
fn losses_share_the_kind_of_their_axis() {
    for (least, are_log) in [(0.5, false), (0.01, true)] {
        let (_dir, directory) = comparison("c", &[(0, 0, 1.0, 1.0), (0, 10, 0.5, least)]);
        let figures = compare::figures(&directory).unwrap();
        let Drawable::Stack(learning) = &figures[0].0 else { panic!("{figures:?}") };
        let found: Vec<_> = learning.panels.iter().map(panel::Panel::is_log).collect();
        assert_eq!(found, [are_log; 2]);
    }
}
