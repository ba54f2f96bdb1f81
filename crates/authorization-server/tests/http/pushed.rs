//! Pushed authorization requests.

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, RefreshPolicy, Requirement};
use reqwest::Method;

use crate::support::browser::{Browser, authorize};
use crate::support::{Form, Pkce, World, callback, program};

/// What `client` would send the browser with.
pub(crate) fn by_reference(client: &str, request_uri: &str) -> String {
    authorize(&Form::new(&[("client_id", client), ("request_uri", request_uri)]))
}

pub(crate) async fn push(world: &World, client: &str, form: &Form) -> String {
    let answer = world.post("/par", client, &form.clone().without("client_id")).await;
    assert_eq!(answer.status.as_u16(), 201, "{:?}", answer.json);
    assert_eq!(answer.json["expires_in"], 600);
    world.remember(answer.text("request_uri").rsplit(':').next().unwrap());
    answer.text("request_uri").to_owned()
}

#[tokio::test]
async fn c19_a_pushed_request_leads_to_a_code_and_the_address_adds_nothing_to_it() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    for client in ["teahouse", "gallery"] {
        let pkce = Pkce::new();
        let form = world.authorization(client, &pkce).with("scope", "openid email");
        let form = form.with("ui_locales", "zh-Hans").with("login_hint", "alice");
        let uri = push(&world, client, &form).await;
        let address = format!(
            "{}&scope=phone&state=other&redirect_uri=https://evil.example/&response_type=token",
            by_reference(client, &uri)
        );
        let mut page = browser.visit(&address).await;
        if page.is_login() {
            assert!(
                page.html.contains("lang=\"zh-Hans\"") && page.html.contains("value=\"alice\"")
            );
            page = browser.sign_in(&page, "alice").await;
        }
        assert!(page.is_consent() && page.html.contains("lang=\"zh-Hans\""), "{}", page.html);
        let page = browser.press(&page.consent_form("allow")).await;
        assert!(page.location().unwrap().starts_with(&callback(client)));
        assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
        let tokens = world.redeem(client, &page.sent_back("code").unwrap(), &pkce).await.ok();
        assert_eq!(tokens.text("scope"), "email openid");
    }
}

#[tokio::test]
async fn c19_it_is_used_up_when_it_is_answered_and_not_when_the_page_is_loaded() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    for decision in ["allow", "deny"] {
        let uri = push(&world, "teahouse", &world.authorization("teahouse", &Pkce::new())).await;
        let address = by_reference("teahouse", &uri);
        for _ in 0..3 {
            assert!(browser.visit(&address).await.is_consent());
        }
        let (first, second) = (browser.visit(&address).await, browser.visit(&address).await);
        assert!(browser.press(&first.consent_form(decision)).await.sent_back("iss").is_some());
        for again in ["allow", "deny"] {
            browser.press(&second.consent_form(again)).await.stops(400);
        }
        browser.visit(&address).await.stops(400);
    }
    // So it is when nobody has to be asked.
    let form = world.authorization("teahouse", &Pkce::new());
    let consent = browser.visit(&authorize(&form)).await;
    browser.press(&consent.consent_form("allow").with("remember", "30d")).await;
    let address = by_reference("teahouse", &push(&world, "teahouse", &form).await);
    assert!(browser.open(&address).await.sent_back("code").is_some());
    browser.open(&address).await.stops(400);
}

#[tokio::test]
async fn c19_of_two_answers_at_once_only_one_counts() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let uri = push(&world, "teahouse", &world.authorization("teahouse", &Pkce::new())).await;
    let consent = browser.visit(&by_reference("teahouse", &uri)).await;
    let form = consent.consent_form("allow");
    let pages = futures_util::future::join_all((0..16).map(|_| browser.submit(&form))).await;
    let codes = pages.iter().filter(|page| page.sent_back("code").is_some());
    assert_eq!(codes.count(), 1);
}

#[tokio::test]
async fn c19_it_is_taken_from_its_own_client_only_and_for_ten_minutes() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let uri = push(&world, "teahouse", &world.authorization("teahouse", &Pkce::new())).await;
    browser.open(&by_reference("cinema", &uri)).await.stops(400);
    browser.open(&by_reference("teahouse", &format!("{uri}x"))).await.stops(400);
    world.clock.advance(Duration::from_millis(599_999));
    assert!(browser.visit(&by_reference("teahouse", &uri)).await.is_consent());
    world.clock.advance(Duration::from_millis(1));
    browser.open(&by_reference("teahouse", &uri)).await.stops(400);
}

#[tokio::test]
async fn c19_who_pushes_must_prove_who_they_are_and_push_what_could_be_asked_for() {
    let world = World::new().await;
    let form = world.authorization("teahouse", &Pkce::new());
    world.post_unauthenticated("/par", &form).await.refused(401, "invalid_client");
    let wrong = form.clone().with("client_secret", "guess");
    world.post_unauthenticated("/par", &wrong).await.refused(401, "invalid_client");
    let form = form.without("client_id");
    for (bad, error) in [
        (form.clone().with("client_id", "cinema"), "invalid_request"),
        (form.clone().with("redirect_uri", "https://evil.example/"), "invalid_request"),
        (
            form.clone().with("request_uri", "urn:ietf:params:oauth:request_uri:x"),
            "invalid_request",
        ),
        (form.clone().with("request", "e30."), "request_not_supported"),
        (form.clone().with("scope", "unknown"), "invalid_scope"),
        (form.clone().without("code_challenge"), "invalid_request"),
        (form.clone().with("response_type", "token"), "unsupported_response_type"),
        (form.clone().and("state", "twice"), "invalid_request"),
    ] {
        world.post("/par", "teahouse", &bad).await.refused(400, error);
    }
    let get = world.send(world.request(Method::GET, "/par")).await;
    assert_eq!(get.status.as_u16(), 405);
    let metadata = world.metadata().await;
    let endpoint = format!("{}/par", world.base);
    assert_eq!(metadata["pushed_authorization_request_endpoint"], endpoint);
    assert_eq!(metadata["require_pushed_authorization_requests"], false);
}

#[tokio::test]
async fn c19_a_client_that_must_push_cannot_ask_otherwise() {
    let world = World::new().await;
    let mut client = program("vault", ClientAuthentication::None, RefreshPolicy::None);
    client.pushed_requests = Requirement::Required;
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("vault", &Pkce::new());
    browser.open(&authorize(&form)).await.sent_back_error("invalid_request");
    let uri = push(&world, "vault", &form).await;
    assert!(browser.visit(&by_reference("vault", &uri)).await.is_consent());
}
