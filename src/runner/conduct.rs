//! A run under way: from its beginning or from a checkpoint, to its end or to where it is told to stop.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::{Latest, Run};
use crate::checkpoint::{Archive, Identity, Keeper, Store};
use crate::dynamics::State;
use crate::error::{ConfigError, Error, SolverError};
use crate::record::manifest::{Manifest, Status};
use crate::record::{MODEL, Place, RunDirectory, weights, write_whole};
use crate::simulation::{self, Observer};
use crate::solver;

/// Where a run starts, and what may end it early.
#[derive(Debug, Default)]
pub struct Conduct {
    /// The checkpoint that it goes on from, and the number of checkpoints until it.
    pub from: Option<(Box<Archive>, u64)>,
    /// Ends the run at the next breakpoint once it is set.
    pub stop: Arc<AtomicBool>,
    /// When the run has to have ended.
    pub deadline: Option<Instant>,
}

impl Run {
    /// What this run has in common with its checkpoints.
    ///
    /// # Errors
    /// Where the configuration can't be written as TOML.
    pub fn identity(&self) -> Result<Identity, ConfigError> {
        Identity::new(&self.experiment, self.data_sha256(), &self.start)
    }

    /// Runs into `directory` from beginning to end; `latest` shows the latest measurement meanwhile, `observer` sees every
    /// segment.
    ///
    /// # Errors
    /// Where the integration fails or a file can't be written; what was recorded until then stays, and the manifest
    /// says why the run ended.
    pub fn execute(
        &self,
        directory: &RunDirectory,
        latest: &Latest,
        observer: &mut dyn Observer,
    ) -> Result<Manifest, Error> {
        self.conduct(directory, latest, observer, &Conduct::default())
    }

    /// The same from where `conduct` says, and perhaps not to the end: the manifest tells.
    ///
    /// # Errors
    /// As [`Run::execute`], and where the checkpoint does not fit.
    pub fn conduct(
        &self,
        directory: &RunDirectory,
        latest: &Latest,
        observer: &mut dyn Observer,
        conduct: &Conduct,
    ) -> Result<Manifest, Error> {
        let clock = Instant::now();
        let identity = self.identity()?;
        let mut manifest = self.begin(directory, conduct, &identity)?;
        let outcome = self.integrate(directory, latest, observer, (conduct, identity), &mut manifest);
        log::info!("integrated with {:?}: {:?}", self.experiment.solver.method, manifest.solver);
        manifest.seconds += clock.elapsed().as_secs_f64();
        match &outcome {
            Ok(ControlFlow::Continue(())) => manifest.status = Status::Complete,
            Ok(ControlFlow::Break(())) => manifest.status = Status::Interrupted,
            Err(error) => {
                manifest.status = Status::Failed;
                manifest.error = Some(error.to_string());
            }
        }
        let written = manifest.write(&directory.path);
        // Why the run failed comes first: a full disk takes the manifest as well.
        let _ = outcome?;
        written?;
        if manifest.status == Status::Complete {
            Store::clear(&directory.path)?;
        }
        Ok(manifest)
    }

    /// Writes what is known at the beginning: the manifest first, which says that this is a run's directory.
    fn begin(
        &self,
        directory: &RunDirectory,
        conduct: &Conduct,
        identity: &Identity,
    ) -> Result<Manifest, Error> {
        let mut manifest = self.manifest(identity);
        if let Some((archive, _)) = &conduct.from {
            [manifest.seconds] = archive.get_all("run.seconds")?;
            if let Ok(before) = Manifest::read(&directory.path) {
                (manifest.started, manifest.resumed) = (before.started, before.resumed + 1);
            }
        }
        manifest.write(&directory.path)?;
        if let Some(text) = self.experiment.model_text() {
            write_whole(&directory.file(MODEL), text.as_bytes())?;
        }
        write_whole(&directory.file("config.toml"), self.experiment.to_recorded_toml()?.as_bytes())?;
        weights::write(&directory.file("initial.safetensors"), &self.dynamics.layout, &self.start)?;
        log::info!(
            "{}: {} synapses, {} values of state, {} s of simulated time, into {}",
            manifest.name,
            manifest.synapses,
            manifest.state_values,
            self.duration(),
            directory.path.display()
        );
        Ok(manifest)
    }

    /// The integration itself, with all recorders attached; breaks where it was told to stop.
    fn integrate(
        &self,
        directory: &RunDirectory,
        latest: &Latest,
        observer: &mut dyn Observer,
        (conduct, identity): (&Conduct, Identity),
        manifest: &mut Manifest,
    ) -> Result<ControlFlow<()>, Error> {
        let from = conduct.from.as_ref().map(|(archive, _)| archive.as_ref());
        let [traces, metrics] = ["traces.csv", "metrics.csv"].map(|name| directory.file(name));
        let mut traces = self.traces(Place { path: &traces, from })?;
        let mut metrics = self.metrics(Place { path: &metrics, from }, latest)?;
        let mut schedule = self.schedule();
        let mut keeper = self.keeper(directory, (conduct, identity), manifest.seconds);
        let (outcome, end, cost) =
            solver::with_integrator(&self.dynamics, &self.start, &self.experiment.solver, |integrator| {
                let mut observers: Vec<&mut dyn Observer> = vec![&mut traces, observer];
                observers.extend(metrics.as_mut().map(|metrics| metrics as &mut dyn Observer));
                let restored = from.map_or(Ok(()), |archive| {
                    schedule.restore(archive)?;
                    integrator.restore(archive)
                });
                let outcome = restored.map_err(Error::from).and_then(|()| {
                    simulation::run(&mut schedule, integrator, &mut observers, &mut |moment| {
                        keeper.at(moment)
                    })
                });
                (outcome, integrator.state(), integrator.statistics())
            })?;
        manifest.solver = cost;
        manifest.presentations = latest.borrow().presentations;
        traces.finish()?;
        if let Some(metrics) = &mut metrics {
            metrics.finish()?;
        }
        if outcome?.is_break() {
            manifest.presentations = keeper.presentations();
            return Ok(ControlFlow::Break(()));
        }
        self.demand_finite(&end)?;
        weights::write(&directory.file("weights.safetensors"), &self.dynamics.layout, &end)?;
        manifest.results = metrics.map_or_else(|| self.final_values(&end), |metrics| metrics.results());
        Ok(ControlFlow::Continue(()))
    }

    /// Refuses an end that is not finite: rows of silent inputs, brought up to date at last, are seen here first.
    fn demand_finite(&self, end: &State) -> Result<(), SolverError> {
        let Some(index) = end.values.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        Err(SolverError {
            t: end.t,
            presentation: self.presentations().unwrap_or(0),
            place: self.dynamics.layout.place(index).map(|place| format!("{place} = {}", end.values[index])),
            reason: "the state at the end is not finite".to_owned(),
            remedy: "lower `synapse.eta`, or raise `synapse.epsilon`".to_owned(),
        })
    }

    fn keeper(
        &self,
        directory: &RunDirectory,
        (conduct, identity): (&Conduct, Identity),
        seconds: f64,
    ) -> Keeper {
        let written = conduct.from.as_ref().map_or(0, |(_, written)| *written);
        let store = Store::new(&directory.path, written);
        let (stop, rhythm) = (Arc::clone(&conduct.stop), self.experiment.checkpoint);
        let keeper = Keeper::new(store, identity, rhythm, self.duration(), stop);
        keeper.after(seconds).until(conduct.deadline)
    }
}
