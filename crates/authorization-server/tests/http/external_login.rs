//! Signing in at an authentication system apart from the server.

use std::time::Duration;

use minihost_authorization_server::{Config, LoginPlace};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::authentication_system::{Company, ID};
use crate::support::browser::{Browser, Page, authorize};
use crate::support::jwt::{Change, Key, claims};
use crate::support::{Form, Pkce, TestClock, World};

/// A server whose users sign in at the company.
async fn world(place: fn(&Company) -> LoginPlace) -> (World, Company) {
    world_with(place, |_| ()).await
}

pub(crate) async fn world_with(
    place: fn(&Company) -> LoginPlace,
    change: impl FnOnce(&mut Config),
) -> (World, Company) {
    let clock = TestClock::new();
    let company = Company::start(clock.clone()).await;
    let there = place(&company);
    let world = World::new_with(clock, |config| {
        config.login = there;
        change(config);
    })
    .await;
    (world, company)
}

pub(crate) fn elsewhere(company: &Company) -> LoginPlace {
    LoginPlace::Elsewhere(company.registration())
}

/// The request that a browser is sent away with.
fn request(page: &Page) -> Value {
    let location = page.location().unwrap();
    claims(location.split("request=").nth(1).unwrap())
}

pub(crate) fn path<'a>(world: &World, address: &'a str) -> &'a str {
    address.strip_prefix(&world.base).unwrap()
}

#[tokio::test]
async fn the_browser_goes_to_the_system_comes_back_and_the_authorization_goes_on() {
    let (world, company) = world(elsewhere).await;
    let browser = Browser::new(&world);
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("login_hint", "carol");
    let away = browser.visit(&authorize(&form)).await;
    let asked = request(&away);
    assert_eq!((&asked["aud"], &asked["iss"]), (&json!(ID), &json!(world.base)));
    assert_eq!((&asked["login_hint"], &asked["fresh"]), (&json!("carol"), &json!(false)));
    let back = company.visit(away.location().unwrap(), "carol").await.unwrap();
    let consent = browser.visit(path(&world, &back)).await;
    assert!(consent.is_consent() && consent.words().contains("Signed in as carol"));
    let page = browser.press(&consent.consent_form("allow")).await;
    let tokens = world.redeem("teahouse", &page.sent_back("code").unwrap(), &pkce).await.ok();
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("email"), "carol@company.example");
    let account = browser.visit("/account").await.words();
    assert!(
        account.contains("Another sign-in service") && !account.contains("Change your password")
    );

    // She is the same user the next time, in another browser too.
    let other = Browser::new(&world);
    let away = other.visit(&authorize(&form.with("state", "2"))).await;
    let back = company.visit(away.location().unwrap(), "carol").await.unwrap();
    let consent = other.visit(path(&world, &back)).await;
    let page = other.press(&consent.consent_form("allow")).await;
    let again = world.redeem("teahouse", &page.sent_back("code").unwrap(), &pkce).await.ok();
    assert_eq!(again.text("open_id"), tokens.text("open_id"));
}

