//! A user who answers elsewhere (RFC 8628).

use minihost_interop::{Answer, Approval, ClientMetadata};
use oauth2::{
    DeviceCodeErrorResponseType, RequestTokenError, Scope, StandardDeviceAuthorizationResponse,
};

use crate::client::Play;

fn device() -> ClientMetadata {
    ClientMetadata {
        grant_types: Some(["urn:ietf:params:oauth:grant-type:device_code".to_owned()].into()),
        token_endpoint_auth_method: Some("none".to_owned()),
        ..ClientMetadata::default()
    }
}

async fn begin(play: &Play) -> StandardDeviceAuthorizationResponse {
    let request = play.client.exchange_device_code().unwrap();
    let request = request.add_scopes(["openid", "email"].map(|scope| Scope::new(scope.to_owned())));
    request.request_async(&play.http()).await.unwrap()
}

async fn answer(play: &Play, device: &StandardDeviceAuthorizationResponse, decision: Answer) {
    let approval = Approval {
        client_id: play.registered.client_id.clone(),
        user_code: device.user_code().secret().clone(),
        decision,
        username: play.user.username.clone(),
        password: play.user.password.clone(),
    };
    play.stage.answer(approval).await.unwrap();
}

#[tokio::test]
async fn a_device_gets_tokens_once_its_user_has_approved_in_the_host() {
    let play = Play::begin(device()).await;
    let device = begin(&play).await;
    answer(&play, &device, Answer::Approve).await;
    let poll = play.client.exchange_device_access_token(&device);
    let tokens = poll.request_async(&play.http(), tokio::time::sleep, None).await.unwrap();
    assert_eq!(play.userinfo(&tokens).await.unwrap()["email"], play.user.email.as_str());
}

#[tokio::test]
async fn a_device_is_told_when_its_user_declines_in_the_host() {
    let play = Play::begin(device()).await;
    let device = begin(&play).await;
    answer(&play, &device, Answer::Deny).await;
    let poll = play.client.exchange_device_access_token(&device);
    let refused = poll.request_async(&play.http(), tokio::time::sleep, None).await.unwrap_err();
    let RequestTokenError::ServerResponse(answer) = refused else {
        panic!("not an error of RFC 8628: {refused}")
    };
    assert_eq!(answer.error(), &DeviceCodeErrorResponseType::AccessDenied);
}
