//! Consent evidence: the audit record of what hosts say their users decided, and the memory of
//! every `jti` for [`KEPT`].

use std::time::Duration;

use rusqlite::{Connection, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::consent::ConsentEvidence;
use crate::scope::Scopes;
use crate::store::grants::GrantId;
use crate::user::UserId;

/// How long evidence stays for sure, whatever its mode: 90 days.
///
/// Replays are over long before: a request that is sent again carries the user's access token, which
/// ends within a day, and a host that can put a newer token beside old evidence could as well make
/// new evidence. An answer to a prompt goes stale besides, after
/// [`Lifetimes::consent_prompt`](crate::Lifetimes::consent_prompt). What the span is for is the
/// audit: until then each code request with evidence can be looked up.
pub(super) const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What a piece of evidence led to.
pub(super) struct Outcome<'a> {
    pub(super) host: &'a ClientId,
    pub(super) user: &'a UserId,
    pub(super) client: &'a ClientId,
    pub(super) grant: &'a GrantId,
    pub(super) granted: &'a Scopes,
}

/// Whether this host has used this `jti` before, as far back as evidence is kept.
pub(super) fn is_used(db: &Connection, host: &ClientId, jti: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM consent_evidence WHERE host = ?1 AND jti = ?2)",
    )?
    .query_row((host, jti), |row| row.get(0))
}

/// Records the evidence with its outcome; its `jti` is now used.
pub(super) fn record(
    db: &Connection,
    evidence: &ConsentEvidence,
    outcome: &Outcome<'_>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO consent_evidence
         VALUES (:host, :jti, :decision, :mode, :decided_at, :scopes, :locale, :digest, :user,
                 :client, :grant, :granted, :now)",
    )?
    .execute(named_params! {
        ":host": outcome.host,
        ":jti": evidence.jti,
        ":decision": evidence.decision,
        ":mode": evidence.mode.as_str(),
        ":decided_at": evidence.at,
        ":scopes": evidence.scopes,
        ":locale": evidence.locale,
        ":digest": evidence.digest,
        ":user": outcome.user,
        ":client": outcome.client,
        ":grant": outcome.grant.0,
        ":granted": outcome.granted,
        ":now": now,
    })?;
    Ok(())
}

/// Removes evidence older than [`KEPT`], except what a grant rests on; returns how much it was.
///
/// Of each grant the newest evidence stays for each host, mode and set of granted scopes. So a grant
/// keeps, for every scope that came to it with evidence, the prompt its user answered last and the
/// last use without one, while repeated requests for the same do not pile up.
pub(super) fn prune(db: &Connection, now: UnixMillis) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "DELETE FROM consent_evidence AS old
         WHERE received_at < ?1
         AND EXISTS (
             SELECT 1 FROM consent_evidence AS newer
             WHERE newer.grant_id = old.grant_id AND newer.host = old.host
             AND newer.mode = old.mode AND newer.granted_scopes = old.granted_scopes
             AND (newer.received_at, newer.jti) > (old.received_at, old.jti)
         )",
    )?
    .execute([now.minus(KEPT)])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::schema;

    const DAY: i64 = 24 * 60 * 60;

    fn day(number: i64) -> UnixMillis {
        Timestamp::from_second(number * DAY).unwrap().into()
    }

    /// Two grants of one user, and evidence of `(jti, mode, grant, granted scopes)`, each a
    /// millisecond younger than the one before, the first from day 0.
    fn database(evidence: &[(&str, &str, &str, &str)]) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(schema::CREATE).unwrap();
        db.execute_batch(
            "INSERT INTO users VALUES ('u', 'u', '', NULL, 'u', NULL, 0, NULL);
             INSERT INTO clients (id, registration) VALUES ('h', ''), ('a', ''), ('b', '');
             INSERT INTO grants (id, user, client, scopes, created_at, updated_at)
             VALUES ('a', 'u', 'a', 'email openid', 0, 0), ('b', 'u', 'b', 'email openid', 0, 0);",
        )
        .unwrap();
        for (received_at, (jti, mode, grant, granted)) in (0_i64..).zip(evidence) {
            db.execute(
                "INSERT INTO consent_evidence VALUES
                 ('h', ?1, 'd', ?2, 0, '', NULL, NULL, 'u', ?3, ?3, ?4, ?5)",
                (jti, mode, grant, granted, received_at),
            )
            .unwrap();
        }
        db
    }

    fn left(db: &Connection) -> Vec<String> {
        let mut find = db.prepare("SELECT jti FROM consent_evidence ORDER BY jti").unwrap();
        find.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn evidence_of_repeated_requests_goes_after_ninety_days_and_not_before() {
        for mode in ["prompt", "remembered", "silent"] {
            let repeated = ["1", "2", "3"].map(|jti| (jti, mode, "a", "openid"));
            let db = database(&repeated);
            assert_eq!(prune(&db, day(90)).unwrap(), 0, "{mode}");
            assert_eq!(left(&db), ["1", "2", "3"], "{mode}");
            let later = day(90).plus(Duration::from_millis(1));
            assert_eq!(prune(&db, later).unwrap(), 1, "{mode}");
            assert_eq!(left(&db), ["2", "3"], "{mode}");
            assert_eq!(prune(&db, day(91)).unwrap(), 1, "{mode}");
            assert_eq!(left(&db), ["3"], "{mode}");
        }
    }

    #[test]
    fn what_a_grant_rests_on_stays_however_old() {
        let db = database(&[
            ("answer-superseded", "prompt", "a", "openid"),
            ("answer", "prompt", "a", "openid"),
            ("answer-with-more", "prompt", "a", "email openid"),
            ("answer-for-b", "prompt", "b", "openid"),
            ("repeated-1", "remembered", "a", "openid"),
            ("repeated-2", "remembered", "a", "openid"),
            ("silent-for-b", "silent", "b", "email"),
        ]);
        prune(&db, day(10_000)).unwrap();
        let expected = ["answer", "answer-for-b", "answer-with-more", "repeated-2", "silent-for-b"];
        assert_eq!(left(&db), expected);
    }
}
