//! Authorization server metadata (RFC 8414), which is OpenID provider metadata too.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::client::{Client, ClientKind, GrantType, Proof};
use crate::http::{Problem, unstored};
use crate::jose::Algorithm;
use crate::pages::Language;
use crate::registry::Snapshot;
use crate::scope::{EMAIL, MEDIATE, OPENID, PHONE, PROFILE};
use crate::server::Server;
use crate::{
    authorize, challenge, device, freshness, grant_management, introspection, keys, revocation,
    token, userinfo,
};

/// RFC 8414 §3.
pub(crate) const OAUTH_PATH: &str = "/.well-known/oauth-authorization-server";
/// OpenID Connect Discovery §4. Both give the same document.
pub(crate) const OPENID_PATH: &str = "/.well-known/openid-configuration";

/// Lists what this server does for at least one client. Only the code grant is there before any client.
pub(crate) async fn answer(State(server): State<Server>) -> Result<Response, Problem> {
    let registered = server.catalog.snapshot().await?;
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    for grant in [GrantType::ClientCredentials, GrantType::Password] {
        if registered.clients().any(|client| client.may_use(grant)) {
            grant_types.push(grant.as_str());
        }
    }
    let mut response_types = vec!["code"];
    if registered.clients().any(|client| client.may_use(GrantType::Implicit)) {
        grant_types.push(GrantType::Implicit.as_str());
        response_types.push("token");
    }
    let by_device = registered.clients().any(|client| client.may_use(GrantType::DeviceCode));
    if by_device {
        grant_types.push(GrantType::DeviceCode.as_str());
    }
    let endpoint = |path| server.issuer.endpoint(path);
    let mut document = json!({
        "issuer": server.issuer.as_str(),
        "authorization_endpoint": endpoint(authorize::PATH),
        "pushed_authorization_request_endpoint": endpoint(authorize::PUSHED_PATH),
        "require_pushed_authorization_requests": false,
        "token_endpoint": endpoint(token::PATH),
        "userinfo_endpoint": endpoint(userinfo::PATH),
        "revocation_endpoint": endpoint(revocation::PATH),
        "grant_management_endpoint": endpoint(grant_management::PATH),
        "grant_management_actions_supported": ["query", "revoke"],
        "jwks_uri": endpoint(keys::PATH),
        "scopes_supported": [OPENID, PROFILE, EMAIL, PHONE],
        "response_types_supported": response_types,
        "response_modes_supported": ["query", "fragment", "form_post"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
        "grant_types_supported": grant_types,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": Algorithm::FOR_CLIENTS.map(Algorithm::as_str),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": registered.keys().algorithms(server.clock.now()),
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash",
            "open_id", "preferred_username", "email", "email_verified", "phone_number"],
    });
    if registered.clients().any(|client| matches!(client.kind, ClientKind::Host { .. })) {
        document["authorization_challenge_endpoint"] = endpoint(challenge::PATH).into();
        document["device_approval_endpoint"] = endpoint(device::APPROVAL_PATH).into();
        document["host_mediation_supported"] = true.into();
        document["scopes_supported"] = [OPENID, PROFILE, EMAIL, PHONE, MEDIATE].into();
    }
    if by_device {
        document["device_authorization_endpoint"] = endpoint(device::AUTHORIZATION_PATH).into();
    }
    if uses_attestations(&registered) {
        // draft-ietf-oauth-attestation-based-client-auth-11 §6.3, §8
        document["challenge_endpoint"] = endpoint(freshness::PATH).into();
        for what in ["client_attestation", "client_attestation_pop"] {
            document[format!("{what}_signing_alg_values_supported")] =
                Algorithm::FOR_CLIENTS.map(Algorithm::as_str).into();
        }
    }
    let methods = auth_methods(&registered);
    for endpoint in ["token", "revocation", "introspection"] {
        // A client that proves nothing may not ask about tokens.
        let may_use = |method: &&str| endpoint != "introspection" || *method != "none";
        let methods: Vec<_> = methods.iter().copied().filter(may_use).collect();
        // RFC 8414 §3.2: what has no elements is left out.
        if methods.is_empty() {
            continue;
        }
        document[format!("{endpoint}_endpoint_auth_methods_supported")] = methods.into();
        if uses_assertions(&registered) {
            document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] =
                Algorithm::FOR_CLIENTS.map(Algorithm::as_str).into();
        }
    }
    if registered.clients().any(Client::is_confidential) {
        document["introspection_endpoint"] = endpoint(introspection::PATH).into();
    }
    Ok(unstored(document))
}

/// How clients may authenticate, at every endpoint at which they do.
fn auth_methods(registered: &Snapshot) -> Vec<&'static str> {
    let mut methods = Vec::new();
    if registered.clients().any(|client| matches!(client.proof, Proof::Secret(_))) {
        methods.extend(["client_secret_basic", "client_secret_post"]);
    }
    if registered.clients().any(|client| matches!(client.proof, Proof::None)) {
        methods.push("none");
    }
    if uses_assertions(registered) {
        methods.push("private_key_jwt");
    }
    if uses_attestations(registered) {
        methods.extend(["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"]);
    }
    methods
}

fn uses_assertions(registered: &Snapshot) -> bool {
    registered.clients().any(|client| matches!(client.proof, Proof::Keys(_)))
}

fn uses_attestations(registered: &Snapshot) -> bool {
    registered.clients().any(|client| matches!(client.proof, Proof::Attested(_)))
}
