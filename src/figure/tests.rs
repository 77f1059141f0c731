//! Figures drawn from small run directories, read back and looked at.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod compare;
mod fixtures;

use std::fs;

use super::*;
use fixtures::{SMALL, count, metrics, put, run, traces, weights};

const ALL_X: (f64, f64) = (0.0, 1.0);
const BELOW_LEGEND: (f64, f64) = (0.2, 1.0);

#[test]
fn every_figure_of_a_run() {
    let dir = run("name = \"digits\"");
    put(dir.path(), "traces.csv", &traces(2000));
    put(dir.path(), "metrics.csv", &metrics(100));
    weights(dir.path(), "initial.safetensors", 1.0);
    weights(dir.path(), "weights.safetensors", 0.05);
    let written = draw_run(dir.path(), None).unwrap();
    let names: Vec<_> = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["traces.png", "learning.png", "symmetry.png", "weights.png"]);
    for path in &written {
        let (width, height) = image::image_dimensions(path).unwrap();
        // Two square panels side by side need less than the height that is asked for.
        let is_lower = path.ends_with("weights.png") && (800..1000).contains(&height);
        assert!(width == 1600 && (is_lower || height == 1200), "{path:?}: {height}");
        assert_eq!(path.parent().unwrap(), dir.path().join("figures"));
    }
    assert_eq!(fs::read_dir(dir.path().join("figures")).unwrap().count(), 4, "nothing is left beside");
    // Each of the five panels holds each synapse.
    for panel in 0..5 {
        let y = 0.16 + 0.14 * f64::from(panel);
        for synapse in 0..3 {
            let pixels = count(&written[0], Color::series(synapse), ALL_X, (y, y + 0.14));
            assert!(pixels > 300, "panel {panel}, synapse {synapse}: {pixels}");
        }
    }
    // Loss above, accuracy below; angle above, difference below.
    for path in &written[1..3] {
        for y in [(0.2, 0.5), (0.55, 0.9)] {
            assert!((0..2).all(|series| count(path, Color::series(series), ALL_X, y) > 300), "{path:?}");
        }
    }
    // Before at the left, after at the right; points are half transparent.
    let faint = Color(0x66, 0xaa, 0xd1);
    for x in [(0.0, 0.5), (0.5, 1.0)] {
        assert!(count(&written[3], faint, x, BELOW_LEGEND) > 500);
    }
}

