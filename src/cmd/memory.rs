//! How much memory a run takes at its peak, from what the program allocates: constants were counted in the source and
//! held to the peak resident size of runs (`tests/it/memory.rs`).

use std::path::Path;

use crate::config::{Experiment, Task};
use crate::solver::Method;
use crate::solver::exponential::Precision;
use crate::stream::{DataSource, DataSpec};

/// The program itself, with its libraries, before it has read anything.
const PROGRAM: f64 = 10.4e6;
/// Bytes of a value.
const WORD: f64 = 8.0;
/// States at work in tsit45: two of the solver with value, derivative and seven stages each, its error, tolerances (2),
/// the start (2), the last good one, the one interpolated, the end, and what a measurement or checkpoint reads.
const EXPLICIT: f64 = 27.0;
/// The same of the implicit methods, whose matrices outweigh them.
const IMPLICIT: f64 = 32.0;
/// Matrices of the implicit methods.
const MATRICES: f64 = 2.9;
/// States beside the engine's own: start, end, and what a measurement or checkpoint reads.
const BESIDE: f64 = 2.8;
/// Bytes that a pixel takes while its figure is drawn.
const PIXEL: f64 = 33.2;

/// What a run takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Bytes at the peak.
    pub peak: f64,
    /// Whether the data set comes on top: its size is not known before it is read.
    pub without_data: bool,
}

/// The memory of a run of `experiment`, whose state has `values` values.
#[must_use]
pub fn memory(experiment: &Experiment, values: usize) -> Memory {
    let state = values as f64 * WORD;
    let samples = match &experiment.task {
        Task::Stream { data, network, .. } => {
            let width = network.layers[0] + network.layers[network.depth()];
            bytes_of_samples(data, width)
        }
        Task::Protocol(_) => Some(0.0),
    };
    let options = &experiment.solver;
    let solving = match options.method {
        Method::Tsit45 => EXPLICIT * state,
        Method::Bdf | Method::TrBdf2 | Method::Esdirk34 => {
            IMPLICIT * state + MATRICES * state * values as f64
        }
        Method::Exponential if options.exponential.precision == Precision::F32 => (BESIDE + 0.5) * state,
        Method::Exponential => (BESIDE + 1.0) * state,
        // The state, and the one before the last step.
        Method::PerPresentation => (BESIDE + 2.0) * state,
    };
    let figures = &experiment.figures;
    let drawing = if figures.draw.as_ref().is_some_and(Vec::is_empty) {
        0.0
    } else {
        let pixels = f64::from(figures.width) * f64::from(figures.height) * figures.scale * figures.scale;
        PIXEL * pixels + 2.0 * state
    };
    let peak = PROGRAM + samples.unwrap_or(0.0) + solving.max(drawing);
    Memory { peak, without_data: samples.is_none() }
}

/// What the samples take; `None` where only reading them would tell.
fn bytes_of_samples(data: &DataSpec, width: usize) -> Option<f64> {
    match &data.source {
        DataSource::Digits => Some(1797.0 * 64.0),
        DataSource::Generated { .. } => Some(((data.train? + data.test?) * width) as f64 * WORD),
        // They stay bytes in memory, and all of the file is read.
        DataSource::Idx { folder } => {
            let names = ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"];
            names.iter().map(|name| plain_length(folder, name)).sum()
        }
        DataSource::Csv(_) => None,
    }
}

/// Bytes of a file once it is unpacked, as the last word of a gzip file has it.
fn plain_length(folder: &Path, name: &str) -> Option<f64> {
    let plain = std::fs::metadata(folder.join(name)).ok().filter(std::fs::Metadata::is_file);
    if let Some(plain) = plain {
        return Some(plain.len() as f64);
    }
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).ok()?;
    packed.last_chunk().map(|length| f64::from(u32::from_le_bytes(*length)))
}
