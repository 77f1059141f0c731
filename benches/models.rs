//! What a presentation costs with a model's text and with the rule that is its twin, both with method "tsit45".
//!
//! `cargo bench --bench models`: 784-256-10 on generated samples, of whose inputs 4 in 5 are silent. The time is the mean
//! over the presentations of each one's least time in all rounds, so that other work on the machine counts little. The gain
//! is integrated as `rho` by both, so that both take the same steps.

#![allow(clippy::expect_used)]

use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use synaptode::config;
use synaptode::runner::Run;
use synaptode::solver::{Integrator, with_integrator};
use synaptode::stream::{Drive, Segment};

const PRESENTATIONS: usize = 12;
const ROUNDS: usize = 5;
/// Model, `[synapse]` of its twin, and the feedback mode of the twin.
const TWINS: [(&str, &str, &str); 5] = [
    ("bio_adam", "rule = \"bio-adam\"\nw_max = 1.0", "predisposition"),
    ("bio_adam_mean_abs", "rule = \"bio-adam\"\ngain = \"mean-abs\"\nw_max = 1.0", "predisposition"),
    ("adam", "rule = \"adam\"", "fixed"),
    ("momentum", "rule = \"momentum\"\neta = 0.1", "fixed"),
    ("sgd", "rule = \"sgd\"\neta = 0.1", "fixed"),
];

fn main() {
    println!("| model | rule, ms | model, ms | ratio | steps of the rule | of the model |");
    println!("|---|---:|---:|---:|---:|---:|");
    let segments = segments();
    for (model, rule, mode) in TWINS {
        let own = if mode == "fixed" { mode } else { "model" };
        let runs = [
            prepare(&format!("[synapse]\n{rule}\n[feedback]\nmode = \"{mode}\"")),
            prepare(&format!("[synapse]\nmodel = \"{model}\"\n[feedback]\nmode = \"{own}\"")),
        ];
        let mut best = [[f64::INFINITY; PRESENTATIONS]; 2];
        let mut steps = [0.0; 2];
        for _ in 0..ROUNDS {
            for ((run, best), steps) in runs.iter().zip(&mut best).zip(&mut steps) {
                let (times, taken) = solve(run, &segments);
                best.iter_mut().zip(&times).for_each(|(best, time)| *best = best.min(*time));
                *steps = taken as f64 / PRESENTATIONS as f64;
            }
        }
        let [rule, text] = best.map(|times| times.iter().sum::<f64>() / PRESENTATIONS as f64 * 1e3);
        println!(
            "| {model} | {rule:.1} | {text:.1} | {:.2} | {:.2} | {:.2} |",
            text / rule,
            steps[0],
            steps[1]
        );
    }
}

fn prepare(synapse: &str) -> Run {
    let text = format!(
        "[data]\nsource = \"blobs\"\nclasses = 10\ndimension = 784\ntrain = 10\ntest = 10\n\
         [network]\nlayers = [784, 256, 10]\nbias = false\n{synapse}\n[solver]\nmethod = \"tsit45\"\ngain_coordinate = \"rho\"\n"
    );
    let experiment = config::load_str(&text, "bench", Path::new(""), &[]).expect("a configuration");
    Run::prepare(experiment).expect("a system")
}

fn segments() -> Vec<Segment> {
    let mut rng = rand_pcg::Pcg64::seed_from_u64(2);
    let mut segment = |k: usize| {
        let mut input = || if rng.random::<f64>() < 0.2 { rng.random() } else { 0.0 };
        let x = (0..784).map(|_| input()).collect();
        let mut y = vec![0.0; 10];
        y[k % 10] = 1.0;
        let (t0, t1) = (0.1 * k as f64, 0.1 * (k + 1) as f64);
        let drive = Drive::Hold { x, y };
        Segment { t0, t1, presentation: k as u64, epoch: 0, starts: true, ends: true, drive }
    };
    (0..PRESENTATIONS).map(&mut segment).collect()
}

/// Seconds of each presentation, and the steps of all.
fn solve(run: &Run, segments: &[Segment]) -> (Vec<f64>, u64) {
    with_integrator(&run.dynamics, &run.start, &run.experiment.solver, |integrator: &mut dyn Integrator| {
        let mut times = Vec::new();
        for segment in segments {
            let start = Instant::now();
            integrator.begin(segment).expect("finite signals");
            integrator.advance(&[], &mut |_| {}).expect("a solution");
            times.push(start.elapsed().as_secs_f64());
        }
        (times, integrator.statistics().steps)
    })
    .expect("an integrator")
}
