//! Rule 7, at the authorization server: nothing is ended there that is granted.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::{Judge, Key, Party};
use crate::rule::Rule;

/// What the host has heard that the server knows by its name for a user and a client.
pub(super) struct Named {
    key: Key,
    granted_at: Timestamp,
    since: Duration,
}

impl Judge {
    /// A code has been delivered: the host knows by which name the server knows what it stands for.
    pub(super) fn named(
        &mut self,
        party: &Party,
        scopes: &BTreeSet<String>,
        (since, now): (Duration, Timestamp),
    ) {
        for scope in scopes {
            let key = (party.clone(), scope.clone());
            let Some(counts) = self.counts(&key) else { continue };
            let granted_at = counts.granted_at;
            if self.is_granted(party, scope, now) {
                let server = (party.user.clone(), party.client.clone());
                let named = Named { key, granted_at, since };
                self.named.entry(server).or_default().push(named);
            }
        }
    }

    /// The server ends what a user granted a client, as it was told at that time.
    pub(crate) fn ended_at_server(
        &mut self,
        user: &str,
        client: &str,
        told: Duration,
        now: Timestamp,
    ) {
        let named = self.named.remove(&(user.to_owned(), client.to_owned()));
        // What was named while this was on its way could not be spared.
        let held = named.into_iter().flatten().find(|named| {
            let (party, scope) = &named.key;
            named.since < told
                && self.is_granted(party, scope, now)
                && self.counts(&named.key).is_some_and(|it| it.stands_since(named.granted_at))
        });
        if let Some(Named { key, granted_at, since }) = held {
            let what = format!(
                "the server is told to end what is granted since {granted_at}, with a code after \
                 {since:?}: {key:?}"
            );
            self.blame(Rule::OnlyWhatWasGranted, what);
        }
    }

    /// A new process knows the names that were stored.
    pub(super) fn names_loaded(&mut self, stored: &BTreeSet<Key>) {
        for named in self.named.values_mut() {
            named.retain(|named| stored.contains(&named.key));
        }
    }
}
