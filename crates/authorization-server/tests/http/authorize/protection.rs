//! What keeps other sites away from the endpoint and its pages.

use reqwest::Method;

use crate::support::browser::{Browser, authorize};
use crate::support::{Pkce, World};

#[tokio::test]
async fn c12_c13_no_other_site_reads_or_frames_the_authorization_endpoint() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let address = authorize(&world.authorization("gallery", &Pkce::new()));
    // The browser checks the headers of every page; here another origin asks.
    for method in [Method::GET, Method::OPTIONS, Method::POST] {
        let request = browser
            .request(method.clone(), &address)
            .header("origin", "http://gallery.sim.localhost:4001")
            .header("access-control-request-method", "GET");
        let response = request.send().await.unwrap();
        let allowed = response.headers().keys().any(|name| name.as_str().starts_with("access-"));
        assert!(!allowed, "{method}");
    }
}

#[tokio::test]
async fn c13_c14_every_page_refuses_frames_and_referrers_and_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new()).with("response_mode", "form_post");
    let consent = browser.open(&authorize(&form)).await;
    let pages = [
        browser.open("/login").await,
        browser.press(&consent.consent_form("allow")).await,
        browser.open("/account").await,
        browser.open("/authorize").await,
        browser.submit(&consent.consent_form("allow").without("token")).await,
        consent,
    ];
    let mut nonces = std::collections::BTreeSet::new();
    for page in &pages {
        // What a browser is told of each page is looked at whenever one is received, its markup too.
        page.check(&world.base);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{}", page.address);
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{}", page.address);
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{}", page.address);
        nonces.insert(policy.to_owned());
    }
    assert_eq!(nonces.len(), pages.len(), "each page has a nonce of its own");
}

#[tokio::test]
async fn c8_a_request_that_is_posted_is_taken_up_by_get() {
    let world = World::new().await;
    let browser = world.browser_of("alice").await;
    let form = world.authorization("teahouse", &Pkce::new());
    let post = browser
        .request(Method::POST, "/authorize")
        .header("origin", "https://teahouse.example")
        .header("sec-fetch-site", "cross-site")
        .form(&form.0);
    let page = browser.send("/authorize", post).await;
    assert_eq!(page.status, 303);
    assert!(browser.follow(page).await.is_consent());
}
