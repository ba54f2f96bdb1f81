//! What a bound token is good for, and how it is asked for.

use std::time::Duration;

use minihost_authorization_server::{
    ClientAuthentication, ClientRegistration, RefreshPolicy, Requirement,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ALGS, Bound, challenges};
use crate::support::jwt::Key;
use crate::support::{Pkce, WEEK, World, program, redeem_form};

#[tokio::test]
async fn t10_a_token_that_comes_with_a_proof_is_good_with_its_key_alone() {
    let bound = Bound::new().await;
    let world = &bound.world;
    for client in ["gallery", "teahouse"] {
        let tokens = bound.redeem(client, &bound.at_token()).await.ok();
        assert_eq!(tokens.text("token_type"), "DPoP");
        let token = tokens.text("access_token");
        let details = bound.userinfo_ok(token).await;
        assert_eq!(details.text("email"), "alice@mail.example");

        let as_bearer = world.userinfo(token).await;
        as_bearer.refused(401, "invalid_token");
        let described = r#"Bearer error="invalid_token", error_description="possession of the key that the access token is bound to is not proven""#;
        assert_eq!(challenges(&as_bearer), [described, ALGS]);

        let thief = Key::p256();
        let proof = bound.at_userinfo(token).with_header("jwk", thief.jwk()).sign(&thief);
        bound.userinfo(token, &proof).await.refused(401, "invalid_token");
        let without = world.request(Method::GET, "/userinfo");
        let without = without.header("authorization", format!("DPoP {token}"));
        let answer = world.send(without).await;
        answer.refused(401, "invalid_dpop_proof");
        let expected = r#"DPoP error="invalid_dpop_proof", error_description="the DPoP proof is missing", algs="PS256 ES256 EdDSA""#;
        assert_eq!(challenges(&answer), [expected]);
    }
}

#[tokio::test]
async fn t10_a_bearer_token_gains_nothing_by_a_proof() {
    let bound = Bound::new().await;
    let tokens = bound.world.tokens("gallery", "alice").await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    let token = tokens.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    let answer = bound.userinfo(token, &proof).await;
    answer.refused(401, "invalid_token");
    assert!(challenges(&answer)[0].starts_with(r#"DPoP error="invalid_token""#));
    bound.world.userinfo(token).await.ok();
}

#[tokio::test]
async fn t7_who_sends_no_token_is_told_of_both_schemes_and_of_no_error() {
    let bound = Bound::new().await;
    let world = &bound.world;
    let answer = world.send(world.request(Method::GET, "/userinfo")).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert_eq!(challenges(&answer), ["Bearer", ALGS]);
    assert_eq!(answer.json, Value::Null);
}

#[tokio::test]
async fn t7_an_expired_bound_token_is_told_so_in_its_own_scheme() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    bound.world.clock.advance(Duration::from_secs(60));
    let answer = bound.userinfo(token, &bound.at_userinfo(token).sign(&bound.key)).await;
    answer.refused(401, "invalid_token");
    let expected = r#"DPoP error="invalid_token", error_description="access token expired", algs="PS256 ES256 EdDSA""#;
    assert_eq!(challenges(&answer), [expected]);
}

#[tokio::test]
async fn a_client_whose_tokens_must_be_bound_gets_no_others() {
    let bound = Bound::new().await;
    let Bound { world, .. } = &bound;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let registration = program("gallery", ClientAuthentication::None, rotating);
    world.put(ClientRegistration { dpop: Requirement::Required, ..registration }).await;
    let pkce = Pkce::new();
    let code = world.code("gallery", "alice", &pkce).await;
    world.redeem("gallery", &code, &pkce).await.refused(400, "invalid_dpop_proof");
    let form = redeem_form("gallery", &code, &pkce);
    let tokens = bound.post("/token", "gallery", &form, &bound.at_token()).await.ok();
    let refresh = tokens.text("refresh_token");
    world.refresh("gallery", refresh).await.refused(400, "invalid_dpop_proof");
    bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
}

#[tokio::test]
async fn the_metadata_names_the_algorithms_of_proofs() {
    let world = World::new().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = world.send(world.request(Method::GET, path)).await.ok();
    let algorithms = &metadata.json["dpop_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["PS256", "ES256", "EdDSA"]));
}
