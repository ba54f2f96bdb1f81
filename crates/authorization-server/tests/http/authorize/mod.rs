//! The authorization endpoint in the browser.

mod parameters;
mod protection;
mod redirect_uris;
mod resources;
mod responses;

use crate::support::browser::{Browser, Page, authorize};
use crate::support::{Form, Pkce, World, callback};

/// Signs in and allows everything.
pub(crate) async fn allow(browser: &Browser<'_>, form: &Form, user: &str) -> Page {
    let login = browser.visit(&authorize(form)).await;
    assert!(login.is_login(), "{}", login.html);
    let consent = browser.sign_in(&login, user).await;
    assert!(consent.is_consent(), "{}", consent.html);
    browser.press(&consent.consent_form("allow")).await
}

#[tokio::test]
async fn a_web_app_sends_its_user_who_signs_in_and_allows_and_it_redeems_the_code() {
    let world = World::new().await;
    let browser = Browser::new(&world);
    let pkce = Pkce::new();
    let form = world.authorization("teahouse", &pkce).with("nonce", "n".repeat(64));
    let page = allow(&browser, &form, "alice").await;

    assert_eq!(page.status, 303);
    assert!(page.location().unwrap().starts_with(&format!("{}?code=", callback("teahouse"))));
    assert_eq!(page.sent_back("state").as_deref(), Some("state of a web app"));
    assert_eq!(page.sent_back("iss").as_deref(), Some(world.base.as_str()));
    let code = page.sent_back("code").unwrap();
    let tokens = world.redeem("teahouse", &code, &pkce).await.ok();
    assert_eq!(tokens.text("scope"), "email openid phone profile");
    let claims = crate::support::jwt::claims(tokens.text("id_token"));
    assert_eq!(claims["nonce"], "n".repeat(64));
    assert_eq!(claims["auth_time"], world.clock.seconds());
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("preferred_username"), "alice");
}
