//! PNG figures, drawn from the files of run directories: nothing is solved and nothing remembered.
//!
//! - [`draw_run`] draws the figures of one run into its `figures/`;
//! - [`overlay`] draws several runs into one set of figures;
//! - [`compare::draw`] draws a comparison of variations over seeds.
//!
//! Each kind of figure has a file that says what is shown ([`traces`], [`learning`], [`symmetry`],
//! [`weights`]); [`panel`] lays panels out, [`canvas`] alone names plotters.

pub mod canvas;
pub mod coincide;
pub mod compare;
pub mod curves;
pub mod dash;
pub mod error;
pub mod frame;
pub mod learning;
pub mod legend;
pub mod marks;
pub mod panel;
pub mod ranking;
pub mod resample;
pub mod scale;
pub mod sheet;
pub mod source;
pub mod style;
pub mod symmetry;
pub mod text;
pub mod thin;
pub mod traces;
pub mod weights;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use error::FigureError;

use crate::config::wire::{FigureName, Figures};
use canvas::Canvas;
use legend::Entry;
use marks::Along;
use panel::Stack;
use ranking::Ranking;
use source::{Run, Table};
use style::{Color, Stroke};
use weights::Scatter;

const TRACES: &str = "traces.csv";
const METRICS: &str = "metrics.csv";
const ALL: [FigureName; 4] =
    [FigureName::Traces, FigureName::Learning, FigureName::Symmetry, FigureName::Weights];
/// Most synapses of which an overlay is drawn.
const MOST_OVERLAYS: usize = 12;

/// A figure that is ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawable {
    /// Panels above one another.
    Stack(Stack),
    /// Scatter plots.
    Scatter(Scatter),
    /// Final values of variations.
    Ranking(Ranking),
    /// The run has no data for it; the reason.
    Absent(String),
}

/// A run in a figure of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelledRun<'a> {
    /// What the legend calls it.
    pub label: &'a str,
    /// Its colour.
    pub color: Color,
}

impl LabelledRun<'_> {
    /// Its entry in the legend.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry::new(text::plain(self.label), Stroke::solid(self.color))
    }
}

/// The figures that are written, and why others are not.
#[derive(Default)]
struct Album {
    written: Vec<PathBuf>,
    absent: Vec<String>,
}

impl Album {
    /// Draws `figure` to `folder/<name>.png`.
    fn add(
        &mut self,
        figure: Drawable,
        name: &str,
        folder: &Path,
        size: &Figures,
    ) -> Result<(), FigureError> {
        let canvas: Canvas = match figure {
            Drawable::Stack(stack) => stack.draw(size)?,
            Drawable::Scatter(scatter) => scatter.draw(size)?,
            Drawable::Ranking(ranking) => ranking.draw(size)?,
            Drawable::Absent(reason) => {
                log::info!("{name}.png is not drawn: {reason}");
                self.absent.push(format!("{name}: {reason}"));
                return Ok(());
            }
        };
        let path = folder.join(format!("{name}.png"));
        canvas.save(&path)?;
        self.written.push(path);
        Ok(())
    }

    /// What is written; an error where there was something to draw and nothing could be.
    fn finish(self, path: &Path) -> Result<Vec<PathBuf>, FigureError> {
        if self.written.is_empty() && !self.absent.is_empty() {
            let reason = format!("nothing to draw: {}", self.absent.join("; "));
            return Err(FigureError::new(
                path,
                reason,
                "record traces or metrics in the run, or draw other figures",
            ));
        }
        Ok(self.written)
    }
}

/// Draws figures of the run in `run_dir` to `run_dir/figures/<name>.png`, and gives their paths.
///
/// `which` overrides the run's own choice. A figure for which the run has no data is not drawn and the log says why.
///
/// # Errors
/// If a file of the run can't be read, a figure can't be written, or none of the figures has data.
pub fn draw_run(run_dir: &Path, which: Option<&[FigureName]>) -> Result<Vec<PathBuf>, FigureError> {
    draw_run_into(run_dir, &run_dir.join("figures"), which)
}

/// As [`draw_run`], into `folder`.
///
/// # Errors
/// As [`draw_run`].
pub fn draw_run_into(
    run_dir: &Path,
    folder: &Path,
    which: Option<&[FigureName]>,
) -> Result<Vec<PathBuf>, FigureError> {
    let run = Run::open(run_dir)?;
    let mut album = Album::default();
    for name in which.or(run.figures.draw.as_deref()).unwrap_or(&ALL) {
        album.add(figure_of(&run, *name)?, file_stem(*name), folder, &run.figures)?;
    }
    album.finish(run_dir)
}

