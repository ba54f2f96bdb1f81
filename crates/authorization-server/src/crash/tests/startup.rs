//! Points that are reached before the server serves, or as it ends.

use std::fs;

use rusqlite::Connection;

use super::victim::{Victim, die_early, live, place};
use super::{CrashPoint, assert_sound};
use crate::store::APPLICATION_ID;

/// A file as the first schema had it.
const FIRST: &str = include_str!("../../../tests/fixtures/first_schema.sql");
const VERIFIER: &str = "a-verifier-of-enough-characters-for-RFC-7636-4.1";

#[tokio::test]
async fn what_is_made_at_the_first_start_is_made_whole_at_the_next() {
    for point in [CrashPoint::SchemaMade, CrashPoint::KeyFileWritten] {
        let (_directory, database) = place();
        die_early("serve_until_killed", &database, point);
        let victim = Victim::start(&database);
        victim.caller.refresh_token(VERIFIER).await;
        drop(victim);
        assert_sound(&database);
        assert_eq!(fs::metadata(database.with_added_extension("key")).unwrap().len(), 32);
    }
}

#[tokio::test]
async fn a_migration_that_was_cut_off_is_done_at_the_next_start() {
    let (_directory, database) = place();
    let first = Connection::open(&database).unwrap();
    first.execute_batch(FIRST).unwrap();
    first.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    first.pragma_update(None, "user_version", 1).unwrap();
    drop(first);

    die_early("serve_until_killed", &database, CrashPoint::Migrated);
    let left = Connection::open(&database).unwrap();
    let version: i64 = left.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1, "nothing of it was done");
    drop(left);

    drop(Victim::start(&database));
    assert_sound(&database);
    let done = Connection::open(&database).unwrap();
    for table in ["grants", "authorizations", "access_tokens", "refresh_tokens"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(done.query_row(&count, (), |row| row.get(0)), Ok(1), "{table}");
    }
}

#[tokio::test]
async fn pruning_that_was_cut_off_removes_nothing_by_halves() {
    let (_directory, database) = place();
    let victim = Victim::start(&database);
    let token = victim.caller.refresh_token(VERIFIER).await;
    drop(victim);
    let db = Connection::open(&database).unwrap();
    db.execute("UPDATE access_tokens SET expires_at = 1", ()).unwrap();
    drop(db);

    die_early("serve_until_killed", &database, CrashPoint::Pruning);
    let left = |table: &str| -> i64 {
        let db = Connection::open(&database).unwrap();
        db.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
    };
    assert_eq!(left("access_tokens"), 2);

    let victim = Victim::start(&database);
    let answer = victim.caller.refresh(&token).await.unwrap();
    assert!(answer["access_token"].is_string(), "{answer}");
    assert_eq!(left("access_tokens"), 1);
}

#[tokio::test]
async fn closing_that_was_cut_off_has_lost_nothing() {
    let (_directory, database) = place();
    let mut victim = Victim::start(&database);
    let token = victim.caller.refresh_token(VERIFIER).await;
    victim.tell("arm BeforeCheckpoint");
    victim.begin("close");
    victim.kill_at_the_point();
    let victim = Victim::start(&database);
    let answer = victim.caller.refresh(&token).await.unwrap();
    assert!(answer["access_token"].is_string(), "{answer}");
    drop(victim);
    assert_sound(&database);
}

#[tokio::test]
async fn a_reset_of_the_keys_that_was_cut_off_is_done_by_the_next() {
    for point in [CrashPoint::KeyFileReplaced, CrashPoint::KeysMade, CrashPoint::AfterCommit] {
        let (_directory, database) = place();
        let victim = Victim::start(&database);
        let token = victim.caller.refresh_token(VERIFIER).await;
        drop(victim);
        die_early("reset_keys_until_killed", &database, point);
        live("reset_keys_until_killed", &database);
        let victim = Victim::start(&database);
        assert_eq!(victim.caller.published_keys().await, 1);
        let answer = victim.caller.refresh(&token).await.unwrap();
        assert!(answer["access_token"].is_string(), "{answer}");
        drop(victim);
        assert_sound(&database);
    }
}
