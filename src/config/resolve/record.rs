//! `[record]`, `[checkpoint]` and `[figures]`.

use std::collections::BTreeSet;

use crate::checkpoint::Rhythm;
use crate::config::experiment::{RecordSpec, Task};
use crate::config::range::{Checked, count, demand, positive, refuse};
use crate::config::wire::{self, FigureName};
use crate::figure::canvas::{LONGEST, PIXELS};
use crate::layout::Layout;
use crate::synapse::FeedbackMode;

/// Rows that traces.csv has at most by default.
const MOST_ROWS: f64 = 2000.0;
/// Rows that traces.csv may have.
const ROW_LIMIT: f64 = 1e8;
/// Rows that metrics.csv has at most by default.
const MOST_MEASUREMENTS: f64 = 50.0;

/// What is recorded. The two intervals are checked here; [`cadence`] gives them their defaults.
pub(super) fn record(wire: &mut wire::Record, task: &Task, layout: &Layout) -> Checked<RecordSpec> {
    let per_layer = traced(wire, task, layout)?;
    if let Some(interval) = wire.trace_interval {
        positive("record.trace_interval", interval, "it is in seconds")?;
    }
    if let Some(every) = wire.measure_every {
        count("record.measure_every", every, 1..=1_000_000_000_000, "it counts presentations; 1 for each")?;
    }
    let provisional = match task {
        Task::Protocol(_) if wire.measure_every.is_some() => {
            return refuse(
                "record.measure_every",
                "has no effect: a protocol has no presentations to measure between",
                "leave it out; record.trace_interval sets the rows of traces.csv",
            );
        }
        Task::Protocol(protocol) => protocol.duration,
        Task::Stream { stream, .. } => stream.presentation,
    };
    Ok(RecordSpec {
        synapses: wire.synapses.clone(),
        per_layer,
        trace_interval: wire.trace_interval.unwrap_or(provisional),
        measure_every: wire.measure_every.unwrap_or(1),
    })
}

/// Gives the two intervals their defaults, once the length of the experiment is known.
///
/// `total` is in seconds; `presentation` is its grid, if it has one.
pub(in crate::config) fn cadence(
    wire: &mut wire::Record,
    spec: &mut RecordSpec,
    total: f64,
    presentation: Option<f64>,
) -> Checked {
    let interval = *wire.trace_interval.get_or_insert_with(|| trace_interval(total, presentation));
    let range = format!("at least {:?}, for 1e8 rows or fewer", total / ROW_LIMIT);
    spec.trace_interval =
        demand("record.trace_interval", interval, total / interval <= ROW_LIMIT, &range, "it is in seconds")?;
    if let Some(presentation) = presentation {
        let presentations = (total / presentation).round();
        let every = (presentations / MOST_MEASUREMENTS).ceil().max(1.0) as u64;
        spec.measure_every = *wire.measure_every.get_or_insert(every);
    }
    Ok(())
}

/// The least interval that gives [`MOST_ROWS`] or fewer and lies on the grid: a whole number of presentations or a
/// whole fraction of one, so that rows fall on breakpoints.
fn trace_interval(total: f64, presentation: Option<f64>) -> f64 {
    let free = total / MOST_ROWS;
    match presentation {
        None => free,
        Some(grid) if free > grid => grid * (free / grid).ceil(),
        Some(grid) => grid / (grid / free).floor(),
    }
}

