//! Figures of comparisons whose files are written by hand.

use std::fmt::Write as _;
use std::path::Path;

use synaptode::figure::compare::draw;
use synaptode::figure::style::{Color, FRAME};

/// A comparison of `count` variations with long names, three seeds each; the last has no complete run.
fn comparison(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let identity = "run,synapse.rule,a.very.long.key.indeed,seed";
    let mut rows =
        format!("{identity},time_s,presentation,loss,test_accuracy,l2.angle_deg,l2.relative_difference\n");
    let mut summary = format!("{identity},status,seconds,directory,test_accuracy,reason\n");
    for variation in 0..count {
        for seed in 0..3 {
            let id = format!(
                "r{variation}-{seed},a rule with a rather long name {variation},\"[64,32,10]\",{seed}"
            );
            if variation + 1 == count {
                writeln!(summary, "{id},failed,,r,,no reason").unwrap();
                continue;
            }
            let height = variation as f64 * 0.1 + f64::from(seed - 1) * 0.02;
            for x in 0..=20 {
                let part = f64::from(x) / 20.0;
                let (loss, accuracy) = (2.0 - part - height, 0.1 + part * (0.2 + height));
                let (angle, difference) =
                    (90.0 - 40.0 * part - 30.0 * height, 1.4 - 0.5 * part - 0.5 * height);
                writeln!(rows, "{id},{part},{},{loss},{accuracy},{angle},{difference}", x * 10).unwrap();
            }
            writeln!(summary, "{id},complete,1,r,{},", 0.3 + height).unwrap();
        }
    }
    std::fs::write(folder.path().join("comparison.csv"), rows).unwrap();
    std::fs::write(folder.path().join("summary.csv"), summary).unwrap();
    folder
}

/// How many pixels have this colour between two heights, given as parts of the whole.
fn count(path: &Path, color: (u8, u8, u8), (top, bottom): (f64, f64)) -> usize {
    let image = image::open(path).unwrap().to_rgb8();
    let height = f64::from(image.height());
    let near = |a: u8, b: u8| a.abs_diff(b) <= 2;
    let is = |pixel: &image::Rgb<u8>| {
        near(pixel[0], color.0) && near(pixel[1], color.1) && near(pixel[2], color.2)
    };
    let inside = |y: u32| (top * height..bottom * height).contains(&f64::from(y));
    image.enumerate_pixels().filter(|(_, y, pixel)| inside(*y) && is(pixel)).count()
}

fn solid(index: usize) -> (u8, u8, u8) {
    let Color(r, g, b) = Color::series(index);
    (r, g, b)
}

/// The colour of a band on white.
fn faint(index: usize) -> (u8, u8, u8) {
    let Color(r, g, b) = Color::series(index);
    let mix = |channel: u8| (255.0 - 0.18 * (255.0 - f64::from(channel))).round() as u8;
    (mix(r), mix(g), mix(b))
}

#[test]
fn eight_variations_with_long_names_are_all_shown() {
    let folder = comparison(9);
    let written = draw(folder.path(), None).unwrap();
    let names: Vec<_> = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["learning.png", "symmetry.png", "final.png"]);
    for path in &written[..2] {
        assert_eq!(image::image_dimensions(path).unwrap(), (1600, 1200));
        for variation in 0..8 {
            for panel in [(0.3, 0.6), (0.62, 0.92)] {
                let lines = count(path, solid(variation), panel);
                assert!(lines > 300, "{path:?}, variation {variation}: {lines} pixels");
            }
            let bands = count(path, faint(variation), (0.3, 0.92));
            assert!(bands > 1000, "{path:?}, band {variation}: {bands} pixels");
        }
    }
    assert!((0..8).all(|variation| count(&written[2], solid(variation), (0.0, 1.0)) > 300));
    assert_eq!(count(&written[2], solid(8), (0.0, 1.0)), 0, "the last has no complete run");
}

#[test]
fn single_seeds_have_no_bands() {
    let folder = comparison(3);
    for file in ["comparison.csv", "summary.csv"] {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let kept = text
            .lines()
            .filter(|line| !line.starts_with('r') || line.starts_with("run") || line.contains("-0,"));
        std::fs::write(&path, kept.collect::<Vec<_>>().join("\n")).unwrap();
    }
    let written = draw(folder.path(), Some(&folder.path().join("elsewhere"))).unwrap();
    assert!(written[0].ends_with("elsewhere/learning.png"));
    assert!(count(&written[0], solid(1), (0.2, 0.92)) > 300);
    assert!(count(&written[0], faint(1), (0.2, 0.92)) < 100);
}

#[test]
fn events_of_the_runs_are_marked() {
    let folder = comparison(3);
    let grey = |path: &Path| count(path, (FRAME.0, FRAME.1, FRAME.2), (0.64, 0.9));
    let plain: Vec<usize> = draw(folder.path(), None).unwrap().iter().map(|path| grey(path)).collect();
    std::fs::create_dir(folder.path().join("r")).unwrap();
    let config = "[data]\nsource = \"digits\"\n[stream]\n[network]\nlayers = [64, 10]\n\
                  [[events]]\nkind = \"permute-labels\"\nat = 5.0\n";
    std::fs::write(folder.path().join("r/config.toml"), config).unwrap();
    let written = draw(folder.path(), None).unwrap();
    for (path, plain) in written.iter().zip(plain).take(2) {
        assert!(grey(path) > plain + 100, "{path:?}: {plain}, then {}", grey(path));
    }
}

#[test]
fn files_that_are_no_comparison_are_refused() {
    let folder = comparison(2);
    std::fs::write(folder.path().join("summary.csv"), "name,value\na,1\n").unwrap();
    let error = draw(folder.path(), None).unwrap_err();
    assert!(error.path.ends_with("summary.csv") && error.reason.contains("`seed`"), "{error}");
    std::fs::remove_file(folder.path().join("comparison.csv")).unwrap();
    let error = draw(folder.path(), None).unwrap_err();
    assert!(error.path.ends_with("comparison.csv") && !error.remedy.is_empty(), "{error}");
}
