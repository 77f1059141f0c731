//! A run that is stopped and goes on from its checkpoint ends in the bytes of a run that never stopped.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use synaptode::record::manifest::Status;
use synaptode::record::{Found, Manifest, RunDirectory};
use synaptode::runner::{Conduct, Latest};

use crate::runs::{NETWORK, Nobody, PROTOCOL, Stopper, begin, bytes, go_on, prepare};

/// Runs to the end in parts of `length` segments, each prepared from scratch with the next of `sets` in turn.
fn in_parts(text: &str, sets: &[Vec<&str>], folder: &Path, length: usize) -> (Manifest, usize) {
    for part in 0..1000 {
        let run = prepare(text, &sets[part % sets.len()]);
        let (directory, found) = RunDirectory::resume(folder, &run.identity().unwrap()).unwrap();
        let from = match found {
            Found::Nothing => None,
            Found::Checkpoint(archive, written) => Some((archive, written)),
            Found::Complete(manifest) => return (*manifest, part),
        };
        assert_eq!(from.is_some(), part > 0);
        let conduct = Conduct { from, ..Conduct::default() };
        let mut stopper = Stopper { stop: Arc::clone(&conduct.stop), at: length };
        let manifest = run.conduct(&directory, &Latest::default(), &mut stopper, &conduct).unwrap();
        assert!(matches!(manifest.status, Status::Complete | Status::Interrupted));
        assert!(manifest.status == Status::Complete || !folder.join("weights.safetensors").exists());
    }
    panic!("it never ends")
}

/// Demands the same bytes of a run in one part and of runs in parts of some lengths.
fn assert_same(what: &str, text: &str, sets: &[&str], lengths: &[usize]) {
    assert_same_with(what, text, &[sets.to_vec()], lengths);
}

fn assert_same_with(what: &str, text: &str, sets: &[Vec<&str>], lengths: &[usize]) {
    let whole = TempDir::new().unwrap();
    let run = prepare(text, &sets[0]);
    let directory = RunDirectory::create(&whole.path().join("run"), false).unwrap();
    let manifest = run.execute(&directory, &Latest::default(), &mut Nobody).unwrap();
    for length in lengths {
        let folder = TempDir::new().unwrap();
        let place = folder.path().join("run");
        let (again, parts) = in_parts(text, sets, &place, *length);
        assert!(parts > 2, "{what}: {parts} parts of {length}");
        for file in ["traces.csv", "metrics.csv", "initial.safetensors", "weights.safetensors"] {
            let (a, b) = (bytes(&directory.path, file), bytes(&place, file));
            assert!(a == b, "{what} in parts of {length}: {file} differs");
            assert!(a.is_some() || file == "metrics.csv");
        }
        assert_eq!(again.solver, manifest.solver, "{what} in parts of {length}");
        assert_eq!(again.results, manifest.results, "{what} in parts of {length}");
        assert_eq!(again.presentations, manifest.presentations);
        assert!(!place.join("checkpoint-a.safetensors").exists());
    }
}

#[test]
fn every_general_solver_goes_on_to_the_same_bytes() {
    for method in ["tsit45", "bdf", "tr_bdf2", "esdirk34"] {
        let set = format!("solver.method={method}");
        assert_same(method, NETWORK, &[&set], &[1, 7]);
        assert_same(method, PROTOCOL, &[&set], &[1, 6]);
    }
    for coordinate in ["solver.gain_coordinate=rho", "synapse.gain=mean-abs"] {
        assert_same(coordinate, NETWORK, &[coordinate], &[5]);
    }
}

#[test]
fn the_exponential_engine_goes_on_to_the_same_bytes_with_any_number_of_threads() {
    // Two layers are cut into several shards; silent inputs leave rows behind.
    let wide = ["data.dimension=40", "network.layers=[40,150,3]", "solver.method=exponential"];
    let silence = "events=[{ at = 0.53, kind = \"silence\", fraction = 0.4 }, { at = 1.5, kind = \"perturb\", layer = 2, sigma = 0.2, weights = \"b\" }]";
    for variant in
        [&["solver.order=2"][..], &["solver.order=3", silence], &["solver.order=4", "feedback.traces=own"]]
    {
        let sets = [&wide[..], variant].concat();
        let [one, two] = ["solver.threads=1", "solver.threads=2"].map(|set| [&sets[..], &[set]].concat());
        assert_same_with(&variant.join(" "), NETWORK, &[one, two], &[1, 9]);
    }
    let single = [&wide[..], &["solver.precision=f32", silence]].concat();
    assert_same("f32", NETWORK, &single, &[3]);
    assert_same("protocol", PROTOCOL, &["solver.method=exponential"], &[1, 6]);
}

#[test]
fn every_rule_goes_on_to_the_same_bytes() {
    for rule in ["adam", "rmsprop", "momentum", "sgd", "discrete-adam", "discrete-sgd"] {
        assert_same(rule, NETWORK, &[&format!("synapse.rule={rule}"), "feedback.mode=fixed"], &[1]);
    }
    for rule in ["adam", "rmsprop", "momentum", "sgd"] {
        assert_same(rule, PROTOCOL, &[&format!("synapse.rule={rule}")], &[4]);
    }
}

#[test]
#[cfg(feature = "models")]
fn a_model_goes_on_to_the_same_bytes() {
    let model = |name: &str| format!("synapse={{ model = \"{name}\" }}");
    assert_same("bio_adam", NETWORK, &[&model("bio_adam"), "feedback.mode=model"], &[1, 4]);
    let x = "protocol.x={ kind = \"ornstein-uhlenbeck\", sigma = 1.0, tau = 0.5 }";
    let sets = [&model("consolidation"), "feedback.mode=symmetric", x, "protocol.synapses=[{ scale = 2.0 }]"];
    assert_same("consolidation", PROTOCOL, &sets, &[1, 6]);
}

