//! What a request must say, and what it may leave out.

use minihost_authorization_server::{ClientAuthentication, RefreshPolicy, Requirement, Scopes};

use crate::support::browser::{Browser, authorize};
use crate::support::{Pkce, World, callback, program, redeem_form};

#[tokio::test]
async fn c15_a_repeated_parameter_is_refused_an_unknown_one_ignored_and_an_empty_one_absent() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    for name in [
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "prompt",
        "max_age",
        "login_hint",
        "ui_locales",
        "dpop_jkt",
        "request",
        "registration",
    ] {
        let twice = good.clone().and(name, "x").and(name, "x");
        let page = browser.open(&authorize(&twice)).await;
        page.sent_back_error("invalid_request");
        let state = (name != "state").then_some("state of a web app");
        assert_eq!(page.sent_back("state").as_deref(), state, "{name}");
    }
    for name in ["response_type", "code_challenge"] {
        let empty = good.clone().with(name, "");
        browser.open(&authorize(&empty)).await.sent_back_error("invalid_request");
    }
    let extra = good.clone().and("unknown", "1").and("unknown", "2").and("prompt", "");
    assert!(browser.visit(&authorize(&extra)).await.is_login());
}

#[tokio::test]
async fn c20_request_objects_are_refused_by_name() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    let object = "eyJhbGciOiJub25lIn0.e30.";
    let page = browser.open(&authorize(&good.clone().with("request", object))).await;
    page.sent_back_error("request_not_supported");
    let page =
        browser.open(&authorize(&good.with("request_uri", "https://teahouse.example/r"))).await;
    page.sent_back_error("request_uri_not_supported");
    let metadata = world.metadata().await;
    for member in ["request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(metadata[member], false, "{member}");
    }
    assert!(metadata.get("request_object_signing_alg_values_supported").is_none());
    let algorithms = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(!algorithms.is_empty() && !algorithms.contains(&"none".into()));
}

#[tokio::test]
async fn scope_and_redirect_uri_may_be_left_out_where_there_is_only_one_choice() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.redirect_uris.truncate(1);
    client.default_scopes = Scopes::parse("profile").unwrap();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("kiosk", &pkce).without("scope").without("redirect_uri");
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    assert!(page.location().unwrap().starts_with(&callback("kiosk")));
    let code = page.sent_back("code").unwrap();
    // What was not given need not be repeated (RFC 6749 section 4.1.3).
    let form = redeem_form("kiosk", &code, &pkce).without("redirect_uri");
    let tokens = world.post("/token", "kiosk", &form).await.ok();
    assert_eq!(tokens.text("scope"), "profile");
    // OpenID Connect wants it in every case.
    let openid = world.authorization("kiosk", &pkce).without("redirect_uri");
    browser.open(&authorize(&openid)).await.stops(400);
}

#[tokio::test]
async fn a_client_without_default_scopes_must_name_one() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    client.default_scopes = Scopes::default();
    world.put(client).await;
    let form = world.authorization("kiosk", &Pkce::new()).without("scope");
    let page = Browser::new(&world).open(&authorize(&form)).await;
    page.sent_back_error("invalid_scope");
}

#[tokio::test]
async fn a_confidential_client_that_may_do_without_pkce_does() {
    let mut world = World::new().await;
    let secret = world.new_secret("oldshop");
    let mut client = program("oldshop", secret, RefreshPolicy::None);
    client.pkce = Requirement::Optional;
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world
        .authorization("oldshop", &pkce)
        .without("code_challenge")
        .without("code_challenge_method");
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    let code = page.sent_back("code").unwrap();
    let redeem = redeem_form("oldshop", &code, &pkce).without("code_verifier");
    world.post("/token", "oldshop", &redeem).await.ok();
    // A method alone is a challenge that was lost.
    let lost = form.with("code_challenge_method", "S256");
    browser.open(&authorize(&lost)).await.sent_back_error("invalid_request");
}
