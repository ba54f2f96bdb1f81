//! The account page, and what ends when its user says so.

use std::time::Duration;

use reqwest::Method;

use crate::support::browser::{Browser, Page, authorize};
use crate::support::{Answer, Pkce, World};

/// Lets `client` have everything, and redeems the code.
async fn tokens_by(world: &World, browser: &Browser<'_>, client: &str) -> Answer {
    let pkce = Pkce::new();
    let form = world.authorization(client, &pkce).with("prompt", "consent");
    let consent = browser.visit(&authorize(&form)).await;
    let allow = consent.consent_form("allow").with("remember", "until-revoked");
    let page = browser.press(&allow).await;
    world.redeem(client, &page.sent_back("code").unwrap(), &pkce).await.ok()
}

async fn assert_dead(world: &World, client: &str, tokens: &Answer) {
    let refused = world.refresh(client, tokens.text("refresh_token")).await;
    refused.refused(400, "invalid_grant");
    world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}

async fn assert_alive(world: &World, client: &str, tokens: &Answer) {
    world.userinfo(tokens.text("access_token")).await.ok();
    world.refresh(client, tokens.text("refresh_token")).await.ok();
}

fn rows(page: &Page, action: &str) -> usize {
    page.forms().iter().filter(|form| form.action == action).count()
}

#[tokio::test]
async fn the_page_lists_what_was_allowed_where_one_is_signed_in_and_each_sign_in() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let login = browser.visit(&authorize(&world.authorization("teahouse", &Pkce::new()))).await;
    let consent = browser.sign_in(&login, "alice").await;
    browser.press(&consent.consent_form("allow").with("remember", "30d")).await;
    world.clock.advance(Duration::from_secs(600));
    let other = world.browser_of("alice").await;
    let words = other.visit("/account").await.words();
    for expected in [
        "Signed in as alice",
        "teahouse",
        "See your email address",
        "Since 2026-11-20",
        "Without asking until 2026-12-20",
        "This browser",
        "Firefox · Linux",
        "2026-11-20 12:00 UTC",
        "2026-11-20 12:10 UTC",
        "Password",
        "127.0.0.1",
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    let bob = world.browser_of("bob").await.visit("/account").await;
    assert!(bob.words().contains("No app has access"));
    assert!(Browser::new(&world).visit("/account").await.is_login());
    let page = other.visit("/account?ui_locales=zh-Hans").await;
    assert!(page.words().contains("最近的登录"));
}

#[tokio::test]
async fn t4_signing_out_ends_the_session_and_the_tokens_that_came_from_it() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let here = tokens_by(&world, &browser, "teahouse").await;
    let elsewhere = world.browser_of("alice").await;
    let there = tokens_by(&world, &elsewhere, "cinema").await;
    let secret = browser.cookie("minihost-session").unwrap();

    let page = browser.visit("/account").await;
    let page = browser.press(&page.form("/account/sign-out")).await;
    assert!(page.is_login());
    assert_eq!(browser.cookie("minihost-session"), None);
    browser.set_cookie("minihost-session", &secret);
    assert!(browser.visit("/account").await.is_login(), "the secret is worth nothing any more");
    assert_dead(&world, "teahouse", &here).await;
    assert_alive(&world, "cinema", &there).await;
    // What the user allowed is remembered still.
    assert!(elsewhere.visit("/account").await.words().contains("teahouse"));
}

#[tokio::test]
async fn t4_one_can_sign_out_of_another_browser() {
    let world = World::new().await;
    let lost = world.browser_of("alice").await;
    let tokens = tokens_by(&world, &lost, "teahouse").await;
    let browser = world.browser_of("alice").await;
    let page = browser.visit("/account").await;
    assert_eq!(rows(&page, "/account/sessions"), 1);
    let end = page.form("/account/sessions");
    // Not of a browser of somebody else.
    let bob = world.browser_of("bob").await;
    let own = bob.visit("/account").await.form("/account/sign-out");
    let token = own.fields.0.iter().find(|(name, _)| name == "token").unwrap().1.clone();
    bob.press(&end.clone().with("token", &token)).await;
    assert!(!lost.visit("/account").await.is_login());

    let page = browser.press(&end).await;
    assert_eq!(rows(&page, "/account/sessions"), 0);
    assert!(lost.visit("/account").await.is_login());
    assert!(!browser.visit("/account").await.is_login());
    assert_dead(&world, "teahouse", &tokens).await;
}

