//! Finished runs as inputs: those whose configurations differ in the seed alone are one variation.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::name::{folder, stem};
use super::plan::{Planned, SEED, Source};
use crate::error::ConfigError;
use crate::record::{MODEL, Manifest};

/// Runs of one variation.
struct Group<'a> {
    /// The configuration without what makes no variation; `None` where it can't be read.
    essence: Option<String>,
    name: String,
    /// Directory and seed.
    runs: Vec<(&'a PathBuf, Option<u64>)>,
}

/// Whether a run has written this directory.
#[must_use]
pub fn is_run(path: &Path) -> bool {
    path.join("manifest.json").is_file()
}

impl Group<'_> {
    /// What the group may be called, the best first.
    fn names(&self) -> [String; 4] {
        let first = self.runs[0].0;
        let [name, stem, folder] = [&self.name, &stem(first), &folder(first)].map(|name| without_seed(name));
        [name, stem, folder, first.display().to_string()]
    }
}

/// The name that a comparison gave a run, without its seed, which makes no variation; empty where that was all.
fn without_seed(name: &str) -> String {
    let is_seed = |part: &&str| part.strip_prefix("seed=").is_some_and(|seed| seed.parse::<u64>().is_ok());
    name.split(',').filter(|part| !is_seed(part)).collect::<Vec<_>>().join(",")
}

/// Finished runs, grouped by their configurations apart from the seed; a group bears the name of its runs, or of its
/// first directory, or of the folder that holds it, or that directory's path: the first that is neither `taken` nor may be
/// another group's.
pub(super) fn group(paths: &[&PathBuf], taken: &[String]) -> Result<Vec<Planned>, ConfigError> {
    let mut groups: Vec<Group> = Vec::new();
    for path in paths {
        let manifest = Manifest::read(path).ok();
        let name = manifest.as_ref().map_or_else(|| stem(path), |manifest| manifest.name.clone());
        let (essence, seed) = (essence(path), manifest.map(|manifest| manifest.seed));
        match groups.iter_mut().find(|group| essence.is_some() && group.essence == essence) {
            Some(group) => group.runs.push((path, seed)),
            None => groups.push(Group { essence, name, runs: vec![(path, seed)] }),
        }
    }
    let names: Vec<[String; 4]> = groups.iter().map(Group::names).collect();
    let uses = |name: &String| names.iter().filter(|names| names.contains(name)).count();
    let is_free = |name: &&String| !name.is_empty() && uses(name) == 1 && !taken.contains(name);
    let mut planned = Vec::new();
    for (Group { runs, .. }, names) in groups.into_iter().zip(&names) {
        let mut seeds = HashSet::new();
        let label = names.iter().find(is_free).unwrap_or(&names[3]);
        for (path, seed) in runs {
            if !seeds.insert(seed) {
                let seed =
                    seed.map_or_else(|| "of the same seed".to_owned(), |seed| format!("of seed {seed}"));
                let reason = format!("`{}` is a second run of `{label}` {seed}", path.display());
                return Err(ConfigError::new("", reason, "give each run once"));
            }
            planned.push(Planned {
                name: stem(path),
                config: label.clone(),
                keys: Vec::new(),
                seed,
                directory: (*path).clone(),
                source: Source::Finished,
            });
        }
    }
    Ok(planned)
}

/// A run's configuration without what makes no variation.
fn essence(run: &Path) -> Option<String> {
    let text = std::fs::read_to_string(run.join("config.toml")).ok()?;
    let mut table: toml::Table = text.parse().ok()?;
    for key in ["name", SEED, "analysis", "expect", "checkpoint", "figures"] {
        table.remove(key);
    }
    let model = std::fs::read_to_string(run.join(MODEL)).unwrap_or_default();
    Some(format!("{table}{model}"))
}
