//! A rotation of the signing keys, as clients see it who keep a copy of the key set.

use std::time::Duration;

use minihost_authorization_server::{KeyRotation, RegistryError};
use serde_json::Value;

use crate::support::World;
use crate::support::keys::{published, verify};

const SECOND: Duration = Duration::from_secs(1);
const LEAD: Duration = Duration::from_secs(1800);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn rotate(world: &World, rotation: KeyRotation) {
    let made = world.server.registry().rotate_keys(rotation).await.unwrap();
    assert_eq!(made.len(), 2, "ES256 and EdDSA");
}

/// A new ID token, for a client of ES256.
async fn id_token(world: &World) -> String {
    world.tokens("teahouse", "alice").await.text("id_token").to_owned()
}

fn is_good(keys: &[Value], token: &str) -> bool {
    verify(keys, token).is_some()
}

#[tokio::test]
async fn t14_who_has_the_keys_of_before_or_of_after_a_rotation_can_check_what_is_signed() {
    let world = World::new().await;
    let copy_of_before = published(&world).await;
    let signed_before = id_token(&world).await;
    rotate(&world, KeyRotation::Ahead(LEAD)).await;
    let copy_of_after = published(&world).await;
    assert_eq!(copy_of_after.len(), 2 * copy_of_before.len());

    world.clock.advance(LEAD - SECOND);
    let signed_meanwhile = id_token(&world).await;
    for copy in [&copy_of_before, &copy_of_after] {
        assert!(is_good(copy, &signed_before) && is_good(copy, &signed_meanwhile));
    }

    world.clock.advance(SECOND);
    let signed_after = id_token(&world).await;
    assert!(!is_good(&copy_of_before, &signed_after), "another key signs now");
    for token in [&signed_before, &signed_meanwhile, &signed_after] {
        assert!(is_good(&copy_of_after, token));
        assert!(is_good(&published(&world).await, token));
    }
    let tokens = world.tokens("teahouse", "alice").await;
    let refreshed = world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
    assert!(is_good(&copy_of_after, refreshed.text("id_token")));
}

#[tokio::test]
async fn t14_an_old_key_stays_published_for_a_day_after_it_stopped_signing() {
    let world = World::new().await;
    let old = id_token(&world).await;
    rotate(&world, KeyRotation::Ahead(LEAD)).await;
    world.clock.advance(LEAD + DAY - SECOND);
    assert!(is_good(&published(&world).await, &old));
    world.clock.advance(SECOND);
    let keys = published(&world).await;
    assert_eq!(keys.len(), 2);
    assert!(!is_good(&keys, &old) && is_good(&keys, &id_token(&world).await));
}

#[tokio::test]
async fn t14_a_rotation_within_the_lead_of_another_leaves_no_moment_without_a_key_or_with_an_unknown_one()
 {
    let world = World::new().await;
    let mut copy = published(&world).await;
    let mut signers = Vec::new();
    for step in 0..8 {
        if step < 2 {
            rotate(&world, KeyRotation::Ahead(LEAD)).await;
        }
        // Older than any client may keep it.
        world.clock.advance(LEAD / 3);
        let token = id_token(&world).await;
        let (header, _) = verify(&copy, &token).expect("the copy has the key");
        signers.push(header["kid"].clone());
        copy = published(&world).await;
    }
    signers.dedup();
    assert_eq!(signers.len(), 3, "each key signed in its turn");
}

#[tokio::test]
async fn t14_keys_rotated_at_once_sign_at_once_and_overtake_those_that_wait() {
    let world = World::new().await;
    let old = id_token(&world).await;
    rotate(&world, KeyRotation::Ahead(LEAD)).await;
    let waiting = published(&world).await;
    rotate(&world, KeyRotation::AtOnce).await;
    let new = id_token(&world).await;
    assert!(!is_good(&waiting, &new));
    let keys = published(&world).await;
    assert!(is_good(&keys, &old) && is_good(&keys, &new));
    world.clock.advance(LEAD);
    let (first, second) = (verify(&keys, &new), verify(&keys, &id_token(&world).await));
    assert_eq!(first.unwrap().0["kid"], second.unwrap().0["kid"], "what waited never signs");
}

#[tokio::test]
async fn t14_keys_that_others_may_have_are_published_no_more() {
    let world = World::new().await;
    let forged = id_token(&world).await;
    let tokens = world.tokens("teahouse", "alice").await;
    rotate(&world, KeyRotation::Compromised).await;
    let keys = published(&world).await;
    assert_eq!(keys.len(), 2);
    assert!(!is_good(&keys, &forged) && is_good(&keys, &id_token(&world).await));
    world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn a_lead_shorter_than_clients_may_keep_the_keys_or_longer_than_a_week_is_refused() {
    let world = World::new().await;
    let before = published(&world).await;
    let registry = world.server.registry();
    for seconds in [0, 300, 599, 604_801] {
        let lead = Duration::from_secs(seconds);
        let refused = registry.rotate_keys(KeyRotation::Ahead(lead)).await.unwrap_err();
        assert!(matches!(refused, RegistryError::KeyLead(_)), "{refused}");
    }
    assert_eq!(published(&world).await, before);
    rotate(&world, KeyRotation::Ahead(Duration::from_secs(600))).await;
}
