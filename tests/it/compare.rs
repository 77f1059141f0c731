//! `compare`: its variations, its statistics, and the program as a user meets it.

mod figures;
mod parts;

use std::path::Path;
use std::time::SystemTime;

use crate::program::{Folder, SMALL, SYNAPSES};

const MODES: &str = "feedback.mode=fixed,predisposition";

/// The arguments of the comparison that most tests are about.
const COMPARE: [&str; 8] =
    ["compare", "small.toml", "--vary", MODES, "--vary", "seed=0..1", "--output", "both"];

/// Header and rows of a CSV file.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = cells(reader.headers().unwrap());
    (header, reader.records().map(|row| cells(&row.unwrap())).collect())
}

/// The cells of a column.
fn column(path: &Path, name: &str) -> Vec<String> {
    let (header, rows) = table(path);
    let index = header.iter().position(|other| other == name).unwrap();
    rows.into_iter().map(|row| row[index].clone()).collect()
}

/// Path, bytes and time of change of every file of the runs in `directory`.
fn files(directory: &Path) -> Vec<(std::path::PathBuf, Vec<u8>, SystemTime)> {
    let mut files = Vec::new();
    for run in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if !run.join("manifest.json").is_file() {
            continue;
        }
        for path in std::fs::read_dir(run).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() || path.ends_with(".lock") {
                continue;
            }
            let changed = path.metadata().unwrap().modified().unwrap();
            files.push((path.clone(), std::fs::read(path).unwrap(), changed));
        }
    }
    files.sort();
    files
}

#[test]
fn variations_over_seeds_leave_tables_and_figures() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let said = folder.ok(&COMPARE);
    let both = folder.path("both");

    // One row a run and measurement, the cells those of the run's own metrics.
    let (header, rows) = table(&both.join("comparison.csv"));
    assert_eq!(header[..5], ["run", "feedback.mode", "seed", "time_s", "presentation"]);
    assert_eq!(rows.len(), 4 * 5);
    let (metrics_header, metrics) = table(&both.join("feedback.mode=predisposition,seed=1/metrics.csv"));
    assert_eq!(header[3..], metrics_header);
    let own: Vec<_> = rows.iter().filter(|row| row[1] == "predisposition" && row[2] == "1").collect();
    assert_eq!(own.iter().map(|row| row[3..].to_vec()).collect::<Vec<_>>(), metrics);

    // One row a run.
    let summary = both.join("summary.csv");
    assert_eq!(column(&summary, "status"), ["complete"; 4]);
    assert_eq!(column(&summary, "seed"), ["0", "1", "0", "1"]);
    let accuracy: Vec<f64> =
        column(&summary, "test_accuracy").iter().map(|cell| cell.parse().unwrap()).collect();
    assert_eq!(accuracy[3].to_string(), metrics.last().unwrap()[6]);

    // The table is computed from these, and the same in the terminal and as Markdown.
    let report = std::fs::read_to_string(both.join("summary.md")).unwrap();
    assert!(said.contains(&report), "{said}");
    let mean = f64::midpoint(accuracy[2], accuracy[3]);
    let difference = mean - f64::midpoint(accuracy[0], accuracy[1]);
    let line = report.lines().find(|line| line.starts_with("| feedback.mode=predisposition")).unwrap();
    assert!(line.contains(&format!("| {mean:.4} |")), "{line}");
    assert!(line.contains(&format!(" {difference:+.4} |")), "{line}");

    for figure in ["learning", "symmetry", "final"] {
        let path = both.join(format!("figures/{figure}.png"));
        assert_eq!(image::image_dimensions(&path).unwrap().0, 400, "{figure}");
        let first = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        folder.ok(&["plot", "both"]);
        assert!(first == std::fs::read(&path).unwrap(), "{figure}");
    }
    folder.ok(&["plot", "both", "--output", "elsewhere"]);
    assert!(folder.path("elsewhere/final.png").is_file());
}

