//! Time and memory traffic of the exponential engine on a stream of samples, beside the machine's copy bandwidth.
//!
//! `cargo bench --bench fused -- [IDX_DIR]`: 784-256-10 on MNIST's IDX files in that folder, or, without one, on generated
//! samples of the same sparsity (19 % of the inputs are not silent, and those near the centre most often). `--only=F64-dense-1`
//! runs the cases whose precision, inputs and threads begin so.
//!
//! The time is the mean over the presentations of each one's least time in all rounds, so that other work on the machine
//! counts little.

#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use synaptode::dynamics::{Dynamics, Source, State};
use synaptode::network::{Activation, Architecture, Readout};
use synaptode::solver::exponential::{Exponential, ExponentialOptions, Order, Precision};
use synaptode::solver::{AbsoluteTolerance, Integrator};
use synaptode::stream::{Drive, Segment};
use synaptode::synapse::{Coordinate, Feedback, FeedbackMode, Gain, Mirror, RuleSpec, Synapse, Traces};

const LAYERS: [usize; 3] = [784, 256, 10];
const PRESENTATIONS: usize = 100;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let samples = folder.map_or_else(generated, |folder| read(Path::new(&folder)));
    let silent = samples.iter().flat_map(|(x, _)| x).filter(|x| **x == 0.0).count();
    println!("silent inputs: {:.1} %", 100.0 * silent as f64 / (samples.len() * LAYERS[0]) as f64);
    let (dynamics, initial) = network();
    let segments = stream(&samples);
    let tight =
        solve(&dynamics, &initial, &segments, &options(1e-7, Order::Four, Precision::F64, 2, false)).1;

    let only = std::env::args().find_map(|argument| argument.strip_prefix("--only=").map(str::to_owned));
    let only = only.unwrap_or_default();
    let rounds = std::env::var("R").map_or(5, |r| r.parse().expect("a number"));
    let mut cases = Vec::new();
    for precision in [Precision::F64, Precision::F32] {
        for (skip, rtol) in [(false, 1e-3), (true, 1e-3), (false, 1e-2), (true, 1e-2)] {
            for threads in [1, 2] {
                let inputs = if skip { "skipped" } else { "dense" };
                if !format!("{precision:?}-{inputs}-{threads}").starts_with(&only) {
                    continue;
                }
                cases.push((
                    options(rtol, Order::Three, precision, threads, skip),
                    [f64::INFINITY; PRESENTATIONS],
                    None,
                ));
            }
        }
    }
    let mut copies = [(0_usize, 1_usize, f64::INFINITY); 4];
    for (copy, (bytes, threads)) in copies.iter_mut().zip([(8, 1), (8, 2), (4, 1), (4, 2)]) {
        *copy = (bytes, threads, f64::INFINITY);
    }
    for _ in 0..rounds {
        for (options, best, result) in &mut cases {
            let (times, state, statistics) = solve(&dynamics, &initial, &segments, options);
            best.iter_mut().zip(&times).for_each(|(best, time)| *best = best.min(*time));
            *result = Some((state, statistics));
        }
        for (bytes, threads, best) in &mut copies {
            *best = best.min(copy(dynamics.layout.len() * *bytes, *threads));
        }
    }
    println!(
        "| state | rtol | inputs | threads | ms | steps | rejected | MB moved | GB/s | of copy | error of w |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (options, best, result) in &cases {
        let Some((state, statistics)) = result else { continue };
        let best = best.iter().sum::<f64>() / PRESENTATIONS as f64;
        let bytes = if options.precision == Precision::F64 { 8 } else { 4 };
        let moved = traffic(&samples, options.skip_silent, statistics.steps) * bytes as f64;
        let rate = moved / best / 1e9;
        let copied = copies.iter().find(|copy| copy.0 == bytes && copy.1 == options.threads);
        let bandwidth =
            copied.map_or(f64::NAN, |copy| 2.0 * (dynamics.layout.len() * bytes) as f64 / copy.2 / 1e9);
        println!(
            "| {:?} | {:e} | {} | {} | {:.4} | {:.2} | {:.2} | {:.2} | {:.1} | {:.0} % | {:.1e} |",
            options.precision,
            options.rtol,
            if options.skip_silent { "skipped" } else { "dense" },
            options.threads,
            best * 1e3,
            statistics.steps as f64 / PRESENTATIONS as f64,
            statistics.rejected as f64 / PRESENTATIONS as f64,
            moved / 1e6,
            rate,
            100.0 * rate / bandwidth,
            error(&dynamics, state, &tight),
        );
    }
    for (bytes, threads, best) in copies {
        let moved = 2.0 * (dynamics.layout.len() * bytes) as f64;
        println!("copy of {:.1} MB, {threads} threads: {:.1} GB/s", moved / 2e6, moved / best / 1e9);
    }
}

