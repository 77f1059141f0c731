//! What a careless or hostile user leaves in the way: links, full pipes and disks, files that never end.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use crate::program::{BUSY, Disk, Folder, SMALL, signal, start, status};
use crate::trust::assert_same;

#[test]
fn a_link_in_a_run_directory_is_not_followed() {
    let folder = Folder::new(&[("busy.toml", BUSY)]);
    folder.ok(&["run", "busy.toml", "--output", "whole", "-q"]);
    let precious = "years of work\n".repeat(10_000);
    std::fs::create_dir(folder.path("outside")).unwrap();
    let untouched = |folder: &Folder| {
        assert!(folder.bytes("outside/thesis.tex") == precious.as_bytes());
        assert_eq!(std::fs::read_dir(folder.path("outside")).unwrap().count(), 1);
    };
    std::fs::write(folder.path("outside/thesis.tex"), &precious).unwrap();
    folder.fails(3, &["run", "busy.toml", "--output", "run", "--max-time", "0s"]);
    for (name, target) in [
        ("traces.csv", "../outside/thesis.tex"),
        (".lock", "../outside/lock"),
        ("figures", "../outside"),
        ("checkpoint-b.safetensors", "../outside/thesis.tex"),
    ] {
        let (place, aside) = (folder.path("run").join(name), folder.path("aside"));
        let moved = std::fs::rename(&place, &aside).is_ok();
        symlink(target, &place).unwrap();
        let message = folder.fails(1, &["run", "run", "--resume"]);
        assert!(message.contains(&format!("run/{name}: this is a link")), "{message}");
        untouched(&folder);
        std::fs::remove_file(&place).unwrap();
        if moved {
            std::fs::rename(&aside, &place).unwrap();
        }
    }
    // A link where a file is put together is removed, and not followed.
    symlink("../outside/thesis.tex", folder.path("run/config.toml.part")).unwrap();
    folder.ok(&["run", "run", "--resume", "-q"]);
    assert_same(&folder, "whole", "run");
    untouched(&folder);
    for name in ["weights.safetensors", "figures", ".lock"] {
        let _ = std::fs::remove_file(folder.path("run").join(name));
        symlink("../outside", folder.path("run").join(name)).unwrap();
    }
    folder.ok(&["run", "busy.toml", "--output", "run", "--force", "-q", "--set", "figures={}"]);
    assert!(folder.path("run/figures/traces.png").is_file());
    untouched(&folder);
    // A second run within the first, which may replace what is there.
    symlink("../whole", folder.path("run/verify")).unwrap();
    let message = folder.fails(1, &["verify", "run"]);
    assert!(message.contains("run/verify: this is a link"), "{message}");
    assert_eq!(status(&folder, "whole"), "complete");
}

#[test]
fn a_signal_before_a_run_begins_ends_the_program_at_once() {
    let config = SMALL.replace("source = \"digits\"", "source = \"csv\"\npath = \"endless\"\nlabel = 0");
    let folder = Folder::new(&[("waits.toml", &config)]);
    assert!(Command::new("mkfifo").arg(folder.path("endless")).status().unwrap().success());
    let mut child = start(&folder, &["run", "waits.toml"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it waits for someone to write");
    signal(&child, "TERM");
    let ended = (0..1000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        child.try_wait().unwrap()
    });
    let _ = child.kill();
    assert_eq!(ended.expect("it ends").signal(), Some(15));
    assert!(!folder.path("output").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn an_error_that_nobody_can_be_told_is_an_error_all_the_same() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for args in [&["run", "absent.toml"][..], &["run", "small.toml"], &["check", "small.toml", "absent.toml"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synaptode"));
        command.args(args).current_dir(folder.path("")).stdout(full()).stderr(full());
        assert_eq!(command.status().unwrap().code(), Some(1), "{args:?}");
    }
    // The results were written before anything was said of them.
    assert_eq!(status(&folder, "output/small"), "complete");
}

#[test]
fn a_disk_too_small_for_anything_leaves_no_parts_and_the_first_error() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let place = folder.path("disk");
    std::fs::create_dir(&place).unwrap();
    let parts = |run: &str| {
        let files = [folder.path(run), folder.path(run).join("figures")].map(std::fs::read_dir);
        let names = files.into_iter().flatten().flatten().map(|file| file.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().contains("part")).collect::<Vec<_>>()
    };
    folder.ok(&["run", "small.toml", "--output", "whole", "-q"]);
    let size = |file: &str| std::fs::metadata(folder.path("whole").join(file)).unwrap().len();
    let rows = size("initial.safetensors") + size("traces.csv") / 2 + 12_000;
    // Room for all but the figures, which are made large.
    let results = 2 * size("initial.safetensors") + size("traces.csv") + 80_000;
    for (room, figures) in [(rows, false), (results, true)] {
        let Some(_disk) = Disk::mounted(&place, &room.to_string()) else {
            println!("skipped: this machine lets nobody mount");
            return;
        };
        let output = folder.run(&["run", "small.toml", "--output", "disk/run", "--set", "figures.scale=4"]);
        let [said, message] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        if figures {
            assert!(said.contains("with not all of its figures"), "{said}{message}");
            assert!(message.contains("can't write the figure"), "{message}");
            assert_eq!(status(&folder, "disk/run"), "complete");
        } else {
            assert!(message.contains("traces.csv: writing failed"), "{message}");
        }
        assert_eq!(output.status.success(), figures);
        assert!(parts("disk/run").is_empty(), "{:?}", parts("disk/run"));
    }
}

#[test]
fn a_path_that_no_configuration_can_hold_is_refused_before_anything_is_lost() {
    let config = SMALL.replace("source = \"digits\"", "source = \"csv\"\npath = \"samples.csv\"\nlabel = 0");
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let odd = folder.path("").join(std::ffi::OsStr::from_bytes(b"\xff"));
    std::fs::create_dir(&odd).unwrap();
    std::fs::write(odd.join("odd.toml"), config).unwrap();
    folder.ok(&["run", "small.toml", "-q"]);
    for args in [&["check"][..], &["run", "--force", "--output", "output/small"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_synaptode"));
        let output =
            command.args(args).arg(odd.join("odd.toml")).current_dir(folder.path("")).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("`data.path`") && message.contains("is not UTF-8"), "{message}");
    }
    assert_eq!(status(&folder, "output/small"), "complete");
}

#[test]
fn figures_that_a_kill_has_taken_are_drawn_when_the_run_is_resumed() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    folder.ok(&["run", "small.toml", "-q"]);
    let drawn = folder.bytes("output/small/figures/learning.png");
    std::fs::remove_dir_all(folder.path("output/small/figures")).unwrap();
    assert!(folder.ok(&["run", "output/small", "--resume"]).contains("is complete"));
    assert!(folder.bytes("output/small/figures/learning.png") == drawn);
}

#[test]
fn seeds_and_names_that_cannot_be_written_down_are_refused() {
    let folder = Folder::new(&[("small.toml", SMALL)]);
    let message = folder.fails(2, &["run", "small.toml", "--seed", "18446744073709551615"]);
    assert!(message.contains("9223372036854775807"), "{message}");
    for name in ["-q", " a", "a ", "..", "a/b"] {
        let message = folder.fails(1, &["run", "small.toml", "--set", &format!("name=\"{name}\"")]);
        assert!(message.contains("can't be the name of a directory"), "{message}");
    }
    let message = folder.fails(1, &["run", "small.toml", "--set", &format!("name={}", "x".repeat(300))]);
    assert!(message.contains("has 300 bytes"), "{message}");
}
