//! What samples and signals take: those that are made are counted, those in files are weighed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::WORD;
use crate::config::Task;
use crate::config::wire::Signal;
use crate::stream::data::{CsvSpec, Output, TestPart};
use crate::stream::{DataSource, DataSpec, ProtocolSpec};

/// What gzip files begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The most bytes that one of a packed file can stand for.
const DEFLATED: f64 = 1032.0;
/// Bytes of a label of a CSV file until its class is known: its text and its line.
const LABEL: f64 = 56.0;
/// Bytes of a point of a signal, time and value.
const POINT: f64 = 2.0 * WORD;

/// Bytes of what drives the synapses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Input {
    /// At most while files are read.
    pub reading: f64,
    /// From then on.
    pub kept: f64,
}

impl Input {
    fn kept(bytes: f64) -> Self {
        Self { reading: bytes, kept: bytes }
    }
}

/// What drives the synapses of a task; `None` where a file can't be read.
pub(super) fn input(task: &Task) -> Option<Input> {
    match task {
        Task::Protocol(protocol) => signals(protocol).map(Input::kept),
        Task::Stream { data, network, .. } => {
            let [inputs, outputs] = [network.layers[0], network.layers[network.depth()]];
            match &data.source {
                DataSource::Digits => Some(Input::kept(1797.0 * 64.0)),
                DataSource::Generated { .. } => {
                    Some(Input::kept(((data.train? + data.test?) * (inputs + outputs)) as f64 * WORD))
                }
                // They stay bytes in memory, and all of the file is read.
                DataSource::Idx { folder } => {
                    let names = ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"];
                    names.iter().map(|name| unpacked(folder, name)).sum::<Option<f64>>().map(Input::kept)
                }
                DataSource::Csv(csv) => tables(csv, data, inputs),
            }
        }
    }
}

/// Samples of CSV files: the text and all of its numbers while they are read, then a copy of those in use.
fn tables(csv: &CsvSpec, data: &DataSpec, inputs: usize) -> Option<Input> {
    let (targets, label) = match &csv.output {
        Output::Label(_) => (0, LABEL),
        Output::Targets(targets) => (targets.len(), 0.0),
    };
    let sample = (inputs + targets) as f64 * WORD;
    let learned = Text::of(&csv.path)?;
    let tested = match &csv.test {
        TestPart::File(path) => Text::of(path)?,
        TestPart::Split { .. } => Text::default(),
    };
    let header = if csv.header { 1.0 } else { 0.0 };
    let rows = [&learned, &tested].map(|text| (text.lines - header).max(0.0));
    let most = |limit: Option<usize>, rows: f64| limit.map_or(rows, |limit| rows.min(limit as f64));
    let used = match &csv.test {
        TestPart::File(_) => most(data.train, rows[0]) + most(data.test, rows[1]),
        TestPart::Split { fraction, .. } => {
            let tested = most(data.test, fraction.unwrap_or(1.0) * rows[0]);
            tested + most(data.train, rows[0] - tested)
        }
    };
    let read = rows.map(|rows| rows * (sample + label));
    let stages =
        [learned.bytes + read[0], read[0] + read[1] + tested.bytes, read[0] + read[1] + used * sample];
    Some(Input { reading: stages.into_iter().fold(0.0, f64::max), kept: used * sample })
}

/// A text file from outside.
#[derive(Default)]
struct Text {
    bytes: f64,
    lines: f64,
}

impl Text {
    fn of(path: &Path) -> Option<Self> {
        let bytes = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?.len() as f64;
        let mut reader = BufReader::new(File::open(path).ok()?);
        let (mut lines, mut line) = (0.0, Vec::new());
        while reader.read_until(b'\n', &mut line).ok()? > 0 {
            lines += if line.trim_ascii().is_empty() { 0.0 } else { 1.0 };
            line.clear();
        }
        Some(Self { bytes, lines })
    }
}

/// The points of all signals that are kept as points.
fn signals(protocol: &ProtocolSpec) -> Option<f64> {
    let given = [Some(&protocol.signal), protocol.x.as_ref(), protocol.y.as_ref()];
    let points = given.into_iter().flatten().map(|signal| match signal {
        Signal::OrnsteinUhlenbeck { tau, step, .. } => Some(protocol.duration / step.unwrap_or(tau / 20.0)),
        Signal::Csv { path } => Text::of(path).map(|text| text.lines),
        _ => Some(0.0),
    });
    points.sum::<Option<f64>>().map(|points| points * POINT)
}

/// Bytes of a file once it is unpacked, as the last word of a gzip file has it, unless it can't be: a file may have been cut off.
fn unpacked(folder: &Path, name: &str) -> Option<f64> {
    let plain = std::fs::metadata(folder.join(name)).ok().filter(std::fs::Metadata::is_file);
    if let Some(plain) = plain {
        return Some(plain.len() as f64);
    }
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).ok()?;
    if !packed.starts_with(&GZIP) {
        return Some(packed.len() as f64);
    }
    let said = packed.last_chunk().map(|length| f64::from(u32::from_le_bytes(*length)))?;
    Some(said.min(DEFLATED * packed.len() as f64))
}