/// Values that the method must move per presentation: of every row that is stepped, `w`, `m`, `rho` (and `b`) are read and
/// written once a step; of the rows of active inputs, the products of the prediction read the three once more a step, and
/// the product at the presentation's start reads `w`; rows that wake are read and written once.
fn traffic(samples: &[(Vec<f64>, Vec<f64>)], skip: bool, steps: u64) -> f64 {
    let post = LAYERS[1] as f64;
    let steps = steps as f64 / PRESENTATIONS as f64;
    let active = |k: usize| samples[k].0.iter().filter(|x| **x != 0.0).count() as f64;
    let mut rows = 0.0;
    for k in 0..PRESENTATIONS {
        let woken = if k == 0 || !skip {
            0.0
        } else {
            samples[k]
                .0
                .iter()
                .zip(&samples[k - 1].0)
                .filter(|(now, before)| **now != 0.0 && **before == 0.0)
                .count() as f64
        };
        let stepped = if skip { active(k) } else { LAYERS[0] as f64 };
        rows += 6.0 * stepped * steps + 3.0 * active(k) * steps + active(k) + 6.0 * woken;
    }
    let last = (LAYERS[1] * LAYERS[2]) as f64;
    rows * post / PRESENTATIONS as f64 + last * (8.0 + 8.0) * steps
}

fn options(
    rtol: f64,
    order: Order,
    precision: Precision,
    threads: usize,
    skip_silent: bool,
) -> ExponentialOptions {
    let a = rtol * 1e-2;
    let atol = AbsoluteTolerance { w: a, m: a, rho: a, v: a, b: a, z: a };
    ExponentialOptions { rtol, atol, order, precision, threads, skip_silent, max_steps: 10_000 }
}

fn network() -> (Dynamics, State) {
    let architecture = Architecture {
        layers: LAYERS.to_vec(),
        activation: Activation::Tanh,
        readout: Readout::Softmax,
        bias: false,
        weight_scale: 1.0,
        neuron_tau: 0.0,
        scaling_tau: None,
    };
    let rule = RuleSpec::BioAdam { gain: Gain::Rms, tau_m: 10.0, tau_rho: 1000.0, epsilon: 1e-3 };
    let synapse =
        Synapse { rule, eta: 1e-3, w_max: 1.0, critical_period: None, kappa: 0.0, m0: 0.0, rho0: 10.0 };
    let feedback = Feedback {
        mode: FeedbackMode::Predisposition,
        traces: Traces::Shared,
        m0: 0.0,
        rho0: 10.0,
        mirror: Mirror::default(),
    };
    let dynamics = Dynamics::new(Source::Network(architecture), synapse, feedback, Coordinate::V);
    let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
    let mut values = vec![0.0; dynamics.layout.len()];
    for block in &dynamics.layout.blocks {
        let scale = (3.0 / block.pre as f64).sqrt();
        for (slot, variable) in block.variables.iter().enumerate() {
            for value in &mut values[block.range(slot)] {
                *value = match *variable {
                    "w" | "b" => scale * (2.0 * rng.random::<f64>() - 1.0),
                    "m" => 0.0,
                    _ => 10.0,
                };
            }
        }
    }
    (dynamics, State { t: 0.0, values })
}