/// Draws several runs, one colour each, to `out_dir`, and gives the figures' paths: `learning.png`, `symmetry.png`,
/// and `traces-<synapse>.png` for each synapse that at least two of the runs have recorded.
///
/// The size is that of the first run's figures.
///
/// # Errors
/// If a file of a run can't be read, a figure can't be written, or none of the figures has data.
pub fn overlay(run_dirs: &[PathBuf], out_dir: &Path) -> Result<Vec<PathBuf>, FigureError> {
    let runs: Vec<Run> = run_dirs.iter().map(|dir| Run::open(dir)).collect::<Result<_, _>>()?;
    let Some(size) = runs.first().map(|run| run.figures.clone()) else {
        return Err(FigureError::new(out_dir, "no runs to draw", "name at least one run directory"));
    };
    let labels = labels(&runs);
    let mut album = Album::default();
    let tables = load(&runs, &labels, METRICS)?;
    if tables.is_empty() {
        album.absent.push(format!("no run has a {METRICS} with rows"));
    } else {
        for (figure, name) in
            [(learning::of_runs(&tables), "learning"), (symmetry::of_runs(&tables), "symmetry")]
        {
            album.add(marks::marked(figure, Along::Presentations, &runs), name, out_dir, &size)?;
        }
    }
    let tables = load(&runs, &labels, TRACES)?;
    let shared = shared_synapses(&tables);
    if shared.is_empty() {
        let reason = "no synapse is recorded in at least two of the runs; name the same `record.synapses`";
        log::warn!("traces are not drawn: {reason}");
        album.absent.push(format!("traces: {reason}"));
    }
    if shared.len() > MOST_OVERLAYS {
        log::warn!("of {} common synapses the first {MOST_OVERLAYS} are drawn", shared.len());
    }
    for synapse in shared.iter().take(MOST_OVERLAYS) {
        let name = format!("traces-{}", synapse.replace(['/', '\\'], "_"));
        let figure = marks::marked(traces::of_synapse(synapse, &tables), Along::Time, &runs);
        album.add(figure, &name, out_dir, &size)?;
    }
    album.finish(out_dir)
}

/// Name of a figure's file without its ending.
fn file_stem(name: FigureName) -> &'static str {
    match name {
        FigureName::Traces => "traces",
        FigureName::Learning => "learning",
        FigureName::Symmetry => "symmetry",
        FigureName::Weights => "weights",
    }
}

fn figure_of(run: &Run, name: FigureName) -> Result<Drawable, FigureError> {
    let of_table = |file: &str, figure: fn(&str, &Table) -> Drawable| {
        let along = if file == METRICS { Along::Presentations } else { Along::Time };
        Ok(match run.table(file)? {
            Some(table) => marks::marked(figure(&run.name, &table), along, [run]),
            None => Drawable::Absent(format!("the run has no {file} with rows")),
        })
    };
    match name {
        FigureName::Traces => of_table(TRACES, traces::of_run),
        FigureName::Learning => of_table(METRICS, learning::of_run),
        FigureName::Symmetry => of_table(METRICS, symmetry::of_run),
        FigureName::Weights => {
            let (before, after) = (run.arrays("initial.safetensors")?, run.arrays("weights.safetensors")?);
            Ok(Scatter::new(&run.name, before.as_ref(), after.as_ref()).map_or_else(
                || Drawable::Absent("no layer has feedback weights of its own".to_owned()),
                Drawable::Scatter,
            ))
        }
    }
}

/// The tables of the runs that have one.
fn load<'a>(
    runs: &[Run],
    labels: &'a [String],
    file: &str,
) -> Result<Vec<(LabelledRun<'a>, Table)>, FigureError> {
    let mut tables = Vec::new();
    for (index, (run, label)) in runs.iter().zip(labels).enumerate() {
        match run.table(file)? {
            Some(table) => tables.push((LabelledRun { label, color: Color::series(index) }, table)),
            None => log::warn!("{}: no {file} with rows", run.dir.display()),
        }
    }
    Ok(tables)
}

/// Names of the runs; where two are equal, their directories.
fn labels(runs: &[Run]) -> Vec<String> {
    let is_unique = |run: &&Run| runs.iter().filter(|other| other.name == run.name).count() == 1;
    let label = |run: &Run| {
        if is_unique(&run) { run.name.clone() } else { run.dir.display().to_string() }
    };
    runs.iter().map(label).collect()
}

/// Synapses of at least two tables (of the only one, where there is one), in order.
fn shared_synapses(tables: &[(LabelledRun<'_>, Table)]) -> Vec<String> {
    let all: Vec<Vec<&str>> = tables.iter().map(|(_, table)| traces::synapses(table)).collect();
    let mut shared: Vec<String> = Vec::new();
    for name in all.iter().flatten() {
        let count = all.iter().filter(|names| names.contains(name)).count();
        if count >= 2.min(tables.len()) && !shared.iter().any(|other| other == name) {
            shared.push((*name).to_owned());
        }
    }
    shared
}
