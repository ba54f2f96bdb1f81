//! All remembered grants of all users of this host.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, ServerEnd};
use crate::{
    Approval, DecisionId, GrantId, Scope,
    consent::{ApprovedBy, Decision},
};

/// The most ended grants that are kept of one user and program.
const KEPT: usize = 20;

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

    /// Writes down what the server was told of the end of what it knows by this name.
    pub(crate) fn note_server_end(&mut self, grant_id: &GrantId, server: ServerEnd) {
        let meant = self.past.iter_mut().filter(|grant| grant.grant_id.as_ref() == Some(grant_id));
        for end in meant.filter_map(|grant| grant.ended.as_mut()) {
            if matches!(end.server, ServerEnd::NotTold | ServerEnd::Due) {
                end.server = server;
            }
        }
    }

    /// The server's names of ended grants whose end it was not told yet.
    pub(crate) fn due_at_server(&self) -> BTreeSet<GrantId> {
        let due =
            |grant: &&Grant| grant.ended.as_ref().is_some_and(|end| end.server == ServerEnd::Due);
        self.past.iter().filter(due).filter_map(|grant| grant.grant_id.clone()).collect()
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
        let is_due =
            |grant: &Grant| grant.ended.as_ref().is_some_and(|end| end.server == ServerEnd::Due);
        let mut surplus = self.past.iter().filter(|grant| same(grant)).count().saturating_sub(KEPT);
        self.past.retain(|grant| {
            let dropped = surplus > 0 && same(grant) && !is_due(grant);
            surplus -= usize::from(dropped);
            !dropped
        });
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
            digest: Some(latest.digest.clone()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Audience, ClientId, Issuer, Locale, MiniProgramId, PublisherKey, UserId, ViewDigest,
        consent::ConsentMode,
    };

    fn party() -> GrantParty {
        GrantParty {
            issuer: Issuer::new("https://as.example"),
            user: UserId::new("alice"),
            mini_program: MiniProgramId::new("teahouse"),
            publisher_key: PublisherKey::new("k1"),
            client_id: ClientId::new("teahouse"),
            audience: None,
        }
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-{time}:00Z").parse().unwrap()
    }

    fn grant(scope: &str, granted_at: Timestamp, expires_at: Option<Timestamp>) -> Grant {
        Grant {
            key: GrantKey { party: party(), scope: Scope::new(scope) },
            granted_at,
            expires_at,
            decision: DecisionId::new(format!("d-{scope}")),
            locale: Locale::new("en"),
            digest: ViewDigest::new("digest"),
            manifest_version: "1.0.0".into(),
            manifest_hash: "hash".into(),
            grant_id: None,
            ended: None,
        }
    }

    fn book() -> GrantBook {
        let mut book = GrantBook::default();
        book.remember(vec![
            grant("openid", at("01T10:00"), None),
            grant("email", at("02T10:00"), Some(at("03T10:00"))),
        ]);
        book
    }

    #[test]
    fn live_grants_for_every_scope_approve() {
        let approval = book().approve(&party(), &Scope::parse_list("openid email"), at("02T11:00"));
        let approval = approval.unwrap();
        assert_eq!(approval.mode(), ConsentMode::Remembered);
        assert_eq!(approval.into_evidence("j".into()).id, DecisionId::new("d-email"));
    }

    #[test]
    fn an_expired_or_missing_scope_does_not() {
        let both = Scope::parse_list("openid email");
        assert!(book().approve(&party(), &both, at("03T10:00")).is_none());
        assert_eq!(book().live_scopes(&party(), &both, at("03T10:00")).len(), 1);
        let more = Scope::parse_list("openid phone");
        assert!(book().approve(&party(), &more, at("02T11:00")).is_none());
    }

    #[test]
    fn any_other_party_asks_again() {
        let scopes = Scope::parse_list("openid");
        let others: [fn(&mut GrantParty); 6] = [
            |p| p.issuer = Issuer::new("https://other.example"),
            |p| p.user = UserId::new("bob"),
            |p| p.mini_program = MiniProgramId::new("cinema"),
            |p| p.publisher_key = PublisherKey::new("k2"),
            |p| p.client_id = ClientId::new("other"),
            |p| p.audience = Some(Audience::new("https://api.example")),
        ];
        for change in others {
            let mut other = party();
            change(&mut other);
            assert!(book().approve(&other, &scopes, at("01T11:00")).is_none(), "{other:?}");
        }
    }

    #[test]
    fn what_has_ended_is_history_and_allows_nothing() {
        let mut book = book();
        let ended = book
            .end(at("02T11:00"), GrantEndedBy::Revoked, |key| key.scope == Scope::new("openid"));
        assert_eq!(ended.len(), 1);
        assert!(book.approve(&party(), &Scope::parse_list("openid"), at("02T11:00")).is_none());
        assert_eq!(book.past().len(), 1);
        let written = book.snapshot(at("03T10:00"));
        assert!(written.iter().all(|grant| grant.ended.is_some()), "the other one has expired");
        let mut read = GrantBook::default();
        read.load(written);
        let ends: Vec<_> =
            read.past().iter().map(|grant| grant.ended.as_ref().unwrap().by).collect();
        assert_eq!(ends, [GrantEndedBy::Revoked, GrantEndedBy::Expired]);
        assert_eq!(read.all_live(at("03T10:00")).count(), 0);
    }

    #[test]
    fn what_had_expired_before_it_was_taken_back_has_expired() {
        let mut book = book();
        assert!(
            book.end(at("03T10:00"), GrantEndedBy::Revoked, |_| true)
                .iter()
                .all(|grant| { grant.expires_at.is_none() })
        );
        let expired = |grant: &&Grant| {
            grant.ended.as_ref().is_some_and(|end| end.by == GrantEndedBy::Expired)
        };
        assert_eq!(book.past().iter().filter(expired).count(), 1);
    }

    #[test]
    fn history_is_bounded_but_keeps_what_the_server_must_still_hear() {
        let mut book = GrantBook::default();
        for turn in 0..KEPT + 10 {
            let mut granted = grant("openid", at("01T10:00"), None);
            granted.grant_id = Some(GrantId::new(format!("g-{turn}")));
            book.remember(vec![granted]);
            book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
            if turn < 5 {
                book.note_server_end(&GrantId::new(format!("g-{turn}")), ServerEnd::Due);
            }
        }
        assert_eq!(book.past().len(), KEPT);
        assert_eq!(book.due_at_server().len(), 5);
        book.note_server_end(&GrantId::new("g-0"), ServerEnd::Ended);
        assert_eq!(book.due_at_server().len(), 4);
    }

    #[test]
    fn a_programs_grants_are_found_whatever_the_resource_and_nobody_elses() {
        let mut book = book();
        let mut other = grant("phone", at("01T10:00"), None);
        other.key.party.audience = Some(Audience::new("https://api.example"));
        let mut strange = grant("phone", at("01T10:00"), None);
        strange.key.party.client_id = ClientId::new("zebra");
        book.remember(vec![other.clone(), strange]);
        let own = |party: &GrantParty| book.of_program(party, at("02T11:00")).count();
        assert_eq!(own(&party()), 3);
        assert_eq!(own(&other.key.party), 3);
    }

    #[test]
    fn one_programs_history_does_not_push_another_out() {
        let mut book = GrantBook::default();
        let mut end_one = |user: &str, program: &str| {
            let mut granted = grant("openid", at("01T10:00"), None);
            granted.key.party.user = UserId::new(user);
            granted.key.party.mini_program = MiniProgramId::new(program);
            book.remember(vec![granted]);
            book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
        };
        end_one("bob", "teahouse");
        end_one("alice", "cinema");
        for _ in 0..KEPT + 3 {
            end_one("alice", "teahouse");
        }
        assert_eq!(book.past().len(), KEPT + 2);
    }

    #[test]
    fn the_servers_name_is_noted_for_what_it_stands_for_and_nothing_else() {
        let mut book = book();
        let mut cinemas = grant("openid", at("01T10:00"), None);
        cinemas.key.party.mini_program = MiniProgramId::new("cinema");
        book.remember(vec![cinemas]);
        book.note_grant_id(&party(), &Scope::parse_list("openid"), &GrantId::new("g"));
        let named = book.all_live(at("02T11:00")).filter(|grant| grant.grant_id.is_some());
        let named: Vec<_> = named
            .map(|grant| (grant.key.party.mini_program.as_str(), grant.key.scope.as_str()))
            .collect();
        assert_eq!(named, [("teahouse", "openid")]);
    }

    #[test]
    fn the_servers_name_is_noted_once() {
        let mut book = book();
        let scopes = Scope::parse_list("openid");
        assert!(book.note_grant_id(&party(), &scopes, &GrantId::new("g")));
        assert!(!book.note_grant_id(&party(), &scopes, &GrantId::new("g")));
    }
}
