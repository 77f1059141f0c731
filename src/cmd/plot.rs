//! `plot`: draws the figures of a finished run or comparison again, or several runs into one set of figures. It never
//! solves.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::Plot;
use crate::compare::COMPARISON;
use crate::figure;

/// Where figures of several runs go if `--output` is left out.
const OVERLAY: &str = "output/overlay";

/// Draws one run or comparison into its own `figures/` (or into `--output`), or several runs over one another into `--output`, and
/// prints the files to `out` unless `quiet`.
///
/// # Errors
/// If a run is given twice or can't be read, a figure or `out` can't be written.
pub fn run(args: &Plot, quiet: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let places: Vec<_> =
        args.runs.iter().map(|run| run.canonicalize().unwrap_or_else(|_| run.clone())).collect();
    if let Some(twice) = (1..places.len()).find(|k| places[..*k].contains(&places[*k])) {
        bail!("{} is given twice\n  help: name each run once", args.runs[twice].display());
    }
    let written = match (&args.runs[..], args.output.as_deref()) {
        ([comparison], folder) if comparison.join(COMPARISON).is_file() => {
            figure::compare::draw(comparison, folder)
        }
        ([run], None) => figure::draw_run(run, None),
        ([run], Some(folder)) => figure::draw_run_into(run, folder, None),
        (runs, folder) => figure::overlay(runs, folder.unwrap_or_else(|| Path::new(OVERLAY))),
    }
    .context("no figures drawn")?;
    if !quiet {
        for path in written {
            writeln!(out, "{}", path.display())?;
        }
    }
    Ok(())
}