#[test]
fn every_feedback_mode_goes_on_to_the_same_bytes() {
    for mode in ["kolen-pollack", "fixed", "direct", "sign-symmetric", "symmetric"] {
        assert_same(mode, NETWORK, &[&format!("feedback.mode={mode}")], &[4]);
    }
    let mirror = "feedback.mirror={ every = 6, samples = 3 }";
    let silence = "events=[{ at = 0.23, kind = \"silence\", fraction = 0.6 }]";
    for method in ["solver.method=tsit45", "solver.method=exponential"] {
        let sets = ["feedback.mode=weight-mirror", mirror, silence, method];
        assert_same(&format!("weight-mirror, {method}"), NETWORK, &sets, &[1, 5]);
    }
}

#[test]
fn what_else_has_a_memory_goes_on_to_the_same_bytes() {
    let period = "synapse.critical_period={ w_start = 0.1, w_end = 20.0, tau_age = 1.0 }";
    for sets in [
        &["stream.crossfade=0.03"][..],
        &["neuron.tau=0.02", "neuron.scaling_tau=5.0", "stream.crossfade=0.1", "solver.method=tsit45"],
        &["neuron.tau=0.02", "neuron.scaling_tau=5.0", "stream.crossfade=0.1", "solver.method=exponential"],
        &["neuron.scaling_tau=1.0", "solver.method=exponential", "feedback.mode=symmetric"],
        &["neuron.tau=0.02", "solver.method=exponential", "stream.crossfade=0.03"],
        &["neuron.tau=0.002", "solver.method=exponential", "solver.order=4", "feedback.traces=own"],
        &["feedback.traces=own", period],
        &["stream.order=sequential", "stream.duration=2.03", "record.trace_interval=0.3"],
        &["record.per_layer=0", "record.measure_every=1"],
    ] {
        let sets: Vec<&str> = sets.to_vec();
        let text = if sets.iter().any(|set| set.contains("duration")) {
            NETWORK.replace("epochs = 2\n", "")
        } else {
            NETWORK.to_owned()
        };
        assert_same(&sets.join(" "), &text, &sets, &[1, 5]);
    }
}

/// Found by the fuzz target `checkpoint`: rows ahead of the time, and numbers that are none, ended in a state that is none.
#[test]
fn a_checkpoint_that_no_run_has_written_is_refused() {
    let folder = TempDir::new().unwrap();
    let sets = ["solver.method=exponential", "neuron.tau=0.02"];
    let run = prepare(NETWORK, &sets);
    let (directory, _) = RunDirectory::resume(&folder.path().join("run"), &run.identity().unwrap()).unwrap();
    let conduct = Conduct::default();
    let mut stopper = Stopper { stop: Arc::clone(&conduct.stop), at: 5 };
    run.conduct(&directory, &Latest::default(), &mut stopper, &conduct).unwrap();
    let path = directory.path.clone();
    drop(directory);
    for (name, values, complaint) in [
        ("solver.0.clock", vec![9e223; 5], "ahead of the time"),
        ("solver.0.clock", vec![0.0; 4], "4 values, not 5"),
        ("solver.1.w", vec![f64::NAN; 8], "not finite"),
        ("solver.control", vec![f64::NAN, 1.0], "no controller"),
        ("solver.control", vec![1.0], "1 values, not 2"),
        ("solver.first", vec![0.0], "no step"),
        ("solver.z", vec![0.0; 3], "3 values, not 7"),
        ("solver.e", vec![f64::INFINITY; 7], "not finite"),
    ] {
        let (directory, found) = RunDirectory::resume(&path, &run.identity().unwrap()).unwrap();
        let Found::Checkpoint(mut archive, written) = found else { panic!() };
        archive.put(name, values);
        if name == "solver.control" {
            // Counts that overflow at the next step are refused as well.
            let mut counts = archive.clone();
            counts.put(name, [1e-3, 1.0]);
            counts.put("solver.statistics", [u64::MAX; 5]);
            let conduct = Conduct { from: Some((counts, written)), ..Conduct::default() };
            let error = run.conduct(&directory, &Latest::default(), &mut Nobody, &conduct).unwrap_err();
            assert!(error.to_string().contains("more than there can be"), "{error}");
        }
        let conduct = Conduct { from: Some((archive, written)), ..Conduct::default() };
        let error = run.conduct(&directory, &Latest::default(), &mut Nobody, &conduct).unwrap_err();
        assert!(error.to_string().contains(complaint), "{name}: {error}");
    }
}

/// What a run writes after its last checkpoint, and a kill leaves behind, is no part of the resumed run.
#[test]
fn rows_after_the_checkpoint_are_cut_off() {
    let folder = TempDir::new().unwrap();
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    let run = prepare(NETWORK, &[]);
    let directory = RunDirectory::create(&whole, false).unwrap();
    run.execute(&directory, &Latest::default(), &mut Nobody).unwrap();
    begin(&run, &parts, 9);
    for file in ["traces.csv", "metrics.csv"] {
        let (all, mut left) = (bytes(&whole, file).unwrap(), bytes(&parts, file).unwrap());
        assert!(left.len() < all.len() && all.starts_with(&left), "{file}");
        // More than is still to come, and half a row.
        left.extend(all.repeat(2));
        left.extend(b"0.7,0.");
        std::fs::write(parts.join(file), left).unwrap();
    }
    go_on(&run, &parts);
    for file in ["traces.csv", "metrics.csv", "weights.safetensors"] {
        assert!(bytes(&whole, file) == bytes(&parts, file), "{file}");
    }
}
