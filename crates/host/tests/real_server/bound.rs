//! Code requests with a token of the user that is bound to a key of the host.

use std::time::Duration;

use jiff::Timestamp;
use minihost::{ports::UserSession as _, session::TokenBinding};
use serde_json::{Value, json};

use crate::{
    credentials::{Credentials, HOST_SECRET},
    host_id, redeem,
    stage::{Prompted, Stage, stage_with},
};

#[tokio::test]
async fn a_code_comes_for_a_bound_token_and_its_program_needs_no_key() {
    for credentials in [Credentials::Basic, Credentials::Post, Credentials::Key] {
        let room = tempfile::tempdir().unwrap();
        let mut stage =
            stage_with(room.path(), credentials, credentials, TokenBinding::WhereOffered).await;
        stage.sign_in().await.unwrap();
        let (answer, _) = stage.request_code(&["openid"]).await;
        let code = answer["code"].as_str().expect("a code").to_owned();
        assert_eq!(redeem(&stage, &code).await.0, 200);

        // By now the nonce that the server gave is too old, and it wants a proof with another.
        stage.pass(Duration::from_secs(180));
        let (answer, prompted) = stage.request_code(&["openid"]).await;
        assert!(answer["code"].is_string(), "{answer}");
        assert_eq!(prompted, Prompted::No);

        stage.server.steering().expire_access_tokens(&host_id()).await.unwrap();
        stage.pass(Duration::from_secs(180));
        let (answer, _) = stage.request_code(&["openid"]).await;
        assert!(answer["code"].is_string(), "refreshed once, with the same key: {answer}");
    }
}

#[tokio::test]
async fn who_has_the_token_and_the_hosts_secret_but_not_its_key_gets_no_code() {
    for (binding, expected) in [
        (TokenBinding::None, (200, Value::Null)),
        (TokenBinding::WhereOffered, (403, json!("insufficient_authorization"))),
    ] {
        let room = tempfile::tempdir().unwrap();
        let stage = stage_with(room.path(), Credentials::Post, Credentials::Post, binding).await;
        let user = stage.sign_in().await.unwrap();
        let token = stage.session.access_token(&user).await.ok().unwrap();
        assert_eq!(by_hand(&stage, token.expose()).await, expected);
    }
}

/// The request without a proof: the status, and the error where there is one.
async fn by_hand(stage: &Stage, token: &str) -> (u16, Value) {
    let consent = json!({
        "jti": "a-jti-of-its-own", "id": "a-decision", "at": Timestamp::now(), "mode": "prompt",
        "scopes": ["openid"], "locale": "en",
        "digest": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    });
    let form = [
        ("client_id", "host"),
        ("client_secret", HOST_SECRET),
        ("response_type", "code"),
        ("target_client_id", "teahouse"),
        ("redirect_uri", "https://teahouse.example/callback"),
        ("scope", "openid"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("subject_token", token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("consent", &consent.to_string()),
    ];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.post(format!("{}/challenge", stage.issuer)).form(&form).send().await;
    let response = response.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    (status, answer["error"].clone())
}