#[tokio::test]
async fn the_answer_counts_once_in_the_browser_that_was_sent_and_for_five_minutes() {
    let (world, company) = world(elsewhere).await;
    let browser = Browser::new(&world);
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    let away = browser.visit(&address).await;
    let back = company.visit(away.location().unwrap(), "carol").await.unwrap();
    // Somebody else's browser, known here or not, is not signed in as carol.
    let victim = Browser::new(&world);
    victim.open(path(&world, &back)).await.stops(400);
    victim.visit(&address).await;
    victim.open(path(&world, &back)).await.stops(400);
    assert_eq!(victim.cookie("minihost-session"), None);
    assert!(browser.visit(path(&world, &back)).await.is_consent());
    browser.open(path(&world, &back)).await.stops(400);
    // The system takes each request once too.
    let again = company.visit(away.location().unwrap(), "carol").await;
    assert_eq!(again.unwrap_err(), StatusCode::CONFLICT);

    let late = Browser::new(&world);
    let away = late.visit(&address).await;
    world.clock.advance(Duration::from_secs(300));
    let answer = company.answer(&request(&away), "carol").sign(company.key());
    late.open(&format!("/login/callback?answer={answer}")).await.stops(400);
    let expired = company.visit(away.location().unwrap(), "carol").await;
    assert_eq!(expired.unwrap_err(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_that_the_system_did_not_give_to_this_server_now_is_refused() {
    let (world, company) = world(elsewhere).await;
    let browser = Browser::new(&world);
    let away = browser.visit(&authorize(&world.authorization("teahouse", &Pkce::new()))).await;
    let good = company.answer(&request(&away), "carol");
    let now = world.clock.seconds();
    let open =
        async |answer: String| browser.open(&format!("/login/callback?answer={answer}")).await;
    for change in [
        Change::Claim("iss", json!("https://evil.example")),
        Change::Claim("aud", json!("https://other.example")),
        Change::Claim("aud", json!([world.base])),
        Change::Claim("in_response_to", json!("another")),
        Change::NoClaim("in_response_to"),
        Change::NoClaim("sub"),
        Change::Claim("sub", json!("")),
        Change::NoClaim("exp"),
        Change::Time("exp", 0),
        Change::Time("iat", 11),
        Change::Time("iat", -301),
        Change::NoClaim("iat"),
        Change::Time("auth_time", 11),
        Change::NoClaim("auth_time"),
        Change::Header("typ", json!("JWT")),
        Change::NoHeader("typ"),
        Change::Header("kid", json!("another")),
    ] {
        open(good.clone().changed(&change, now).sign(company.key())).await.stops(400);
    }
    for (_, forged) in good.forgeries(company.key()) {
        open(forged).await.stops(400);
    }
    open(good.sign(&Key::p256())).await.stops(400);
    open(String::new()).await.stops(400);
    browser.open("/login/callback").await.stops(400);
    assert_eq!(browser.cookie("minihost-session"), None);
    // After all that, the true one still counts.
    assert_eq!(open(good.sign(company.key())).await.status, 303);
}

#[tokio::test]
async fn prompt_login_wants_a_fresh_sign_in_there_too() {
    let (world, company) = world(elsewhere).await;
    let browser = Browser::new(&world);
    let form = world.authorization("teahouse", &Pkce::new()).with("prompt", "login");
    let minute = Duration::from_secs(60);
    for (auth_time, good) in [(-minute.as_secs_f64(), false), (0.0, true)] {
        let away = browser.visit(&authorize(&form)).await;
        let asked = request(&away);
        assert_eq!(asked["fresh"], true, "whether somebody is signed in here or not");
        let answer = company.answer(&asked, "carol");
        let back = format!("/login/callback?answer={}", answer.sign(company.key()));
        assert!(browser.visit(&back).await.is_consent());
        world.clock.advance(minute);
        let away = browser.visit(&authorize(&form)).await;
        let asked = request(&away);
        assert_eq!(asked["fresh"], true);
        let now = world.clock.seconds();
        let answer = company.answer(&asked, "carol");
        let answer = answer.changed(&Change::Time("auth_time", auth_time as i64), now);
        let back = format!("/login/callback?answer={}", answer.sign(company.key()));
        let page = browser.visit(&back).await;
        match good {
            true => assert!(page.is_consent()),
            false => page.stops(400),
        }
        let page = browser.visit("/account").await;
        browser.press(&page.form("/account/sign-out")).await;
    }
}

#[tokio::test]
async fn an_old_sign_in_there_is_never_taken_for_one_of_now() {
    let (world, company) = world(elsewhere).await;
    let plain = world.authorization("teahouse", &Pkce::new());
    for (name, value) in [("prompt", "login"), ("max_age", "30")] {
        let browser = Browser::new(&world);
        let address = authorize(&plain.clone().with(name, value));
        assert_eq!(request(&browser.visit(&address).await)["fresh"], true, "{name}");
        // The way on which no proof is asked for, taken all the same.
        let login = Form::new(&[("continue", &address)]).as_query();
        let away = browser.visit(&format!("/login?{login}")).await;
        let asked = request(&away);
        assert_eq!(asked["fresh"], false);
        let answer = company.answer(&asked, "carol");
        let minute_ago = Change::Time("auth_time", -60);
        let answer = answer.changed(&minute_ago, world.clock.seconds()).sign(company.key());
        let away = browser.visit(&format!("/login/callback?answer={answer}")).await;
        assert!(browser.cookie("minihost-session").is_some());
        assert_eq!(request(&away)["fresh"], true, "{name}");
        // Who takes their time there has still done it for this request.
        world.clock.advance(Duration::from_secs(120));
        let answer = company.answer(&request(&away), "carol");
        let answer = answer.changed(&minute_ago, world.clock.seconds()).sign(company.key());
        assert!(browser.visit(&format!("/login/callback?answer={answer}")).await.is_consent());
    }
}

#[tokio::test]
async fn where_users_may_choose_the_page_leads_there_and_otherwise_takes_no_password() {
    let (world, company) = world(|company| LoginPlace::Either(company.registration())).await;
    let browser = Browser::new(&world);
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    let login = browser.visit(&address).await;
    assert!(login.is_login() && login.words().contains("Sign in with \u{2068}Company Login"));
    let link = login.link("/login/elsewhere");
    let away = browser.open(&link).await;
    let back = company.visit(away.location().unwrap(), "carol").await.unwrap();
    assert!(browser.visit(path(&world, &back)).await.is_consent());
    let page = Browser::new(&world).visit(&address).await;
    assert!(Browser::new(&world).sign_in(&page, "alice").await.status == 403);

    let (world, _) = super::external_login::world(elsewhere).await;
    let browser = Browser::new(&world);
    let away = browser.visit("/account").await;
    assert!(away.location().unwrap().contains("request="));
    let signed_out = browser.visit("/login?signed_out=1").await;
    assert_eq!(signed_out.status, 200);
    assert!(!signed_out.words().contains("Password") && signed_out.words().contains("signed out"));
    assert!(signed_out.link("/login/elsewhere").contains("continue"));

    let plain = World::new().await;
    Browser::new(&plain).open("/login/elsewhere").await.stops(400);
    Browser::new(&plain).open("/login/callback?answer=x").await.stops(400);
}
