//! Answers that cross each other: a grant that ends while something is asked for by it, and two tabs in
//! which one user says different things.

use futures_util::future::join;

use crate::support::browser::{Browser, Page, PageForm, authorize};
use crate::support::{Pkce, World};

/// The button of the account page that ends the only grant.
async fn end_of_grant(browser: &Browser<'_>) -> PageForm {
    browser.visit("/account").await.form("/account/grants")
}

async fn is_remembered(browser: &Browser<'_>, world: &World, scope: &str) -> bool {
    let form = world.authorization("teahouse", &Pkce::new()).with("scope", scope);
    let page = browser.open(&authorize(&form.with("prompt", "none"))).await;
    match page.sent_back("error").as_deref() {
        None => page.sent_back("code").is_some(),
        Some("consent_required") => false,
        Some(other) => panic!("{other}"),
    }
}

async fn remember(browser: &Browser<'_>, world: &World, scope: &str) {
    let form = world.authorization("teahouse", &Pkce::new()).with("scope", scope);
    let consent = browser.visit(&authorize(&form)).await;
    let always = consent.consent_form("allow").with("remember", "until-revoked");
    assert!(browser.press(&always).await.sent_back("code").is_some());
}

#[tokio::test]
async fn a_code_is_worth_nothing_once_its_grant_ended_even_where_the_same_is_allowed_anew() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("scope", "openid email");
    let allow = async || {
        let consent = browser.visit(&authorize(&form)).await;
        browser.press(&consent.consent_form("allow")).await.sent_back("code").unwrap()
    };
    let outstanding = allow().await;
    browser.press(&end_of_grant(&browser).await).await;
    // The grant of before is not the one of now.
    let anew = allow().await;
    world.redeem("teahouse", &outstanding, &pkce).await.refused(400, "invalid_grant");
    world.redeem("teahouse", &anew, &pkce).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_code_is_given_from_memory_by_a_grant_that_ends_at_the_same_moment() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    for _ in 0..20 {
        remember(&browser, &world, "openid").await;
        let end = end_of_grant(&browser).await;
        let pkce = Pkce::new();
        let address = authorize(&world.authorization("teahouse", &pkce).with("scope", "openid"));
        let (page, _) = join(browser.visit(&address), browser.press(&end)).await;
        // Given before the end, it ended with the rest; asked for after it, the user is asked.
        match page.sent_back("code") {
            Some(code) => {
                world.redeem("teahouse", &code, &pkce).await.refused(400, "invalid_grant")
            }
            None => assert!(page.is_consent(), "{}", page.html),
        }
        assert!(!is_remembered(&browser, &world, "openid").await);
    }
}

#[tokio::test]
async fn a_consent_page_that_was_open_while_the_grant_ended_gives_what_is_ticked_on_it_now() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    remember(&browser, &world, "openid").await;
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("scope", "openid email");
    let open = browser.visit(&authorize(&form)).await;
    assert!(open.is_consent() && open.words().contains("allowed before"));
    browser.press(&end_of_grant(&browser).await).await;
    let only = open.consent_form("allow").with("remember", "once").ticking(&["email"]);
    let code = browser.press(&only).await.sent_back("code").unwrap();
    let tokens = world.redeem("teahouse", &code, &pkce).await.ok();
    assert_eq!(tokens.text("scope"), "email");
    assert!(!is_remembered(&browser, &world, "openid").await, "it ended");
    assert!(!is_remembered(&browser, &world, "email").await, "it was for once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_tabs_the_one_that_answers_last_says_what_is_remembered() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let tab = async |pkce: &Pkce| {
        let form = world.authorization("teahouse", pkce).with("scope", "email phone");
        browser.visit(&authorize(&form.with("prompt", "consent"))).await
    };
    let answer = |page: &Page, scope: &str| {
        page.consent_form("allow").with("remember", "until-revoked").ticking(&[scope])
    };
    for _ in 0..20 {
        let (one, other) = (Pkce::new(), Pkce::new());
        let (first, second) = (tab(&one).await, tab(&other).await);
        let (email, phone) = (answer(&first, "email"), answer(&second, "phone"));
        let (email, phone) = join(browser.press(&email), browser.press(&phone)).await;
        // Each tab gets what was said in it.
        for (page, pkce, scope) in [(email, one, "email"), (phone, other, "phone")] {
            let code = page.sent_back("code").unwrap();
            let tokens = world.redeem("teahouse", &code, &pkce).await.ok();
            assert_eq!(tokens.text("scope"), scope);
        }
        let remembered = [
            is_remembered(&browser, &world, "email").await,
            is_remembered(&browser, &world, "phone").await,
        ];
        assert!(remembered == [true, false] || remembered == [false, true], "{remembered:?}");
    }
}
