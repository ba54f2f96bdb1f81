use std::time::Duration;

use minihost_authorization_server::{ClientRegistration, GrantType};

use crate::support::World;

#[tokio::test]
async fn a_host_signs_its_user_in_and_refreshes() {
    let world = World::new().await;
    let tokens = world.post("/token", "bank", &world.password_form("alice")).await.ok();
    assert_eq!(tokens.text("scope"), "email mediate openid phone profile");
    assert_eq!(tokens.json["expires_in"], 600);
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("preferred_username"), "alice");
    world.clock.advance(Duration::from_secs(601));
    let refreshed = world.refresh("bank", tokens.text("refresh_token")).await.ok();
    world.userinfo(refreshed.text("access_token")).await.ok();
}

#[tokio::test]
async fn scopes_of_a_sign_in_are_cut_to_what_the_host_may_have() {
    let world = World::new().await;
    let form = world.password_form("alice").with("scope", "openid admin");
    let tokens = world.post("/token", "bank", &form).await.ok();
    assert_eq!(tokens.text("scope"), "openid");
    let form = form.with("scope", "admin");
    world.post("/token", "bank", &form).await.refused(400, "invalid_scope");
}

#[tokio::test]
async fn g1_an_unknown_user_and_a_wrong_password_get_the_same_answer() {
    let world = World::new().await;
    let wrong = world.password_form("alice").with("password", "guess");
    let unknown = wrong.clone().with("username", "mallory");
    let wrong = world.post("/token", "bank", &wrong).await;
    let unknown = world.post("/token", "bank", &unknown).await;
    wrong.refused(400, "invalid_grant");
    assert_eq!((wrong.status, wrong.json), (unknown.status, unknown.json));
}

#[tokio::test]
async fn g1_only_hosts_that_are_allowed_it_may_use_passwords() {
    let mut world = World::new().await;
    let form = world.password_form("alice");
    for client in ["teahouse", "gallery"] {
        world.post("/token", client, &form).await.refused(400, "unauthorized_client");
    }
    let host = world.host("bank", "teahouse");
    let grants = [GrantType::AuthorizationCode].into();
    world.put(ClientRegistration { grants, ..host }).await;
    world.post("/token", "bank", &form).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn missing_names_and_passwords_are_invalid_requests() {
    let world = World::new().await;
    for name in ["username", "password"] {
        let form = world.password_form("alice").without(name);
        world.post("/token", "bank", &form).await.refused(400, "invalid_request");
    }
}
