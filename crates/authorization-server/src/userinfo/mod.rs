//! User details (OpenID Connect Core §5.3), for who presents an access token.

mod refusal;

use axum::extract::State;
use axum::response::Response;
use rusqlite::Connection;
use serde::Serialize;

use crate::client::ClientId;
use crate::http::{Caller, Presented, Problem, TokenElsewhere, access_token, unstored};
use crate::scope::{EMAIL, OPENID, PHONE, PROFILE, Scopes};
use crate::secret::{Access, Fingerprint};
use crate::server::Server;
use crate::store::tokens::{self, StoredAccess};
use crate::store::users;
use crate::user::{Details, UserId};

use refusal::{Cause, Refusal};

/// Where user details are.
pub(crate) const PATH: &str = "/userinfo";

/// Tells what the token's scopes allow about its user. Every answer says who the user is, so a token
/// without `openid` gets none.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    TokenElsewhere(is_elsewhere): TokenElsewhere,
) -> Result<Response, Refusal> {
    let token = match access_token(&caller.headers) {
        Presented::Token(_) if is_elsewhere => return Err(Refusal::Malformed),
        Presented::Token(token) => token,
        Presented::Absent => return Err(Refusal::NoToken),
        Presented::Malformed => return Err(Refusal::Malformed),
    };
    let refuse = |cause| Err(Refusal::Token(token.scheme, cause));
    let fingerprint = token.fingerprint.clone();
    let found = server.store.read(move |db| find(db, &fingerprint)).await.map_err(Problem::from)?;
    let Some((access, user, details)) = found else {
        return refuse(Cause::NotActive);
    };
    let Ok(client) = ClientId::new(access.client.as_str()) else {
        return refuse(Cause::NotActive);
    };
    if let Some(client) = server.catalog.client(&client).await.map_err(Problem::from)? {
        caller.asking.is(&client);
    }
    if access.revoked_at.is_some() || !access.audience.is_this_server() {
        return refuse(Cause::NotActive);
    }
    if access.expires_at <= server.clock.now() {
        return refuse(Cause::Expired);
    }
    if let Err(unproven) = token.check_key(&server, &caller, access.key.as_ref()) {
        return refuse(Cause::Unproven(unproven));
    }
    if !access.scopes.contains(OPENID) {
        return refuse(Cause::NotIdentified);
    }
    let open_id = server.salt.open_id(&client, &user);
    Ok(unstored(Claims::new(&open_id, &details, &access.scopes)))
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
