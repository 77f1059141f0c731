//! `compare`: variations and seeds side by side, a table of what came of them, and figures.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli;
use crate::compare::plan::{self, Plan};
use crate::compare::{
    COMPARISON, Comparison, Outcome, SUMMARY, State, execute, finished, name, report, table, vary,
};
use crate::error::{Error, IoError};
use crate::figure;
use crate::record::write_whole;

/// Runs what is not finished yet, a line each to `err`, and prints the summary to `out`, unless `quiet`.
///
/// # Errors
/// Where the arguments make no comparison, its directory would lose something, a file can't be written, or, once all
/// have come to their end, any run has failed.
pub fn run(
    args: &cli::Compare,
    quiet: bool,
    out: &mut impl Write,
    err: &mut impl Write,
) -> anyhow::Result<()> {
    let axes = vary::parse(&args.vary)?;
    let path = args.output.clone().unwrap_or_else(|| default_directory(&args.inputs));
    let plan = plan::plan(&args.inputs, &args.overrides.sets, &axes, &path)?;
    sensible(args, &plan)?;
    claim(&path, args.force)?;

    // Tables of an earlier comparison give way to a run, not to refusals.
    let is_first = !path.join(SUMMARY).is_file();
    let says_something =
        |comparison: &Comparison| is_first || comparison.runs.iter().any(|run| run.manifest().is_some());
    let mut comparison = Comparison::new(path, plan);
    if says_something(&comparison) {
        table::write_summary(&comparison)?;
    }
    let jobs = args.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let mut done = 0;
    execute::execute(&mut comparison, jobs, args.force, |comparison, index| -> anyhow::Result<()> {
        done += 1;
        if says_something(comparison) {
            table::write_summary(comparison)?;
        }
        if !quiet {
            let all = comparison.runs.len();
            writeln!(err, "[{done}/{all}] {}", line(&comparison.runs[index]))?;
        }
        Ok(())
    })?;
    if !says_something(&comparison) {
        let directory = comparison.directory.display();
        log::warn!("the tables in {directory} are left as an earlier comparison wrote them");
        return verdict(&comparison);
    }
    table::write_comparison(&comparison)?;

    let title = format!("Comparison {}", name::comparison(&comparison.directory));
    let summary = report::markdown(&comparison, &title);
    write_whole(&comparison.directory.join("summary.md"), summary.as_bytes())?;
    let figures = draw(&comparison);
    if !quiet {
        write!(out, "{summary}")?;
        let directory = comparison.directory.display();
        writeln!(out, "\nwrote {directory} with {COMPARISON}, {SUMMARY}, summary.md and {figures} figures")?;
    }
    verdict(&comparison)
}

/// `output/compare-NAME`, after the first input.
fn default_directory(inputs: &[PathBuf]) -> PathBuf {
    let name = inputs.first().map_or_else(|| "runs".to_owned(), |input| name::stem(input));
    Path::new("output").join(format!("{}{name}", name::PREFIX))
}

/// Refuses what would make no comparison, or not the one that was meant.
fn sensible(args: &cli::Compare, plan: &Plan) -> anyhow::Result<()> {
    let only_finished = plan.runs.iter().all(|run| run.source == plan::Source::Finished);
    if only_finished && !(args.vary.is_empty() && args.overrides.sets.is_empty()) {
        bail!(
            "finished runs can't be varied\n  help: leave `--vary` and `--set` out, or give the configurations"
        );
    }
    if plan.runs.len() < 2 {
        bail!(
            "there is one run only, and nothing to compare it with\n  \
             help: give several configurations or run directories, or vary a key, as in `--vary seed=0..4`"
        );
    }
    Ok(())
}

/// Makes the comparison's directory, unless it holds something else.
fn claim(path: &Path, force: bool) -> Result<(), Error> {
    if finished::is_run(path) {
        return Err(Error::output(path, "this directory holds a run, not a comparison"));
    }
    std::fs::create_dir_all(path).map_err(|source| IoError::new(path, "creating", source))?;
    let mut entries = std::fs::read_dir(path).map_err(|source| IoError::new(path, "reading", source))?;
    if entries.next().is_some() && !path.join(SUMMARY).is_file() && !force {
        return Err(Error::output(path, "this directory holds files that no comparison has written"));
    }
    Ok(())
}

/// One line about a run that has come to its end.
fn line(run: &Outcome) -> String {
    let name = &run.planned.name;
    match &run.state {
        State::Waiting => format!("{name}  waiting"),
        State::Failed(reason) => format!("{name}  FAILED: {reason}"),
        State::Complete(manifest) => {
            let results = report::RESULTS.iter().filter_map(|result| {
                let value = report::number(report::value(run, result)?);
                (*result != "test_loss").then(|| format!("  {result} {value}"))
            });
            let time =
                if run.reused { "  from before".to_owned() } else { format!("  {:.1} s", manifest.seconds) };
            format!("{name}{}{time}", results.collect::<String>())
        }
    }
}

/// Draws the figures and says how many.
fn draw(comparison: &Comparison) -> usize {
    match figure::compare::draw(&comparison.directory, None) {
        Ok(written) => written.len(),
        Err(error) => {
            log::warn!("the tables are written, but no figures: {error}");
            0
        }
    }
}

fn verdict(comparison: &Comparison) -> anyhow::Result<()> {
    let failed: Vec<String> =
        comparison.failures().map(|(name, reason)| format!("\n  {name}: {reason}")).collect();
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{} of {} runs failed{}", failed.len(), comparison.runs.len(), failed.concat())
}
