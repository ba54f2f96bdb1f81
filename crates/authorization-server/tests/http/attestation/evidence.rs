//! What an attestation and its proof must be.

use reqwest::Method;
use serde_json::json;

use super::{Attested, KIND, POP_KIND};
use crate::support::Form;
use crate::support::jwt::Change::{Claim, Header, NoClaim, NoHeader, Time};
use crate::support::jwt::{Change, Key};

#[tokio::test]
async fn a7_an_attestation_of_or_for_anything_else_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let stranger = Key::p256();
    let mut private = Key::ed25519().jwk();
    private["d"] = "AAAA".into();
    let changes: Vec<(&str, Change)> = vec![
        ("no subject", NoClaim("sub")),
        ("another subject", Claim("sub", "gallery2".into())),
        ("no expiry", NoClaim("exp")),
        ("an expiry that is no number", Claim("exp", "4000000000".into())),
        ("no making", NoClaim("iat")),
        ("made eleven seconds from now", Time("iat", 11)),
        ("not yet valid", Time("nbf", 11)),
        ("no key", NoClaim("cnf")),
        ("no key in it", Claim("cnf", json!({}))),
        ("another key", Claim("cnf", json!({ "jwk": stranger.jwk() }))),
        ("a thumbprint for a key", Claim("cnf", json!({ "jkt": instance.thumbprint() }))),
        ("a private key", Claim("cnf", json!({ "jwk": private }))),
        ("another type", Header("typ", POP_KIND.into())),
        ("no type", NoHeader("typ")),
        ("another attester", Header("kid", "another".into())),
    ];
    for (what, change) in changes {
        let now = world.clock.seconds();
        let attestation = attested.attestation().changed(&change, now).sign(attester);
        attested.refused(what, &attestation, &attested.pop().await.sign(instance)).await;
    }
    let own_word = attested.attestation().sign(instance);
    attested.refused("its own word", &own_word, &attested.pop().await.sign(instance)).await;
    let good = attested.attestation().with_header("kid", "attester").sign(attester);
    attested.accepted(&good, &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn a7_a_proof_for_anything_else_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let issuer = &world.base;
    let changes: Vec<(&str, Change)> = vec![
        ("no audience", NoClaim("aud")),
        ("the token endpoint", Claim("aud", format!("{issuer}/token").into())),
        ("a list of audiences", Claim("aud", json!([issuer]))),
        ("another server", Claim("aud", "https://other.example".into())),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 1.into())),
        ("no making", NoClaim("iat")),
        ("a making that is no number", Claim("iat", "now".into())),
        ("not yet valid", Time("nbf", 11)),
        ("expired", Time("exp", 0)),
        ("another type", Header("typ", "dpop+jwt".into())),
        ("the type of the attestation", Header("typ", KIND.into())),
        ("no type", NoHeader("typ")),
    ];
    let attestation = || attested.attestation().sign(attester);
    for (what, change) in changes {
        let pop = attested.pop().await.changed(&change, world.clock.seconds()).sign(instance);
        attested.refused(what, &attestation(), &pop).await;
    }
    let stranger = Key::p256();
    let stolen = attested.pop().await.with_header("alg", "ES256").sign(&stranger);
    attested.refused("another key", &attestation(), &stolen).await;
    attested.accepted(&attestation(), &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn t9_forged_attestations_and_proofs_are_refused() {
    let attested = Attested::new().await;
    let Attested { attester, instance, .. } = &attested;
    for (what, forged) in attested.attestation().forgeries(attester) {
        attested.refused(what, &forged, &attested.pop().await.sign(instance)).await;
    }
    let number = attested.pop().await.forgeries(instance).len();
    for index in 0..number {
        let (what, forged) = attested.pop().await.forgeries(instance).swap_remove(index);
        let attestation = attested.attestation().sign(attester);
        attested.refused(what, &attestation, &forged).await;
    }
}

#[tokio::test]
async fn a1_an_attestation_beside_another_method_or_twice_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let attestation = attested.attestation().sign(attester);
    let pop = attested.pop().await.sign(instance);
    let form = Form::new(&[("grant_type", "none")]);
    let with_headers = |request: reqwest::RequestBuilder| {
        request
            .header("oauth-client-attestation", &attestation)
            .header("oauth-client-attestation-pop", &pop)
    };
    let basic = with_headers(world.as_client("/token", "teahouse", &form));
    world.send(basic).await.refused(400, "invalid_request");
    let secret = form.clone().with("client_secret", "secret");
    attested.send(&secret, &attestation, &pop).await.refused(400, "invalid_request");
    let twice = world.request(Method::POST, "/token").form(&form.0);
    let twice = with_headers(with_headers(twice));
    world.send(twice).await.refused(400, "invalid_request");
    let alone = world.request(Method::POST, "/token").form(&form.0);
    let alone = alone.header("oauth-client-attestation-pop", &pop);
    world.send(alone).await.refused(400, "invalid_request");
    let other = form.with("client_id", "teahouse");
    attested.send(&other, &attestation, &pop).await.refused(400, "invalid_request");
    attested.accepted(&attestation, &pop).await;
}
