//! Where the host reads the time.

use std::time::Instant;

use jiff::Timestamp;
use minihost_core::Moment;

/// Tells the time. Tests bring a clock of their own.
pub trait Clock: Send + Sync {
    /// The current instant on both clocks.
    fn now(&self) -> Moment;
}

/// The operating system's clocks. Uptime counts from when the value was made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose uptime is zero now.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment { uptime: self.started.elapsed(), time: Timestamp::now() }
    }
}
