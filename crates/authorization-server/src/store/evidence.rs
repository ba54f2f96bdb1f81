//! Consent evidence: the audit record of what hosts say their users decided, and the memory of
//! every `jti`.

use rusqlite::{Connection, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::consent::ConsentEvidence;
use crate::scope::Scopes;
use crate::store::grants::GrantId;
use crate::user::UserId;

/// What a piece of evidence led to.
pub(crate) struct Outcome<'a> {
    pub(crate) host: &'a ClientId,
    pub(crate) user: &'a UserId,
    pub(crate) client: &'a ClientId,
    pub(crate) grant: &'a GrantId,
    pub(crate) granted: &'a Scopes,
}

/// Whether this host has used this `jti` before.
pub(crate) fn is_used(db: &Connection, host: &ClientId, jti: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM consent_evidence WHERE host = ?1 AND jti = ?2)",
    )?
    .query_row((host, jti), |row| row.get(0))
}

/// Records the evidence with its outcome; from now on its `jti` is used.
pub(crate) fn record(
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
