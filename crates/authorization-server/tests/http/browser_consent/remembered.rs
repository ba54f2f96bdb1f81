//! For how long an answer is remembered, and for what.

use std::time::Duration;

use minihost_authorization_server::{
    Application, ClientAuthentication, RedirectUri, RefreshPolicy, Resource,
};

use super::{DAY, ask};
use crate::support::browser::{Browser, Page, authorize};
use crate::support::{Form, Pkce, World, program};

#[tokio::test]
async fn once_means_that_the_next_request_asks_again() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    for _ in 0..2 {
        let consent = ask(&browser, &world, "openid").await;
        assert!(consent.is_consent());
        let page = browser.press(&consent.consent_form("allow").with("remember", "once")).await;
        assert!(page.sent_back("code").is_some());
    }
    let form = world.authorization("teahouse", &Pkce::new()).with("prompt", "none");
    browser.open(&authorize(&form)).await.sent_back_error("consent_required");
}

#[tokio::test]
async fn thirty_days_are_thirty_days() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let consent = ask(&browser, &world, "openid email").await;
    browser.press(&consent.consent_form("allow").with("remember", "30d")).await;
    world.clock.advance(30 * DAY - Duration::from_millis(1));
    let browser = world.browser_of("alice").await;
    assert!(ask(&browser, &world, "openid").await.sent_back("code").is_some());
    world.clock.advance(Duration::from_millis(1));
    assert!(ask(&browser, &world, "openid").await.is_consent());
}

