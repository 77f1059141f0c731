//! `run`: solve, record, draw, verify.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, bail};

use super::check::rounded;
use super::interrupt;
use super::progress::Progress;
use crate::cli;
use crate::config::{self, wire::Bounds};
use crate::figure;
use crate::record::manifest::Status;
use crate::record::{Found, Manifest, RunDirectory};
use crate::runner::{Conduct, Latest, Run};

/// How a run ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At its end.
    Complete,
    /// Early, with a checkpoint, as it was told to.
    Early,
}

/// Exit status of a run that ended early with a checkpoint.
const EARLY: u8 = 3;

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Complete => Self::SUCCESS,
            End::Early => Self::from(EARLY),
        }
    }
}

/// Runs an experiment, or goes on with it, and prints its results to `out` unless `quiet`.
///
/// # Errors
/// Where the configuration is refused, the run fails, or with `--verify` a result lies out of its range.
pub fn run(args: &cli::Run, quiet: bool, out: &mut impl Write) -> anyhow::Result<End> {
    let deadline = args.max_time.and_then(|time| Instant::now().checked_add(time));
    let (config, output) = place(args);
    let experiment = config::load(&config, &args.overrides.sets, args.seed)?;
    experiment.origin.idle().iter().for_each(|idle| log::warn!("{}: {idle}", config.display()));
    if args.verify && experiment.expect.is_empty() {
        bail!(
            "{}: there is nothing to verify\n  help: say in [expect] what the results should be, or leave out --verify",
            config.display()
        );
    }
    let path = output.unwrap_or_else(|| PathBuf::from("output").join(&experiment.name));
    let run = Run::prepare(experiment)?;
    // Until here there is nothing to keep: a signal ends the program at once.
    let stop = interrupt::watch().context("signals can't be handled")?;
    let (directory, found) = if args.resume {
        RunDirectory::resume(&path, &run.identity()?)?
    } else {
        (RunDirectory::create(&path, args.force)?, Found::Nothing)
    };
    let from = match found {
        Found::Complete(manifest) => {
            if !quiet {
                writeln!(out, "{} is complete: there is nothing to go on with", path.display())?;
            }
            // Unless it was killed before its figures were drawn.
            if !path.join("figures").exists() {
                draw(&run, &path);
            }
            return finish(args, quiet, out, &run, &manifest);
        }
        Found::Nothing => None,
        Found::Checkpoint(archive, written) => {
            let t = archive.fact("time_s").unwrap_or_default();
            log::info!("goes on from t = {t} s");
            Some((archive, written))
        }
    };
    let conduct = Conduct { from, stop, deadline };

    let latest = Latest::default();
    let mut progress = Progress::new(quiet, run.duration(), run.data.is_some(), Rc::clone(&latest));
    let outcome = run.conduct(&directory, &latest, &mut progress, &conduct);
    progress.finish();
    let manifest =
        outcome.with_context(|| format!("the run ended early; {} keeps what it has", path.display()))?;
    if manifest.status == Status::Interrupted {
        if !quiet {
            let place = path.display();
            let all = run.presentations().map_or_else(String::new, |all| {
                format!(" after {} of {all} presentations", manifest.presentations)
            });
            writeln!(out, "ended early{all}: `synaptode run {place} --resume` goes on")?;
        }
        return Ok(End::Early);
    }

    let drawn = draw(&run, &path);
    if !quiet {
        write!(out, "{}", summary(&manifest))?;
        writeln!(out, "wrote {} with {drawn}", path.display())?;
    }
    finish(args, quiet, out, &run, &manifest)
}

/// Draws the figures of a run that is complete, and says how many.
fn draw(run: &Run, path: &Path) -> String {
    match figure::draw_run(path, run.experiment.figures.draw.as_deref()) {
        Ok(figures) if figures.len() == 1 => "1 figure".to_owned(),
        Ok(figures) => format!("{} figures", figures.len()),
        Err(error) => {
            log::warn!("the results are written, but not all figures: {error}");
            "not all of its figures".to_owned()
        }
    }
}

/// The configuration, and the run directory if that is said: one that is to be resumed has its own configuration.
fn place(args: &cli::Run) -> (PathBuf, Option<PathBuf>) {
    if args.resume && args.config.is_dir() {
        let output = args.output.clone().unwrap_or_else(|| args.config.clone());
        return (args.config.join("config.toml"), Some(output));
    }
    (args.config.clone(), args.output.clone())
}

/// Verifies what is expected, if that was asked for.
fn finish(
    args: &cli::Run,
    quiet: bool,
    out: &mut impl Write,
    run: &Run,
    manifest: &Manifest,
) -> anyhow::Result<End> {
    if args.verify {
        let (report, verdict) = verify(&run.experiment.expect, &manifest.results);
        if !quiet {
            write!(out, "{report}")?;
        }
        verdict?;
    }
    Ok(End::Complete)
}

/// Results and cost, a line each.
fn summary(manifest: &Manifest) -> String {
    let mut lines = vec![format!("{} (seed {})", manifest.name, manifest.seed)];
    let mut line = |name: &str, value: String| lines.push(format!("  {name:<28} {value}"));
    for (name, value) in &manifest.results {
        line(name, number(*value));
    }
    let cost = &manifest.solver;
    if manifest.presentations > 0 {
        line("presentations", manifest.presentations.to_string());
        line("presentations per second", format!("{:.0}", manifest.presentations as f64 / manifest.seconds));
        line("steps per presentation", format!("{:.2}", cost.steps as f64 / manifest.presentations as f64));
    }
    line("steps, rejected", format!("{}, {}", cost.steps, cost.rejected));
    line("evaluations", cost.evaluations.to_string());
    if cost.newton_iterations > 0 {
        line("Newton iterations", cost.newton_iterations.to_string());
        line("Jacobian products", cost.jacobian_products.to_string());
    }
    line("time", format!("{:.1} s", manifest.seconds));
    lines.join("\n") + "\n"
}

/// Checks every result that is expected: a line for each, and the verdict.
fn verify(
    expect: &BTreeMap<String, Bounds>,
    results: &BTreeMap<String, f64>,
) -> (String, anyhow::Result<()>) {
    let (mut report, mut failed) = (Vec::new(), Vec::new());
    for (name, bounds) in expect {
        let result = results.get(name);
        let holds = result.is_some_and(|value| {
            bounds.min.is_none_or(|min| *value >= min) && bounds.max.is_none_or(|max| *value <= max)
        });
        let range = [bounds.min.map(|min| format!(">= {min}")), bounds.max.map(|max| format!("<= {max}"))];
        let range = range.into_iter().flatten().collect::<Vec<_>>().join(" and ");
        let measured = result.map_or_else(|| "not measured".to_owned(), |value| rounded(*value));
        let line = format!("{name} {range}: {measured}");
        report.push(format!("{} {line}\n", if holds { "holds " } else { "FAILED" }));
        if !holds {
            failed.push(line);
        }
    }
    let verdict = if failed.is_empty() {
        Ok(())
    } else {
        Err(anyhow::anyhow!("not as expected: {}", failed.join("; ")))
    };
    (report.concat(), verdict)
}

/// A result with the digits that mean something.
fn number(value: f64) -> String {
    if value == 0.0 || (1e-3..1e5).contains(&value.abs()) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}
