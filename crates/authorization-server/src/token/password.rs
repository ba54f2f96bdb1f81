//! Signing in with a password (RFC 6749 §4.3), for hosts that are allowed it.

use std::net::IpAddr;

use tracing::field::display;

use super::issue::{self, Blank, Reach, TokenAnswer};
use crate::accounts::{self, Sender, SignedIn};
use crate::audit::AUDIT;
use crate::client::{Client, GrantType};
use crate::http::{Authenticated, ErrorCode, Form, Problem};
use crate::password::Password;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::authorizations::{self, NewAuthorization};

/// Checks the password and begins an authorization of the host itself.
///
/// A request without `scope` asks for the host's default scopes. An unknown user and a
/// wrong password cannot be told apart, by message or by time.
pub(super) async fn sign_in(
    server: &Server,
    client: &Authenticated,
    address: Option<IpAddr>,
    form: &Form,
) -> Result<TokenAnswer, Problem> {
    if !client.may_use(GrantType::Password) {
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "this client may not use the password grant",
        ));
    }
    let username = form.require("username", "username is missing")?;
    let password = Password::new(form.require("password", "password is missing")?);
    let scopes = granted(client, form.get("scope")?)?;

    let signed_in =
        accounts::sign_in(server, username, password, Sender::of(client, address)).await?;
    // Whether the client may have the account is nobody's business who does not know the password,
    // and who does is told no more.
    let refused = || Problem::invalid_grant("the username or the password is wrong");
    let signed_in = signed_in.filter(|user| user.is_open_to(client));
    let Some(SignedIn { user, credential, .. }) = signed_in else {
        let address = address.map(display);
        tracing::warn!(target: AUDIT, client = %client.id, address, "sign-in refused");
        return Err(refused());
    };

    let blank = Blank::new()?;
    let now = server.clock.now();
    let host = client.clone();
    let stored = server
        .store
        .write(move |db| {
            if !credential.is_current(db, &user)? {
                return Ok(None);
            }
            let new = NewAuthorization {
                user: Some(&user),
                client: &host.id,
                grant: None,
                mediator: None,
                session: None,
                scopes: &scopes,
                audience: &Audience::default(),
                nonce: None,
                key: None,
                authenticated_at: Some(now),
                ends_at: None,
                code: None,
            };
            let authorization = authorizations::begin(db, &new, now)?;
            let reach = Reach {
                scopes: &scopes,
                audience: &authorization.audience,
                key: host.key.as_ref(),
            };
            issue::first(db, &host, &authorization, &reach, blank, now).map(Some)
        })
        .await?;
    stored.ok_or_else(refused)?.into_answer(server, client, now).await
}

fn granted(client: &Client, asked: Option<&str>) -> Result<Scopes, Problem> {
    let Some(asked) = asked else {
        return match client.default_scopes.is_empty() {
            true => Err(Problem::new(ErrorCode::InvalidScope, "scope is missing")),
            false => Ok(client.default_scopes.clone()),
        };
    };
    let asked = client
        .read_scopes(asked)
        .map_err(|_| Problem::new(ErrorCode::InvalidScope, "scope is malformed"))?;
    let granted = asked.intersection(&client.scopes);
    if granted.is_empty() {
        return Err(Problem::new(ErrorCode::InvalidScope, "none of the scopes can be granted"));
    }
    Ok(granted)
}