#[tokio::test]
async fn nothing_is_refreshed_for_longer_than_the_user_said() {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let world = World::new().await;
    for client in ["teahouse", "cinema"] {
        let form = world.authorization(client, &Pkce::new());
        let browser = world.browser_of("alice").await;
        let tokens = async |browser: &Browser<'_>, form: Form| {
            let pkce = Pkce::new();
            let form = form.with("code_challenge", &pkce.challenge);
            let page = browser.visit(&authorize(&form)).await;
            let code = page.sent_back("code").unwrap();
            world.redeem(client, &code, &pkce).await.ok()
        };
        let answer = async |remember: &str| {
            let pkce = Pkce::new();
            let form = form.clone().with("code_challenge", &pkce.challenge);
            let consent = browser.visit(&authorize(&form.with("prompt", "consent"))).await;
            let allowed = consent.consent_form("allow").with("remember", remember);
            let page = browser.press(&allowed).await;
            world.redeem(client, &page.sent_back("code").unwrap(), &pkce).await.ok()
        };
        let once = answer("once").await;
        assert_eq!(once.json["refresh_expires_in"], 12 * 60 * 60);
        let month = answer("30d").await;
        // What is remembered ends when it was said to, whenever it is used.
        world.clock.advance(11 * HOUR);
        let remembered = tokens(&world.browser_of("alice").await, form.clone()).await;
        let once = world.refresh(client, once.text("refresh_token")).await.ok();
        assert_eq!(once.json["refresh_expires_in"], 60 * 60);
        world.clock.advance(HOUR);
        let over = world.refresh(client, once.text("refresh_token")).await;
        over.refused(400, "invalid_grant");
        let mut tokens = [month, remembered];
        for _ in 0..5 {
            world.clock.advance(5 * DAY);
            for tokens in &mut tokens {
                *tokens = world.refresh(client, tokens.text("refresh_token")).await.ok();
            }
        }
        world.clock.advance(5 * DAY - 12 * HOUR - Duration::from_millis(1));
        for tokens in &mut tokens {
            *tokens = world.refresh(client, tokens.text("refresh_token")).await.ok();
        }
        world.clock.advance(Duration::from_millis(1));
        for tokens in tokens {
            let over = world.refresh(client, tokens.text("refresh_token")).await;
            over.refused(400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn only_what_is_remembered_is_given_without_asking() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let consent = ask(&browser, &world, "openid email").await;
    let always = consent.consent_form("allow").with("remember", "until-revoked");
    browser.press(&always.ticking(&["openid"])).await;
    world.clock.advance(400 * DAY);
    let browser = world.browser_of("alice").await;
    assert!(ask(&browser, &world, "openid").await.sent_back("code").is_some());
    let form = world.authorization("teahouse", &Pkce::new()).with("scope", "openid");
    let silent = browser.open(&authorize(&form.clone().with("prompt", "none"))).await;
    assert!(silent.sent_back("code").is_some());
    // A box that was cleared is asked for again, together with what is known already.
    let more = ask(&browser, &world, "openid email").await;
    assert!(more.is_consent() && more.words().contains("allowed before"));
    // The client can have it asked at any time.
    let again = browser.visit(&authorize(&form.with("prompt", "consent"))).await;
    assert!(again.is_consent());
    // Neither another client nor another user gains by it.
    let other = world.authorization("cinema", &Pkce::new()).with("scope", "openid");
    assert!(browser.visit(&authorize(&other)).await.is_consent());
    let bob = world.browser_of("bob").await;
    assert!(ask(&bob, &world, "openid").await.is_consent());
}

#[tokio::test]
async fn what_is_remembered_grows_with_each_answer_and_shrinks_with_each_cleared_box() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let answer = async |scope: &str, ticked: &[&str], remember: &str| {
        let form = world.authorization("teahouse", &Pkce::new()).with("scope", scope);
        let consent = browser.visit(&authorize(&form.with("prompt", "consent"))).await;
        let form = consent.consent_form("allow").with("remember", remember).ticking(ticked);
        assert!(browser.press(&form).await.sent_back("code").is_some());
    };
    answer("openid", &["openid"], "until-revoked").await;
    answer("email", &["email"], "until-revoked").await;
    assert!(ask(&browser, &world, "openid email").await.sent_back("code").is_some());
    answer("phone", &["phone"], "once").await;
    assert!(ask(&browser, &world, "phone").await.is_consent());
    answer("openid email", &["openid"], "once").await;
    assert!(ask(&browser, &world, "email").await.is_consent());
    assert!(ask(&browser, &world, "openid").await.sent_back("code").is_some());
}

#[tokio::test]
async fn what_is_remembered_holds_only_where_the_user_saw_that_it_would() {
    let world = World::new().await;
    let mut client = program("kiosk", ClientAuthentication::None, RefreshPolicy::None);
    let (tea, cake) = ("https://tea.example", "https://cake.example");
    client.resources = [tea, cake].map(|uri| Resource::new(uri).unwrap()).into();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let ask = async |resources: &[&str]| {
        let mut form = world.authorization("kiosk", &Pkce::new());
        for resource in resources {
            form = form.and("resource", resource);
        }
        browser.visit(&authorize(&form)).await
    };
    let allow = async |page: &Page| {
        assert!(page.is_consent() && !page.words().contains("allowed before"));
        let form = page.consent_form("allow").with("remember", "until-revoked");
        assert!(browser.press(&form).await.sent_back("code").is_some());
    };
    allow(&ask(&[]).await).await;
    assert!(ask(&[]).await.sent_back("code").is_some());
    // Where nothing is named the token is for this server alone, which no API is.
    allow(&ask(&[tea]).await).await;
    assert!(ask(&[tea]).await.sent_back("code").is_some());
    allow(&ask(&[tea, cake]).await).await;
    for within in [&[tea, cake][..], &[cake]] {
        assert!(ask(within).await.sent_back("code").is_some());
    }
    assert!(ask(&[]).await.is_consent());
}

#[tokio::test]
async fn a_program_that_any_other_on_the_device_could_be_is_asked_for_every_time() {
    let world = World::new().await;
    let mut client = program("desk", ClientAuthentication::None, RefreshPolicy::None);
    client.application = Application::Native;
    client.redirect_uris = ["http://127.0.0.1/cb", "https://desk.example/cb"]
        .map(|uri| RedirectUri::new(uri).unwrap())
        .into();
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let ask = async |uri: &str| {
        let form = world.authorization("desk", &Pkce::new()).with("redirect_uri", uri);
        browser.visit(&authorize(&form)).await
    };
    let consent = ask("https://desk.example/cb").await;
    browser.press(&consent.consent_form("allow").with("remember", "until-revoked")).await;
    assert!(ask("https://desk.example/cb").await.sent_back("code").is_some());
    let consent = ask("http://127.0.0.1:5000/cb").await;
    assert!(consent.is_consent() && !consent.words().contains("Until I take it back"));
}
