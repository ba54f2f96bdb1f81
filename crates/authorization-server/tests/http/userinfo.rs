use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{ALL, Answer, Pkce, World, client_id};

#[tokio::test]
async fn the_open_id_is_the_users_own_in_each_mini_program_and_stays() {
    let world = World::new().await;
    let open_id = async |client: &str, user: &str| {
        let tokens = world.tokens(client, user).await;
        let details = world.userinfo(tokens.text("access_token")).await.ok();
        assert_eq!(details.text("sub"), details.text("open_id"));
        details.text("sub").to_owned()
    };
    let alice = open_id("teahouse", "alice").await;
    assert_eq!(open_id("teahouse", "alice").await, alice);
    assert_ne!(open_id("cinema", "alice").await, alice);
    assert_ne!(open_id("teahouse", "bob").await, alice);
}

/// What `scope` alone leads to.
async fn details_with(world: &World, scope: &str) -> Answer {
    let subject = world.sign_in("bank", "bob").await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce).with("scope", scope);
    let code = world.post("/challenge", "bank", &form).await.ok();
    let tokens = world.redeem("teahouse", code.text("authorization_code"), &pkce).await;
    world.userinfo(tokens.ok().text("access_token")).await
}

#[tokio::test]
async fn t8_each_scope_gives_its_claims_and_no_others() {
    let world = World::new().await;
    let members = async |scope: &str| {
        let mut json = details_with(&world, scope).await.ok().json;
        let claims = json.as_object_mut().unwrap();
        assert!(claims.remove("sub").is_some() && claims.remove("open_id").is_some());
        json
    };
    assert_eq!(members("openid").await, json!({}));
    assert_eq!(members("openid profile").await, json!({"preferred_username": "bob"}));
    let email = json!({"email": "bob@mail.example", "email_verified": false});
    assert_eq!(members("openid email").await, email);
    assert_eq!(members("openid phone").await, json!({"phone_number": "+15550100"}));
    assert_eq!(members(ALL).await.as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn t7_who_may_not_recognise_the_user_learns_nothing_and_which_scope_it_takes() {
    let world = World::new().await;
    for scope in ["profile", "email phone", "profile email phone"] {
        let answer = details_with(&world, scope).await;
        answer.refused(403, "insufficient_scope");
        assert_eq!(answer.json.as_object().unwrap().len(), 2, "{scope}: {}", answer.json);
        assert_eq!(
            answer.header("www-authenticate"),
            Some(
                r#"Bearer error="insufficient_scope", error_description="the access token lacks a scope", scope="openid""#
            ),
        );
    }
}

#[tokio::test]
async fn t7_an_expired_token_is_told_so_in_the_header_and_the_body() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let token = tokens.text("access_token");
    world.clock.advance(Duration::from_millis(59_999));
    world.userinfo(token).await.ok();
    world.clock.advance(Duration::from_millis(1));
    let answer = world.userinfo(token).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert_eq!(
        answer.header("www-authenticate"),
        Some(r#"Bearer error="invalid_token", error_description="access token expired""#)
    );
    assert_eq!(
        answer.json,
        json!({"error": "invalid_token", "error_description": "access token expired"})
    );
}

#[tokio::test]
async fn steering_expires_the_tokens_and_codes_of_one_client() {
    let world = World::new().await;
    let (tea, film) =
        (world.tokens("teahouse", "alice").await, world.tokens("cinema", "alice").await);
    let steering = world.server.steering();
    assert_eq!(steering.expire_access_tokens(&client_id("teahouse")).await.unwrap(), 1);
    world.userinfo(tea.text("access_token")).await.refused(401, "invalid_token");
    world.userinfo(film.text("access_token")).await.ok();
    world.refresh("teahouse", tea.text("refresh_token")).await.ok();
    assert_eq!(steering.expire_refresh_tokens(&client_id("teahouse")).await.unwrap(), 1);
    let answer = world.refresh("teahouse", tea.text("refresh_token")).await;
    answer.refused(400, "invalid_grant");

    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    assert_eq!(steering.expire_codes(&client_id("teahouse")).await.unwrap(), 1);
    world.redeem("teahouse", &code, &pkce).await.refused(400, "invalid_grant");

    steering.advance_clock(Duration::from_secs(61));
    world.userinfo(film.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn tokens_of_another_kind_and_made_up_ones_are_not_active() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    for token in [tokens.text("refresh_token"), "made-up"] {
        let answer = world.userinfo(token).await;
        answer.refused(401, "invalid_token");
        assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
    }
}

#[tokio::test]
async fn t6_a_token_counts_only_in_the_authorization_header() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let token = tokens.text("access_token");
    let in_query = world.request(Method::GET, &format!("/userinfo?access_token={token}"));
    let in_form = world.request(Method::POST, "/userinfo").form(&[("access_token", token)]);
    for request in [in_query, in_form] {
        let answer = world.send(request).await;
        assert_eq!(answer.status.as_u16(), 401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "no error code");
    }
    let ways = [
        world.request(Method::GET, &format!("/userinfo?access_token={token}")),
        world.request(Method::POST, "/userinfo").form(&[("access_token", token)]),
        world.request(Method::POST, "/userinfo?access_token=").form(&[("unknown", "1")]),
    ];
    for two in ways {
        world.send(two.bearer_auth(token)).await.refused(400, "invalid_request");
    }
    let unknown = world.request(Method::POST, "/userinfo?unknown=1").form(&[("unknown", "1")]);
    world.send(unknown.bearer_auth(token)).await.ok();
    let twice = world
        .request(Method::GET, "/userinfo")
        .bearer_auth(token)
        .header("authorization", "Basic eDp5");
    world.send(twice).await.refused(400, "invalid_request");
    world.send(world.request(Method::POST, "/userinfo").bearer_auth(token)).await.ok();
}
