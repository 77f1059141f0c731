//! `[data]`: where the samples come from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::stream::SourceName;
use crate::stream::data::{Column, Scaling};

/// `[data]`: which of the keys a source takes is said with each; others are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Where the samples come from.
    pub source: SourceName,
    /// Folder of the samples (`idx`) or file (`csv`), relative to the configuration's file.
    pub path: Option<PathBuf>,
    /// `csv`: file of the samples to test on; if left out, they are set apart from those of `path`.
    pub test_path: Option<PathBuf>,
    /// `csv`: whether the first line names the columns; true if left out.
    pub header: Option<bool>,
    /// `csv`: the column of the class, by name or by place from 0 (this or `targets`). Labels are whole numbers from 0,
    /// which are the output units, or names, which are sorted.
    pub label: Option<Column>,
    /// `csv`: the columns of numbers to be predicted.
    pub targets: Option<Vec<Column>>,
    /// `csv`: the columns to predict from; all others if left out.
    pub inputs: Option<Vec<Column>>,
    /// `csv`: what is done with inputs and targets, as the training samples say; "standardize" if left out.
    pub scaling: Option<Scaling>,
    /// `csv` without `test_path`: share of the samples to test on (this or `test`), stratified by class; 0.2 if left
    /// out.
    pub test_fraction: Option<f64>,
    /// Samples to train on: the first of the training part, all if left out; of a generated set, how many are made:
    /// 1000 if left out.
    pub train: Option<usize>,
    /// Samples to test on, all if left out; of a generated set, how many are made: 500 if left out; of one `csv` file,
    /// how many are set apart.
    pub test: Option<usize>,
    /// Seed of a generated set, or of the split of one `csv` file, apart from the experiment's seed; 0 if left out.
    pub seed: Option<u64>,
    /// `blobs`, `spirals`: number of classes; the network's outputs if left out.
    pub classes: Option<usize>,
    /// `blobs`, `teacher`: inputs of a sample; the network's if left out.
    pub dimension: Option<usize>,
    /// `blobs`: standard deviation within a class, where that of the classes' centres is 1; 0.3 if left out.
    pub spread: Option<f64>,
    /// `spirals`: turns from the origin to the end of an arm; 1 if left out.
    pub turns: Option<f64>,
    /// `teacher`: its hidden units; 16 if left out.
    pub hidden: Option<usize>,
    /// `teacher`: its outputs; the network's if left out.
    pub outputs: Option<usize>,
    /// `mackey-glass`: how many past values are presented; the network's inputs if left out.
    pub window: Option<usize>,
    /// `mackey-glass`: delay of the equation, s; 17 if left out.
    pub tau: Option<f64>,
    /// `moons`, `spirals`: standard deviation of what is added to each coordinate, 0.1 and 0.02 if left out; `teacher`:
    /// to each answer, 0 if left out; `mackey-glass`: to each value of the standardised series, 0 if left out.
    pub noise: Option<f64>,
}
