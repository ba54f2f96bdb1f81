//! Codes and tokens in the wrong hands, at the authorization server itself.
#![cfg(test)]

use minihost_e2e::{authorization_server::AuthorizationServer, sample_host::SampleHost};

const VERIFIER: &str = "the-verifier-stays-with-the-program-that-made-it";

#[tokio::test]
async fn a10_a11_a23_a_code_is_worthless_to_everybody_but_its_program_and_even_to_that_twice() {
    let host = SampleHost::start().await;
    let server = AuthorizationServer::discover(&host).await;
    let (tea, cinema) = (host.program("teahouse").clone(), host.program("cinema").clone());
    let subject = server.sign_in("alice").await.text("access_token");
    let new_code =
        async || server.challenge(&tea, &subject, VERIFIER, &[]).await.text("authorization_code");

    // A plugin, a log or another app has read the code, and knows everything but the verifier.
    for guess in ["", "a", &"a".repeat(43), &VERIFIER.to_uppercase()] {
        let stolen = server.redeem(&tea, &new_code().await, guess, &tea.redirect_uri).await;
        assert!(matches!(stolen.status, 400), "{guess:?}: {stolen:?}");
        assert!(stolen.body["access_token"].is_null());
    }
    // The cinema's backend passes it off as its own, with its own redirect URI and with the true one.
    for redirect_uri in [&cinema.redirect_uri, &tea.redirect_uri] {
        let passed_off = server.redeem(&cinema, &new_code().await, VERIFIER, redirect_uri).await;
        assert_eq!(passed_off.text("error"), "invalid_grant");
    }
    // A code that was asked for with one redirect URI is redeemed with another.
    let elsewhere = server.redeem(&tea, &new_code().await, VERIFIER, &cinema.redirect_uri).await;
    assert_eq!(elsewhere.text("error"), "invalid_grant");

    // Used twice, it takes back what it had given.
    let code = new_code().await;
    let tokens = server.redeem(&tea, &code, VERIFIER, &tea.redirect_uri).await;
    let again = server.redeem(&tea, &code, VERIFIER, &tea.redirect_uri).await;
    assert_eq!(again.text("error"), "invalid_grant");
    assert_eq!(server.user_details(&tokens.text("access_token")).await.status, 401);
}

#[tokio::test]
async fn a4_a10_a_programs_token_does_not_stand_for_the_hosts() {
    let host = SampleHost::start().await;
    let server = AuthorizationServer::discover(&host).await;
    let tea = host.program("teahouse").clone();
    let subject = server.sign_in("alice").await.text("access_token");
    let code = server.challenge(&tea, &subject, VERIFIER, &[]).await.text("authorization_code");
    let tokens = server.redeem(&tea, &code, VERIFIER, &tea.redirect_uri).await;
    for stolen in [tokens.text("access_token"), tokens.text("refresh_token"), code, String::new()] {
        let answer = server.challenge(&tea, &stolen, VERIFIER, &[]).await;
        assert!(matches!(answer.status, 400 | 401 | 403), "{answer:?}");
        assert!(answer.body["authorization_code"].is_null());
    }
}
