//! Looking: one synapse at a time, brought up to date on a copy.

use pulp::Scalar;

use super::engine::Engine;
use super::factors::{Constants, Factors, Idle};
use super::flow::{Cell, Feedback, idle, step};
use super::gain::{GainFlow, Push};
use super::lane::{Lane, Pack};
use super::pass::{WithFlow, choose};
use super::shard::Shard;
use crate::network::Signals;
use crate::solver::View;
use crate::synapse::Gain;

/// The state at `t`, within or at the end of a step.
pub struct Glimpse<'a, T: Lane> {
    /// The engine, at the step's start.
    pub engine: &'a Engine<T>,
    /// The time, s.
    pub t: f64,
    /// Activities and errors then.
    pub signals: Signals,
    /// The way there from the step's start, where there is one.
    pub factors: Option<Factors>,
}

/// How one row gets to the time of the look.
enum Way<'a> {
    Stay,
    Step(&'a Factors),
    Idle(Vec<Idle>),
}

impl<T: Lane> Glimpse<'_, T> {
    fn way(&self, shard: &Shard<T>, row: usize) -> Way<'_> {
        let awake = self.engine.is_awake(shard, row);
        match &self.factors {
            Some(factors) if awake => Way::Step(factors),
            _ => match self.t - shard.clock[row] {
                gap if gap > 0.0 => Way::Idle(Idle::cut(&self.engine.constants, gap)),
                _ => Way::Stay,
            },
        }
    }

    /// The variable at `position` of one synapse, once it has gone its way.
    fn shown(&self, shard: &Shard<T>, way: &Way, position: usize, row: usize, post: usize) -> f64 {
        let index = row * shard.stride + post;
        let engine = self.engine;
        let value = |k: usize| shard.state[k].get(index).map_or(0.0, |value| value.to_f64());
        let stored = if matches!(way, Way::Stay) {
            value(position)
        } else {
            let glance = Glance {
                constants: &engine.constants,
                way,
                g: engine.nodes_of(shard, row, post),
                cell: [0, 1, 2, 3, 4, 5].map(value),
            };
            choose(&engine.constants, shard.learns, engine.has_own_traces(), glance)[position]
        };
        let is_gain = super::shard::VARIABLES[position].starts_with("rho");
        if is_gain && engine.constants.gain == Gain::Rms { stored.recip() } else { stored }
    }
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
        let position = Shard::<T>::position(self.engine.dynamics.layout.blocks[block].variables[slot]);
        let found = self.engine.crew.shards().find(|shard| shard.block == block && shard.rows.contains(&pre));
        found.map_or(f64::NAN, |shard| {
            let row = pre - shard.rows.start;
            self.shown(&shard, &self.way(&shard, row), position, row, post)
        })
    }

    fn read(&self, block: usize, slot: usize, out: &mut [f64]) {
        let position = Shard::<T>::position(self.engine.dynamics.layout.blocks[block].variables[slot]);
        let pre = self.engine.dynamics.layout.blocks[block].pre;
        for shard in self.engine.crew.shards().filter(|shard| shard.block == block) {
            for row in 0..shard.rows.len() {
                let way = self.way(&shard, row);
                for post in 0..shard.post {
                    out[post * pre + shard.rows.start + row] = self.shown(&shard, &way, position, row, post);
                }
            }
        }
    }
}

/// The local flow of one synapse, in `f64` whatever the state's precision.
struct Glance<'a> {
    constants: &'a Constants,
    way: &'a Way<'a>,
    g: [f64; 3],
    cell: [f64; 6],
}

impl WithFlow for Glance<'_> {
    type Out = [f64; 6];
    fn with<G: GainFlow, F: Feedback, const BOUNDED: bool>(self) -> [f64; 6] {
        let pack = |value: f64| Pack::<Scalar, f64>::splat(Scalar::new(), value);
        let [w, m, c, b, m_b, c_b] = self.cell.map(pack);
        let mut cell = Cell { w, m, c, b, m_b, c_b };
        match self.way {
            Way::Stay => {}
            Way::Step(factors) => {
                let push = Push::new(factors, self.g.map(pack));
                cell = step::<_, _, G, F, BOUNDED>(factors, &push, cell).0;
            }
            Way::Idle(stretches) => {
                for stretch in stretches {
                    cell = idle::<_, _, F, BOUNDED>(self.constants.gain, stretch, cell);
                }
            }
        }
        [cell.w, cell.m, cell.c, cell.b, cell.m_b, cell.c_b].map(|pack| pack.v)
    }
}
