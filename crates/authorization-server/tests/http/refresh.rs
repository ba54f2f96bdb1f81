//! Refresh tokens: rotation, replay, grace and expiry.

use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::lossy_network::LossyNetwork;
use crate::support::{Form, Pkce, WEEK, World};

#[tokio::test]
async fn t2_a_fixed_token_stays_and_a_rotating_one_is_replaced() {
    let world = World::new().await;
    let fixed = world.tokens("teahouse", "alice").await;
    for _ in 0..2 {
        let answer = world.refresh("teahouse", fixed.text("refresh_token")).await.ok();
        assert_eq!(answer.text("refresh_token"), fixed.text("refresh_token"));
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
async fn t2_a_rotated_token_that_comes_back_ends_the_authorization() {
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
async fn t3_a_repetition_within_the_grace_time_gets_the_same_successor() {
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
async fn t3_parallel_refreshes_with_one_token_agree_on_one_successor() {
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
async fn t1_a_token_works_for_its_own_client_only() {
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
async fn t1_scopes_can_be_narrowed_for_one_access_token_but_never_widened() {
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

/// How many families of tokens go through each case side by side, so that their writes share the
/// waiting for the disk: 102,400 sequences in all where many are tried.
const FAMILIES: usize = 64;

/// The clock moves on, and then in each family something is done at the same time.
#[derive(Clone, Debug)]
struct Round {
    wait: u64,
    steps: Vec<Step>,
}

/// What a client does, or who stole its tokens. Generations are counted back from the newest.
#[derive(Clone, Copy, Debug)]
enum Step {
    Nothing,
    Present(usize),
    PresentAsAnotherClient(usize),
}

#[test]
fn t2_any_sequence_of_refreshes_follows_the_replay_rule() {
    let step = prop_oneof![
        2 => Just(Step::Nothing),
        8 => Just(Step::Present(0)),
        3 => Just(Step::Present(1)),
        1 => (2..4_usize).prop_map(Step::Present),
        1 => (0..3_usize).prop_map(Step::PresentAsAnotherClient),
    ];
    let steps = proptest::collection::vec(step, FAMILIES);
    let round = (0..4_000_u64, steps).prop_map(|(wait, steps)| Round { wait, steps });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: crate::support::cases(2, 1_600),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&proptest::collection::vec(round, 1..16), |rounds| {
            runtime.block_on(follow(&world, &rounds))
        })
        .unwrap();
}

/// Runs the rounds against the server and against a model of each family.
async fn follow(world: &World, rounds: &[Round]) -> Result<(), TestCaseError> {
    let subject = world.sign_in("bank", "alice").await;
    let begin = async |_| {
        let pkce = Pkce::new();
        let form = world.code_form("gallery", &subject, &pkce);
        let code = world.post("/challenge", "bank", &form).await.ok();
        let tokens = world.redeem("gallery", code.text("authorization_code"), &pkce).await.ok();
        Family::new(tokens.text("refresh_token"))
    };
    let mut families = join_all((0..FAMILIES).map(begin)).await;
    let mut now = 0;
    for round in rounds {
        world.clock.advance(Duration::from_millis(round.wait));
        now += round.wait;
        let steps = families.iter_mut().zip(&round.steps);
        let taken = steps.map(|(family, step)| family.take(world, *step, now));
        join_all(taken).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    Ok(())
}

/// The refresh tokens that came one from another.
struct Family {
    generations: Vec<String>,
    /// When the newest but one was rotated.
    rotated_at: Option<u64>,
    is_revoked: bool,
}

impl Family {
    fn new(first: &str) -> Self {
        Self { generations: vec![first.to_owned()], rotated_at: None, is_revoked: false }
    }

    async fn take(&mut self, world: &World, step: Step, now: u64) -> Result<(), TestCaseError> {
        let newest = self.generations.len() - 1;
        let (client, back) = match step {
            Step::Nothing => return Ok(()),
            Step::Present(back) => ("gallery", back),
            Step::PresentAsAnotherClient(back) => ("cinema", back),
        };
        let presented = newest.saturating_sub(back);
        let answer = world.refresh(client, &self.generations[presented]).await;
        let is_first_use = presented == newest;
        let is_in_grace =
            presented + 1 == newest && self.rotated_at.is_some_and(|at| now - at < 5_000);
        if client != "gallery" || self.is_revoked || !(is_first_use || is_in_grace) {
            // Another client learns nothing and ends nothing.
            self.is_revoked |= client == "gallery";
            prop_assert_eq!(answer.json["error"].as_str(), Some("invalid_grant"));
            return Ok(());
        }
        prop_assert!(answer.status.is_success(), "{:?}", answer.json);
        let successor = answer.text("refresh_token").to_owned();
        if is_first_use {
            prop_assert!(!self.generations.contains(&successor));
            self.rotated_at = Some(now);
            self.generations.push(successor);
        } else {
            prop_assert_eq!(&successor, &self.generations[newest]);
        }
        Ok(())
    }
}

#[tokio::test]
async fn t2_the_last_but_two_is_a_replay_even_within_the_grace_time() {
    let world = World::new().await;
    let first = world.tokens("gallery", "alice").await;
    let second = world.refresh("gallery", first.text("refresh_token")).await.ok();
    let third = world.refresh("gallery", second.text("refresh_token")).await.ok();
    let replay = world.refresh("gallery", first.text("refresh_token")).await;
    replay.refused(400, "invalid_grant");
    for tokens in [&first, &second, &third] {
        world.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
        let refused = world.refresh("gallery", tokens.text("refresh_token")).await;
        refused.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn t3_who_lost_the_answer_asks_again_and_gets_what_was_lost() {
    let world = World::new().await;
    let network = LossyNetwork::to(&world.base).await;
    let whole = network.whole_answer(&world, "gallery").await;
    for cut in (0..whole).step_by(whole / 12) {
        let old = world.tokens("gallery", "alice").await;
        let old = old.text("refresh_token");
        let lost = network.lose_answer("gallery", old, cut).await;
        let lost_token = lost["refresh_token"].as_str().unwrap();
        world.remember(lost_token);
        world.clock.advance(Duration::from_millis(4_999));
        let again = world.refresh("gallery", old).await.ok();
        assert_eq!(again.text("refresh_token"), lost_token, "cut at {cut} of {whole}");
        world.userinfo(lost["access_token"].as_str().unwrap()).await.ok();
        world.userinfo(again.text("access_token")).await.ok();
        world.refresh("gallery", lost_token).await.ok();
    }
}

#[tokio::test]
async fn t3_who_asks_again_too_late_has_to_begin_anew() {
    let world = World::new().await;
    let network = LossyNetwork::to(&world.base).await;
    let old = world.tokens("gallery", "alice").await;
    let old = old.text("refresh_token");
    let lost = network.lose_answer("gallery", old, 0).await;
    world.clock.advance(Duration::from_secs(5));
    world.refresh("gallery", old).await.refused(400, "invalid_grant");
    let lost_token = lost["refresh_token"].as_str().unwrap();
    world.refresh("gallery", lost_token).await.refused(400, "invalid_grant");
    let access = lost["access_token"].as_str().unwrap();
    world.userinfo(access).await.refused(401, "invalid_token");
}
