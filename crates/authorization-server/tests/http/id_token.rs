//! ID tokens, and the keys they are checked with.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minihost_authorization_server::{ClientRegistration, RefreshPolicy, SigningAlgorithm};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::keys::{published, verify};
use crate::support::{Answer, Pkce, World, program};

/// The header and the claims, whose signature is checked against the published keys.
async fn verified(world: &World, token: &str) -> (Value, Value) {
    verify(&published(world).await, token).unwrap()
}

async fn tokens_with_nonce(world: &World, nonce: &str) -> Answer {
    let subject = world.sign_in("bank", "alice").await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce).with("nonce", nonce);
    let code = world.post("/challenge", "bank", &form).await.ok();
    world.redeem("teahouse", code.text("authorization_code"), &pkce).await.ok()
}

#[tokio::test]
async fn an_id_token_says_who_signed_in_when_and_for_which_request() {
    let world = World::new().await;
    let signed_in = world.clock.seconds();
    let tokens = tokens_with_nonce(&world, "n-0S6_WzA2Mj").await;
    let (header, claims) = verified(&world, tokens.text("id_token")).await;
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("ES256"), Some("JWT")));
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(claims["iss"], world.base);
    assert_eq!(claims["aud"], "teahouse");
    assert_eq!(claims["sub"], details.json["sub"], "t15");
    assert_eq!(claims["sub"], tokens.json["open_id"]);
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    assert_eq!(claims["auth_time"], signed_in);
    assert_eq!(claims["iat"], signed_in);
    assert_eq!(claims["exp"], signed_in + 3_600);
    let hash = Sha256::digest(tokens.text("access_token"));
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash[..16]));
}

#[tokio::test]
async fn t15_two_programs_know_one_user_by_two_names() {
    let world = World::new().await;
    let mut names = Vec::new();
    for client in ["teahouse", "cinema", "teahouse"] {
        let tokens = world.tokens(client, "alice").await;
        names.push(verified(&world, tokens.text("id_token")).await.1["sub"].clone());
    }
    assert_ne!(names[0], names[1]);
    assert_eq!(names[0], names[2]);
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let world = World::new().await;
    let subject = world.sign_in("bank", "alice").await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce).with("scope", "email");
    let code = world.post("/challenge", "bank", &form).await.ok();
    let tokens = world.redeem("teahouse", code.text("authorization_code"), &pkce).await.ok();
    assert_eq!(tokens.json.get("id_token"), None);
    assert_eq!(tokens.json.get("open_id"), None);
}

#[tokio::test]
async fn a_refreshed_id_token_keeps_the_time_of_the_sign_in_and_has_no_nonce() {
    let world = World::new().await;
    let signed_in = world.clock.seconds();
    let tokens = tokens_with_nonce(&world, "n").await;
    world.clock.advance(Duration::from_secs(100));
    let refreshed = world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
    let (_, claims) = verified(&world, refreshed.text("id_token")).await;
    assert_eq!(claims["auth_time"], signed_in);
    assert_eq!(claims["iat"], signed_in + 100);
    assert_eq!(claims.get("nonce"), None);
}

#[tokio::test]
async fn every_client_gets_the_algorithm_it_is_registered_for() {
    let mut world = World::new().await;
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa] {
        let secret = world.new_secret("teahouse");
        let client = program("teahouse", secret, RefreshPolicy::None);
        world.put(ClientRegistration { id_token_algorithm: algorithm, ..client }).await;
        let tokens = world.tokens("teahouse", "alice").await;
        let (header, _) = verified(&world, tokens.text("id_token")).await;
        assert_eq!(header["alg"], algorithm.as_str());
    }
}

#[tokio::test]
async fn t9_an_id_token_is_no_access_token() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let answer = world.userinfo(tokens.text("id_token")).await;
    assert!(matches!(answer.status.as_u16(), 400 | 401), "{:?}", answer.json);
}

#[tokio::test]
async fn keys_are_the_same_after_the_server_was_opened_again() {
    let world = World::new().await;
    let keys = published(&world).await;
    let (_directory, database, clock) = world.close().await;
    let world = World::open(&database, clock).await;
    assert_eq!(published(&world).await, keys);
}
