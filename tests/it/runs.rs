//! Runs within the test program, whole or in parts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use safetensors::SafeTensors;
use synaptode::config;
use synaptode::record::manifest::Status;
use synaptode::record::{Found, RunDirectory};
use synaptode::runner::{Conduct, Latest, Run};
use synaptode::simulation::{Interest, Observer};
use synaptode::stream::Segment;

/// A small network in which everything happens: events, rows between and at the edges of presentations.
pub const NETWORK: &str = r#"
name = "network"
[data]
source = "blobs"
classes = 3
dimension = 5
train = 17
test = 10
[stream]
epochs = 2
[network]
layers = [5, 4, 3]
[record]
per_layer = 2
trace_interval = 0.037
measure_every = 4
[[events]]
at = 0.53
kind = "perturb"
layer = 2
sigma = 0.3
[[events]]
at = 1.27
kind = "permute-labels"
"#;

pub const PROTOCOL: &str = r#"
name = "protocol"
[protocol]
duration = 3.0
signal = { kind = "ornstein-uhlenbeck", sigma = 1.0, tau = 1.0, step = 0.1 }
synapses = [{ w = 0.2, b = -0.2 }, { w = -0.5, b = 0.1, scale = 0.5 }]
[record]
trace_interval = 0.07
"#;

/// Watches nothing.
pub struct Nobody;

impl Observer for Nobody {
    fn interest(&mut self, _segment: &Segment, _times: &mut Vec<f64>) -> Interest {
        Interest::default()
    }
}

/// Asks the run to stop in its `at`-th segment from now.
pub struct Stopper {
    pub stop: Arc<AtomicBool>,
    pub at: usize,
}

impl Observer for Stopper {
    fn interest(&mut self, _segment: &Segment, _times: &mut Vec<f64>) -> Interest {
        self.at = self.at.wrapping_sub(1);
        if self.at == 0 {
            self.stop.store(true, Ordering::Relaxed);
        }
        Interest::default()
    }
}

pub fn prepare(text: &str, sets: &[&str]) -> Run {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    Run::prepare(config::load_str(text, "run", Path::new(""), &sets).unwrap()).unwrap()
}

/// The first `length` segments of a run into `place`, with a checkpoint at their end.
pub fn begin(run: &Run, place: &Path, length: usize) {
    let (directory, _) = RunDirectory::resume(place, &run.identity().unwrap()).unwrap();
    let conduct = Conduct::default();
    let mut stopper = Stopper { stop: Arc::clone(&conduct.stop), at: length };
    let manifest = run.conduct(&directory, &Latest::default(), &mut stopper, &conduct).unwrap();
    assert_eq!(manifest.status, Status::Interrupted);
}

/// Goes on to the end.
pub fn go_on(run: &Run, place: &Path) {
    let (directory, found) = RunDirectory::resume(place, &run.identity().unwrap()).unwrap();
    let Found::Checkpoint(archive, written) = found else { panic!("there is no checkpoint") };
    let conduct = Conduct { from: Some((archive, written)), ..Conduct::default() };
    let manifest = run.conduct(&directory, &Latest::default(), &mut Nobody, &conduct).unwrap();
    assert_eq!(manifest.status, Status::Complete);
}

pub fn bytes(folder: &Path, name: &str) -> Option<Vec<u8>> {
    std::fs::read(folder.join(name)).ok()
}

/// The final state of a run by name, such as `l2.w`.
pub fn final_state(run: &Run) -> BTreeMap<String, Vec<f64>> {
    let folder = tempfile::tempdir().unwrap();
    let directory = RunDirectory::create(&folder.path().join("run"), false).unwrap();
    run.execute(&directory, &Latest::default(), &mut Nobody).unwrap();
    let bytes = std::fs::read(directory.file("weights.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    tensors.iter().map(|(name, tensor)| (name.to_owned(), floats(tensor.data()))).collect()
}
