//! Confirming a device's code in the browser, and signing in to the server itself by approval in a
//! host app.

use std::time::Duration;

use crate::device::{self, API, GRANT, ask};
use crate::support::browser::{Browser, Page, authorize};
use crate::support::{ACCESS_TOKEN, Answer, Form, Pkce, World};

/// The code on the page that waits for an app.
pub(crate) fn shown_code(page: &Page) -> String {
    let after = page.html.split("id=\"user-code\">").nth(1).expect("the page shows a code");
    after.split('<').next().unwrap().to_owned()
}

pub(crate) async fn decide(
    world: &World,
    host: &str,
    user: &str,
    code: &str,
    decision: &str,
) -> Answer {
    let subject = world.sign_in(host, user).await;
    decide_with(world, host, &subject, code, decision).await
}

pub(crate) async fn decide_with(
    world: &World,
    host: &str,
    subject: &str,
    code: &str,
    decision: &str,
) -> Answer {
    let form = Form::new(&[
        ("user_code", code),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
        ("decision", decision),
    ]);
    world.post("/device/approval", host, &form).await
}

#[tokio::test]
async fn g4_a_user_signs_in_in_the_browser_enters_the_code_and_allows_what_they_like() {
    let world = device::world().await;
    let form = Form::new(&[("scope", "openid email phone")]);
    let device = ask(&world, "gallery", &form).await;
    let browser = Browser::new(&world).speaking("zh-CN");
    let page = browser.visit(&format!("/device?user_code={}", device.user_code)).await;
    assert!(page.is_login());
    let page = browser.sign_in(&page, "alice").await;
    assert!(page.html.contains(&format!("value=\"{}\"", device.user_code)), "{}", page.html);
    device.poll(&world).await.refused(400, "authorization_pending");

    let typed = device.user_code.to_lowercase().replace('-', " ");
    let page = browser.press(&page.form("/device").with("user_code", &typed)).await;
    let words = page.words();
    for told in ["画廊", "Gallery Ltd", "127.0.0.1", "2026-11-20 12:00 UTC", "alice"] {
        assert!(words.contains(told), "{told}: {words}");
    }
    let answer = page.form("/device").ticking(&["openid", "email"]).with("decision", "allow");
    let page = browser.press(&answer).await;
    assert!(page.words().contains("已允许"), "{}", page.html);
    let tokens = device.poll(&world).await.ok();
    assert_eq!(tokens.text("scope"), "email openid");
    browser.press(&answer).await.stops(400);

    // The session of the browser is not the device's.
    let account = browser.visit("/account").await;
    browser.press(&account.form("/account/sign-out")).await;
    world.userinfo(tokens.text("access_token")).await.ok();
}

#[tokio::test]
async fn the_page_for_devices_says_for_which_resources_the_tokens_are() {
    let world = device::world().await;
    let heading = [("en", "With it, it can reach:"), ("zh-Hans", "可访问的范围：")];
    for (language, heading) in heading {
        let browser = world.browser_of("alice").await.speaking(language);
        let question = async |form: &Form| {
            let device = ask(&world, "gallery", form).await;
            let page = browser.visit(&format!("/device?user_code={}", device.user_code)).await;
            browser.press(&page.form("/device")).await
        };
        let here = Form::new(&[("scope", "openid email phone")]);
        let words = question(&here).await.words();
        assert!(!words.contains(heading) && !words.contains(API), "{words}");
        let words = question(&here.with("resource", API)).await.words();
        assert!(words.contains(heading) && words.contains(API), "{words}");
    }
}

#[tokio::test]
async fn g4_a_no_in_the_browser_or_no_box_at_all_is_a_no() {
    let world = device::world().await;
    let browser = world.browser_of("alice").await;
    for decision in ["deny", "allow"] {
        let device = ask(&world, "gallery", &Form::new(&[("scope", "openid")])).await;
        let page = browser.visit(&format!("/device?user_code={}", device.user_code)).await;
        let page = browser.press(&page.form("/device")).await;
        let answer = page.form("/device").ticking(&[]).with("decision", decision);
        assert!(browser.press(&answer).await.words().contains("Denied"));
        device.poll(&world).await.refused(400, "access_denied");
    }
}

