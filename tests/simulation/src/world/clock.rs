//! Virtual time, and a calendar that the user may set.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use minihost::{Clock, Moment};
use tokio::time::Instant;

/// Reads the paused clock of the runtime. Begins at 2026-01-01T00:00:00Z.
#[derive(Default)]
pub(crate) struct SimulatedClock(Mutex<Reading>);

#[derive(Default)]
struct Reading {
    started: Option<Instant>,
    /// How long all earlier processes ran.
    before: Duration,
    set_by_user: SignedDuration,
    told_apart: SignedDuration,
}

impl SimulatedClock {
    /// A process begins, on the current runtime.
    pub(crate) fn process_begins(&self) {
        self.reading().started = Some(Instant::now());
    }

    /// A process ends, on the current runtime.
    pub(crate) fn process_ends(&self) {
        let uptime = self.now().uptime;
        let mut reading = self.reading();
        reading.before += uptime;
        reading.started = None;
    }

    /// The user sets the calendar.
    pub(crate) fn jump(&self, by: SignedDuration) {
        self.reading().set_by_user += by;
    }

    /// Moves the calendar on by what is less than anything that happens takes.
    pub(crate) fn tell_apart(&self) {
        self.reading().told_apart += SignedDuration::from_nanos(1);
    }

    /// Since the history began.
    pub(crate) fn total(&self) -> Duration {
        let uptime = self.now().uptime;
        self.reading().before + uptime
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Moment {
        let reading = self.reading();
        let uptime = reading.started.map(|started| started.elapsed()).unwrap_or_default();
        let passed = SignedDuration::try_from(reading.before + uptime).unwrap_or_default();
        let start = Timestamp::from_second(1_767_225_600).unwrap_or_default();
        Moment { uptime, time: start + passed + reading.set_by_user + reading.told_apart }
    }
}
