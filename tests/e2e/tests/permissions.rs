//! For how long a user agrees, whom they agree with, what they take back, and signing in again.
#![cfg(test)]

use fantoccini::key::Key;
use minihost_e2e::{
    eventually,
    phone::{Phone, on_a_phone},
};
use serde_json::{Value, json};

fn request_code(scopes: &[&str], prompt: &str) -> (&'static str, Value) {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let params = json!({"scopes": scopes, "prompt": prompt, "codeChallenge": challenge,
        "codeChallengeMethod": "S256"});
    ("auth.requestCode", params)
}

fn reason(answer: &Value) -> &str {
    answer["error"]["data"]["reason"].as_str().unwrap_or_default()
}

async fn says(phone: &Phone<'_>, id: &str, words: &str) {
    eventually(&format!("“{words}” in `{id}`"), async || {
        phone.text(id).await.contains(words).then_some(())
    })
    .await;
}

async fn sign_out_of_program(phone: &Phone<'_>) {
    phone.enter_program().await;
    phone.click("sign-out").await;
    phone.shown("continue").await;
    phone.leave_program().await;
}

#[tokio::test]
async fn who_agrees_until_they_stop_it_is_told_so_and_not_asked_again() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
        says(phone, "consent-hint", "30 days").await;
        phone.click("consent-remember-untilRevoked").await;
        says(phone, "consent-hint", "until you take it back").await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
        sign_out_of_program(phone).await;
        phone.tap_continue().await;
        phone.greeting().await;
        phone.leave_open().await;
        phone.click("account").await;
        says(phone, "grants-teahouse", "until you take it back").await;
    })
    .await;
}

#[tokio::test]
async fn who_agrees_once_is_asked_again_the_next_time() {
    on_a_phone(async |_, phone| {
        phone.be_asked_by("teahouse").await;
        // By keyboard: from the first duration to the last.
        phone
            .run("document.querySelector('[data-testid=consent-remember-thirtyDays]').focus()")
            .await;
        phone.press(Key::Left).await;
        phone.focus_on("[data-testid=consent-remember-once]:checked").await;
        says(phone, "consent-hint", "asked again").await;
        phone.allow_except(&[]).await;
        phone.greeting().await;
        sign_out_of_program(phone).await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        phone.deny().await;
        phone.leave_open().await;
        phone.click("account").await;
        says(phone, "grants", "Nothing yet").await;
    })
    .await;
}

#[tokio::test]
async fn a_signed_program_comes_without_a_warning_and_a_lookalike_with_every_one() {
    on_a_phone(async |host, phone| {
        phone.be_asked_by("cinema").await;
        assert!(!phone.is_shown("banner-unsigned").await);
        for warning in ["unsigned", "mixedScripts", "looksLikeHost"] {
            assert!(!phone.is_shown(&format!("consent-warning-{warning}")).await, "{warning}");
        }
        phone.click("consent-close").await;
        phone.gone("consent-sheet").await;

        let steered = async |manifest: &str| {
            let address = format!("{}?manifest={manifest}", host.ready.simulator);
            phone.browser.client.goto(&address).await.unwrap();
        };
        steered("unsigned").await;
        phone.be_asked_by("teahouse").await;
        phone.shown("banner-unsigned").await;
        phone.shown("consent-warning-unsigned").await;
        assert!(!phone.is_shown("consent-warning-looksLikeHost").await);
        phone.allow_except(&[]).await;
        phone.greeting().await;

        steered("published").await;
        phone.open_program("teahouse").await;
        phone.tap_continue().await;
        phone.shown("consent-sheet").await;
        assert!(
            !phone.is_shown("banner-unsigned").await,
            "what nobody signed was granted nothing here"
        );
        phone.allow_except(&[]).await;
        phone.greeting().await;

        steered("lookalike").await;
        phone.be_asked_by("cinema").await;
        assert_eq!(phone.text("consent-name").await, "Harb\u{43e}ur");
        assert!(phone.text("consent-warning-mixedScripts").await.contains("mixes alphabets"));
        assert!(phone.text("consent-warning-looksLikeHost").await.contains("is not Harbour"));
    })
    .await;
}

