//! Carries the state through the stream, segment by segment, and lets observers look.
//!
//! Observers attach from outside: they see the state, and can change neither it nor the steps. So does whoever is told of
//! the breakpoints, who may end the run there.

use std::ops::ControlFlow;

use crate::checkpoint::{Archive, Moment};
use crate::error::{Error, IoError};
use crate::solver::{Integrator, View};
use crate::stream::events::Perturbation;
use crate::stream::{Schedule, Segment};

/// What an observer wants to see of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The state at the segment's start, under the segment's own input.
    pub begin: bool,
    /// The state at the segment's end.
    pub end: bool,
}

/// Something that looks at a simulation.
pub trait Observer {
    /// Says what it wants to see of `segment`, and adds to `times` (ascending, strictly within) when.
    fn interest(&mut self, segment: &Segment, times: &mut Vec<f64>) -> Interest;

    /// Sees the state at the segment's start.
    ///
    /// # Errors
    /// Where what it saw can't be written.
    fn begin(&mut self, _segment: &Segment, _view: &dyn View) -> Result<(), IoError> {
        Ok(())
    }

    /// Sees the state at one of the times that it asked for.
    ///
    /// # Errors
    /// Where what it saw can't be written.
    fn within(&mut self, _segment: &Segment, _view: &dyn View) -> Result<(), IoError> {
        Ok(())
    }

    /// Sees the state at the segment's end.
    ///
    /// # Errors
    /// Where what it saw can't be written.
    fn end(&mut self, _segment: &Segment, _view: &dyn View) -> Result<(), IoError> {
        Ok(())
    }

    /// Brings what it has written to the disk, and adds to a checkpoint what it needs to go on from there.
    ///
    /// # Errors
    /// Where what it has written does not reach the disk.
    fn save(&mut self, _to: &mut Archive) -> Result<(), IoError> {
        Ok(())
    }
}

/// Told of every breakpoint once all have looked; breaks to end the run there.
pub type AtBreakpoint<'a> = dyn FnMut(&mut Moment<'_, '_>) -> Result<ControlFlow<()>, Error> + 'a;

/// Runs to the end of the schedule, or to the breakpoint at which `at_breakpoint` breaks.
///
/// # Errors
/// Where the integration, an observer or `at_breakpoint` fails; the state stays where it was then.
pub fn run(
    schedule: &mut Schedule,
    integrator: &mut dyn Integrator,
    observers: &mut [&mut dyn Observer],
    at_breakpoint: &mut AtBreakpoint,
) -> Result<ControlFlow<()>, Error> {
    let mut segment = Segment::default();
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); observers.len()];
    let mut interests = vec![Interest::default(); observers.len()];
    let mut all_times = Vec::new();
    while schedule.next_segment(&mut segment) {
        all_times.clear();
        for ((observer, times), interest) in observers.iter_mut().zip(&mut times).zip(&mut interests) {
            times.clear();
            *interest = observer.interest(&segment, times);
            all_times.extend_from_slice(times);
        }
        all_times.sort_by(f64::total_cmp);
        all_times.dedup();

        integrator.begin(&segment)?;
        if interests.iter().any(|interest| interest.begin) {
            show(integrator, |view| {
                let mut wanting = observers.iter_mut().zip(&interests).filter(|(_, interest)| interest.begin);
                wanting.try_for_each(|(observer, _)| observer.begin(&segment, view))
            })?;
        }
        let mut seen = Ok(());
        integrator.advance(&all_times, &mut |view| {
            let mut wanting = observers.iter_mut().zip(&times).filter(|(_, times)| times.contains(&view.t()));
            if seen.is_ok() {
                seen = wanting.try_for_each(|(observer, _)| observer.within(&segment, view));
            }
        })?;
        seen?;
        if interests.iter().any(|interest| interest.end) {
            show(integrator, |view| {
                let mut wanting = observers.iter_mut().zip(&interests).filter(|(_, interest)| interest.end);
                wanting.try_for_each(|(observer, _)| observer.end(&segment, view))
            })?;
        }
        let perturbations = schedule.events().map_or(&[][..], |events| events.perturbations(segment.t1));
        perturb(perturbations, integrator);
        let mut moment = Moment { segment: &segment, schedule, integrator, observers };
        if at_breakpoint(&mut moment)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Adds what comes from outside to the state at a breakpoint.
fn perturb(perturbations: &[Perturbation], integrator: &mut dyn Integrator) {
    if perturbations.is_empty() {
        return;
    }
    let mut state = integrator.state();
    for perturbation in perturbations {
        perturbation.apply(&mut state.values);
    }
    integrator.set_state(&state);
}

/// Lets `look` see the current state.
fn show(
    integrator: &mut dyn Integrator,
    mut look: impl FnMut(&dyn View) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let mut result = Ok(());
    integrator.look(&mut |view| result = look(view));
    result
}
