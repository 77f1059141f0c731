//! One workload of another program's, so that its runs and ours can be timed in turn.
//!
//! A workload is a folder of `meta.json` (sizes of the layers and `params`: `tau_m`, `tau_r`, `eps`, `eta`, `wmax`, `rho0`;
//! presentations last 1) and arrays in numpy's format, `[post, pre]`: `X`, `labels`, `W1`, `W2`, `B2`. The last line that is
//! printed is JSON: the seconds of each run over all samples, from the start state in memory to the end state in memory, or those of the
//! samples alone, and what it took. The end state goes to `w1, m1, r1, w2, m2, r2, b2` in `--out`.
//!
//! `cargo bench --bench external --no-run` builds it and says where; `external --help` says how to call it.

#![allow(clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod npy;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use common::{Problem, Sample};
use serde_json::{Value, json};
use synaptode::dynamics::State;
use synaptode::solver::exponential::{Order, Precision};
use synaptode::solver::{ExponentialSpec, Method, SolverOptions, with_integrator};
use synaptode::synapse::{Gain, RuleSpec, Synapse};

/// Integrates a workload in a folder and prints the time as JSON.
#[derive(Parser)]
struct Arguments {
    /// Folder of the workload; without it nothing is done
    #[arg(long)]
    data: Option<PathBuf>,
    /// Samples; all without it
    #[arg(long)]
    samples: Option<usize>,
    /// Threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Folder for the end state; not written without it
    #[arg(long)]
    out: Option<PathBuf>,
    /// "exponential" or "tsit45"
    #[arg(long, default_value = "exponential", value_parser = ["exponential", "tsit45"])]
    method: String,
    /// Relative tolerance
    #[arg(long, default_value_t = 1e-3)]
    rtol: f64,
    /// Order, 2 to 4
    #[arg(long, default_value_t = 3)]
    order: u8,
    /// "f64" or "f32"
    #[arg(long, default_value = "f64", value_parser = ["f64", "f32"])]
    precision: String,
    /// Carries silent inputs' synapses along at every step
    #[arg(long)]
    dense: bool,
    /// Leaves out the time to make the engine and to read the state back
    #[arg(long)]
    alone: bool,
    /// Repeats the whole run until so many seconds have passed
    #[arg(long, default_value_t = 0.3)]
    min_time: f64,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let arguments = Arguments::parse();
    let Some(folder) = &arguments.data else {
        println!("no --data: nothing to time");
        return;
    };
    let problem = read(folder, arguments.samples);
    let options = options(&arguments);
    let (mut seconds, mut last) = (Vec::<f64>::new(), None);
    while seconds.iter().sum::<f64>() < arguments.min_time || last.is_none() {
        let start = Instant::now();
        let end = with_integrator(&problem.dynamics, &problem.initial, &options, |integrator| {
            let alone = problem.walk(integrator).iter().sum();
            (integrator.state(), integrator.statistics(), alone)
        });
        let whole = start.elapsed().as_secs_f64();
        let (state, statistics, alone) = end.expect("options that the workload can be integrated with");
        seconds.push(if arguments.alone { alone } else { whole });
        last = Some((state, statistics));
    }
    let (state, statistics) = last.expect("a run");
    if let Some(out) = &arguments.out {
        write(&problem, &state, out);
    }
    let each = |count: u64| count as f64 / problem.samples.len() as f64;
    println!(
        "{}",
        json!({
            "seconds": seconds,
            "evals": each(statistics.evaluations),
            "steps": each(statistics.steps),
            "tol": format!("rtol {:e}", arguments.rtol),
            "dtype": arguments.precision,
        })
    );
}

fn options(arguments: &Arguments) -> SolverOptions {
    let spec = ExponentialSpec {
        order: Order::try_from(arguments.order).expect("an order"),
        precision: if arguments.precision == "f32" { Precision::F32 } else { Precision::F64 },
        threads: arguments.threads,
        skip_silent: !arguments.dense,
    };
    let method = if arguments.method == "tsit45" { Method::Tsit45 } else { Method::Exponential };
    common::options(method, arguments.rtol, spec)
}

/// The workload in `folder`.
fn read(folder: &Path, samples: Option<usize>) -> Problem {
    let text = std::fs::read_to_string(folder.join("meta.json")).expect("meta.json");
    let meta: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(meta["T"].as_f64(), Some(1.0), "presentations of another length");
    let sizes = meta["sizes"].as_array().expect("sizes").iter();
    let layers: Vec<_> = sizes.map(|size| size.as_u64().expect("a size") as usize).collect();
    let parameter = |name: &str| meta["params"][name].as_f64().expect("a parameter");
    let rule = RuleSpec::BioAdam {
        gain: Gain::Rms,
        tau_m: parameter("tau_m"),
        tau_rho: parameter("tau_r"),
        epsilon: parameter("eps"),
    };
    let (eta, w_max, rho0) = (parameter("eta"), parameter("wmax"), parameter("rho0"));
    let synapse = Synapse { rule, eta, w_max, critical_period: None, kappa: 0.0, m0: 0.0, rho0 };
    let dynamics = common::dynamics(&layers, synapse);

    let array = |name: &str| npy::read(&folder.join(format!("{name}.npy"))).expect("an array");
    let (x, labels) = (array("X"), array("labels"));
    let sample = |(x, label): (&[f64], &f64)| -> Sample {
        let mut y = vec![0.0; layers[layers.len() - 1]];
        y[*label as usize] = 1.0;
        (x.to_vec(), y)
    };
    let samples: Vec<_> =
        x.chunks_exact(layers[0]).zip(&labels).take(samples.unwrap_or(usize::MAX)).collect();
    let samples = samples.into_iter().map(sample).collect();

    let mut values = vec![0.0; dynamics.layout.len()];
    for block in &dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            let to = &mut values[block.range(slot)];
            match *variable {
                "w" | "b" => {
                    to.copy_from_slice(&array(&format!("{}{}", variable.to_uppercase(), block.layer)));
                }
                "m" => to.fill(0.0),
                _ => to.fill(rho0),
            }
        }
    }
    Problem::starting(&layers, samples, dynamics, values)
}

/// Every variable of the end state as an array.
fn write(problem: &Problem, state: &State, out: &Path) {
    for block in &problem.dynamics.layout.blocks {
        for (slot, variable) in block.variables.iter().enumerate() {
            let letter = if *variable == "rho" { "r" } else { variable };
            let path = out.join(format!("{letter}{}.npy", block.layer));
            npy::write(&path, [block.post, block.pre], &state.values[block.range(slot)]).expect("a file");
        }
    }
}
