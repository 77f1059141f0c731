//! The program as it is run by tests: in a temporary folder, under signals, on a small disk.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A small network on the built-in digits: 40 presentations.
pub const SMALL: &str = r#"
name = "small"
[data]
source = "digits"
train = 20
test = 30
[stream]
epochs = 2
[network]
layers = [64, 8, 10]
[record]
per_layer = 2
trace_interval = 0.02
measure_every = 10
[figures]
width = 400
height = 300
scale = 1.0
[expect]
test_accuracy = { min = 0.0 }
angle_deg = { max = 180 }
"#;

/// Two synapses under a square signal.
pub const SYNAPSES: &str = r#"
name = "synapses"
[protocol]
duration = 2.0
signal = { kind = "square", amplitude = 1.0, period = 1.0 }
synapses = [{ w = 0.2, b = -0.2 }, { w = -0.5, b = 0.1, scale = 0.5 }]
[record]
trace_interval = 0.05
"#;

/// A network whose run takes about a second, with a checkpoint at every third presentation.
pub const BUSY: &str = r#"
name = "busy"
[data]
source = "digits"
train = 120
test = 40
[stream]
epochs = 2
[network]
layers = [64, 24, 10]
[record]
per_layer = 3
trace_interval = 0.02
measure_every = 20
[checkpoint]
every = 3
wall_clock = 0.05
[figures]
draw = []
"#;

/// A temporary folder in which the program runs.
pub struct Folder(TempDir);

impl Folder {
    pub fn new(configs: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in configs {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_synaptode")).args(args).current_dir(&self.0).output().unwrap()
    }

    /// Runs and demands success.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs, demands failure with `status`, and gives the message.
    pub fn fails(&self, status: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

pub fn start(folder: &Folder, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synaptode"));
    command.args(args).current_dir(folder.path("")).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits for something that has to happen.
pub fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(120), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn status(folder: &Folder, run: &str) -> String {
    let manifest: serde_json::Value =
        serde_json::from_slice(&folder.bytes(&format!("{run}/manifest.json"))).unwrap();
    manifest["status"].as_str().unwrap().to_owned()
}

/// A file system of its own of `size`, where the machine allows that.
pub struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    pub fn mounted(place: &'a Path, size: &str) -> Option<Self> {
        let size = format!("size={size}");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(place).output().ok()?;
        mount.status.success().then_some(Self(place))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}
