//! The main screens, written as pictures to be looked at: light and dark, narrow and wide, English
//! and Chinese. What can be measured of a look is: nothing is wider than its screen.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    phone::Phone,
    sample_host::SampleHost,
};

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
    phone.settled("consent-sheet").await;
    picture(&phone, &name("4-sheet")).await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
    picture(&phone, &name("5-greeting")).await;
    browser.close().await;
}

async fn picture(phone: &Phone<'_>, name: &str) {
    phone.browser.screenshot(name).await;
    let overflow = phone
        .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await;
    assert_eq!(overflow, 0, "{name}: the page is wider than its screen");
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
