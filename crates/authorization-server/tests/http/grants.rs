//! Ending grants (Grant Management for OAuth 2.0).

use minihost_authorization_server::{ClientKind, ClientRegistration, Requirement};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Answer, Form, Pkce, World, client_id};

/// A code request of `bank` with everything that may be asked about it later.
struct Granted {
    id: String,
    code: String,
    pkce: Pkce,
}

async fn granted(world: &World, target: &str, user: &str) -> Granted {
    let pkce = Pkce::new();
    let subject = world.sign_in("bank", user).await;
    let form = world.code_form(target, &subject, &pkce).with("scope", "openid email");
    let answer = world.post("/challenge", "bank", &form).await.ok();
    Granted {
        id: answer.text("grant_id").to_owned(),
        code: answer.text("authorization_code").to_owned(),
        pkce,
    }
}

async fn manage(world: &World, method: Method, client: &str, id: &str) -> Answer {
    let request = world.request(method, &format!("/grants/{id}"));
    let request = match client {
        "gallery" => request.form(&[("client_id", client)]),
        _ => request.basic_auth(client, Some(world.secret(client))),
    };
    world.send(request).await
}

async fn end(world: &World, client: &str, id: &str) -> StatusCode {
    manage(world, Method::DELETE, client, id).await.status
}

#[tokio::test]
async fn ending_a_grant_ends_its_codes_and_tokens_and_no_others() {
    let world = World::new().await;
    let first = granted(&world, "cinema", "alice").await;
    let tokens = world.redeem("cinema", &first.code, &first.pkce).await.ok();
    let pending = granted(&world, "cinema", "alice").await;
    assert_eq!(pending.id, first.id, "one grant for each user and mini-program");
    let other_user = world.tokens("cinema", "bob").await;
    let other_program = world.tokens("teahouse", "alice").await;

    assert_eq!(end(&world, "bank", &first.id).await, 204);

    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
    let refused = world.refresh("cinema", tokens.text("refresh_token")).await;
    refused.refused(400, "invalid_grant");
    let refused = world.redeem("cinema", &pending.code, &pending.pkce).await;
    refused.refused(400, "invalid_grant");
    for (client, tokens) in [("cinema", other_user), ("teahouse", other_program)] {
        world.userinfo(tokens.text("access_token")).await.ok();
        world.refresh(client, tokens.text("refresh_token")).await.ok();
    }
    // The host's own tokens are its user's sign-in, which goes on.
    let again = granted(&world, "cinema", "alice").await;
    assert_ne!(again.id, first.id);
    world.redeem("cinema", &again.code, &again.pkce).await.ok();
    assert_eq!(end(&world, "bank", &first.id).await, 404, "it ended before");
    assert_eq!(end(&world, "bank", &again.id).await, 204);
}

#[tokio::test]
async fn a_mini_program_may_end_its_own_grants_with_a_secret_or_without() {
    let world = World::new().await;
    for client in ["teahouse", "gallery"] {
        let grant = granted(&world, client, "alice").await;
        assert_eq!(end(&world, client, &grant.id).await, 204);
        let refused = world.redeem(client, &grant.code, &grant.pkce).await;
        refused.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn foreign_and_unknown_grants_are_not_found() {
    let world = World::new().await;
    let grant = granted(&world, "teahouse", "alice").await;
    for stranger in ["rival", "cinema", "gallery"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = manage(&world, method, stranger, &grant.id).await;
            assert_eq!(answer.status, 404, "{stranger}");
        }
    }
    for unknown in ["made-up", "..%2f..%2fetc", "%20", "%F0%9F%8D%B5"] {
        assert_eq!(end(&world, "bank", unknown).await, 404, "{unknown}");
    }
    let unproven = world.request(Method::DELETE, &format!("/grants/{}", grant.id));
    world.send(unproven).await.refused(401, "invalid_client");
    let guess = world
        .request(Method::DELETE, &format!("/grants/{}", grant.id))
        .basic_auth("bank", Some("guess"));
    world.send(guess).await.refused(401, "invalid_client");
    world.redeem("teahouse", &grant.code, &grant.pkce).await.ok();
}

#[tokio::test]
async fn a_host_that_no_longer_has_the_mini_program_may_not_end_its_grants() {
    let mut world = World::new().await;
    let grant = granted(&world, "teahouse", "alice").await;
    let host = world.host("bank", "cinema");
    let kind = ClientKind::Host {
        may_mediate_for: vec![client_id("cinema")],
        consent_evidence: Requirement::Optional,
    };
    world.put(ClientRegistration { kind, ..host }).await;
    assert_eq!(end(&world, "bank", &grant.id).await, 404);
}

#[tokio::test]
async fn a_grant_tells_the_scopes_that_it_collected() {
    let world = World::new().await;
    let grant = granted(&world, "teahouse", "alice").await;
    let subject = world.sign_in("bank", "alice").await;
    let more = world.code_form("teahouse", &subject, &Pkce::new()).with("scope", "profile");
    world.post("/challenge", "bank", &more).await.ok();
    for client in ["bank", "teahouse"] {
        let answer = manage(&world, Method::GET, client, &grant.id).await.ok();
        assert_eq!(answer.json, json!({ "scopes": [{ "scope": "email openid profile" }] }));
    }
}

#[tokio::test]
async fn the_metadata_says_where_grants_are_and_what_can_be_done_with_them() {
    let world = World::new().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = world.send(world.request(Method::GET, path)).await.ok().json;
    assert_eq!(metadata["grant_management_endpoint"], json!(format!("{}/grants", world.base)));
    assert_eq!(metadata["grant_management_actions_supported"], json!(["query", "revoke"]));
}

#[tokio::test]
async fn a_client_that_sends_its_secret_in_a_body_may_do_so_here() {
    let world = World::new().await;
    let grant = granted(&world, "teahouse", "alice").await;
    let form = Form::new(&[("client_id", "bank"), ("client_secret", world.secret("bank"))]);
    let request = world.request(Method::DELETE, &format!("/grants/{}", grant.id));
    assert_eq!(world.send(request.form(&form.0)).await.status, 204);
}
