//! Signing in at the server's own page, and the sessions that browsers hold.

use std::time::Duration;

use reqwest::Method;

use crate::support::browser::{Browser, authorize};
use crate::support::{Pkce, World};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_session_serves_further_requests_and_each_browser_has_its_own() {
    let world = World::new().await;
    let alice = world.browser_of("alice").await;
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    assert!(alice.visit(&address).await.is_consent());
    assert!(Browser::new(&world).visit(&address).await.is_login());
    let page = world.browser_of("bob").await.visit(&address).await;
    assert!(page.is_consent() && page.words().contains("Signed in as bob"));
}

#[tokio::test]
async fn the_secret_of_a_session_is_a_new_one_after_each_sign_in() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    // Nobody is signed in by a secret that somebody else chose for this browser.
    browser.set_cookie("minihost-session", &"A".repeat(43));
    let page = browser.visit("/login").await;
    browser.sign_in(&page, "alice").await;
    let first = browser.cookie("minihost-session").unwrap();
    assert_ne!(first, "A".repeat(43));
    let page = browser.visit("/login").await;
    browser.sign_in(&page, "alice").await;
    let second = browser.cookie("minihost-session").unwrap();
    assert_ne!(first, second);
    let old = Browser::new(&world);
    old.set_cookie("minihost-session", &first);
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    assert!(old.visit(&address).await.is_login());
    assert!(browser.visit(&address).await.is_consent());
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_any_case_after_half_a_day() {
    let world = World::new().await;
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    let browser = world.browser_of("alice").await;
    world.clock.advance(HOUR - MINUTE);
    assert!(browser.visit(&address).await.is_consent());
    world.clock.advance(HOUR - MINUTE);
    assert!(browser.visit(&address).await.is_consent());
    world.clock.advance(HOUR);
    assert!(browser.visit(&address).await.is_login(), "an hour without use");

    let browser = world.browser_of("alice").await;
    for _ in 0..12 {
        assert!(browser.visit(&address).await.is_consent());
        world.clock.advance(HOUR - Duration::from_millis(1));
    }
    world.clock.advance(Duration::from_millis(12));
    assert!(browser.visit(&address).await.is_login(), "twelve hours");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    let mut answers = Vec::new();
    for (user, password) in [("alice", "wrong"), ("mallory", "wrong"), ("alice", "")] {
        let answer = browser.press(&page.login_form(user, password)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(browser.cookie("minihost-session"), None);
        answers.push(answer.words());
    }
    assert!(answers[0].contains("The username or the password is wrong."));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn logins_are_slowed_down_for_a_user_and_never_for_right_passwords() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    for _ in 0..25 {
        let right = page.login_form("bob", world.secret("bob"));
        assert_eq!(browser.submit(&right).await.status, 303);
    }
    for user in ["alice", "mallory"] {
        for _ in 0..10 {
            assert_eq!(browser.submit(&page.login_form(user, "wrong")).await.status, 400);
        }
        let refused = browser.submit(&page.login_form(user, "wrong")).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    }
    let right = page.login_form("alice", world.secret("alice"));
    assert_eq!(browser.submit(&right).await.status, 429);
    let bob = page.login_form("bob", world.secret("bob"));
    assert_eq!(browser.submit(&bob).await.status, 303);
    world.clock.advance(MINUTE);
    assert_eq!(browser.submit(&right).await.status, 303);
}

#[tokio::test]
async fn logins_are_slowed_down_for_an_address_that_tries_many_users() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    for number in 0..50 {
        let form = page.login_form(&format!("user{number}"), "spring2026");
        assert_eq!(browser.submit(&form).await.status, 400);
    }
    let right = page.login_form("alice", world.secret("alice"));
    assert_eq!(browser.submit(&right).await.status, 429);
    world.clock.advance(MINUTE);
    assert_eq!(browser.submit(&right).await.status, 303);
}

