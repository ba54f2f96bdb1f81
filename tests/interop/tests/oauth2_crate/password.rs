//! The resource owner's password.

use minihost_interop::ClientMetadata;
use oauth2::{ResourceOwnerPassword, ResourceOwnerUsername, Scope};

use crate::client::Play;

#[tokio::test]
async fn a_password_gives_tokens_to_a_client_that_may_ask_for_it() {
    let grant_types = Some(["password", "refresh_token"].map(str::to_owned).into());
    let play = Play::begin(ClientMetadata { grant_types, ..ClientMetadata::default() }).await;
    let username = ResourceOwnerUsername::new(play.user.username.clone());
    let password = ResourceOwnerPassword::new(play.user.password.clone());
    let request = play.client.exchange_password(&username, &password);
    let request = request.add_scope(Scope::new("openid profile".to_owned()));
    let tokens = request.request_async(&play.http()).await.unwrap();
    let details = play.userinfo(&tokens).await.unwrap();
    assert_eq!(details["preferred_username"], play.user.username.as_str());
}
