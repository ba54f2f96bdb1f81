//! What is bound to the key of a proof: tokens of every grant, refresh tokens, codes, and what a host does
//! for its user.

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, GrantType, RefreshPolicy, Scopes};
use serde_json::json;

use super::Bound;
use crate::support::browser::{Browser, authorize};
use crate::support::jwt::Key;
use crate::support::{ACCESS_TOKEN, ALL, Answer, Form, Pkce, WEEK, program, redeem_form};

#[tokio::test]
async fn t10_the_refresh_tokens_of_a_public_client_are_bound_to_its_key() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let refresh = tokens.text("refresh_token");
    let thief = Key::p256();
    let stolen = bound.proof("POST", "/token").with_header("jwk", thief.jwk()).sign(&thief);
    bound.refresh("gallery", refresh, &stolen).await.refused(400, "invalid_grant");
    bound.world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    let next = bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
    assert_eq!(next.text("token_type"), "DPoP");
    bound.userinfo_ok(next.text("access_token")).await;
    // Even an old one in wrong hands ends nothing.
    bound.world.clock.advance(Duration::from_secs(6));
    bound.world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    bound.refresh("gallery", next.text("refresh_token"), &bound.at_token()).await.ok();
    bound.refresh("gallery", refresh, &bound.at_token()).await.refused(400, "invalid_grant");
    let token = next.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    bound.userinfo(token, &proof).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn t10_a_client_that_authenticates_may_refresh_with_a_new_key() {
    let mut bound = Bound::new().await;
    let tokens = bound.redeem("teahouse", &bound.at_token()).await.ok();
    bound.key = Key::ed25519();
    let refresh = tokens.text("refresh_token");
    let next = bound.refresh("teahouse", refresh, &bound.at_token()).await.ok();
    bound.userinfo_ok(next.text("access_token")).await;
    let plain = bound.world.refresh("teahouse", refresh).await.ok();
    assert_eq!(plain.text("token_type"), "Bearer");
}

#[tokio::test]
async fn t10_tokens_of_every_grant_are_bound_and_introspection_tells_to_which_key() {
    let Bound { mut world, key } = Bound::new().await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let mut gallery = program("gallery", ClientAuthentication::None, rotating);
    gallery.grants.insert(GrantType::DeviceCode);
    world.put(gallery).await;
    let mut tea = program("teahouse", world.new_secret("teahouse"), RefreshPolicy::None);
    tea.grants.insert(GrantType::ClientCredentials);
    tea.scopes = Scopes::parse(&format!("{ALL} stock")).unwrap();
    world.put(tea).await;
    let bound = Bound { world, key };
    let Bound { world, key } = &bound;

    let credentials = Form::new(&[("grant_type", "client_credentials"), ("scope", "stock")]);
    let for_itself = bound.post("/token", "teahouse", &credentials, &bound.at_token()).await.ok();
    let password = world.password_form("alice");
    let signed_in = bound.post("/token", "bank", &password, &bound.at_token()).await.ok();
    let by_device = by_device(&bound, signed_in.text("access_token")).await;
    assert_eq!(by_device.text("token_type"), "DPoP");
    bound.userinfo_ok(by_device.text("access_token")).await;
    let code = bound.redeem("teahouse", &bound.at_token()).await.ok();
    for (client, tokens) in [("teahouse", for_itself), ("bank", signed_in), ("teahouse", code)] {
        assert_eq!(tokens.text("token_type"), "DPoP");
        let form = Form::new(&[("token", tokens.text("access_token"))]);
        let described = world.post("/introspect", client, &form).await.ok();
        assert_eq!(described.json["cnf"], json!({ "jkt": key.thumbprint() }), "{client}");
        assert_eq!(described.text("token_type"), "DPoP");
    }
    let refresh = by_device.text("refresh_token");
    world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
}

/// Tokens of Gallery that the user of the host's bound token allowed.
async fn by_device(bound: &Bound, subject: &str) -> Answer {
    let world = &bound.world;
    let asked = world.post("/device_authorization", "gallery", &Form::new(&[])).await.ok();
    let approval = Form::new(&[
        ("user_code", asked.text("user_code")),
        ("decision", "approve"),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ]);
    let unproven = world.post("/device/approval", "bank", &approval).await;
    unproven.refused(403, "insufficient_authorization");
    let proof = bound.proof("POST", "/device/approval").sign(&bound.key);
    bound.post("/device/approval", "bank", &approval, &proof).await.ok();
    let form = Form::new(&[
        ("grant_type", GrantType::DeviceCode.as_str()),
        ("device_code", asked.text("device_code")),
    ]);
    bound.post("/token", "gallery", &form, &bound.at_token()).await.ok()
}

