//! Refresh tokens: rotation, replay, grace and expiry.

use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::{Form, WEEK, World};

#[tokio::test]
async fn a_fixed_token_stays_and_a_rotating_one_is_replaced() {
    let world = World::new().await;
    let fixed = world.tokens("teahouse", "alice").await;
    for _ in 0..2 {
        let answer = world.refresh("teahouse", fixed.text("refresh_token")).await.ok();
        assert_eq!(answer.json.get("refresh_token"), None);
        world.userinfo(answer.text("access_token")).await.ok();
    }
    for client in ["cinema", "gallery"] {
        let old = world.tokens(client, "alice").await;
        let new = world.refresh(client, old.text("refresh_token")).await.ok();
        assert_ne!(new.text("refresh_token"), old.text("refresh_token"));
        assert_ne!(new.text("access_token"), old.text("access_token"));
        world.userinfo(new.text("access_token")).await.ok();
    }
}

#[tokio::test]
async fn a_rotated_token_that_comes_back_ends_the_authorization() {
    let world = World::new().await;
    let old = world.tokens("cinema", "alice").await;
    let new = world.refresh("cinema", old.text("refresh_token")).await.ok();
    world.clock.advance(Duration::from_secs(5));
    let replay = world.refresh("cinema", old.text("refresh_token")).await;
    replay.refused(400, "invalid_grant");
    let after = world.refresh("cinema", new.text("refresh_token")).await;
    after.refused(400, "invalid_grant");
    world.userinfo(new.text("access_token")).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn a_repetition_within_the_grace_time_gets_the_same_successor() {
    let world = World::new().await;
    let old = world.tokens("gallery", "alice").await;
    let first = world.refresh("gallery", old.text("refresh_token")).await.ok();
    world.clock.advance(Duration::from_millis(4_999));
    let second = world.refresh("gallery", old.text("refresh_token")).await.ok();
    assert_eq!(first.text("refresh_token"), second.text("refresh_token"));
    world.userinfo(first.text("access_token")).await.ok();
    world.userinfo(second.text("access_token")).await.ok();
    world.refresh("gallery", second.text("refresh_token")).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_refreshes_with_one_token_agree_on_one_successor() {
    let world = World::new().await;
    let old = world.tokens("gallery", "alice").await;
    let token = old.text("refresh_token");
    let answers = join_all((0..64).map(|_| world.refresh("gallery", token))).await;
    let mut successors: Vec<_> =
        answers.into_iter().map(|answer| answer.ok().text("refresh_token").to_owned()).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn a_token_works_for_its_own_client_only() {
    let world = World::new().await;
    let tokens = world.tokens("cinema", "alice").await;
    let token = tokens.text("refresh_token");
    for thief in ["teahouse", "gallery", "bank"] {
        world.refresh(thief, token).await.refused(400, "invalid_grant");
    }
    world.refresh("cinema", tokens.text("access_token")).await.refused(400, "invalid_grant");
    world.refresh("cinema", "made-up").await.refused(400, "invalid_grant");
    world.refresh("cinema", token).await.ok();
}

#[tokio::test]
async fn scopes_can_be_narrowed_for_one_access_token_but_never_widened() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let form = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
    ]);
    let narrow = world.post("/token", "teahouse", &form.clone().with("scope", "openid")).await;
    assert_eq!(narrow.ok().text("scope"), "openid");
    let wide =
        world.post("/token", "teahouse", &form.clone().with("scope", "openid mediate")).await;
    wide.refused(400, "invalid_scope");
    let full = world.post("/token", "teahouse", &form).await;
    assert_eq!(full.ok().text("scope"), "email openid phone profile");
}

#[tokio::test]
async fn a_token_lives_on_from_its_last_use() {
    let world = World::new().await;
    let almost = WEEK - Duration::from_secs(1);
    let fixed = world.tokens("teahouse", "alice").await;
    let rotating = world.tokens("cinema", "alice").await;
    world.clock.advance(almost);
    world.refresh("teahouse", fixed.text("refresh_token")).await.ok();
    let rotating = world.refresh("cinema", rotating.text("refresh_token")).await.ok();
    world.clock.advance(almost);
    world.refresh("teahouse", fixed.text("refresh_token")).await.ok();
    world.refresh("cinema", rotating.text("refresh_token")).await.ok();
    world.clock.advance(WEEK);
    let expired = world.refresh("teahouse", fixed.text("refresh_token")).await;
    expired.refused(400, "invalid_grant");
}

/// What a client, or who stole its tokens, does next.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    /// Presents the token of a generation, counted back from the newest.
    Present(usize),
}

#[test]
fn any_sequence_of_refreshes_follows_the_replay_rule() {
    let step = prop_oneof![
        (0..4_000_u64).prop_map(Step::Wait),
        (0..3_usize).prop_map(Step::Present),
        Just(Step::Present(0)),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&proptest::collection::vec(step, 1..16), |steps| {
            runtime.block_on(follow(&world, &steps))
        })
        .unwrap();
}

/// Runs the steps against the server and against a model of one authorization.
async fn follow(world: &World, steps: &[Step]) -> Result<(), TestCaseError> {
    let tokens = world.tokens("gallery", "alice").await;
    let mut generations = vec![tokens.text("refresh_token").to_owned()];
    let mut now = 0;
    let mut rotated_at = Vec::new();
    let mut revoked = false;
    for step in steps {
        let back = match step {
            Step::Wait(millis) => {
                world.clock.advance(Duration::from_millis(*millis));
                now += millis;
                continue;
            }
            Step::Present(back) => *back,
        };
        let newest = generations.len() - 1;
        let presented = newest.saturating_sub(back);
        let answer = world.refresh("gallery", &generations[presented]).await;
        let in_grace =
            presented + 1 == newest && rotated_at.last().is_some_and(|at| now - at < 5_000);
        if revoked || (presented < newest && !in_grace) {
            revoked = true;
            prop_assert_eq!(answer.json["error"].as_str(), Some("invalid_grant"));
        } else {
            prop_assert!(answer.status.is_success(), "{:?}", answer.json);
            let successor = answer.text("refresh_token").to_owned();
            if presented == newest {
                rotated_at.push(now);
                prop_assert!(!generations.contains(&successor));
                generations.push(successor);
            } else {
                prop_assert_eq!(&successor, &generations[newest]);
            }
        }
    }
    Ok(())
}
