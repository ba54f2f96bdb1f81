//! Clients that get tokens for themselves.

use minihost_authorization_server::{
    ClientAuthentication, ClientRegistration, GrantType, RefreshPolicy, Resource, Scopes,
};
use reqwest::Method;
use serde_json::json;

use crate::support::{Form, WEEK, World, program};

const API: &str = "https://api.example";

async fn world() -> World {
    let mut world = World::new().await;
    let authentication = world.new_secret("teahouse");
    let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
    let scopes = Scopes::parse("openid profile email phone stock prices").unwrap();
    world
        .put(ClientRegistration {
            grants: [GrantType::AuthorizationCode, GrantType::ClientCredentials].into(),
            default_scopes: Scopes::parse("openid stock").unwrap(),
            scopes,
            resources: vec![Resource::new(API).unwrap()],
            ..program("teahouse", authentication, fixed)
        })
        .await;
    world
}

fn form() -> Form {
    Form::new(&[("grant_type", "client_credentials")])
}

#[tokio::test]
async fn g3_a_client_gets_an_access_token_for_itself_and_no_refresh_token() {
    let world = world().await;
    let answer = world.post("/token", "teahouse", &form().with("scope", "stock prices")).await;
    let tokens = answer.ok();
    assert_eq!(tokens.text("scope"), "prices stock");
    assert_eq!(tokens.json["expires_in"], 60);
    for absent in ["refresh_token", "refresh_expires_in", "id_token", "open_id"] {
        assert_eq!(tokens.json.get(absent), None, "{absent}");
    }
    let token = Form::new(&[("token", tokens.text("access_token"))]);
    let described = world.post("/introspect", "teahouse", &token).await.ok();
    assert_eq!(described.text("sub"), "teahouse");
    assert_eq!(described.json.get("act"), None);
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn g3_scopes_about_a_user_are_not_for_a_client_alone() {
    let world = world().await;
    let default = world.post("/token", "teahouse", &form()).await.ok();
    assert_eq!(default.text("scope"), "stock");
    let some = form().with("scope", "openid email stock admin");
    assert_eq!(world.post("/token", "teahouse", &some).await.ok().text("scope"), "stock");
    for none in ["openid", "openid profile email phone", "mediate", "admin", "a\"b"] {
        let form = form().with("scope", none);
        world.post("/token", "teahouse", &form).await.refused(400, "invalid_scope");
    }
}

#[tokio::test]
async fn g3_the_token_is_for_the_resource_that_was_asked_for() {
    let world = world().await;
    let tokens = world.post("/token", "teahouse", &form().with("resource", API)).await.ok();
    let token = Form::new(&[("token", tokens.text("access_token"))]);
    let described = world.post("/introspect", "teahouse", &token).await.ok();
    assert_eq!(described.json["aud"], json!([API]));
    let elsewhere = form().with("resource", "https://elsewhere.example");
    world.post("/token", "teahouse", &elsewhere).await.refused(400, "invalid_target");
}

#[tokio::test]
async fn g3_only_clients_that_are_registered_for_it_and_prove_who_they_are_may_ask() {
    let mut world = world().await;
    for client in ["cinema", "bank", "gallery"] {
        world.post("/token", client, &form()).await.refused(400, "unauthorized_client");
    }
    let unproven = form().with("client_id", "teahouse");
    world.post_unauthenticated("/token", &unproven).await.refused(401, "invalid_client");
    // Registered for it although it proves nothing: this is refused before it can be used.
    let public = ClientRegistration {
        grants: [GrantType::ClientCredentials].into(),
        ..program("gallery", ClientAuthentication::None, RefreshPolicy::None)
    };
    assert!(world.server.registry().put_client(public).await.is_err());
    // What names a client can never name a user, and the other way round.
    let user = world.tokens("teahouse", "alice").await.text("open_id").to_owned();
    assert!(minihost_authorization_server::ClientId::new(user).is_err());
    let authentication = world.new_secret("teahouse");
    let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
    world.put(program("teahouse", authentication, fixed)).await;
    world.post("/token", "teahouse", &form()).await.refused(400, "unsupported_grant_type");
}

#[tokio::test]
async fn g3_the_metadata_lists_it_where_some_client_may_use_it() {
    let path = "/.well-known/oauth-authorization-server";
    for (world, listed) in [(World::new().await, false), (world().await, true)] {
        let metadata = world.send(world.request(Method::GET, path)).await.ok().json;
        let grants = metadata["grant_types_supported"].as_array().unwrap();
        assert_eq!(grants.contains(&json!("client_credentials")), listed);
    }
}
