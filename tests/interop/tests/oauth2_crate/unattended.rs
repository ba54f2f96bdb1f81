//! A client for itself, without a user.

use minihost_interop::ClientMetadata;
use oauth2::{Scope, TokenResponse as _};

use crate::client::Play;

#[tokio::test]
async fn a_client_gets_a_token_for_itself() {
    let client = ClientMetadata {
        grant_types: Some(["client_credentials".to_owned()].into()),
        scope: Some("stock:read".to_owned()),
        ..ClientMetadata::default()
    };
    let play = Play::begin(client).await;
    let tokens = play.client.exchange_client_credentials().request_async(&play.http()).await;
    let tokens = tokens.unwrap();
    assert_eq!(tokens.scopes(), Some(&vec![Scope::new("stock:read".to_owned())]));
    assert!(tokens.refresh_token().is_none());
}
