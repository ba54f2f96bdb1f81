//! When a user proved who they are is told as it was, by whatever way it comes to a client.

use std::time::Duration;

use rusqlite::Connection;

use crate::device::{self, ask};
use crate::device_pages::{decide_with, shown_code};
use crate::support::browser::{Browser, authorize};
use crate::support::jwt::claims;
use crate::support::{Answer, Form, Pkce, World};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn auth_time(tokens: &Answer) -> i64 {
    claims(tokens.text("id_token"))["auth_time"].as_i64().unwrap()
}

/// A host whose access tokens outlive its user's patience, and the token of a sign-in an hour ago.
async fn signed_in_an_hour_ago(world: &mut World) -> (String, i64) {
    let mut host = world.host("bank", "teahouse cinema gallery");
    host.access_token_lifetime = 24 * HOUR;
    world.put(host).await;
    let (subject, signed_in) = (world.sign_in("bank", "alice").await, world.clock.seconds());
    world.clock.advance(HOUR);
    (subject, signed_in)
}

#[tokio::test]
async fn a_code_of_a_host_tells_when_its_user_signed_in_there() {
    let mut world = World::new().await;
    let (subject, signed_in) = signed_in_an_hour_ago(&mut world).await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce);
    let code = world.post("/challenge", "bank", &form).await.ok();
    let tokens = world.redeem("teahouse", code.text("authorization_code"), &pkce).await.ok();
    assert_eq!(auth_time(&tokens), signed_in);
}

#[tokio::test]
async fn an_approval_in_the_app_tells_when_its_user_signed_in_there() {
    let mut world = device::world().await;
    let (subject, signed_in) = signed_in_an_hour_ago(&mut world).await;
    let device = ask(&world, "gallery", &Form::new(&[("scope", "openid")])).await;
    decide_with(&world, "bank", &subject, &device.user_code, "approve").await.ok();
    assert_eq!(auth_time(&device.poll(&world).await.ok()), signed_in);

    let (browser, pkce) = (Browser::new(&world), Pkce::new());
    let form = world.authorization("teahouse", &pkce).with("scope", "openid");
    let login = browser.visit(&authorize(&form)).await;
    let page = browser.visit(&login.link("/login/app")).await;
    decide_with(&world, "bank", &subject, &shown_code(&page), "approve").await.ok();
    let consent = browser.press(&page.form("/login/app")).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    let tokens = world.redeem("teahouse", &page.sent_back("code").unwrap(), &pkce).await.ok();
    assert_eq!(auth_time(&tokens), signed_in);
}

#[tokio::test]
async fn a_host_whose_users_sign_in_is_of_an_unknown_time_signs_them_in_again() {
    let world = device::world().await;
    let subject = world.sign_in("bank", "alice").await;
    let forget = "UPDATE authorizations SET authenticated_at = NULL";
    assert_eq!(Connection::open(&world.database).unwrap().execute(forget, ()), Ok(1));

    let form = world.code_form("teahouse", &subject, &Pkce::new());
    let refused = world.post("/challenge", "bank", &form).await;
    refused.refused(403, "insufficient_authorization");
    let device = ask(&world, "gallery", &Form::new(&[("scope", "openid")])).await;
    let refused = decide_with(&world, "bank", &subject, &device.user_code, "approve").await;
    refused.refused(403, "insufficient_authorization");
    device.poll(&world).await.refused(400, "authorization_pending");

    let subject = world.sign_in("bank", "alice").await;
    decide_with(&world, "bank", &subject, &device.user_code, "approve").await.ok();
}
