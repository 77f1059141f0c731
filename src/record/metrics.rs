//! `metrics.csv`: how well the network answers, and how symmetric it is.
//!
//! Each presentation is judged by the network's answer when it begins, before it has learned from it; `loss` and
//! `online_accuracy` average over the presentations since the row before. Test score, angles and differences are
//! measured at the moment of the row, by passes that read the weights and change nothing.
//!
//! An event has a row just before and one just after. All samples, of the test too, are presented as events have left
//! them, so that before an event the network is judged by the world that it has learned in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub use super::measurement::Measurement;
use super::{Place, Table};
use crate::checkpoint::Archive;
use crate::dynamics::Dynamics;
use crate::error::{DataError, Error, IoError};
use crate::network::evaluate::largest;
use crate::network::{Architecture, Signals, Weights};
use crate::simulation::{Interest, Observer};
use crate::solver::View;
use crate::stream::{Dataset, Events, Segment, StreamSchedule};
use crate::synapse::FeedbackMode;

/// What is measured of a layer whose errors come down through other weights than its own.
const SYMMETRY: [&str; 3] = ["angle_deg", "relative_difference", "error_angle_deg"];

/// Running means since the last row.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    count: f64,
    loss: f64,
    correct: f64,
}

/// Measures a network.
pub struct Metrics<'a> {
    table: Table,
    dynamics: &'a Dynamics,
    network: &'a Architecture,
    data: &'a Dataset,
    schedule: StreamSchedule,
    events: Events,
    /// When the current presentation began, s.
    began: f64,
    /// Presentations done when the last row was written at a segment's end.
    reached: f64,
    every: u64,
    running: Running,
    answer: Signals,
    first: Option<Measurement>,
    latest: Rc<RefCell<Measurement>>,
}

