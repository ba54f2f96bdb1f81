//! The sample program whose backend is in Node: openid-client, unmodified, behind a page that asks the
//! host for its codes. `cargo xtask test e2e` installs it.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    web::{Web, on_the_web},
};
use tempfile::TempDir;

#[tokio::test]
async fn a_backend_in_node_signs_its_user_in_and_renews_its_access() {
    on_a_phone(async |_, phone| {
        let [id, name, email, number] = phone.sign_in_to("postcards", &[]).await;
        assert!(name.contains("alice") && email.contains("alice@") && number.starts_with('+'));
        phone.expire_and_ask_again().await;
        phone.enter_program().await;
        phone.shown("card-text").await.send_keys("Greetings from the quay").await.unwrap();
        phone.click("send-card").await;
        assert!(phone.text("cards").await.contains("Greetings from the quay"));
        phone.click("sign-out").await;
        phone.shown("continue").await;
        phone.leave_program().await;
        phone.tap_continue().await;
        assert_eq!(phone.greeting().await[0], id, "the account is found by the same id");
        phone.enter_program().await;
        assert!(phone.text("cards").await.contains("Greetings from the quay"));
        phone.leave_program().await;
    })
    .await;
}

#[tokio::test]
async fn where_its_refresh_token_is_refused_a_backend_in_node_asks_for_a_code_again() {
    on_a_phone(async |_, phone| {
        phone.open_program("postcards").await;
        phone.tap_continue().await;
        phone.allow_except(&["openid"]).await;
        assert_eq!(phone.program_error().await, "not_recognised");
        phone.tap_continue().await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
        phone.expire_everything_and_ask_again().await;
        assert_eq!(phone.program_error().await, "login_required");
        phone.tap_continue().await;
        phone.greeting().await;
        assert!(!phone.is_shown("consent-sheet").await, "the user agreed before");
    })
    .await;
}

#[tokio::test]
async fn in_a_tab_of_its_own_a_backend_in_node_sends_its_user_to_the_authorization_server() {
    on_the_web(async |_, web| {
        web.sign_in_to("postcards", "Postcard Shop", "bob").await;
        web.forge_an_answer("postcards").await;
    })
    .await;
}

async fn walk(screen: Screen, appearance: Appearance, locale: &str) {
    let nothing = TempDir::new().unwrap();
    let folder = nothing.path().to_str().unwrap();
    let name = |step: &str| format!("{step}-{screen:?}-{appearance:?}-{locale}").to_lowercase();
    let without = SampleHost::start_with(&["--postcards", folder]).await;
    let browser = Browser::start(screen, appearance).await;
    let phone = Phone::open_with(&without, &browser, &format!("?locale={locale}")).await;
    phone.sign_in("alice").await;
    assert!(phone.text("missing-postcards").await.contains("npm ci"));
    browser.screenshot(&name("postcards-0-missing")).await;

    let host = SampleHost::start().await;
    let phone = Phone::open_with(&host, &browser, &format!("?locale={locale}")).await;
    phone.sign_in("alice").await;
    phone.open_program("postcards").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    phone.leave_program().await;
    browser.screenshot(&name("postcards-1-signed-out")).await;
    phone.tap_continue().await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
    phone.enter_program().await;
    phone.shown("card-text").await.send_keys("Blue hills · 青山").await.unwrap();
    phone.click("send-card").await;
    phone.shown("cards").await;
    let web = Web::new(&host, &browser);
    assert_eq!(web.too_wide("html, body, .card").await, Vec::<String>::new());
    phone.leave_program().await;
    browser.screenshot(&name("postcards-2-signed-in")).await;
    browser.close().await;
}

#[tokio::test]
async fn wide_and_light_in_english() {
    walk(Screen::Desktop, Appearance::Light, "en").await;
}

#[tokio::test]
async fn narrow_and_dark_in_chinese() {
    walk(Screen::Narrow, Appearance::Dark, "zh-Hans").await;
}
