//! Rule 7, at the authorization server: nothing is ended there that is granted.

use std::time::Duration;

use jiff::Timestamp;

use super::{Judge, Key};
use crate::rule::Rule;

/// What the server knows of a user and a client.
pub(super) struct KnownAtServer {
    since: Duration,
    /// With the time of each.
    agreements: Vec<(Key, Timestamp)>,
}

impl Judge {
    /// The server has given a code: it knows now of what the user has granted the client.
    pub(crate) fn known_at_server(
        &mut self,
        user: &str,
        client: &str,
        at: Duration,
        now: Timestamp,
    ) {
        let own = self.standing.keys().filter(|(party, scope)| {
            party.user == user && party.client == client && self.is_granted(party, scope, now)
        });
        let agreements =
            own.filter_map(|key| Some((key.clone(), self.counts(key)?.granted_at))).collect();
        let known = KnownAtServer { since: at, agreements };
        self.known_at_server.insert((user.to_owned(), client.to_owned()), known);
    }

    /// The server ends what a user granted a client, as it was told at that time.
    pub(crate) fn ended_at_server(
        &mut self,
        user: &str,
        client: &str,
        told: Duration,
        now: Timestamp,
    ) {
        let known = self.known_at_server.remove(&(user.to_owned(), client.to_owned()));
        // What became known while this was on its way could not be spared.
        let Some(known) = known.filter(|known| known.since < told) else { return };
        let held = known.agreements.into_iter().find(|(key, granted_at)| {
            self.is_granted(&key.0, &key.1, now)
                && self.counts(key).is_some_and(|counts| counts.granted_at == *granted_at)
        });
        let Some((held, _)) = held else { return };
        // An end that could not be told earlier is told though something was granted since: what
        // the program got before the end must not outlive it.
        let owed = self.ends_owed.remove(&(user.to_owned(), held.0.program.clone()));
        if !owed {
            let what = format!("the server is told to end what is granted: {held:?}");
            self.blame(Rule::OnlyWhatWasGranted, what);
        }
    }
}
