//! The program itself under signals, kills, locks and full disks: what is on the disk can be gone on with.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{BUSY, Disk, Folder, signal, start, status, wait_for};

/// One segment that takes as long as anyone can wait.
const ENDLESS: &str = r#"
name = "endless"
[protocol]
duration = 1e6
signal = { kind = "sine", amplitude = 1.0, period = 1e6 }
[solver]
rtol = 1e-12
max_steps = 1000000000
[record]
trace_interval = 1e5
"#;

const FILES: [&str; 3] = ["traces.csv", "metrics.csv", "weights.safetensors"];

pub fn assert_same(folder: &Folder, a: &str, b: &str) {
    for file in FILES {
        assert!(
            folder.bytes(&format!("{a}/{file}")) == folder.bytes(&format!("{b}/{file}")),
            "{file} of {b}"
        );
    }
}

/// Numbers between 0 and 1 that look random.
fn scattered(k: u64) -> f64 {
    let mixed = (k + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn a_run_that_is_killed_at_many_moments_ends_in_the_same_bytes() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    for (method, extra) in [("tsit45", "solver.rtol=1e-6"), ("exponential", "solver.rtol=1e-7")] {
        let set = format!("solver.method={method}");
        let sets = ["--set", &set, "--set", extra, "--set", "stream.epochs=10"];
        let (whole, parts) = (format!("whole-{method}"), format!("parts-{method}"));
        folder.ok(&[&["run", "busy.toml", "--output", &whole, "-q"], &sets[..]].concat());
        let (mut kills, mut ended) = (0, None);
        for k in 0..2000 {
            let mut child =
                start(&folder, &[&["run", "busy.toml", "--output", &parts, "--resume"], &sets[..]].concat());
            // Mostly early, while files are made ready, and some way into the run.
            let end = Instant::now() + Duration::from_secs_f64(0.15 * scattered(k).powi(2));
            while Instant::now() < end && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_micros(200));
            }
            if let Some(status) = child.try_wait().unwrap() {
                ended = Some(status);
                break;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        assert!(ended.unwrap().success() && kills >= 5, "{method}: {kills} kills, {ended:?}");
        assert_same(&folder, &whole, &parts);
        println!("{method}: {kills} kills");
    }
}

#[test]
fn a_signal_ends_a_run_with_a_checkpoint_and_its_own_status() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--output", "whole", "-q", "--set", "solver.rtol=1e-6"]);
    for name in ["INT", "TERM"] {
        let args = ["run", "busy.toml", "--output", name, "--set", "solver.rtol=1e-6"];
        let mut child = start(&folder, &args);
        wait_for("the first checkpoint", || folder.path(name).join("checkpoint-a.safetensors").exists());
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(3), "{name}");
        assert_eq!(status(&folder, name), "interrupted");
        assert!(!folder.path(name).join("weights.safetensors").exists());
        let message = folder.fails(1, &args);
        assert!(message.contains("--resume"), "{message}");
        folder.ok(&["run", name, "--resume"]);
        assert_same(&folder, "whole", name);
        assert!(folder.ok(&["run", name, "--resume"]).contains("is complete"));
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let folder = Folder::new(&[("endless.toml", ENDLESS)]);
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut child = start(&folder, &["run", "endless.toml", "--output", name]);
        wait_for("the first rows", || folder.path(name).join("traces.csv").exists());
        signal(&child, name);
        std::thread::sleep(Duration::from_millis(50));
        assert!(child.try_wait().unwrap().is_none(), "it is still within its first segment");
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(status(&folder, name), "running");
    }
}

#[test]
fn a_time_limit_ends_a_run_with_a_checkpoint() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--output", "whole", "-q"]);
    folder.fails(3, &["run", "busy.toml", "--output", "parts", "--max-time", "0s"]);
    folder.fails(3, &["run", "parts", "--resume", "--max-time", "100ms"]);
    folder.ok(&["run", "parts", "--resume", "--max-time", "1h"]);
    assert_same(&folder, "whole", "parts");
    folder.fails(2, &["run", "busy.toml", "--max-time", "soon"]);
    folder.fails(2, &["run", "busy.toml", "--resume", "--force"]);
}

#[test]
fn resuming_what_is_not_there_starts_it() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--resume", "-q"]);
    assert_eq!(status(&folder, "output/busy"), "complete");
    std::fs::create_dir(folder.path("mine")).unwrap();
    std::fs::write(folder.path("mine/thesis.tex"), "years of work").unwrap();
    let message = folder.fails(1, &["run", "busy.toml", "--output", "mine", "--resume"]);
    assert!(message.contains("no run has written") && !folder.path("mine/.lock").exists(), "{message}");
}

