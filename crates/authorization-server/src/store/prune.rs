//! Removes what can no longer be used, so that the file does not grow with every sign-in.

use std::time::Duration;

use rusqlite::Connection;

use super::evidence;
use crate::clock::UnixMillis;
use crate::crash::{CrashPoint, reached};

/// Expired codes and tokens stay this long, so that "expired" can be told from "unknown" and a
/// replay is still recognised.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Prunes; a failure is logged, as the next time will do.
pub(super) fn and_log(connection: &Connection, now: UnixMillis) {
    requests_and_log(connection, now);
    if let Err(error) = prune(connection, now) {
        tracing::warn!(%error, "what is no longer needed could not be removed");
    }
}

/// How long a user can look back on their sign-ins: 90 days.
const LOGINS_KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What ends by itself at `expires_at`.
const EXPIRING: [&str; 3] = ["access_tokens", "refresh_tokens", "used_assertions"];

/// What anybody can have made, without a user; it goes soon, so that a flood leaves nothing behind.
const REQUESTS: [&str; 3] = ["external_logins", "pushed_requests", "device_requests"];

/// Who comes a little late is still told that their request has expired.
const REQUESTS_KEPT: Duration = Duration::from_secs(60);

/// Removes expired requests only; a failure is logged, as the next time will do.
pub(super) fn requests_and_log(connection: &Connection, now: UnixMillis) {
    if let Err(error) = prune_requests(connection, now) {
        tracing::warn!(%error, "expired requests could not be removed");
    }
}

fn prune_requests(connection: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
    let limit = now.minus(REQUESTS_KEPT);
    let transaction = connection.unchecked_transaction()?;
    for table in REQUESTS {
        transaction.execute(&format!("DELETE FROM {table} WHERE expires_at < ?1"), [limit])?;
    }
    transaction.commit()
}

