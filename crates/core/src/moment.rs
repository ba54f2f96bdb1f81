//! Time as the driver tells it. Nothing below the host crate reads a clock.

use std::time::Duration;

use jiff::Timestamp;

/// The same instant on the two clocks that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since the driver started, on a clock that never goes back: for deadlines.
    pub uptime: Duration,
    /// By the calendar, which a user may change: for what is written down.
    pub time: Timestamp,
}
