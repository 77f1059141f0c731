//! When a checkpoint is due, and when a run has to end early.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Archive, Identity, Store};
use crate::error::Error;
use crate::simulation::Observer;
use crate::solver::Integrator;
use crate::stream::{Schedule, Segment};

/// How often checkpoints are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rhythm {
    /// Presentations from one to the next.
    pub every: Option<u64>,
    /// Time of the clock on the wall from one to the next, s; infinite for none.
    pub wall_clock: f64,
}

/// A run at a breakpoint.
pub struct Moment<'a, 'o> {
    /// The segment that has just ended.
    pub segment: &'a Segment,
    /// What comes next.
    pub schedule: &'a Schedule,
    /// Where the state is.
    pub integrator: &'a dyn Integrator,
    /// What has been recorded.
    pub observers: &'a mut [&'o mut dyn Observer],
}

/// Writes checkpoints when they are due, and ends a run that has to end.
pub struct Keeper {
    store: Store,
    identity: Identity,
    rhythm: Rhythm,
    /// End of the run, s: nothing is left to be kept there.
    end: f64,
    stop: Arc<AtomicBool>,
    deadline: Option<Instant>,
    written: Instant,
    /// How long a checkpoint takes.
    cost: Duration,
    breakpoint: Instant,
    /// The longest time between two breakpoints.
    longest: Duration,
    /// Values in the last checkpoint.
    words: usize,
    /// When this part of the run began, and how long the parts before took, s.
    began: Instant,
    before: f64,
    /// Presentations until the last breakpoint.
    presentations: u64,
}

impl Keeper {
    /// A keeper for a run that lasts until `end`, in s of simulated time; it ends early once `stop` is set.
    #[must_use]
    pub fn new(store: Store, identity: Identity, rhythm: Rhythm, end: f64, stop: Arc<AtomicBool>) -> Self {
        let now = Instant::now();
        Self {
            store,
            identity,
            rhythm,
            end,
            stop,
            deadline: None,
            written: now,
            cost: Duration::ZERO,
            breakpoint: now,
            longest: Duration::ZERO,
            words: 0,
            began: now,
            before: 0.0,
            presentations: 0,
        }
    }

    /// The same for a run that has taken so many seconds already.
    #[must_use]
    pub fn after(self, seconds: f64) -> Self {
        Self { before: seconds, ..self }
    }

    /// The same for a run that ends early so as not to miss the `deadline`.
    #[must_use]
    pub fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// Presentations until the last breakpoint.
    #[must_use]
    pub fn presentations(&self) -> u64 {
        self.presentations
    }

    /// Does what is due at a breakpoint; breaks where the run has to end, with its checkpoint written.
    ///
    /// # Errors
    /// Where a checkpoint can't be written.
    pub fn at(&mut self, moment: &mut Moment<'_, '_>) -> Result<ControlFlow<()>, Error> {
        self.presentations = moment.segment.presentation + u64::from(moment.segment.ends);
        if moment.segment.t1 >= self.end {
            return Ok(ControlFlow::Continue(()));
        }
        let now = Instant::now();
        self.longest = self.longest.max(now - self.breakpoint);
        self.breakpoint = now;
        let ends = self.stop.load(Ordering::Relaxed) || self.is_late(now);
        if ends || self.is_due(now, moment.segment) {
            self.write(moment)?;
        }
        Ok(if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Whether one more stretch to the next breakpoint, and the checkpoint there, might miss the deadline.
    fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| now + 2 * self.longest + 2 * self.cost >= deadline)
    }

    fn is_due(&self, now: Instant, segment: &Segment) -> bool {
        let done = segment.presentation + 1;
        let counted = self.rhythm.every.is_some_and(|every| segment.ends && done.is_multiple_of(every));
        counted || (now - self.written).as_secs_f64() >= self.rhythm.wall_clock
    }

    fn write(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), Error> {
        let start = Instant::now();
        let mut archive = Archive::with_capacity(self.words);
        self.identity.state(&mut archive);
        archive.state("time_s", format!("{:?}", moment.segment.t1));
        archive.state("presentations", self.presentations.to_string());
        archive.put("run.seconds", [self.before + (start - self.began).as_secs_f64()]);
        moment.schedule.save(&mut archive);
        moment.integrator.save(&mut archive);
        for observer in moment.observers.iter_mut() {
            observer.save(&mut archive)?;
        }
        self.words = archive.words();
        self.store.write(archive)?;
        self.written = Instant::now();
        self.cost = self.cost.max(self.written - start);
        log::debug!("checkpoint at t = {} s, in {:?}", moment.segment.t1, self.written - start);
        Ok(())
    }
}
