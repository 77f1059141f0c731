//! Only the same experiment goes on from a checkpoint: the same keys, the same contents of every file that it reads.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use synaptode::record::{Found, RunDirectory};

use crate::runs::{NETWORK, PROTOCOL, begin, go_on, prepare};

/// A run that has begun in `place` is refused with `complaint` while `file` holds something else, and goes on once it is
/// as it was, wherever it lies then; the finished run is not taken for one of the changed file either.
fn assert_bound_to(
    text: &str,
    sets: &dyn Fn(&Path) -> Vec<String>,
    file: &Path,
    change: &[u8],
    complaint: &str,
) {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("run");
    let ready = |file: &Path| {
        let sets = sets(file);
        prepare(text, &sets.iter().map(String::as_str).collect::<Vec<_>>())
    };
    begin(&ready(file), &place, 5);
    let before = std::fs::read(file).unwrap();
    let refused = || {
        std::fs::write(file, change).unwrap();
        let resumed = RunDirectory::resume(&place, &ready(file).identity().unwrap()).map(|_| ());
        let message = resumed.unwrap_err().to_string();
        assert!(message.contains(complaint), "{}: {message}", file.display());
        std::fs::write(file, &before).unwrap();
    };
    refused();
    let elsewhere = folder.path().join(file.file_name().unwrap());
    std::fs::copy(file, &elsewhere).unwrap();
    go_on(&ready(&elsewhere), &place);
    refused();
    assert!(matches!(
        RunDirectory::resume(&place, &ready(file).identity().unwrap()).unwrap().1,
        Found::Complete(_)
    ));
}

fn written(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_changed_signal_is_another_run() {
    let folder = TempDir::new().unwrap();
    let rows = |last: f64| {
        (0..40).fold("time_s,g\n".to_owned(), |text, k| {
            let g = if k == 39 { last } else { f64::from(k % 3) };
            text + &format!("{},{g}\n", 0.1 * f64::from(k))
        })
    };
    let path = written(&folder, "signal.csv", rows(1.0).as_bytes());
    let sets = |path: &Path| vec![format!("protocol.signal={{ kind = \"csv\", path = {path:?} }}")];
    assert_bound_to(PROTOCOL, &sets, &path, rows(1.0 + 1e-15).as_bytes(), "signals");
}

#[test]
fn changed_samples_are_another_run() {
    let folder = TempDir::new().unwrap();
    let rows = |last: f64| {
        (0..20).fold("a,b,label\n".to_owned(), |text, k| {
            let a = if k == 19 { last } else { f64::from(k % 7) };
            text + &format!("{a},{},{}\n", k % 5, k % 3)
        })
    };
    let path = written(&folder, "samples.csv", rows(1.0).as_bytes());
    let sets = |path: &Path| {
        vec![
            format!(
                "data={{ source = \"csv\", path = {path:?}, test = 4, label = \"label\", scaling = \"none\" }}"
            ),
            "network.layers=[2,4,3]".to_owned(),
        ]
    };
    assert_bound_to(NETWORK, &sets, &path, rows(1.0 + 1e-15).as_bytes(), "samples");
}

#[test]
fn changed_images_and_labels_are_another_run() {
    let folder = TempDir::new().unwrap();
    let idx = |dims: &[u8], values: &[u8]| {
        let mut bytes = vec![0, 0, 8, dims.len() as u8];
        bytes.extend(dims.iter().flat_map(|dim| [0, 0, 0, *dim]));
        [bytes, values.to_vec()].concat()
    };
    let images: Vec<u8> = (0..20 * 4).map(|k| (k * 37 % 256) as u8).collect();
    let labels: Vec<u8> = (0..20).map(|k| k % 3).collect();
    for part in ["train", "t10k"] {
        written(&folder, &format!("{part}-images-idx3-ubyte"), &idx(&[20, 2, 2], &images));
        written(&folder, &format!("{part}-labels-idx1-ubyte"), &idx(&[20], &labels));
    }
    let sets = |_: &Path| {
        vec![
            format!("data={{ source = \"idx\", path = {:?} }}", folder.path()),
            "network.layers=[4,4,3]".to_owned(),
        ]
    };
    let (mut others, mut named) = (images.clone(), labels.clone());
    others[79] ^= 1;
    named[19] = 0;
    for part in ["train", "t10k"] {
        let path = folder.path().join(format!("{part}-images-idx3-ubyte"));
        assert_bound_to(NETWORK, &sets, &path, &idx(&[20, 2, 2], &others), "samples");
        let path = folder.path().join(format!("{part}-labels-idx1-ubyte"));
        assert_bound_to(NETWORK, &sets, &path, &idx(&[20], &named), "samples");
    }
}

#[test]
fn a_changed_start_is_another_run() {
    let folder = TempDir::new().unwrap();
    let run = prepare(NETWORK, &["seed=7"]);
    begin(&run, &folder.path().join("other"), 1);
    let mut bytes = std::fs::read(folder.path().join("other/initial.safetensors")).unwrap();
    let path = written(&folder, "start.safetensors", &bytes);
    let last = bytes.len() - 8;
    bytes[last] ^= 1;
    let sets = |path: &Path| vec![format!("network.init={path:?}")];
    assert_bound_to(NETWORK, &sets, &path, &bytes, "network.init");
}

#[test]
#[cfg(feature = "models")]
fn a_changed_model_is_another_run() {
    let folder = TempDir::new().unwrap();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/bio_adam.ds")).unwrap();
    let path = written(&folder, "mine.ds", text.as_bytes());
    let sets =
        |path: &Path| vec![format!("synapse={{ model = {path:?} }}"), "feedback.mode=model".to_owned()];
    let other = text.clone() + "\n";
    assert_bound_to(NETWORK, &sets, &path, other.as_bytes(), "synapse.model");
}

#[test]
fn a_checkpoint_of_another_run_is_refused_with_the_key_that_differs() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("run");
    let run = prepare(NETWORK, &[]);
    begin(&run, &place, 5);
    let resume = |sets: &[&str]| {
        RunDirectory::resume(&place, &prepare(NETWORK, sets).identity().unwrap())
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    let message = resume(&["synapse.eta=0.02"]).unwrap_err();
    assert!(message.contains("`synapse.eta` was 0.01, and is 0.02 now"), "{message}");
    let message = resume(&["data.seed=3"]).unwrap_err();
    assert!(message.contains("data.seed"), "{message}");
    // What changes no bit of the results may differ.
    resume(&["figures.width=300", "analysis=other", "checkpoint.every=3"]).unwrap();
    let message = RunDirectory::create(&place, false).unwrap_err().to_string();
    assert!(message.contains("--resume") && message.contains("--force"), "{message}");
    RunDirectory::create(&place, true).unwrap();
    assert!(!place.join("checkpoint-a.safetensors").exists());
}