/// Which synapses are traced: their names are resolved and checked; returned is how many of each layer otherwise.
fn traced(wire: &mut wire::Record, task: &Task, layout: &Layout) -> Checked<usize> {
    if wire.per_layer.is_some() && wire.synapses.is_some() {
        return refuse(
            "record.per_layer",
            "has no effect beside record.synapses, which names the synapses to trace",
            "keep one of the two",
        );
    }
    if let (Task::Protocol(protocol), None) = (task, &wire.synapses) {
        if wire.per_layer.is_some() {
            return refuse(
                "record.per_layer",
                "has no effect: a protocol has no layers",
                "leave it out: all synapses of a protocol are traced, or those that record.synapses names",
            );
        }
        wire.synapses = Some((0..protocol.synapses.len()).map(|index| format!("s{index}")).collect());
    }
    let Some(names) = &wire.synapses else {
        return Ok(*wire.per_layer.get_or_insert(2));
    };
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let key = format!("record.synapses[{index}]");
        if layout.find(name).is_none() {
            let remedy = format!("this experiment has {}", synapse_names(layout));
            return refuse(key, format!("\"{name}\" is not a synapse of this experiment"), remedy);
        }
        if !seen.insert(name) {
            return refuse(key, format!("\"{name}\" is named twice"), "name each synapse once");
        }
    }
    Ok(0)
}

/// The names that synapses have: `l1.p0.q0 to l1.p31.q63, l1.p0.bias to l1.p31.bias`.
pub(super) fn synapse_names(layout: &Layout) -> String {
    let ranges = layout.blocks.iter().map(|block| {
        let last = block.synapse_name(block.post - 1, block.pre - 1);
        let first = block.synapse_name(0, 0);
        if first == last { first } else { format!("{first} to {last}") }
    });
    ranges.collect::<Vec<_>>().join(", ")
}

/// How often checkpoints are written.
pub(super) fn checkpoint(wire: &wire::Checkpoint, task: &Task) -> Checked<Rhythm> {
    if let Some(every) = wire.every {
        if matches!(task, Task::Protocol(_)) {
            return refuse(
                "checkpoint.every",
                "has no effect: a protocol has no presentations to count",
                "leave it out; checkpoint.wall_clock sets the time between checkpoints",
            );
        }
        count("checkpoint.every", every, 1..=1_000_000_000_000, "it counts presentations")?;
    }
    let remedy = "it is in seconds of the clock on the wall; `inf` for no checkpoints by the clock";
    demand("checkpoint.wall_clock", wire.wall_clock, wire.wall_clock >= 0.0, "0 or more", remedy)?;
    Ok(Rhythm { every: wire.every, wall_clock: wire.wall_clock })
}

pub(super) fn figures(
    wire: &mut wire::Figures,
    task: &Task,
    layout: &Layout,
    mode: FeedbackMode,
) -> Checked<wire::Figures> {
    let size = "width and height are in pixels at scale 1; scale = 2 is for print";
    count("figures.width", u64::from(wire.width), 200..=4000, size)?;
    count("figures.height", u64::from(wire.height), 150..=4000, size)?;
    demand("figures.scale", wire.scale, (0.5..=8.0).contains(&wire.scale), "from 0.5 to 8", size)?;
    let [width, height] = [wire.width, wire.height].map(|length| f64::from(length) * wire.scale);
    if width * height > *PIXELS.end() || width.max(height) > LONGEST {
        let reason = format!("makes figures of {width:.0} x {height:.0} pixels");
        let remedy =
            "64 million pixels are possible, and 30,000 along a side: lower figures.scale, width or height";
        return refuse("figures.scale", reason, remedy);
    }
    let network = matches!(task, Task::Stream { .. });
    let feedback = network && layout.blocks.iter().any(|block| block.slot("b").is_some());
    let compared = layout.blocks.iter().any(|block| block.layer > 1) && mode != FeedbackMode::Symmetric;
    let possible = [
        (FigureName::Traces, true),
        (FigureName::Learning, network),
        (FigureName::Symmetry, compared),
        (FigureName::Weights, feedback),
    ];
    let possible: Vec<_> =
        possible.into_iter().filter(|(_, possible)| *possible).map(|(name, _)| name).collect();
    let draw = wire.draw.get_or_insert_with(|| possible.clone());
    if let Some(index) = draw.iter().position(|name| !possible.contains(name)) {
        let needs = if network { "feedback weights b" } else { "a network" };
        return refuse(
            format!("figures.draw[{index}]"),
            format!("can't be drawn: this figure needs {needs}, which this experiment does not have"),
            "leave `draw` out for all figures that apply",
        );
    }
    Ok(wire.clone())
}
