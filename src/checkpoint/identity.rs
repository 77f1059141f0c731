//! Which run a checkpoint is of: only the same experiment may go on from it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Archive;
use super::archive::hexadecimal;
use crate::config::Experiment;
use crate::error::{ConfigError, DataError};

const CONFIG: &str = "config";
const DATA: &str = "data_sha256";
const VERSION: &str = "version";

/// Keys that change no bit of what is computed: the samples themselves are compared by their hash.
const FREE: [&str; 12] = [
    "name",
    "analysis",
    "expect",
    "figures",
    "checkpoint",
    "solver.threads",
    "data.path",
    "data.test_path",
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
    data: String,
}

impl Identity {
    /// The identity of a run of `experiment` on samples of this hash.
    ///
    /// # Errors
    /// Where the configuration can't be written as TOML.
    pub fn new(experiment: &Experiment, data_sha256: Option<&str>) -> Result<Self, ConfigError> {
        let keys = keys(&experiment.to_toml()?, experiment.model_text());
        Ok(Self { keys, data: data_sha256.unwrap_or_default().to_owned() })
    }

    /// Writes it into a checkpoint.
    pub fn state(&self, archive: &mut Archive) {
        let lines: Vec<String> = self.keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        archive.state(CONFIG, lines.join("\n"));
        archive.state(DATA, self.data.as_str());
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
        let theirs: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.split_once(" = ")).collect();
        let ours: BTreeMap<&str, &str> = self.keys.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let all = theirs.keys().chain(ours.keys());
        let shown = |value: Option<&&str>| value.map_or_else(|| "not set".to_owned(), ToString::to_string);
        if let Some(key) = all.clone().find(|key| theirs.get(*key) != ours.get(*key)) {
            let (theirs, ours) = (shown(theirs.get(key)), shown(ours.get(key)));
            return differs(format!("`{key}` was {theirs}, and is {ours} now"));
        }
        if archive.fact(DATA) != Some(&self.data) {
            return differs("its samples were others".to_owned());
        }
        let version = archive.fact(VERSION).unwrap_or("unknown");
        if version != env!("CARGO_PKG_VERSION") {
            log::warn!("the checkpoint is of version {version}: what follows may differ in its last digits");
        }
        Ok(())
    }

    /// The first key in which the configuration `toml`, or the text of its model, differs.
    #[must_use]
    pub fn difference(&self, toml: &str, model: Option<&str>) -> Option<String> {
        let theirs = keys(toml, model);
        let mut all = theirs.keys().chain(self.keys.keys());
        all.find(|key| theirs.get(*key) != self.keys.get(*key)).cloned()
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
