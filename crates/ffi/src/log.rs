//! The log of the SDK.

use std::sync::Arc;

use minihost::{log, ports};

use crate::{error::LogError, port_error::PortError};

/// Takes the lines of the SDK's log. Called in order, on a thread of the log's own, for every host of the
/// process; a sink that does not keep up misses lines, and is told how many.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// Takes one line. What may be a secret was taken out of it.
    ///
    /// # Errors
    /// [`PortError`]; the line is lost.
    fn log(&self, line: LogLine) -> Result<(), PortError>;
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// When: milliseconds since 1970-01-01T00:00:00Z.
    pub at_unix_ms: i64,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the SDK says it, such as `minihost::session`.
    pub target: String,
    /// What it says, with its details behind it.
    pub text: String,
}

/// How much a line matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
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

/// Sends the log of the SDK to a sink, in place of an earlier one: lines of this level, and those that
/// matter more.
///
/// # Errors
/// [`LogError`].
#[uniffi::export]
pub fn send_log_to(sink: Arc<dyn LogSink>, level: LogLevel) -> Result<(), LogError> {
    Ok(log::send_log_to(Arc::new(ForeignLog(sink)), level.into())?)
}

/// Sends it nowhere, and lets go of the sink.
///
/// # Errors
/// None today.
#[uniffi::export]
pub fn stop_log() -> Result<(), LogError> {
    log::stop_log();
    Ok(())
}

/// A foreign sink as a port of the SDK.
struct ForeignLog(Arc<dyn LogSink>);

impl ports::LogSink for ForeignLog {
    fn log(&self, line: ports::LogLine) {
        // A line about it would go the same way.
        let _ = self.0.log(line.into());
    }
}

impl From<ports::LogLine> for LogLine {
    fn from(line: ports::LogLine) -> Self {
        let ports::LogLine { at, level, target, text } = line;
        Self { at_unix_ms: at.as_millisecond(), level: level.into(), target, text }
    }
}

impl From<LogLevel> for ports::LogLevel {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
            LogLevel::Trace => Self::Trace,
        }
    }
}

impl From<ports::LogLevel> for LogLevel {
    fn from(level: ports::LogLevel) -> Self {
        match level {
            ports::LogLevel::Error => Self::Error,
            ports::LogLevel::Warn => Self::Warn,
            ports::LogLevel::Info => Self::Info,
            ports::LogLevel::Debug => Self::Debug,
            ports::LogLevel::Trace => Self::Trace,
        }
    }
}
