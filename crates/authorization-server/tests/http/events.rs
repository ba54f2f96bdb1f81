//! What somebody who looks after the server finds in its log: one line for each security event.

use std::net::IpAddr;
use std::time::Duration;

use minihost_authorization_server::{
    ClientAuthentication, GrantType, KeyRotation, RefreshPolicy, Scopes,
};
use reqwest::Method;

use crate::device::ask;
use crate::device_pages::decide_with;
use crate::support::browser::{Browser, authorize};
use crate::support::log::{capture, events};
use crate::support::{ALL, Form, Pkce, WEEK, World, callback, client_id, http_client_at, program};

/// Nobody else's in this process, so that its lines can be found.
const HOST: &str = "audited-host";
const SHOP: &str = "audited-shop";
const STORE: &str = "audited-store";

#[track_caller]
fn logged_once(level: &str, message: &str, fields: &[&str]) {
    let texts: Vec<_> = [message].iter().chain(fields).copied().collect();
    let found = events(&texts);
    assert_eq!(found.len(), 1, "{texts:?}: {found:?}");
    let line = format!("{level} minihost_authorization_server::audit: {message}");
    assert!(found[0].starts_with(&line), "{}", found[0]);
}

/// A world with a host, a shop without a secret and a store with one, all of which have names of their
/// own.
async fn audited() -> World {
    capture();
    let mut world = World::new().await;
    let host = world.host(HOST, &format!("{SHOP} {STORE}"));
    world.put(host).await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let mut shop = program(SHOP, ClientAuthentication::None, rotating);
    shop.grants.insert(GrantType::DeviceCode);
    world.put(shop).await;
    let mut store = program(STORE, world.new_secret(STORE), RefreshPolicy::None);
    store.grants.insert(GrantType::ClientCredentials);
    store.scopes = Scopes::parse(&format!("{ALL} stock")).unwrap();
    world.put(store).await;
    world
}

#[tokio::test]
async fn every_security_event_is_one_line_that_says_who_and_what() {
    let world = audited().await;
    let (host, shop, store) =
        (format!("host={HOST}"), format!("client={SHOP}"), format!("client={STORE}"));
    logged_once("INFO", "client registered", &[&shop]);
    let key_file = world.database.with_added_extension("key");
    logged_once("INFO", "key file made", &[&key_file.display().to_string()]);

    codes_and_refresh_tokens(&world, &host, &shop).await;
    guesses(&world).await;
    a_device(&world, &host, &shop).await;

    let form = Form::new(&[("grant_type", "client_credentials"), ("scope", "stock")]);
    let tokens = world.post("/token", STORE, &form).await.ok();
    logged_once("INFO", "token issued to the client itself", &[&store]);
    let form = Form::new(&[("token", tokens.text("access_token"))]);
    world.post("/revoke", STORE, &form).await.ok();
    logged_once("INFO", "token revoked", &[&store]);

    let registry = world.server.registry();
    // No other rotation takes so long.
    registry.rotate_keys(KeyRotation::Ahead(Duration::from_secs(12_345))).await.unwrap();
    logged_once("INFO", "signing keys rotated", &["rotation=Ahead(12345s)"]);
    registry.rotate_secret(&client_id(STORE), Duration::ZERO).await.unwrap();
    logged_once("INFO", "client secret rotated", &[&store]);
    registry.remove_client(&client_id(STORE)).await.unwrap();
    logged_once("INFO", "client removed", &[&store]);
}

