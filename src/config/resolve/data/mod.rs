//! `[data]`: which source takes which keys, and what they mean.

mod csv;
mod generated;

use std::path::{Path, PathBuf};

use super::absolute;
use crate::config::range::{Checked, count, refuse};
use crate::config::wire;
use crate::network::{Architecture, Readout};
use crate::stream::{DataSource, DataSpec, SourceName};

/// Samples of the built-in digits: to train on, to test on.
const DIGITS: (usize, usize) = (1437, 360);

/// Most numbers that are made: 8 GB.
const MOST_NUMBERS: usize = 1_000_000_000;
pub(super) fn data(wire: &mut wire::Data, network: &Architecture, base: &Path) -> Checked<DataSpec> {
    refuse_foreign(wire)?;
    for (key, number) in [("data.train", wire.train), ("data.test", wire.test)] {
        if number == Some(0) {
            return refuse(key, "is 0", "give at least one sample, or leave it out");
        }
    }
    let source = match wire.source {
        SourceName::Digits => digits(wire)?,
        SourceName::Idx => DataSource::Idx { folder: path(wire, base, "the folder of the IDX files")? },
        SourceName::Csv => DataSource::Csv(csv::csv(wire, base)?),
        _ => generated::generated(wire, network)?,
    };
    let spec = DataSpec { source, train: wire.train, test: wire.test };
    fits(&spec, wire.source, network)?;
    Ok(spec)
}

/// A name as the configuration spells it.
fn spelled(source: SourceName) -> String {
    toml::Value::try_from(source).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The keys of a source, apart from `source`, `train` and `test`, which every source has.
fn keys(source: SourceName) -> &'static [&'static str] {
    match source {
        SourceName::Digits => &[],
        SourceName::Idx => &["path"],
        SourceName::Csv => {
            &["path", "test_path", "header", "label", "targets", "inputs", "scaling", "test_fraction", "seed"]
        }
        SourceName::Blobs => &["seed", "classes", "dimension", "spread"],
        SourceName::Moons => &["seed", "noise"],
        SourceName::Spirals => &["seed", "classes", "turns", "noise"],
        SourceName::Teacher => &["seed", "dimension", "hidden", "outputs", "noise"],
        SourceName::MackeyGlass => &["seed", "window", "tau", "noise"],
    }
}

/// Refuses a key that the source does not take.
fn refuse_foreign(wire: &wire::Data) -> Checked {
    let given = [
        ("path", wire.path.is_some()),
        ("test_path", wire.test_path.is_some()),
        ("header", wire.header.is_some()),
        ("label", wire.label.is_some()),
        ("targets", wire.targets.is_some()),
        ("inputs", wire.inputs.is_some()),
        ("scaling", wire.scaling.is_some()),
        ("test_fraction", wire.test_fraction.is_some()),
        ("seed", wire.seed.is_some()),
        ("classes", wire.classes.is_some()),
        ("dimension", wire.dimension.is_some()),
        ("spread", wire.spread.is_some()),
        ("turns", wire.turns.is_some()),
        ("hidden", wire.hidden.is_some()),
        ("outputs", wire.outputs.is_some()),
        ("window", wire.window.is_some()),
        ("tau", wire.tau.is_some()),
        ("noise", wire.noise.is_some()),
    ];
    let known = keys(wire.source);
    let Some((key, _)) = given.iter().find(|(key, given)| *given && !known.contains(key)) else {
        return Ok(());
    };
    let source = spelled(wire.source);
    let remedy = match (*key, wire.source) {
        ("inputs", _) => {
            "leave it out; the number of inputs is `dimension` or `window`, where it can be chosen".to_owned()
        }
        ("noise", SourceName::Blobs) => "blobs have `spread`".to_owned(),
        _ => {
            let known: Vec<&str> = known.iter().copied().chain(["train", "test"]).collect();
            format!("leave it out; source \"{source}\" has {}", known.join(", "))
        }
    };
    refuse(format!("data.{key}"), format!("has no meaning for source \"{source}\""), remedy)
}

/// The path that a source needs.
fn path(wire: &mut wire::Data, base: &Path, what: &str) -> Checked<PathBuf> {
    let Some(path) = &wire.path else {
        return refuse(
            "data.path",
            format!("is required by source \"{}\", but missing", spelled(wire.source)),
            format!("give {what}, relative to this file"),
        );
    };
    Ok(wire.path.insert(absolute("data.path", path, base)?).clone())
}

/// The built-in digits, whose numbers are known.
fn digits(wire: &mut wire::Data) -> Checked<DataSource> {
    let (train, test) = DIGITS;
    for (key, number, all) in [("data.train", &mut wire.train, train), ("data.test", &mut wire.test, test)] {
        let number = *number.get_or_insert(all);
        count(
            key,
            number as u64,
            1..=all as u64,
            "the digits have 1437 samples to train on and 360 to test on",
        )?;
    }
    Ok(DataSource::Digits)
}

fn seed(wire: &mut wire::Data) -> Checked<u64> {
    let seed = *wire.seed.get_or_insert(0);
    super::writable("data.seed", seed)?;
    Ok(seed)
}

/// Refuses samples that do not fit the network, as far as they are known.
fn fits(spec: &DataSpec, source: SourceName, network: &Architecture) -> Checked {
    let (inputs, outputs) = spec.widths();
    let top = network.depth();
    let source = spelled(source);
    for (layer, end, unit, width) in [(0, "start", "input", inputs), (top, "end", "output", outputs)] {
        let units = network.layers[layer];
        if let Some(width) = width.filter(|width| *width != units) {
            let plural = if width == 1 { "" } else { "s" };
            return refuse(
                format!("network.layers[{layer}]"),
                format!("is {units}, but samples of source \"{source}\" have {width} {unit}{plural}"),
                format!("{end} the layers with {width}"),
            );
        }
    }
    if !spec.has_labels() && network.readout != Readout::Linear {
        let readout = if network.readout == Readout::Softmax { "softmax" } else { "logistic" };
        return refuse(
            "network.readout",
            format!("is \"{readout}\", which answers with probabilities, but numbers are to be predicted"),
            "set network.readout to \"linear\"",
        );
    }
    // Samples, and the centres of blobs.
    let samples = spec.train.unwrap_or(0).saturating_add(spec.test.unwrap_or(0));
    let numbers = samples
        .saturating_mul(network.layers[0].saturating_add(network.layers[top]))
        .saturating_add(network.layers[0].saturating_mul(network.layers[top]));
    if matches!(spec.source, DataSource::Generated { .. }) && numbers > MOST_NUMBERS {
        return refuse(
            "data.train",
            format!("makes, with data.test, more than {MOST_NUMBERS} numbers"),
            "make fewer samples, or fewer inputs",
        );
    }
    Ok(())
}
