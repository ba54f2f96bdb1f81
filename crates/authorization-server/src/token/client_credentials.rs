//! A client for itself (RFC 6749 §4.4).

use super::issue::{self, Blank, Reach, TokenAnswer};
use crate::audit::AUDIT;
use crate::client::{Client, GrantType};
use crate::http::{Authenticated, ErrorCode, Form, Problem, audience};
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::authorizations::{self, NewAuthorization};

/// Issues an access token that has no user, and no refresh token (§4.4.3).
///
/// The scopes that are about a user are not for a client that acts for itself. A request without
/// `scope` asks for the default ones.
pub(super) async fn issue(
    server: &Server,
    client: &Authenticated,
    form: &Form,
) -> Result<TokenAnswer, Problem> {
    if !client.may_use(GrantType::ClientCredentials) || !client.is_confidential() {
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "this client may not get tokens for itself",
        ));
    }
    let scopes = granted(client, form.get("scope")?)?;
    let audience = audience(server, client, form)?;
    let blank = Blank::new()?;
    let now = server.clock.now();
    let owner = client.clone();
    let stored = server
        .store
        .write(move |db| {
            let new = NewAuthorization {
                user: None,
                client: &owner.id,
                grant: None,
                mediator: None,
                session: None,
                scopes: &scopes,
                audience: &audience,
                nonce: None,
                key: None,
                authenticated_at: None,
                ends_at: None,
                code: None,
            };
            let authorization = authorizations::begin(db, &new, now)?;
            let reach = Reach { scopes: &scopes, audience: &audience, key: owner.key.as_ref() };
            issue::first(db, &owner, &authorization, &reach, blank, now)
        })
        .await?;
    tracing::info!(target: AUDIT, client = %client.id, "token issued to the client itself");
    stored.into_answer(server, client, now).await
}

fn granted(client: &Client, asked: Option<&str>) -> Result<Scopes, Problem> {
    let Some(asked) = asked else {
        return Ok(client.default_scopes.without_user());
    };
    let asked = client
        .read_scopes(asked)
        .map_err(|_| Problem::new(ErrorCode::InvalidScope, "scope is malformed"))?;
    let granted = asked.intersection(&client.scopes).without_user();
    if granted.is_empty() {
        return Err(Problem::new(ErrorCode::InvalidScope, "none of the scopes can be granted"));
    }
    Ok(granted)
}
