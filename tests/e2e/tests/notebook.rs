//! The sample program that has no backend: its page redeems codes, reads the user's details, and
//! renews its access, in the host app and in a browser's tab of its own.
#![cfg(test)]

use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    web::{Web, on_the_web},
};

/// What lies in storage, in the page's text and in its address: nothing of it may be a secret.
const EVERYTHING: &str = "return JSON.stringify([localStorage, sessionStorage, document.cookie,
    document.documentElement.outerHTML, location.href, history.state, window.name])";

#[tokio::test]
async fn a_page_without_a_backend_knows_its_user_again_and_renews_its_access_by_itself() {
    on_a_phone(async |_, phone| {
        let [id, name, email, number] = phone.sign_in_to("notebook", &[]).await;
        assert!(name.contains("alice") && email.contains("alice@"), "{name} {email}");
        assert_eq!(number, "not shared");
        write_down(phone, "Call the tea house").await;
        phone.expire_and_ask_again().await;
        let page = phone.in_program(EVERYTHING).await;
        let found = phone.minted().found_in(page.as_str().unwrap().as_bytes());
        assert_eq!(found, Vec::<String>::new(), "tokens stay in memory");

        // A new page has no tokens. It is given a code without a question, and finds the notes.
        reload_and_be_greeted(phone).await;
        assert_eq!(phone.greeting().await[0], id);
        phone.enter_program().await;
        assert!(phone.text("notes").await.contains("Call the tea house"));
        phone.click("sign-out").await;
        phone.shown("continue").await;
        assert!(!phone.is_shown("notes").await);
        phone.leave_program().await;
    })
    .await;
}

#[tokio::test]
async fn a_user_who_shares_a_part_is_known_again_with_that_part() {
    on_a_phone(async |_, phone| {
        let [id, _, email, _] = phone.sign_in_to("notebook", &["email"]).await;
        assert_eq!(email, "not shared");
        reload_and_be_greeted(phone).await;
        let [id_again, _, email, _] = phone.greeting().await;
        assert_eq!((id_again, email.as_str()), (id, "not shared"));
        phone.enter_program().await;
        assert!(!phone.is_shown("error").await);
        phone.leave_program().await;
    })
    .await;
}

#[tokio::test]
async fn who_stops_sharing_is_asked_again() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("notebook", &[]).await;
        phone.enter_program().await;
        phone.click("stop-sharing").await;
        phone.shown("continue").await;
        assert!(!phone.is_shown("stop-sharing").await);
        phone.enabled("continue").await;
        phone.leave_program().await;
        phone.tap_continue().await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
    })
    .await;
}

#[tokio::test]
async fn where_its_refresh_token_is_refused_the_page_asks_for_a_code_again() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("notebook", &[]).await;
        phone.expire_everything_and_ask_again().await;
        assert_eq!(phone.program_error().await, "login_required");
        phone.tap_continue().await;
        phone.greeting().await;
        assert!(!phone.is_shown("consent-sheet").await, "the user agreed before");
    })
    .await;
}

#[tokio::test]
async fn a_denial_and_a_user_who_will_not_be_recognised_are_told_in_words() {
    on_a_phone(async |_, phone| {
        phone.open_program("notebook").await;
        phone.tap_continue().await;
        phone.allow_except(&["openid"]).await;
        assert_eq!(phone.program_error().await, "not_recognised");
        phone.tap_continue().await;
        phone.deny().await;
        assert_eq!(phone.program_error().await, "user_denied");
        phone.enter_program().await;
        assert!(!phone.is_shown("greeting").await);
        phone.leave_program().await;
    })
    .await;
}

#[tokio::test]
async fn in_a_tab_of_its_own_the_authorization_servers_pages_sign_its_user_in() {
    on_the_web(async |_, web| {
        web.sign_in_to("notebook", "Pocket Notes", "alice").await;
        web.forge_an_answer("notebook").await;
        assert!(!web.is_shown("[data-testid=greeting]").await);
    })
    .await;
}

/// Loads the program's page anew, and waits for it to greet its user without a question to them.
async fn reload_and_be_greeted(phone: &Phone<'_>) {
    phone.enter_program().await;
    phone.run("window.isOld = true; location.reload()").await;
    eventually("the new page's greeting", async || {
        let script = "return window.isOld === undefined
            && document.querySelector('[data-testid=greeting]')?.textContent !== ''";
        let greets = phone.browser.client.execute(script, Vec::new()).await.ok()?;
        (greets == true).then_some(())
    })
    .await;
    phone.leave_program().await;
    assert!(!phone.is_shown("consent-sheet").await);
}

async fn write_down(phone: &Phone<'_>, note: &str) {
    phone.enter_program().await;
    phone.shown("note").await.send_keys(note).await.unwrap();
    phone.click("add-note").await;
    assert!(phone.text("notes").await.contains(note));
    phone.leave_program().await;
}

async fn walk(screen: Screen, appearance: Appearance, locale: &str) {
    let host = SampleHost::start().await;
    let browser = Browser::start(screen, appearance).await;
    let phone = Phone::open_with(&host, &browser, &format!("?locale={locale}")).await;
    let name = |step: &str| format!("{step}-{screen:?}-{appearance:?}-{locale}").to_lowercase();
    phone.sign_in("alice").await;
    phone.open_program("notebook").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    phone.leave_program().await;
    browser.screenshot(&name("notebook-1-signed-out")).await;
    phone.tap_continue().await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
    write_down(&phone, "Buy stamps · 买邮票").await;
    browser.screenshot(&name("notebook-2-signed-in")).await;
    phone.enter_program().await;
    let web = Web::new(&host, &browser);
    assert_eq!(web.too_wide("html, body, .card").await, Vec::<String>::new());
    phone.leave_program().await;
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
