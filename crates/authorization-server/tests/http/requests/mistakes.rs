//! What each mistake is answered with.

use minihost_authorization_server::{ClientRegistration, GrantType};
use reqwest::Method;

use super::world;
use crate::support::{Form, Pkce, World, redeem_form};

/// RFC 6749 §5.2, and what the extensions add.
#[tokio::test]
async fn g6_each_mistake_has_its_code() {
    let world = world().await;
    let grant = |name: &str| Form::new(&[("grant_type", name)]);
    let refresh = grant("refresh_token").with("refresh_token", "made-up");
    let (pkce, other) = (Pkce::new(), Pkce::new());
    let code = world.code("teahouse", "alice", &pkce).await;
    let redeem = redeem_form("teahouse", &code, &pkce);
    let tokens = world.tokens("teahouse", "alice").await;
    let own = grant("refresh_token").with("refresh_token", tokens.text("refresh_token"));
    let ask = world.code_form("teahouse", &world.sign_in("bank", "alice").await, &other);
    let credentials = grant("client_credentials");
    for (path, client, form, status, error) in [
        ("/token", "teahouse", Form::new(&[]), 400, "invalid_request"),
        ("/token", "teahouse", grant(""), 400, "invalid_request"),
        ("/token", "teahouse", grant("authorization_code"), 400, "invalid_request"),
        ("/token", "teahouse", grant("refresh_token"), 400, "invalid_request"),
        ("/token", "teahouse", redeem.clone().without("redirect_uri"), 400, "invalid_request"),
        ("/token", "teahouse", redeem.clone().without("code_verifier"), 400, "invalid_request"),
        (
            "/token",
            "teahouse",
            redeem.clone().with("code_verifier", "short"),
            400,
            "invalid_request",
        ),
        ("/token", "bank", grant("password").with("username", "alice"), 400, "invalid_request"),
        ("/token", "teahouse", refresh.clone(), 400, "invalid_grant"),
        ("/token", "teahouse", redeem.clone().with("code", "made-up"), 400, "invalid_grant"),
        ("/token", "cinema", redeem, 400, "invalid_grant"),
        (
            "/token",
            "bank",
            world.password_form("alice").with("password", "guess"),
            400,
            "invalid_grant",
        ),
        ("/token", "teahouse", world.password_form("alice"), 400, "unauthorized_client"),
        ("/token", "gallery", credentials.clone(), 400, "unauthorized_client"),
        ("/token", "teahouse", grant("implicit"), 400, "unsupported_grant_type"),
        ("/token", "teahouse", grant("PASSWORD"), 400, "unsupported_grant_type"),
        ("/token", "teahouse", grant("\u{8336}"), 400, "unsupported_grant_type"),
        ("/token", "teahouse", own.clone().with("scope", "openid admin"), 400, "invalid_scope"),
        ("/token", "teahouse", own.clone().with("scope", "a\"b"), 400, "invalid_scope"),
        ("/token", "teahouse", credentials.with("scope", "admin"), 400, "invalid_scope"),
        (
            "/token",
            "bank",
            world.password_form("alice").with("scope", "admin"),
            400,
            "invalid_scope",
        ),
        ("/token", "teahouse", own.with("resource", "urn:elsewhere"), 400, "invalid_target"),
        ("/challenge", "bank", ask.clone().without("response_type"), 400, "invalid_request"),
        (
            "/challenge",
            "bank",
            ask.clone().with("response_type", "token"),
            400,
            "unsupported_response_type",
        ),
        ("/challenge", "bank", ask.clone().with("scope", "admin"), 400, "invalid_scope"),
        ("/challenge", "bank", ask.clone().with("auth_session", "s"), 400, "invalid_session"),
        (
            "/challenge",
            "bank",
            ask.clone().with("subject_token", "x"),
            403,
            "insufficient_authorization",
        ),
        ("/challenge", "rival", ask.clone(), 400, "unauthorized_client"),
        ("/challenge", "teahouse", ask, 400, "unauthorized_client"),
        ("/introspect", "teahouse", Form::new(&[]), 400, "invalid_request"),
        ("/revoke", "teahouse", Form::new(&[]), 400, "invalid_request"),
    ] {
        let answer = world.post(path, client, &form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json["error"].as_str()),
            (status, Some(error)),
            "{path} {client} {}",
            form.as_query()
        );
    }
    let nobody = world.post_unauthenticated("/token", &refresh).await;
    nobody.refused(401, "invalid_client");
    let stranger = refresh.with("client_id", "nobody");
    world.post_unauthenticated("/token", &stranger).await.refused(401, "invalid_client");
    world.redeem("teahouse", &code, &pkce).await.ok();
}

#[tokio::test]
async fn g5_tokens_are_not_exchanged() {
    let world = world().await;
    let name = "urn:ietf:params:oauth:grant-type:token-exchange";
    let subject = world.sign_in("bank", "alice").await;
    let form = Form::new(&[
        ("grant_type", name),
        ("subject_token", &subject),
        ("subject_token_type", crate::support::ACCESS_TOKEN),
        ("audience", "teahouse"),
    ]);
    for client in ["bank", "teahouse", "gallery"] {
        world.post("/token", client, &form).await.refused(400, "unsupported_grant_type");
    }
    let path = "/.well-known/oauth-authorization-server";
    let metadata = world.send(world.request(Method::GET, path)).await.ok().json;
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    assert!(!grants.is_empty() && !grants.contains(&serde_json::json!(name)));
}

#[tokio::test]
async fn g1_what_no_client_may_use_is_not_there() {
    let mut world = World::new().await;
    let path = "/.well-known/oauth-authorization-server";
    for host in ["bank", "rival"] {
        let registration = world.host(host, "teahouse");
        let grants = [GrantType::AuthorizationCode].into();
        world.put(ClientRegistration { grants, ..registration }).await;
    }
    for grant in ["password", "client_credentials"] {
        let form = world.password_form("alice").with("grant_type", grant);
        for client in ["bank", "teahouse", "gallery"] {
            world.post("/token", client, &form).await.refused(400, "unsupported_grant_type");
        }
    }
    let metadata = world.send(world.request(Method::GET, path)).await.ok().json;
    let expected = serde_json::json!(["authorization_code", "refresh_token"]);
    assert_eq!(metadata["grant_types_supported"], expected);
}