#[tokio::test]
async fn t10_a_code_is_bound_by_dpop_jkt() {
    let bound = Bound::new().await;
    let Bound { world, key } = &bound;
    let subject = world.sign_in("bank", "alice").await;
    let code = async |target: &str, pkce: &Pkce| {
        let form = world.code_form(target, &subject, pkce).with("dpop_jkt", key.thumbprint());
        let answer = world.post("/challenge", "bank", &form).await.ok();
        answer.text("authorization_code").to_owned()
    };
    for client in ["gallery", "teahouse"] {
        let pkce = Pkce::new();
        let bound_code = code(client, &pkce).await;
        let form = redeem_form(client, &bound_code, &pkce);
        world.post("/token", client, &form).await.refused(400, "invalid_dpop_proof");
        bound.post("/token", client, &form, &bound.at_token()).await.ok();

        let pkce = Pkce::new();
        let bound_code = code(client, &pkce).await;
        let form = redeem_form(client, &bound_code, &pkce);
        let thief = Key::p256();
        let stolen = bound.proof("POST", "/token").with_header("jwk", thief.jwk()).sign(&thief);
        bound.post("/token", client, &form, &stolen).await.refused(400, "invalid_grant");
        let too_late = bound.post("/token", client, &form, &bound.at_token()).await;
        too_late.refused(400, "invalid_grant");
    }
    let form = world.code_form("gallery", &subject, &Pkce::new());
    for malformed in ["short", &"+".repeat(43), &"a".repeat(44)] {
        let form = form.clone().with("dpop_jkt", malformed);
        world.post("/challenge", "bank", &form).await.refused(400, "invalid_request");
    }
}

/// The code of a request that was pushed with a proof and perhaps `dpop_jkt`.
pub(super) async fn pushed_code(
    bound: &Bound,
    browser: &Browser<'_>,
    form: &Form,
    proof: &str,
) -> String {
    let pushed = bound.post("/par", "gallery", form, proof).await;
    assert_eq!(pushed.status.as_u16(), 201, "{:?}", pushed.json);
    bound.world.remember(pushed.text("request_uri").rsplit(':').next().unwrap());
    let reference = [("client_id", "gallery"), ("request_uri", pushed.text("request_uri"))];
    let page = browser.visit(&authorize(&Form::new(&reference))).await;
    let page = browser.press(&page.consent_form("allow")).await;
    page.sent_back("code").unwrap()
}

#[tokio::test]
async fn t10_a_code_is_bound_by_the_proof_with_which_its_request_was_pushed() {
    let bound = Bound::new().await;
    let browser = bound.world.browser_of("alice").await;
    let thief = Key::p256();
    let jkt = bound.key.thumbprint();
    for named in [None, Some(jkt.as_str())] {
        let pkce = Pkce::new();
        let form = bound.world.authorization("gallery", &pkce).without("client_id");
        let form = match named {
            Some(jkt) => form.with("dpop_jkt", jkt),
            None => form,
        };
        let proof = bound.proof("POST", "/par").sign(&bound.key);
        let code = pushed_code(&bound, &browser, &form, &proof).await;
        let form = redeem_form("gallery", &code, &pkce);
        let unproven = bound.world.post("/token", "gallery", &form).await;
        unproven.refused(400, "invalid_dpop_proof");
        let tokens = bound.post("/token", "gallery", &form, &bound.at_token()).await.ok();
        bound.userinfo_ok(tokens.text("access_token")).await;
    }
    let form = bound.world.authorization("gallery", &Pkce::new()).without("client_id");
    let other = form.with("dpop_jkt", thief.thumbprint());
    let proof = bound.proof("POST", "/par").sign(&bound.key);
    bound.post("/par", "gallery", &other, &proof).await.refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn h5_a_bound_token_of_the_user_is_good_only_with_the_key_of_the_host() {
    let bound = Bound::new().await;
    let Bound { world, .. } = &bound;
    let form = world.password_form("alice");
    let tokens = bound.post("/token", "bank", &form, &bound.at_token()).await.ok();
    assert_eq!(tokens.text("token_type"), "DPoP");
    let pkce = Pkce::new();
    let form = world.code_form("gallery", tokens.text("access_token"), &pkce);

    let without = world.post("/challenge", "bank", &form).await;
    without.refused(403, "insufficient_authorization");
    let thief = Key::p256();
    let stolen = bound.proof("POST", "/challenge").with_header("jwk", thief.jwk()).sign(&thief);
    let answer = bound.post("/challenge", "bank", &form, &stolen).await;
    answer.refused(403, "insufficient_authorization");
    let elsewhere = bound.at_token();
    let answer = bound.post("/challenge", "bank", &form, &elsewhere).await;
    answer.refused(400, "invalid_dpop_proof");

    let proof = bound.proof("POST", "/challenge").sign(&bound.key);
    let code = bound.post("/challenge", "bank", &form, &proof).await.ok();
    // The host's key is not the mini-program's: its code is bound to nothing.
    let redeemed = world.redeem("gallery", code.text("authorization_code"), &pkce).await.ok();
    assert_eq!(redeemed.text("token_type"), "Bearer");
}