#[test]
fn finished_runs_are_not_run_again() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&COMPARE);
    let before = files(&folder.path("both"));
    assert_eq!(before.len(), 4 * 6);
    let said = folder.ok(&COMPARE);
    assert!(said.contains("4 of them from before"), "{said}");
    assert!(before == files(&folder.path("both")));

    // Seeds can be added.
    let mut more = COMPARE;
    more[5] = "seed=0..2";
    folder.ok(&more);
    let after = files(&folder.path("both"));
    assert!(after.len() == 6 * 6 && before.iter().all(|file| after.contains(file)));

    // Another configuration is refused, unless forced.
    let other = [&COMPARE[..], &["--set", "synapse.eta=0.02"]].concat();
    let message = folder.fails(1, &other);
    assert!(message.contains("`synapse.eta`") && message.contains("--force"), "{message}");
    assert!(after == files(&folder.path("both")));
    folder.ok(&[&other[..], &["--force", "-q"]].concat());
    let forced = files(&folder.path("both"));
    assert!(before.iter().all(|file| !forced.contains(file)));
}

#[test]
fn what_changes_no_bit_makes_no_other_run_and_another_signal_does() {
    let config = SYNAPSES.replace("\"square\", amplitude = 1.0, period = 1.0", "\"csv\", path = \"g.csv\"");
    let folder = Folder::new(&[("a.toml", config.as_str()), ("g.csv", "time_s,g\n0,0.1\n2,0.2\n")]);
    let args = ["compare", "a.toml", "--vary", "synapse.eta=0.01,0.02"];
    folder.ok(&args);
    let said = folder.ok(&[&args[..], &["--set", "analysis=other words"]].concat());
    assert!(said.contains("2 of them from before"), "{said}");
    std::fs::write(folder.path("g.csv"), "time_s,g\n0,0.1\n2,-0.7\n").unwrap();
    let message = folder.fails(1, &args);
    assert!(message.contains("signals in files") && message.contains("--force"), "{message}");
}

#[test]
fn side_by_side_is_the_same_as_one_by_one() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&[&COMPARE[..], &["--jobs", "4", "-q"]].concat());
    folder.ok(&["run", "small.toml", "--seed", "1", "--set", "feedback.mode=fixed", "--output", "alone"]);
    let together = folder.bytes("both/feedback.mode=fixed,seed=1/weights.safetensors");
    assert!(together == folder.bytes("alone/weights.safetensors"));
}

#[test]
fn a_failing_run_takes_no_other_down() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    // The first variation works, the second fails in its integration, the third has a wrong configuration.
    let args = ["compare", "small.toml", "--vary", "solver.max_steps=100000,1,-3"];
    let message = folder.fails(1, &[&args[..], &["--set", "solver.rtol=1e-10"]].concat());
    for part in ["2 of 3 runs failed", "integration failed at", "solver.max_steps=-3: small.toml"] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
    let directory = folder.path("output/compare-small");
    assert_eq!(column(&directory.join("summary.csv"), "status"), ["complete", "failed", "failed"]);
    let reasons = column(&directory.join("summary.csv"), "reason");
    assert!(reasons[0].is_empty() && reasons[1].contains("presentation"), "{reasons:?}");
    assert_eq!(column(&directory.join("comparison.csv"), "run"), ["solver.max_steps=100000"; 5]);
    let report = std::fs::read_to_string(directory.join("summary.md")).unwrap();
    assert!(report.contains("## Failed") && report.contains("not measured"), "{report}");
    assert!(directory.join("figures/final.png").is_file());
}

#[test]
fn finished_run_directories_are_compared() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    for (mode, name) in [("fixed", "f"), ("predisposition", "p")] {
        for seed in ["0", "1"] {
            let (set, output) = (format!("feedback.mode={mode}"), format!("{name}{seed}"));
            folder.ok(&["run", "small.toml", "-q", "--set", &set, "--seed", seed, "--output", &output]);
        }
    }
    let before = files(&folder.path("."));
    let said = folder.ok(&["compare", "p0", "p1", "f0", "f1", "--output", "both"]);
    let summary = folder.path("both/summary.csv");
    assert_eq!(column(&summary, "config"), ["p0", "p0", "f0", "f0"], "seeds are one variation");
    assert!(said.contains("Differences are to `p0`"), "{said}");
    assert_eq!(column(&folder.path("both/comparison.csv"), "run").len(), 20);
    // Beside configurations that run now.
    let args = ["compare", "small.toml", "f0", "f1", "--vary", "seed=0..1", "--output", "mixed"];
    folder.ok(&args);
    let summary = folder.path("mixed/summary.csv");
    assert_eq!(column(&summary, "run"), ["small,seed=0", "small,seed=1", "f0", "f1"]);
    assert!(before == files(&folder.path(".")));

    let message = folder.fails(1, &["compare", "p0", "p0", "--output", "twice"]);
    assert!(message.contains("second run"), "{message}");
    let message = folder.fails(1, &["compare", "p0", "p1", "--vary", "seed=0..3"]);
    assert!(message.contains("can't be varied"), "{message}");
}

