use std::time::Duration;

use futures_util::future::join_all;
use minihost_authorization_server::RefreshPolicy;
use sample_miniprogram::ProgramId::Teahouse;
use serde_json::json;

use crate::support::{ALL, Fault, World};

#[tokio::test]
async fn details_are_asked_for_anew_each_time() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    let before = world.faults.count("/userinfo");
    for _ in 0..2 {
        let answer = browser.post("/api/details", "{}").await;
        assert_eq!((answer.status, &answer.body["refreshed"]), (200, &json!(false)));
        assert_eq!(answer.body["user"]["email"], "alice@example.com");
    }
    assert_eq!(world.faults.count("/userinfo"), before + 2);
}

#[tokio::test]
async fn an_expired_token_is_refreshed_and_the_question_asked_once_more() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    for _ in 0..3 {
        world.expire_access(Teahouse).await;
        let answer = browser.post("/api/details", "{}").await;
        assert_eq!(
            (answer.status, &answer.body["refreshed"]),
            (200, &json!(true)),
            "{}",
            answer.body
        );
        assert_eq!(answer.body["user"]["username"], "alice");
        let again = browser.post("/api/details", "{}").await;
        assert_eq!(again.body["refreshed"], false);
    }
}

#[tokio::test]
async fn a_refresh_token_that_the_server_does_not_replace_stays_in_use() {
    let fixed = RefreshPolicy::Fixed { lifetime: Duration::from_secs(3600) };
    let world = World::with_refresh(fixed).await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    for _ in 0..2 {
        world.expire_access(Teahouse).await;
        assert_eq!(browser.post("/api/details", "{}").await.body["refreshed"], true);
    }
}

#[tokio::test]
async fn requests_that_find_the_token_expired_together_refresh_it_once() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.expire_access(Teahouse).await;
    let before = world.faults.count("/token");
    let answers = join_all((0..16).map(|_| browser.post("/api/details", "{}"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(answers.iter().any(|answer| answer.body["refreshed"] == true));
    assert_eq!(world.faults.count("/token"), before + 1);
}

#[tokio::test]
async fn when_the_refresh_token_is_no_good_either_the_user_continues_again() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.expire_access(Teahouse).await;
    world.expire_refresh(Teahouse).await;
    let answer = browser.post("/api/details", "{}").await;
    assert_eq!((answer.status, answer.reason()), (401, "login_required"));
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
    assert_eq!(world.sign_in(&browser, "alice", ALL).await.body["signIns"], 2);
}

#[tokio::test]
async fn without_a_refresh_token_the_user_continues_again() {
    let world = World::with_refresh(RefreshPolicy::None).await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.expire_access(Teahouse).await;
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
}

#[tokio::test]
async fn a_refresh_that_failed_on_the_way_is_tried_again_and_ends_no_session() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.expire_access(Teahouse).await;
    for (fault, reason) in [
        (Fault::Busy, "temporarily_unavailable"),
        (Fault::Cut, "network"),
        (Fault::Broken, "server_error"),
    ] {
        world.faults.set("/token", fault);
        let answer = browser.post("/api/details", "{}").await;
        assert_eq!(answer.reason(), reason);
        world.faults.clear();
    }
    assert_eq!(browser.post("/api/details", "{}").await.body["refreshed"], true);
}

#[tokio::test]
async fn a_token_that_is_refused_again_after_the_refresh_is_not_refreshed_for_ever() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.faults.set("/userinfo", Fault::InvalidToken);
    let before = (world.faults.count("/token"), world.faults.count("/userinfo"));
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
    let after = (world.faults.count("/token"), world.faults.count("/userinfo"));
    assert_eq!(after, (before.0 + 1, before.1 + 2));
}

#[tokio::test]
async fn details_of_another_user_are_not_shown() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world
        .faults
        .set("/userinfo", Fault::Says(r#"{"sub":"somebody-else","email":"x@example.com"}"#));
    let answer = browser.post("/api/details", "{}").await;
    assert_eq!(answer.reason(), "server_error");
    assert!(!answer.body.to_string().contains("x@example.com"));
}

#[tokio::test]
async fn nobody_gets_details_without_a_session() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
    browser.post("/api/sign-in/start", "{}").await;
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
}
