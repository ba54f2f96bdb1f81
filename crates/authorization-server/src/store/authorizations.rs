//! Authorizations: what one code, one sign-in or one client's own request led to.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::jose::Thumbprint;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::store::browser_sessions::BrowserSessionId;
use crate::store::codes::NewCode;
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

/// What an authorization begins with.
pub(crate) struct NewAuthorization<'a> {
    /// `None` for a client that gets tokens for itself.
    pub(crate) user: Option<&'a UserId>,
    pub(crate) client: &'a ClientId,
    /// `None` where the user granted nothing to anybody: at a sign-in of a host's own.
    pub(crate) grant: Option<&'a GrantId>,
    /// The host that asked for the code, where one did.
    pub(crate) mediator: Option<&'a ClientId>,
    /// The browser in which the user allowed it, where it was one.
    pub(crate) session: Option<BrowserSessionId>,
    pub(crate) scopes: &'a Scopes,
    pub(crate) audience: &'a Audience,
    /// Goes into the ID token of the code (OpenID Connect Core §3.1.2.1).
    pub(crate) nonce: Option<&'a str>,
    /// The key that the client must have (RFC 9449).
    pub(crate) key: Option<&'a Thumbprint>,
    /// When the user last proved who they are.
    pub(crate) authenticated_at: Option<UnixMillis>,
    /// Where the user said for how long: nothing is refreshed from then on.
    pub(crate) ends_at: Option<UnixMillis>,
    /// The code that is to be redeemed first. It lies in the same row: a table of its own, with the
    /// indexes that lead from one to the other, would double what has to be written for it.
    pub(crate) code: Option<NewCode<'a>>,
}

/// Begins an authorization.
pub(crate) fn begin(
    db: &Connection,
    new: &NewAuthorization<'_>,
    now: UnixMillis,
) -> rusqlite::Result<Authorization> {
    let code = new.code.as_ref();
    let id = db.prepare_cached(
        "INSERT INTO authorizations (user, client, grant_id, mediator, session_id, scopes, audience,
             nonce, key_thumbprint, authenticated_at, created_at, ends_at, code_hash, code_challenge,
             code_expires_at, redirect_uri, redirect_uri_was_given)
         VALUES (:user, :client, :grant, :mediator, :session, :scopes, :audience, :nonce, :key,
                 :authenticated_at, :now, :ends_at, :code, :challenge, :code_expires_at,
                 :redirect_uri, :redirect_uri_was_given)",
    )?
    .insert(named_params! {
        ":user": new.user,
        ":client": new.client,
        ":grant": new.grant.map(|grant| &grant.0),
        ":mediator": new.mediator,
        ":session": new.session,
        ":scopes": new.scopes,
        ":audience": new.audience,
        ":nonce": new.nonce,
        ":key": new.key,
        ":authenticated_at": new.authenticated_at,
        ":now": now,
        ":ends_at": new.ends_at,
        ":code": code.map(|code| code.code),
        ":challenge": code.and_then(|code| code.challenge),
        ":code_expires_at": code.map(|code| code.expires_at),
        ":redirect_uri": code.map(|code| &code.redirect.uri),
        ":redirect_uri_was_given": code.map(|code| code.redirect.was_given),
    })?;
    Ok(Authorization {
        id: AuthorizationId(id),
        client: new.client.to_string(),
        user: new.user.cloned(),
        scopes: new.scopes.clone(),
        audience: new.audience.clone(),
        mediator: new.mediator.map(ToString::to_string),
        nonce: new.nonce.map(str::to_owned),
        key: new.key.cloned(),
        instance: None,
        authenticated_at: new.authenticated_at,
        ends_at: new.ends_at,
        revoked_at: None,
    })
}

/// An authorization as it is stored, read from a row that has its columns, and as `ended` the time
/// from which it is no longer good.
pub(crate) struct Authorization {
    pub(crate) id: AuthorizationId,
    pub(crate) client: String,
    pub(crate) user: Option<UserId>,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    /// The host that asked for the code, where one did.
    pub(crate) mediator: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) key: Option<Thumbprint>,
    /// The key of the installation that alone may refresh.
    pub(crate) instance: Option<Thumbprint>,
    pub(crate) authenticated_at: Option<UnixMillis>,
    pub(crate) ends_at: Option<UnixMillis>,
    /// When it was ended, or the grant was that it rests on.
    pub(crate) revoked_at: Option<UnixMillis>,
}

impl Authorization {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            client: row.get("client")?,
            user: row.get("user")?,
            scopes: row.get("scopes")?,
            audience: row.get("audience")?,
            mediator: row.get("mediator")?,
            nonce: row.get("nonce")?,
            key: row.get("key_thumbprint")?,
            instance: row.get("instance_thumbprint")?,
            authenticated_at: row.get("authenticated_at")?,
            ends_at: row.get("ends_at")?,
            revoked_at: row.get("ended")?,
        })
    }

    /// When a refresh token of it expires that would live until `expires_at`.
    pub(crate) fn refresh_until(&self, expires_at: UnixMillis) -> UnixMillis {
        self.ends_at.map_or(expires_at, |end| end.min(expires_at))
    }

    pub(crate) fn belongs_to(&self, client: &ClientId) -> bool {
        self.client == client.as_str()
    }
}

/// Binds what comes of the authorization to a key of its client (RFC 9449 §5).
pub(crate) fn bind(db: &Connection, id: AuthorizationId, key: &Thumbprint) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE authorizations SET key_thumbprint = ?2 WHERE id = ?1")?
        .execute((id, key))?;
    Ok(())
}

/// Binds what comes of the authorization to one installation of its client
/// (draft-ietf-oauth-attestation-based-client-auth-11 §10.3).
pub(crate) fn bind_to_instance(
    db: &Connection,
    id: AuthorizationId,
    instance: &Thumbprint,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE authorizations SET instance_thumbprint = ?2 WHERE id = ?1")?
        .execute((id, instance))?;
    Ok(())
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
