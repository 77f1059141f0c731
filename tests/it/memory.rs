//! `check` knows how much memory a run takes, and more rows or a longer stream take no more.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::program::Folder;

const WIDE: &str = r#"
name = "wide"
[data]
source = "blobs"
classes = 10
dimension = 784
train = 12
test = 12
[stream]
epochs = 1.0
[network]
layers = [784, 160, 10]
[solver]
rtol = 1e-2
[record]
measure_every = 6
[figures]
draw = []
"#;

/// Samples and signals in files.
const TABLE: &str = r#"
name = "wide"
[data]
source = "csv"
path = "table.csv"
label = 0
[stream]
epochs = 0.001
[network]
layers = [WIDTH, 10]
[figures]
draw = []
"#;

const SIGNAL: &str = r#"
name = "wide"
[protocol]
duration = 2.0
signal = { kind = "csv", path = "signal.csv" }
[figures]
draw = []
"#;

/// A table of `rows` rows with a label before `width` numbers.
fn table(rows: usize, width: usize) -> String {
    let header = (0..=width).map(|k| format!("c{k}")).collect::<Vec<_>>().join(",");
    let cells = (0..width).fold(String::new(), |cells, k| cells + &format!(",{}.{k}", k % 10));
    (0..rows).fold(header + "\n", |text, row| text + &format!("{}{cells}\n", row % 10))
}

/// The peak resident size of a run, bytes: the last that the system told before its end.
fn peak(folder: &Folder, args: &[&str]) -> f64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_synaptode"))
        .args([&["run", "wide.toml", "--force", "-q"], args].concat())
        .current_dir(folder.path(""))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let place = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&place).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let size = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = peak.max(size.unwrap_or(0.0) * 1024.0);
        std::thread::sleep(Duration::from_micros(500));
    }
    assert!(child.wait().unwrap().success());
    peak
}

/// What `check` says of it, bytes.
fn predicted(folder: &Folder, args: &[&str]) -> f64 {
    let said = folder.ok(&[&["check", "wide.toml"], args].concat());
    let line = said.lines().find(|line| line.trim_start().starts_with("memory")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let unit = if words[3] == "GB" { 1e9 } else { 1e6 };
    words[2].parse::<f64>().unwrap() * unit
}

fn sets<'a>(sets: &[&'a str]) -> Vec<&'a str> {
    sets.iter().flat_map(|set| ["--set", *set]).collect()
}

#[test]
fn the_prediction_of_memory_is_within_a_fifth() {
    let folder = Folder::new(&[("wide.toml", WIDE)]);
    let implicit = ["data.dimension=12", "network.layers=[12,12,10]"];
    for variant in [
        &["solver.method=tsit45"][..],
        &["solver.method=exponential", "network.layers=[784,400,10]"],
        &["solver.method=exponential", "network.layers=[784,400,10]", "checkpoint.every=4"],
        &["solver.method=exponential", "network.layers=[784,400,10]", "solver.precision=f32"],
        &["synapse.rule=discrete-adam", "network.layers=[784,400,10]"],
        &[implicit[0], implicit[1], "solver.method=bdf", "stream.epochs=0.3"],
        &[implicit[0], implicit[1], "solver.method=esdirk34", "stream.epochs=0.3"],
        &["solver.method=exponential", "figures={ scale = 3.0 }"],
        &["data.dimension=4", "network.layers=[4,10]"],
    ] {
        let args = sets(variant);
        let (predicted, measured) = (predicted(&folder, &args), peak(&folder, &args));
        assert_near(&format!("{variant:?}"), predicted, measured);
    }
}

fn assert_near(what: &str, predicted: f64, measured: f64) {
    println!("{what}: predicted {:.1} MB, measured {:.1} MB", predicted / 1e6, measured / 1e6);
    assert!((predicted / measured - 1.0).abs() < 0.2, "{what}: {predicted:e}, measured {measured:e}");
}

#[test]
fn samples_and_signals_in_files_are_predicted_too() {
    let signal = (0..600_000).fold("time_s,g\n".to_owned(), |text, k| text + &format!("{k},{}\n", k % 2));
    let [wide, narrow] = [(10_000, 200), (200_000, 4)];
    let files = [("signal.csv", signal.as_str()), ("wide.toml", SIGNAL)];
    let folder = Folder::new(&files);
    assert_near("signal", predicted(&folder, &[]), peak(&folder, &[]));
    for (rows, width, variant) in [
        (wide.0, wide.1, &[][..]),
        (wide.0, wide.1, &["data.train=300", "data.test=100"]),
        (wide.0, wide.1, &["data.test_path=table.csv"]),
        (narrow.0, narrow.1, &[]),
        (narrow.0, narrow.1, &["data.test_path=table.csv", "data.test=100"]),
    ] {
        let text = TABLE.replace("WIDTH", &width.to_string());
        let folder = Folder::new(&[("table.csv", &table(rows, width)), ("wide.toml", &text)]);
        let args = sets(variant);
        let what = format!("{rows} rows of {width}, {variant:?}");
        assert_near(&what, predicted(&folder, &args), peak(&folder, &args));
    }
}

#[test]
fn neither_rows_nor_the_length_of_the_stream_take_memory() {
    let folder = Folder::new(&[("wide.toml", WIDE)]);
    let small = ["data.dimension=4", "network.layers=[4,10]", "figures={}"];
    let short = peak(&folder, &sets(&small));
    let long = [&small[..], &["stream.epochs=100", "record.trace_interval=0.001", "record.measure_every=1"]]
        .concat();
    let long = peak(&folder, &sets(&long));
    let rows = String::from_utf8(folder.bytes("output/wide/traces.csv")).unwrap().lines().count();
    println!("{short:e}, {long:e}, {rows} rows");
    assert!(rows > 100_000 && long < 1.2 * short, "{short:e} becomes {long:e} with {rows} rows");
}
