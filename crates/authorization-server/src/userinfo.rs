//! User details (OpenID Connect Core §5.3), for the bearer of an access token.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use crate::client::ClientId;
use crate::http::{Bearer, Problem, bearer_token, unstored};
use crate::scope::{EMAIL, OPENID, PHONE, PROFILE, Scopes};
use crate::secret::{Access, Fingerprint};
use crate::server::Server;
use crate::store::tokens::{self, StoredAccess};
use crate::store::users;
use crate::user::{Details, UserId};

/// Where user details are.
pub(crate) const PATH: &str = "/userinfo";

/// Tells what the token's scopes allow about its user. Every answer says who the user is, so a token
/// without `openid` gets none.
pub(crate) async fn answer(
    State(server): State<Server>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = match bearer_token(&headers) {
        Bearer::Token(token) => token,
        Bearer::Absent => return Err(Refusal::NoToken),
        Bearer::Malformed => return Err(Refusal::Malformed),
    };
    let found = server.store.read(move |db| find(db, &token)).await.map_err(Problem::from)?;
    let (access, user, details) = found.ok_or(Refusal::NotActive)?;
    if access.revoked_at.is_some() {
        return Err(Refusal::NotActive);
    }
    if access.expires_at <= server.clock.now() {
        return Err(Refusal::Expired);
    }
    if !access.audience.is_this_server() {
        return Err(Refusal::NotActive);
    }
    if !access.scopes.contains(OPENID) {
        return Err(Refusal::NotIdentified);
    }
    let StoredAccess { client, scopes, .. } = access;
    let client = ClientId::new(client).map_err(|_| Refusal::NotActive)?;
    let open_id = server.salt.open_id(&client, &user);
    Ok(unstored(Claims::new(&open_id, &details, &scopes)))
}

/// The token and whose it is; `None` also for the token of a client that acts for itself.
fn find(
    db: &Connection,
    token: &Fingerprint<Access>,
) -> rusqlite::Result<Option<(StoredAccess, UserId, Details)>> {
    let Some(access) = tokens::find_access(db, token)? else {
        return Ok(None);
    };
    let Some(user) = access.user.clone() else {
        return Ok(None);
    };
    Ok(users::details(db, &user)?.map(|details| (access, user, details)))
}

/// The claims of the answer; what a scope does not cover is left out.
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    open_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
}

impl<'a> Claims<'a> {
    fn new(open_id: &'a str, details: &'a Details, scopes: &Scopes) -> Self {
        let email = details.email.as_deref().filter(|_| scopes.contains(EMAIL));
        Self {
            sub: open_id,
            open_id,
            preferred_username: scopes
                .contains(PROFILE)
                .then_some(details.preferred_username.as_str()),
            email,
            email_verified: email.map(|_| details.email_verified),
            phone_number: details.phone_number.as_deref().filter(|_| scopes.contains(PHONE)),
        }
    }
}

/// Why the details are not given (RFC 6750 §3.1).
pub(crate) enum Refusal {
    /// No error code: who sent no token gets told only that one is needed.
    NoToken,
    Malformed,
    /// Unknown, revoked, or a token for something else.
    NotActive,
    Expired,
    /// The user did not allow to be recognised.
    NotIdentified,
    Server(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Server(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut needed = String::new();
        let (status, error, description) = match self {
            Self::Server(problem) => return problem.into_response(),
            Self::NoToken => {
                let headers = [(CACHE_CONTROL, "no-store"), (WWW_AUTHENTICATE, "Bearer")];
                return (StatusCode::UNAUTHORIZED, headers).into_response();
            }
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "the Authorization header is malformed",
            ),
            Self::NotActive => {
                (StatusCode::UNAUTHORIZED, "invalid_token", "access token is not active")
            }
            Self::Expired => (StatusCode::UNAUTHORIZED, "invalid_token", "access token expired"),
            Self::NotIdentified => {
                needed = format!(r#", scope="{OPENID}""#);
                (StatusCode::FORBIDDEN, "insufficient_scope", "the access token lacks a scope")
            }
        };
        let challenge =
            format!(r#"Bearer error="{error}", error_description="{description}"{needed}"#);
        let headers = [(CACHE_CONTROL, "no-store"), (WWW_AUTHENTICATE, challenge.as_str())];
        let body = Json(json!({ "error": error, "error_description": description }));
        (status, headers, body).into_response()
    }
}
