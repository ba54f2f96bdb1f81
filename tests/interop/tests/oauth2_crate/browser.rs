//! A user who signs in with a browser.

use minihost_interop::{ClientMetadata, Decision, Visit};
use oauth2::{
    AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope, TokenResponse as _,
};
use url::Url;

use crate::client::{Play, REDIRECT};

fn program(method: &str) -> ClientMetadata {
    ClientMetadata {
        redirect_uris: vec![REDIRECT.to_owned()],
        token_endpoint_auth_method: Some(method.to_owned()),
        ..ClientMetadata::default()
    }
}

/// Where the browser is sent back to, and what redeems the code.
async fn authorize(play: &Play, decision: Decision) -> (Url, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = play.client.authorize_url(CsrfToken::new_random).unwrap();
    let request = request.add_scopes(["openid", "email"].map(|scope| Scope::new(scope.to_owned())));
    let (url, state) = request.set_pkce_challenge(challenge).url();
    let (username, password) = (play.user.username.clone(), play.user.password.clone());
    let visit = Visit { url, username, password, decision, picks: Vec::new(), browser: None };
    let arrival = play.stage.visit(visit).await.unwrap();
    let answer = Url::parse(&arrival.location.expect(&arrival.text)).unwrap();
    assert!(answer.as_str().starts_with(REDIRECT), "{answer}");
    assert_eq!(parameter(&answer, "state").as_ref(), Some(state.secret()));
    (answer, verifier)
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn a_user_signs_in_to_a_client_with(method: &str) {
    let play = Play::begin(program(method)).await;
    let (answer, verifier) = authorize(&play, Decision::AllowAll).await;
    let code = AuthorizationCode::new(parameter(&answer, "code").unwrap());
    let request = play.client.exchange_code(code).set_pkce_verifier(verifier);
    let tokens = request.request_async(&play.http()).await.unwrap();
    assert_eq!(play.userinfo(&tokens).await.unwrap()["email"], play.user.email.as_str());
    assert!(tokens.refresh_token().is_some());
}

#[tokio::test]
async fn a_user_signs_in_to_a_client_with_a_secret() {
    a_user_signs_in_to_a_client_with("client_secret_basic").await;
}

#[tokio::test]
async fn a_user_signs_in_to_a_public_client() {
    a_user_signs_in_to_a_client_with("none").await;
}

#[tokio::test]
async fn a_user_who_declines_sends_back_an_error() {
    let play = Play::begin(program("client_secret_basic")).await;
    let (answer, _) = authorize(&play, Decision::Deny).await;
    assert_eq!(parameter(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&answer, "code"), None);
}
