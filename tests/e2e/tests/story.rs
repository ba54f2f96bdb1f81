//! What a user lives through, in a real browser.
#![cfg(test)]

use minihost_e2e::{
    eventually,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
};

#[tokio::test]
async fn a_user_allows_and_is_greeted_and_is_not_asked_twice() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
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
async fn who_does_not_want_to_be_recognised_is_told_what_follows_and_asked_again() {
    on_a_phone(async |_, phone| {
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.allow_except(&["openid"]).await;
        assert_eq!(phone.program_error().await, "not_recognised");
        phone.browser.screenshot("6-not-recognised").await;
        phone.recorded("delivered", None).await;
        phone.enter_program().await;
        assert!(phone.text("error").await.contains("recognised"));
        assert!(!phone.is_shown("greeting").await && !phone.is_shown("user-email").await);
        phone.leave_program().await;

        phone.tap_continue().await;
        phone.shown("consent-scope-openid").await;
        assert!(!phone.is_shown("consent-scope-email").await, "that is shared already");
        phone.allow_except(&[]).await;
        let [id, name, ..] = phone.greeting().await;
        assert!(!id.is_empty() && name.contains("alice"));
    })
    .await;
}

#[tokio::test]
async fn who_shares_no_more_than_before_comes_in_all_the_same() {
    on_a_phone(async |_, phone| {
        let before = phone.sign_in_to("teahouse", &["phone"]).await;
        phone.enter_program().await;
        phone.click("sign-out").await;
        phone.leave_program().await;
        phone.tap_continue().await;
        phone.shown("consent-scope-phone").await;
        phone.deny().await;
        assert_eq!(phone.greeting().await, before);
        phone.recorded("delivered", None).await;
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
        phone.recorded("refused", Some("user_denied")).await;
        let read_out = "return document.querySelector('[data-testid=events] li').textContent";
        let read_out = phone.run(read_out).await;
        assert!(read_out.as_str().unwrap().contains("Refused user_denied"), "{read_out}");
        phone.close_program().await;
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        assert_eq!(phone.program_error().await, "cooldown");
        phone.recorded("refused", Some("cooldown")).await;
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
        phone.expire_and_ask_again().await;
        phone.enter_program().await;
        assert!(phone.text("user-email").await.contains('@'));
    })
    .await;
}

#[tokio::test]
async fn closing_while_the_sheet_is_up_leaves_both_sides_clear() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
        phone.close_program().await;
        phone.gone("consent-sheet").await;
        phone.shown("program-teahouse").await;
        phone.recorded("documentGone", None).await;
        phone.sign_in_to("teahouse", &[]).await;
    })
    .await;
}

#[tokio::test]
async fn reloading_the_page_while_the_sheet_is_up_takes_the_sheet_away() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
        phone.enter_program().await;
        phone.run("location.reload()").await;
        phone.leave_program().await;
        phone.gone("consent-sheet").await;
        phone.recorded("documentGone", None).await;
        phone.tap_continue().await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_programs_and_the_next_user_is_asked_anew() {
    on_a_phone(async |_, phone| {
        let [alices_id, ..] = phone.sign_in_to("teahouse", &[]).await;
        phone.leave_open().await;
        phone.sign_in_to("cinema", &[]).await;
        phone.leave_open().await;
        assert_eq!(phone.open_programs().await, 2);
        phone.sign_out().await;
        assert_eq!(phone.open_programs().await, 0);
        assert_eq!(phone.typed("sign-in-username").await, "");
        phone.attempt_sign_in("bob", "not his password").await;
        assert!(!phone.text("sign-in-error").await.is_empty());
        phone.sign_in("bob").await;
        phone.be_asked_by("teahouse").await;
        assert!(phone.text("consent-account").await.contains("bob"));
        phone.allow_except(&[]).await;
        let [bobs_id, name, ..] = phone.greeting().await;
        assert!(name.contains("bob"));
        assert_ne!(bobs_id, alices_id);
    })
    .await;
}

#[tokio::test]
async fn who_guesses_passwords_is_told_how_long_to_wait() {
    on_a_phone(async |_, phone| {
        phone.sign_out().await;
        eventually("a wait in seconds", async || {
            phone.attempt_sign_in("alice", "a wrong password").await;
            let told = phone.text("sign-in-error").await;
            (told.contains("Try again in") && told.contains("second")).then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn two_programs_side_by_side_keep_to_themselves() {
    on_a_phone(side_by_side).await;
}

async fn side_by_side(_: &SampleHost, phone: &Phone<'_>) {
    let tea = phone.sign_in_to("teahouse", &[]).await;
    mark_the_page(phone).await;
    phone.leave_open().await;
    let cinema = phone.sign_in_to("cinema", &[]).await;
    mark_the_page(phone).await;
    assert_eq!(phone.open_programs().await, 2);
    assert_ne!(tea[0], cinema[0], "one user, known by two ids");
    assert_eq!(tea[1], cinema[1]);

    phone.leave_open().await;
    phone.open_program("teahouse").await;
    assert_eq!(phone.greeting().await, tea);
    phone.enter_program().await;
    phone.click("sign-out").await;
    phone.shown("continue").await;
    phone.leave_program().await;
    phone.leave_open().await;
    phone.open_program("cinema").await;
    assert_eq!(phone.greeting().await, cinema, "signing out of the one is not seen in the other");
    phone.expire_and_ask_again().await;
    assert_eq!(phone.greeting().await, cinema);
    assert!(is_marked(phone).await, "it was never loaded again");

    phone.leave_open().await;
    phone.open_program("teahouse").await;
    phone.tap_continue().await;
    assert_eq!(phone.greeting().await, tea);
    assert!(is_marked(phone).await);
    assert_eq!(phone.open_programs().await, 2);
}

async fn mark_the_page(phone: &Phone<'_>) {
    phone.enter_program().await;
    phone.run("window.marked = true").await;
    phone.leave_program().await;
}

async fn is_marked(phone: &Phone<'_>) -> bool {
    phone.enter_program().await;
    let marked = phone.run("return window.marked === true").await;
    phone.leave_program().await;
    marked == true
}

#[tokio::test]
async fn nothing_of_a_user_is_open_for_the_next_one() {
    on_a_phone(async |_, phone| {
        let [alices_id, ..] = phone.sign_in_to("teahouse", &[]).await;
        phone.leave_open().await;
        phone.be_asked_by("cinema").await;
        phone.click("sign-in-as-bob").await;
        phone.gone("consent-sheet").await;
        phone.all_closed().await;
        phone.recorded("refused", Some("account_changed")).await;

        phone.be_asked_by("teahouse").await;
        assert!(phone.text("consent-account").await.contains("bob"));
        phone.allow_except(&[]).await;
        let [bobs_id, name, ..] = phone.greeting().await;
        assert!(name.contains("bob"));
        assert_ne!(bobs_id, alices_id);
    })
    .await;
}
