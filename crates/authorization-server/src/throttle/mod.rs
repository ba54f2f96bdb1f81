//! Slows down guessing: counts failed authentications and refuses more for a while.
//!
//! A password is not even looked at while its username or whoever sends it is refused, for it could be
//! guessed and costs an argon2 hash. A client secret cannot be
//! guessed and costs a SHA-256: it is checked first, and what is refused is further failures.

mod subject;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::http::Problem;

pub(crate) use subject::Subject;

use subject::KINDS;

const WINDOW: Duration = Duration::from_secs(60);
/// Of one kind.
const MAX_SUBJECTS: usize = 4096;

/// Failures of the last minute, for at most 4,096 subjects of each kind.
#[derive(Default)]
pub(crate) struct Throttle {
    windows: Mutex<[Windows; KINDS]>,
}

type Windows = HashMap<[u8; 32], Window>;

struct Window {
    opened: UnixMillis,
    failures: u32,
}

/// An attempt that counts as a failure until it is known to be none. Dropped, it stays counted: who
/// hangs up before the answer has guessed all the same.
#[must_use]
pub(crate) struct Attempt {
    subject: Subject,
    window: UnixMillis,
}

impl Throttle {
    /// Refuses when too many attempts failed within the minute that began with the first of them.
    pub(crate) fn check(&self, subject: &Subject, now: UnixMillis) -> Result<(), Problem> {
        check(&self.lock()[subject.kind as usize], subject, now)
    }

    /// Checks and counts in one step, for what takes long: of any number of attempts at once, no
    /// more begin than may fail.
    pub(crate) fn begin(&self, subject: Subject, now: UnixMillis) -> Result<Attempt, Problem> {
        let windows = &mut self.lock()[subject.kind as usize];
        check(windows, &subject, now)?;
        let window = count(windows, &subject, now);
        Ok(Attempt { subject, window })
    }

    /// The attempt did not fail.
    pub(crate) fn give_back(&self, attempt: Attempt) {
        let Attempt { subject, window } = attempt;
        if let Some(counted) = self.lock()[subject.kind as usize].get_mut(&subject.key)
            && counted.opened == window
        {
            counted.failures = counted.failures.saturating_sub(1);
        }
    }

    pub(crate) fn count_failure(&self, subject: &Subject, now: UnixMillis) {
        count(&mut self.lock()[subject.kind as usize], subject, now);
    }

    pub(crate) fn forget(&self, subject: &Subject) {
        self.lock()[subject.kind as usize].remove(&subject.key);
    }

