//! Refreshing: one at a time, and never the end of a session without the server's word.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use minihost_core::User;
use tokio::task::JoinSet;

use super::{
    ObservedSession as _,
    bench::{Bench, bench_on, profile, signed_in, tokens},
};
use crate::{
    http::scripted::Reply,
    ports::{HttpError, SecretName, SessionError, UserSession, UserToken},
};

async fn token(bench: &Bench, user: &User) -> Result<String, SessionError> {
    bench.session.access_token(user).await.map(|token| token.expose().to_owned())
}

async fn after_rejection(bench: &Bench, user: &User, token: &str) -> Result<String, SessionError> {
    let rejected = UserToken::new(token);
    let other = bench.session.refresh_after_rejection(user, &rejected).await;
    other.map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn a_token_is_refreshed_before_it_ends_and_the_rotated_one_is_stored() {
    let (bench, user) = signed_in(vec![tokens("a2", Some("r2"), 600)]).await;
    bench.clock.advance(Duration::from_secs(539));
    assert_eq!(token(&bench, &user).await, Ok("a1".into()));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(token(&bench, &user).await, Ok("a2".into()));
    assert_eq!(bench.session.current_user(), Some(user));
    let [seen] = bench.scripted.take_seen().try_into().ok().unwrap();
    let expected = [("grant_type", "refresh_token"), ("refresh_token", "r1")];
    assert_eq!(seen.form, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    assert_eq!(seen.headers["authorization"], "Basic aG9zdDpzM2NyZXQ=");

    let after = bench_on([tokens("a3", None, 600)], bench.secrets.clone());
    let user = after.session.restore().await.unwrap().unwrap();
    assert_eq!(after_rejection(&after, &user, "a2").await, Ok("a3".into()));
    assert_eq!(after.scripted.take_seen()[0].form["refresh_token"], "r2");
}

#[tokio::test]
async fn a_hundred_callers_cost_one_refresh() {
    let (bench, user) = signed_in(vec![tokens("a2", Some("r2"), 600).held()]).await;
    bench.clock.advance(Duration::from_secs(700));
    let bench = Arc::new(bench);
    let mut callers = JoinSet::new();
    for number in 0..100 {
        let (bench, user) = (bench.clone(), user.clone());
        callers.spawn(async move {
            match number % 2 {
                0 => token(&bench, &user).await,
                _ => after_rejection(&bench, &user, "a1").await,
            }
        });
    }
    bench.scripted.until_seen(1).await;
    bench.scripted.release();
    assert!(callers.join_all().await.iter().all(|token| *token == Ok("a2".to_owned())));
    assert_eq!(bench.scripted.seen(), 1);
}

#[tokio::test]
async fn a_caller_that_leaves_strands_nobody_and_loses_no_token() {
    let (bench, user) = signed_in(vec![tokens("a2", Some("r2"), 600).held()]).await;
    bench.clock.advance(Duration::from_secs(700));
    let bench = Arc::new(bench);
    let call = || {
        let (bench, user) = (bench.clone(), user.clone());
        tokio::spawn(async move { token(&bench, &user).await })
    };
    let leader = call();
    bench.scripted.until_seen(1).await;
    let follower = call();
    tokio::task::yield_now().await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    bench.scripted.release();
    assert_eq!(follower.await.unwrap(), Ok("a2".into()));
    assert_eq!(bench.scripted.seen(), 1);
}

#[tokio::test]
async fn only_the_token_that_was_rejected_is_replaced() {
    let (bench, user) = signed_in(vec![tokens("a2", None, 600)]).await;
    assert_eq!(after_rejection(&bench, &user, "a1").await, Ok("a2".into()));
    assert_eq!(after_rejection(&bench, &user, "a1").await, Ok("a2".into()));
    assert_eq!(bench.scripted.seen(), 1);
}

#[tokio::test]
async fn a_server_that_gives_the_rejected_token_again_is_not_asked_for_ever() {
    let same = || tokens("a1", None, 600);
    let (bench, user) = signed_in(vec![same(), same(), same(), same(), same()]).await;
    let refused = after_rejection(&bench, &user, "a1").await;
    assert_eq!(refused, Err(SessionError::Server("it gives no other token".into())));
    assert!(bench.scripted.seen() <= 3);
}

#[tokio::test]
async fn tokens_that_live_for_no_time_do_not_cause_a_storm() {
    let (bench, user) = signed_in(vec![tokens("a2", None, 0)]).await;
    bench.clock.advance(Duration::from_secs(700));
    assert_eq!(token(&bench, &user).await, Ok("a2".into()));
    assert_eq!(bench.scripted.seen(), 1);
}

#[tokio::test]
async fn a_clock_set_forward_costs_one_refresh_and_set_back_none() {
    let (bench, user) = signed_in(vec![tokens("a2", None, 600)]).await;
    bench.clock.jump(SignedDuration::from_hours(-1));
    assert_eq!(token(&bench, &user).await, Ok("a1".into()));
    bench.clock.jump(SignedDuration::from_hours(9));
    assert_eq!(token(&bench, &user).await, Ok("a2".into()));
    assert_eq!(token(&bench, &user).await, Ok("a2".into()));
    assert_eq!(bench.scripted.seen(), 1);
}

#[tokio::test]
async fn the_servers_word_ends_the_sign_in() {
    let (bench, user) = signed_in(vec![Reply::error(400, "invalid_grant")]).await;
    bench.clock.advance(Duration::from_secs(700));
    let mut users = bench.session.users();
    users.mark_unchanged();
    assert_eq!(token(&bench, &user).await, Err(SessionError::SignInEnded));
    assert_eq!(bench.session.current_user(), None);
    users.changed().await.unwrap();
    assert_eq!(*users.borrow(), None);
    // The next change of the secret can only be written after this one was.
    bench.session.sign_out().await.unwrap();
    assert!(bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_else_does() {
    let rows = [
        (Reply::Error(HttpError::TimedOut), SessionError::TimedOut),
        (Reply::Error(HttpError::MaybeSent("reset".into())), SessionError::Network("reset".into())),
        (
            Reply::Response(503, vec![("retry-after".into(), "3".into())], String::new()),
            SessionError::TemporarilyUnavailable { retry_after: Some(3) },
        ),
        (Reply::error(500, "x"), SessionError::Server("it has status 500".into())),
        (
            Reply::error(401, "invalid_client"),
            SessionError::HostRejected { error: "invalid_client" },
        ),
        (Reply::error(400, "x"), SessionError::Server("its error code is unknown".into())),
        (
            Reply::json(200, "{}"),
            SessionError::Server("it is not JSON in the form of a token response".into()),
        ),
    ];
    for (reply, expected) in rows {
        let (bench, user) = signed_in(vec![reply, tokens("a2", None, 600)]).await;
        bench.clock.advance(Duration::from_secs(700));
        assert_eq!(token(&bench, &user).await, Err(expected));
        assert_eq!(bench.session.current_user().as_ref(), Some(&user));
        // As long as a server wants to be left alone.
        bench.clock.advance(Duration::from_secs(3));
        assert_eq!(token(&bench, &user).await, Ok("a2".into()), "the next try works");
    }
}

#[tokio::test]
async fn a_token_that_is_still_good_outlives_a_failed_refresh() {
    let away = || Reply::Response(503, Vec::new(), String::new());
    let (bench, user) = signed_in(vec![away(), away(), away()]).await;
    bench.clock.advance(Duration::from_secs(560));
    assert_eq!(token(&bench, &user).await, Ok("a1".into()));
    assert!(after_rejection(&bench, &user, "a1").await.is_err(), "not once it was rejected");
    bench.clock.advance(Duration::from_secs(40));
    assert!(token(&bench, &user).await.is_err(), "nor once it has ended");
}

#[tokio::test]
async fn without_a_refresh_token_the_sign_in_ends_with_its_token() {
    let (bench, _) = signed_in(vec![tokens("b1", None, 600), profile("u-bob", "bob")]).await;
    let user = bench.sign_in().await.unwrap();
    bench.clock.advance(Duration::from_secs(599));
    assert_eq!(token(&bench, &user).await, Ok("b1".into()));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(token(&bench, &user).await, Err(SessionError::SignInEnded));
    assert_eq!(bench.session.current_user(), None);
}

#[tokio::test]
async fn a_refresh_that_ends_after_the_user_changed_changes_nothing() {
    let begin = vec![
        tokens("a2", Some("r2"), 600).held(),
        tokens("b1", Some("rb"), 600),
        profile("u-bob", "bob"),
    ];
    let (bench, alice) = signed_in(begin).await;
    let bench = Arc::new(bench);
    bench.clock.advance(Duration::from_secs(700));
    let refreshing = tokio::spawn({
        let (bench, alice) = (bench.clone(), alice.clone());
        async move { token(&bench, &alice).await }
    });
    bench.scripted.until_seen(1).await;
    let bob = bench.sign_in().await.unwrap();
    bench.scripted.release();
    assert_eq!(refreshing.await.unwrap(), Err(SessionError::AccountChanged));
    assert_eq!(token(&bench, &bob).await, Ok("b1".into()));
}

#[tokio::test]
async fn a_user_who_meets_the_refresh_of_the_one_before_gets_one_of_their_own() {
    let begin = vec![
        Reply::error(400, "invalid_grant").held(),
        tokens("b1", Some("rb"), 600),
        profile("u-bob", "bob"),
        tokens("b2", Some("rb2"), 600),
    ];
    let (bench, alice) = signed_in(begin).await;
    let bench = Arc::new(bench);
    bench.clock.advance(Duration::from_secs(700));
    let of_alice = tokio::spawn({
        let (bench, alice) = (bench.clone(), alice.clone());
        async move { token(&bench, &alice).await }
    });
    bench.scripted.until_seen(1).await;
    let bob = bench.sign_in().await.unwrap();
    let of_bob = tokio::spawn({
        let (bench, bob) = (bench.clone(), bob.clone());
        async move { after_rejection(&bench, &bob, "b1").await }
    });
    tokio::task::yield_now().await;
    bench.scripted.release();
    assert_eq!(of_bob.await.unwrap(), Ok("b2".into()));
    assert_eq!(of_alice.await.unwrap(), Err(SessionError::AccountChanged));
    assert_eq!(bench.session.current_user(), Some(bob));
}
