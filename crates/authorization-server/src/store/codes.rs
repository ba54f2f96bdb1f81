//! Authorization codes.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::authorizations::AuthorizationId;
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::pkce::CodeChallenge;
use crate::scope::Scopes;
use crate::secret::{Code, Fingerprint};

/// Stores a new code.
pub(crate) fn insert(
    db: &Connection,
    code: &Fingerprint<Code>,
    authorization: AuthorizationId,
    redirect_uri: &str,
    challenge: &CodeChallenge,
    expires_at: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO codes (hash, authorization_id, redirect_uri, code_challenge, expires_at)
         VALUES (:hash, :authorization, :redirect_uri, :challenge, :expires_at)",
    )?
    .execute(named_params! {
        ":hash": code,
        ":authorization": authorization,
        ":redirect_uri": redirect_uri,
        ":challenge": challenge,
        ":expires_at": expires_at,
    })?;
    Ok(())
}

/// A stored code, whatever its state.
pub(crate) struct StoredCode {
    fingerprint: Fingerprint<Code>,
    client: String,
    contents: SpentCode,
}

/// A code whose one use has begun: the only value from which tokens can be issued for it.
pub(crate) struct SpentCode {
    pub(crate) authorization: AuthorizationId,
    pub(crate) scopes: Scopes,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: CodeChallenge,
    pub(crate) expires_at: UnixMillis,
    pub(crate) revoked_at: Option<UnixMillis>,
}

/// The code of this fingerprint.
pub(crate) fn find(
    db: &Connection,
    code: &Fingerprint<Code>,
) -> rusqlite::Result<Option<StoredCode>> {
    db.prepare_cached(
        "SELECT * FROM codes JOIN authorizations ON id = authorization_id WHERE hash = ?1",
    )?
    .query_row([code], |row| {
        Ok(StoredCode {
            fingerprint: row.get("hash")?,
            client: row.get("client")?,
            contents: SpentCode {
                authorization: row.get("authorization_id")?,
                scopes: row.get("scopes")?,
                redirect_uri: row.get("redirect_uri")?,
                challenge: row.get("code_challenge")?,
                expires_at: row.get("expires_at")?,
                revoked_at: row.get("revoked_at")?,
            },
        })
    })
    .optional()
}

impl StoredCode {
    pub(crate) fn belongs_to(&self, client: &ClientId) -> bool {
        self.client == client.as_str()
    }

    pub(crate) fn authorization(&self) -> AuthorizationId {
        self.contents.authorization
    }

    /// Spends the code, for good: whatever is wrong with the request, there is no second try.
    /// `None` when it was spent before.
    pub(crate) fn spend(
        self,
        db: &Connection,
        now: UnixMillis,
    ) -> rusqlite::Result<Option<SpentCode>> {
        let spent = db
            .prepare_cached("UPDATE codes SET spent_at = ?2 WHERE hash = ?1 AND spent_at IS NULL")?
            .execute((&self.fingerprint, now))?;
        Ok((spent == 1).then_some(self.contents))
    }
}

/// Makes all unspent codes for this client expire at `now`; returns how many.
pub(crate) fn expire(
    db: &Connection,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE codes SET expires_at = ?2 WHERE expires_at > ?2 AND spent_at IS NULL
         AND authorization_id IN (SELECT id FROM authorizations WHERE client = ?1)",
    )?
    .execute((client, now))
}
