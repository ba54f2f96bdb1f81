//! Making the tokens of an answer.

use rusqlite::Connection;
use serde::{Serialize, Serializer};

use crate::client::Client;
use crate::clock::UnixMillis;
use crate::error::RandomnessError;
use crate::scope::Scopes;
use crate::secret::{Access, Minted, Refresh};
use crate::store::authorizations::AuthorizationId;
use crate::store::tokens;

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

/// The answer of the token endpoint (RFC 6749 §5.1). Has no `Debug`.
#[derive(Serialize)]
pub(super) struct Issued {
    #[serde(serialize_with = "exposed")]
    access_token: Minted<Access>,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    #[serde(serialize_with = "exposed_if_any")]
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Minted<Refresh>>,
    scope: String,
}

/// Stores the first tokens of an authorization: an access token, and a refresh token for clients
/// that get one.
pub(super) fn first(
    db: &Connection,
    client: &Client,
    authorization: AuthorizationId,
    scopes: &Scopes,
    blank: Blank,
    now: UnixMillis,
) -> rusqlite::Result<Issued> {
    let Blank { access, refresh } = blank;
    let refresh = match client.refresh.lifetime() {
        Some(lifetime) => {
            let expires_at = now.plus(lifetime);
            tokens::insert_refresh(db, &refresh.fingerprint(), authorization, expires_at)?;
            Some(refresh)
        }
        None => None,
    };
    with_access(db, client, authorization, scopes, access, refresh, now)
}

/// Stores an access token and puts it beside a refresh token that is stored already.
pub(super) fn with_access(
    db: &Connection,
    client: &Client,
    authorization: AuthorizationId,
    scopes: &Scopes,
    access: Minted<Access>,
    refresh_token: Option<Minted<Refresh>>,
    now: UnixMillis,
) -> rusqlite::Result<Issued> {
    let lifetime = client.access_token_lifetime;
    let expires_at = now.plus(lifetime);
    tokens::insert_access(db, &access.fingerprint(), authorization, scopes, expires_at)?;
    Ok(Issued {
        access_token: access,
        token_type: "Bearer",
        expires_in: lifetime.as_secs(),
        refresh_token,
        scope: scopes.to_string(),
    })
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
