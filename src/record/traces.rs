//! `traces.csv`: the variables of chosen synapses against time.
//!
//! One row at each multiple of the interval. Where the gradient signal jumps, two rows have the same time: before and
//! after. Jumps between the multiples are recorded too where the interval is shorter than a presentation. An event has
//! its two rows in any case.

use super::{Beside, Place, Table};
use crate::checkpoint::Archive;
use crate::dynamics::Dynamics;
use crate::error::{ConfigError, DataError, Error, IoError};
use crate::layout::{Layout, VariableName};
use crate::model::Input;
use crate::simulation::{Interest, Observer};
use crate::solver::View;
use crate::stream::{Events, Segment};

/// A synapse that is traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Index of its block.
    pub block: usize,
    /// Postsynaptic unit.
    pub post: usize,
    /// Presynaptic unit.
    pub pre: usize,
}

impl Traced {
    /// Finds a synapse by its name.
    ///
    /// # Errors
    /// Where there is no such synapse.
    pub fn find(layout: &Layout, name: &str) -> Result<Self, ConfigError> {
        layout.find(name).map(|(block, post, pre)| Self { block, post, pre }).ok_or_else(|| {
            ConfigError::new("record.synapses", format!("there is no synapse `{name}`"), "see `check`")
        })
    }
}

/// When rows are due.
#[derive(Clone, Debug)]
pub struct Rhythm {
    /// Time from row to row, s.
    pub interval: f64,
    /// End of the run, which has a row in any case, s.
    pub end: f64,
    /// Each event has a row before and one after, even if nothing jumps.
    pub events: Events,
}

/// Records chosen synapses.
pub struct Traces<'a> {
    table: Table,
    dynamics: &'a Dynamics,
    synapses: Vec<Traced>,
    rhythm: Rhythm,
    /// First multiple of the interval that has not been asked for.
    next: u64,
    /// Whether a row is due at the current segment's end.
    due: bool,
    /// The row at the last breakpoint, before its jump, and whether it is due even without one.
    pending: Option<(Vec<f64>, bool)>,
    beside: Vec<Beside>,
    /// Which columns hold what a synapse sees.
    is_g: Vec<bool>,
}

impl<'a> Traces<'a> {
    /// Starts `traces.csv`, or goes on with it from a checkpoint; in a protocol `beside` holds a discrete Adam for
    /// each of the synapses.
    ///
    /// # Errors
    /// Where the file can't be written, or the checkpoint is not of these traces.
    pub fn open(
        place: Place<'_>,
        dynamics: &'a Dynamics,
        synapses: Vec<Traced>,
        rhythm: Rhythm,
        beside: Vec<Beside>,
    ) -> Result<Self, Error> {
        let mut header = vec!["time_s".to_owned()];
        for traced in &synapses {
            let block = &dynamics.layout.blocks[traced.block];
            let name = block.synapse_name(traced.post, traced.pre);
            header.extend(columns(dynamics, traced).iter().map(|column| format!("{name}.{column}")));
            if !beside.is_empty() {
                header.extend(Beside::COLUMNS.map(|column| format!("{name}.{column}")));
            }
        }
        let table = Table::open("traces.csv", place, &header)?;
        let is_g = header.iter().map(|name| name.rsplit('.').next().is_some_and(is_input)).collect();
        let mut traces =
            Self { table, dynamics, synapses, rhythm, next: 0, due: false, pending: None, beside, is_g };
        if let Some(archive) = place.from {
            traces.restore(archive)?;
        }
        Ok(traces)
    }

    fn restore(&mut self, from: &Archive) -> Result<(), DataError> {
        let [next, due, pending_due] = from.get_all("traces.next")?;
        (self.next, self.due) = (next, due == 1);
        let row: Vec<f64> = from.get("traces.pending")?.collect();
        if !row.is_empty() && row.len() != self.is_g.len() {
            return Err(from.broken(format!("`traces.pending` has {} values", row.len())));
        }
        self.pending = (!row.is_empty()).then_some((row, pending_due == 1));
        let mut beside = self.beside.iter_mut().enumerate();
        beside.try_for_each(|(index, beside)| beside.restore(&format!("traces.beside.{index}"), from))
    }

