//! Ending at the authorization server what was granted: told at once, and told again until it was
//! heard.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use minihost_protocol::{Failure, Reason};

use super::{Effect, EndOutcome, Mediator, again::Again};
use crate::{EndingId, GrantId, GrantKey, GrantParty, Moment, ServerEnd, grant::MOST_NAMES};

/// Everything that the server is being told, or is to be told later.
#[derive(Default)]
pub(super) struct ServerEnds {
    under_way: BTreeMap<EndingId, Ending>,
    last: u64,
    pub(super) again: Again,
}

struct Ending {
    grant_id: GrantId,
    /// By the calendar.
    begun: Timestamp,
    /// Whether the server has given a code under the same name since.
    since: Since,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    Nothing,
    Code,
}

/// What the server is to end.
#[derive(Default)]
pub(super) struct Due {
    pub(super) grants: BTreeSet<GrantId>,
    /// Whether some of it was not to be ended before.
    pub(super) news: bool,
}

impl Mediator {
    /// Marks what the server is to end: everything it knows of a program that has no grant left,
    /// but for what something else rests on that holds.
    pub(super) fn end_at_server_where_none_remain(
        &mut self,
        now: Moment,
        is_program: impl Fn(&GrantParty) -> bool,
    ) -> Due {
        let same = |key: &GrantKey| self.is_of_issuer(key) && is_program(&key.party);
        if self.grants.all_live(now.time).any(|grant| same(&grant.key)) {
            return Due::default();
        }
        let borne = self.borne(now);
        let known = |told: &[ServerEnd]| &self.grants.known_at_server(told, same) - &borne;
        let news = !known(&[ServerEnd::NotTold]).is_empty();
        let grants = known(&[ServerEnd::NotTold, ServerEnd::Due]);
        for grant_id in &grants {
            self.grants.note_server_end(grant_id, ServerEnd::Due, Timestamp::MAX);
        }
        // What a grant without a name may rest on is owed all the same, and told once that is known.
        Due { grants: &grants & &self.due_at_server(now), news }
    }

    /// Marks the oldest name of a program, where the server has too many for it. Codes are asked for
    /// at any rate, and each may come with a name of its own.
    pub(super) fn give_up_surplus(&mut self, now: Moment, party: &GrantParty) -> BTreeSet<GrantId> {
        self.grants.give_up_surplus(now.time, same_program(party)).into_iter().collect()
    }

    /// Whether the server may be asked for another code: not while it owes too many ends, of which
    /// each must be remembered.
    pub(super) fn check_owed(&self, party: &GrantParty) -> Result<(), Failure> {
        if self.grants.known_at_server(&[ServerEnd::Due], same_program(party)).len() < MOST_NAMES {
            return Ok(());
        }
        let message = "The authorization server must first hear what was taken back.";
        Err(Failure::new(Reason::TemporarilyUnavailable, message))
    }

    /// Has the server told, and says by which ends.
    pub(super) fn tell_server(
        &mut self,
        now: Moment,
        grants: BTreeSet<GrantId>,
        effects: &mut Vec<Effect>,
    ) -> BTreeSet<EndingId> {
        let time_allowed = self.config.network_deadline;
        let mut endings = BTreeSet::new();
        for grant_id in grants {
            let mut under_way = self.server_ends.under_way.iter();
            let same = under_way
                .find(|(_, ending)| ending.grant_id == grant_id && ending.since == Since::Nothing);
            if let Some((ending, _)) = same {
                endings.insert(*ending);
                continue;
            }
            self.server_ends.last += 1;
            let ending = EndingId(self.server_ends.last);
            let told =
                Ending { grant_id: grant_id.clone(), begun: now.time, since: Since::Nothing };
            self.server_ends.under_way.insert(ending, told);
            endings.insert(ending);
            effects.push(Effect::EndAtServer { ending, grant_id, time_allowed });
        }
        endings
    }

    /// Tells the server what it was not told yet, of whichever user.
    pub(super) fn tell_server_again(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.server_ends.again.clear();
        let due = self.due_at_server(now);
        self.tell_server(now, due, effects);
    }

    /// What is due may have waited for a grant to get its name, or to end.
    pub(super) fn tell_what_waited(&mut self, now: Moment) {
        let under_way = self.server_ends.under_way.values();
        let under_way: BTreeSet<GrantId> = under_way.map(|told| told.grant_id.clone()).collect();
        if !self.due_at_server(now).is_subset(&under_way) {
            self.server_ends.again.later(now.uptime);
        }
    }

    /// Under which of these names the server is being told of an end.
    pub(super) fn ends_under_way(&self, names: &BTreeSet<GrantId>) -> BTreeSet<EndingId> {
        let under_way = self.server_ends.under_way.iter();
        let of_these = under_way.filter(|(_, told)| names.contains(&told.grant_id));
        of_these.map(|(ending, _)| *ending).collect()
    }

    /// The server has given a code under this name: what it is being told may end before that.
    pub(super) fn known_anew(&mut self, grant_id: &GrantId) {
        let under_way = self.server_ends.under_way.values_mut();
        for ending in under_way.filter(|ending| ending.grant_id == *grant_id) {
            ending.since = Since::Code;
        }
    }

    /// The server has answered, or could not be told.
    pub(super) fn ended_at_server(
        &mut self,
        now: Moment,
        ending: EndingId,
        outcome: EndOutcome,
        effects: &mut Vec<Effect>,
    ) {
        let Some(told) = self.server_ends.under_way.remove(&ending) else { return };
        let server = match outcome {
            EndOutcome::Ended => ServerEnd::Ended,
            EndOutcome::LocalOnly => ServerEnd::LocalOnly,
            EndOutcome::Failed => ServerEnd::Due,
        };
        let until = match told.since {
            Since::Nothing => Timestamp::MAX,
            Since::Code => told.begun,
        };
        self.grants.note_server_end(&told.grant_id, server, until);
        if server == ServerEnd::Due {
            self.server_ends.again.failed(now.uptime);
        } else {
            self.server_ends.again.went_well();
            self.save(now, effects);
        }
        if self.due_at_server(now).is_empty() {
            self.server_ends.again.clear();
        }
        self.revocations_ended(now, ending, server, effects);
        for ticket in self.pendings.ended(ending) {
            self.issue_ended(now, ticket, effects);
        }
    }

    /// What the server is to be told. Nothing that a live grant rests on: that ends with it. Nothing
    /// either while a grant has no name yet: it may come to rest on this.
    fn due_at_server(&self, now: Moment) -> BTreeSet<GrantId> {
        let is_told = |key: &GrantKey| {
            self.is_of_issuer(key) && !self.grants.awaits_name(now.time, &key.party)
        };
        &self.grants.known_at_server(&[ServerEnd::Due], is_told) - &self.borne(now)
    }

    /// The names of what holds.
    pub(super) fn borne(&self, now: Moment) -> BTreeSet<GrantId> {
        self.grants.names_of_live(now.time, |key| self.is_of_issuer(key))
    }

    fn is_of_issuer(&self, key: &GrantKey) -> bool {
        key.party.issuer == self.config.issuer
    }
}

/// Whether a grant is between the user and the program of a party, whatever the program's release.
fn same_program(party: &GrantParty) -> impl Fn(&GrantKey) -> bool {
    |key| key.party.is_between(&party.issuer, &party.user, &party.mini_program)
}
