//! Credentials of every character that RFC 6749 appendix A has.

use minihost_interop::ClientMetadata;

use crate::client::Play;

const ID: &str = r#"rust:1%2B+&=?/"'<>\~"#;
const SECRET: &str = r#" :%+&=?/"'<>\~ a secret: 100%+sure, %41 "#;

async fn credentials_are_understood_with(method: &str) {
    let play = Play::begin(ClientMetadata {
        client_id: Some(ID.to_owned()),
        client_secret: Some(SECRET.to_owned()),
        grant_types: Some(["client_credentials".to_owned()].into()),
        token_endpoint_auth_method: Some(method.to_owned()),
        scope: Some("stock:read".to_owned()),
        ..ClientMetadata::default()
    })
    .await;
    let tokens = play.client.exchange_client_credentials().request_async(&play.http()).await;
    assert!(tokens.is_ok(), "{tokens:?}");
}

#[tokio::test]
async fn a2_credentials_of_any_character_are_understood_in_the_header() {
    credentials_are_understood_with("client_secret_basic").await;
}

#[tokio::test]
async fn a2_credentials_of_any_character_are_understood_in_the_form() {
    credentials_are_understood_with("client_secret_post").await;
}
