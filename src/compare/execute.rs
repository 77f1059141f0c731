//! Brings planned runs to their end, several at once: each on a thread of its own, none touched by another's failure.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::plan::{Planned, Source};
use super::{Comparison, State};
use crate::config;
use crate::error::Error;
use crate::record::manifest::Status;
use crate::record::{Found, Manifest, RunDirectory};
use crate::runner::{Conduct, Latest, Run};
use crate::simulation::{Interest, Observer};
use crate::stream::Segment;

/// Nobody watches a run of many.
struct Unwatched;

impl Observer for Unwatched {
    fn interest(&mut self, _segment: &Segment, _times: &mut Vec<f64>) -> Interest {
        Interest::default()
    }
}

/// Brings every run to its end, `jobs` at a time, and calls `finished` with the comparison and the index of each run
/// that has come to its end. A complete run of the same identity (configuration, samples, signals, start) is taken as it is
/// unless `force` is given.
///
/// # Errors
/// Where `finished` fails: no further run is started then.
pub fn execute<E>(
    comparison: &mut Comparison,
    jobs: usize,
    force: bool,
    mut finished: impl FnMut(&Comparison, usize) -> Result<(), E>,
) -> Result<(), E> {
    let planned: Vec<Planned> = comparison.runs.iter().map(|run| run.planned.clone()).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..jobs.clamp(1, planned.len().max(1)) {
            let (sender, next, planned) = (sender.clone(), &next, &planned);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(planned) = planned.get(index) else { break };
                    if sender.send((index, guarded(planned, force))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (index, (state, reused)) in receiver {
            let run = &mut comparison.runs[index];
            (run.state, run.reused) = (state, reused);
            if let Some(manifest) = run.manifest() {
                run.planned.seed = Some(manifest.seed);
            }
            finished(comparison, index).inspect_err(|_| next.store(usize::MAX / 2, Ordering::Relaxed))?;
        }
        Ok(())
    })
}

/// The end of a run, and whether it had been reached before; even a defect of the program takes no other run down.
fn guarded(planned: &Planned, force: bool) -> (State, bool) {
    let outcome = catch_unwind(AssertUnwindSafe(|| match &planned.source {
        Source::Config { path, sets } => run(path, sets, &planned.directory, force),
        Source::Finished => finished(&planned.directory).map(|manifest| (manifest, true)),
    }));
    match outcome {
        Ok(Ok((manifest, reused))) => (State::Complete(Box::new(manifest)), reused),
        Ok(Err(error)) => (State::Failed(error.to_string()), false),
        Err(_) => (State::Failed("a defect of the program, which the log shows".to_owned()), false),
    }
}

/// A finished run, as it is.
fn finished(directory: &Path) -> Result<Manifest, Error> {
    let manifest = Manifest::read(directory)?;
    match manifest.status {
        Status::Complete => Ok(manifest),
        _ => Err(Error::output(directory, "the run in this directory is not complete")),
    }
}

/// Runs a configuration, from its checkpoint if it has one, unless that very run is already there.
fn run(path: &Path, sets: &[String], directory: &Path, force: bool) -> Result<(Manifest, bool), Error> {
    let experiment = config::load(path, sets, None)?;
    let is_set = |idle: &&String| {
        let keys = sets.iter().filter_map(|set| Some(set.split_once('=')?.0.trim()));
        keys.into_iter().any(|key| idle.starts_with(&format!("`{key}`")))
    };
    for idle in experiment.origin.idle().iter().filter(is_set) {
        log::warn!("{}: {idle}", experiment.name);
    }
    let run = Run::prepare(experiment)?;
    let (directory, from) = if force {
        (RunDirectory::create(directory, true)?, None)
    } else {
        match RunDirectory::resume(directory, &run.identity()?)? {
            (_, Found::Complete(manifest)) => return Ok((*manifest, true)),
            (directory, Found::Checkpoint(archive, written)) => (directory, Some((archive, written))),
            (directory, Found::Nothing) => (directory, None),
        }
    };
    let conduct = Conduct { from, ..Conduct::default() };
    Ok((run.conduct(&directory, &Latest::default(), &mut Unwatched, &conduct)?, false))
}