    /// Writes what is pending and brings all rows to the disk.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn finish(&mut self) -> Result<(), IoError> {
        if let Some((row, true)) = self.pending.take() {
            self.table.numbers(&row)?;
        }
        self.table.flush()
    }

    /// The next time that is due, and whether that is `t` up to rounding.
    fn next_is(&self, t: f64) -> (f64, bool) {
        let next = self.next as f64 * self.rhythm.interval;
        (next, (next - t).abs() <= 1e-6 * self.rhythm.interval)
    }

    /// The values of all columns.
    fn row(&mut self, view: &dyn View) -> Vec<f64> {
        let mut row = vec![view.t()];
        for (index, traced) in self.synapses.iter().enumerate() {
            let block = &self.dynamics.layout.blocks[traced.block];
            if let Some(model) = &self.dynamics.model {
                let Traced { block, post, pre } = *traced;
                row.extend(model.model.inputs.iter().map(|input| view.input(*input, block, post, pre)));
                let variables = &self.dynamics.layout.blocks[block].variables;
                row.extend(weights_last(variables).map(|slot| view.value(block, slot, post, pre)));
                continue;
            }
            let g = view.g(traced.block, traced.post, traced.pre);
            let value = |slot| view.value(traced.block, slot, traced.post, traced.pre);
            let locals = self.dynamics.synapse.rule.locals().len();
            let read = |first: usize| (first..first + locals).map(value).collect::<Vec<f64>>();
            let forward = read(1);
            row.push(g);
            row.extend(&forward);
            row.push(self.dynamics.drive(view.t(), &forward, g));
            row.push(value(0));
            if let Some(b) = block.slot("b") {
                row.push(value(b));
                if self.dynamics.feedback.has_own_traces() {
                    let own = read(b + 1);
                    row.extend(&own);
                    row.push(self.dynamics.drive(view.t(), &own, g));
                }
            }
            if let Some(beside) = self.beside.get_mut(index) {
                row.extend(beside.at(view.t()));
            }
        }
        row
    }
}

/// Names of the columns of one synapse.
fn columns(dynamics: &Dynamics, traced: &Traced) -> Vec<&'static str> {
    let block = &dynamics.layout.blocks[traced.block];
    if let Some(model) = &dynamics.model {
        let inputs = model.model.inputs.iter().map(|input| input.name());
        return inputs.chain(weights_last(&block.variables).map(|slot| block.variables[slot])).collect();
    }
    let mut names = vec!["g"];
    names.extend(dynamics.synapse.rule.locals());
    names.extend(["u", "w"]);
    if let Some(b) = block.slot("b") {
        names.extend(&block.variables[b..]);
        if dynamics.feedback.has_own_traces() {
            names.push("u_b");
        }
    }
    names
}

/// The slots of a model's variables with the weights last: `w` has the first slot, `b` the last.
fn weights_last(variables: &[VariableName]) -> impl Iterator<Item = usize> {
    let free = variables.len() - usize::from(variables.last() == Some(&"b"));
    (1..free).chain([0]).chain(free..variables.len())
}

/// Whether a column of this name holds what a synapse sees.
fn is_input(name: &str) -> bool {
    Input::named(name).is_some()
}

/// Whether the gradient signal of any synapse differs between two rows.
fn jumps(is_g: &[bool], before: &[f64], after: &[f64]) -> bool {
    let values = before.iter().zip(after).zip(is_g);
    values.filter(|(_, is_g)| **is_g).any(|((a, b), _)| (a - b).abs() > 1e-9 * (a.abs() + b.abs()))
}

impl Observer for Traces<'_> {
    fn interest(&mut self, segment: &Segment, times: &mut Vec<f64>) -> Interest {
        if self.synapses.is_empty() {
            return Interest::default();
        }
        if self.next_is(segment.t0).1 {
            self.next += 1;
        }
        loop {
            let (next, is_end) = self.next_is(segment.t1);
            self.due = is_end || (segment.t1 - self.rhythm.end).abs() <= 1e-6 * self.rhythm.interval;
            if is_end || next > segment.t1 {
                self.next += u64::from(is_end);
                break;
            }
            times.push(next);
            self.next += 1;
        }
        let follows_jumps =
            self.dynamics.network().is_none() || self.rhythm.interval < segment.t1 - segment.t0;
        let end = self.due || follows_jumps || self.rhythm.events.happen_at(segment.t1);
        Interest { begin: self.pending.is_some() || segment.t0 == 0.0, end }
    }

    fn begin(&mut self, segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        let after = self.row(view);
        let Some((before, due)) = self.pending.take() else { return self.table.numbers(&after) };
        let jumps = self.rhythm.events.happen_at(segment.t0) || jumps(&self.is_g, &before, &after);
        if due || jumps {
            self.table.numbers(&before)?;
        }
        if jumps { self.table.numbers(&after) } else { Ok(()) }
    }

    fn within(&mut self, _segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        let row = self.row(view);
        self.table.numbers(&row)
    }

    fn end(&mut self, _segment: &Segment, view: &dyn View) -> Result<(), IoError> {
        self.pending = Some((self.row(view), self.due));
        Ok(())
    }

    fn save(&mut self, to: &mut Archive) -> Result<(), IoError> {
        let (row, pending_due) = self.pending.as_ref().map_or((&[][..], false), |(row, due)| (row, *due));
        to.put("traces.next", [self.next, u64::from(self.due), u64::from(pending_due)]);
        to.put("traces.pending", row.iter().copied());
        for (index, beside) in self.beside.iter().enumerate() {
            beside.save(&format!("traces.beside.{index}"), to);
        }
        self.table.save(to)
    }
}
