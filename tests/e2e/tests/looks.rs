//! The main screens, written as pictures to be looked at: light and dark, narrow and wide, English
//! and Chinese. What can be measured of a look is: nothing is wider than its screen.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
};
use serde_json::json;

async fn walk(screen: Screen, appearance: Appearance, locale: &str) {
    let host = SampleHost::start().await;
    let browser = Browser::start(screen, appearance).await;
    let phone = Phone::open_with(&host, &browser, &format!("?locale={locale}")).await;
    let name = |step: &str| format!("{step}-{screen:?}-{appearance:?}-{locale}").to_lowercase();
    phone.shown("sign-in-username").await;
    picture(&phone, &name("1-sign-in")).await;
    phone.sign_in("alice").await;
    picture(&phone, &name("2-phone")).await;
    phone.open_program("teahouse").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    phone.leave_program().await;
    picture(&phone, &name("3-program")).await;
    phone.tap_continue().await;
    phone.shown("consent-sheet").await;
    phone.enabled("consent-allow").await;
    phone.settled("consent-sheet").await;
    picture(&phone, &name("4-sheet")).await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
    picture(&phone, &name("5-greeting")).await;
    phone.leave_open().await;
    phone.click("account").await;
    phone.click("manage-teahouse").await;
    phone.click("revoke-phone").await;
    phone.shown("settings-outcome").await;
    picture(&phone, &name("7-settings")).await;

    let doubtful = format!("{}?locale={locale}&manifest=lookalike", host.ready.simulator);
    browser.client.goto(&doubtful).await.unwrap();
    phone.be_asked_by("cinema").await;
    phone.enabled("consent-allow").await;
    phone.settled("consent-sheet").await;
    picture(&phone, &name("8-doubts")).await;
    phone.click("consent-close").await;
    phone.gone("consent-sheet").await;
    let code = json!({"scopes": ["openid"], "prompt": "login", "codeChallengeMethod": "S256",
        "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"});
    phone.speak_on_click(&[("auth.requestCode", code)]).await;
    phone.touch_program().await;
    phone.shown("sign-in-again").await;
    phone.settled("sign-in-again").await;
    picture(&phone, &name("9-sign-in-again")).await;
    browser.close().await;
}

async fn picture(phone: &Phone<'_>, name: &str) {
    phone.browser.screenshot(name).await;
    assert_eq!(too_wide(phone).await, Vec::<String>::new(), "{name}");
}

/// What is on screen and holds more than its width shows. Each part scrolls or cuts off by itself,
/// so that what is too wide in it does not show in the whole.
async fn too_wide(phone: &Phone<'_>) -> Vec<String> {
    const PARTS: &str = "html, .phone, .page, .window-bar, .window-view, .sheet, .sheet-body";
    let mut parts = measure(phone, PARTS).await;
    if phone.is_shown("mini-program-frame").await {
        phone.enter_program().await;
        let within = measure(phone, "html, body, .card").await;
        parts.extend(within.into_iter().map(|part| format!("program: {part}")));
        phone.leave_program().await;
    }
    parts
}

async fn measure(phone: &Phone<'_>, selector: &str) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('{selector}')] \
         .filter(part => part.checkVisibility() && part.scrollWidth > part.clientWidth) \
         .map(part => part.className || part.localName)"
    );
    serde_json::from_value(phone.run(&script).await).unwrap()
}

#[tokio::test]
async fn what_an_answer_means_stands_by_the_buttons_however_low_the_screen() {
    const IS_IN_VIEW: &str = "const hint = document.querySelector('[data-testid=consent-hint]'); \
         const { left, top, width, height } = hint.getBoundingClientRect(); \
         return document.elementFromPoint(left + width / 2, top + height / 2) === hint";
    on_a_phone(async |_, phone| {
        phone.run("document.querySelector('#phone').style.height = '520px'").await;
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.enabled("consent-allow").await;
        phone.settled("consent-sheet").await;
        assert!(phone.text("consent-hint").await.contains("30 days"));
        assert_eq!(phone.run(IS_IN_VIEW).await, true);
        for scope in ["openid", "profile", "email", "phone"] {
            phone.click(&format!("consent-scope-{scope}")).await;
        }
        assert!(phone.text("consent-hint").await.contains("same as Deny"));
        assert_eq!(phone.run(IS_IN_VIEW).await, true);
    })
    .await;
}

#[tokio::test]
async fn the_measure_sees_what_is_too_wide_wherever_it_is() {
    const WIDEN: &str = "const wide = document.createElement('p'); wide.style.width = '9999px'; \
                         wide.textContent = 'wide'; document.querySelector('PLACE').append(wide)";
    on_a_phone(async |_, phone| {
        let widen = async |place: &str| phone.run(&WIDEN.replace("PLACE", place)).await;
        assert!(too_wide(phone).await.is_empty());
        widen("#page-home").await;
        assert_eq!(too_wide(phone).await, ["page"]);
        phone.be_asked_by("teahouse").await;
        phone.settled("consent-sheet").await;
        widen(".sheet-body").await;
        assert!(too_wide(phone).await.contains(&"sheet-body".to_owned()));
        phone.enter_program().await;
        widen("main .card").await;
        phone.leave_program().await;
        assert!(too_wide(phone).await.iter().any(|part| part.starts_with("program:")));
    })
    .await;
}

#[tokio::test]
async fn wide_and_light_in_english() {
    walk(Screen::Desktop, Appearance::Light, "en").await;
}

#[tokio::test]
async fn wide_and_dark_in_chinese() {
    walk(Screen::Desktop, Appearance::Dark, "zh-Hans").await;
}

#[tokio::test]
async fn narrow_and_light_in_chinese() {
    walk(Screen::Narrow, Appearance::Light, "zh-Hans").await;
}

#[tokio::test]
async fn narrow_and_dark_in_english() {
    walk(Screen::Narrow, Appearance::Dark, "en").await;
}
