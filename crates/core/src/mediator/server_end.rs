//! Ending at the authorization server what was granted: told at once, and told again until it was
//! heard.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Effect, EndOutcome, Mediator, again::Again};
use crate::{EndingId, GrantId, GrantKey, MiniProgramId, Moment, ServerEnd, UserId};

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
    /// Marks what the server is to end: everything it knows of a program that has no grant left.
    pub(super) fn end_at_server_where_none_remain(
        &mut self,
        now: Moment,
        user: &UserId,
        mini_program: &MiniProgramId,
    ) -> Due {
        let issuer = &self.config.issuer;
        let same = |GrantKey { party, .. }: &GrantKey| {
            party.issuer == *issuer && party.user == *user && party.mini_program == *mini_program
        };
        if self.grants.all_live(now.time).any(|grant| same(&grant.key)) {
            return Due::default();
        }
        let news = !self.grants.known_at_server(&[ServerEnd::NotTold], same).is_empty();
        let grants = self.grants.known_at_server(&[ServerEnd::NotTold, ServerEnd::Due], same);
        for grant_id in &grants {
            self.grants.note_server_end(grant_id, ServerEnd::Due, Timestamp::MAX);
        }
        Due { grants, news }
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
        let due = self.due_at_server();
        self.tell_server(now, due, effects);
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
        if self.due_at_server().is_empty() {
            self.server_ends.again.clear();
        }
        self.revocations_ended(now, ending, server, effects);
    }

    fn due_at_server(&self) -> BTreeSet<GrantId> {
        let own = |key: &GrantKey| key.party.issuer == self.config.issuer;
        self.grants.known_at_server(&[ServerEnd::Due], own)
    }
}
