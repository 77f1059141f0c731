//! How far a run has come: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::runner::Latest;
use crate::simulation::{Interest, Observer};
use crate::stream::Segment;

/// Time between two changes of the bar, and between two plain lines.
const BAR_INTERVAL: Duration = Duration::from_millis(100);
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Shows how far a run has come.
pub struct Progress {
    output: Output,
    duration: f64,
    latest: Latest,
    /// When it started, at which time of the run, s, and at which presentation: not 0 where the run goes on.
    started: Option<(Instant, f64, u64)>,
    shown: Instant,
    /// Whether presentations are counted, as in a stream.
    counts: bool,
}

enum Output {
    Silent,
    Lines,
    Bar(ProgressBar),
}

impl Progress {
    /// For a run of `duration` seconds of simulated time; `counts` says whether it has presentations.
    #[must_use]
    pub fn new(quiet: bool, duration: f64, counts: bool, latest: Latest) -> Self {
        let output = if quiet {
            Output::Silent
        } else if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {eta} left");
            let bar = ProgressBar::new(1000);
            Output::Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
        } else {
            Output::Lines
        };
        Self { output, duration, latest, started: None, shown: Instant::now(), counts }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Output::Bar(bar) = &self.output {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, segment: &Segment) {
        let now = Instant::now();
        let (started, t0, first) = *self.started.get_or_insert((now, segment.t0, segment.presentation));
        let interval = match &self.output {
            Output::Silent => return,
            Output::Lines => LINE_INTERVAL,
            Output::Bar(_) => BAR_INTERVAL,
        };
        if self.shown.elapsed() < interval {
            return;
        }
        self.shown = now;
        let fraction = segment.t0 / self.duration;
        let elapsed = (now - started).as_secs_f64();
        let speed = (segment.presentation - first) as f64 / elapsed;
        let message = self.message(segment, speed);
        match &self.output {
            Output::Bar(bar) => {
                bar.set_position((1000.0 * fraction) as u64);
                bar.set_message(message);
            }
            Output::Lines => {
                let left = elapsed * (self.duration - segment.t0) / (segment.t0 - t0);
                let left = Duration::from_secs(left.min(1e9) as u64);
                eprintln!(
                    "{:>3.0} %  {message}  {} left",
                    100.0 * fraction,
                    humantime::format_duration(left)
                );
            }
            Output::Silent => {}
        }
    }

    /// Speed and the latest measurement.
    fn message(&self, segment: &Segment, speed: f64) -> String {
        if !self.counts {
            return format!("t = {:.3} s", segment.t0);
        }
        let latest = self.latest.borrow();
        let speed = format!("{speed:.0} presentations/s");
        let score = if latest.test_accuracy.is_finite() {
            format!("test accuracy {:.3}", latest.test_accuracy)
        } else {
            format!("test loss {:.4}", latest.test_loss)
        };
        let angle = latest.symmetry.iter().map(|layer| layer.angle_deg).reduce(f64::max);
        let angle = angle.map(|angle| format!("angle {angle:.1} deg"));
        [Some(speed), Some(score), angle].into_iter().flatten().collect::<Vec<_>>().join("  ")
    }
}

impl Observer for Progress {
    fn interest(&mut self, segment: &Segment, _times: &mut Vec<f64>) -> Interest {
        self.show(segment);
        Interest::default()
    }
}
