//! Checkpoints of the engine: the stored state as it is, rows that are left behind included, and what the controller has
//! learned.
//!
//! Shards have the same size whatever the number of threads, so that a run may go on with another number.

use super::engine::Engine;
use super::engine::leaky::Units;
use super::lane::Lane;
use super::rows::Size;
use super::shard::{Shard, VARIABLES};
use crate::checkpoint::Archive;
use crate::error::DataError;
use crate::solver::Statistics;

impl<T: Lane> Engine<T> {
    /// Adds to a checkpoint all that is needed to go on from there.
    pub(super) fn save_state(&self, to: &mut Archive) {
        to.put("solver.t", [self.t]);
        to.put("solver.control", self.control.memory());
        if let Some(leaky) = &self.leaky {
            to.put("solver.first", self.control.first);
            for (units, name) in [(&leaky.z, "z"), (&leaky.e, "e")] {
                to.put(format!("solver.{name}"), units.state[0].iter().flatten().copied());
            }
        }
        for (index, shard) in self.crew.shards().enumerate() {
            save(&shard, index, to);
        }
        self.statistics.save(to);
    }

    /// Goes to where a checkpoint was.
    pub(super) fn restore_state(&mut self, from: &Archive) -> Result<(), DataError> {
        [self.t] = from.get_all("solver.t")?;
        let memory: [f64; 2] = from.get_all("solver.control")?;
        if !memory.iter().all(|value| *value > 0.0) {
            return Err(from.broken(format!("`solver.control` is {memory:?}, which no controller can be")));
        }
        self.control.remember(memory);
        if let Some(leaky) = &mut self.leaky {
            let [first]: [f64; 1] = from.get_all("solver.first")?;
            if first.is_nan() || first <= 0.0 {
                return Err(from.broken(format!("`solver.first` is {first:?}, which no step can be")));
            }
            self.control.first = Some(first);
            for (units, name) in [(&mut leaky.z, "z"), (&mut leaky.e, "e")] {
                restore_units(units, &format!("solver.{name}"), from)?;
            }
        }
        let Self { crew, silence, t, .. } = self;
        for (index, mut shard) in crew.shards().enumerate() {
            restore(&mut shard, index, *t, from)?;
            if shard.is_lazy() {
                let clocks = shard.clock.iter().enumerate();
                silence.restore(*t, clocks.map(|(row, clock)| (shard.rows.unit(row), *clock)));
            }
        }
        self.statistics = Statistics::restored(from)?;
        self.is_stale = true;
        self.measure();
        Ok(())
    }
}

fn restore_units(units: &mut Units, name: &str, from: &Archive) -> Result<(), DataError> {
    let mut values = vec![0.0; units.state[0].iter().map(Vec::len).sum()];
    from.fill(name, &mut values)?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(from.broken(format!("`{name}` holds a value that is not finite")));
    }
    let mut values = values.into_iter();
    for (unit, value) in units.state[0].iter_mut().flatten().zip(&mut values) {
        *unit = value;
    }
    Ok(())
}

fn save<T: Lane>(shard: &Shard<T>, index: usize, to: &mut Archive) {
    for (values, variable) in shard.state.iter().zip(VARIABLES).filter(|(values, _)| !values.is_empty()) {
        // 32 bits become 64 and back without loss.
        to.put(format!("solver.{index}.{variable}"), values.iter().map(|value| value.to_f64()));
    }
    to.put(format!("solver.{index}.clock"), shard.clock.iter().copied());
    let sizes = shard.size.iter().flat_map(|size| [size.w2, size.w, size.m2, size.m]);
    to.put(format!("solver.{index}.size"), sizes);
}

fn restore<T: Lane>(shard: &mut Shard<T>, index: usize, t: f64, from: &Archive) -> Result<(), DataError> {
    for (values, variable) in shard.state.iter_mut().zip(VARIABLES).filter(|(values, _)| !values.is_empty()) {
        let name = format!("solver.{index}.{variable}");
        let saved = from.get::<f64>(&name)?;
        if saved.len() != values.len() {
            return Err(from.broken(format!("`{name}` has {} values, not {}", saved.len(), values.len())));
        }
        values.iter_mut().zip(saved).for_each(|(value, saved)| *value = T::from_f64(saved));
        if !values.iter().all(|value| value.to_f64().is_finite()) {
            return Err(from.broken(format!("`{name}` holds a value that is not finite")));
        }
    }
    let name = format!("solver.{index}.clock");
    from.fill(&name, &mut shard.clock)?;
    if !shard.clock.iter().all(|clock| (0.0..=t).contains(clock)) {
        return Err(from.broken(format!("`{name}` is ahead of the time {t} s")));
    }
    let mut sizes = vec![0.0; 4 * shard.size.len()];
    from.fill(&format!("solver.{index}.size"), &mut sizes)?;
    let sizes = sizes.as_chunks().0.iter().map(|[w2, w, m2, m]| Size { w2: *w2, w: *w, m2: *m2, m: *m });
    shard.size.iter_mut().zip(sizes).for_each(|(size, saved)| *size = saved);
    shard.tally();
    Ok(())
}