#[test]
fn the_choice_of_figures_is_kept() {
    let dir = run(&format!("{SMALL}draw = [\"learning\"]\n"));
    put(dir.path(), "metrics.csv", &metrics(10));
    put(dir.path(), "traces.csv", &traces(10));
    assert_eq!(draw_run(dir.path(), None).unwrap(), [dir.path().join("figures/learning.png")]);
    let only = [FigureName::Traces];
    assert_eq!(draw_run(dir.path(), Some(&only)).unwrap(), [dir.path().join("figures/traces.png")]);
    assert_eq!(draw_run(dir.path(), Some(&[])).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn a_figure_without_data_is_not_drawn() {
    let dir = run(SMALL);
    put(dir.path(), "metrics.csv", "time_s,presentation,loss,online_accuracy\n0,0,1.0,\n1,10,0.5,\n");
    assert_eq!(draw_run(dir.path(), None).unwrap(), [dir.path().join("figures/learning.png")]);
    let error = draw_run(dir.path(), Some(&[FigureName::Symmetry])).unwrap_err();
    assert!(error.reason.contains("symmetric") && !error.remedy.is_empty(), "{error}");
    let empty = run(SMALL);
    let error = draw_run(empty.path(), None).unwrap_err();
    assert!(error.reason.contains("traces.csv") && error.reason.contains("metrics.csv"), "{error}");
}

#[test]
fn files_that_are_not_a_run_are_refused() {
    let missing = tempfile::tempdir().unwrap();
    let error = draw_run(missing.path(), None).unwrap_err();
    assert!(error.path.ends_with("config.toml") && error.remedy.contains("`run`"), "{error}");

    let dir = run("name = 3");
    assert!(draw_run(dir.path(), None).unwrap_err().reason.contains("not a configuration"));

    let dir = run(SMALL);
    let traces = Some([FigureName::Traces].as_slice());
    put(dir.path(), "traces.csv", "time_s,s0.w\n0,1\n1,x\n");
    let error = draw_run(dir.path(), traces).unwrap_err();
    assert!(error.reason.contains("line 3") && error.reason.contains("`s0.w`"), "{error}");
    put(dir.path(), "traces.csv", "time_s,s0.w\n0,1\n1\n2,1\n");
    assert!(draw_run(dir.path(), traces).unwrap_err().reason.contains("line 3"));
    put(dir.path(), "traces.csv", "time_s,s0.w\n0,1\n1,2\n2");
    assert!(draw_run(dir.path(), traces).is_ok(), "a row cut short by an interruption is left out");
    put(dir.path(), "weights.safetensors", "nonsense");
    let error = draw_run(dir.path(), Some(&[FigureName::Weights])).unwrap_err();
    assert!(error.path.ends_with("weights.safetensors"), "{error}");
}

#[test]
fn awkward_data_give_a_figure() {
    let only = Some([FigureName::Traces].as_slice());
    let blue = Color::series(0);
    for (what, rows) in [
        ("constant", "0,1\n1,1\n2,1\n"),
        ("zero", "0,0\n1,0\n"),
        ("one row", "5,0.3\n"),
        ("gaps", "0,1\n1,\n2,2\n3,NaN\n4,inf\n5,1\n6,2\n"),
        ("tiny", "0,1e-12\n1,2e-12\n"),
        ("tinier", "0,1e-320\n1,3e-320\n"),
        ("huge", "0,-1e12\n1,1e12\n"),
        ("largest", "0,-1.7e308\n1,1.7e308\n"),
        ("narrow", "0,1\n1,1.0000000000000002\n"),
        ("far", "1e12,1\n1.000000000001e12,2\n"),
        ("jump", "0,0\n1,0\n1,5\n2,5\n"),
    ] {
        let dir = run(SMALL);
        put(dir.path(), "traces.csv", &format!("time_s,s0.w\n{rows}"));
        let written = draw_run(dir.path(), only).unwrap_or_else(|error| panic!("{what}: {error}"));
        let drawn = count(&written[0], blue, (0.15, 1.0), BELOW_LEGEND);
        assert!(drawn >= 4, "{what}: {drawn} pixels");
    }
    let dir = run(SMALL);
    put(dir.path(), "traces.csv", "time_s,s0.w\n0,NaN\n1,\n");
    assert!(draw_run(dir.path(), only).unwrap_err().reason.contains("no finite value"));
}

#[test]
fn any_size_is_drawn_or_refused() {
    for (width, height, scale) in
        [(300, 200, 1.0), (50, 50, 1.0), (1, 1, 1.0), (400, 300, 0.1), (2000, 300, 1.5)]
    {
        let config = format!("[figures]\nwidth = {width}\nheight = {height}\nscale = {scale:?}\n");
        let dir = run(&config);
        put(dir.path(), "traces.csv", &traces(50));
        put(dir.path(), "metrics.csv", &metrics(5));
        weights(dir.path(), "weights.safetensors", 0.1);
        assert_eq!(draw_run(dir.path(), None).unwrap().len(), 4, "{config}");
    }
    let dir = run("[figures]\nscale = 1e9\n");
    put(dir.path(), "traces.csv", &traces(5));
    assert!(draw_run(dir.path(), None).unwrap_err().remedy.contains("figures.scale"));
}

#[test]
fn several_runs_over_one_another() {
    let (first, second) = (run(SMALL), run(&SMALL.replace("small", "other")));
    for dir in [first.path(), second.path()] {
        put(dir, "traces.csv", &traces(100));
        put(dir, "metrics.csv", &metrics(30));
    }
    let metrics = fs::read_to_string(second.path().join("metrics.csv")).unwrap().replace(",0.9", ",0.7");
    put(second.path(), "metrics.csv", &metrics);
    let out = tempfile::tempdir().unwrap();
    let runs = [first.path().to_owned(), second.path().to_owned()];
    let written = overlay(&runs, &out.path().join("new")).unwrap();
    let names: Vec<_> = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["learning.png", "symmetry.png", "traces-s0.png", "traces-s1.png", "traces-s2.png"]);
    for series in 0..2 {
        let drawn = count(&written[0], Color::series(series), ALL_X, (0.55, 0.9));
        assert!(drawn > 30, "run {series}: {drawn}");
    }
    assert!(overlay(&[], out.path()).is_err());

    // A run without feedback weights of its own has no line in symmetry.png.
    put(second.path(), "metrics.csv", "time_s,presentation,loss\n0,0,1\n1,10,0.5\n");
    let opened = runs.map(|dir| Run::open(&dir).unwrap());
    let labels = labels(&opened);
    let Drawable::Stack(stack) = symmetry::of_runs(&load(&opened, &labels, METRICS).unwrap()) else {
        panic!()
    };
    assert_eq!(stack.legend[0].iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["small"]);
}

#[test]
fn runs_of_one_name_are_told_apart() {
    let (first, second) = (run(SMALL), run(SMALL));
    let runs = [Run::open(first.path()).unwrap(), Run::open(second.path()).unwrap()];
    let labels = labels(&runs);
    assert_ne!(labels[0], labels[1]);
}

#[test]
fn panels_and_legends_say_what_they_show() {
    let dir = run(SMALL);
    put(dir.path(), "traces.csv", &traces(20));
    put(dir.path(), "metrics.csv", &metrics(20));
    let run = Run::open(dir.path()).unwrap();
    for (name, labels, legend) in [
        (
            FigureName::Traces,
            vec!["*g* (1)", "*m* (1)", "*ρ* (1)", "*u* (s⁻¹)", "*w*, *b* (1)"],
            vec!["s0", "s1", "s2", "forward (*w*)", "feedback (*b*)", "discrete Adam"],
        ),
        (FigureName::Learning, vec!["loss", "accuracy"], vec!["online", "test"]),
        (
            FigureName::Symmetry,
            vec!["angle (°)", "‖*W* − *B*‖ / ‖*W*‖"],
            vec!["layer 2", "layer 3", "weights *W*, *B*", "error signals through *W*, *B*"],
        ),
    ] {
        let Drawable::Stack(stack) = figure_of(&run, name).unwrap() else { panic!("{name:?} has data") };
        let found: Vec<_> = stack.panels.iter().map(|panel| panel.quantity.label(0)).collect();
        assert_eq!(found, labels);
        let found: Vec<_> = stack.legend.iter().flatten().map(|entry| entry.text.as_str()).collect();
        assert_eq!(found, legend);
        assert_eq!(stack.title, "small");
    }
}

#[test]
fn events_are_marked_in_the_figures_of_a_run() {
    let config = "[data]\nsource = \"digits\"\n[stream]\npresentation = 0.1\n[network]\nlayers = [64, 10]\n";
    let events = "[[events]]\nkind = \"permute-labels\"\nat = 7.0\n\
                  [[events]]\nkind = \"perturb\"\nlayer = 2\nsigma = 0.5\nat = 7.0\n";
    // The last row is presentation 140 * 99 at about 1386 s; 7 s is presentation 70.
    for (events, marks) in [("", 0), (events, 1)] {
        let dir = run(&format!("{SMALL}{config}{events}"));
        put(dir.path(), "metrics.csv", &metrics(2));
        let opened = Run::open(dir.path()).unwrap();
        for name in [FigureName::Learning, FigureName::Symmetry] {
            let Drawable::Stack(stack) = figure_of(&opened, name).unwrap() else { panic!() };
            assert_eq!(stack.marks.len(), marks);
            assert!(stack.marks.iter().all(|mark| mark.x == 70.0));
            assert!(stack.marks.iter().all(|mark| mark.label == "permute labels, perturb l2.w by 0.5 rms"));
        }
        put(dir.path(), "traces.csv", "time_s,s0.w\n0.0,0.1\n10.0,0.2\n");
        let Drawable::Stack(stack) = figure_of(&opened, FigureName::Traces).unwrap() else { panic!() };
        assert!(stack.marks.len() == marks && stack.marks.iter().all(|mark| mark.x == 7.0));
        let path = &draw_run(dir.path(), Some(&[FigureName::Symmetry])).unwrap()[0];
        // Half way between the two rows, of which the second is at presentation 140.
        let grey = count(path, style::FRAME, (0.5, 0.6), (0.7, 0.85));
        assert_eq!(grey > 20, marks == 1, "{grey}");
    }
}

#[test]
fn a_legend_keeps_within_its_strip() {
    use legend::Legend;
    let canvas = Canvas::new(400, 300, 1.0).unwrap();
    let entries: Vec<Entry> =
        (0..40).map(|i| Entry::new(format!("l1.p{i}.q17"), Stroke::solid(Color::series(i)))).collect();
    let arranged = Legend::arrange(&canvas, &[entries], (380.0, 75.0), 1.0).unwrap();
    assert!(arranged.height() <= 75.0);
    let long =
        Entry::new("a name that is far too long for the figure ".repeat(5), Stroke::solid(Color::series(0)));
    let arranged = Legend::arrange(&canvas, &[vec![long]], (380.0, 75.0), 1.0).unwrap();
    assert!(arranged.height() < 20.0);
}

#[test]
fn an_accuracy_axis_stays_within_one() {
    let axis = panel::Scale::Fraction.axis(scale::Extent::of([1.0]).unwrap(), 9);
    assert!(axis.ticks.len() >= 3 && axis.ticks.iter().all(|tick| tick.value <= 1.0), "{axis:?}");
}
