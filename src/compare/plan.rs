//! From arguments to planned runs: which configuration with which overrides goes into which run directory.
//!
//! Each configuration is combined with every combination of the varied keys. A finished run directory stands for
//! itself; directories whose configurations differ in the seed alone are runs of one variation.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::finished::{group, is_run};
use super::name::{free, safe, stem, unique};
use super::vary::{self, Assignment, Axis};
use crate::error::ConfigError;

/// The key whose values are the seeds of a variation.
pub const SEED: &str = "seed";
/// The column that tells configurations apart where there are several.
pub const CONFIG: &str = "config";

/// What a run is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A configuration and the overrides laid over it.
    Config {
        /// The file.
        path: PathBuf,
        /// The overrides.
        sets: Vec<String>,
    },
    /// A run directory, taken as it is.
    Finished,
}

/// A run that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its name within the comparison, fit for a directory.
    pub name: String,
    /// What its configuration is called.
    pub config: String,
    /// The keys that vary, apart from the seed, and their values here; empty where a key is not varied.
    pub keys: Assignment,
    /// Its seed, as far as it is known before the configuration is read.
    pub seed: Option<u64>,
    /// Its run directory.
    pub directory: PathBuf,
    /// What it is made from.
    pub source: Source,
}

impl Planned {
    /// What the variation is called in tables.
    #[must_use]
    pub fn label(&self) -> String {
        let parts: Vec<String> = self.keys.iter().filter_map(part).collect();
        if parts.is_empty() { self.config.clone() } else { parts.join(",") }
    }
}

/// `key=value`; a configuration's name stands alone, and what is not varied is left out.
fn part((key, value): &(String, String)) -> Option<String> {
    match (key.as_str(), value.as_str()) {
        (_, "") => None,
        (CONFIG, value) => Some(value.to_owned()),
        (key, value) => Some(format!("{key}={value}")),
    }
}

/// All runs of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The keys that vary, apart from the seed, in the order of every run's [`Planned::keys`].
    pub keys: Vec<String>,
    /// The runs, those of a variation in order of their seeds as given.
    pub runs: Vec<Planned>,
}

/// Plans the runs of `inputs` (configurations and run directories) into `directory`: `sets` are laid over each
/// configuration, then the values of `axes`.
///
/// # Errors
/// Where two finished runs are the same variation with the same seed.
pub fn plan(
    inputs: &[PathBuf],
    sets: &[String],
    axes: &[Axis],
    directory: &Path,
) -> Result<Plan, ConfigError> {
    let (finished, configs): (Vec<&PathBuf>, Vec<&PathBuf>) = inputs.iter().partition(|path| is_run(path));
    let stems: Vec<String> = configs.iter().map(|path| stem(path)).collect();
    let labels = unique(&stems, &configs);
    let finished = group(&finished, &labels)?;
    let distinct: HashSet<&String> =
        labels.iter().chain(finished.iter().map(|planned| &planned.config)).collect();

    let mut keys: Vec<String> =
        axes.iter().map(|axis| axis.key.clone()).filter(|key| key != SEED && !configs.is_empty()).collect();
    if distinct.len() > 1 {
        keys.insert(0, CONFIG.to_owned());
    }
    let mut names = HashSet::new();
    let mut runs = Vec::new();
    for (path, label) in configs.iter().zip(&labels) {
        for assignment in vary::product(axes) {
            let planned = of_config(path, label, (sets, &assignment), &keys, directory, &mut names);
            runs.push(planned);
        }
    }
    for mut planned in finished {
        planned.keys = assigned(&keys, &planned.config, &Vec::new());
        planned.name = free(&safe(&planned.name), &mut names);
        runs.push(planned);
    }
    Ok(Plan { keys, runs })
}

fn of_config(
    path: &Path,
    label: &str,
    (sets, assignment): (&[String], &Assignment),
    keys: &[String],
    directory: &Path,
    names: &mut HashSet<String>,
) -> Planned {
    let several = keys.first().is_some_and(|key| key == CONFIG);
    let config = (several || assignment.is_empty()).then(|| label.to_owned());
    let varied = assignment.iter().filter_map(part);
    let name = free(&safe(&config.into_iter().chain(varied).collect::<Vec<_>>().join(",")), names);
    let own = assignment.iter().map(|(key, value)| format!("{key}={value}"));
    let titled = format!("name={}", toml::Value::String(name.clone()));
    let seed = assignment.iter().find(|(key, _)| key == SEED);
    Planned {
        config: label.to_owned(),
        keys: assigned(keys, label, assignment),
        seed: seed.and_then(|(_, value)| value.parse().ok()),
        directory: directory.join(&name),
        source: Source::Config {
            path: path.to_owned(),
            sets: sets.iter().cloned().chain(own).chain([titled]).collect(),
        },
        name,
    }
}

/// The value of each of `keys`.
fn assigned(keys: &[String], config: &str, assignment: &Assignment) -> Assignment {
    let value = |key: &String| {
        let varied = assignment.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone());
        varied.unwrap_or_else(|| if key == CONFIG { config.to_owned() } else { String::new() })
    };
    keys.iter().map(|key| (key.clone(), value(key))).collect()
}
