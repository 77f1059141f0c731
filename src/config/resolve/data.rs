//! `[data]`: which source takes which keys, and what they mean.

use std::path::{Path, PathBuf};

use super::absolute;
use crate::config::range::{Checked, count, demand, non_negative, refuse};
use crate::config::wire;
use crate::network::{Architecture, Readout};
use crate::stream::data::{Column, CsvSpec, Generated, Output, Scaling, TestPart};
use crate::stream::{DataSource, DataSpec, SourceName};

/// Samples of the built-in digits: to train on, to test on.
const DIGITS: (usize, usize) = (1437, 360);

/// Most samples that are made.
const MOST_SAMPLES: u64 = 10_000_000;
/// Most numbers that are made: 8 GB.
const MOST_NUMBERS: usize = 1_000_000_000;
/// Most units of a teacher.
const MOST_HIDDEN: u64 = 10_000;

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
        SourceName::Csv => DataSource::Csv(csv(wire, base)?),
        _ => generated(wire, network)?,
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

fn csv(wire: &mut wire::Data, base: &Path) -> Checked<CsvSpec> {
    let path = path(wire, base, "the file")?;
    let header = *wire.header.get_or_insert(true);
    let output = match (&wire.label, &wire.targets) {
        (Some(label), None) => Output::Label(label.clone()),
        (None, Some(targets)) => Output::Targets(targets.clone()),
        (Some(_), Some(_)) => {
            return refuse(
                "data.targets",
                "can't stand beside data.label: either a class is predicted or numbers are",
                "keep one of the two",
            );
        }
        (None, None) => {
            return refuse(
                "data.label",
                "is missing: the table has to say what is predicted",
                "give the column of the class as `label`, or columns of numbers as `targets`",
            );
        }
    };
    for (key, list) in [("data.targets", &wire.targets), ("data.inputs", &wire.inputs)] {
        if list.as_ref().is_some_and(Vec::is_empty) {
            return refuse(key, "is empty", "give at least one column, by name or by place from 0");
        }
    }
    if !header {
        columns_by_place(wire)?;
    }
    let test = test_part(wire, base)?;
    let scaling = *wire.scaling.get_or_insert(Scaling::Standardize);
    Ok(CsvSpec { path, test, header, inputs: wire.inputs.clone(), output, scaling })
}

/// Refuses names of columns, where there are none.
fn columns_by_place(wire: &wire::Data) -> Checked {
    let lists = [("targets", &wire.targets), ("inputs", &wire.inputs)];
    let listed = lists.into_iter().flat_map(|(key, list)| {
        list.iter().flatten().enumerate().map(move |(k, column)| (format!("data.{key}[{k}]"), column))
    });
    let mut columns = wire.label.iter().map(|label| ("data.label".to_owned(), label)).chain(listed);
    match columns.find(|(_, column)| matches!(column, Column::Name(_))) {
        None => Ok(()),
        Some((key, _)) => refuse(
            key,
            "is a name, but data.header = false says that columns have none",
            "give the column's place, counted from 0",
        ),
    }
}

/// Where the samples to test on come from.
fn test_part(wire: &mut wire::Data, base: &Path) -> Checked<TestPart> {
    if let Some(path) = &wire.test_path {
        for (key, given) in
            [("data.test_fraction", wire.test_fraction.is_some()), ("data.seed", wire.seed.is_some())]
        {
            if given {
                return refuse(
                    key,
                    "has no effect beside data.test_path: nothing is split",
                    "leave it out, or leave test_path out",
                );
            }
        }
        return Ok(TestPart::File(wire.test_path.insert(absolute("data.test_path", path, base)?).clone()));
    }
    let seed = seed(wire)?;
    if wire.test.is_some() && wire.test_fraction.is_some() {
        return refuse("data.test_fraction", "can't stand beside data.test", "keep one of the two");
    }
    let fraction = if wire.test.is_some() {
        None
    } else {
        let fraction = *wire.test_fraction.get_or_insert(0.2);
        let allowed = fraction > 0.0 && fraction < 1.0;
        let remedy = "it is a share, such as 0.2";
        Some(demand("data.test_fraction", fraction, allowed, "between 0 and 1", remedy)?)
    };
    Ok(TestPart::Split { fraction, seed })
}

fn seed(wire: &mut wire::Data) -> Checked<u64> {
    let seed = *wire.seed.get_or_insert(0);
    super::writable("data.seed", seed)?;
    Ok(seed)
}

/// A set that is made: what is left out follows the network.
fn generated(wire: &mut wire::Data, network: &Architecture) -> Checked<DataSource> {
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
