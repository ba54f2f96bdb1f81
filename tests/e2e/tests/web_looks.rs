//! The pages of a sign-in outside a host, written as pictures to be looked at: light and dark, narrow
//! and wide, English and Chinese. What can be measured of a look is: nothing is wider than its screen.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    phone::Phone,
    sample_host::SampleHost,
    web::Web,
};

const PARTS: &str = "html, body, main, .card, .page, .records, .bar";

async fn walk(screen: Screen, appearance: Appearance, language: &str) {
    let host = SampleHost::start().await;
    let browser = Browser::start_for(screen, appearance, language).await;
    let web = Web::new(&host, &browser);
    let name =
        |step: &str| format!("web-{step}-{screen:?}-{appearance:?}-{language}").to_lowercase();
    let picture = async |step: &str| {
        web.browser.screenshot(&name(step)).await;
        assert_eq!(web.too_wide(PARTS).await, Vec::<String>::new(), "{}", name(step));
    };
    web.goto_program("teahouse", "/").await;
    web.shown("[data-testid=browser-sign-in]").await;
    picture("1-alone").await;
    web.click("[data-testid=browser-sign-in]").await;
    web.click("a[href^=\"/login/app\"]").await;
    let code = web.text("#user-code").await;
    picture("2-app").await;

    let locale = if language.starts_with("zh") { "zh-Hans" } else { "en" };
    let waiting = web.second_window().await;
    let phone = Phone::open_with(&host, &browser, &format!("?locale={locale}")).await;
    phone.sign_in("alice").await;
    phone.click("account").await;
    phone.shown("open-approve").await;
    picture("3-account").await;
    phone.click("open-approve").await;
    web.fill("[data-testid=approve-code]", &code).await;
    picture("4-approve").await;
    phone.click("approve-find").await;
    phone.shown("approve-yes").await;
    picture("5-asks").await;
    phone.click("approve-yes").await;
    phone.shown("approve-close").await;
    picture("6-approved").await;

    web.back_to(waiting).await;
    web.shown("button[value=allow]").await;
    picture("7-consent").await;
    web.allow("30d").await;
    web.shown("[data-testid=link-yes]").await;
    picture("8-link").await;
    web.click("[data-testid=link-yes]").await;
    web.shown("[data-testid=greeting]").await;
    picture("9-signed-in").await;
    web.click("[data-testid=order-tea][aria-disabled=false]").await;
    web.shown("[data-testid=orders] li").await;
    web.goto_program("teahouse", "/orders").await;
    web.shown(".record").await;
    picture("10-orders").await;
    web.goto_program("teahouse", "/orders/99").await;
    web.shown("[data-testid=error]").await;
    picture("11-not-yours").await;
    web.goto_program("cinema", "/tickets").await;
    web.allow("once").await;
    web.shown("[data-part=none]").await;
    picture("12-tickets").await;
    web.goto_server("/device").await;
    web.shown("input[name=user_code]").await;
    picture("13-device").await;
    browser.close().await;
}

#[tokio::test]
async fn wide_and_light_in_english() {
    walk(Screen::Desktop, Appearance::Light, "en-US").await;
}

#[tokio::test]
async fn wide_and_dark_in_chinese() {
    walk(Screen::Desktop, Appearance::Dark, "zh-CN").await;
}

#[tokio::test]
async fn narrow_and_light_in_chinese() {
    walk(Screen::Narrow, Appearance::Light, "zh-CN").await;
}

#[tokio::test]
async fn narrow_and_dark_in_english() {
    walk(Screen::Narrow, Appearance::Dark, "en-US").await;
}
