//! The programs opened in a browser outside a host: their users sign in at the authorization server.
#![cfg(test)]

use minihost_e2e::{
    eventually,
    phone::Phone,
    sample_host::SampleHost,
    web::{Web, on_the_web},
};

#[tokio::test]
async fn a_user_signs_in_with_a_password_and_comes_to_the_page_first_asked_for() {
    on_the_web(async |_, web| {
        web.goto_program("cinema", "/tickets").await;
        web.sign_in("bob").await;
        web.at_server("/authorize").await;
        assert!(web.text("main").await.contains("Night Cinema"), "{}", web.text("main").await);
        for scope in ["openid", "profile", "email", "phone"] {
            web.shown(&format!("input[name=scope][value={scope}]")).await;
        }
        web.click("input[name=scope][value=phone]").await;
        web.allow("30d").await;
        web.at(&web.address("cinema", "/tickets")).await;
        assert_eq!(web.text("[data-testid=who]").await, "bob");

        web.click(".bar .home").await;
        web.shown("[data-testid=greeting]").await;
        assert!(web.text("[data-testid=user-email]").await.contains("bob@"));
        let phone = web.shown("[data-testid=user-phone]").await;
        assert_eq!(phone.attr("data-shared").await.unwrap().as_deref(), Some("false"));
        web.click("[data-testid=details]").await;
        eventually("the details of now", async || {
            web.text("[data-testid=status]").await.contains("as of").then_some(())
        })
        .await;

        // The login is recorded at the server, with what it was for.
        web.goto_server("/account").await;
        let account = web.text("main").await;
        assert!(account.contains("127.0.0.1") && account.contains("Password"), "{account}");
    })
    .await;
}

#[tokio::test]
async fn an_order_is_shown_to_who_placed_it_and_to_nobody_else() {
    on_the_web(async |_, web| {
        web.goto_program("teahouse", "/").await;
        web.click("[data-testid=browser-sign-in]").await;
        sign_in_and_allow(web, "bob", "once").await;
        web.at(&web.address("teahouse", "/")).await;
        web.shown("[data-testid=greeting]").await;
        web.click("[data-testid=order-tea][aria-disabled=false]").await;
        web.shown("[data-testid=orders] li").await;
        web.click("[data-testid=member-link]").await;
        web.click(".record a").await;
        web.at(&web.address("teahouse", "/orders/1")).await;
        assert!(web.text(".record").await.contains("#1"));
        web.click("[data-testid=sign-out]").await;
        web.at(&web.address("teahouse", "/")).await;
        web.goto_server("/account").await;
        web.click("form[action=\"/account/sign-out\"] button").await;
        web.at_server("/login").await;

        // Alice is sent to sign in, comes back to the page that she asked for, and it is not hers.
        web.goto_program("teahouse", "/orders/1").await;
        sign_in_and_allow(web, "alice", "once").await;
        web.click("[data-testid=link-no]").await;
        web.at(&web.address("teahouse", "/orders/1")).await;
        let error = web.shown("[data-testid=error]").await;
        assert_eq!(error.attr("data-reason").await.unwrap().as_deref(), Some("not_yours"));
        assert!(!web.is_shown(".record").await);
    })
    .await;
}

async fn sign_in_and_allow(web: &Web<'_>, username: &str, remember: &str) {
    web.sign_in(username).await;
    web.allow(remember).await;
}

#[tokio::test]
async fn the_account_of_a_customer_becomes_a_users_only_when_they_say_that_it_is_theirs() {
    on_the_web(async |_, web| {
        web.goto_program("teahouse", "/orders").await;
        sign_in_and_allow(web, "alice", "30d").await;
        web.at(&web.address("teahouse", "/link")).await;
        assert_eq!(web.text("[data-testid=link-email]").await, "alice@harbour.example");
        // Nobody is signed in before the answer, and leaving the page leaves it at that.
        web.goto_program("teahouse", "/").await;
        web.shown("[data-testid=browser-sign-in]").await;
        assert!(!web.is_shown("[data-testid=greeting]").await);

        web.goto_program("teahouse", "/orders").await;
        web.click("[data-testid=link-yes]").await;
        web.at(&web.address("teahouse", "/orders")).await;
        web.goto_program("teahouse", "/").await;
        assert_eq!(web.text("[data-testid=greeting]").await, "Welcome back, alice!");
        web.click("[data-testid=sign-out]").await;
        web.shown("[data-testid=browser-sign-in]").await;

        // From now on the account is known by the user's id, and nobody asks.
        web.goto_program("teahouse", "/orders").await;
        web.at(&web.address("teahouse", "/orders")).await;
        web.shown("[data-testid=who]").await;
    })
    .await;
}