#[test]
fn two_runs_do_not_write_into_one_folder() {
    let folder = Folder::new(&[("endless.toml", ENDLESS), ("busy.toml", BUSY)]);
    let mut child = start(&folder, &["run", "endless.toml", "--output", "run"]);
    wait_for("the first rows", || folder.path("run/traces.csv").exists());
    for how in ["--force", "--resume"] {
        let message = folder.fails(1, &["run", "endless.toml", "--output", "run", how]);
        assert!(message.contains("another run is writing"), "{message}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    folder.ok(&["run", "busy.toml", "--output", "run", "-q"]);
}

#[test]
fn a_file_that_is_shorter_than_its_checkpoint_says_is_refused() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.fails(3, &["run", "busy.toml", "--output", "run", "--max-time", "0s"]);
    std::fs::write(folder.path("run/metrics.csv"), "").unwrap();
    let message = folder.fails(1, &["run", "run", "--resume"]);
    assert!(message.contains("metrics.csv") && message.contains("0 bytes"), "{message}");
}

/// Runs the program where no file may grow beyond `blocks` of 512 bytes, which is what a full disk looks like.
#[cfg(unix)]
fn cramped(folder: &Folder, blocks: u32, args: &str) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_synaptode");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {args}");
    Command::new("sh").args(["-c", &script]).current_dir(folder.path("")).output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_grow_is_a_clear_error_and_the_run_can_be_gone_on_with() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--output", "whole", "-q"]);
    // Enough for the weights at the start and a checkpoint, not for all rows of the traces.
    let size = std::fs::metadata(folder.path("whole/traces.csv")).unwrap().len() / 512;
    let output = cramped(&folder, size as u32 * 3 / 4, "run busy.toml --output run");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("run/traces.csv") && message.contains("writing failed"), "{message}");
    assert_eq!(status(&folder, "run"), "failed");
    folder.ok(&["run", "run", "--resume"]);
    assert_same(&folder, "whole", "run");
    // Where not even the first file fits, finished runs are as they were.
    let output = cramped(&folder, 1, "run busy.toml --output other");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("other/") && message.contains(".part: writing failed"), "{message}");
    assert_eq!(status(&folder, "whole"), "complete");
}

#[test]
fn a_full_disk_is_a_clear_error_and_room_is_all_that_is_needed_to_go_on() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    std::fs::create_dir(folder.path("disk")).unwrap();
    let place = folder.path("disk");
    let Some(_disk) = Disk::mounted(&place, "8m") else {
        println!("skipped: this machine lets nobody mount");
        return;
    };
    folder.ok(&["run", "busy.toml", "--output", "whole", "-q"]);
    let filler = folder.path("disk/filler");
    // Room for the state at the start and two checkpoints, but not for all rows besides.
    let size = |file: &str| std::fs::metadata(folder.path("whole").join(file)).unwrap().len() as usize;
    let room = 3 * size("weights.safetensors") + size("traces.csv") / 2 + 40_000;
    std::fs::write(&filler, vec![0; (8 << 20) - room]).unwrap();
    let message = folder.fails(1, &["run", "busy.toml", "--output", "disk/run"]);
    assert!(message.contains("disk/run") && message.contains("No space left"), "{message}");
    std::fs::remove_file(filler).unwrap();
    folder.ok(&["run", "busy.toml", "--output", "disk/run", "--resume", "-q"]);
    assert_same(&folder, "whole", "disk/run");
}

#[test]
fn a_folder_that_vanishes_or_cannot_be_made_is_a_clear_error() {
    let folder = Folder::new(&[("busy.toml", BUSY), ("file", "")]);
    let message = folder.fails(1, &["run", "busy.toml", "--output", "file"]);
    assert!(message.contains("not a run directory"), "{message}");
    let message = folder.fails(1, &["run", "busy.toml", "--output", "file/below"]);
    assert!(message.contains("file/below") && message.contains("creating failed"), "{message}");
    let message = folder.fails(1, &["run", "busy.toml", "--output", "/proc/run"]);
    assert!(message.contains("/proc/run: creating failed"), "{message}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_synaptode"))
        .args(["run", "busy.toml", "--output", "gone", "--set", "solver.rtol=1e-7"])
        .current_dir(folder.path(""))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("a checkpoint", || folder.path("gone/checkpoint-a.safetensors").exists());
    std::fs::rename(folder.path("gone"), folder.path("moved")).unwrap();
    let code = child.wait().unwrap().code();
    let mut message = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut message).unwrap();
    assert_eq!(code, Some(1), "{message}");
    assert!(message.contains("gone/") && message.contains("No such file"), "{message}");
    folder.ok(&["run", "moved", "--resume", "-q"]);
}

#[test]
fn verify_says_that_a_run_is_the_same_or_how_far_apart() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--output", "run", "-q"]);
    let said = folder.ok(&["verify", "run"]);
    for file in FILES {
        assert!(said.contains(&format!("identical  {file}")), "{said}");
    }
    assert!(!folder.path("run/verify").exists());
    // The same configuration by another hand: a weight that is off by one part in 10^9, and a row that is not there.
    let mut bytes = folder.bytes("run/weights.safetensors");
    let last = bytes.len() - 8;
    let value = f64::from_le_bytes(bytes[last..].try_into().unwrap());
    bytes[last..].copy_from_slice(&(value * (1.0 + 1e-9)).to_le_bytes());
    std::fs::write(folder.path("run/weights.safetensors"), bytes).unwrap();
    let rows = folder.bytes("run/metrics.csv");
    let end = rows[..rows.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    std::fs::write(folder.path("run/metrics.csv"), &rows[..end]).unwrap();
    let output = folder.run(&["verify", "run", "--keep"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("identical  traces.csv") && said.contains("DIFFERS    metrics.csv: one has"),
        "{said}"
    );
    assert!(said.contains("DIFFERS    weights.safetensors: by at most"), "{said}");
    assert!(folder.path("run/verify/weights.safetensors").exists());
    let message = folder.fails(1, &["verify", "absent"]);
    assert!(message.contains("absent/manifest.json"), "{message}");
}
