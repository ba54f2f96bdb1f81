//! Access tokens and refresh tokens.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::authorizations::AuthorizationId;
use super::users;
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::scope::Scopes;
use crate::secret::{Access, Fingerprint, Refresh, SealedSuccessor};
use crate::user::{Details, UserId};

/// Stores a new access token.
pub(crate) fn insert_access(
    db: &Connection,
    token: &Fingerprint<Access>,
    authorization: AuthorizationId,
    scopes: &Scopes,
    expires_at: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO access_tokens VALUES (?1, ?2, ?3, ?4)")?.execute((
        token,
        authorization,
        scopes,
        expires_at,
    ))?;
    Ok(())
}

/// A stored access token, whatever its state, and whose it is.
pub(crate) struct StoredAccess {
    pub(crate) client: String,
    pub(crate) user: UserId,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: UnixMillis,
    pub(crate) revoked_at: Option<UnixMillis>,
    /// When the user signed in, or allowed the code that the token comes from.
    pub(crate) authorized_at: UnixMillis,
    pub(crate) details: Details,
}

/// The access token of this fingerprint.
pub(crate) fn find_access(
    db: &Connection,
    token: &Fingerprint<Access>,
) -> rusqlite::Result<Option<StoredAccess>> {
    db.prepare_cached(
        "SELECT t.scopes, t.expires_at, a.client, a.user, a.revoked_at,
                a.created_at, u.preferred_username, u.email, u.email_verified, u.phone_number
         FROM access_tokens AS t
         JOIN authorizations AS a ON a.id = t.authorization_id
         JOIN users AS u ON u.id = a.user
         WHERE t.hash = ?1",
    )?
    .query_row([token], |row| {
        Ok(StoredAccess {
            client: row.get("client")?,
            user: row.get("user")?,
            scopes: row.get("scopes")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
            authorized_at: row.get("created_at")?,
            details: users::details(row)?,
        })
    })
    .optional()
}

/// Makes all access tokens of this client expire at `now`; returns how many.
pub(crate) fn expire_access(
    db: &Connection,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE access_tokens SET expires_at = ?2 WHERE expires_at > ?2
         AND authorization_id IN (SELECT id FROM authorizations WHERE client = ?1)",
    )?
    .execute((client, now))
}

/// Stores a new refresh token.
pub(crate) fn insert_refresh(
    db: &Connection,
    token: &Fingerprint<Refresh>,
    authorization: AuthorizationId,
    expires_at: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO refresh_tokens (hash, authorization_id, expires_at) VALUES (?1, ?2, ?3)",
    )?
    .execute((token, authorization, expires_at))?;
    Ok(())
}

/// A stored refresh token, whatever its state.
pub(crate) struct StoredRefresh {
    pub(crate) fingerprint: Fingerprint<Refresh>,
    pub(crate) authorization: AuthorizationId,
    pub(crate) client: String,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: UnixMillis,
    pub(crate) revoked_at: Option<UnixMillis>,
    pub(crate) rotation: Option<Rotation>,
}

/// What became of a refresh token that was rotated.
pub(crate) struct Rotation {
    pub(crate) at: UnixMillis,
    pub(crate) successor: Fingerprint<Refresh>,
    /// Removed once the successor has been used.
    pub(crate) sealed: Option<SealedSuccessor>,
}

/// The refresh token of this fingerprint.
pub(crate) fn find_refresh(
    db: &Connection,
    token: &Fingerprint<Refresh>,
) -> rusqlite::Result<Option<StoredRefresh>> {
    db.prepare_cached(
        "SELECT * FROM refresh_tokens JOIN authorizations ON id = authorization_id WHERE hash = ?1",
    )?
    .query_row([token], |row| {
        let rotated_at: Option<UnixMillis> = row.get("rotated_at")?;
        let rotation = match rotated_at {
            Some(at) => Some(Rotation {
                at,
                successor: row.get("successor_hash")?,
                sealed: row.get("sealed_successor")?,
            }),
            None => None,
        };
        Ok(StoredRefresh {
            fingerprint: row.get("hash")?,
            authorization: row.get("authorization_id")?,
            client: row.get("client")?,
            scopes: row.get("scopes")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
            rotation,
        })
    })
    .optional()
}

/// Replaces `token` by `successor`. What was sealed for `token`'s own predecessor is removed: that
/// one is no longer the last but one.
pub(crate) fn rotate(
    db: &Connection,
    token: &StoredRefresh,
    successor: &Fingerprint<Refresh>,
    sealed: &SealedSuccessor,
    expires_at: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE refresh_tokens SET sealed_successor = NULL
         WHERE authorization_id = ?1 AND sealed_successor IS NOT NULL",
    )?
    .execute([token.authorization])?;
    db.prepare_cached(
        "UPDATE refresh_tokens
         SET rotated_at = :now, successor_hash = :successor, sealed_successor = :sealed
         WHERE hash = :hash AND rotated_at IS NULL",
    )?
    .execute(named_params! {
        ":now": now,
        ":successor": successor,
        ":sealed": sealed,
        ":hash": token.fingerprint,
    })?;
    insert_refresh(db, successor, token.authorization, expires_at)
}

/// Lets a refresh token that stays the same live on from its last use.
pub(crate) fn prolong_refresh(
    db: &Connection,
    token: &StoredRefresh,
    expires_at: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE refresh_tokens SET expires_at = ?2 WHERE hash = ?1")?
        .execute((&token.fingerprint, expires_at))?;
    Ok(())
}

/// Makes all refresh tokens of this client expire at `now`; returns how many.
pub(crate) fn expire_refresh(
    db: &Connection,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE refresh_tokens SET expires_at = ?2 WHERE expires_at > ?2 AND rotated_at IS NULL
         AND authorization_id IN (SELECT id FROM authorizations WHERE client = ?1)",
    )?
    .execute((client, now))
}
