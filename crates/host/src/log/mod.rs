//! The SDK's log, on its way to a host that has no subscriber of `tracing` of its own.
//!
//! What the SDK says goes through a channel to a thread of the log's own, and from there to the
//! [`LogSink`]: whoever logs never waits for the host. Only the SDK's own lines go this way, since
//! those of its dependencies may hold addresses and headers.

mod redactor;
mod subscriber;

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicU8, AtomicU64, Ordering},
};

use jiff::Timestamp;

use crate::{
    driver::{Ground, Handed, Lane},
    ports::{LogLevel, LogLine, LogSink},
    sync::lock,
};

/// The most lines that wait for a slow sink.
const CAPACITY: usize = 1_024;
const TARGET: &str = "minihost::log";

/// The process has one log.
static LOG: OnceLock<Result<Arc<Log>, LogTaken>> = OnceLock::new();

/// The process has a subscriber of `tracing` already, which hears the SDK too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the process has a subscriber of its own, which hears the SDK too")]
pub struct LogTaken;

/// Sends the SDK's log to a sink, in place of an earlier one: lines of this level, and those that matter
/// more. The log is the process's, whichever host a line is of.
///
/// # Errors
/// [`LogTaken`].
pub fn send_log_to(sink: Arc<dyn LogSink>, level: LogLevel) -> Result<(), LogTaken> {
    let log = LOG.get_or_init(|| {
        let log = Arc::new(Log::default());
        let subscriber = subscriber::Subscriber(log.clone());
        tracing::subscriber::set_global_default(subscriber).map(|()| log).map_err(|_| LogTaken)
    });
    log.as_ref().map_err(|taken| *taken)?.send_to(Some((sink, level)));
    Ok(())
}

/// Sends it nowhere, and lets go of the sink once it has what was said before.
pub fn stop_log() {
    if let Some(Ok(log)) = LOG.get() {
        log.send_to(None);
    }
}

#[derive(Default)]
struct Log {
    lane: Mutex<Option<Lane<LogLine>>>,
    /// How many levels go to the sink; none without one.
    levels: AtomicU8,
    lost: AtomicU64,
}

impl Log {
    fn send_to(&self, sink: Option<(Arc<dyn LogSink>, LogLevel)>) {
        let levels = sink.as_ref().map_or(0, |(_, level)| count(*level));
        let lane = sink.and_then(|(sink, _)| {
            Lane::new(&Ground::Threads, "log", move |line| sink.log(line)).ok()
        });
        *lock(&self.lane) = lane;
        self.levels.store(levels, Ordering::Relaxed);
        tracing::callsite::rebuild_interest_cache();
    }

    fn wants(&self, level: LogLevel) -> bool {
        count(level) <= self.levels.load(Ordering::Relaxed)
    }

    /// Says what was looked at for secrets before.
    fn say(&self, level: LogLevel, target: &str, text: String) {
        let lane = lock(&self.lane);
        let Some(lane) = lane.as_ref() else { return };
        let at = Timestamp::now();
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = format!("{lost} lines are lost: the host's sink does not keep up");
            let line = LogLine { at, level: LogLevel::Warn, target: TARGET.to_owned(), text };
            if lane.hand_below(CAPACITY, line) == Handed::Dropped {
                self.lost.fetch_add(lost, Ordering::Relaxed);
            }
        }
        let target = target.to_owned();
        if lane.hand_below(CAPACITY, LogLine { at, level, target, text }) == Handed::Dropped {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn count(level: LogLevel) -> u8 {
    level as u8 + 1
}
