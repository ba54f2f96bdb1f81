//! What happened, line by line.

use std::time::Duration;

/// Whether lines are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All of them.
    Lines,
    /// None: only the verdict counts.
    Nothing,
}

/// The log of one history.
pub(crate) struct Log {
    keep: Keep,
    pub(crate) lines: Vec<String>,
}

impl Log {
    pub(crate) fn new(keep: Keep) -> Self {
        Self { keep, lines: Vec::new() }
    }

    pub(crate) fn line(&mut self, uptime: Duration, text: impl FnOnce() -> String) {
        if self.keep == Keep::Lines {
            let seconds = uptime.as_secs_f64();
            self.lines.push(format!("{seconds:>12.3}s  {}", text()));
        }
    }
}
