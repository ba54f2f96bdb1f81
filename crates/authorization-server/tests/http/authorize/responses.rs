//! How the browser is sent back.

use std::time::Duration;

use minihost_authorization_server::{GrantType, RefreshPolicy};

use crate::support::browser::{Browser, authorize};
use crate::support::{ALL, Form, Pkce, World, callback, program};

#[tokio::test]
async fn refusals_go_back_with_the_error_the_state_and_the_issuer() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    let challenge = |value: &str| good.clone().with("code_challenge", value);
    for (bad, error) in [
        (good.clone().without("response_type"), "invalid_request"),
        (good.clone().with("response_type", "none"), "unsupported_response_type"),
        (good.clone().with("response_mode", "web_message"), "invalid_request"),
        (good.clone().without("code_challenge"), "invalid_request"),
        (
            good.clone().without("code_challenge").without("code_challenge_method"),
            "invalid_request",
        ),
        (good.clone().without("code_challenge_method"), "invalid_request"),
        (good.clone().with("code_challenge_method", "plain"), "invalid_request"),
        (challenge(&"A".repeat(42)), "invalid_request"),
        (challenge("not+base64url/not+base64url/not+base64url/x"), "invalid_request"),
        (good.clone().with("scope", "a\"b"), "invalid_scope"),
        (good.clone().with("scope", "unknown"), "invalid_scope"),
        (good.clone().with("scope", "mediate"), "invalid_scope"),
        (good.clone().with("resource", "https://api.example"), "invalid_target"),
        (good.clone().with("nonce", "n".repeat(1_025)), "invalid_request"),
        (good.clone().with("prompt", "create"), "invalid_request"),
        (good.clone().with("prompt", "none login"), "invalid_request"),
        (good.clone().with("max_age", "-1"), "invalid_request"),
        (good.clone().with("dpop_jkt", "short"), "invalid_request"),
        (good.clone().with("registration", "{}"), "registration_not_supported"),
        (good.clone().with("prompt", "none"), "login_required"),
    ] {
        let page = browser.open(&authorize(&bad)).await;
        page.sent_back_error(error);
        assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
        assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
        assert_eq!(page.sent_back("code"), None);
    }
}

#[tokio::test]
async fn c17_what_an_error_says_is_in_the_characters_of_oauth() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let good = world.authorization("teahouse", &Pkce::new());
    for value in ["\u{8336}\"\\", "<script>", "\u{0}\u{1F375}", "a\nb"] {
        for name in ["scope", "response_type", "prompt", "resource", "code_challenge", "max_age"] {
            let page = browser.open(&authorize(&good.clone().with(name, value))).await;
            assert_eq!(page.status, 303, "{name}={value}");
            for sent in ["error", "error_description"] {
                let text = page.sent_back(sent).unwrap();
                let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
                assert!(!text.is_empty() && text.bytes().all(allowed), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn c11_state_comes_back_as_it_was_however_long_and_whatever_is_in_it() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let all: String = (' '..='~').collect();
    for state in [all.repeat(15), "\u{8336}\u{9986} \u{1F375}&=#?%2B+".to_owned(), "0".to_owned()] {
        let form = world.authorization("teahouse", &Pkce::new()).with("state", &state);
        let mut consent = browser.visit(&authorize(&form)).await;
        if consent.is_login() {
            consent = browser.sign_in(&consent, "alice").await;
        }
        let page = browser.press(&consent.consent_form("allow")).await;
        assert_eq!(page.sent_back("state"), Some(state));
        assert!(page.sent_back("code").is_some());
    }
    let form = world.authorization("teahouse", &Pkce::new()).without("state");
    let consent = browser.visit(&authorize(&form)).await;
    assert_eq!(browser.press(&consent.consent_form("allow")).await.sent_back("state"), None);
}

#[tokio::test]
async fn c10_every_answer_says_who_gave_it() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    for decision in ["allow", "deny"] {
        let consent = browser.visit(&authorize(&form)).await;
        let page = browser.press(&consent.consent_form(decision)).await;
        assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()), "{decision}");
    }
    let metadata = world.metadata().await;
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["issuer"], world.base);
}

#[tokio::test]
async fn an_answer_can_be_posted_and_can_be_put_into_the_fragment() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    let consent = browser.visit(&authorize(&form.clone().with("response_mode", "form_post"))).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    assert_eq!(page.status, 200);
    let answer = page.form(&callback("teahouse"));
    let sent = |name: &str| answer.fields.0.iter().find(|(key, _)| key == name).is_some();
    assert!(sent("code") && sent("state") && sent("iss"));

    let consent = browser.visit(&authorize(&form.with("response_mode", "fragment"))).await;
    let page = browser.press(&consent.consent_form("allow")).await;
    let location = page.location().unwrap();
    assert!(location.starts_with(&format!("{}#code=", callback("teahouse"))), "{location}");
}

#[tokio::test]
async fn g2_there_is_no_implicit_grant_until_a_client_is_registered_for_it() {
    let mut world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new()).with("response_type", "token");
    let page = browser.open(&authorize(&form)).await;
    page.sent_back_error("unsupported_response_type");
    assert_eq!(world.metadata().await["response_types_supported"], serde_json::json!(["code"]));

    let secret = world.new_secret("oldpage");
    let week = RefreshPolicy::Fixed { lifetime: Duration::from_secs(60) };
    let mut client = program("oldpage", secret, week);
    client.grants = [GrantType::Implicit].into();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let form = Form::new(&[
        ("response_type", "token"),
        ("client_id", "oldpage"),
        ("redirect_uri", &callback("oldpage")),
        ("scope", ALL),
        ("state", "s"),
    ]);
    let consent = browser.visit(&authorize(&form)).await;
    let page = browser.press(&consent.consent_form("allow").ticking(&["openid", "email"])).await;
    let location = page.location().unwrap().to_owned();
    assert!(location.starts_with(&format!("{}#access_token=", callback("oldpage"))), "{location}");
    assert_eq!(page.sent_back("refresh_token"), None);
    assert_eq!(page.sent_back("token_type").as_deref(), Some("Bearer"));
    assert_eq!(page.sent_back("expires_in").as_deref(), Some("60"));
    assert_eq!(page.sent_back("scope").as_deref(), Some("email openid"));
    assert_eq!(page.sent_back("state").as_deref(), Some("s"));
    assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
    let details = world.userinfo(&page.sent_back("access_token").unwrap()).await.ok();
    assert_eq!(details.text("email"), "alice@mail.example");
    // Not into the query, where it would be logged; and no codes for this client.
    let query = browser.open(&authorize(&form.clone().with("response_mode", "query"))).await;
    query.sent_back_error("invalid_request");
    let code = world.authorization("oldpage", &Pkce::new());
    browser.open(&authorize(&code)).await.sent_back_error("unauthorized_client");
    let metadata = world.metadata().await;
    assert_eq!(metadata["response_types_supported"], serde_json::json!(["code", "token"]));
}
