//! For how long an attestation, its proof and a challenge are good, and how often.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::Attested;
use crate::support::World;
use crate::support::jwt::Change::Time;
use crate::support::jwt::jti;

#[tokio::test]
async fn a7_an_attestation_serves_many_requests_and_a_proof_one() {
    let attested = Attested::new().await;
    let Attested { attester, instance, .. } = &attested;
    let attestation = attested.attestation().sign(attester);
    let pop = attested.pop().await;
    attested.accepted(&attestation, &pop.sign(instance)).await;
    attested.refused("again", &attestation, &pop.sign(instance)).await;
    attested.accepted(&attestation, &pop.with("jti", jti()).sign(instance)).await;
}

#[tokio::test]
async fn a7_a_proof_without_a_challenge_of_the_last_minutes_is_told_the_next_one() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let attestation = attested.attestation().sign(attester);
    let stale = attested.pop().await;
    world.clock.advance(Duration::from_secs(120));
    for pop in [
        stale.clone(),
        stale.clone().without("challenge"),
        stale.clone().with("challenge", "made-up"),
        stale.clone().with("challenge", 1),
    ] {
        let answer = attested.present(&attestation, &pop.sign(instance)).await;
        answer.refused(400, "use_attestation_challenge");
        let challenge = answer.header("oauth-client-attestation-challenge").unwrap();
        let retried = pop.with("challenge", challenge).with("jti", jti());
        attested.accepted(&attestation, &retried.sign(instance)).await;
    }
    // For thirty more, none of which counts as a failed attempt.
    for _ in 0..30 {
        let answer = attested.present(&attestation, &stale.sign(instance)).await;
        answer.refused(400, "use_attestation_challenge");
    }
}

#[tokio::test]
async fn a7_what_was_used_before_a_restart_needs_another_challenge() {
    let attested = Attested::new().await;
    let attestation = attested.attestation().sign(&attested.attester);
    let pop = attested.pop().await.sign(&attested.instance);
    attested.accepted(&attestation, &pop).await;
    let issuer = attested.world.base.clone();
    let Attested { world, attester, instance } = attested;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &issuer).await;
    let attested = Attested { world, attester, instance };
    attested.present(&attestation, &pop).await.refused(400, "use_attestation_challenge");
    drop(directory);
}

#[tokio::test]
async fn a7_an_attestation_that_is_over_or_a_day_old_must_be_replaced() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let now = world.clock.seconds();
    for change in [Time("exp", 0), Time("exp", -1), Time("iat", -86_401)] {
        let old = attested.attestation().changed(&change, now).sign(attester);
        let answer = attested.present(&old, &attested.pop().await.sign(instance)).await;
        answer.refused(400, "use_fresh_attestation");
    }
    let of_yesterday = attested.attestation().with("iat", now - 86_400).sign(attester);
    attested.accepted(&of_yesterday, &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn a7_challenges_are_never_stored_and_named_in_the_metadata_with_the_methods() {
    const PATH: &str = "/.well-known/oauth-authorization-server";
    let attested = Attested::new().await;
    let world = &attested.world;
    let answer = world.send(world.request(Method::POST, "/attestation_challenge")).await.ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("dpop-nonce").is_some());
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    let endpoint = format!("{}/attestation_challenge", world.base);
    assert_eq!(metadata["challenge_endpoint"], endpoint);
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in ["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"] {
        assert!(methods.contains(&json!(method)), "{method}");
    }
    for member in [
        "client_attestation_signing_alg_values_supported",
        "client_attestation_pop_signing_alg_values_supported",
    ] {
        assert_eq!(metadata[member], json!(["PS256", "ES256", "EdDSA"]), "{member}");
    }
    let without = World::new().await;
    let metadata = without.send(without.request(Method::GET, PATH)).await.ok().json;
    assert!(metadata.get("challenge_endpoint").is_none());
}
