//! Sources that make their samples: what is left out follows the network.

use super::seed;
use crate::config::range::{Checked, count, demand, non_negative};
use crate::config::wire;
use crate::network::Architecture;
use crate::stream::data::Generated;
use crate::stream::{DataSource, SourceName};

/// Most samples that are made.
const MOST_SAMPLES: u64 = 10_000_000;
/// Most units of a teacher.
const MOST_HIDDEN: u64 = 10_000;

pub(super) fn generated(wire: &mut wire::Data, network: &Architecture) -> Checked<DataSource> {
    let seed = seed(wire)?;
    let remedy = "it is how many samples are made";
    count("data.train", *wire.train.get_or_insert(1000) as u64, 1..=MOST_SAMPLES, remedy)?;
    count("data.test", *wire.test.get_or_insert(500) as u64, 1..=MOST_SAMPLES, remedy)?;
    let (inputs, outputs) = (network.layers[0], network.layers[network.depth()]);
    let noise = |wire: &mut wire::Data, default: f64| {
        let noise = *wire.noise.get_or_insert(default);
        let remedy = "it is a standard deviation; the samples have values of order 1";
        non_negative("data.noise", noise, remedy)
            .and_then(|noise| demand("data.noise", noise, noise <= 1e3, "at most 1000", remedy))
    };
    let set = match wire.source {
        SourceName::Blobs => {
            let spread = *wire.spread.get_or_insert(0.3);
            let remedy = "it is a standard deviation; that of the centres is 1";
            demand("data.spread", spread, (0.0..=1e3).contains(&spread), "from 0 to 1000", remedy)?;
            let classes = *wire.classes.get_or_insert(outputs);
            let dimension = *wire.dimension.get_or_insert(inputs);
            Generated::Blobs { classes, dimension, spread }
        }
        SourceName::Spirals => {
            let turns = *wire.turns.get_or_insert(1.0);
            let allowed = turns > 0.0 && turns <= 100.0;
            demand("data.turns", turns, allowed, "above 0 and at most 100", "1 is a full turn")?;
            let classes = *wire.classes.get_or_insert(outputs);
            Generated::Spirals { classes, turns, noise: noise(wire, 0.02)? }
        }
        SourceName::Teacher => {
            let hidden = *wire.hidden.get_or_insert(16);
            count("data.hidden", hidden as u64, 1..=MOST_HIDDEN, "it is the teacher's hidden units")?;
            let dimension = *wire.dimension.get_or_insert(inputs);
            let outputs = *wire.outputs.get_or_insert(outputs);
            Generated::Teacher { dimension, hidden, outputs, noise: noise(wire, 0.0)? }
        }
        SourceName::MackeyGlass => {
            let tau = *wire.tau.get_or_insert(17.0);
            let remedy =
                "it is in seconds; the series is chaotic from about 17 on, and comes to rest below 5";
            demand("data.tau", tau, (5.0..=100.0).contains(&tau), "from 5 to 100", remedy)?;
            let window = *wire.window.get_or_insert(inputs);
            Generated::MackeyGlass { window, tau, noise: noise(wire, 0.0)? }
        }
        _ => Generated::Moons { noise: noise(wire, 0.1)? },
    };
    Ok(DataSource::Generated { set, seed })
}