fn stream(samples: &[(Vec<f64>, Vec<f64>)]) -> Vec<Segment> {
    let segment = |(k, (x, y)): (usize, &(Vec<f64>, Vec<f64>))| Segment {
        t0: k as f64,
        t1: (k + 1) as f64,
        presentation: k as u64,
        epoch: 0,
        starts: true,
        ends: true,
        drive: Drive::Hold { x: x.clone(), y: y.clone() },
    };
    samples.iter().enumerate().map(segment).collect()
}

/// Seconds of each presentation, the final state, and what it took.
fn solve(
    dynamics: &Dynamics,
    initial: &State,
    segments: &[Segment],
    options: &ExponentialOptions,
) -> (Vec<f64>, State, synaptode::solver::Statistics) {
    let mut engine = Exponential::new(dynamics.clone(), initial, options).expect("the options are valid");
    let mut times = Vec::new();
    for segment in segments {
        let start = Instant::now();
        engine.begin(segment).expect("finite signals");
        engine.advance(&[], &mut |_| {}).expect("a solution");
        times.push(start.elapsed().as_secs_f64());
    }
    (times, engine.state(), engine.statistics())
}

/// Largest error of the first layer's `w`, relative to its largest value.
fn error(dynamics: &Dynamics, found: &State, expected: &State) -> f64 {
    let range = dynamics.layout.blocks[0].range(0);
    let pairs = found.values[range.clone()].iter().zip(&expected.values[range]);
    let (error, size) =
        pairs.fold((0.0_f64, 0.0_f64), |(error, size), (a, b)| (error.max((a - b).abs()), size.max(b.abs())));
    error / size
}

/// Seconds to copy so many bytes, shared out over the threads.
fn copy(bytes: usize, threads: usize) -> f64 {
    let n = bytes / 8 / threads;
    let work = move || {
        let (from, mut to) = (vec![1.0_f64; n], vec![0.0_f64; n]);
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let start = Instant::now();
            black_box(&mut to).copy_from_slice(black_box(&from));
            best = best.min(start.elapsed().as_secs_f64());
        }
        best
    };
    let workers: Vec<_> = (0..threads).map(|_| std::thread::spawn(work)).collect();
    workers.into_iter().map(|worker| worker.join().expect("a copy")).fold(0.0, f64::max)
}

/// The first samples of MNIST's training set, inputs scaled to 0..1.
fn read(folder: &Path) -> Vec<(Vec<f64>, Vec<f64>)> {
    let images = std::fs::read(folder.join("train-images-idx3-ubyte")).expect("train-images-idx3-ubyte");
    let labels = std::fs::read(folder.join("train-labels-idx1-ubyte")).expect("train-labels-idx1-ubyte");
    let pairs = images[16..].chunks_exact(LAYERS[0]).zip(&labels[8..]);
    pairs
        .take(PRESENTATIONS)
        .map(|(image, label)| {
            let x = image.iter().map(|value| f64::from(*value) / 255.0).collect();
            let mut y = vec![0.0; LAYERS[2]];
            y[usize::from(*label)] = 1.0;
            (x, y)
        })
        .collect()
}

/// Samples of MNIST's sparsity: blobs that overlap at the centre.
fn generated() -> Vec<(Vec<f64>, Vec<f64>)> {
    let mut rng = rand_pcg::Pcg64::seed_from_u64(2);
    (0..PRESENTATIONS)
        .map(|_| {
            let class = (rng.random::<f64>() * LAYERS[2] as f64) as usize;
            let x = (0..LAYERS[0]).map(|pixel| {
                let (row, column) = ((pixel / 28) as f64 - 13.5, (pixel % 28) as f64 - 13.5);
                let near = (-(row * row + column * column) / 90.0).exp();
                if rng.random::<f64>() < 0.62 * near { rng.random() } else { 0.0 }
            });
            let x = x.collect();
            let mut y = vec![0.0; LAYERS[2]];
            y[class] = 1.0;
            (x, y)
        })
        .collect()
}
