//! The server's names: none is forgotten that it may have to hear, and there are never too many.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, MOST_NAMES, ServerEnd,
    book::{GrantBook, KEPT},
    book_tests::{at, grant, party},
};
use crate::{DecisionId, GrantId, PublisherKey, Scope};

fn name(number: usize) -> GrantId {
    GrantId::new(format!("g-{number:03}"))
}

fn names(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<GrantId> {
    numbers.into_iter().map(name).collect()
}

fn known(book: &GrantBook, told: ServerEnd) -> BTreeSet<GrantId> {
    book.known_at_server(&[told], |_| true)
}

/// A book in which `openid` is granted.
fn granted() -> GrantBook {
    let mut book = GrantBook::default();
    book.remember(vec![grant("openid", at("01T10:00"), None)]);
    book
}

fn note(book: &mut GrantBook, number: usize) -> bool {
    book.note_grant_id(&party(), &Scope::parse_list("openid"), &name(number))
}

#[test]
fn a_grant_keeps_every_name_that_the_server_gave_it() {
    let mut book = granted();
    for number in [1, 2, 1, 3] {
        assert!(note(&mut book, number), "{number}");
    }
    assert!(!note(&mut book, 3));
    book.remember(vec![grant("openid", at("01T11:00"), None)]);
    book.end(at("01T12:00"), GrantEndedBy::Revoked, |_| true);
    assert_eq!(known(&book, ServerEnd::NotTold), names([1, 2, 3]));
    let oldest_first: Vec<_> = book.past()[0].server_names().cloned().collect();
    assert_eq!(oldest_first, [name(2), name(1), name(3)]);
}

#[test]
fn an_end_is_due_until_the_last_name_has_ended() {
    let mut book = granted();
    for number in 1..4 {
        note(&mut book, number);
    }
    book.end(at("01T12:00"), GrantEndedBy::Revoked, |_| true);
    for number in 1..4 {
        book.note_server_end(&name(number), ServerEnd::Due, Timestamp::MAX);
    }
    for (ended, left) in [(3, names([1, 2])), (1, names([2])), (2, names([]))] {
        book.note_server_end(&name(ended), ServerEnd::Ended, Timestamp::MAX);
        assert_eq!(known(&book, ServerEnd::Due), left, "{ended}");
    }
    assert_eq!(known(&book, ServerEnd::Ended), names([2]));
}

#[test]
fn what_was_told_before_it_ended_is_not_meant() {
    let mut book = granted();
    note(&mut book, 1);
    book.end(at("01T12:00"), GrantEndedBy::Revoked, |_| true);
    book.note_server_end(&name(1), ServerEnd::Ended, at("01T11:00"));
    assert_eq!(known(&book, ServerEnd::NotTold), names([1]));
}

#[test]
fn codes_for_one_time_make_one_piece_of_history_with_all_their_names() {
    let mut book = GrantBook::default();
    for (number, is_news) in [(1, true), (2, true), (2, false), (1, false)] {
        let mut once = grant("openid", at("01T10:00"), None);
        once.grant_id = Some(name(number));
        assert_eq!(book.note_once(at("01T10:00"), once), is_news, "{number}");
    }
    assert_eq!(book.past().len(), 1);
    assert_eq!(known(&book, ServerEnd::NotTold), names([1, 2]));
}

#[test]
fn history_never_drops_the_last_that_knows_a_name() {
    let mut book = GrantBook::default();
    for number in 0..KEPT + 10 {
        let mut granted = grant("openid", at("01T10:00"), None);
        granted.grant_id = Some(name(number));
        book.remember(vec![granted]);
        book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
        if number < 5 {
            book.note_server_end(&name(number), ServerEnd::Due, Timestamp::MAX);
        }
    }
    assert_eq!(known(&book, ServerEnd::Due), names(0..5));
    assert_eq!(known(&book, ServerEnd::NotTold), names(5..KEPT + 10));
    for number in 0..KEPT + 10 {
        book.note_server_end(&name(number), ServerEnd::Ended, Timestamp::MAX);
    }
    book.remember(vec![grant("openid", at("01T10:00"), None)]);
    book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
    assert_eq!(book.past().len(), KEPT);
}

#[test]
fn the_same_name_is_kept_once_as_due_and_once_as_untold() {
    let mut book = GrantBook::default();
    for turn in 0..4 * KEPT {
        let mut granted = grant("openid", at("01T10:00"), None);
        granted.grant_id = Some(name(1));
        book.remember(vec![granted]);
        book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
        if turn == KEPT {
            book.note_server_end(&name(1), ServerEnd::Due, Timestamp::MAX);
        }
    }
    assert_eq!(book.past().len(), KEPT);
    assert_eq!(known(&book, ServerEnd::Due), names([1]));
    assert_eq!(known(&book, ServerEnd::NotTold), names([1]));
}

#[test]
fn a_name_is_not_known_to_another_keys_history() {
    let mut book = GrantBook::default();
    let mut other = grant("openid", at("01T10:00"), None);
    other.grant_id = Some(name(1));
    let mut own = other.clone();
    other.key.party.publisher_key = PublisherKey::new("k2");
    book.remember(vec![other]);
    book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
    for _ in 0..2 * KEPT {
        own.granted_at = at("01T12:00");
        book.remember(vec![own.clone()]);
        book.end(at("01T13:00"), GrantEndedBy::Revoked, |_| true);
    }
    let others = book.known_at_server(&[ServerEnd::NotTold], |key| {
        key.party.publisher_key == PublisherKey::new("k2")
    });
    assert_eq!(others, names([1]));
}

#[test]
fn the_oldest_name_is_given_up_where_there_are_too_many() {
    let mut book = granted();
    for number in 0..MOST_NAMES {
        note(&mut book, number);
    }
    assert_eq!(book.give_up_surplus(at("01T11:00"), |_| true), None);
    note(&mut book, MOST_NAMES);
    assert_eq!(book.give_up_surplus(at("01T11:00"), |_| true), Some(name(0)));
    assert_eq!(known(&book, ServerEnd::Due), names([0]));
    assert_eq!(book.names_of_live(at("01T11:00"), |_| true), names(1..=MOST_NAMES));
    assert_eq!(book.give_up_surplus(at("01T11:00"), |_| true), None);
}

#[test]
fn what_ended_earlier_is_given_up_before_what_holds_and_its_newest_name_never() {
    let mut book = granted();
    note(&mut book, 0);
    book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
    for (scope, number) in (1..=MOST_NAMES).map(|number| (format!("s{number}"), number)) {
        let mut other = grant(&scope, at("01T12:00"), None);
        other.grant_id = Some(name(number));
        book.remember(vec![other]);
    }
    assert_eq!(book.give_up_surplus(at("01T13:00"), |_| true), Some(name(0)));
    let mut last = grant("last", at("01T12:00"), None);
    last.grant_id = Some(name(MOST_NAMES + 1));
    book.remember(vec![last]);
    assert_eq!(book.give_up_surplus(at("01T13:00"), |_| true), None);
}

#[test]
fn a_name_that_came_before_the_store_failed_is_history() {
    let mut book = granted();
    note(&mut book, 1);
    let mut newer = grant("openid", at("01T11:00"), None);
    newer.decision = DecisionId::new("newer");
    let replaced = book.remember(vec![newer]);
    note(&mut book, 2);
    book.forget_decision(at("01T12:00"), &DecisionId::new("newer"), replaced);
    assert_eq!(book.names_of_live(at("01T12:00"), |_| true), names([1]));
    assert!(known(&book, ServerEnd::NotTold).contains(&name(2)));
    let end: Option<&GrantEnd> = book.past()[0].ended.as_ref();
    assert_eq!(end.map(|end| end.by), Some(GrantEndedBy::Once));
}

#[test]
fn what_could_not_be_stored_was_for_once_and_has_no_time_of_its_own() {
    let mut book = GrantBook::default();
    book.remember(vec![grant("openid", at("01T10:00"), Some(at("03T10:00")))]);
    note(&mut book, 1);
    book.forget_decision(at("01T12:00"), &DecisionId::new("d-openid"), Vec::new());
    assert_eq!(book.past()[0].expires_at, None);
}

#[test]
fn the_end_of_a_name_is_remembered_though_what_holds_bears_the_same() {
    let mut book = GrantBook::default();
    let named = |scope: &str, number| Grant {
        grant_id: Some(name(number)),
        ..grant(scope, at("01T10:00"), None)
    };
    book.remember(vec![named("openid", 0)]);
    book.end(at("01T11:00"), GrantEndedBy::Revoked, |_| true);
    book.note_server_end(&name(0), ServerEnd::Due, Timestamp::MAX);
    book.remember(vec![named("openid", 0)]);
    for number in 1..=KEPT {
        book.remember(vec![named("email", number)]);
        book.end(at("01T13:00"), GrantEndedBy::Revoked, |key| key.scope == Scope::new("email"));
    }
    assert_eq!(known(&book, ServerEnd::Due), names([0]));
}

#[test]
fn a_name_that_is_given_up_leaves_what_others_know_of_it_alone() {
    let other = |grant: Grant| {
        let party = GrantParty { publisher_key: PublisherKey::new("k2"), ..party() };
        Grant { key: GrantKey { party, ..grant.key }, ..grant }
    };
    let both = |scope: &str| Grant {
        grant_id: Some(name(1)),
        earlier_grant_ids: vec![name(0)],
        ..grant(scope, at("01T09:00"), None)
    };
    let mut book = GrantBook::default();
    book.remember(vec![both("told")]);
    book.end(at("01T10:00"), GrantEndedBy::Revoked, |_| true);
    book.note_server_end(&name(1), ServerEnd::Due, Timestamp::MAX);
    book.remember(vec![both("untold"), other(both("others"))]);
    book.end(at("01T10:00"), GrantEndedBy::Revoked, |_| true);
    book.remember(vec![grant("nameless", at("01T09:00"), None)]);
    book.end(at("01T10:00"), GrantEndedBy::Revoked, |_| true);
    book.remember(vec![grant("openid", at("01T10:00"), None)]);
    for number in 2..=MOST_NAMES + 1 {
        note(&mut book, number);
    }
    let is_own = |key: &GrantKey| key.party == party();
    assert_eq!(book.give_up_surplus(at("01T11:00"), is_own), Some(name(0)));
    let of = |scope: &str| -> BTreeSet<GrantId> {
        let mut past = book.past().iter().filter(|it| it.key.scope == Scope::new(scope));
        past.next().unwrap().server_names().cloned().collect()
    };
    assert_eq!((of("told"), of("others")), (names([0, 1]), names([0, 1])));
    assert_eq!((of("untold"), of("nameless")), (names([1]), names([])));
}
