//! What fuzz targets call: each takes bytes from anywhere, and panics if a promise is broken. Built with `--cfg fuzzing` only.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::checkpoint::Archive;
use crate::config;
use crate::runner::Run;
use crate::solver::with_integrator;
use crate::stream::data::{Column, CsvSpec, Output, Scaling, TestPart};
use crate::stream::{DataSource, DataSpec, Dataset, Segment};

/// A configuration: refused in clear words, or the same when it is written out and read again.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match config::load_str(text, "fuzzed", Path::new("/nowhere"), &[]) {
        Err(error) => assert!(!error.reason.is_empty() && !error.remedy.is_empty(), "{error}"),
        Ok(experiment) => {
            let written = experiment.to_toml().expect("a valid configuration can be written");
            let again = config::load_str(&written, "other", Path::new("/elsewhere"), &[]);
            let again = again.unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again.to_toml().unwrap(), written);
            assert!(!crate::cmd::check::report(&experiment).is_empty());
        }
    }
}

/// Bytes as a file that can be opened by its path.
fn with_file(bytes: &[u8], use_it: impl FnOnce(&Path)) {
    thread_local! {
        static PLACE: PathBuf = std::env::temp_dir().join(format!("synaptode-fuzz-{}", std::process::id()));
    }
    PLACE.with(|path| {
        std::fs::write(path, bytes).expect("the temporary folder can be written");
        use_it(path);
    });
}

/// A table of samples: the first byte says how it is read.
pub fn csv(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let column = Column::Index(usize::from(how >> 6));
    with_file(bytes, |path| {
        let spec = CsvSpec {
            path: path.to_owned(),
            test: TestPart::Split { fraction: Some(0.3), seed: 1 },
            header: how & 1 != 0,
            output: if how & 2 != 0 { Output::Label(column) } else { Output::Targets(vec![column]) },
            inputs: None,
            scaling: [Scaling::None, Scaling::MinMax, Scaling::Standardize][usize::from(how >> 2) % 3],
        };
        let data = DataSpec { source: DataSource::Csv(spec), train: None, test: None };
        if let Ok(data) = Dataset::load(&data) {
            let (mut x, mut y) = (vec![0.0; data.train.width()], vec![0.0; data.train.target_width()]);
            for k in 0..data.train.len() {
                data.train.sample_into(k, &mut x, &mut y);
                assert!(x.iter().chain(&y).all(|value| value.is_finite()));
            }
        }
    });
}

/// A signal from a CSV file: refused, or in order of time.
pub fn signal(bytes: &[u8]) {
    with_file(bytes, |path| crate::stream::protocol::fuzz(path));
}

/// An IDX file, plain or packed; the first byte is the number of dimensions.
pub fn idx(bytes: &[u8]) {
    let Some((rank, bytes)) = bytes.split_first() else { return };
    crate::stream::data::fuzz_idx(bytes, rank % 4);
}

const NETWORK: &str = "
[data]
source = \"blobs\"
classes = 2
dimension = 3
train = 4
test = 2
[stream]
crossfade = 0.02
[network]
layers = [3, 2, 2]
[feedback]
traces = \"own\"
[solver]
max_steps = 20
";

/// A model in DiffSL: refused in clear words, or typeset.
#[cfg(feature = "models")]
pub fn model(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match crate::model::Model::parse(text, "fuzzed") {
        Err(error) => assert!(!error.reason.is_empty() && !error.remedy.is_empty(), "{error}"),
        Ok(model) => assert!(!crate::model::show::page(&model).is_empty()),
    }
}

/// A checkpoint, its checksum right or not, which is refused or gone on with for a while: the first byte says which run goes on from it.
pub fn checkpoint(bytes: &[u8]) {
    thread_local! {
        static RUNS: RefCell<Vec<Run>> = RefCell::new(["tsit45", "exponential", "bdf"].map(prepared).into());
    }
    let Some((which, bytes)) = bytes.split_first() else { return };
    let whole = Archive::decode(bytes.to_vec(), Path::new("fuzzed"));
    let archive = match (whole, Archive::decode_unchecked(bytes.to_vec())) {
        (Ok(archive), _) | (Err(_), Ok(archive)) => archive,
        (Err(error), Err(_)) => return assert!(!error.reason.is_empty()),
    };
    RUNS.with_borrow(|runs| go_on(&runs[usize::from(*which) % runs.len()], &archive));
}

fn prepared(method: &str) -> Run {
    let sets = [format!("solver.method={method}"), "solver.threads=1".to_owned()];
    let sets = if method == "exponential" { &sets[..] } else { &sets[..1] };
    let experiment = config::load_str(NETWORK, "fuzzed", Path::new(""), sets).unwrap();
    Run::prepare(experiment).unwrap()
}

/// A few segments from a checkpoint.
fn go_on(run: &Run, archive: &Archive) {
    let mut schedule = run.schedule();
    let outcome = with_integrator(&run.dynamics, &run.start, &run.experiment.solver, |integrator| {
        if schedule.restore(archive).is_err() || integrator.restore(archive).is_err() {
            return;
        }
        let mut segment = Segment::default();
        for _ in 0..3 {
            if !schedule.next_segment(&mut segment) || integrator.begin(&segment).is_err() {
                return;
            }
            if integrator.advance(&[], &mut |_| {}).is_err() {
                return;
            }
            assert_eq!(integrator.state().values.len(), run.start.values.len());
        }
    });
    outcome.expect("the run itself is sound");
}
