//! Memory traffic: what the method must move, and how fast the machine copies.

use std::hint::black_box;
use std::time::Instant;

use super::{Problem, Sample};

/// Bytes beyond which no cache holds an array.
pub const LARGE: usize = 1 << 28;

/// Bytes a second, read and written together, at which so many bytes are copied by so many threads.
pub fn bandwidth(bytes: usize, threads: usize) -> f64 {
    let bytes = bytes.min(LARGE);
    2.0 * bytes as f64 / seconds(bytes, threads)
}

fn seconds(bytes: usize, threads: usize) -> f64 {
    let n = bytes / 8 / threads;
    let work = move || {
        let (from, mut to) = (vec![1.0_f64; n], vec![0.0_f64; n]);
        let once = |_| {
            let start = Instant::now();
            black_box(&mut to).copy_from_slice(black_box(&from));
            start.elapsed().as_secs_f64()
        };
        (0..20).map(once).fold(f64::INFINITY, f64::min)
    };
    let workers: Vec<_> = (0..threads).map(|_| std::thread::spawn(work)).collect();
    workers.into_iter().map(|worker| worker.join().expect("a copy")).fold(0.0, f64::max)
}

/// Values that the method must move per presentation: of every row that is stepped, `w`, `m`, `rho` (and `b`) are read and
/// written once a step; of the rows of active inputs, the products of the prediction read the three once more a step, and
/// the product at the presentation's start reads `w`; rows that wake are read and written once.
pub fn traffic(problem: &Problem, skip: bool, steps: f64) -> f64 {
    let Problem { layers, samples, .. } = problem;
    let is_active = |sample: &Sample, j: usize| sample.0[j] != 0.0;
    let mut rows = 0.0;
    for (k, sample) in samples.iter().enumerate() {
        let active = (0..layers[0]).filter(|j| is_active(sample, *j)).count() as f64;
        let woken = match k.checked_sub(1).filter(|_| skip) {
            Some(last) => {
                (0..layers[0]).filter(|j| is_active(sample, *j) && !is_active(&samples[last], *j)).count()
            }
            None => 0,
        };
        let stepped = if skip { active } else { layers[0] as f64 };
        rows += 6.0 * stepped * steps + 3.0 * active * steps + active + 6.0 * woken as f64;
    }
    let later: usize = layers.windows(2).skip(1).map(|pair| pair[0] * pair[1]).sum();
    rows * layers[1] as f64 / samples.len() as f64 + later as f64 * (8.0 + 8.0) * steps
}
