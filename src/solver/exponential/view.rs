//! Looking: one synapse at a time, brought up to date on a copy.

use pulp::Scalar;

use super::cell::Cell;
use super::engine::Engine;
use super::factors::Factors;
use super::gain::Push;
use super::lane::Lane;
use super::pack::Pack;
use super::relax;
use super::shard::{Shard, VARIABLES};
use crate::network::Signals;
use crate::solver::View;

/// One value a unit, by layer.
pub type ByUnit = Vec<Vec<f64>>;

/// The state at `t`, within or at the end of a step.
pub struct Glimpse<'a, T: Lane> {
    /// The engine, at the step's start.
    pub engine: &'a Engine<T>,
    /// The time, s.
    pub t: f64,
    /// Activities and errors then.
    pub signals: Signals,
    /// States `z` and `e` of leaky units then, by layer, where there are any.
    pub units: Option<[ByUnit; 2]>,
    /// How much weights have grown by scaling half-way from the step's start, and all the way, by layer.
    pub growth: Option<[ByUnit; 2]>,
    /// The way there from the step's start, where there is one: the part of the step, and its factors.
    pub way: Option<(f64, Factors)>,
}

/// How one row gets to the time of the look.
enum Way<'a, T> {
    Stay,
    Step(f64, &'a Factors),
    /// Silent until now: a copy of the row, brought up to date.
    Idle(Box<Shard<T>>),
}

impl<T: Lane> Glimpse<'_, T> {
    fn way(&self, shard: &Shard<T>, row: usize) -> Way<'_, T> {
        let awake = self.engine.is_awake(shard, row);
        match &self.way {
            Some((theta, factors)) if awake => Way::Step(*theta, factors),
            _ if self.t > shard.clock[row] => {
                let mut lone = Box::new(shard.lone(row));
                let crew = &self.engine.crew;
                crew.with_job(|job| job.bring_up(crew.arch(), &mut lone, self.t));
                Way::Idle(lone)
            }
            _ => Way::Stay,
        }
    }

    /// States of the units in a block of neurons.
    fn units_of(&self, block: usize, slot: usize) -> Option<&[f64]> {
        let block = &self.engine.dynamics.layout.blocks[block];
        let units = self.units.as_ref().filter(|_| block.is_neurons())?;
        Some(&units[slot][block.layer])
    }

    /// The variables of one synapse by position, once it has gone its way: in `f64` whatever the state's precision.
    fn shown(&self, shard: &Shard<T>, way: &Way<T>, row: usize, column: usize) -> [f64; VARIABLES.len()] {
        let values = stored(shard, row * shard.stride + column);
        let [post, pre] = shard.units(row, column);
        let pack = |value: f64| Pack::<Scalar, f64>::splat(Scalar::new(), value);
        let [w, m, c, b, m_b, c_b] = values.map(pack);
        let mut cell = Cell { w, m, c, b, m_b, c_b };
        let kind = self.engine.kind(shard);
        match way {
            Way::Stay => return values,
            Way::Step(theta, factors) => {
                let nodes = self.engine.nodes_of(shard, post, pre);
                let g = [0.0, 0.5, 1.0].map(|part| {
                    let weights = relax::interpolation(part * theta);
                    pack(weights.iter().zip(&nodes).map(|(weight, g)| weight * g).sum())
                });
                let grown =
                    |factors: &[Vec<f64>]| if shard.is_bias() { 1.0 } else { factors[shard.layer][post] };
                let [early, late] = self.growth.as_ref().map_or([1.0; 2], |[half, whole]| {
                    let early = grown(half);
                    [early, grown(whole) / early]
                });
                let by = |cell: Cell<Pack<Scalar, f64>>, factor: f64| Cell {
                    w: cell.w * pack(factor),
                    b: if kind.learns { cell.b * pack(factor) } else { cell.b },
                    ..cell
                };
                cell = by(kind.step(factors, &Push::new(factors, g), by(cell, early)), late);
            }
            Way::Idle(lone) => return stored(lone, column),
        }
        [cell.w.v, cell.m.v, cell.c.v, cell.b.v, cell.m_b.v, cell.c_b.v]
    }
}

/// The variables at one place of a shard by position, zero where they do not exist.
fn stored<T: Lane>(shard: &Shard<T>, index: usize) -> [f64; VARIABLES.len()] {
    [0, 1, 2, 3, 4, 5].map(|k: usize| shard.state[k].get(index).map_or(0.0, |value| value.to_f64()))
}

impl<T: Lane> View for Glimpse<'_, T> {
    fn t(&self) -> f64 {
        self.t
    }

    fn signals(&self) -> Option<&Signals> {
        (!self.signals.x.is_empty()).then_some(&self.signals)
    }

    fn g(&self, block: usize, post: usize, pre: usize) -> f64 {
        let block = &self.engine.dynamics.layout.blocks[block];
        let x = if block.is_bias() || block.layer == 0 { 1.0 } else { self.signals.x[block.layer - 1][pre] };
        self.signals.delta[block.layer][post] * x
    }

    fn value(&self, block: usize, slot: usize, post: usize, pre: usize) -> f64 {
        if let Some(units) = self.units_of(block, slot) {
            return units[post];
        }
        let position = Shard::<T>::position(self.engine.dynamics.layout.blocks[block].variables[slot]);
        let mut of_block = self.engine.crew.shards().filter(|shard| shard.block == block);
        let found = of_block.find_map(|shard| {
            let [row, column] = shard.find(post, pre)?;
            Some(self.shown(&shard, &self.way(&shard, row), row, column)[position])
        });
        found.unwrap_or(f64::NAN)
    }

    fn read(&self, block: usize, slot: usize, out: &mut [f64]) {
        if let Some(units) = self.units_of(block, slot) {
            return out.copy_from_slice(units);
        }
        let position = Shard::<T>::position(self.engine.dynamics.layout.blocks[block].variables[slot]);
        let pre = self.engine.dynamics.layout.blocks[block].pre;
        for shard in self.engine.crew.shards().filter(|shard| shard.block == block) {
            for row in 0..shard.rows.len() {
                let way = self.way(&shard, row);
                for column in 0..shard.width {
                    let [post, from] = shard.units(row, column);
                    out[post * pre + from] = self.shown(&shard, &way, row, column)[position];
                }
            }
        }
    }
}
