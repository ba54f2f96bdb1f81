//! The token endpoint (RFC 6749 §3.2).

mod by_query;
mod client_credentials;
mod code;
mod device;
mod id_token;
mod issue;
mod password;
mod refresh;

use axum::extract::State;
use axum::response::Response;

use crate::client::{GrantType, Requirement};
use crate::error::StoreError;
use crate::http::{Caller, ErrorCode, Form, Problem, authenticate, unstored};
use crate::server::Server;

pub(crate) use by_query::answer as answer_query;

/// Where tokens are issued.
pub(crate) const PATH: &str = "/token";

/// Gives an authenticated client tokens for what it presents: a code, a device code, a refresh token,
/// a password, or nothing but itself.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    exchange(&server, &caller, &form).await
}

async fn exchange(server: &Server, caller: &Caller, form: &Form) -> Result<Response, Problem> {
    let client = authenticate(server, caller, form).await?;
    if client.dpop == Requirement::Required && client.key.is_none() {
        let description = "this client must send a DPoP proof";
        return Err(Problem::new(ErrorCode::InvalidDpopProof, description));
    }
    let grant_type = form.require("grant_type", "grant_type is missing")?;
    if !is_offered(server, grant_type).await? {
        return Err(Problem::new(
            ErrorCode::UnsupportedGrantType,
            "this server does not offer that grant_type",
        ));
    }
    let issued = match grant_type {
        "authorization_code" => code::redeem(server, &client, form).await,
        "refresh_token" => refresh::refresh(server, &client, form).await,
        "urn:ietf:params:oauth:grant-type:device_code" => {
            device::redeem(server, &client, form).await
        }
        "client_credentials" => client_credentials::issue(server, &client, form).await,
        "password" => password::sign_in(server, &client, caller.address, form).await,
        _ => Err(Problem::new(
            ErrorCode::UnsupportedGrantType,
            "this server does not know that grant_type",
        )),
    }?;
    Ok(unstored(issued))
}

/// A grant that is off by default exists only where some client may use it; the metadata says the
/// same.
async fn is_offered(server: &Server, grant_type: &str) -> Result<bool, StoreError> {
    let off_by_default = [GrantType::ClientCredentials, GrantType::DeviceCode, GrantType::Password];
    let Some(grant) = off_by_default.into_iter().find(|grant| grant.as_str() == grant_type) else {
        return Ok(true);
    };
    Ok(server.catalog.snapshot().await?.clients().any(|client| client.may_use(grant)))
}
