//! Cost and memory against size: networks of one hidden layer, from 10^4 to 10^8 synapses.
//!
//! `cargo bench --bench size`: generated samples of MNIST's sparsity, `rtol = 1e-2`, order 3, one thread (`--threads`). Each
//! case is measured in a process of its own, so that its memory is its own. 10^8 synapses are measured in f32
//! alone. The last sizes have so few posts that rows are mostly padding.
//!
//! The time is the mean over the presentations of each one's least time in all rounds. Bytes are counted as in
//! `common/copy.rs`: what must be read and written at the least. Memory is the growth of the resident set from before the
//! engine is made until it has run (Linux only), over the bytes of the state in the engine's precision, and over those of the state
//! and its data: one sample, of which the engine needs a copy of its own since it is only shown it, and the activities of the
//! inputs, both in `f64`. The samples of the stream are there before. Behind very many inputs the data are as large as a narrow state.

#![allow(clippy::expect_used)]

mod common;

use std::process::Command;

use clap::Parser;
use common::{Least, Problem, copy};
use synaptode::solver::exponential::{Exponential, ExponentialOptions, Precision};
use synaptode::solver::{ExponentialSpec, Integrator, Method};

/// Cost and memory against size.
#[derive(Parser)]
struct Arguments {
    /// Most synapses
    #[arg(long, default_value_t = 150_000_000)]
    most: usize,
    /// Threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Rounds of which the least time counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Other layers than the usual ones, such as 100000-10-10
    #[arg(long, value_parser = layers)]
    layers: Option<[usize; 3]>,
    /// One case alone, by its number
    #[arg(long, hide = true)]
    case: Option<usize>,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// State, in bytes, beside which the program's own pages count little.
const LARGE: usize = 10_000_000;
/// Layers, and the precisions in which they are measured.
const BOTH: &[Precision] = &[Precision::F64, Precision::F32];
const SIZES: [([usize; 3], &[Precision]); 7] = [
    ([160, 64, 10], BOTH),
    ([512, 208, 10], BOTH),
    ([1600, 640, 10], BOTH),
    ([5120, 2048, 10], BOTH),
    ([16_384, 6144, 10], &[Precision::F32]),
    ([100_000, 10, 10], BOTH),
    ([1_000_000, 1, 10], BOTH),
];

/// One network in one way.
#[derive(Clone, Copy)]
struct Case {
    layers: [usize; 3],
    precision: Precision,
    skip_silent: bool,
}

/// Reads the numbers of units of three layers.
fn layers(text: &str) -> Result<[usize; 3], String> {
    let layers: Result<Vec<usize>, _> = text.split('-').map(str::parse).collect();
    let layers = layers.map_err(|error| error.to_string())?;
    layers.try_into().map_err(|_: Vec<usize>| "three layers, such as 100000-10-10".to_owned())
}

impl Case {
    fn all(layers: Option<[usize; 3]>) -> Vec<Self> {
        let asked = layers.map(|layers| vec![(layers, BOTH)]);
        let ways = asked.unwrap_or_else(|| SIZES.to_vec()).into_iter().flat_map(|(layers, precisions)| {
            let each = precisions.iter().flat_map(|precision| [false, true].map(|skip| (*precision, skip)));
            each.map(move |(precision, skip_silent)| Self { layers, precision, skip_silent })
        });
        ways.collect()
    }

    fn synapses(&self) -> usize {
        let [inputs, units, outputs] = self.layers;
        inputs * units + units * outputs
    }

    /// Bytes of a sample and of the activities of the inputs.
    fn data(&self) -> usize {
        2 * size_of::<f64>() * self.layers[0]
    }
}

fn main() {
    let arguments = Arguments::parse();
    let cases = Case::all(arguments.layers);
    if let Some(number) = arguments.case {
        return measure(cases[number], &arguments);
    }
    println!(
        "| layers | synapses | state | inputs | presentations | steps | ms | ns a synapse and step | MB moved | of copy | memory/state | memory/(state + data) |"
    );
    println!("|---|---:|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let program = std::env::current_exe().expect("this program");
    for (number, _) in cases.iter().enumerate().filter(|(_, case)| case.synapses() <= arguments.most) {
        let words = [("--case", number), ("--threads", arguments.threads), ("--rounds", arguments.rounds)];
        let words = words.iter().flat_map(|(name, value)| [(*name).to_owned(), value.to_string()]);
        let layers = arguments.layers.map(|[a, b, c]| ["--layers".to_owned(), format!("{a}-{b}-{c}")]);
        let words = words.chain(layers.into_iter().flatten());
        let status = Command::new(&program).args(words).status().expect("another process");
        assert!(status.success(), "case {number} failed");
    }
}

/// Measures one case and prints its row.
fn measure(case: Case, arguments: &Arguments) {
    let Case { layers, precision, skip_silent } = case;
    let synapses = case.synapses();
    let presentations = (100_000_000 / synapses).clamp(5, 100);
    let problem = Problem::new(&layers, common::generated(layers[0], layers[2], presentations));
    let size = if precision == Precision::F64 { 8 } else { 4 };
    let bytes = problem.dynamics.layout.len() * size;
    let threads = arguments.threads;
    let spec = ExponentialSpec { precision, threads, skip_silent, ..ExponentialSpec::default() };
    let options = ExponentialOptions::new(&common::options(Method::Exponential, 1e-2, spec));

    let dynamics = problem.dynamics.clone();
    let before = resident();
    let mut engine = Exponential::new(dynamics, &problem.initial, &options).expect("valid options");
    let mut least = Least::default();
    least.take(&problem.walk(&mut engine));
    let memory = resident().zip(before).map(|(now, before)| now - before);
    let steps = engine.statistics().steps as f64 / presentations as f64;
    for _ in 1..arguments.rounds {
        engine.set_state(&problem.initial);
        least.take(&problem.walk(&mut engine));
    }
    drop(engine);

    let seconds = least.mean();
    let moved = copy::traffic(&problem, skip_silent, steps) * size as f64;
    let over = |bytes: usize| {
        memory.map_or_else(|| "-".to_owned(), |memory| format!("{:.3}", memory / bytes as f64))
    };
    let [of_state, of_all] =
        if bytes < LARGE { ["-", "-"].map(str::to_owned) } else { [bytes, bytes + case.data()].map(over) };
    println!(
        "| {} | {synapses:.1e} | {precision:?} | {} | {presentations} | {steps:.2} | {:.4} | {:.2} | {:.2} | {:.0} % | {of_state} | {of_all} |",
        problem.name(),
        if skip_silent { "skipped" } else { "dense" },
        seconds * 1e3,
        seconds * 1e9 / (synapses as f64 * steps),
        moved / 1e6,
        100.0 * moved / seconds / copy::bandwidth(bytes, threads),
    );
}

/// Bytes of this process that are in memory, where the system says.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kilobytes| 1024.0 * kilobytes)
}
