//! All remembered grants of all users of this host.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, ServerEnd};
use crate::{
    Approval, DecisionId, GrantId, Scope,
    consent::{ApprovedBy, Decision},
};

/// The most ended grants that are kept of one user and program.
pub(super) const KEPT: usize = 20;

/// The grants by what they are remembered by, and those that ended.
#[derive(Debug, Default)]
pub(crate) struct GrantBook {
    live: BTreeMap<GrantKey, Grant>,
    /// Oldest end first.
    past: Vec<Grant>,
}

impl GrantBook {
    /// What a store had. What is remembered already stays.
    pub(crate) fn load(&mut self, grants: Vec<Grant>) {
        let (past, live): (Vec<_>, Vec<_>) =
            grants.into_iter().partition(|grant| grant.ended.is_some());
        self.past.extend(past);
        for grant in live {
            self.live.entry(grant.key.clone()).or_insert(grant);
        }
    }

    /// Remembers, and gives what this took the place of.
    pub(crate) fn remember(&mut self, grants: Vec<Grant>) -> Vec<Grant> {
        grants.into_iter().filter_map(|grant| self.live.insert(grant.key.clone(), grant)).collect()
    }

    /// Puts back what [`GrantBook::remember`] gave, where nothing took its place.
    pub(crate) fn put_back(&mut self, grants: Vec<Grant>) {
        for grant in grants {
            self.live.entry(grant.key.clone()).or_insert(grant);
        }
    }

    /// Ends every grant that is meant, and gives those that still held. They are history then.
    pub(crate) fn end(
        &mut self,
        now: Timestamp,
        by: GrantEndedBy,
        is_meant: impl Fn(&GrantKey) -> bool,
    ) -> Vec<Grant> {
        self.expire(now);
        let ended: Vec<Grant> =
            self.live.extract_if(.., |key, _| is_meant(key)).map(|(_, grant)| grant).collect();
        for grant in &ended {
            self.keep(grant.clone(), GrantEnd { at: now, by, server: ServerEnd::NotTold });
        }
        ended
    }

    /// Moves what has expired into history. Says whether anything has.
    pub(crate) fn expire(&mut self, now: Timestamp) -> bool {
        let expired: Vec<Grant> = self
            .live
            .extract_if(.., |_, grant| !grant.is_live(now))
            .map(|(_, grant)| grant)
            .collect();
        let any = !expired.is_empty();
        for grant in expired {
            let at = grant.expires_at.unwrap_or(now);
            let end = GrantEnd { at, by: GrantEndedBy::Expired, server: ServerEnd::NotTold };
            self.keep(grant, end);
        }
        any
    }

