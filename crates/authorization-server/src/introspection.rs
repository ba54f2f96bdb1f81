//! Token introspection (RFC 7662).

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use crate::client::{Client, ClientId, ClientKind};
use crate::clock::UnixMillis;
use crate::http::{Caller, ErrorCode, Form, Problem, authenticate, unstored};
use crate::jose::Thumbprint;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::tokens::{self, Presented, StoredAccess, StoredRefresh, StoredToken};
use crate::user::UserId;

/// Where it is asked whether tokens are good.
pub(crate) const PATH: &str = "/introspect";

/// Tells a resource server about the access tokens that are for it, and any other client that proves
/// who it is about its own tokens.
///
/// Of a token that is unknown, over, or none of the caller's business it says only that it is not
/// active (§2.2).
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    if !client.is_confidential() {
        // Anybody could scan for tokens in its name (§4).
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "only a client that proves who it is may ask about tokens",
        ));
    }
    let token = Presented::of(form.require("token", "token is missing")?);
    form.get("token_type_hint")?;
    let found = server.store.read(move |db| tokens::find(db, &token)).await?;
    let now = server.clock.now();
    let active = found
        .filter(|token| may_know(&client, token))
        .and_then(|token| Token::active(token, now))
        .and_then(|token| token.describe(&server));
    Ok(match active {
        Some(description) => unstored(description),
        None => unstored(json!({ "active": false })),
    })
}

fn may_know(client: &Client, token: &StoredToken) -> bool {
    match (&client.kind, token) {
        (ClientKind::ResourceServer { resource }, StoredToken::Access(token)) => {
            token.audience.contains(resource)
        }
        (ClientKind::ResourceServer { .. }, StoredToken::Refresh(_)) => false,
        _ => token.client() == client.id.as_str(),
    }
}

/// A token that can be used now.
struct Token {
    client: String,
    user: Option<UserId>,
    mediator: Option<String>,
    scopes: Scopes,
    audience: Audience,
    key: Option<Thumbprint>,
    issued_at: Option<UnixMillis>,
    expires_at: UnixMillis,
    /// Of an access token only (RFC 6749 §5.1).
    token_type: Option<&'static str>,
}

impl Token {
    fn active(token: StoredToken, now: UnixMillis) -> Option<Self> {
        match token {
            StoredToken::Access(token) => {
                let StoredAccess { revoked_at, expires_at, .. } = token;
                (revoked_at.is_none() && expires_at > now).then(|| Self::access(token))
            }
            StoredToken::Refresh(token) => {
                let StoredRefresh { authorization, rotation, expires_at, .. } = &token;
                (authorization.revoked_at.is_none() && rotation.is_none() && *expires_at > now)
                    .then(|| Self::refresh(token))
            }
        }
    }

    fn access(token: StoredAccess) -> Self {
        Self {
            client: token.client,
            user: token.user,
            mediator: token.mediator,
            scopes: token.scopes,
            audience: token.audience,
            token_type: Some(if token.key.is_some() { "DPoP" } else { "Bearer" }),
            key: token.key,
            issued_at: Some(token.issued_at),
            expires_at: token.expires_at,
        }
    }

    fn refresh(token: StoredRefresh) -> Self {
        let authorization = token.authorization;
        Self {
            client: authorization.client,
            user: authorization.user,
            mediator: authorization.mediator,
            scopes: authorization.scopes,
            // Whatever its access tokens are for, it is used here and nowhere else.
            audience: Audience::default(),
            key: authorization.key,
            issued_at: None,
            expires_at: token.expires_at,
            token_type: None,
        }
    }

    fn describe(self, server: &Server) -> Option<Description> {
        let client = ClientId::new(self.client).ok()?;
        let sub = match &self.user {
            Some(user) => server.salt.open_id(&client, user),
            None => client.to_string(),
        };
        let resources: Vec<_> = self.audience.iter().map(|uri| uri.as_str().to_owned()).collect();
        Some(Description {
            active: true,
            iss: server.issuer.as_str().to_owned(),
            sub,
            aud: match resources.len() {
                0 => vec![server.issuer.as_str().to_owned()],
                _ => resources,
            },
            client_id: client.to_string(),
            scope: self.scopes.to_string(),
            exp: self.expires_at.as_seconds(),
            iat: self.issued_at.map(UnixMillis::as_seconds),
            token_type: self.token_type,
            cnf: self.key.map(|key| Confirmation { jkt: key.to_string() }),
            act: self.mediator.map(|sub| Actor { sub }),
        })
    }
}

/// What is said of an active token (§2.2).
#[derive(Serialize)]
struct Description {
    active: bool,
    iss: String,
    /// The user as the token's client knows them; of a client that acts for itself, its identifier.
    sub: String,
    aud: Vec<String>,
    client_id: String,
    scope: String,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Actor>,
}

/// The key that the token is bound to (RFC 9449 §6.2).
#[derive(Serialize)]
struct Confirmation {
    jkt: String,
}

/// Who got the code for the client that uses the token (RFC 8693 §4.1): the host.
#[derive(Serialize)]
struct Actor {
    sub: String,
}
