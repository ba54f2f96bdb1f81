//! Making the tokens of an answer.

use std::time::Duration;

use rusqlite::Connection;
use serde::{Serialize, Serializer};

use super::id_token::{self, Identity};
use crate::client::{Client, Dialect};
use crate::clock::UnixMillis;
use crate::error::RandomnessError;
use crate::http::{Authenticated, Problem};
use crate::jose::Thumbprint;
use crate::resource::Audience;
use crate::scope::{OPENID, Scopes};
use crate::secret::{Access, Minted, Refresh};
use crate::server::Server;
use crate::store::authorizations::{self, Authorization};
use crate::store::tokens::{self, NewAccess};
use crate::user::UserId;

/// Tokens that were made but belong to nobody yet.
///
/// They are made before the transaction, which then cannot fail for want of randomness.
pub(super) struct Blank {
    pub(super) access: Minted<Access>,
    pub(super) refresh: Minted<Refresh>,
}

impl Blank {
    pub(super) fn new() -> Result<Self, RandomnessError> {
        Ok(Self { access: Minted::new()?, refresh: Minted::new()? })
    }
}

/// What an access token is to be good for.
pub(super) struct Reach<'a> {
    pub(super) scopes: &'a Scopes,
    pub(super) audience: &'a Audience,
    /// The key that its user must have (RFC 9449).
    pub(super) key: Option<&'a Thumbprint>,
}

/// Tokens that were stored, and what the answer says of them. Has no `Debug`.
pub(super) struct Stored {
    access: Minted<Access>,
    refresh: Option<Minted<Refresh>>,
    scopes: Scopes,
    is_bound: bool,
    /// Where the user said for how long.
    ends_at: Option<UnixMillis>,
    /// Whose pairwise id the answer has: where the scopes allow it, and in the dialect of open
    /// platforms whatever they are.
    user: Option<UserId>,
    /// Whom an ID token is about, where the scopes allow one.
    identity: Option<Identity>,
}

/// Stores the first tokens of an authorization: an access token, and a refresh token for clients
/// that get one, unless the user's time is over already.
pub(super) fn first(
    db: &Connection,
    client: &Authenticated,
    authorization: &Authorization,
    reach: &Reach<'_>,
    blank: Blank,
    now: UnixMillis,
) -> rusqlite::Result<Stored> {
    let Blank { access, refresh } = blank;
    let lifetime = client.refresh.lifetime().filter(|_| authorization.user.is_some());
    let expires_at = lifetime.map(|lifetime| authorization.refresh_until(now.plus(lifetime)));
    let refresh = match expires_at.filter(|end| *end > now) {
        Some(expires_at) => {
            tokens::insert_refresh(db, &refresh.fingerprint(), authorization.id, expires_at)?;
            if let Some(key) = reach.key.filter(|_| !client.is_confidential()) {
                authorizations::bind(db, authorization.id, key)?;
            }
            if let Some(instance) = &client.instance {
                authorizations::bind_to_instance(db, authorization.id, instance)?;
            }
            Some(refresh)
        }
        None => None,
    };
    let nonce = authorization.nonce.clone();
    let stored = with_access(db, client, authorization, reach, access, refresh, now)?;
    Ok(Stored {
        identity: stored.identity.map(|identity| Identity { nonce, ..identity }),
        ..stored
    })
}

/// Stores an access token and puts it beside a refresh token that is stored already.
pub(super) fn with_access(
    db: &Connection,
    client: &Client,
    authorization: &Authorization,
    reach: &Reach<'_>,
    access: Minted<Access>,
    refresh: Option<Minted<Refresh>>,
    now: UnixMillis,
) -> rusqlite::Result<Stored> {
    let new = NewAccess {
        token: &access.fingerprint(),
        authorization: authorization.id,
        scopes: reach.scopes,
        audience: reach.audience,
        key: reach.key,
        expires_at: now.plus(client.access_token_lifetime),
    };
    tokens::insert_access(db, &new, now)?;
    let has_openid = reach.scopes.contains(OPENID);
    let is_named = has_openid || client.dialect == Dialect::OpenPlatform;
    let identity = authorization.user.as_ref().filter(|_| has_openid).map(|user| Identity {
        user: user.clone(),
        nonce: None,
        authenticated_at: authorization.authenticated_at,
    });
    Ok(Stored {
        access,
        refresh,
        scopes: reach.scopes.clone(),
        is_bound: reach.key.is_some(),
        ends_at: authorization.ends_at,
        user: authorization.user.clone().filter(|_| is_named),
        identity,
    })
}

impl Stored {
    /// The answer, with an ID token where the scopes allow one. It is signed here, after the
    /// transaction, which would otherwise hold up all others.
    pub(super) async fn into_answer(
        self,
        server: &Server,
        client: &Client,
        now: UnixMillis,
    ) -> Result<TokenAnswer, Problem> {
        let Self { access, refresh, scopes, is_bound, ends_at, user, identity } = self;
        let within = |lifetime: Duration| {
            ends_at.map_or(lifetime, |end| end.since(now).min(lifetime)).as_secs()
        };
        let id_token = match identity {
            Some(identity) => Some(id_token::sign(server, client, &identity, &access, now).await?),
            None => None,
        };
        let open_id = user.map(|user| server.salt.open_id(&client.id, &user));
        Ok(TokenAnswer {
            access_token: access,
            token_type: if is_bound { "DPoP" } else { "Bearer" },
            expires_in: client.access_token_lifetime.as_secs(),
            refresh_expires_in: refresh
                .as_ref()
                .and_then(|_| client.refresh.lifetime())
                .map(within),
            refresh_token: refresh,
            scope: (!scopes.is_empty()).then(|| client.write_scopes(&scopes)),
            id_token,
            open_id,
        })
    }
}

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). Has no `Debug`.
#[derive(Serialize)]
pub(super) struct TokenAnswer {
    #[serde(serialize_with = "exposed")]
    access_token: Minted<Access>,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    #[serde(serialize_with = "exposed_if_any")]
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Minted<Refresh>>,
    /// Seconds; an extension, as is `open_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_in: Option<u64>,
    /// Left out only by a client for itself that has none (RFC 6749 §3.3 knows no empty one).
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_id: Option<String>,
}

fn exposed<Kind, S: Serializer>(token: &Minted<Kind>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn exposed_if_any<S: Serializer>(
    token: &Option<Minted<Refresh>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match token {
        Some(token) => exposed(token, serializer),
        None => serializer.serialize_none(),
    }
}
