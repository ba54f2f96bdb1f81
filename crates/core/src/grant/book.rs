//! All remembered grants of all users of this host.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, ServerEnd};
use crate::{
    Approval, DecisionId, GrantId, Scope,
    consent::{ApprovedBy, Decision},
};

/// The most ended grants that are kept of one user and program, but for those without which a name
/// would be forgotten that the server may have to hear.
pub(super) const KEPT: usize = 20;

/// The grants by what they are remembered by, and those that ended.
#[derive(Debug, Default)]
pub(crate) struct GrantBook {
    pub(super) live: BTreeMap<GrantKey, Grant>,
    /// Oldest end first.
    pub(super) past: Vec<Grant>,
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

    /// Remembers, and gives what this took the place of. What the server knows that by, it knows
    /// this by.
    pub(crate) fn remember(&mut self, grants: Vec<Grant>) -> Vec<Grant> {
        let mut replaced = Vec::new();
        for mut grant in grants {
            if let Some(before) = self.live.remove(&grant.key) {
                grant.grant_id.clone_from(&before.grant_id);
                grant.earlier_grant_ids.clone_from(&before.earlier_grant_ids);
                replaced.push(before);
            }
            self.live.insert(grant.key.clone(), grant);
        }
        replaced
    }

    /// Puts back what [`GrantBook::remember`] gave, where nothing took its place.
    fn put_back(&mut self, grants: Vec<Grant>) {
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

    pub(super) fn keep(&mut self, mut grant: Grant, end: GrantEnd) {
        grant.ended = Some(end);
        let party = grant.key.party.clone();
        self.past.push(grant);
        let same = |grant: &Grant| {
            grant.key.party.user == party.user && grant.key.party.mini_program == party.mini_program
        };
        let mut surplus = self.past.iter().filter(|grant| same(grant)).count().saturating_sub(KEPT);
        // By a name that nobody has, nobody can end it.
        self.past.retain(|grant| {
            let dropped = surplus > 0 && same(grant) && !may_be_told(grant);
            surplus -= usize::from(dropped);
            !dropped
        });
        let mut oldest = 0;
        while surplus > 0 && oldest < self.past.len() {
            if same(&self.past[oldest]) && self.is_known_without(oldest) {
                self.past.remove(oldest);
                surplus -= 1;
            } else {
                oldest += 1;
            }
        }
    }

    /// Whether every name of an ended grant would still be known, and known to be ended where it is,
    /// if that one were forgotten.
    fn is_known_without(&self, index: usize) -> bool {
        let Some((grant, later)) = self.past[index..].split_first() else { return true };
        let told = |grant: &Grant| grant.ended.as_ref().map(|end| end.server);
        let same = |other: &&Grant| other.key.party.is_same_program(&grant.key.party);
        grant.server_names().all(|name| {
            let bears = |other: &Grant| other.server_names().any(|theirs| theirs == name);
            let is_live = told(grant) == Some(ServerEnd::NotTold)
                && self.live.values().filter(same).any(bears);
            let is_later =
                later.iter().filter(same).filter(|it| told(it) == told(grant)).any(bears);
            is_live || is_later
        })
    }

    /// Whether what is remembered of these scopes comes, in part, from this decision.
    pub(crate) fn rests_on(
        &self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        decision: &DecisionId,
    ) -> bool {
        scopes.iter().any(|scope| {
            let key = party.key(scope);
            self.live.get(&key).is_some_and(|grant| grant.decision == *decision)
        })
    }

    /// Takes a decision back that could not be stored, and puts back what it took the place of. What
    /// the server has given a code for meanwhile becomes history, so that the user can end it.
    pub(crate) fn forget_decision(
        &mut self,
        now: Timestamp,
        decision: &DecisionId,
        replaced: Vec<Grant>,
    ) {
        let forgotten = self.live.extract_if(.., |_, grant| grant.decision == *decision);
        let forgotten: Vec<Grant> = forgotten.map(|(_, grant)| grant).collect();
        self.put_back(replaced);
        for grant in forgotten {
            let before = self.live.get(&grant.key);
            let is_known = |name| before.is_some_and(|it| it.server_names().any(|its| its == name));
            if grant.grant_id.as_ref().is_some_and(|name| !is_known(name)) {
                self.note_once(now, Grant { expires_at: None, ..grant });
            }
        }
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
            news |= meant && grant.name_anew(grant_id);
        }
        news
    }

    /// Makes history of what was granted for one code, which the server knows by a name. Says whether
    /// that is news.
    pub(crate) fn note_once(&mut self, now: Timestamp, mut grant: Grant) -> bool {
        let untold = |past: &Grant, by: Option<GrantEndedBy>| {
            let end = past.ended.as_ref().filter(|end| end.server == ServerEnd::NotTold);
            past.key == grant.key && end.is_some_and(|end| by.is_none_or(|by| by == end.by))
        };
        let mut same = self.past.iter().filter(|past| untold(past, None));
        let is_known =
            same.any(|past| past.server_names().any(|it| Some(it) == grant.grant_id.as_ref()));
        if !is_known {
            let once = self.past.iter().position(|past| untold(past, Some(GrantEndedBy::Once)));
            if let Some(before) = once.map(|index| self.past.remove(index)) {
                let mut names: Vec<GrantId> = before.server_names().cloned().collect();
                names.append(&mut grant.earlier_grant_ids);
                grant.earlier_grant_ids = names;
            }
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
            .filter_map(|scope| self.live.get(&party.key(scope)))
            .filter(move |grant| grant.is_live(now))
    }
}

/// Whether the server may have to hear of its end.
pub(super) fn may_be_told(grant: &Grant) -> bool {
    let end = grant.ended.as_ref();
    let untold = end.is_some_and(|end| matches!(end.server, ServerEnd::NotTold | ServerEnd::Due));
    untold && grant.grant_id.is_some()
}
