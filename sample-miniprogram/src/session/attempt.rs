use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::{local_path::LocalPath, oauth::PkceVerifier, random};

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
    /// Who will bring the code.
    way: Way,
}

/// How the code of an attempt comes. Each is taken only where it was asked for.
enum Way {
    /// From the host, by the page.
    Host,
    /// From the authorization server, by a redirect; and where the user wanted to go.
    Browser { return_to: LocalPath },
}

/// The sign-ins under way of one browser.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<VecDeque<Attempt>>);

impl Attempts {
    /// Begins a sign-in with a host. `tell` reads what the page must know of it.
    pub(crate) fn begin<T>(&self, tell: impl FnOnce(&Attempt) -> T) -> T {
        self.begin_way(Way::Host, tell)
    }

    /// Begins a sign-in in the browser, for a user who wants to go to `return_to`.
    pub(crate) fn begin_in_browser<T>(
        &self,
        return_to: LocalPath,
        tell: impl FnOnce(&Attempt) -> T,
    ) -> T {
        self.begin_way(Way::Browser { return_to }, tell)
    }

    fn begin_way<T>(&self, way: Way, tell: impl FnOnce(&Attempt) -> T) -> T {
        let attempt = Attempt {
            state: random::token(),
            nonce: random::token(),
            verifier: PkceVerifier::generate(),
            way,
        };
        let told = tell(&attempt);
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() == MOST_ATTEMPTS {
            attempts.pop_front();
        }
        attempts.push_back(attempt);
        told
    }

    /// Takes the attempt with a host that `state` belongs to, so that no second answer can use it.
    pub(crate) fn take(&self, state: &str) -> Option<Attempt> {
        self.take_if(state, |way| matches!(way, Way::Host))
    }

    /// Takes the attempt in the browser that `state` belongs to, and where its user wants to go.
    pub(crate) fn take_in_browser(&self, state: &str) -> Option<(Attempt, LocalPath)> {
        let attempt = self.take_if(state, |way| matches!(way, Way::Browser { .. }))?;
        let Way::Browser { return_to } = &attempt.way else { return None };
        let return_to = return_to.clone();
        Some((attempt, return_to))
    }

    fn take_if(&self, state: &str, fits: impl Fn(&Way) -> bool) -> Option<Attempt> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index =
            attempts.iter().position(|attempt| attempt.state == state && fits(&attempt.way))?;
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
    fn an_attempt_is_taken_only_the_way_it_was_begun() {
        let attempts = Attempts::default();
        let orders = LocalPath::read("/orders").unwrap();
        let host = begin(&attempts);
        let browser = attempts.begin_in_browser(orders, |attempt| attempt.state.clone());
        assert!(attempts.take(&browser).is_none());
        assert!(attempts.take_in_browser(&host).is_none());
        assert_eq!(attempts.take_in_browser(&browser).unwrap().1.as_str(), "/orders");
        assert!(attempts.take(&host).is_some());
    }

    #[test]
    fn a_new_attempt_displaces_the_oldest_of_too_many() {
        let attempts = Attempts::default();
        let states: Vec<String> = (0..=MOST_ATTEMPTS).map(|_| begin(&attempts)).collect();
        assert!(attempts.take(&states[0]).is_none());
        assert!(states[1..].iter().all(|state| attempts.take(state).is_some()));
    }
}