/// Grants stay, and with each of them the consent evidence it rests on: they are the record of what
/// was agreed.
fn prune(connection: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
    let limit = now.minus(KEPT_AFTER_EXPIRY);
    let transaction = connection.unchecked_transaction()?;
    for table in EXPIRING {
        transaction.execute(&format!("DELETE FROM {table} WHERE expires_at < ?1"), [limit])?;
    }
    reached(CrashPoint::Pruning);
    transaction.execute(
        "DELETE FROM authorizations AS a WHERE created_at < ?1
         AND (code_expires_at IS NULL OR code_expires_at < ?1)
         AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE authorization_id = a.id)
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE authorization_id = a.id)",
        [limit],
    )?;
    transaction.execute(
        "DELETE FROM browser_sessions AS s WHERE expires_at < ?1
         AND NOT EXISTS (SELECT 1 FROM authorizations WHERE session_id = s.id)
         AND NOT EXISTS (SELECT 1 FROM device_requests WHERE session_id = s.id)",
        [limit],
    )?;
    transaction.execute("DELETE FROM logins WHERE at < ?1", [now.minus(LOGINS_KEPT)])?;
    transaction.execute("DELETE FROM signing_keys WHERE superseded_at < ?1", [limit])?;
    evidence::prune(&transaction, now)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clock::{Clock as _, SystemClock};
    use crate::store::schema;

    /// One user whose authorizations, one for each code or token and its expiry, were all made at the
    /// epoch.
    fn database(tokens: &[(&str, u8, i64)]) -> Connection {
        let db = Connection::open(Path::new(":memory:")).unwrap();
        db.execute_batch(schema::CREATE).unwrap();
        db.execute_batch(
            "INSERT INTO users VALUES ('u', 'u', '', NULL, 'u', NULL, 0, NULL);
             INSERT INTO clients (id, registration) VALUES ('c', '');",
        )
        .unwrap();
        for (table, hash, expires_at) in tokens {
            let insert = "INSERT INTO authorizations (id, user, client, scopes, created_at)
                 VALUES (?1, 'u', 'c', '', 0)";
            db.execute(insert, [hash]).unwrap();
            if *table == "authorizations" {
                let code = "UPDATE authorizations SET code_hash = ?1, code_expires_at = ?3,
                     redirect_uri = '', redirect_uri_was_given = 1 WHERE id = ?2";
                db.execute(code, (&[*hash; 32], hash, expires_at)).unwrap();
                continue;
            }
            let (columns, values) = match *table {
                "access_tokens" => (", scopes, issued_at", ", '', 0"),
                _ => ("", ""),
            };
            let insert = format!(
                "INSERT INTO {table} (hash, authorization_id, expires_at{columns})
                 VALUES (?1, ?2, ?3{values})"
            );
            db.execute(&insert, (&[*hash; 32], hash, expires_at)).unwrap();
        }
        db
    }

    fn left(db: &Connection, table: &str) -> i64 {
        db.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn only_what_expired_over_a_day_ago_is_removed_with_its_authorization() {
        let now = SystemClock.now();
        let day = i64::try_from(KEPT_AFTER_EXPIRY.as_millis()).unwrap();
        let limit = now.as_millisecond() - day;
        let db = database(&[
            ("authorizations", 1, limit - 1),
            ("authorizations", 2, limit),
            ("access_tokens", 3, limit - 1),
            ("access_tokens", 4, limit),
            ("refresh_tokens", 5, limit - 1),
            ("refresh_tokens", 6, limit),
        ]);
        prune(&db, now.into()).unwrap();
        for table in ["access_tokens", "refresh_tokens"] {
            assert_eq!(left(&db, table), 1, "{table}");
        }
        assert_eq!(left(&db, "authorizations"), 3);
    }

    #[test]
    fn a_session_in_a_browser_stays_as_long_as_something_rests_on_it() {
        let now = SystemClock.now();
        let db = database(&[("authorizations", 1, now.as_millisecond())]);
        db.execute_batch(
            "INSERT INTO browser_sessions (id, hash, user, method, authenticated_at, last_seen_at,
                 expires_at)
             VALUES (1, randomblob(32), 'u', 'password', 0, 0, 0),
                    (2, randomblob(32), 'u', 'password', 0, 0, 0);
             UPDATE authorizations SET session_id = 1;",
        )
        .unwrap();
        prune(&db, now.into()).unwrap();
        assert_eq!(db.query_row("SELECT id FROM browser_sessions", (), |row| row.get(0)), Ok(1));
    }

    #[test]
    fn requests_are_gone_a_minute_after_they_expired() {
        let now = SystemClock.now();
        let limit = now.as_millisecond() - 60_000;
        let db = database(&[]);
        for expires_at in [limit - 1, limit] {
            db.execute(
                "INSERT INTO external_logins (hash, browser_hash, continue_to, needs_proof, created_at,
                     expires_at)
                 VALUES (randomblob(32), randomblob(32), '', 0, 0, ?1)",
                [expires_at],
            )
            .unwrap();
            db.execute(
                "INSERT INTO pushed_requests (hash, client, parameters, expires_at)
                 VALUES (randomblob(32), 'c', '', ?1)",
                [expires_at],
            )
            .unwrap();
            db.execute(
                "INSERT INTO device_requests (hash, user_code_hash, scopes, interval, created_at,
                     expires_at)
                 VALUES (randomblob(32), randomblob(32), '', 5, 0, ?1)",
                [expires_at],
            )
            .unwrap();
        }
        prune_requests(&db, now.into()).unwrap();
        for table in REQUESTS {
            assert_eq!(left(&db, table), 1, "{table}");
        }
    }

    #[test]
    fn every_table_with_an_expiry_is_pruned() {
        let db = database(&[]);
        let mut find = db
            .prepare(
                "SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                 WHERE m.type = 'table' AND c.name = 'expires_at' ORDER BY m.name",
            )
            .unwrap();
        let tables = find.query_map((), |row| row.get::<_, String>(0)).unwrap();
        let tables: Vec<String> = tables.map(Result::unwrap).collect();
        let mut pruned = [&EXPIRING[..], &REQUESTS].concat();
        pruned.push("browser_sessions");
        pruned.sort_unstable();
        assert_eq!(tables, pruned);
    }
}
