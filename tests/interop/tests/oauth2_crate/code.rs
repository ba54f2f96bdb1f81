//! Authorization codes with PKCE, and what follows.

use minihost_interop::{ClientMetadata, CodeRequest};
use oauth2::{AuthorizationCode, PkceCodeChallenge, PkceCodeVerifier, TokenResponse as _};

use crate::client::{Play, REDIRECT, Tokens};

fn program(method: &str) -> ClientMetadata {
    ClientMetadata {
        redirect_uris: vec![REDIRECT.to_owned()],
        token_endpoint_auth_method: Some(method.to_owned()),
        ..ClientMetadata::default()
    }
}

/// A code that a host asked for, and the verifier that redeems it.
async fn from_host(play: &Play) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let request = CodeRequest {
        client_id: play.registered.client_id.clone(),
        redirect_uri: REDIRECT.to_owned(),
        scope: "openid email".to_owned(),
        code_challenge: challenge.as_str().to_owned(),
        nonce: None,
        username: play.user.username.clone(),
        password: play.user.password.clone(),
    };
    let issued = play.stage.code(request).await.unwrap();
    assert_eq!(issued.client_id, play.registered.client_id);
    (AuthorizationCode::new(issued.code), verifier)
}

async fn redeem(play: &Play, code: AuthorizationCode, verifier: PkceCodeVerifier) -> Tokens {
    let request = play.client.exchange_code(code).set_pkce_verifier(verifier);
    request.request_async(&play.http()).await.unwrap()
}

async fn refresh(play: &Play, tokens: &Tokens) -> Tokens {
    let token = tokens.refresh_token().unwrap();
    play.client.exchange_refresh_token(token).request_async(&play.http()).await.unwrap()
}

async fn a_code_is_redeemed_refreshed_and_read_with(method: &str) {
    let play = Play::begin(program(method)).await;
    let (code, verifier) = from_host(&play).await;
    let tokens = redeem(&play, code, verifier).await;
    let scopes: Vec<&str> = tokens.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
    assert_eq!(scopes, ["email", "openid"]);
    assert_eq!(play.userinfo(&tokens).await.unwrap()["email"], play.user.email.as_str());

    let refreshed = refresh(&play, &tokens).await;
    assert_ne!(refreshed.access_token().secret(), tokens.access_token().secret());
    assert!(play.userinfo(&refreshed).await.is_ok());
}

#[tokio::test]
async fn a_code_is_redeemed_with_client_secret_basic() {
    a_code_is_redeemed_refreshed_and_read_with("client_secret_basic").await;
}

#[tokio::test]
async fn a_code_is_redeemed_with_client_secret_post() {
    a_code_is_redeemed_refreshed_and_read_with("client_secret_post").await;
}

#[tokio::test]
async fn a_code_is_redeemed_by_a_public_client() {
    a_code_is_redeemed_refreshed_and_read_with("none").await;
}

#[tokio::test]
async fn a_code_that_was_redeemed_is_an_error_that_the_crate_understands() {
    use oauth2::RequestTokenError;
    use oauth2::basic::BasicErrorResponseType;

    let play = Play::begin(program("client_secret_basic")).await;
    let (code, verifier) = from_host(&play).await;
    let again = PkceCodeVerifier::new(verifier.secret().clone());
    let tokens = redeem(&play, code.clone(), verifier).await;
    let request = play.client.exchange_code(code).set_pkce_verifier(again);
    let refused = request.request_async(&play.http()).await.unwrap_err();
    let RequestTokenError::ServerResponse(answer) = refused else {
        panic!("not an error of RFC 6749: {refused}")
    };
    assert_eq!(answer.error(), &BasicErrorResponseType::InvalidGrant);
    assert_eq!(play.userinfo(&tokens).await, Err(401));
}
