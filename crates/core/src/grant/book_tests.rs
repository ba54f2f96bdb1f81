//! What the book of grants remembers, ends and keeps as history.

use jiff::Timestamp;

use super::{
    Grant, GrantEndedBy, GrantKey, GrantParty, ServerEnd,
    book::{GrantBook, KEPT},
};
use crate::{
    Audience, ClientId, DecisionId, GrantId, Issuer, Locale, MiniProgramId, PublisherKey, Scope,
    UserId, ViewDigest, consent::ConsentMode,
};

pub(super) fn party() -> GrantParty {
    GrantParty {
        issuer: Issuer::new("https://as.example"),
        user: UserId::new("alice"),
        mini_program: MiniProgramId::new("teahouse"),
        publisher_key: PublisherKey::new("k1"),
        client_id: ClientId::new("teahouse"),
        audience: None,
    }
}

pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-11-{time}:00Z").parse().unwrap()
}

pub(super) fn grant(scope: &str, granted_at: Timestamp, expires_at: Option<Timestamp>) -> Grant {
    Grant {
        key: GrantKey { party: party(), scope: Scope::new(scope) },
        granted_at,
        expires_at,
        decision: DecisionId::new(format!("d-{scope}")),
        locale: Locale::new("en"),
        digest: Some(ViewDigest::new("digest")),
        manifest_version: "1.0.0".into(),
        manifest_hash: "hash".into(),
        earlier_grant_ids: Vec::new(),
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
    let ended =
        book.end(at("02T11:00"), GrantEndedBy::Revoked, |key| key.scope == Scope::new("openid"));
    assert_eq!(ended.len(), 1);
    assert!(book.approve(&party(), &Scope::parse_list("openid"), at("02T11:00")).is_none());
    assert_eq!(book.past().len(), 1);
    let written = book.snapshot(at("03T10:00"));
    assert!(written.iter().all(|grant| grant.ended.is_some()), "the other one has expired");
    let mut read = GrantBook::default();
    read.load(written);
    let ends: Vec<_> = read.past().iter().map(|grant| grant.ended.as_ref().unwrap().by).collect();
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
    let expired =
        |grant: &&Grant| grant.ended.as_ref().is_some_and(|end| end.by == GrantEndedBy::Expired);
    assert_eq!(book.past().iter().filter(expired).count(), 1);
}

#[test]
fn history_is_bounded_where_the_server_need_hear_nothing_of_it() {
    let mut book = GrantBook::default();
    for turn in 0..KEPT + 10 {
        let mut granted = grant("openid", at("01T10:00"), None);
        granted.grant_id = (turn % 2 == 0).then(|| GrantId::new("g"));
        book.remember(vec![granted]);
        book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
    }
    assert_eq!(book.past().len(), KEPT);
    let untold = book.known_at_server(&[ServerEnd::NotTold], |_| true);
    assert_eq!(untold, [GrantId::new("g")].into());
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
