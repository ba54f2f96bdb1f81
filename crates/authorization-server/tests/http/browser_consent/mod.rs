//! The consent page: nothing is given without it, and what is remembered is only what was said.

mod remembered;

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, Names, RefreshPolicy};
use reqwest::Method;

use crate::support::browser::{Browser, Page, authorize};
use crate::support::{Form, Pkce, World, program};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn ask(browser: &Browser<'_>, world: &World, scope: &str) -> Page {
    let form = world.authorization("teahouse", &Pkce::new()).with("scope", scope);
    browser.visit(&authorize(&form)).await
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_has_a_box_for_each() {
    let world = World::new().await;
    let mut client = program("teashop", ClientAuthentication::None, RefreshPolicy::None);
    client.names = Names::new("Tea <Shop>").unwrap().with("zh-Hans", "茶庄").unwrap();
    client.publisher = Some(Names::new("Acme Ltd").unwrap());
    world.put(client).await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teashop", &Pkce::new());
    let page = browser.visit(&authorize(&form)).await;
    let words = page.words();
    for expected in [
        "Tea <Shop>",
        "Acme Ltd",
        "Recognise you the next time",
        "See your user name",
        "See your email address",
        "See your phone number",
        "teashop.sim.localhost",
        "Just this once",
        "For 30 days",
        "Until I take it back",
        "Signed in as alice",
    ] {
        assert!(words.contains(expected), "{expected} is not in {words}");
    }
    let boxes = page.form("/consent").fields.0.into_iter().filter(|(name, _)| name == "scope");
    let boxes: Vec<_> = boxes.map(|(_, value)| value).collect();
    assert_eq!(boxes, ["openid", "profile", "email", "phone"]);
    let page = browser.visit(&authorize(&form.with("ui_locales", "zh-Hans"))).await;
    assert!(page.words().contains("茶庄"));
}

#[tokio::test]
async fn only_ticked_boxes_are_given_and_nothing_that_was_not_asked_for() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("scope", "openid email");
    let consent = browser.visit(&authorize(&form)).await;
    let greedy = consent.consent_form("allow").ticking(&["email", "phone", "mediate"]);
    let page = browser.press(&greedy).await;
    let tokens = world.redeem("teahouse", &page.sent_back("code").unwrap(), &pkce).await.ok();
    assert_eq!(tokens.text("scope"), "email");
    assert!(tokens.json.get("id_token").is_none());
}

#[tokio::test]
async fn denying_or_clearing_every_box_gives_nothing() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let consent = ask(&browser, &world, "openid email").await;
    for refusal in [consent.consent_form("deny"), consent.consent_form("allow").ticking(&[])] {
        let page = browser.press(&refusal).await;
        page.sent_back_error("access_denied");
        assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
        assert_eq!(page.sent_back("code"), None);
    }
    let neither = consent.consent_form("allow").without("decision");
    browser.press(&neither).await.stops(400);
}

#[tokio::test]
async fn an_answer_that_this_user_did_not_give_is_refused() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let consent = ask(&browser, &world, "openid email").await;
    let form = consent.consent_form("allow");
    let post = browser
        .request(Method::POST, &form.action)
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .form(&form.fields.0);
    browser.send(&form.action, post).await.stops(403);
    for forged in [form.clone().without("token"), form.clone().with("token", "x")] {
        browser.press(&forged).await.stops(403);
    }
    // Bob's page does not speak for Alice.
    let bob = world.browser_of("bob").await;
    bob.press(&form).await.stops(403);
    // Without a session there is nobody who could allow anything.
    assert!(Browser::new(&world).press(&form).await.is_login());
    // The request that comes along counts, not the page that was shown.
    let widened = form.action.replace("scope=openid+email", "scope=openid+email+nonsense%22");
    let mut other = form.clone();
    other.action = widened;
    browser.press(&other).await.sent_back_error("invalid_scope");
    let mut stolen = form.clone();
    stolen.action = form.action.replace("teahouse.sim.localhost", "evil.example");
    browser.press(&stolen).await.stops(400);
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_gives_nothing() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let consent = ask(&browser, &world, "openid").await;
    world.clock.advance(DAY);
    let page = browser.press(&consent.consent_form("allow")).await;
    assert!(page.is_login());
    // After signing in the page is shown again, and nothing was allowed by the way.
    let consent = browser.sign_in(&page, "alice").await;
    assert!(consent.is_consent());
}

#[tokio::test]
async fn many_tabs_do_not_disturb_each_other() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let requests: Vec<(Pkce, Form)> = (0..4)
        .map(|tab| {
            let pkce = Pkce::new();
            let form = world.authorization("teahouse", &pkce).with("state", format!("tab {tab}"));
            (pkce, form)
        })
        .collect();
    let mut logins = Vec::new();
    for (_, form) in &requests {
        logins.push(browser.visit(&authorize(form)).await);
    }
    let mut consents = Vec::new();
    for login in &logins {
        consents.push(browser.sign_in(login, "alice").await);
    }
    for ((pkce, form), consent) in requests.iter().zip(&consents).rev() {
        // Each sign-in renewed the session, so the earlier pages are shown once more.
        let page = match browser.press(&consent.consent_form("allow")).await {
            page if page.status == 403 => {
                let again = browser.visit(&authorize(form)).await;
                browser.press(&again.consent_form("allow")).await
            }
            page => page,
        };
        let state = form.0.iter().find(|(name, _)| name == "state").unwrap().1.clone();
        assert_eq!(page.sent_back("state"), Some(state));
        world.redeem("teahouse", &page.sent_back("code").unwrap(), pkce).await.ok();
    }
}