    /// Writes down what the server was told of the end of what it knows by this name, as far as that
    /// has ended by then.
    pub(crate) fn note_server_end(
        &mut self,
        grant_id: &GrantId,
        server: ServerEnd,
        until: Timestamp,
    ) {
        let meant = self.past.iter_mut().filter(|grant| grant.grant_id.as_ref() == Some(grant_id));
        for end in meant.filter_map(|grant| grant.ended.as_mut()) {
            if matches!(end.server, ServerEnd::NotTold | ServerEnd::Due) && end.at <= until {
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
        meant.filter_map(|grant| grant.grant_id.clone()).collect()
    }

    /// Everything of one user and program that still holds, whatever the resource.
    pub(crate) fn of_program<'a>(
        &'a self,
        party: &'a GrantParty,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Grant> {
        // Without a resource is the least of all.
        let party_alone = GrantParty { audience: None, ..party.clone() };
        let first = GrantKey { party: party_alone, scope: Scope::new("") };
        self.live
            .range(first..)
            .take_while(|(key, _)| key.party.is_same_program(party))
            .map(|(_, grant)| grant)
            .filter(move |grant| grant.is_live(now))
    }

    /// Ended grants, oldest end first.
    pub(crate) fn past(&self) -> &[Grant] {
        &self.past
    }

    fn keep(&mut self, mut grant: Grant, end: GrantEnd) {
        grant.ended = Some(end);
        let party = grant.key.party.clone();
        self.past.push(grant);
        let same = |grant: &Grant| {
            grant.key.party.user == party.user && grant.key.party.mini_program == party.mini_program
        };
        let mut surplus = self.past.iter().filter(|grant| same(grant)).count().saturating_sub(KEPT);
        let mut drop_where = |is_dropped: fn(&Grant) -> bool| {
            self.past.retain(|grant| {
                let dropped = surplus > 0 && same(grant) && is_dropped(grant);
                surplus -= usize::from(dropped);
                !dropped
            });
        };
        // By a name that nobody has, nobody can end it.
        drop_where(|grant| !may_be_told(grant));
        drop_where(|grant| grant.ended.as_ref().is_none_or(|end| end.server != ServerEnd::Due));
    }

    /// Whether what is remembered of these scopes comes, in part, from this decision.
    pub(crate) fn rests_on(
        &self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        decision: &DecisionId,
    ) -> bool {
        scopes.iter().any(|scope| {
            let key = GrantKey { party: party.clone(), scope: scope.clone() };
            self.live.get(&key).is_some_and(|grant| grant.decision == *decision)
        })
    }

    /// Takes a decision back that could not be stored.
    pub(crate) fn forget_decision(&mut self, decision: &DecisionId) {
        self.live.retain(|_, grant| grant.decision != *decision);
    }

    /// Which of these scopes live grants cover.
    pub(crate) fn live_scopes(
        &self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        now: Timestamp,
    ) -> BTreeSet<Scope> {
        self.live(party, scopes, now).map(|grant| grant.key.scope.clone()).collect()
    }

    /// Makes an approval where live grants cover every one of the scopes. It names the latest of
    /// the decisions behind them.
    pub(crate) fn approve(
        &self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        now: Timestamp,
    ) -> Option<Approval> {
        if self.live_scopes(party, scopes, now) != *scopes {
            return None;
        }
        let latest = self.live(party, scopes, now).max_by_key(|grant| grant.granted_at)?;
        let decision = Decision {
            id: latest.decision.clone(),
            at: latest.granted_at,
            locale: latest.locale.clone(),
            digest: latest.digest.clone(),
        };
        Some(decision.approve_again(ApprovedBy {
            user: party.user.clone(),
            mini_program: party.mini_program.clone(),
            scopes: scopes.clone(),
        }))
    }

    /// Notes the server's name for the grant behind these scopes. Says whether that is news.
    pub(crate) fn note_grant_id(
        &mut self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        grant_id: &GrantId,
    ) -> bool {
        let mut news = false;
        for grant in self.live.values_mut() {
            let meant = grant.key.party == *party && scopes.contains(&grant.key.scope);
            if meant && grant.grant_id.as_ref() != Some(grant_id) {
                grant.grant_id = Some(grant_id.clone());
                news = true;
            }
        }
        news
    }

    /// Makes history of what was granted for one code, which the server knows by a name. Says whether
    /// that is news.
    pub(crate) fn note_once(&mut self, now: Timestamp, grant: Grant) -> bool {
        let untold =
            |past: &Grant| past.ended.as_ref().is_some_and(|end| end.server == ServerEnd::NotTold);
        let is_known = self
            .past
            .iter()
            .any(|past| past.key == grant.key && past.grant_id == grant.grant_id && untold(past));
        if !is_known {
            let server = ServerEnd::NotTold;
            self.keep(grant, GrantEnd { at: now, by: GrantEndedBy::Once, server });
        }
        !is_known
    }

    /// Everything that still holds, and then what has ended.
    pub(crate) fn snapshot(&mut self, now: Timestamp) -> Vec<Grant> {
        self.expire(now);
        self.live.values().chain(&self.past).cloned().collect()
    }

    /// Everything that still holds.
    pub(crate) fn all_live(&self, now: Timestamp) -> impl Iterator<Item = &Grant> {
        self.live.values().filter(move |grant| grant.is_live(now))
    }

    fn live<'a>(
        &'a self,
        party: &'a GrantParty,
        scopes: &'a BTreeSet<Scope>,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Grant> {
        scopes
            .iter()
            .filter_map(|scope| {
                self.live.get(&GrantKey { party: party.clone(), scope: scope.clone() })
            })
            .filter(move |grant| grant.is_live(now))
    }
}

/// Whether the server may have to hear of its end.
fn may_be_told(grant: &Grant) -> bool {
    let end = grant.ended.as_ref();
    let untold = end.is_some_and(|end| matches!(end.server, ServerEnd::NotTold | ServerEnd::Due));
    untold && grant.grant_id.is_some()
}
