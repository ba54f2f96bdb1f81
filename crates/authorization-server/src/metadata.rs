//! Authorization server metadata (RFC 8414).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::http::{Problem, unstored};
use crate::scope::{EMAIL, MEDIATE, OPENID, PHONE, PROFILE};
use crate::server::Server;
use crate::store::clients;
use crate::{challenge, token, userinfo};

/// RFC 8414 §3.
pub(crate) const PATH: &str = "/.well-known/oauth-authorization-server";

/// Lists what this server does, and nothing else.
pub(crate) async fn answer(State(server): State<Server>) -> Result<Response, Problem> {
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    if server.store.read(clients::any_password_grant).await? {
        grant_types.push("password");
    }
    Ok(unstored(json!({
        "issuer": server.issuer.as_str(),
        "token_endpoint": server.issuer.endpoint(token::PATH),
        "authorization_challenge_endpoint": server.issuer.endpoint(challenge::PATH),
        "userinfo_endpoint": server.issuer.endpoint(userinfo::PATH),
        "host_mediation_supported": true,
        "scopes_supported": [OPENID, PROFILE, EMAIL, PHONE, MEDIATE],
        "response_types_supported": ["code"],
        "grant_types_supported": grant_types,
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["pairwise"],
        "claims_supported": ["sub", "open_id", "preferred_username", "email", "email_verified",
            "phone_number"],
    })))
}