async fn codes_and_refresh_tokens(world: &World, host: &str, shop: &str) {
    let subject = world.sign_in(HOST, "alice").await;
    let pkce = Pkce::new();
    let ask = world.code_form(SHOP, &subject, &pkce);
    let asked = world.post("/challenge", HOST, &ask).await.ok();
    let grant = format!("grant={}", asked.text("grant_id"));
    logged_once("INFO", "code issued", &[host, shop, &grant]);
    let unknown = ask.with("subject_token", "unknown");
    world.post("/challenge", HOST, &unknown).await.refused(403, "insufficient_authorization");
    logged_once("WARN", "code request refused", &[host]);

    let code = asked.text("authorization_code");
    let tokens = world.redeem(SHOP, code, &pkce).await.ok();
    logged_once("INFO", "code redeemed", &[shop]);
    let token = tokens.text("refresh_token");
    world.refresh(SHOP, token).await.ok();
    world.clock.advance(Duration::from_secs(6));
    world.refresh(SHOP, token).await.refused(400, "invalid_grant");
    logged_once("WARN", "refresh token replayed; its authorization is revoked", &[shop]);
    logged_once("WARN", "refresh refused", &[shop]);
    world.redeem(SHOP, code, &pkce).await.refused(400, "invalid_grant");
    logged_once("WARN", "code replayed; what it led to is revoked", &[shop]);
    logged_once("WARN", "code refused", &[shop]);

    let path = format!("/grants/{}", asked.text("grant_id"));
    let end = world.request(Method::DELETE, &path).basic_auth(HOST, Some(world.secret(HOST)));
    assert_eq!(world.send(end).await.status, 204);
    logged_once("INFO", "grant ended", &[&grant]);
}

/// From addresses of their own, which the lines must tell.
async fn guesses(world: &World) {
    let address = |n| IpAddr::from([127, 0, 77, n]);
    let told = |n| format!("address=127.0.77.{n}");
    let http = http_client_at(address(1));
    let post = |secret: &str, form: &Form| {
        let request = http.post(format!("{}/token", world.base));
        request.basic_auth(HOST, Some(secret)).form(&form.0)
    };
    let wrong = world.password_form("alice").with("password", "guess");
    world.send(post(world.secret(HOST), &wrong)).await.refused(400, "invalid_grant");
    logged_once("WARN", "sign-in refused", &[&format!("client={HOST}"), &told(1)]);
    world.send(post("guess", &wrong)).await.refused(401, "invalid_client");
    logged_once("WARN", "client authentication failed", &[&format!("client={HOST}"), &told(1)]);

    let browser = Browser::new(world).at(address(2));
    let pkce = Pkce::new();
    let form = world.authorization(STORE, &pkce);
    let login = browser.visit(&authorize(&form)).await;
    assert_eq!(browser.press(&login.login_form("alice", "guess")).await.status, 400);
    logged_once("WARN", "a password was wrong on the login page", &[&told(2)]);
    let consent = browser.sign_in(&login, "alice").await;
    logged_once("INFO", "a user signed in", &["method=\"password\"", &told(2)]);
    browser.press(&consent.consent_form("allow")).await;
    let store = format!("client={STORE}");
    logged_once("INFO", "a user allowed an authorization", &[&store]);
    assert!(events(&["a code_challenge was used for another code before", &store]).is_empty());
    let again = form.with("redirect_uri", callback(STORE)).with("prompt", "consent");
    let consent = browser.visit(&authorize(&again)).await;
    browser.press(&consent.consent_form("allow")).await;
    logged_once("WARN", "a code_challenge was used for another code before", &[&store]);
}

async fn a_device(world: &World, host: &str, shop: &str) {
    let device = ask(world, SHOP, &Form::new(&[("scope", "openid")])).await;
    logged_once("INFO", "device code issued", &[shop]);
    let subject = world.sign_in(HOST, "bob").await;
    let wrong = decide_with(world, HOST, &subject, "BBBB-BBBB", "approve").await;
    wrong.refused(400, "invalid_grant");
    assert!(!events(&["WARN", "user code refused", "user="]).is_empty());
    decide_with(world, HOST, &subject, &device.user_code, "approve").await.ok();
    logged_once("INFO", "user code answered", &[host, "decision=Approve"]);
    device.poll(world).await.ok();
    logged_once("INFO", "device code redeemed", &[shop]);
}
