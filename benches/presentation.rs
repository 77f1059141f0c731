//! The time of a presentation with its statistics, and whether it has changed: for work on the engine.
//!
//! `cargo bench --bench presentation -- [FILTER]`; `--save-baseline NAME` keeps what is measured, `--baseline NAME` compares with it.
//! 64-32-10 on the built-in digits, 784-256-10 on generated samples as sparse as MNIST's, which come again and again while time goes on. The other
//! benchmarks take turns between what they compare; this one says how sure a figure is.

// What criterion's macro makes has no documentation.
#![allow(missing_docs, clippy::expect_used)]

mod common;

use std::time::{Duration, Instant};

use common::Problem;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use synaptode::solver::exponential::{Order, Precision};
use synaptode::solver::{ExponentialSpec, Integrator, Method, SolverOptions, with_integrator};

/// Relative tolerance.
const RTOL: f64 = 1e-3;
/// Samples that come again.
const SAMPLES: usize = 100;

fn presentation(criterion: &mut Criterion) {
    let digits = Problem::new(&[64, 32, 10], common::digits(SAMPLES));
    let large = Problem::new(&[784, 256, 10], common::mnist(None, SAMPLES));
    for problem in [digits, large] {
        let mut group = criterion.benchmark_group(problem.name());
        let synapses = problem.layers.windows(2).map(|pair| pair[0] * pair[1]).sum::<usize>();
        group.throughput(Throughput::Elements(synapses as u64));
        for (name, options) in cases() {
            with_integrator(&problem.dynamics, &problem.initial, &options, |integrator| {
                let mut shown = 0;
                group.bench_function(name, |bencher| {
                    bencher.iter_custom(|count| show(&problem, integrator, &mut shown, count));
                });
            })
            .expect("options that the network can be integrated with");
        }
        group.finish();
    }
}

/// Shows the next `count` samples, and gives the time that the integrator took.
fn show(problem: &Problem, integrator: &mut dyn Integrator, shown: &mut usize, count: u64) -> Duration {
    (0..count)
        .map(|_| {
            let mut segment = problem.segments[*shown % problem.segments.len()].clone();
            (segment.t0, segment.t1) = (*shown as f64, (*shown + 1) as f64);
            segment.presentation = *shown as u64;
            *shown += 1;
            let start = Instant::now();
            integrator.begin(&segment).expect("finite signals");
            integrator.advance(&[], &mut |_| {}).expect("a solution");
            start.elapsed()
        })
        .sum()
}

/// The ways to integrate, by name.
fn cases() -> Vec<(String, SolverOptions)> {
    let usual =
        ExponentialSpec { order: Order::Three, precision: Precision::F64, threads: 1, skip_silent: true };
    let mut cases = vec![("tsit45".to_owned(), common::options(Method::Tsit45, RTOL, usual))];
    let specs = [
        ("order 2", ExponentialSpec { order: Order::Two, ..usual }),
        ("order 3", usual),
        ("order 4", ExponentialSpec { order: Order::Four, ..usual }),
        ("order 3, dense", ExponentialSpec { skip_silent: false, ..usual }),
        ("order 3, f32", ExponentialSpec { precision: Precision::F32, ..usual }),
    ];
    for (name, spec) in specs {
        for threads in [1, 2] {
            let options = common::options(Method::Exponential, RTOL, ExponentialSpec { threads, ..spec });
            cases.push((format!("{name}, threads {threads}"), options));
        }
    }
    cases
}

criterion_group!(benches, presentation);
criterion_main!(benches);
