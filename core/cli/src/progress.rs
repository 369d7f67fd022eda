//! How far a long job is: on standard error, only on a terminal, only once it has taken a second.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(1);

/// A bar over a number of bytes; also the one way to standard error while it is drawn.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    done: Arc<AtomicU64>,
}

impl Progress {
    /// A bar over `total` bytes; 0 where nobody knows how many there will be.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target((total > 0).then_some(total), ProgressDrawTarget::hidden());
        let template = if total > 0 {
            "{msg} [{bar:32}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"
        } else {
            "{msg} {spinner} {bytes}, {bytes_per_sec}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        bar.set_message(what);
        Self { bar, started: Instant::now(), done: Arc::default() }
    }

    /// The counter of bytes done, for whoever reads them.
    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.done)
    }

    /// Draws the bar where it is due.
    pub(crate) fn tick(&self) {
        if self.bar.is_hidden() && self.started.elapsed() > PATIENCE && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_position(self.done.load(Ordering::Relaxed));
    }

    /// Says that `done` of `total` bytes are done, where no reader counts.
    pub(crate) fn set(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.done.store(done, Ordering::Relaxed);
        self.tick();
    }

    /// Writes a line to standard error, above the bar.
    pub(crate) fn print(&self, line: &str) {
        // Where standard error itself fails there is nobody left to tell.
        self.bar.suspend(|| writeln!(std::io::stderr(), "{}", one_line(line)).ok());
    }

    /// Says what is being done now.
    pub(crate) fn message(&self, what: &'static str) {
        self.bar.set_message(what);
        self.tick();
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Without control characters: file names and messages from input must not move the cursor or colour the terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
