//! How many requests of one user are taken.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);
/// Users who are remembered at once; who would be one more waits.
const MOST_USERS: usize = 100_000;

/// A bucket for each user that fills evenly.
pub(crate) struct RateLimit {
    per_minute: u32,
    users: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl RateLimit {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, users: Mutex::default() }
    }

    /// Takes one request of a user, or says after how many seconds it would be taken.
    pub(crate) fn take(&self, user: &str, now: Instant) -> Result<(), u64> {
        let most = f64::from(self.per_minute);
        let per_second = most / MINUTE.as_secs_f64();
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= MOST_USERS && !users.contains_key(user) {
            // A bucket that is full again is as good as none.
            users.retain(|_, bucket| now.saturating_duration_since(bucket.at) < MINUTE);
            if users.len() >= MOST_USERS {
                return Err(MINUTE.as_secs());
            }
        }
        let bucket = users.entry(user.to_owned()).or_insert(Bucket { tokens: most, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * per_second).min(most);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - bucket.tokens) / per_second).ceil();
        // Between 1 and 60, as a bucket of at least one token a minute has it.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is 1 to 60"
        )]
        Err(seconds.clamp(1.0, 60.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_a_minutes_worth_at_once_and_then_one_as_they_come() {
        let (limit, start) = (RateLimit::new(30), Instant::now());
        for _ in 0..30 {
            assert_eq!(limit.take("alice", start), Ok(()));
        }
        assert_eq!(limit.take("alice", start), Err(2));
        assert_eq!(limit.take("bob", start), Ok(()));
        assert_eq!(limit.take("alice", start + Duration::from_secs(2)), Ok(()));
        assert_eq!(limit.take("alice", start + Duration::from_secs(3)), Err(1));
        let later = start + Duration::from_secs(600);
        let taken = (0..100).filter(|_| limit.take("alice", later).is_ok()).count();
        assert_eq!(taken, 30, "what is not used does not add up");
    }
}
