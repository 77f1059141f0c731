//! `verify`: runs a finished run again and compares.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, bail};

use super::progress::Progress;
use crate::cli::Verify;
use crate::config;
use crate::error::Error;
use crate::record::difference::{self, Difference};
use crate::record::manifest::Status;
use crate::record::{Manifest, RunDirectory};
use crate::runner::{Latest, Run};

/// Where the second run goes, within the first one's directory.
const AGAIN: &str = "verify";

/// Prints to `out` how each file of the second run differs, unless `quiet`.
///
/// # Errors
/// Where there is no finished run, it can't be run again, or any byte differs.
pub fn run(args: &Verify, quiet: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let first = Manifest::read(&args.run)?;
    if first.status != Status::Complete {
        let run = args.run.display();
        bail!(
            "{run}: the run in this directory is not complete\n  help: `synaptode run {run} --resume` goes on with it"
        );
    }
    let experiment = config::load(&args.run.join("config.toml"), &[], None)?;
    let run = Run::prepare(experiment).context("the run can't be done again")?;
    let path = args.run.join(AGAIN);
    if path.is_symlink() {
        return Err(Error::output(
            &path,
            "this is a link, and a run writes nothing outside of its directory",
        )
        .into());
    }
    // What an earlier one has left may go; what no run has written may not.
    let directory = RunDirectory::create(&path, path.join("manifest.json").exists())?;
    let latest = Latest::default();
    let mut progress = Progress::new(quiet, run.duration(), run.data.is_some(), Rc::clone(&latest));
    let outcome = run.execute(&directory, &latest, &mut progress);
    progress.finish();
    let second = outcome.context("the second run ended early")?;
    drop(directory);

    let verdict =
        compare(
            &args.run,
            &path,
            &first,
            &second,
            |line| {
                if quiet { Ok(()) } else { writeln!(out, "{line}") }
            },
        );
    if !args.keep {
        std::fs::remove_dir_all(&path).with_context(|| format!("{} can't be removed", path.display()))?;
    }
    match verdict? {
        0 => Ok(()),
        differ => bail!("{differ} of the results differ from those of {}", args.run.display()),
    }
}

/// Tells `say` what became of each file; how many differ.
fn compare(
    first: &Path,
    second: &Path,
    before: &Manifest,
    now: &Manifest,
    mut say: impl FnMut(String) -> std::io::Result<()>,
) -> anyhow::Result<usize> {
    let none = "none".to_owned();
    let circumstances = [
        ("version", &before.version, &now.version),
        ("machine", &before.machine, &now.machine),
        ("data", before.data_sha256.as_ref().unwrap_or(&none), now.data_sha256.as_ref().unwrap_or(&none)),
        ("start", before.start_sha256.as_ref().unwrap_or(&none), now.start_sha256.as_ref().unwrap_or(&none)),
    ];
    for (what, before, now) in circumstances {
        if before != now {
            say(format!("note       {what} was {before}, and is {now} now"))?;
        }
    }
    let mut differ = 0;
    for name in
        difference::RESULTS.iter().filter(|name| first.join(name).exists() || second.join(name).exists())
    {
        match difference::between(first, second, name)? {
            Difference::None => say(format!("identical  {name}"))?,
            Difference::Numbers(apart) => {
                differ += 1;
                say(format!(
                    "DIFFERS    {name}: by at most {:.1e} of the largest value, in {}: {:?} and {:?}",
                    apart.relative, apart.place, apart.first, apart.second
                ))?;
            }
            Difference::Form(what) => {
                differ += 1;
                say(format!("DIFFERS    {name}: {what}"))?;
            }
        }
    }
    Ok(differ)
}