#[tokio::test]
async fn g4_wrong_codes_in_the_browser_and_in_the_app_are_counted_together() {
    let world = device::world().await;
    let device = ask(&world, "gallery", &Form::new(&[("scope", "openid")])).await;
    let browser = world.browser_of("alice").await;
    let form = browser.visit("/device").await.form("/device");
    for _ in 0..5 {
        browser.press(&form.clone().with("user_code", "BBBB-BBBB")).await.stops(400);
        decide(&world, "bank", "alice", "CCCC-CCCC", "approve").await.refused(400, "invalid_grant");
    }
    let right = form.with("user_code", &device.user_code);
    let page = browser.press(&right).await;
    page.stops(429);
    assert_eq!(page.header("retry-after"), Some("60"));
    decide(&world, "bank", "alice", &device.user_code, "approve")
        .await
        .refused(429, "temporarily_unavailable");
    world.clock.advance(Duration::from_secs(60));
    assert!(browser.press(&right).await.words().contains("Allow"));
}

#[tokio::test]
async fn g4_only_the_users_own_page_answers_for_them() {
    let world = device::world().await;
    let device = ask(&world, "gallery", &Form::new(&[("scope", "openid")])).await;
    let alice = world.browser_of("alice").await;
    let page = alice.visit(&format!("/device?user_code={}", device.user_code)).await;
    let page = alice.press(&page.form("/device")).await;
    let answer = page.form("/device").with("decision", "allow");
    alice.submit(&answer.clone().without("token")).await.stops(403);
    world.browser_of("bob").await.submit(&answer).await.stops(403);
    let nobody = Browser::new(&world).submit(&answer).await;
    assert!(nobody.location().unwrap().starts_with("/login?"));
    device.poll(&world).await.refused(400, "authorization_pending");
}

#[tokio::test]
async fn who_approves_in_the_app_is_signed_in_in_the_browser_that_shows_the_code() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let login = browser.visit(&authorize(&world.authorization("teahouse", &Pkce::new()))).await;
    let link = login.link("/login/app");
    let page = browser.visit(&link).await;
    let code = shown_code(&page);
    world.remember(&code);
    assert!(page.html.contains("<noscript><meta http-equiv=\"refresh\""));
    // Without a script the page comes again by itself, and the code stays.
    assert_eq!(shown_code(&browser.visit(&link).await), code);
    let state = async |browser: &Browser<'_>| {
        let request = browser.request(reqwest::Method::GET, "/login/app/state");
        world.send(request).await.ok().text("state").to_owned()
    };
    assert_eq!(state(&browser).await, "pending");
    assert!(shown_code(&browser.press(&page.form("/login/app")).await) == code, "not yet");

    let subject = world.sign_in("bank", "alice").await;
    let look = Form::new(&[
        ("user_code", &code),
        ("subject_token", &subject),
        ("subject_token_type", ACCESS_TOKEN),
    ]);
    let told = world.post("/device/approval", "bank", &look).await.ok();
    assert_eq!(told.json.get("client_id"), None);
    assert_eq!(told.text("address"), "127.0.0.1");
    assert!(told.text("user_agent").contains("Firefox/140.0"));
    decide(&world, "bank", "alice", &code, "approve").await.ok();
    assert_eq!(state(&browser).await, "approved");

    // Another browser knows nothing of it, even with the code.
    let other = Browser::new(&world);
    let others = other.visit("/login/app").await;
    assert_ne!(shown_code(&others), code);
    assert_eq!(state(&other).await, "pending");

    let page = browser.press(&page.form("/login/app")).await;
    assert!(page.is_consent() && page.words().contains("Signed in as alice"), "{}", page.html);
    assert_eq!(browser.cookie("minihost-app"), None);
    let account = browser.visit("/account").await;
    assert!(account.words().contains("Approved in the app"), "{}", account.words());
}