#[tokio::test]
async fn a_denial_leads_back_with_nothing_shared_and_the_next_try_asks_again() {
    on_the_web(async |_, web| {
        web.goto_program("cinema", "/tickets").await;
        web.sign_in("bob").await;
        web.click("button[value=deny]").await;
        let error = web.shown("[data-testid=error]").await;
        assert_eq!(error.attr("data-reason").await.unwrap().as_deref(), Some("user_denied"));
        web.at(&web.address("cinema", "/")).await;
        assert!(!web.is_shown("[data-testid=greeting]").await);
        web.browser.screenshot("web-denied").await;
        // Still signed in at the server: it asks at once, and leads where the user wanted to go.
        web.click("[data-testid=browser-sign-in]").await;
        web.at_server("/authorize").await;
        web.allow("once").await;
        web.at(&web.address("cinema", "/tickets")).await;
    })
    .await;
}

#[tokio::test]
async fn signing_out_at_the_program_leaves_the_server_and_a_remembered_consent_skips_its_pages() {
    on_the_web(async |_, web| {
        web.goto_program("cinema", "/tickets").await;
        sign_in_and_allow(web, "bob", "until-revoked").await;
        web.at(&web.address("cinema", "/tickets")).await;
        web.click("[data-testid=sign-out]").await;
        web.at(&web.address("cinema", "/")).await;
        web.shown("[data-testid=browser-sign-in]").await;
        web.goto_server("/account").await;
        assert!(web.text("main").await.contains("bob"), "the server knows its user still");

        web.goto_program("cinema", "/tickets").await;
        web.at(&web.address("cinema", "/tickets")).await;
        assert_eq!(web.text("[data-testid=who]").await, "bob");
    })
    .await;
}

#[tokio::test]
async fn signing_out_at_the_server_leaves_the_program() {
    on_the_web(async |_, web| {
        web.goto_program("cinema", "/tickets").await;
        sign_in_and_allow(web, "bob", "30d").await;
        web.at(&web.address("cinema", "/tickets")).await;
        web.goto_server("/account").await;
        web.click("form[action=\"/account/sign-out\"] button").await;
        web.at_server("/login").await;

        web.goto_program("cinema", "/tickets").await;
        web.at(&web.address("cinema", "/tickets")).await;
        assert_eq!(web.text("[data-testid=who]").await, "bob");
        // For the other program the user is a stranger, and must sign in again.
        web.goto_program("teahouse", "/orders").await;
        web.at_server("/login").await;
    })
    .await;
}

#[tokio::test]
async fn a_user_of_the_host_app_approves_the_sign_in_in_a_second_window() {
    on_the_web(async |host, web| approve(host, web).await).await;
}

async fn approve(host: &SampleHost, web: &Web<'_>) {
    web.goto_program("cinema", "/tickets").await;
    web.at_server("/login").await;
    web.click("a[href^=\"/login/app\"]").await;
    let code = web.text("#user-code").await;
    web.learn(&code, "a user code");
    let browser = web.second_window().await;

    let phone = Phone::open(host, web.browser).await;
    phone.sign_in("bob").await;
    phone.click("account").await;
    phone.click("open-approve").await;
    web.fill("[data-testid=approve-code]", "bbbb bbbb").await;
    phone.click("approve-find").await;
    assert!(phone.text("approve-error").await.contains("No device waits"));
    web.fill("[data-testid=approve-code]", &code.to_lowercase()).await;
    phone.click("approve-find").await;
    let question = phone.text("approve-question").await;
    for told in ["browser wants to sign in", "Chrome · Linux", "127.0.0.1"] {
        assert!(question.contains(told), "{told}: {question}");
    }
    phone.browser.screenshot("web-approve-question").await;
    phone.click("approve-yes").await;
    assert!(phone.text("approve-outcome").await.contains("Approved"));

    web.back_to(browser).await;
    // The page goes on by itself.
    web.at_server("/authorize").await;
    assert!(web.text("main").await.contains("bob"));
    web.allow("once").await;
    web.at(&web.address("cinema", "/tickets")).await;
    assert_eq!(web.text("[data-testid=who]").await, "bob");
    web.goto_server("/account").await;
    assert!(web.text("main").await.contains("Approved in the app"));
}

#[tokio::test]
async fn who_denies_in_the_host_app_lets_nobody_in() {
    on_the_web(async |host, web| {
        web.goto_server("/login/app").await;
        let code = web.text("#user-code").await;
        let browser = web.second_window().await;
        let phone = Phone::open(host, web.browser).await;
        phone.sign_in("bob").await;
        phone.click("account").await;
        phone.click("open-approve").await;
        web.fill("[data-testid=approve-code]", &code).await;
        phone.click("approve-find").await;
        phone.click("approve-no").await;
        assert!(phone.text("approve-outcome").await.contains("Denied"));
        phone.click("approve-close").await;
        phone.shown("open-approve").await;
        web.back_to(browser).await;
        eventually("the refusal", async || {
            web.text("main").await.contains("was denied in the app").then_some(())
        })
        .await;
        web.goto_server("/account").await;
        web.at_server("/login").await;
    })
    .await;
}
