//! How often a mini-program may speak.

use std::time::Duration;

/// Messages that may come at once.
const BURST: u32 = 100;
/// How long until one more may come.
const REFILL: Duration = Duration::from_millis(50);

/// Whether one more message is within the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Fine,
    TooFast,
}

/// Counts one session's messages.
#[derive(Debug, Default)]
pub(super) struct RateLimit {
    used: u32,
    since: Duration,
}

impl RateLimit {
    /// Counts one message.
    pub(super) fn count(&mut self, now: Duration) -> Pace {
        let passed = now.saturating_sub(self.since).as_nanos() / REFILL.as_nanos();
        let refilled = u32::try_from(passed).unwrap_or(u32::MAX);
        if refilled > 0 {
            self.used = self.used.saturating_sub(refilled);
            self.since = now;
        }
        if self.used == BURST {
            return Pace::TooFast;
        }
        self.used += 1;
        Pace::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_fine_and_then_one_every_fifty_milliseconds() {
        let mut limit = RateLimit::default();
        let start = Duration::from_secs(9);
        assert!((0..BURST).all(|_| limit.count(start) == Pace::Fine));
        assert_eq!(limit.count(start), Pace::TooFast);
        assert_eq!(limit.count(start + REFILL / 2), Pace::TooFast);
        assert_eq!(limit.count(start + REFILL), Pace::Fine);
        assert_eq!(limit.count(start + REFILL), Pace::TooFast);
        assert_eq!(limit.count(start + REFILL * 3), Pace::Fine);
        assert_eq!(limit.count(start + REFILL * 3), Pace::Fine);
        assert_eq!(limit.count(start + REFILL * 3), Pace::TooFast);
    }

    #[test]
    fn a_slow_stream_never_meets_the_limit() {
        let mut limit = RateLimit::default();
        assert!((0..10_000).all(|message| limit.count(REFILL * message) == Pace::Fine));
    }
}
