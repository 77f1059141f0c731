//! How much memory a run takes at its peak, from what the program allocates: constants were counted in the source and
//! held to the peak resident size of runs (`tests/it/memory.rs`).

mod input;

use input::{Input, input};

use crate::config::Experiment;
use crate::solver::Method;
use crate::solver::exponential::Precision;

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
    /// Whether samples or a signal come on top: a file of theirs can't be read.
    pub without_input: bool,
}

/// The memory of a run of `experiment`, whose state has `values` values.
#[must_use]
pub fn memory(experiment: &Experiment, values: usize) -> Memory {
    let state = values as f64 * WORD;
    let given = input(&experiment.task);
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
    let Input { reading, kept } = given.unwrap_or_default();
    let peak = PROGRAM + reading.max(kept + solving.max(drawing));
    Memory { peak, without_input: given.is_none() }
}
