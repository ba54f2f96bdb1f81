//! What an assertion must be, and how often it works.

use std::time::Duration;

use minihost_authorization_server::AssertionRules;
use serde_json::{Value, json};

use super::{CLIENT, Signing};
use crate::support::jwt::Change::{Claim, Header, NoClaim, Time};
use crate::support::jwt::jti;
use crate::support::{Form, World};

#[tokio::test]
async fn a6_es256_eddsa_and_ps256_are_accepted_and_rs256_is_not() {
    let signing = Signing::new().await;
    for key in [&signing.p256, &signing.ed25519, &signing.rsa] {
        let answer = signing.present(&signing.assertion(key).sign(key)).await;
        Signing::accepted(&answer, key.algorithm());
    }
    let rs256 = signing.assertion(&signing.rsa).with_header("alg", "RS256").sign(&signing.rsa);
    signing.refused("RS256", &rs256).await;
}

#[tokio::test]
async fn a5_an_assertion_names_this_server_in_any_way_of_the_rfcs_and_no_other_server() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    let issuer = signing.world.base.clone();
    let at = |path: &str| format!("{issuer}{path}");
    let to = |audience: Value| signing.assertion(key).with("aud", audience).sign(key);
    for audience in
        [json!(issuer), json!(at("/token")), json!([issuer]), json!([at("/token"), issuer])]
    {
        Signing::accepted(&signing.present(&to(audience.clone())).await, &audience.to_string());
    }
    let form = Form::new(&[("token", "x")]);
    let answer = signing.post("/revoke", &form, &to(json!(at("/revoke")))).await;
    assert_eq!(answer.status.as_u16(), 200, "the endpoint that it is sent to");
    for audience in [
        json!(at("/")),
        json!(at("/revoke")),
        json!("https://other.example"),
        json!([issuer, "https://other.example"]),
        json!([]),
        json!([[issuer]]),
        json!({}),
    ] {
        signing.refused(&audience.to_string(), &to(audience.clone())).await;
    }
    let expiring = |seconds: i64| {
        let at = signing.world.clock.seconds() + seconds;
        signing.assertion(key).with("exp", at).sign(key)
    };
    Signing::accepted(&signing.present(&expiring(3_600)).await, "expiring in an hour");
    signing.refused("expiring too far ahead", &expiring(3_611)).await;
}

#[tokio::test]
async fn a5_a_strict_assertion_for_anybody_or_anything_else_or_another_time_is_refused() {
    let signing = Signing::held_to(AssertionRules::Strict).await;
    let key = &signing.p256;
    let issuer = signing.world.base.clone();
    let fresh = || signing.assertion(key);
    Signing::accepted(&signing.present(&fresh().sign(key)).await, "the good one");
    let now = || signing.world.clock.seconds();
    for (what, change) in [
        ("the token endpoint", Claim("aud", format!("{issuer}/token").into())),
        ("a trailing slash", Claim("aud", format!("{issuer}/").into())),
        ("another server", Claim("aud", "https://other.example".into())),
        ("a list of one", Claim("aud", json!([issuer]))),
        ("a longer list", Claim("aud", json!([issuer, format!("{issuer}/token")]))),
        ("no audience", NoClaim("aud")),
        ("another issuer", Claim("iss", "teahouse".into())),
        ("no issuer", NoClaim("iss")),
        ("another subject", Claim("sub", "teahouse".into())),
        ("no subject", NoClaim("sub")),
        ("a subject that is no text", Claim("sub", json!([CLIENT]))),
        ("expiring now", Time("exp", 0)),
        ("expired", Time("exp", -1)),
        ("expiring too far ahead", Time("exp", 71)),
        ("expiring in an hour", Time("exp", 3_600)),
        ("no expiry", NoClaim("exp")),
        ("an expiry that is no number", Claim("exp", "4000000000".into())),
        ("made a minute from now", Time("iat", 60)),
        ("made eleven seconds from now", Time("iat", 11)),
        ("a making that is no number", Claim("iat", "now".into())),
        ("not yet valid", Time("nbf", 11)),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 1.into())),
        ("the type of a proof of possession", Header("typ", "dpop+jwt".into())),
    ] {
        signing.refused(what, &fresh().changed(&change, now()).sign(key)).await;
    }
    let skewed = fresh().with("iat", now() + 10).with("nbf", now() + 10).with("exp", now() + 70);
    Signing::accepted(&signing.present(&skewed.sign(key)).await, "a clock ten seconds ahead");
    let untyped = fresh().without_header("typ").without("iat").sign(key);
    Signing::accepted(&signing.present(&untyped).await, "only what must be there");
}

#[tokio::test]
async fn t9_forged_assertions_are_refused() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    for (what, forged) in signing.assertion(key).forgeries(key) {
        signing.refused(what, &forged).await;
    }
    let good = signing.assertion(key);
    for path in ["../../../../dev/null", "/etc/passwd", "first' OR '1'='1", "", "second", "third"] {
        let jwt = good.clone().with("jti", jti()).with_header("kid", path).sign(key);
        signing.refused(path, &jwt).await;
    }
    let elsewhere = good.with("jti", jti()).with_header("jku", "https://evil.example").sign(key);
    Signing::accepted(&signing.present(&elsewhere).await, "jku is not looked at");
}

#[tokio::test]
async fn a_kid_chooses_the_key_and_without_one_any_key_will_do() {
    let signing = Signing::new().await;
    let Signing { p256, ed25519, rsa, .. } = &signing;
    for (key, id) in [(p256, "first"), (ed25519, "second"), (rsa, "a key without one")] {
        let named = signing.assertion(key).with_header("kid", id).sign(key);
        Signing::accepted(&signing.present(&named).await, id);
        let unnamed = signing.assertion(key).sign(key);
        Signing::accepted(&signing.present(&unnamed).await, id);
    }
}

#[tokio::test]
async fn a5_an_assertion_works_once_even_when_the_server_was_restarted_between() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    let assertion = signing.assertion(key).sign(key);
    let later = signing.assertion(key).sign(key);
    Signing::accepted(&signing.present(&assertion).await, "once");
    signing.refused("twice", &assertion).await;

    let base = signing.world.base.clone();
    let Signing { world, p256, ed25519, rsa } = signing;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &base).await;
    let restarted = Signing { world, p256, ed25519, rsa };
    restarted.refused("after a restart", &assertion).await;
    Signing::accepted(&restarted.present(&later).await, "one that was not used");
    drop(directory);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a5_of_many_uses_at_once_one_succeeds() {
    let signing = Signing::new().await;
    for _ in 0..5 {
        let assertion = signing.assertion(&signing.p256).sign(&signing.p256);
        let answers =
            futures_util::future::join_all((0..8).map(|_| signing.present(&assertion))).await;
        let accepted = answers.iter().filter(|answer| answer.status.as_u16() == 400).count();
        assert_eq!(accepted, 1);
        signing.world.clock.advance(Duration::from_secs(60));
    }
}