#[tokio::test]
async fn t4_another_user_in_the_same_browser_ends_the_first_ones_session() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let tokens = tokens_by(&world, &browser, "teahouse").await;
    let page = browser.visit("/login").await;
    browser.sign_in(&page, "alice").await;
    assert_alive(&world, "teahouse", &tokens).await;
    let page = browser.visit("/login").await;
    browser.sign_in(&page, "bob").await;
    assert_dead(&world, "teahouse", &tokens).await;
}

#[tokio::test]
async fn removing_access_ends_codes_and_tokens_and_what_was_remembered() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let tokens = tokens_by(&world, &browser, "teahouse").await;
    // The page has what changed last first.
    world.clock.advance(Duration::from_secs(1));
    let other = tokens_by(&world, &browser, "cinema").await;
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce);
    let code = browser.visit(&authorize(&form)).await.sent_back("code").unwrap();

    let page = browser.visit("/account").await;
    let forms = page.forms().into_iter().filter(|form| form.action == "/account/grants");
    let of_teahouse = forms.collect::<Vec<_>>().pop().unwrap();
    let bob = world.browser_of("bob").await;
    bob.press(&of_teahouse).await.stops(403);
    let page = browser.press(&of_teahouse).await;
    assert_eq!(rows(&page, "/account/grants"), 1);

    world.redeem("teahouse", &code, &pkce).await.refused(400, "invalid_grant");
    assert_dead(&world, "teahouse", &tokens).await;
    assert_alive(&world, "cinema", &other).await;
    assert!(browser.visit(&authorize(&form)).await.is_consent());
}

#[tokio::test]
async fn t4_a_new_password_ends_every_other_session_and_every_token_of_the_user() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let elsewhere = world.browser_of("alice").await;
    let tokens = tokens_by(&world, &elsewhere, "teahouse").await;
    let mediated = world.tokens("cinema", "alice").await;
    let bobs = world.tokens("cinema", "bob").await;
    let new = "a new password of alice";
    world.remember(new);
    let form = browser.visit("/account").await.form("/account/password");
    let form = form.with("new", new).with("again", new);

    let changed = browser.press(&form.with("current", world.secret("alice"))).await;
    assert!(changed.words().contains("Your password was changed"), "{}", changed.words());
    assert!(!browser.visit("/account").await.is_login());
    assert!(elsewhere.visit("/account").await.is_login());
    assert_dead(&world, "teahouse", &tokens).await;
    assert_dead(&world, "cinema", &mediated).await;
    assert_alive(&world, "cinema", &bobs).await;

    let login = elsewhere.visit("/login").await;
    let old = login.login_form("alice", world.secret("alice"));
    assert_eq!(elsewhere.submit(&old).await.status, 400);
    assert_eq!(elsewhere.submit(&login.login_form("alice", new)).await.status, 303);
}

#[tokio::test]
async fn a_password_is_not_changed_by_who_does_not_know_it_or_mistypes_the_new_one() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = browser.visit("/account").await.form("/account/password");
    let form = form.with("current", world.secret("alice"));
    let (new, short) = ("a new password", "7 chars");
    let both = |form: &crate::support::browser::PageForm, new: &str| {
        form.clone().with("new", new).with("again", new)
    };
    for (bad, words) in [
        (both(&form, new).with("current", "guess"), "The current password is wrong."),
        (both(&form, new).with("again", "other"), "The two new passwords differ."),
        (both(&form, short), "8 to 256 characters"),
        (both(&form, &"x".repeat(257)), "8 to 256 characters"),
    ] {
        let page = browser.press(&bad).await;
        assert_eq!(page.status, 400);
        assert!(page.words().contains(words), "{}", page.words());
    }
    for _ in 0..9 {
        browser.press(&both(&form, new).with("current", "guess")).await;
    }
    let page = browser.press(&both(&form, new)).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("60")));
    world.clock.advance(Duration::from_secs(60));
    world.browser_of("alice").await;
}

#[tokio::test]
async fn no_other_site_can_send_the_forms_of_the_account_page() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let tokens = tokens_by(&world, &browser, "teahouse").await;
    let forms = browser.visit("/account").await.forms();
    assert!(forms.len() >= 3);
    for form in forms {
        let cross = browser
            .request(Method::POST, &form.action)
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .form(&form.fields.0);
        browser.send(&form.action, cross).await.stops(403);
        browser.press(&form.clone().without("token")).await.stops(403);
        let out = Browser::new(&world).press(&form).await;
        assert!(out.is_login());
    }
    assert_alive(&world, "teahouse", &tokens).await;
}
