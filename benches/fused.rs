//! Time and memory traffic of the exponential engine on a stream of samples, beside the machine's copy bandwidth.
//!
//! `cargo bench --bench fused -- [IDX_DIR]`: 784-256-10 on MNIST's IDX files in that folder, or, without one, on generated
//! samples of the same sparsity. `--only=F64-dense-1` runs the cases whose precision, inputs and threads begin so.
//!
//! The time is the mean over the presentations of each one's least time in all rounds, so that other work on the machine
//! counts little.

mod common;

use std::path::PathBuf;

use clap::Parser;
use common::{Least, Problem, Solved, copy};
use synaptode::solver::exponential::{Order, Precision};
use synaptode::solver::{ExponentialSpec, Method, SolverOptions};

/// Time and memory traffic of the exponential engine.
#[derive(Parser)]
struct Arguments {
    /// Folder of MNIST's IDX files; without it, generated samples
    idx: Option<PathBuf>,
    /// Only the cases whose precision, inputs and threads begin so, such as F64-dense-1
    #[arg(long, default_value = "")]
    only: String,
    /// Rounds of which the least time counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Presentations
    #[arg(long, default_value_t = 100)]
    presentations: usize,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// One way to integrate.
struct Case {
    options: SolverOptions,
    least: Least,
    last: Option<Solved>,
}

/// How fast the machine copies a state of values of so many bytes, and arrays that no cache holds, in bytes a second.
struct Copied {
    bytes: usize,
    threads: usize,
    here: f64,
    from_memory: f64,
}

fn main() {
    let arguments = Arguments::parse();
    let samples = common::mnist(arguments.idx.as_deref(), arguments.presentations);
    let problem = Problem::new(&[784, 256, 10], samples);
    let inputs = problem.samples.iter().flat_map(|(x, _)| x);
    let silent = inputs.clone().filter(|x| **x == 0.0).count() as f64 / inputs.count() as f64;
    println!("silent inputs: {:.1} %", 100.0 * silent);
    let tight =
        ExponentialSpec { order: Order::Four, precision: Precision::F64, threads: 2, skip_silent: false };
    let tight = problem.solve(&common::options(Method::Exponential, 1e-7, tight)).state;

    let mut cases = cases(&arguments.only);
    let values = problem.dynamics.layout.len();
    let copies = [(8, 1), (8, 2), (4, 1), (4, 2)];
    let from_memory = [1, 2].map(|threads| copy::bandwidth(copy::LARGE, threads));
    let mut copies = copies.map(|(bytes, threads)| {
        let from_memory = from_memory[threads - 1];
        Copied { bytes, threads, here: 0.0, from_memory }
    });
    for _ in 0..arguments.rounds {
        for case in &mut cases {
            let solved = problem.solve(&case.options);
            case.least.take(&solved.times);
            case.last = Some(solved);
        }
        for Copied { bytes, threads, here, .. } in &mut copies {
            *here = here.max(copy::bandwidth(values * *bytes, *threads));
        }
    }

    println!(
        "| state | rtol | inputs | threads | ms | steps | rejected | MB moved | GB/s | of copy | from memory | error of w |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for Case { options, least, last } in &cases {
        let Some(Solved { state, statistics, .. }) = last else { continue };
        let ExponentialSpec { precision, threads, skip_silent, .. } = options.exponential;
        let bytes = if precision == Precision::F64 { 8 } else { 4 };
        let [steps, rejected] =
            [statistics.steps, statistics.rejected].map(|n| n as f64 / problem.samples.len() as f64);
        let moved = copy::traffic(&problem, skip_silent, steps) * bytes as f64;
        let rate = moved / least.mean();
        let copied = copies.iter().find(|copy| (copy.bytes, copy.threads) == (bytes, threads));
        let [here, from_memory] = copied
            .map_or([f64::NAN; 2], |copy| [copy.here, copy.from_memory].map(|copied| 100.0 * rate / copied));
        println!(
            "| {precision:?} | {:e} | {} | {threads} | {:.4} | {steps:.2} | {rejected:.2} | {:.2} | {:.1} | {here:.0} % | {from_memory:.0} % | {:.1e} |",
            options.rtol,
            if skip_silent { "skipped" } else { "dense" },
            least.mean() * 1e3,
            moved / 1e6,
            rate / 1e9,
            problem.errors(state, &tight)[0],
        );
    }
    for Copied { bytes, threads, here, from_memory } in copies {
        println!(
            "copy of {:.1} MB, {threads} threads: {:.1} GB/s; of {:.0} MB: {:.1} GB/s",
            (values * bytes) as f64 / 1e6,
            here / 1e9,
            copy::LARGE as f64 / 1e6,
            from_memory / 1e9
        );
    }
}

/// Both precisions, dense and skipped, at two tolerances, with one and two threads.
fn cases(only: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for precision in [Precision::F64, Precision::F32] {
        for (skip_silent, rtol) in [(false, 1e-3), (true, 1e-3), (false, 1e-2), (true, 1e-2)] {
            for threads in [1, 2] {
                let inputs = if skip_silent { "skipped" } else { "dense" };
                if format!("{precision:?}-{inputs}-{threads}").starts_with(only) {
                    let spec = ExponentialSpec { order: Order::Three, precision, threads, skip_silent };
                    let options = common::options(Method::Exponential, rtol, spec);
                    cases.push(Case { options, least: Least::default(), last: None });
                }
            }
        }
    }
    cases
}