    // A panic elsewhere cannot leave a half-made window behind.
    fn lock(&self) -> MutexGuard<'_, [Windows; KINDS]> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(windows: &Windows, subject: &Subject, now: UnixMillis) -> Result<(), Problem> {
    match windows.get(&subject.key) {
        Some(window) if window.failures >= subject.limit => {
            let passed = now.since(window.opened);
            if passed < WINDOW {
                return Err(Problem::too_many_failures(WINDOW - passed));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Tells when the window was opened in which the failure counts.
fn count(windows: &mut Windows, subject: &Subject, now: UnixMillis) -> UnixMillis {
    if windows.len() >= MAX_SUBJECTS && !windows.contains_key(&subject.key) {
        windows.retain(|_, window| now.since(window.opened) < WINDOW);
        if windows.len() >= MAX_SUBJECTS {
            let oldest = windows.iter().min_by_key(|(_, window)| window.opened);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                windows.remove(&key);
            }
        }
    }
    let window = windows.entry(subject.key).or_insert(Window { opened: now, failures: 0 });
    if now.since(window.opened) >= WINDOW {
        *window = Window { opened: now, failures: 0 };
    }
    window.failures = window.failures.saturating_add(1);
    window.opened
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use jiff::Timestamp;

    use super::subject::{ADDRESS_FAILURES, Kind, PASSWORD_FAILURES};
    use super::*;
    use crate::client::ClientId;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    #[test]
    fn the_limit_closes_the_window_and_a_minute_opens_it_again() {
        let throttle = Throttle::default();
        let alice = Subject::username("alice", None);
        for _ in 0..PASSWORD_FAILURES {
            assert!(throttle.check(&alice, at(0)).is_ok());
            throttle.count_failure(&alice, at(0));
        }
        assert!(throttle.check(&alice, at(59)).is_err());
        assert!(throttle.check(&alice, at(60)).is_ok());
        throttle.count_failure(&alice, at(60));
        assert!(throttle.check(&alice, at(60)).is_ok());
    }

    #[test]
    fn one_subject_does_not_close_another() {
        let throttle = Throttle::default();
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        let alice = Subject::username("alice", here);
        for _ in 0..PASSWORD_FAILURES {
            throttle.count_failure(&alice, at(0));
        }
        assert!(throttle.check(&alice, at(0)).is_err());
        for other in [
            Subject::username("bob", here),
            Subject::username("alice", None),
            Subject::client(&ClientId::new("alice").unwrap(), here),
        ] {
            assert!(throttle.check(&other, at(0)).is_ok());
        }
    }

    #[test]
    fn who_has_many_addresses_of_one_network_has_one_limit() {
        let throttle = Throttle::default();
        let at_address = |text: &str| Subject::address(Some(text.parse().unwrap()));
        for n in 0..ADDRESS_FAILURES {
            throttle.count_failure(&at_address(&format!("2001:db8:0:1::{n:x}")), at(0));
        }
        assert!(throttle.check(&at_address("2001:db8:0:1:ffff::"), at(0)).is_err());
        assert!(throttle.check(&at_address("2001:db8:0:2::"), at(0)).is_ok());
    }

    #[test]
    fn success_forgets_the_failures() {
        let throttle = Throttle::default();
        let alice = Subject::username("alice", None);
        for _ in 0..PASSWORD_FAILURES {
            throttle.count_failure(&alice, at(0));
        }
        throttle.forget(&alice);
        assert!(throttle.check(&alice, at(0)).is_ok());
    }

    #[test]
    fn a_flood_of_names_keeps_the_memory_bounded() {
        let throttle = Throttle::default();
        for n in 0..i64::try_from(MAX_SUBJECTS).unwrap() + 100 {
            throttle.count_failure(&Subject::username(&n.to_string(), None), at(n / 1000));
        }
        assert!(throttle.lock()[Kind::Username as usize].len() <= MAX_SUBJECTS);
    }

    #[test]
    fn a_flood_of_one_kind_washes_out_no_other() {
        let throttle = Throttle::default();
        let alice = Subject::username("alice", None);
        for _ in 0..PASSWORD_FAILURES {
            throttle.count_failure(&alice, at(0));
        }
        for n in 0..MAX_SUBJECTS + 100 {
            let client = ClientId::new(format!("client-{n}")).unwrap();
            throttle.count_failure(&Subject::client(&client, None), at(1));
        }
        assert!(throttle.check(&alice, at(1)).is_err());
    }

    #[test]
    fn attempts_that_have_begun_count_until_they_are_given_back() {
        let throttle = Throttle::default();
        let alice = || Subject::username("alice", None);
        let begun: Vec<_> = (0..PASSWORD_FAILURES)
            .map(|_| throttle.begin(alice(), at(0)).expect("not yet too many"))
            .collect();
        assert!(throttle.begin(alice(), at(0)).is_err());
        let mut begun = begun.into_iter();
        throttle.give_back(begun.next().unwrap());
        let again = throttle.begin(alice(), at(0)).expect("one place is free");
        drop(again);
        assert!(throttle.begin(alice(), at(0)).is_err(), "who hangs up has guessed");
        // What began in a window that is over takes nothing from the next.
        for _ in 0..PASSWORD_FAILURES {
            throttle.count_failure(&alice(), at(60));
        }
        throttle.give_back(begun.next().unwrap());
        assert!(throttle.check(&alice(), at(60)).is_err());
    }
}
