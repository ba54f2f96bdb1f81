use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::{oauth::PkceVerifier, random};

/// The most sign-ins of one browser that may be under way; a new one displaces the oldest.
const MOST_ATTEMPTS: usize = 4;

/// One sign-in under way. Finishing it consumes it.
pub(crate) struct Attempt {
    /// Ties the host's answer to this attempt and this browser (RFC 6749 §10.12).
    pub(crate) state: String,
    /// Ties an ID token to this attempt (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: String,
    /// Redeems the code.
    pub(crate) verifier: PkceVerifier,
}

/// The sign-ins under way of one browser.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<VecDeque<Attempt>>);

impl Attempts {
    /// Begins a sign-in. `tell` reads what the page must know of it.
    pub(crate) fn begin<T>(&self, tell: impl FnOnce(&Attempt) -> T) -> T {
        let attempt = Attempt {
            state: random::token(),
            nonce: random::token(),
            verifier: PkceVerifier::generate(),
        };
        let told = tell(&attempt);
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() == MOST_ATTEMPTS {
            attempts.pop_front();
        }
        attempts.push_back(attempt);
        told
    }

    /// Takes the attempt that `state` belongs to, so that no second answer can use it.
    pub(crate) fn take(&self, state: &str) -> Option<Attempt> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = attempts.iter().position(|attempt| attempt.state == state)?;
        attempts.remove(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(attempts: &Attempts) -> String {
        attempts.begin(|attempt| attempt.state.clone())
    }

    #[test]
    fn an_attempt_is_taken_once_and_only_by_its_own_state() {
        let attempts = Attempts::default();
        let (first, second) = (begin(&attempts), begin(&attempts));
        assert_ne!(first, second);
        assert!(attempts.take("another").is_none());
        assert_eq!(attempts.take(&second).unwrap().state, second);
        assert!(attempts.take(&second).is_none());
        assert!(attempts.take(&first).is_some());
    }

    #[test]
    fn a_new_attempt_displaces_the_oldest_of_too_many() {
        let attempts = Attempts::default();
        let states: Vec<String> = (0..=MOST_ATTEMPTS).map(|_| begin(&attempts)).collect();
        assert!(attempts.take(&states[0]).is_none());
        assert!(states[1..].iter().all(|state| attempts.take(state).is_some()));
    }
}
