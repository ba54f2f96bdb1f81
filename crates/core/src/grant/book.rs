//! All remembered grants of all users of this host.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Grant, GrantKey, GrantParty};
use crate::{
    Approval, DecisionId, GrantId, Scope,
    consent::{ApprovedBy, Decision},
};

/// The grants by what they are remembered by.
#[derive(Debug, Default)]
pub(crate) struct GrantBook(BTreeMap<GrantKey, Grant>);

impl GrantBook {
    /// What a store had. What is remembered already stays.
    pub(crate) fn load(&mut self, grants: Vec<Grant>) {
        for grant in grants {
            self.0.entry(grant.key.clone()).or_insert(grant);
        }
    }

    /// Remembers, and gives what this took the place of.
    pub(crate) fn remember(&mut self, grants: Vec<Grant>) -> Vec<Grant> {
        grants.into_iter().filter_map(|grant| self.0.insert(grant.key.clone(), grant)).collect()
    }

    /// Forgets what is remembered of these scopes. Says whether anything was.
    pub(crate) fn forget(&mut self, party: &GrantParty, scopes: &BTreeSet<Scope>) -> bool {
        let before = self.0.len();
        self.0.retain(|key, _| key.party != *party || !scopes.contains(&key.scope));
        self.0.len() != before
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
            self.0.get(&key).is_some_and(|grant| grant.decision == *decision)
        })
    }

    /// Takes a decision back that could not be stored.
    pub(crate) fn forget_decision(&mut self, decision: &DecisionId) {
        self.0.retain(|_, grant| grant.decision != *decision);
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
        for grant in self.0.values_mut() {
            let meant = grant.key.party == *party && scopes.contains(&grant.key.scope);
            if meant && grant.grant_id.as_ref() != Some(grant_id) {
                grant.grant_id = Some(grant_id.clone());
                news = true;
            }
        }
        news
    }

    /// Everything that still holds.
    pub(crate) fn snapshot(&self, now: Timestamp) -> Vec<Grant> {
        self.0.values().filter(|grant| grant.is_live(now)).cloned().collect()
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
                self.0.get(&GrantKey { party: party.clone(), scope: scope.clone() })
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
    fn the_servers_name_is_noted_once() {
        let mut book = book();
        let scopes = Scope::parse_list("openid");
        assert!(book.note_grant_id(&party(), &scopes, &GrantId::new("g")));
        assert!(!book.note_grant_id(&party(), &scopes, &GrantId::new("g")));
    }
}
