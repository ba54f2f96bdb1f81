//! When to try again what has failed.

use std::time::Duration;

/// How long until the first time; each further one is twice as far away.
const FIRST: Duration = Duration::from_secs(30);
/// How far away at most.
const FURTHEST: Duration = Duration::from_secs(60 * 60);

/// The next time that something is tried which has failed before.
#[derive(Debug, Default)]
pub(super) struct Again {
    at: Option<Duration>,
    failures: u32,
}

impl Again {
    /// It has failed. A time that stands already stays.
    pub(super) fn failed(&mut self, uptime: Duration) {
        if self.at.is_none() {
            let pause = FIRST.saturating_mul(1 << self.failures.min(16)).min(FURTHEST);
            self.at = Some(uptime.saturating_add(pause));
            self.failures = self.failures.saturating_add(1);
        }
    }

    /// It was not tried, or may be tried now. A time that stands already stays.
    pub(super) fn later(&mut self, uptime: Duration) {
        self.at.get_or_insert(uptime.saturating_add(FIRST));
    }

    /// It has gone well: the next failure is the first.
    pub(super) fn went_well(&mut self) {
        self.failures = 0;
    }

    /// It is being tried, or need not be.
    pub(super) fn clear(&mut self) {
        self.at = None;
    }

    /// The uptime of the next time.
    pub(super) fn at(&self) -> Option<Duration> {
        self.at
    }

    /// Whether that has come.
    pub(super) fn is_due(&self, uptime: Duration) -> bool {
        self.at.is_some_and(|at| at <= uptime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_less_and_less_often_until_it_goes_well() {
        let mut again = Again::default();
        let mut now = Duration::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            again.failed(now);
            again.failed(now + Duration::from_secs(1));
            let at = again.at().unwrap();
            assert!(!again.is_due(at - Duration::from_nanos(1)) && again.is_due(at));
            pauses.push((at - now).as_secs());
            now = at;
            again.clear();
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        again.went_well();
        again.failed(now);
        assert_eq!(again.at(), Some(now + FIRST));
    }
}