#[tokio::test]
async fn an_old_sign_in_in_the_app_is_never_taken_for_one_of_now() {
    let world = World::new().await;
    let subject = world.sign_in("bank", "alice").await;
    world.clock.advance(Duration::from_secs(60));
    let plain = world.authorization("teahouse", &Pkce::new());
    for (name, value) in [("prompt", "login"), ("max_age", "30")] {
        let browser = Browser::new(&world);
        let address = authorize(&plain.clone().with(name, value));
        let login = browser.visit(&address).await;
        assert!(login.is_login() && !login.has_link("/login/app"), "{name}");
        // The page that is not offered, opened all the same.
        let query = Form::new(&[("continue", &address)]).as_query();
        let page = browser.visit(&format!("/login/app?{query}")).await;
        let code = shown_code(&page);
        decide_with(&world, "bank", &subject, &code, "approve").await.ok();
        let page = browser.press(&page.form("/login/app")).await;
        assert!(browser.cookie("minihost-session").is_some());
        assert!(page.is_login() && page.words().contains("Please confirm"), "{name}");
        assert!(browser.sign_in(&page, "alice").await.is_consent(), "{name}");
    }
}

#[tokio::test]
async fn an_approval_signs_in_once() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login/app").await;
    let (code, held) = (shown_code(&page), browser.cookie("minihost-app").unwrap());
    world.remember(held.split('.').next().unwrap());
    decide(&world, "bank", "alice", &code, "approve").await.ok();
    browser.press(&page.form("/login/app")).await;
    assert!(browser.cookie("minihost-session").is_some());
    let again = Browser::new(&world);
    again.set_cookie("minihost-app", &held);
    let page = again.visit("/login/app").await;
    assert_ne!(shown_code(&page), code, "the old one is of no use");
    decide(&world, "bank", "alice", &code, "approve").await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_denied_and_an_expired_approval_sign_nobody_in() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login/app").await;
    decide(&world, "bank", "alice", &shown_code(&page), "deny").await.ok();
    let denied = browser.press(&page.form("/login/app")).await;
    assert!(denied.words().contains("was denied"), "{}", denied.words());
    assert_eq!(browser.cookie("minihost-session"), None);

    let page = browser.press(&denied.form("/login/app")).await;
    let code = shown_code(&page);
    decide(&world, "bank", "alice", &code, "approve").await.ok();
    world.clock.advance(Duration::from_secs(600));
    let page = browser.press(&page.form("/login/app")).await;
    assert_ne!(shown_code(&page), code);
    assert_eq!(browser.cookie("minihost-session"), None);
}

#[tokio::test]
async fn a_browsers_own_code_is_nothing_at_the_token_endpoint_or_on_the_page_for_devices() {
    let world = device::world().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login/app").await;
    let held = browser.cookie("minihost-app").unwrap();
    let stolen =
        Form::new(&[("grant_type", GRANT), ("device_code", held.split('.').next().unwrap())]);
    world.post("/token", "gallery", &stolen).await.refused(400, "invalid_grant");
    let alice = world.browser_of("alice").await;
    let form = alice.visit("/device").await.form("/device");
    alice.press(&form.with("user_code", &shown_code(&page))).await.stops(400);
    // Nor is a form of another browser.
    let other = Browser::new(&world);
    let others = other.visit("/login/app").await;
    browser.submit(&others.form("/login/app")).await.stops(403);
}

#[tokio::test]
async fn an_app_is_offered_where_there_is_one_and_no_proof_is_asked_for() {
    let world = World::new().await;
    let form = world.authorization("teahouse", &Pkce::new());
    let browser = Browser::new(&world);
    assert!(browser.visit(&authorize(&form)).await.has_link("/login/app"));
    let page = browser.visit("/login").await;
    browser.sign_in(&page, "alice").await;
    let again = browser.visit(&authorize(&form.with("prompt", "login"))).await;
    assert!(again.is_login() && !again.has_link("/login/app"));
    let empty = tempfile::tempdir().unwrap();
    let clock = crate::support::TestClock::new();
    let without = World::open(&empty.path().join("server.sqlite"), clock).await;
    let browser = Browser::new(&without);
    assert!(!browser.visit("/login").await.has_link("/login/app"));
    assert!(browser.visit("/login/app").await.is_login());
}
