//! What a user lives through, in a real browser.
#![cfg(test)]

use minihost_e2e::{
    authorization_server::AuthorizationServer,
    browser::{Appearance, Browser, Screen},
    leaks::Minted,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
    sockets,
};

#[tokio::test]
async fn a_user_allows_and_is_greeted_and_is_not_asked_twice() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        assert!(phone.text("consent-name").await.contains("Tea House"));
        assert!(phone.text("consent-publisher").await.contains("Qinghe Tea Ltd"));
        assert!(phone.text("consent-account").await.contains("alice"));
        for scope in ["openid", "profile", "email", "phone"] {
            phone.shown(&format!("consent-scope-{scope}")).await;
        }
        phone.allow_except(&[]).await;
        let [id, name, email, number] = phone.greeting().await;
        assert!(!id.is_empty() && name.contains("alice"));
        assert!(email.contains('@') && number.starts_with('+'), "{email} {number}");

        phone.enter_program().await;
        phone.click("sign-out").await;
        phone.shown("continue").await;
        phone.leave_program().await;
        phone.close_program().await;
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        let [again, ..] = phone.greeting().await;
        assert_eq!(again, id, "the same account is found by the same pairwise id");
        assert!(!phone.is_shown("consent-sheet").await);
    })
    .await;
}

#[tokio::test]
async fn a_cleared_box_is_not_shared() {
    on_a_phone(async |_, phone| {
        let [_, _, email, _] = phone.sign_in_to("teahouse", &["phone"]).await;
        assert!(email.contains('@'));
        phone.enter_program().await;
        let number = phone.shown("user-phone").await;
        assert_eq!(number.attr("data-shared").await.unwrap().as_deref(), Some("false"));
    })
    .await;
}

#[tokio::test]
async fn a_denial_is_told_and_the_program_must_wait() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.deny().await;
        assert_eq!(phone.program_error().await, "user_denied");
        phone.close_program().await;
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        assert_eq!(phone.program_error().await, "cooldown");
        assert!(!phone.is_shown("consent-sheet").await);
        phone.close_program().await;
        phone.sign_in_to("cinema", &[]).await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_token_is_refreshed_and_the_page_says_so() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        phone.enter_program().await;
        phone.click("details").await;
        phone.shown("user-email").await;
        assert!(!phone.is_shown("refreshed").await, "a living token needs no refresh");
        phone.leave_program().await;
        expire_and_ask_again(phone).await;
        phone.enter_program().await;
        assert!(phone.text("user-email").await.contains('@'));
    })
    .await;
}

async fn expire_and_ask_again(phone: &Phone<'_>) {
    phone.click("steer-expire-access").await;
    phone.shown("steered").await;
    phone.enter_program().await;
    phone.click("details").await;
    phone.shown("refreshed").await;
    phone.leave_program().await;
}

#[tokio::test]
async fn closing_while_the_sheet_is_up_leaves_both_sides_clear() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        phone.close_program().await;
        phone.gone("consent-sheet").await;
        phone.shown("program-teahouse").await;
        phone.sign_in_to("teahouse", &[]).await;
    })
    .await;
}

#[tokio::test]
async fn reloading_the_page_while_the_sheet_is_up_takes_the_sheet_away() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        phone.enter_program().await;
        phone.run("location.reload()").await;
        phone.leave_program().await;
        phone.gone("consent-sheet").await;
        phone.tap_continue().await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_programs_and_the_next_user_is_asked_anew() {
    on_a_phone(async |_, phone| {
        let [alices_id, ..] = phone.sign_in_to("cinema", &[]).await;
        phone.close_program().await;
        phone.sign_out().await;
        phone.attempt_sign_in("bob", "not his password").await;
        assert!(!phone.text("sign-in-error").await.is_empty());
        phone.sign_in("bob").await;
        phone.open_program("cinema").await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        assert!(phone.text("consent-account").await.contains("bob"));
        phone.allow_except(&[]).await;
        let [bobs_id, name, ..] = phone.greeting().await;
        assert!(name.contains("bob"));
        assert_ne!(bobs_id, alices_id);
    })
    .await;
}

#[tokio::test]
async fn two_programs_know_the_same_user_by_different_ids() {
    on_a_phone(async |_, phone| {
        let [at_the_tea_house, tea_name, ..] = phone.sign_in_to("teahouse", &[]).await;
        phone.close_program().await;
        let [at_the_cinema, cinema_name, ..] = phone.sign_in_to("cinema", &[]).await;
        assert_ne!(at_the_tea_house, at_the_cinema);
        assert_eq!(tea_name, cinema_name);
    })
    .await;
}

#[tokio::test]
async fn nothing_secret_is_logged_or_stored_in_clear_and_nothing_leaves_this_machine() {
    let host = SampleHost::start().await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let phone = Phone::open(&host, &browser).await;
    phone.sign_in("alice").await;
    phone.sign_in_to("teahouse", &[]).await;
    phone.close_program().await;
    phone.sign_in_to("cinema", &[]).await;
    expire_and_ask_again(&phone).await;
    phone.enter_program().await;
    let page = phone.run("return document.documentElement.outerHTML").await;
    phone.leave_program().await;
    browser.close().await;

    sockets::assert_all_on_this_machine(host.pid());
    the_search_finds_what_is_there(&host).await;
    let minted = Minted::of(&host.data_dir().join("authorization-server.sqlite"), &host.ready);
    assert!(minted.count() >= 12, "codes, challenges, tokens, secrets of two programs and a host");
    let nothing = Vec::<String>::new();
    assert_eq!(minted.found_in(page.as_str().unwrap().as_bytes()), nothing);
    assert_eq!(minted.found_below(host.data_dir()), nothing);

    let stopped = host.stop().await;
    assert!(stopped.success, "Ctrl-C ends it well");
    assert!(stopped.log.contains("TRACE"), "everything was logged");
    assert_eq!(minted.found_in(stopped.log.as_bytes()), nothing);
    assert_eq!(minted.found_below(stopped.data_dir()), nothing);
}

async fn the_search_finds_what_is_there(host: &SampleHost) {
    let server = AuthorizationServer::discover(host).await;
    let program = host.program("teahouse");
    let verifier = "0123456789-0123456789-0123456789-0123456789";
    let subject = server.sign_in("alice").await.text("access_token");
    let code = server.challenge(program, &subject, verifier, &[]).await.text("authorization_code");
    let tokens = server.redeem(program, &code, verifier, &program.redirect_uri).await;
    let minted = Minted::of(&host.data_dir().join("authorization-server.sqlite"), &host.ready);
    for secret in [
        &subject,
        &code,
        verifier,
        &tokens.text("access_token"),
        &tokens.text("refresh_token"),
        &host.ready.host.client_secret,
        host.password("alice"),
    ] {
        let log = format!("INFO something=\"x{secret}\" else");
        let shorter = &log[..log.len() - 10];
        assert!(!minted.found_in(format!("a={secret}&b").as_bytes()).is_empty());
        assert!(!minted.found_in(log.as_bytes()).is_empty());
        assert!(minted.found_in(shorter.as_bytes()).is_empty(), "a part is not the whole");
    }
}
