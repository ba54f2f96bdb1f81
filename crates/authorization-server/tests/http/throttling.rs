use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{Form, World};

#[tokio::test]
async fn the_eleventh_wrong_password_in_a_minute_is_throttled_for_that_user_only() {
    let world = World::new().await;
    let wrong = world.password_form("alice").with("password", "guess");
    for _ in 0..10 {
        world.post("/token", "bank", &wrong).await.refused(400, "invalid_grant");
    }
    let right = world.password_form("alice");
    let answer = world.post("/token", "bank", &right).await;
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("60"));
    world.sign_in("bank", "bob").await;
    world.clock.advance(Duration::from_secs(60));
    world.sign_in("bank", "alice").await;
}

#[tokio::test]
async fn an_unknown_user_is_throttled_like_a_known_one() {
    let world = World::new().await;
    let form = world.password_form("alice").with("username", "mallory");
    for _ in 0..10 {
        world.post("/token", "bank", &form).await.refused(400, "invalid_grant");
    }
    world.post("/token", "bank", &form).await.refused(429, "temporarily_unavailable");
}

#[tokio::test]
async fn twenty_bad_secrets_throttle_that_client_only() {
    let world = World::new().await;
    let bad = Form::new(&[
        ("grant_type", "refresh_token"),
        ("client_id", "teahouse"),
        ("client_secret", "guess"),
    ]);
    for _ in 0..20 {
        world.post_unauthenticated("/token", &bad).await.refused(401, "invalid_client");
    }
    let answer = world.post_unauthenticated("/token", &bad).await;
    answer.refused(429, "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    world.tokens("cinema", "alice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn right_passwords_are_never_throttled_however_many_come_at_once() {
    let world = World::new().await;
    for _ in 0..3 {
        join_all((0..16).map(|_| world.sign_in("bank", "alice"))).await;
    }
}
