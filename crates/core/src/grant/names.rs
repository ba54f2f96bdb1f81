//! What the authorization server calls what was granted, and what it was told of the end of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, ServerEnd,
    book::{GrantBook, may_be_told},
};
use crate::GrantId;

/// The most names that a server may have for what one user has granted one program, before the oldest
/// is ended there; and the most that it may still owe to end before no more codes are asked for.
pub(crate) const MOST_NAMES: usize = 64;

impl GrantBook {
    /// Writes down what the server was told of the end of what it knows by this name, as far as that
    /// has ended by then.
    pub(crate) fn note_server_end(&mut self, name: &GrantId, server: ServerEnd, until: Timestamp) {
        for grant in self.past.iter_mut().filter(|grant| may_be_told(grant)) {
            let ended = grant.ended.as_ref().is_some_and(|end| end.at <= until);
            if !ended || !grant.server_names().any(|its| its == name) {
                continue;
            }
            let is_told = matches!(server, ServerEnd::Ended | ServerEnd::LocalOnly);
            if is_told && grant.drop_name(name) {
                continue;
            }
            if let Some(end) = &mut grant.ended {
                end.server = server;
            }
        }
    }

    /// The server's names of ended grants of whose end it was told this.
    pub(crate) fn known_at_server(
        &self,
        told: &[ServerEnd],
        is_meant: impl Fn(&GrantKey) -> bool,
    ) -> BTreeSet<GrantId> {
        let was_told =
            |grant: &Grant| grant.ended.as_ref().is_some_and(|end| told.contains(&end.server));
        let meant = self.past.iter().filter(|grant| is_meant(&grant.key) && was_told(grant));
        meant.flat_map(Grant::server_names).cloned().collect()
    }

    /// The server's names of what still holds.
    pub(crate) fn names_of_live(
        &self,
        now: Timestamp,
        is_meant: impl Fn(&GrantKey) -> bool,
    ) -> BTreeSet<GrantId> {
        let live = self.all_live(now).filter(|grant| is_meant(&grant.key));
        live.flat_map(Grant::server_names).cloned().collect()
    }

    /// Whether something holds between the same user and client that the server has no name for yet.
    pub(crate) fn awaits_name(&self, now: Timestamp, party: &GrantParty) -> bool {
        self.all_live(now)
            .any(|grant| grant.grant_id.is_none() && grant.key.party.is_same_at_server(party))
    }

    /// Gives up the oldest name of a program, where the server has too many for it: its end is due.
    pub(crate) fn give_up_surplus(
        &mut self,
        now: Timestamp,
        is_program: impl Fn(&GrantKey) -> bool,
    ) -> Option<GrantId> {
        let own = |grant: &&Grant| is_program(&grant.key);
        let untold = |grant: &&Grant| {
            grant.ended.as_ref().is_some_and(|end| end.server == ServerEnd::NotTold)
        };
        let past = || self.past.iter().filter(own).filter(untold);
        let live = || self.live.values().filter(own);
        let current: BTreeSet<&GrantId> = live().filter_map(|it| it.grant_id.as_ref()).collect();
        let all: BTreeSet<&GrantId> = past().chain(live()).flat_map(Grant::server_names).collect();
        if all.len() <= MOST_NAMES {
            return None;
        }
        let oldest_first =
            past().chain(live()).flat_map(|it| it.server_names().map(move |name| (it, name)));
        let (grant, name) = oldest_first.into_iter().find(|(_, name)| !current.contains(name))?;
        let (grant, name) = (grant.clone(), name.clone());
        for grant in self.live.values_mut().filter(|grant| is_program(&grant.key)) {
            grant.earlier_grant_ids.retain(|earlier| *earlier != name);
        }
        self.past.retain_mut(|past| {
            let has_it = is_program(&past.key)
                && past.ended.as_ref().is_some_and(|end| end.server == ServerEnd::NotTold)
                && past.server_names().any(|its| *its == name);
            !has_it || past.drop_name(&name)
        });
        let by = grant.ended.as_ref().map_or(GrantEndedBy::Once, |end| end.by);
        let end = GrantEnd { at: now, by, server: ServerEnd::Due };
        self.keep(
            Grant { grant_id: Some(name.clone()), earlier_grant_ids: Vec::new(), ..grant },
            end,
        );
        Some(name)
    }
}
