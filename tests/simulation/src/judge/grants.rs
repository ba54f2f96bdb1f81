//! Rule 7: what is granted, and what is granted no more.

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use minihost::{Grant, Remember};

use super::{Judge, Key, Party, Sent, When, disk::OnDisk};
use crate::{limits, rule::Rule};

const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One answer of the user that was to be remembered.
pub(super) struct Agreement {
    pub(super) granted_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// When the user answered; `None` in an earlier process.
    answered: Option<Duration>,
    pub(super) first_save: Option<u64>,
    pub(super) stored: Stored,
    /// The host may have forgotten it: its time was up once and the calendar was set back, or its
    /// user may have signed out.
    may_be_gone: bool,
}

/// What became of the first save that an agreement was part of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    NotYet,
    Yes,
    /// Nothing is remembered of it, as soon as the host has heard that.
    Failing,
    /// Nothing is remembered of it.
    Failed,
}

impl Agreement {
    pub(super) fn is(&self, stored: OnDisk) -> bool {
        self.granted_at == stored.granted_at && self.expires_at == stored.expires_at
    }

    /// One that an earlier process has stored.
    pub(super) fn loaded(stored: OnDisk) -> Self {
        Self {
            granted_at: stored.granted_at,
            expires_at: stored.expires_at,
            answered: None,
            first_save: Some(0),
            stored: Stored::Yes,
            may_be_gone: false,
        }
    }

    /// Whether it is the one of that time, which the host cannot have forgotten.
    pub(super) fn stands_since(&self, granted_at: Timestamp) -> bool {
        let may_be_unstored = matches!(self.stored, Stored::Failing | Stored::Failed);
        self.granted_at == granted_at && !may_be_unstored && !self.may_be_gone
    }

    fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl Judge {
    pub(super) fn agree(&mut self, key: Key, remember: Remember, when: When) {
        let agreements = self.standing.entry(key.clone()).or_default();
        let expires_at = match remember {
            Remember::Once => return self.answered_otherwise(&key),
            Remember::ThirtyDays => when.time.checked_add(THIRTY_DAYS).ok(),
            Remember::UntilRevoked => None,
        };
        agreements.push(Agreement {
            granted_at: when.time,
            expires_at,
            answered: Some(when.uptime),
            first_save: None,
            stored: Stored::NotYet,
            may_be_gone: false,
        });
    }

    /// The user's newest answer ends what was granted, and what earlier answers added to it.
    pub(super) fn answered_otherwise(&mut self, key: &Key) {
        self.standing.remove(key);
        let (party, scope) = key;
        for answer in self.answers.iter_mut().filter(|answer| answer.party == *party) {
            answer.before.remove(scope);
        }
    }

    /// What counts of the agreements under one key: the newest that did not fail to be stored.
    pub(super) fn counts(&self, key: &Key) -> Option<&Agreement> {
        let agreements = self.standing.get(key)?;
        agreements.iter().rev().find(|agreement| agreement.stored != Stored::Failed)
    }

    /// Whether the answer of that time waits for its save, and not for too long.
    pub(super) fn is_being_stored(&self, key: &Key, at: Timestamp, now: Duration) -> bool {
        let agreements = self.standing.get(key);
        let own = agreements.and_then(|all| all.iter().find(|one| one.granted_at == at));
        own.is_some_and(|one| {
            one.stored == Stored::NotYet && one.answered.is_some_and(|at| now < at + limits::SAVE)
        })
    }

    /// Whether a scope is granted now.
    pub(crate) fn is_granted(&self, party: &Party, scope: &str, now: Timestamp) -> bool {
        let counts = self.counts(&(party.clone(), scope.to_owned()));
        counts.is_some_and(|agreement| agreement.is_live(now))
    }

    /// Whether what counts of a scope was agreed to since then, whatever the calendar says.
    pub(super) fn has_agreed_since(&self, then: Duration, party: &Party, scope: &str) -> bool {
        let counts = self.counts(&(party.clone(), scope.to_owned()));
        counts.is_some_and(|agreement| agreement.answered >= Some(then))
    }

    /// Whether the user who is there has granted the sender's program anything.
    pub(super) fn has_granted(&self, sent: &Sent) -> bool {
        let user = sent.user.as_ref();
        self.standing
            .keys()
            .any(|(party, _)| Some(&party.user) == user && party.program == sent.program.id)
    }

    /// The user, or the program itself, takes back what was granted.
    pub(crate) fn taken_back(&mut self, is_meant: impl Fn(&Party, &str) -> bool) {
        self.standing.retain(|(party, scope), _| !is_meant(party, scope));
        for answer in &mut self.answers {
            let party = answer.party.clone();
            answer.allowed.retain(|scope| !is_meant(&party, scope));
            answer.before.retain(|scope| !is_meant(&party, scope));
        }
    }

    /// The user agrees to a release under one key: what the same program was granted under another
    /// one is out of its reach, and ends.
    pub(super) fn agreed_under(&mut self, party: &Party) {
        self.taken_back(|other, _| {
            other.user == party.user
                && other.program == party.program
                && other.client == party.client
                && other.publisher_key != party.publisher_key
        });
    }

    /// The host has heard what it was told of its saves.
    pub(super) fn saves_are_heard(&mut self) {
        for agreement in self.standing.values_mut().flatten() {
            if agreement.stored == Stored::Failing {
                agreement.stored = Stored::Failed;
            }
        }
    }

    pub(super) fn note_expiry(&mut self, now: Timestamp) {
        for agreement in self.standing.values_mut().flatten() {
            agreement.may_be_gone |= !agreement.is_live(now);
        }
    }

    pub(super) fn may_be_forgotten(&mut self) {
        for agreement in self.standing.values_mut().flatten() {
            agreement.may_be_gone = true;
        }
    }

    /// What the host says is granted by the user who is signed in must be what is.
    pub(crate) fn check_grants(&mut self, grants: &[Grant], now: Timestamp) {
        let Some(user) = self.user.as_ref().map(|user| user.id.to_string()) else {
            return self.expect(grants.is_empty(), Rule::OnlyWhatWasGranted, || {
                "grants of somebody who is not there".to_owned()
            });
        };
        let mut told = BTreeSet::new();
        for grant in grants {
            let key = (Party::of_grant(grant), grant.key.scope.to_string());
            let agreed = self.counts(&key).is_some_and(|agreement| {
                agreement.granted_at == grant.granted_at && agreement.expires_at == grant.expires_at
            });
            self.expect(agreed && key.0.user == user, Rule::OnlyWhatWasGranted, || {
                format!("the host remembers {key:?} of {}, which is not granted", grant.granted_at)
            });
            told.insert(key);
        }
        let missing = self.standing.keys().filter(|key| key.0.user == user).find(|key| {
            let live = |agreement: &Agreement| agreement.is_live(now) && !agreement.may_be_gone;
            self.counts(key).is_some_and(live) && !told.contains(*key)
        });
        if let Some(missing) = missing.cloned() {
            self.blame(Rule::NothingIsLost, format!("the host forgets {missing:?}"));
        }
    }
}
