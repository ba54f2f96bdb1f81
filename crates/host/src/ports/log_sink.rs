//! Hears what the SDK has to say to developers.

use jiff::Timestamp;

/// Takes the lines of the SDK's log. Called in order, on a thread of its own; a sink that does not keep
/// up misses lines, and is told how many.
pub trait LogSink: Send + Sync {
    /// Takes one line.
    fn log(&self, line: LogLine);
}

/// One line of the log. What may be a secret was taken out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the SDK says it, such as `minihost::session`.
    pub target: String,
    /// What it says, with its details behind it, on one line.
    pub text: String,
}

/// How much a line matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// A fault that somebody must mend.
    Error,
    /// Something went wrong that the SDK could live with.
    Warn,
    /// What a developer may want to know.
    Info,
    /// For looking into a fault.
    Debug,
    /// Everything.
    Trace,
}