#[test]
fn runs_of_one_name_are_told_apart_by_their_folders() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    for mode in ["fixed", "predisposition"] {
        let set = format!("feedback.mode={mode}");
        folder.ok(&["compare", "small.toml", "-q", "--set", &set, "--vary", "seed=0..1", "--output", mode]);
    }
    let runs = ["fixed/seed=0", "fixed/seed=1", "predisposition/seed=0", "predisposition/seed=1"];
    let said = folder.ok(&[&["compare"], &runs[..], &["--output", "both"]].concat());
    let summary = folder.path("both/summary.csv");
    assert_eq!(column(&summary, "config"), ["fixed", "fixed", "predisposition", "predisposition"]);
    let lines =
        said.lines().filter(|line| line.starts_with("| predisposition") && line.ends_with("|     2 |"));
    assert!(lines.count() > 2, "two pairs a result: {said}");
    // The name that a comparison gave a run says which seed it has, which is nothing to call a variation.
    let said = folder.ok(&["compare", runs[0], runs[1], "--output", "one"]);
    assert!(said.contains("| fixed ") && !said.contains("| seed=0"), "{said}");
    // Where the folders don't tell them apart either, the paths do; a configuration keeps its name.
    std::fs::rename(folder.path("fixed"), folder.path("seed=0")).unwrap();
    let said = folder.ok(&["compare", "seed=0/seed=0", "predisposition/seed=0", "--output", "paths"]);
    assert_eq!(
        column(&folder.path("paths/summary.csv"), "config"),
        ["seed=0/seed=0", "predisposition"],
        "{said}"
    );
}

#[test]
fn synapses_under_a_protocol_are_compared_by_their_final_values() {
    let folder = Folder::new(&[("synapses.toml", SYNAPSES)]);
    let said = folder.ok(&["compare", "synapses.toml", "--vary", "synapse.eta=0.01,0.02"]);
    assert!(said.contains("## s0.w") && said.contains("none for n = 1"), "{said}");
    assert!(folder.path("output/compare-synapses/synapse.eta=0.02/traces.csv").is_file());
}

#[test]
fn a_comparison_whose_runs_are_all_refused_leaves_the_tables_of_an_earlier_one() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&COMPARE);
    let tables = || {
        ["comparison.csv", "summary.csv", "summary.md", "figures/learning.png"]
            .map(|file| std::fs::read(folder.path("both").join(file)).unwrap())
    };
    let before = tables();
    let refused = [&COMPARE[..], &["--set", "synapse.eta=-1"]].concat();
    let message = folder.fails(1, &refused);
    assert!(message.contains("synapse.eta") && message.contains("4 of 4 runs failed"), "{message}");
    assert!(message.contains("left as an earlier comparison wrote them"), "{message}");
    assert!(before == tables());
    // Where there is nothing to lose, the reasons are kept.
    folder.fails(1, &["compare", "small.toml", "--vary", "synapse.eta=-1,-2", "--output", "refused"]);
    assert_eq!(column(&folder.path("refused/summary.csv"), "status"), ["failed", "failed"]);
}

#[test]
fn what_makes_no_comparison_is_refused() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.fails(2, &["compare"]);
    let message = folder.fails(1, &["compare", "small.toml"]);
    assert!(message.contains("nothing to compare"), "{message}");
    let message = folder.fails(1, &["compare", "small.toml", "--vary", "seed=4..0"]);
    assert!(message.contains("range `4..0` is empty"), "{message}");
    std::fs::create_dir(folder.path("mine")).unwrap();
    std::fs::write(folder.path("mine/thesis.tex"), "years of work").unwrap();
    let mut mine = COMPARE;
    mine[7] = "mine";
    let message = folder.fails(1, &mine);
    assert!(message.contains("no comparison has written"), "{message}");
    folder.ok(&["run", "small.toml", "-q", "--output", "single"]);
    mine[7] = "single";
    assert!(folder.fails(1, &mine).contains("holds a run"));
}
