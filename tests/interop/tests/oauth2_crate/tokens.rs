//! Asking about tokens and ending them.

use minihost_interop::ClientMetadata;
use oauth2::{
    ResourceOwnerPassword, ResourceOwnerUsername, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _,
};

use crate::client::{Play, Tokens};

async fn signed_in() -> (Play, Tokens) {
    let grant_types = Some(["password", "refresh_token"].map(str::to_owned).into());
    let play = Play::begin(ClientMetadata { grant_types, ..ClientMetadata::default() }).await;
    let username = ResourceOwnerUsername::new(play.user.username.clone());
    let password = ResourceOwnerPassword::new(play.user.password.clone());
    let request = play.client.exchange_password(&username, &password);
    let tokens = request.request_async(&play.http()).await.unwrap();
    (play, tokens)
}

#[tokio::test]
async fn an_access_token_is_active_until_it_is_revoked() {
    let (play, tokens) = signed_in().await;
    let introspect = async || {
        let request = play.client.introspect(tokens.access_token()).unwrap();
        request.request_async(&play.http()).await.unwrap()
    };
    let told = introspect().await;
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some(play.registered.client_id.as_str()));
    assert_eq!(told.scopes(), tokens.scopes());

    let token = StandardRevocableToken::AccessToken(tokens.access_token().clone());
    play.client.revoke_token(token).unwrap().request_async(&play.http()).await.unwrap();
    assert!(!introspect().await.active());
    assert_eq!(play.userinfo(&tokens).await, Err(401));
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_the_access_token_along() {
    let (play, tokens) = signed_in().await;
    let refresh = tokens.refresh_token().unwrap();
    let token = StandardRevocableToken::RefreshToken(refresh.clone());
    play.client.revoke_token(token).unwrap().request_async(&play.http()).await.unwrap();
    assert_eq!(play.userinfo(&tokens).await, Err(401));
    let refreshed = play.client.exchange_refresh_token(refresh).request_async(&play.http()).await;
    assert!(refreshed.is_err());
}
