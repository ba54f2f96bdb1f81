//! The sessions between a program's pages and its backend. They live in memory only: with them go
//! the verifiers, the codes and the tokens.

mod attempt;
mod signed_in;
mod undecided;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub(crate) use self::{
    attempt::{Attempt, Attempts},
    signed_in::{Refresh, SignedIn},
    undecided::Undecided,
};
use crate::random;

/// How long a session without a user lives after its last request.
const ANONYMOUS_IDLE: Duration = Duration::from_secs(15 * 60);
/// How long a session with a user lives after its last request.
const SIGNED_IN_IDLE: Duration = Duration::from_secs(12 * 60 * 60);
/// The most sessions of one program; beyond it the least useful one ends.
const MOST_SESSIONS: usize = 10_000;

/// The value of a session cookie: 256 random bits. Not printable.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(String);

impl SessionId {
    /// The id that a cookie carries, whether or not such a session exists.
    pub(crate) fn from_cookie(value: &str) -> Self {
        Self(value.to_owned())
    }

    pub(crate) fn as_cookie(&self) -> &str {
        &self.0
    }
}

/// One browser at one program.
pub(crate) struct Session {
    /// The sign-ins that this browser has begun.
    pub(crate) attempts: Attempts,
    /// The user, once one has signed in. A sign-in starts a new session.
    pub(crate) signed_in: Option<SignedIn>,
    /// A user who has come back from the authorization server and must say whose account is theirs.
    undecided: Mutex<Option<Undecided>>,
}

impl Session {
    /// Looks at the user who has still to decide.
    pub(crate) fn undecided<T>(&self, look: impl FnOnce(&Undecided) -> T) -> Option<T> {
        self.undecided.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(look)
    }

    /// Takes the user who has decided now, so that nobody can decide twice.
    pub(crate) fn decide(&self) -> Option<Undecided> {
        self.undecided.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Entry {
    session: Arc<Session>,
    last_seen: Instant,
}

impl Entry {
    fn idle_limit(&self) -> Duration {
        if self.session.signed_in.is_some() { SIGNED_IN_IDLE } else { ANONYMOUS_IDLE }
    }

    fn is_alive(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_seen) < self.idle_limit()
    }

    fn ends_at(&self) -> Instant {
        self.last_seen + self.idle_limit()
    }
}

/// The sessions of one program.
#[derive(Default)]
pub(crate) struct Sessions {
    entries: Mutex<HashMap<SessionId, Entry>>,
}

impl Sessions {
    /// The living session with this id.
    pub(crate) fn find(&self, id: &SessionId, now: Instant) -> Option<Arc<Session>> {
        let mut entries = self.entries();
        let entry = entries.get_mut(id).filter(|entry| entry.is_alive(now))?;
        entry.last_seen = now;
        Some(Arc::clone(&entry.session))
    }

    /// Starts a session under a new id. `signed_in` is the user whom it belongs to, if any.
    pub(crate) fn start(
        &self,
        signed_in: Option<SignedIn>,
        now: Instant,
    ) -> (SessionId, Arc<Session>) {
        self.add(signed_in, None, now)
    }

    /// Starts a session of a user who must decide first, under a new id.
    pub(crate) fn start_undecided(&self, user: Undecided, now: Instant) -> SessionId {
        self.add(None, Some(user), now).0
    }

    fn add(
        &self,
        signed_in: Option<SignedIn>,
        undecided: Option<Undecided>,
        now: Instant,
    ) -> (SessionId, Arc<Session>) {
        let undecided = Mutex::new(undecided);
        let session = Arc::new(Session { attempts: Attempts::default(), signed_in, undecided });
        let id = SessionId(random::token());
        let mut entries = self.entries();
        if entries.len() >= MOST_SESSIONS {
            entries.retain(|_, entry| entry.is_alive(now));
        }
        if entries.len() >= MOST_SESSIONS {
            // Those without a user end sooner, so a flood of them displaces only its own kind.
            let first = entries.iter().min_by_key(|(_, entry)| entry.ends_at());
            if let Some(first) = first.map(|(id, _)| id.clone()) {
                entries.remove(&first);
            }
        }
        entries.insert(id.clone(), Entry { session: Arc::clone(&session), last_seen: now });
        (id, session)
    }

    /// Ends a session. Requests that already hold it finish.
    pub(crate) fn end(&self, id: &SessionId) {
        self.entries().remove(id);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, Entry>> {
        // Every change is a single map operation, so a panic elsewhere leaves the map whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_by_its_own_id_until_it_ends() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (id, _) = sessions.start(None, now);
        let (other, _) = sessions.start(None, now);
        assert!(sessions.find(&id, now).is_some());
        sessions.end(&id);
        assert!(sessions.find(&id, now).is_none());
        assert!(sessions.find(&other, now).is_some());
        assert!(sessions.find(&SessionId::from_cookie(""), now).is_none());
    }

    #[test]
    fn an_idle_session_ends_and_a_used_one_goes_on() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let (id, _) = sessions.start(None, start);
        let almost = ANONYMOUS_IDLE - Duration::from_secs(1);
        assert!(sessions.find(&id, start + almost).is_some());
        assert!(sessions.find(&id, start + almost * 2).is_some());
        assert!(sessions.find(&id, start + almost * 2 + ANONYMOUS_IDLE).is_none());
    }

    #[test]
    fn the_number_of_sessions_is_bounded_and_the_oldest_go_first() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let (first, _) = sessions.start(None, start);
        let later = start + Duration::from_secs(1);
        let (second, _) = sessions.start(None, later);
        for _ in 0..MOST_SESSIONS - 1 {
            sessions.start(None, later + Duration::from_secs(1));
        }
        assert_eq!(sessions.entries().len(), MOST_SESSIONS);
        assert!(sessions.find(&first, later).is_none());
        assert!(sessions.find(&second, later).is_some());
    }
}
