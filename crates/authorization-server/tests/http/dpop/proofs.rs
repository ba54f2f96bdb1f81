//! What a proof must be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{Bound, challenges};
use crate::support::Form;
use crate::support::jwt::Change::{Claim, Header, NoClaim, NoHeader};
use crate::support::jwt::{Change, Key};

/// What makes a proof one for something else; each is refused as `invalid_dpop_proof`.
fn changes() -> Vec<(&'static str, Change)> {
    let mut private = Key::ed25519().jwk();
    private["d"] = "AAAA".into();
    vec![
        ("another method", Claim("htm", "PUT".into())),
        ("a method in small letters", Claim("htm", "post".into())),
        ("no method", NoClaim("htm")),
        ("a method that is no text", Claim("htm", 1.into())),
        ("another host", Claim("htu", "https://other.example/token".into())),
        ("a path alone", Claim("htu", "/token".into())),
        ("no URI", NoClaim("htu")),
        ("a list of URIs", Claim("htu", json!(["/token"]))),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 7.into())),
        ("no time", NoClaim("iat")),
        ("a time that is no number", Claim("iat", "now".into())),
        ("no type", NoHeader("typ")),
        ("the type of any token", Header("typ", "JWT".into())),
        ("no key", NoHeader("jwk")),
        ("a key that is no key", Header("jwk", "key".into())),
        ("another key", Header("jwk", Key::p256().jwk())),
        ("a key of another kind", Header("jwk", Key::ed25519().jwk())),
        ("a private key", Header("jwk", private)),
        ("a symmetric key", Header("jwk", json!({ "kty": "oct", "k": "AAAA" }))),
    ]
}

#[tokio::test]
async fn t10_a_proof_for_anything_else_is_refused_at_the_token_endpoint() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let now = bound.world.clock.seconds();
    for (what, change) in changes() {
        let proof = bound.proof("POST", "/token").changed(&change, now).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &proof).await;
        let seen = (answer.status.as_u16(), answer.json["error"].as_str());
        assert_eq!(seen, (400, Some("invalid_dpop_proof")), "{what}");
        assert!(answer.header("dpop-nonce").is_some(), "{what}");
    }
    for elsewhere in ["/challenge", "/token/", "/userinfo"] {
        let proof = bound.proof("POST", elsewhere).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &proof).await;
        answer.refused(400, "invalid_dpop_proof");
    }
    let uri = format!("{}/token?more#more", bound.world.base);
    let good = bound.proof("POST", "/token").with("htu", uri).sign(&bound.key);
    bound.post("/token", "gallery", &form, &good).await.refused(400, "unsupported_grant_type");
}

#[tokio::test]
async fn t10_a_proof_for_anything_else_is_refused_at_the_resource() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    let now = bound.world.clock.seconds();
    let of_the_token = [
        ("no token", NoClaim("ath")),
        ("another token", Claim("ath", URL_SAFE_NO_PAD.encode([0; 32]).into())),
        ("the token itself", Claim("ath", token.into())),
        ("a hash that is no text", Claim("ath", 1.into())),
    ];
    for (what, change) in changes().into_iter().chain(of_the_token) {
        let proof = bound.at_userinfo(token).changed(&change, now).sign(&bound.key);
        let answer = bound.userinfo(token, &proof).await;
        let error = answer.json["error"].as_str();
        assert_eq!((answer.status.as_u16(), error), (401, Some("invalid_dpop_proof")), "{what}");
        assert!(challenges(&answer)[0].starts_with(r#"DPoP error="invalid_dpop_proof""#));
    }
    bound.userinfo_ok(token).await;
}

#[tokio::test]
async fn t9_forged_proofs_are_refused() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    for (what, forged) in bound.at_userinfo(token).forgeries(&bound.key) {
        let answer = bound.userinfo(token, &forged).await;
        let error = answer.json["error"].as_str();
        assert_eq!((answer.status.as_u16(), error), (401, Some("invalid_dpop_proof")), "{what}");
    }
}

#[tokio::test]
async fn t10_two_proofs_or_none_in_the_header_are_refused() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let world = &bound.world;
    let request = world.as_client("/token", "gallery", &form);
    let two = request.header("dpop", bound.at_token()).header("dpop", bound.at_token());
    world.send(two).await.refused(400, "invalid_dpop_proof");
    bound.post("/token", "gallery", &form, "").await.refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn a6_proofs_of_each_algorithm_are_accepted_and_rs256_is_not() {
    let mut bound = Bound::new().await;
    for key in [Key::p256(), Key::ed25519(), Key::rsa()] {
        bound.key = key;
        let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
        bound.userinfo_ok(tokens.text("access_token")).await;
    }
    let rs256 = bound.proof("POST", "/token").with_header("alg", "RS256").sign(&bound.key);
    bound.redeem("gallery", &rs256).await.refused(400, "invalid_dpop_proof");
}
