//! `plot`: draws the figures of finished runs again, or several runs into one set of figures. It never solves.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::figure;

/// Where figures of several runs go if `--output` is left out.
const OVERLAY: &str = "output/overlay";

/// Draws one run into its own `figures/` (or into `output`), or several runs over one another into `output`.
///
/// # Errors
/// If a run can't be read or a figure can't be written.
pub fn plot(run_dirs: &[PathBuf], output: Option<&Path>) -> anyhow::Result<()> {
    let written = match (run_dirs, output) {
        ([run], None) => figure::draw_run(run, None),
        ([run], Some(folder)) => figure::draw_run_into(run, folder, None),
        (runs, folder) => figure::overlay(runs, folder.unwrap_or_else(|| Path::new(OVERLAY))),
    }
    .context("no figures drawn")?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(())
}
