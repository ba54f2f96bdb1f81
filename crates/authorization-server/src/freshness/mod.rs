//! Telling that what a client signed was signed just now, and that it comes for the first time.
//!
//! What was seen lies in memory, and is lost with the process. That is safe, because nothing that an
//! earlier process may have accepted is accepted by this one: its nonces were made with another key,
//! and what is dated by the client's clock alone must be dated after the start of the process.

mod endpoint;
mod nonce;
mod offer;
mod replay;

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::error::RandomnessError;

pub(crate) use endpoint::{PATH, answer};
pub(crate) use nonce::Purpose;
pub(crate) use offer::offer;
pub(crate) use replay::{Full, Use};

use nonce::Nonces;
use replay::ReplayMemory;

/// How far a client's clock may be ahead (FAPI 2.0 §5.3.2.1, note 3).
pub(crate) const AHEAD: Duration = Duration::from_secs(10);
/// How long after its making a statement that is dated by its signer may arrive.
const RECENT: Duration = Duration::from_secs(60);

/// What this process knows of the time and of what it has seen. Has no `Debug`.
pub(crate) struct Freshness {
    started: UnixMillis,
    nonces: Nonces,
    seen: ReplayMemory,
}

impl Freshness {
    pub(crate) fn new(now: UnixMillis) -> Result<Self, RandomnessError> {
        Ok(Self { started: now, nonces: Nonces::new()?, seen: ReplayMemory::new(now) })
    }

    /// The nonce that clients should use from now on; it is good for a minute at least.
    pub(crate) fn nonce(&self, purpose: Purpose, now: UnixMillis) -> String {
        self.nonces.current(purpose, now)
    }

    /// Whether this process made the nonce, two minutes ago at most.
    pub(crate) fn is_current_nonce(&self, purpose: Purpose, nonce: &str, now: UnixMillis) -> bool {
        self.nonces.is_current(purpose, nonce, now)
    }

    /// Whether what its signer dates `at` can be taken for new without a nonce.
    pub(crate) fn is_recent(&self, at: UnixMillis, now: UnixMillis) -> bool {
        now.since(at) < RECENT && at <= now.plus(AHEAD) && at > self.started.plus(AHEAD)
    }

    /// Records the use of an identifier, which is told apart from that of any other owner.
    pub(crate) fn record(&self, owner: &str, id: &str, now: UnixMillis) -> Result<Use, Full> {
        self.seen.record(owner, id, now)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    #[test]
    fn what_is_dated_more_than_ten_seconds_ahead_or_a_minute_ago_is_not_recent() {
        let freshness = Freshness::new(at(0)).unwrap();
        let now = at(1_000);
        for (second, expected) in [(940, false), (941, true), (1_010, true), (1_011, false)] {
            assert_eq!(freshness.is_recent(at(second), now), expected, "{second}");
        }
    }

    #[test]
    fn nothing_that_the_process_before_may_have_accepted_is_recent() {
        let restarted = at(1_000);
        let before = Freshness::new(at(0)).unwrap();
        let after = Freshness::new(restarted).unwrap();
        for second in 900..1_100 {
            let accepted_before = before.is_recent(at(second), restarted);
            assert!(!(accepted_before && after.is_recent(at(second), restarted)), "{second}");
        }
        assert!(after.is_recent(at(1_011), at(1_005)));
    }
}
