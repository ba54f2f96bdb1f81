//! Points that are reached while the server does what it was asked to.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use super::victim::{Caller, Victim, place, text};
use super::{CrashPoint, assert_sound};

const VERIFIER: &str = "a-verifier-of-enough-characters-for-RFC-7636-4.1";
const COMMITTING: [CrashPoint; 3] =
    [CrashPoint::Written, CrashPoint::BeforeCommit, CrashPoint::AfterCommit];

/// Asks something, kills the server when it gets to the point, and starts another.
async fn killed_at<Asked>(
    mut victim: Victim,
    database: &Path,
    point: CrashPoint,
    ask: impl FnOnce(Caller) -> Asked,
) -> Victim
where
    Asked: Future<Output = Option<Value>> + Send + 'static,
{
    victim.tell(&format!("arm {point:?}"));
    let asked = tokio::spawn(ask(victim.caller.clone()));
    tokio::task::block_in_place(|| victim.kill_at_the_point());
    assert_eq!(asked.await.unwrap(), None, "nobody was told anything");
    assert_sound(database);
    Victim::start(database)
}

/// Tells it something, kills the server when it gets to the point, and starts another.
fn killed_on_the_way(mut victim: Victim, database: &Path, point: CrashPoint, word: &str) -> Victim {
    victim.tell(&format!("arm {point:?}"));
    victim.begin(word);
    victim.kill_at_the_point();
    assert_sound(database);
    Victim::start(database)
}

fn count(database: &Path, query: &str) -> i64 {
    Connection::open(database).unwrap().query_row(query, (), |row| row.get(0)).unwrap()
}

fn assert_refused(answer: &Value, error: &str) {
    assert_eq!(answer["error"], error, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_issued_whole_or_not_at_all() {
    for point in COMMITTING {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let subject = victim.caller.subject().await;
        let asking = subject.clone();
        let ask = move |caller: Caller| async move { caller.ask_code(&asking, VERIFIER).await };
        let victim = killed_at(victim, &database, point, ask).await;
        let stored = i64::from(point == CrashPoint::AfterCommit);
        assert_eq!(
            count(&database, "SELECT count(*) FROM authorizations WHERE code_hash IS NOT NULL"),
            stored,
            "{point:?}"
        );
        assert_eq!(count(&database, "SELECT count(*) FROM grants"), stored, "{point:?}");
        // Who asks again gets a code, whatever became of the first.
        let code =
            text(&victim.caller.ask_code(&subject, VERIFIER).await.unwrap(), "authorization_code");
        let tokens = victim.caller.redeem(&code, VERIFIER).await.unwrap();
        assert!(tokens["access_token"].is_string(), "{tokens}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_a_code_is_spent_from_the_commit_on_and_not_before() {
    for point in COMMITTING {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let code = victim.caller.code(VERIFIER).await;
        let asking = code.clone();
        let ask = move |caller: Caller| async move { caller.redeem(&asking, VERIFIER).await };
        let victim = killed_at(victim, &database, point, ask).await;
        let again = victim.caller.redeem(&code, VERIFIER).await.unwrap();
        if point == CrashPoint::AfterCommit {
            assert_refused(&again, "invalid_grant");
        } else {
            assert!(again["access_token"].is_string(), "{point:?}: {again}");
            let third = victim.caller.redeem(&code, VERIFIER).await.unwrap();
            assert_refused(&third, "invalid_grant");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t2_a_refresh_token_is_rotated_from_the_commit_on_and_not_before() {
    for point in COMMITTING {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let token = victim.caller.refresh_token(VERIFIER).await;
        let asking = token.clone();
        let ask = move |caller: Caller| async move { caller.refresh(&asking).await };
        let victim = killed_at(victim, &database, point, ask).await;
        let again = victim.caller.refresh(&token).await.unwrap();
        if point == CrashPoint::AfterCommit {
            assert_refused(&again, "invalid_grant");
        } else {
            let next = text(&again, "refresh_token");
            assert!(victim.caller.refresh(&next).await.unwrap()["access_token"].is_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t14_keys_are_rotated_all_together_or_not_at_all() {
    for point in [CrashPoint::KeysMade, CrashPoint::BeforeCommit, CrashPoint::AfterCommit] {
        let (_directory, database) = place();
        let mut victim = Victim::start(&database);
        // A key for a second algorithm.
        victim.tell("put-client library");
        let victim = killed_on_the_way(victim, &database, point, "rotate-keys");
        let keys = if point == CrashPoint::AfterCommit { 4 } else { 2 };
        assert_eq!(victim.caller.published_keys().await, keys, "{point:?}");
        let signers = "SELECT count(*) FROM signing_keys WHERE superseded_at IS NULL";
        assert_eq!(count(&database, signers), 2);
        victim.caller.refresh_token(VERIFIER).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_and_its_key_come_together_or_not_at_all() {
    let points = [CrashPoint::ClientChecked].into_iter().chain(COMMITTING);
    for point in points {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let victim = killed_on_the_way(victim, &database, point, "put-client library");
        let stored = point == CrashPoint::AfterCommit;
        let keys = if stored { 2 } else { 1 };
        assert_eq!(victim.caller.published_keys().await, keys, "{point:?}");
        let answer = victim.caller.refresh_as("library", "unknown").await.unwrap();
        assert_refused(&answer, if stored { "invalid_grant" } else { "invalid_client" });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_goes_with_all_it_has_or_keeps_all() {
    for point in COMMITTING {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let token = victim.caller.refresh_token(VERIFIER).await;
        let victim = killed_on_the_way(victim, &database, point, "remove-client cinema");
        let answer = victim.caller.refresh(&token).await.unwrap();
        let living = "SELECT count(*) FROM grants WHERE ended_at IS NULL";
        if point == CrashPoint::AfterCommit {
            assert_refused(&answer, "invalid_client");
            assert_eq!(count(&database, living), 0);
        } else {
            assert!(answer["access_token"].is_string(), "{point:?}: {answer}");
            assert_eq!(count(&database, living), 1);
        }
    }
}
