//! Clocks that the tests move, or that have faults.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use minihost::{Clock, Moment, SystemClock};

/// Moves as the test says.
#[derive(Default)]
pub(crate) struct Steps(AtomicU64);

impl Steps {
    /// Twenty of these are a second.
    pub(crate) fn step(&self) {
        self.0.fetch_add(50, Ordering::Relaxed);
    }
}

impl Clock for Steps {
    fn now(&self) -> Moment {
        let uptime = Duration::from_millis(self.0.load(Ordering::Relaxed));
        Moment { uptime, time: "2026-01-01T00:00:00Z".parse().unwrap() }
    }
}

/// The system's, but for as many faults as are set.
pub(crate) struct Faulty {
    clock: SystemClock,
    pub(crate) faults: AtomicU64,
}

impl Faulty {
    pub(crate) fn new() -> Self {
        Self { clock: SystemClock::new(), faults: AtomicU64::new(0) }
    }
}

impl Clock for Faulty {
    fn now(&self) -> Moment {
        let less = |faults: u64| faults.checked_sub(1);
        let fault = self.faults.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        assert!(fault.is_err(), "a fault in the host");
        self.clock.now()
    }
}
