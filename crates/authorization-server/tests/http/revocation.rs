//! Token revocation (RFC 7009).

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Form, World};

fn form(token: &str) -> Form {
    Form::new(&[("token", token)])
}

async fn revoke(world: &World, client: &str, token: &str) {
    let answer = world.post("/revoke", client, &form(token)).await;
    assert_eq!((answer.status.as_u16(), answer.json), (200, json!({})));
}

async fn is_alive(world: &World, tokens: &Answer) -> bool {
    world.userinfo(tokens.text("access_token")).await.status == 200
}

#[tokio::test]
async fn t5_a_refresh_token_ends_its_authorization_with_all_access_tokens() {
    let world = World::new().await;
    for client in ["teahouse", "cinema", "gallery"] {
        let other = world.tokens(client, "alice").await;
        let first = world.tokens(client, "alice").await;
        let second = world.refresh(client, first.text("refresh_token")).await.ok();
        let newest = second.json["refresh_token"].as_str();
        let newest = newest.unwrap_or_else(|| first.text("refresh_token"));
        revoke(&world, client, newest).await;
        for tokens in [&first, &second] {
            world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
        }
        world.refresh(client, newest).await.refused(400, "invalid_grant");
        assert!(is_alive(&world, &other).await, "another consent of the same user stays");
        world.refresh(client, other.text("refresh_token")).await.ok();
    }
}

#[tokio::test]
async fn t5_a_rotated_refresh_token_ends_its_authorization_too() {
    let world = World::new().await;
    let first = world.tokens("cinema", "alice").await;
    let second = world.refresh("cinema", first.text("refresh_token")).await.ok();
    revoke(&world, "cinema", first.text("refresh_token")).await;
    let refused = world.refresh("cinema", second.text("refresh_token")).await;
    refused.refused(400, "invalid_grant");
    assert!(!is_alive(&world, &second).await);
}

#[tokio::test]
async fn t5_an_access_token_ends_alone() {
    let world = World::new().await;
    let first = world.tokens("teahouse", "alice").await;
    let second = world.refresh("teahouse", first.text("refresh_token")).await.ok();
    revoke(&world, "teahouse", first.text("access_token")).await;
    assert!(!is_alive(&world, &first).await);
    assert!(is_alive(&world, &second).await);
    world.refresh("teahouse", first.text("refresh_token")).await.ok();
    revoke(&world, "teahouse", first.text("access_token")).await;
    assert!(!is_alive(&world, &first).await);
}

#[tokio::test]
async fn t5_unknown_tokens_and_those_of_others_get_200_and_stay_as_they_are() {
    let world = World::new().await;
    let tokens = world.tokens("cinema", "alice").await;
    let code = world.code("teahouse", "alice", &crate::support::Pkce::new()).await;
    for token in ["made-up", "\u{1F375}", &code] {
        revoke(&world, "teahouse", token).await;
    }
    for thief in ["teahouse", "gallery", "bank"] {
        for kind in ["access_token", "refresh_token"] {
            revoke(&world, thief, tokens.text(kind)).await;
        }
    }
    assert!(is_alive(&world, &tokens).await);
    world.refresh("cinema", tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn t5_the_hint_may_be_right_wrong_or_unknown() {
    let world = World::new().await;
    for hint in ["access_token", "refresh_token", "id_token", "\u{e9}", ""] {
        for kind in ["access_token", "refresh_token"] {
            let tokens = world.tokens("teahouse", "alice").await;
            let form = form(tokens.text(kind)).with("token_type_hint", hint);
            let answer = world.post("/revoke", "teahouse", &form).await;
            assert_eq!(answer.status.as_u16(), 200);
            assert!(!is_alive(&world, &tokens).await, "{hint} for {kind}");
        }
    }
}

#[tokio::test]
async fn t5_who_does_not_prove_who_they_are_revokes_nothing() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let form = form(tokens.text("refresh_token"));
    let nobody = world.post_unauthenticated("/revoke", &form).await;
    nobody.refused(401, "invalid_client");
    for secret in ["", "guess"] {
        let unproven = form.clone().with("client_id", "teahouse").with("client_secret", secret);
        let answer = world.post_unauthenticated("/revoke", &unproven).await;
        answer.refused(401, "invalid_client");
    }
    assert!(is_alive(&world, &tokens).await);
}

#[tokio::test]
async fn c15_c16_revocation_takes_each_parameter_once_and_only_by_post() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let form = form(tokens.text("access_token")).with("token_type_hint", "access_token");
    for name in ["token", "token_type_hint"] {
        let twice = form.clone().and(name, "again");
        world.post("/revoke", "teahouse", &twice).await.refused(400, "invalid_request");
    }
    for bad in [form.clone().without("token"), form.clone().with("token", "")] {
        world.post("/revoke", "teahouse", &bad).await.refused(400, "invalid_request");
    }
    assert!(is_alive(&world, &tokens).await);
    let get = world.send(world.request(Method::GET, "/revoke")).await;
    assert_eq!((get.status.as_u16(), get.header("allow")), (405, Some("POST")));
    let unknown = form.and("unknown", "1").and("unknown", "2");
    assert_eq!(world.post("/revoke", "teahouse", &unknown).await.status.as_u16(), 200);
}
