use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{Form, Pkce, World, http_client_at};

#[tokio::test]
async fn h6_the_eleventh_wrong_password_in_a_minute_is_throttled_for_that_user_only() {
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

/// Fails in the name of `client` until further failures are throttled.
async fn exhaust(world: &World, client: &str) {
    let bad = bad_secret(client);
    for _ in 0..20 {
        world.post_unauthenticated("/token", &bad).await.refused(401, "invalid_client");
    }
    let answer = world.post_unauthenticated("/token", &bad).await;
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("60"));
}

fn bad_secret(client: &str) -> Form {
    Form::new(&[("grant_type", "refresh_token"), ("client_id", client), ("client_secret", "guess")])
}

#[tokio::test]
async fn a4_the_twenty_first_bad_secret_in_a_minute_is_throttled_for_that_client_only() {
    let world = World::new().await;
    exhaust(&world, "teahouse").await;
    let other = bad_secret("cinema");
    world.post_unauthenticated("/token", &other).await.refused(401, "invalid_client");
    world.clock.advance(Duration::from_secs(60));
    let again = bad_secret("teahouse");
    world.post_unauthenticated("/token", &again).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a4_an_unknown_client_is_throttled_like_a_known_one() {
    exhaust(&World::new().await, "nobody").await;
}

#[tokio::test]
async fn a4_unknown_clients_of_one_address_are_throttled_together() {
    let world = World::new().await;
    for n in 0..20 {
        let bad = bad_secret(&format!("nobody-{n}"));
        world.post_unauthenticated("/token", &bad).await.refused(401, "invalid_client");
    }
    let another = bad_secret("another");
    let answer = world.post_unauthenticated("/token", &another).await;
    answer.refused(429, "temporarily_unavailable");
    let known = bad_secret("teahouse");
    world.post_unauthenticated("/token", &known).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a4_bad_secrets_in_a_clients_name_do_not_stop_the_client() {
    let world = World::new().await;
    for client in ["bank", "teahouse", "gallery"] {
        exhaust(&world, client).await;
    }
    for client in ["teahouse", "gallery"] {
        let tokens = world.tokens(client, "alice").await;
        world.refresh(client, tokens.text("refresh_token")).await.ok();
    }
    let bad = bad_secret("bank");
    world.post_unauthenticated("/token", &bad).await.refused(429, "temporarily_unavailable");
}

#[tokio::test]
async fn a4_bad_secrets_from_one_address_throttle_nobody_at_another() {
    let world = World::new().await;
    exhaust(&world, "teahouse").await;
    let elsewhere = http_client_at(IpAddr::from([127, 0, 0, 2]));
    let token = format!("{}/token", world.base);
    let bad = elsewhere.post(&token).form(&bad_secret("teahouse").0);
    world.send(bad).await.refused(401, "invalid_client");
    let secret = world.secret("teahouse");
    let good = elsewhere.post(&token).basic_auth("teahouse", Some(secret));
    let good = good.form(&[("grant_type", "none")]);
    world.send(good).await.refused(400, "unsupported_grant_type");
}

#[tokio::test]
async fn who_is_not_the_host_cannot_lock_a_user_out_with_wrong_passwords() {
    let world = World::new().await;
    let wrong = world.password_form("alice").with("password", "guess");
    for _ in 0..11 {
        let unproven = wrong.clone().with("client_id", "bank");
        world.post_unauthenticated("/token", &unproven).await.refused(401, "invalid_client");
        world.post_unauthenticated("/token", &wrong).await.refused(401, "invalid_client");
        world.post("/token", "gallery", &wrong).await.refused(400, "unauthorized_client");
        world.post("/token", "teahouse", &wrong).await.refused(400, "unauthorized_client");
    }
    world.sign_in("bank", "alice").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h6_right_passwords_are_never_throttled_however_many_come_at_once() {
    let world = World::new().await;
    for _ in 0..3 {
        join_all((0..16).map(|_| world.sign_in("bank", "alice"))).await;
    }
}

#[tokio::test]
async fn h6_the_eleventh_code_request_with_a_bad_user_token_is_throttled_for_that_user_only() {
    let world = World::new().await;
    let alice = world.sign_in("bank", "alice").await;
    let bob = world.sign_in("bank", "bob").await;
    let ask = |token: &str| world.code_form("teahouse", token, &Pkce::new());
    world.clock.advance(Duration::from_secs(100));
    let stale = ask(&alice).with("max_age", 99);
    for _ in 0..10 {
        world.post("/challenge", "bank", &stale).await.refused(403, "insufficient_authorization");
    }
    let answer = world.post("/challenge", "bank", &stale).await;
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("60"));
    // What is right is never refused, and neither is anybody else.
    world.post("/challenge", "bank", &ask(&alice)).await.ok();
    world.post("/challenge", "bank", &ask(&bob)).await.ok();
    let stale = ask(&bob).with("max_age", 99);
    world.post("/challenge", "bank", &stale).await.refused(403, "insufficient_authorization");
    let redirect = crate::support::callback("cinema");
    let form = ask(&alice).with("target_client_id", "cinema").with("redirect_uri", redirect);
    let rival = world.post("/challenge", "rival", &form).await;
    rival.refused(403, "insufficient_authorization");
    world.clock.advance(Duration::from_secs(60));
    let stale = ask(&alice).with("max_age", 99);
    world.post("/challenge", "bank", &stale).await.refused(403, "insufficient_authorization");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h6_code_requests_and_redeems_that_succeed_are_never_throttled() {
    let world = World::new().await;
    let alice = world.sign_in("bank", "alice").await;
    for _ in 0..4 {
        let stories = (0..64).map(async |_| {
            let pkce = Pkce::new();
            let form = world.code_form("teahouse", &alice, &pkce);
            let answer = world.post("/challenge", "bank", &form).await.ok();
            world.redeem("teahouse", answer.text("authorization_code"), &pkce).await.ok();
        });
        join_all(stories).await;
    }
}
