//! Tokens for the resources of others (RFC 8707).

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, RefreshPolicy, Resource};

use crate::support::browser::authorize;
use crate::support::{Form, Pkce, World, program, redeem_form};

#[tokio::test]
async fn a_token_for_an_api_is_asked_for_by_its_resource() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.resources = vec![Resource::new("https://api.example").unwrap()];
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("kiosk", &pkce).with("resource", "https://api.example");
    let consent = browser.visit(&authorize(&form)).await;
    assert!(consent.words().contains("https://api.example"));
    let page = browser.press(&consent.consent_form("allow")).await;
    let tokens = world.redeem("kiosk", &page.sent_back("code").unwrap(), &pkce).await.ok();
    // The user details are of this server, for which the token is not.
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn what_was_given_for_an_api_is_never_turned_into_a_token_for_this_server() {
    let world = World::new().await;
    let week = RefreshPolicy::Rotating { lifetime: Duration::from_secs(7 * 24 * 60 * 60) };
    let mut client = program("kiosk", ClientAuthentication::None, week);
    client.resources = vec![Resource::new("https://api.example").unwrap()];
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let userinfo = format!("{}/userinfo", world.base);
    let mut codes = Vec::new();
    for _ in 0..3 {
        let pkce = Pkce::new();
        let form = world.authorization("kiosk", &pkce).with("resource", "https://api.example");
        let consent = browser.visit(&authorize(&form)).await;
        let page = browser.press(&consent.consent_form("allow")).await;
        codes.push((page.sent_back("code").unwrap(), pkce));
    }
    let (code, pkce) = codes.pop().unwrap();
    let tokens = world.redeem("kiosk", &code, &pkce).await.ok();
    let token = tokens.text("refresh_token");
    let refresh = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
    for here in [&world.base, &userinfo] {
        let (code, pkce) = codes.pop().unwrap();
        let form = redeem_form("kiosk", &code, &pkce).with("resource", here);
        world.post("/token", "kiosk", &form).await.refused(400, "invalid_target");
        let form = refresh.clone().with("resource", here);
        world.post("/token", "kiosk", &form).await.refused(400, "invalid_target");
    }
    let tokens = world.post("/token", "kiosk", &refresh).await.ok();
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}
