//! Where the host reads the time.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use minihost_core::Moment;

/// Differences up to this are the network's.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(10);
/// Seconds of the years 2025 to 2099. A server that lives in another age is not believed.
const AGE: Range<i64> = 1_735_689_600..4_102_444_800;

/// Tells the time. Tests bring a clock of their own.
pub trait Clock: Send + Sync {
    /// The current instant on both clocks.
    fn now(&self) -> Moment;

    /// Hears what time it is at the authorization server, about once per answer of it. A clock that
    /// is set by others need not care.
    fn server_said(&self, _time: Timestamp) {}
}

/// The operating system's clocks. Uptime counts from when the value was made, and the calendar is
/// put right by the server's where the two are more than ten seconds apart: a device whose user has
/// set its clock must still make signatures and statements that a server believes. Clones are the
/// same clock.
#[derive(Clone, Debug)]
pub struct SystemClock {
    started: Instant,
    /// The server's calendar minus this device's, in milliseconds.
    offset: Arc<AtomicI64>,
}

impl SystemClock {
    /// A clock whose uptime is zero now.
    pub fn new() -> Self {
        Self { started: Instant::now(), offset: Arc::default() }
    }

    /// How far the server's calendar is ahead of this device's, as far as is known; zero within ten
    /// seconds.
    pub fn offset(&self) -> SignedDuration {
        SignedDuration::from_millis(self.offset.load(Ordering::Relaxed))
    }

    fn correct(&self, device: Timestamp, server: Timestamp) {
        let offset = server.duration_since(device);
        if !AGE.contains(&server.as_second()) || (offset - self.offset()).abs() <= TOLERANCE {
            return;
        }
        let offset = if offset.abs() <= TOLERANCE { SignedDuration::ZERO } else { offset };
        tracing::warn!(seconds = offset.as_secs(), "the device's clock is not the server's");
        let millis = i64::try_from(offset.as_millis()).unwrap_or(0);
        self.offset.store(millis, Ordering::Relaxed);
    }

    fn corrected(&self, device: Timestamp) -> Timestamp {
        device.checked_add(self.offset()).unwrap_or(device)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment { uptime: self.started.elapsed(), time: self.corrected(Timestamp::now()) }
    }

    fn server_said(&self, time: Timestamp) {
        self.correct(Timestamp::now(), time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_that_is_far_off_is_put_right_and_one_that_is_near_is_left() {
        let clock = SystemClock::new();
        let server = time("2026-06-01T12:00:00Z");
        for (device, seconds) in [
            ("2026-06-01T11:59:51Z", 0),
            ("2026-06-01T11:00:00Z", 3600),
            ("2026-06-01T11:00:07Z", 3600),
            ("2026-06-01T13:00:00Z", -3600),
            ("2026-06-01T11:59:55Z", 0),
            ("1970-01-01T00:00:00Z", 1_780_315_200),
        ] {
            clock.correct(time(device), server);
            assert_eq!(clock.offset().as_secs(), seconds, "{device}");
        }
        assert_eq!(clock.corrected(time("1970-01-01T00:00:09Z")), time("2026-06-01T12:00:09Z"));
        assert_eq!(clock.clone().offset(), clock.offset(), "clones are the same clock");
    }

    #[test]
    fn a_server_in_another_age_is_not_believed() {
        let clock = SystemClock::new();
        for absurd in ["1970-01-01T00:00:00Z", "2024-12-31T23:59:59Z", "2100-01-01T00:00:00Z"] {
            clock.correct(time("2026-06-01T12:00:00Z"), time(absurd));
            assert!(clock.offset().is_zero(), "{absurd}");
        }
    }
}
