//! One code for one key, however often a request comes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::problem::Problem;

/// As long as a code may live: after that its repetition is worth nothing.
const KEPT: Duration = Duration::from_secs(60);
/// Keys that are kept at once.
const MOST: usize = 50_000;

/// What came of a request: the body of an answer with a code, or a refusal.
pub(crate) type Outcome = Result<Arc<str>, Problem>;

/// The requests of the last minute. Codes among them are in memory alone.
#[derive(Clone, Default)]
pub(crate) struct Idempotency(Arc<Mutex<HashMap<Key, Kept>>>);

/// A user, and the key that the user's app chose.
type Key = (String, String);

struct Kept {
    body: [u8; 32],
    at: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// What is to be done with a request.
pub(crate) enum Turn {
    /// It is the first; the outcome must be told.
    First(Telling),
    /// The same came before.
    Again(Repetition),
    /// Another came with this key.
    Other,
    /// There are too many.
    Full,
}

/// Tells the outcome to all who wait for it. Whoever drops it without a word lets the next one try.
pub(crate) struct Telling {
    all: Idempotency,
    key: Key,
    sender: watch::Sender<Option<Outcome>>,
}

/// Waits for what comes of the first.
pub(crate) struct Repetition(watch::Receiver<Option<Outcome>>);

impl Idempotency {
    pub(crate) fn turn(&self, user: &str, key: &str, body: &[u8], now: Instant) -> Turn {
        let (key, body) = ((user.to_owned(), key.to_owned()), Sha256::digest(body).into());
        let mut kept = self.lock();
        kept.retain(|_, kept| now.saturating_duration_since(kept.at) < KEPT);
        match kept.get(&key) {
            Some(known) if known.body == body => Turn::Again(Repetition(known.outcome.clone())),
            Some(_) => Turn::Other,
            None if kept.len() >= MOST => Turn::Full,
            None => {
                let (sender, outcome) = watch::channel(None);
                kept.insert(key.clone(), Kept { body, at: now, outcome });
                Turn::First(Telling { all: self.clone(), key, sender })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Telling {
    /// Ends the turn. A refusal is told to those who wait and not kept: the next request is a new one.
    pub(crate) fn tell(self, outcome: Outcome) {
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        if !matches!(*self.sender.borrow(), Some(Ok(_))) {
            self.all.lock().remove(&self.key);
        }
    }
}

impl Repetition {
    /// The outcome, or none where the first ended without one.
    pub(crate) async fn outcome(mut self) -> Option<Outcome> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(all: &Idempotency, now: Instant) -> Telling {
        match all.turn("alice", "k", b"body", now) {
            Turn::First(telling) => telling,
            _ => panic!("it is the first"),
        }
    }

    fn again(all: &Idempotency, now: Instant) -> Repetition {
        match all.turn("alice", "k", b"body", now) {
            Turn::Again(repetition) => repetition,
            _ => panic!("it came before"),
        }
    }

    #[tokio::test]
    async fn who_comes_again_gets_the_same_code_for_a_minute() {
        let (all, now) = (Idempotency::default(), Instant::now());
        let telling = first(&all, now);
        let waiting = tokio::spawn(again(&all, now).outcome());
        telling.tell(Ok("code".into()));
        assert_eq!(waiting.await.unwrap(), Some(Ok("code".into())));
        assert_eq!(again(&all, now).outcome().await, Some(Ok("code".into())));
        assert!(matches!(all.turn("alice", "k", b"other", now), Turn::Other));
        assert!(matches!(all.turn("bob", "k", b"body", now), Turn::First(_)));
        first(&all, now + KEPT);
    }

    #[tokio::test]
    async fn a_refusal_and_a_turn_without_an_end_are_not_kept() {
        let (all, now) = (Idempotency::default(), Instant::now());
        let telling = first(&all, now);
        let waiting = again(&all, now);
        telling.tell(Err(Problem::unavailable("later")));
        assert_eq!(waiting.outcome().await, Some(Err(Problem::unavailable("later"))));
        let telling = first(&all, now);
        let waiting = again(&all, now);
        drop(telling);
        assert_eq!(waiting.outcome().await, None);
        first(&all, now);
    }
}