#[tokio::test]
async fn a_program_shows_its_user_what_they_granted_and_they_take_it_back() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        phone
            .speak_on_click(&[("host.openSettings", json!({})), ("auth.getGrants", json!({}))])
            .await;
        phone.touch_program().await;
        phone.focus_on("#settings-title").await;
        assert_eq!(phone.text("settings-name").await, "Tea House");
        phone.click("revoke-email").await;
        says(phone, "settings-outcome", "Email address").await;
        says(phone, "settings-grants", "Phone number").await;
        assert!(!phone.is_shown("revoke-email").await);
        phone.run("document.querySelector('[data-testid=revoke-all]').focus()").await;
        phone.press(Key::Enter).await;
        says(phone, "settings-outcome", "access has ended").await;
        assert!(phone.text("settings-empty").await.contains("Tea House"));
        assert!(!phone.is_shown("revoke-all").await);

        phone.click("settings-back").await;
        phone.shown("mini-program-frame").await;
        assert_eq!(phone.answer_to(1).await["result"], json!({}));
        phone.touch_program().await;
        assert_eq!(phone.answer_to(2).await["result"]["grants"], json!([]));
        phone.enter_program().await;
        let told =
            phone.run("return window.answers.filter(a => a.method).map(a => a.method)").await;
        assert!(told.to_string().contains("auth.sessionChanged"), "{told}");
        phone.run("location.reload()").await;
        phone.leave_program().await;
        phone.tap_continue().await;
        phone.shown("consent-scope-email").await;
        phone.shown("consent-scope-phone").await;
    })
    .await;
}

#[tokio::test]
async fn the_user_takes_back_one_thing_in_their_account() {
    on_a_phone(async |_, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        phone.leave_open().await;
        phone.click("account").await;
        phone.click("manage-teahouse").await;
        phone.focus_on("#settings-title").await;
        phone.click("revoke-phone").await;
        says(phone, "settings-outcome", "Phone number").await;
        phone.click("settings-back").await;
        phone.focus_on("[data-testid=manage-teahouse]").await;
        assert!(!phone.text("grants-teahouse").await.contains("Phone number"));
        phone.click("home").await;
        phone.open_program("teahouse").await;
        phone.speak_on_click(&[request_code(&["phone", "email"], "auto")]).await;
        phone.touch_program().await;
        phone.shown("consent-scope-phone").await;
        assert!(!phone.is_shown("consent-scope-email").await, "that still holds");
    })
    .await;
}

#[tokio::test]
async fn a_program_has_its_user_sign_in_again() {
    on_a_phone(async |host, phone| {
        phone.sign_in_to("teahouse", &[]).await;
        let again = || request_code(&["openid"], "login");
        phone
            .speak_on_click(&[again(), again(), request_code(&["openid"], "select_account")])
            .await;
        phone.touch_program().await;
        phone.shown("sign-in-again").await;
        phone.focus_on("[data-testid=sign-in-again-password]").await;
        assert_eq!(phone.typed("sign-in-again-username").await, "alice");
        phone.press(Key::Escape).await;
        phone.gone("sign-in-again").await;
        assert_eq!(reason(&phone.answer_to(1).await), "user_cancelled");

        phone.touch_program().await;
        let submit = async |username: Option<&str>, password: &str| {
            if let Some(username) = username {
                let field = phone.shown("sign-in-again-username").await;
                field.clear().await.unwrap();
                field.send_keys(username).await.unwrap();
            }
            let field = phone.shown("sign-in-again-password").await;
            field.clear().await.unwrap();
            field.send_keys(password).await.unwrap();
            phone.click("sign-in-again-submit").await;
        };
        submit(None, "not her password").await;
        assert!(phone.text("sign-in-again-error").await.contains("wrong"));
        submit(None, host.password("alice")).await;
        phone.gone("sign-in-again").await;
        assert!(phone.answer_to(2).await["result"]["code"].is_string());

        phone.touch_program().await;
        submit(Some("bob"), host.password("bob")).await;
        assert!(phone.text("consent-account").await.contains("bob"));
        phone.allow_except(&[]).await;
        assert!(phone.answer_to(3).await["result"]["code"].is_string());
        assert_eq!(phone.open_programs().await, 1, "the program that asked stays open");
    })
    .await;
}
