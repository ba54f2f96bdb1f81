//! Authorizations: what one code or one password sign-in led to.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::scope::Scopes;
use crate::store::grants::GrantId;
use crate::user::UserId;

/// The key of an authorization.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct AuthorizationId(i64);

impl ToSql for AuthorizationId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for AuthorizationId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// Begins an authorization; `grant` is `None` when the user signed in with a password.
pub(crate) fn begin(
    db: &Connection,
    user: &UserId,
    client: &ClientId,
    grant: Option<&GrantId>,
    scopes: &Scopes,
    now: UnixMillis,
) -> rusqlite::Result<AuthorizationId> {
    db.prepare_cached(
        "INSERT INTO authorizations (user, client, grant_id, scopes, created_at)
         VALUES (:user, :client, :grant, :scopes, :now)",
    )?
    .insert(named_params! {
        ":user": user,
        ":client": client,
        ":grant": grant.map(|grant| &grant.0),
        ":scopes": scopes,
        ":now": now,
    })
    .map(AuthorizationId)
}

/// Ends the authorization, and with it its code and all of its tokens. Ending it again changes
/// nothing.
pub(crate) fn revoke(
    db: &Connection,
    id: AuthorizationId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE authorizations SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
    )?
    .execute((id, now))?;
    Ok(())
}
