//! A clock that can be put forward.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use minihost::{Clock, Moment, SystemClock};

/// The system's, and as much as has been added to it.
#[derive(Default)]
pub(crate) struct SteeredClock {
    system: SystemClock,
    ahead: AtomicU64,
}

impl SteeredClock {
    /// Puts it forward by whole seconds.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for SteeredClock {
    fn now(&self) -> Moment {
        let ahead = Duration::from_secs(self.ahead.load(Ordering::SeqCst));
        let Moment { uptime, time } = self.system.now();
        Moment { uptime: uptime + ahead, time: time + ahead }
    }
}
