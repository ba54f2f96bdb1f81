//! A program's own page in a frame that keeps its cookies, as in Chromium, or drops them, as in WebKit:
//! its user is signed in all the same.
#![cfg(test)]

use minihost_e2e::{
    browser::Engine,
    phone::{Phone, on_a_phone},
};

#[tokio::test]
async fn a_program_keeps_its_session_whether_or_not_its_frame_keeps_cookies() {
    on_a_phone(async |_, phone| {
        let [id, name, email, _] = phone.sign_in_to("teahouse", &[]).await;
        assert!(name.contains("alice") && email.contains('@'));
        assert_eq!(keeps_cookies(phone).await, Engine::chosen() == Engine::Chromium);
        phone.expire_and_ask_again().await;
        assert_eq!(phone.greeting().await[0], id);
        phone.enter_program().await;
        phone.click("sign-out").await;
        phone.shown("continue").await;
        phone.leave_program().await;
        phone.tap_continue().await;
        assert_eq!(phone.greeting().await[0], id, "the account is the same");
    })
    .await;
}

async fn keeps_cookies(phone: &Phone<'_>) -> bool {
    let script = "document.cookie = 'a-cookie=of-the-test; SameSite=Lax';
                  return document.cookie.includes('a-cookie');";
    phone.in_program(script).await == true
}
