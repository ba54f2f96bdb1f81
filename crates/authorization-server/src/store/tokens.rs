//! Access tokens and refresh tokens.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::authorizations::{Authorization, AuthorizationId};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::jose::Thumbprint;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Access, Fingerprint, Refresh, SealedSuccessor};
use crate::user::UserId;

/// An access token to store.
pub(crate) struct NewAccess<'a> {
    pub(crate) token: &'a Fingerprint<Access>,
    pub(crate) authorization: AuthorizationId,
    pub(crate) scopes: &'a Scopes,
    pub(crate) audience: &'a Audience,
    /// The key that its user must have (RFC 9449 §6).
    pub(crate) key: Option<&'a Thumbprint>,
    pub(crate) expires_at: UnixMillis,
}

/// Stores a new access token.
pub(crate) fn insert_access(
    db: &Connection,
    new: &NewAccess<'_>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO access_tokens (hash, authorization_id, scopes, audience, key_thumbprint,
             issued_at, expires_at)
         VALUES (:hash, :authorization, :scopes, :audience, :key, :now, :expires_at)",
    )?
    .execute(named_params! {
        ":hash": new.token,
        ":authorization": new.authorization,
        ":scopes": new.scopes,
        ":audience": new.audience,
        ":key": new.key,
        ":now": now,
        ":expires_at": new.expires_at,
    })?;
    Ok(())
}

/// A stored access token, whatever its state, and whose it is.
pub(crate) struct StoredAccess {
    pub(crate) client: String,
    /// `None` where the client got the token for itself.
    pub(crate) user: Option<UserId>,
    /// The host that asked for the code that the token comes from, where one did.
    pub(crate) mediator: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) key: Option<Thumbprint>,
    pub(crate) issued_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    /// When it was ended, or all of its authorization was.
    pub(crate) revoked_at: Option<UnixMillis>,
    /// When the user last proved who they are.
    pub(crate) authenticated_at: Option<UnixMillis>,
}

/// The access token of this fingerprint.
pub(crate) fn find_access(
    db: &Connection,
    token: &Fingerprint<Access>,
) -> rusqlite::Result<Option<StoredAccess>> {
    db.prepare_cached(
        "SELECT a.client, a.user, a.mediator, t.scopes, t.audience, t.key_thumbprint,
                t.issued_at, t.expires_at,
                coalesce(t.revoked_at, a.revoked_at, g.ended_at), a.authenticated_at
         FROM access_tokens AS t JOIN authorizations AS a ON a.id = t.authorization_id
         LEFT JOIN grants AS g ON g.id = a.grant_id
         WHERE t.hash = ?1",
    )?
    .query_row([token], |row| {
        Ok(StoredAccess {
            client: row.get(0)?,
            user: row.get(1)?,
            mediator: row.get(2)?,
            scopes: row.get(3)?,
            audience: row.get(4)?,
            key: row.get(5)?,
            issued_at: row.get(6)?,
            expires_at: row.get(7)?,
            revoked_at: row.get(8)?,
            authenticated_at: row.get(9)?,
        })
    })
    .optional()
}

/// Ends one access token and nothing else. Ending it again changes nothing.
pub(crate) fn revoke_access(
    db: &Connection,
    token: &Fingerprint<Access>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE access_tokens SET revoked_at = ?2 WHERE hash = ?1 AND revoked_at IS NULL",
    )?
    .execute((token, now))?;
    Ok(())
}

/// A token of which only its holder knows the kind.
#[derive(Clone)]
pub(crate) struct Presented {
    pub(crate) access: Fingerprint<Access>,
    pub(crate) refresh: Fingerprint<Refresh>,
}

impl Presented {
    pub(crate) fn of(text: &str) -> Self {
        Self { access: Fingerprint::of(text), refresh: Fingerprint::of(text) }
    }
}

/// A stored token of either kind, whatever its state.
pub(crate) enum StoredToken {
    Access(StoredAccess),
    Refresh(StoredRefresh),
}

impl StoredToken {
    /// Whose it is.
    pub(crate) fn client(&self) -> &str {
        match self {
            Self::Access(token) => &token.client,
            Self::Refresh(token) => &token.authorization.client,
        }
    }
}

/// The token, whatever its kind.
pub(crate) fn find(db: &Connection, token: &Presented) -> rusqlite::Result<Option<StoredToken>> {
    if let Some(access) = find_access(db, &token.access)? {
        return Ok(Some(StoredToken::Access(access)));
    }
    Ok(find_refresh(db, &token.refresh)?.map(StoredToken::Refresh))
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
    pub(crate) authorization: Authorization,
    pub(crate) expires_at: UnixMillis,
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
        "SELECT t.*, a.*, coalesce(a.revoked_at, g.ended_at) AS ended
         FROM refresh_tokens AS t JOIN authorizations AS a ON a.id = t.authorization_id
         LEFT JOIN grants AS g ON g.id = a.grant_id
         WHERE t.hash = ?1",
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
            authorization: Authorization::read(row)?,
            expires_at: row.get("expires_at")?,
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
    .execute([token.authorization.id])?;
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
    insert_refresh(db, successor, token.authorization.id, expires_at)
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
