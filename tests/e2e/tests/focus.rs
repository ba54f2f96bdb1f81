//! Where the keyboard is, and in which language the frame around a program speaks.
#![cfg(test)]

use fantoccini::key::Key;
use minihost_e2e::{eventually, phone::on_a_phone};

#[tokio::test]
async fn the_focus_follows_what_the_user_does() {
    on_a_phone(async |_, phone| {
        phone.focus_on("#home-title").await;
        phone.open_program("teahouse").await;
        phone.focus_on("section[aria-label=\"Tea House\"]").await;
        phone.leave_open().await;
        phone.focus_on("[data-testid=program-teahouse]").await;
        phone.open_program("teahouse").await;
        phone.close_program().await;
        phone.focus_on("[data-testid=program-teahouse]").await;
        phone.sign_out().await;
        phone.focus_on("#sign-in-username").await;
        phone.run("location.reload()").await;
        phone.focus_on("#sign-in-username").await;
    })
    .await;
}

#[tokio::test]
async fn the_sheet_keeps_the_keyboard() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
        phone.focus_on("[data-testid=consent-sheet]").await;
        phone.enabled("consent-allow").await;
        phone.run("document.querySelector('[data-testid=consent-allow]').focus()").await;
        phone.run("document.dispatchEvent(new Event('visibilitychange'))").await;
        phone.focus_on("[data-testid=consent-allow][aria-disabled=true]").await;

        phone.run("document.activeElement.blur()").await;
        phone.press(Key::Tab).await;
        phone.focus_on("[data-testid=consent-sheet] button").await;
        phone.run("document.querySelector('[data-testid=leave-program]').focus()").await;
        phone.press(Key::Escape).await;
        phone.gone("consent-sheet").await;
        assert_eq!(phone.program_error().await, "user_cancelled");
    })
    .await;
}

#[tokio::test]
async fn the_title_bar_speaks_the_language_that_is_chosen() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        assert_eq!(phone.text("program-title").await, "Tea House");
        phone.run("document.querySelector('[data-testid=locale-zh-Hans]').click()").await;
        eventually("the title in Chinese", async || {
            (phone.text("program-title").await == "清和茶馆").then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_tab_that_lost_the_phone_can_do_nothing_but_take_it_back() {
    on_a_phone(async |host, phone| {
        let client = &phone.browser.client;
        let old = client.window().await.unwrap();
        let new = client.new_window(true).await.unwrap();
        client.switch_to_window(new.handle).await.unwrap();
        client.goto(&host.ready.simulator).await.unwrap();
        phone.shown("program-teahouse").await;
        client.close_window().await.unwrap();
        client.switch_to_window(old).await.unwrap();
        phone.focus_on("#ended-reload").await;
        let alive = "return [...document.querySelectorAll('button, input')].filter(control => \
                     !control.closest('[inert]') && control.checkVisibility()).map(({ id }) => id)";
        assert_eq!(phone.run(alive).await, serde_json::json!(["ended-reload"]));
        phone.click("ended-reload").await;
        phone.shown("program-teahouse").await;
    })
    .await;
}
