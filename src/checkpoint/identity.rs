//! Which run a checkpoint is of: only the same experiment may go on from it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Archive;
use super::archive::hexadecimal;
use crate::config::Experiment;
use crate::dynamics::State;
use crate::error::{ConfigError, DataError};
use crate::record::Manifest;

const CONFIG: &str = "config";
const DATA: &str = "data_sha256";
const START: &str = "start_sha256";
const VERSION: &str = "version";

/// Keys that change no bit of what is computed: what a file holds is compared by its hash, wherever the file lies.
const FREE: [&str; 13] = [
    "name",
    "analysis",
    "expect",
    "figures",
    "checkpoint",
    "solver.threads",
    "data.path",
    "data.test_path",
    "network.init",
    "protocol.signal.path",
    "protocol.x.path",
    "protocol.y.path",
    "synapse.model",
];
/// Stands for the text of the synapse's model among the keys.
const MODEL_TEXT: &str = "synapse.model (sha256 of its text)";

/// What a run has in common with its checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Every key that matters, with its value.
    keys: BTreeMap<String, String>,
    /// The experiment, which says what has no effect: an earlier version wrote that out.
    experiment: Box<Experiment>,
    /// Hash of samples or signals from files; empty where there are none.
    data: String,
    /// Hash of the state at the start.
    start: String,
}

impl Identity {
    /// The identity of a run of `experiment` from `start`, on samples or signals of this hash.
    ///
    /// # Errors
    /// Where the configuration can't be written as TOML.
    pub fn new(
        experiment: &Experiment,
        data_sha256: Option<&str>,
        start: &State,
    ) -> Result<Self, ConfigError> {
        let keys = keys(&experiment.to_toml()?, experiment.model_text());
        let mut hash = Sha256::new();
        start.values.iter().for_each(|value| hash.update(value.to_le_bytes()));
        let start = hexadecimal(&hash.finalize());
        let experiment = Box::new(experiment.clone());
        Ok(Self { keys, experiment, data: data_sha256.unwrap_or_default().to_owned(), start })
    }

    /// Hash of the state at the start.
    #[must_use]
    pub fn start_sha256(&self) -> &str {
        &self.start
    }

    /// Writes it into a checkpoint.
    pub fn state(&self, archive: &mut Archive) {
        let lines: Vec<String> = self.keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        archive.state(CONFIG, lines.join("\n"));
        archive.state(DATA, self.data.as_str());
        archive.state(START, self.start.as_str());
        archive.state(VERSION, env!("CARGO_PKG_VERSION"));
    }

    /// Refuses a checkpoint of another run.
    ///
    /// # Errors
    /// The first key that differs, or that the samples do.
    pub fn check(&self, archive: &Archive) -> Result<(), DataError> {
        let differs = |what: String| {
            let remedy =
                "go on with the configuration and data that it was begun with, or start anew with `--force`";
            Err(DataError {
                remedy: remedy.to_owned(),
                ..archive.broken(format!("is of another run: {what}"))
            })
        };
        let text = archive.fact(CONFIG).unwrap_or_default();
        let theirs = text.lines().filter_map(|line| line.split_once(" = "));
        let theirs: BTreeMap<&str, &str> = theirs.filter(|(key, _)| !self.experiment.is_idle(key)).collect();
        let ours: BTreeMap<&str, &str> = self.keys.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let all = theirs.keys().chain(ours.keys());
        let shown = |value: Option<&&str>| value.map_or_else(|| "not set".to_owned(), ToString::to_string);
        if let Some(key) = all.clone().find(|key| theirs.get(*key) != ours.get(*key)) {
            let (theirs, ours) = (shown(theirs.get(key)), shown(ours.get(key)));
            return differs(format!("`{key}` was {theirs}, and is {ours} now"));
        }
        if archive.fact(DATA) != Some(&self.data) {
            return differs("its samples, or the signals that it read, were others".to_owned());
        }
        if archive.fact(START) != Some(&self.start) {
            return differs("it started from another state (`network.init`)".to_owned());
        }
        let version = archive.fact(VERSION).unwrap_or("unknown");
        if version != env!("CARGO_PKG_VERSION") {
            log::warn!("the checkpoint is of version {version}: what follows may differ in its last digits");
        }
        Ok(())
    }

    /// The first thing in which a finished run differs that had the configuration `toml` and this text of its model.
    #[must_use]
    pub fn difference(&self, manifest: &Manifest, toml: &str, model: Option<&str>) -> Option<String> {
        let mut theirs = keys(toml, model);
        theirs.retain(|key, _| !self.experiment.is_idle(key));
        let mut all = theirs.keys().chain(self.keys.keys());
        if let Some(key) = all.find(|key| theirs.get(*key) != self.keys.get(*key)) {
            return Some(format!("`{key}`"));
        }
        let data = manifest.data_sha256.as_deref().unwrap_or_default() != self.data;
        let start = manifest.start_sha256.as_ref().is_some_and(|start| *start != self.start);
        match (data, start) {
            (true, _) => Some("samples or signals in files".to_owned()),
            (_, true) => Some("the state at the start (`network.init`)".to_owned()),
            _ => None,
        }
    }
}

/// The keys of a configuration that matter, with their values.
fn keys(toml: &str, model: Option<&str>) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Some(text) = model {
        let digest = Sha256::digest(text);
        keys.insert(MODEL_TEXT.to_owned(), hexadecimal(&digest));
    }
    if let Ok(table) = toml.parse::<toml::Table>() {
        leaves("", &toml::Value::Table(table), &mut keys);
    }
    keys
}

fn leaves(path: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
    if FREE.contains(&path) {
        return;
    }
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(&path, value, out);
            }
        }
        other => {
            out.insert(path.to_owned(), other.to_string().replace('\n', " "));
        }
    }
}