#[tokio::test]
async fn a_login_form_of_another_site_or_another_browser_is_refused() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    let form = page.login_form("alice", world.secret("alice"));
    let post = |headers: &[(&str, &str)]| {
        let request = browser.request(Method::POST, &form.action).form(&form.fields.0);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
    ] {
        browser.send(&form.action, post(headers)).await.stops(403);
    }
    for forged in [form.clone().without("token"), form.clone().with("token", &"A".repeat(43))] {
        browser.submit(&forged).await.stops(403);
    }
    // The victim's browser was not shown this form.
    let victim = Browser::new(&world);
    victim.submit(&form).await.stops(403);
    victim.visit("/login").await;
    victim.submit(&form).await.stops(403);
    assert_eq!(victim.cookie("minihost-session"), None);
    let own = [("origin", world.base.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(browser.send(&form.action, post(&own)).await.status, 303);
}

#[tokio::test]
async fn c9_after_a_login_the_browser_goes_to_pages_of_this_server_only() {
    let world = World::new().await;
    for target in [
        "https://evil.example/",
        "//evil.example/authorize",
        "/\\evil.example",
        "/%2F/evil.example",
        "/authorize/../../evil",
        "/authorize@evil.example",
        "\thttps://evil.example",
        "javascript:alert(1)",
        "/token",
        "/login?continue=//evil.example",
        "/authorize\r\nSet-Cookie: a=b",
    ] {
        let browser = Browser::new(&world);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("continue", target)
            .finish();
        let page = browser.open(&format!("/login?{query}")).await;
        let form = page.login_form("alice", world.secret("alice"));
        let answer = browser.submit(&form).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/account")), "{target}");
    }
}

#[tokio::test]
async fn prompt_login_asks_again_and_is_content_once_the_user_did() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    world.clock.advance(MINUTE);
    let form = world.authorization("teahouse", &Pkce::new()).with("prompt", "login");
    let address = authorize(&form);
    let page = browser.visit(&address).await;
    assert!(page.is_login() && page.words().contains("Please confirm that it is you."));
    // It is not enough to be signed in.
    assert_eq!(page.forms().len(), 1);
    let skip = page.forms()[0].clone().with("method", "continue");
    assert!(browser.press(&skip).await.is_login());
    let consent = browser.sign_in(&page, "alice").await;
    assert!(consent.is_consent());
    assert!(browser.press(&consent.consent_form("allow")).await.sent_back("code").is_some());
    // Another request is another question, and what the address says of the first does not help.
    let other = authorize(&form.with("state", "other"));
    assert!(browser.visit(&other).await.is_login());
    let receipt = consent.address.split("&interaction=").nth(1).unwrap();
    assert!(browser.visit(&format!("{other}&interaction={receipt}")).await.is_login());
    assert!(browser.visit(&format!("{address}&interaction={receipt}")).await.is_consent());
    world.clock.advance(Duration::from_secs(15 * 60));
    assert!(browser.visit(&format!("{address}&interaction={receipt}")).await.is_login());
}

#[tokio::test]
async fn max_age_asks_again_when_the_sign_in_is_older() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    world.clock.advance(MINUTE);
    let young = authorize(&form.clone().with("max_age", 60));
    assert!(browser.visit(&young).await.is_consent());
    let none = authorize(&form.clone().with("max_age", 59).with("prompt", "none"));
    browser.open(&none).await.sent_back_error("login_required");
    for age in ["59", "0"] {
        let address = authorize(&form.clone().with("max_age", age));
        let page = browser.visit(&address).await;
        assert!(page.is_login(), "{age}");
        assert!(browser.sign_in(&page, "alice").await.is_consent(), "{age}");
        world.clock.advance(MINUTE);
    }
}

#[tokio::test]
async fn prompt_select_account_lets_the_user_keep_the_account_or_take_another() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new()).with("prompt", "select_account");
    let page = browser.visit(&authorize(&form)).await;
    assert!(page.is_login() && page.words().contains("alice"));
    let keep = page.forms()[0].clone().with("method", "continue");
    let consent = browser.press(&keep).await;
    assert!(consent.is_consent() && consent.words().contains("Signed in as alice"));

    let page = browser.visit(&authorize(&form.with("state", "2"))).await;
    let consent = browser.sign_in(&page, "bob").await;
    assert!(consent.is_consent() && consent.words().contains("Signed in as bob"));
}

#[tokio::test]
async fn a_hint_fills_in_the_username_and_pages_speak_the_language_asked_for() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let form = world
        .authorization("teahouse", &Pkce::new())
        .with("login_hint", "\"><script>alert(1)</script>")
        .with("ui_locales", "fr zh-Hans");
    let page = browser.visit(&authorize(&form)).await;
    let hint = page.forms()[0].fields.0.iter().find(|(name, _)| name == "username").cloned();
    assert_eq!(hint.unwrap().1, "\"><script>alert(1)</script>");
    assert!(page.html.contains("<html lang=\"zh-Hans\">") && page.words().contains("登录"));
    let consent = browser.sign_in(&page, "alice").await;
    assert!(consent.words().contains("查看您的邮箱地址"));
    let page = Browser::new(&world).speaking("zh-CN,zh;q=0.9,en;q=0.8").visit("/login").await;
    assert!(page.html.contains("<html lang=\"zh-Hans\">"));
}

#[tokio::test]
async fn cookies_belong_to_this_host_alone_where_there_is_tls() {
    let world = World::at("https://id.example").await;
    let browser = Browser::new(&world);
    let page = browser.open("/login").await;
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-minihost-browser="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_database_that_takes_nothing_now_gives_nothing_and_says_to_come_again() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let address = authorize(&world.authorization("teahouse", &Pkce::new()));
    let consent = browser.visit(&address).await;
    let login = Browser::new(&world).visit("/login").await;
    world.server.clone().close().await;
    let allow = consent.consent_form("allow");
    let sign_in = login.login_form("alice", world.secret("alice"));
    let pages = [
        browser.press(&allow).await,
        browser.visit(&address).await,
        browser.visit("/account").await,
        browser.press(&sign_in.with("token", "x")).await,
    ];
    for page in &pages[..3] {
        page.stops(503);
        assert_eq!(page.header("retry-after"), Some("1"));
    }
    // Who is not this server's page learns nothing of it.
    pages[3].stops(403);
}