impl<'a> Metrics<'a> {
    /// Starts `metrics.csv` with a row each `every` presentations, or goes on with it from a checkpoint; `latest`
    /// holds the last one. The events have the times of the run, which phases may set apart from those of the stream.
    ///
    /// # Errors
    /// Where the file can't be written, or the checkpoint is not of these metrics.
    pub fn open(
        place: Place<'_>,
        dynamics: &'a Dynamics,
        network: &'a Architecture,
        data: &'a Dataset,
        (schedule, events): (StreamSchedule, Events),
        every: u64,
        latest: Rc<RefCell<Measurement>>,
    ) -> Result<Self, Error> {
        let columns =
            ["time_s", "presentation", "epoch", "loss", "online_accuracy", "test_loss", "test_accuracy"];
        let mut header: Vec<String> = columns.map(str::to_owned).to_vec();
        // Layer by layer, except where the error comes through the forward weights themselves.
        if dynamics.feedback.mode != FeedbackMode::Symmetric {
            let columns = match dynamics.feedback.mode {
                FeedbackMode::Direct => &SYMMETRY[2..],
                _ => &SYMMETRY[..],
            };
            let layers = 2..=network.depth();
            header.extend(layers.flat_map(|l| columns.iter().map(move |column| format!("l{l}.{column}"))));
        }
        let mut metrics = Self {
            table: Table::open("metrics.csv", place, &header)?,
            dynamics,
            network,
            data,
            schedule,
            events,
            began: 0.0,
            reached: 0.0,
            every,
            running: Running::default(),
            answer: Signals::zeros(network),
            first: None,
            latest,
        };
        if let Some(archive) = place.from {
            metrics.restore(archive)?;
        }
        Ok(metrics)
    }

    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        let [began, reached, count, loss, correct] = from.get_all("metrics.running")?;
        (self.began, self.reached, self.running) = (began, reached, Running { count, loss, correct });
        self.first = Measurement::restored("metrics.first", from)?;
        if let Some(latest) = Measurement::restored("metrics.latest", from)? {
            self.latest.replace(latest);
        }
        Ok(())
    }

    /// The final measurements, in the names that `[expect]` uses.
    #[must_use]
    pub fn results(&self) -> BTreeMap<String, f64> {
        let latest = self.latest.borrow();
        let mut results = BTreeMap::from([
            ("loss".to_owned(), latest.loss),
            ("online_accuracy".to_owned(), latest.online_accuracy),
            ("test_loss".to_owned(), latest.test_loss),
            ("test_accuracy".to_owned(), latest.test_accuracy),
        ]);
        let mut worst = |name: &str, layer: usize, value: f64| {
            results.insert(format!("l{layer}.{name}"), value);
            let largest = results.entry(name.to_owned()).or_insert(value);
            *largest = largest.max(value);
        };
        for (index, now) in latest.symmetry.iter().enumerate() {
            worst("angle_deg", now.layer, now.angle_deg);
            worst("relative_difference", now.layer, now.relative_difference);
            worst("error_angle_deg", now.layer, now.error_angle_deg);
            if let Some(first) = self.first.as_ref().and_then(|first| first.symmetry.get(index)) {
                let ratio = now.relative_difference / first.relative_difference;
                worst("relative_difference_ratio", now.layer, ratio);
            }
        }
        if self.dynamics.feedback.mode == FeedbackMode::Symmetric && self.network.depth() > 1 {
            // B is W itself: exactly symmetric, so that runs of all modes can be held to the same expectation.
            for name in SYMMETRY.iter().chain(&["relative_difference_ratio"]) {
                results.insert((*name).to_owned(), 0.0);
            }
        }
        results.retain(|_, value| value.is_finite());
        results
    }

    /// Brings all rows to the disk.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn finish(&mut self) -> Result<(), IoError> {
        self.table.flush()
    }

    /// Judges the network's answer to the sample whose presentation begins.
    fn judge(&mut self, segment: &Segment, view: &dyn View) {
        self.schedule.prepare(segment.presentation);
        let sample = self.schedule.sample(segment.presentation);
        let Some(signals) = view.signals() else { return };
        let top = self.network.depth();
        let samples = self.events.world(segment.t0).show(&self.data.train);
        samples.sample_into(sample, &mut self.answer.x[0], &mut self.answer.target);
        let answer = if self.network.neuron_tau == 0.0 && signals.x[0] == self.answer.x[0] {
            &signals.x[top]
        } else {
            // Under a cross-fade the input, and in leaky neurons the activity, is still the predecessor's: ask with the
            // sample itself.
            let weights = Weights::read(self.dynamics, view);
            weights.pass(self.network, &mut self.answer);
            &self.answer.x[top]
        };
        self.running.count += 1.0;
        self.running.loss += self.network.readout.loss(answer, &self.answer.target);
        self.running.correct += f64::from(u8::from(largest(answer) == samples.label(sample)));
    }

    /// Writes a row for the state of `view` at the start or the end of `segment`, in the segment's own world.
    fn measure(&mut self, segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        let presentations = self.reached;
        let weights = Weights::read(self.dynamics, view);
        let test = self.events.world(segment.t0).show(&self.data.test);
        let score = weights.score(self.network, test);
        let running = std::mem::take(&mut self.running);
        let labelled = self.data.train.label(0).is_some();
        let measurement = Measurement {
            presentations: presentations as u64,
            loss: running.loss / running.count,
            online_accuracy: if labelled { running.correct / running.count } else { f64::NAN },
            test_loss: score.loss,
            test_accuracy: score.accuracy.unwrap_or(f64::NAN),
            symmetry: weights.symmetry(self.network, test),
        };
        let mut row = vec![
            view.t(),
            presentations,
            presentations / self.data.train.len() as f64,
            measurement.loss,
            measurement.online_accuracy,
            measurement.test_loss,
            measurement.test_accuracy,
        ];
        for layer in &measurement.symmetry {
            if self.dynamics.feedback.mode != FeedbackMode::Direct {
                row.extend([layer.angle_deg, layer.relative_difference]);
            }
            row.push(layer.error_angle_deg);
        }
        self.first.get_or_insert_with(|| measurement.clone());
        self.latest.replace(measurement);
        self.table.numbers(&row)
    }
}

impl Observer for Metrics<'_> {
    fn interest(&mut self, segment: &Segment, _times: &mut Vec<f64>) -> Interest {
        let done = segment.presentation + 1;
        let is_due = done.is_multiple_of(self.every) || done == self.schedule.presentations();
        let events = &self.events;
        Interest {
            begin: segment.starts || segment.t0 == 0.0 || events.happen_at(segment.t0),
            end: (segment.ends && is_due) || events.happen_at(segment.t1),
        }
    }

    fn begin(&mut self, segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        // The state at the start is measured before all else, also before a first phase of feedback "weight-mirror".
        if segment.t0 == 0.0 || self.events.happen_at(segment.t0) {
            self.measure(segment, view)?;
        }
        if segment.starts {
            self.began = segment.t0;
            self.judge(segment, view);
        }
        Ok(())
    }

    fn end(&mut self, segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        let part = if segment.ends { 1.0 } else { (segment.t1 - self.began) / self.schedule.period() };
        self.reached = segment.presentation as f64 + part;
        self.measure(segment, view)
    }

    fn save(&mut self, to: &mut Archive) -> Result<(), IoError> {
        let Running { count, loss, correct } = self.running;
        to.put("metrics.running", [self.began, self.reached, count, loss, correct]);
        Measurement::save(self.first.as_ref(), "metrics.first", to);
        Measurement::save(Some(&self.latest.borrow()), "metrics.latest", to);
        self.table.save(to)
    }
}
