//! For how long a proof and a nonce are good, and how often.

use std::time::Duration;

use super::{Bound, challenges};
use crate::support::jwt::Change::Time;
use crate::support::jwt::jti;
use crate::support::{Form, World};

#[tokio::test]
async fn t10_a_proof_is_good_once() {
    let bound = Bound::new().await;
    let proof = bound.at_token();
    let tokens = bound.redeem("gallery", &proof).await.ok();
    bound.redeem("gallery", &proof).await.refused(400, "invalid_dpop_proof");
    let same_jti = bound.proof("POST", "/token");
    let other_time = same_jti.clone().with("iat", bound.world.clock.seconds() - 1);
    bound.redeem("gallery", &same_jti.sign(&bound.key)).await.ok();
    bound.redeem("gallery", &other_time.sign(&bound.key)).await.refused(400, "invalid_dpop_proof");

    let token = tokens.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    bound.userinfo(token, &proof).await.ok();
    bound.userinfo(token, &proof).await.refused(401, "invalid_dpop_proof");
    bound.world.clock.advance(Duration::from_secs(59));
    bound.userinfo(token, &proof).await.refused(401, "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t10_of_many_uses_of_a_proof_at_once_one_succeeds() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    for _ in 0..10 {
        let proof = bound.at_userinfo(token).sign(&bound.key);
        let answers =
            futures_util::future::join_all((0..8).map(|_| bound.userinfo(token, &proof))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1);
    }
}

#[tokio::test]
async fn t10_a_proof_that_may_have_been_used_before_a_restart_needs_a_nonce() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let proof = bound.at_token();
    let nonce = bound.post("/token", "gallery", &form, &proof).await;
    let nonce = nonce.header("dpop-nonce").unwrap().to_owned();
    let with_nonce = bound.proof("POST", "/token").with("nonce", nonce).sign(&bound.key);
    let ahead = bound.world.clock.seconds() + 10;
    let ahead = bound.proof("POST", "/token").with("iat", ahead).sign(&bound.key);
    for used in [&with_nonce, &ahead] {
        let answer = bound.post("/token", "gallery", &form, used).await;
        answer.refused(400, "unsupported_grant_type");
    }
    let issuer = bound.world.base.clone();
    let Bound { world, key } = bound;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &issuer).await;
    let bound = Bound { world, key };
    for used in [&proof, &with_nonce, &ahead] {
        let answer = bound.post("/token", "gallery", &form, used).await;
        answer.refused(400, "use_dpop_nonce");
    }
    drop(directory);
}

#[tokio::test]
async fn t10_a_wrong_clock_is_healed_by_a_nonce() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let now = bound.world.clock.seconds();
    for seconds in [-3_600, -60, 11, 3_600] {
        let stale = bound.proof("POST", "/token").changed(&Time("iat", seconds), now);
        let answer = bound.post("/token", "gallery", &form, &stale.sign(&bound.key)).await;
        answer.refused(400, "use_dpop_nonce");
        let nonce = answer.header("dpop-nonce").unwrap();
        let fresh = stale.with("nonce", nonce).with("jti", jti()).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &fresh).await;
        answer.refused(400, "unsupported_grant_type");
    }
    for (seconds, error) in [(-59, "unsupported_grant_type"), (10, "unsupported_grant_type")] {
        let proof = bound.proof("POST", "/token").changed(&Time("iat", seconds), now);
        let answer = bound.post("/token", "gallery", &form, &proof.sign(&bound.key)).await;
        answer.refused(400, error);
    }
}

#[tokio::test]
async fn t10_a_nonce_is_good_for_two_minutes_at_most() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let nonce = tokens.header("dpop-nonce").unwrap().to_owned();
    let form = Form::new(&[("grant_type", "none")]);
    let present = async |nonce: &str| {
        let proof = bound.proof("POST", "/token").with("nonce", nonce).sign(&bound.key);
        bound.post("/token", "gallery", &form, &proof).await
    };
    present(&nonce).await.refused(400, "unsupported_grant_type");
    bound.world.clock.advance(Duration::from_secs(60));
    let answer = present(&nonce).await;
    answer.refused(400, "unsupported_grant_type");
    let next = answer.header("dpop-nonce").unwrap();
    assert_ne!(next, nonce, "the next nonce comes before the last one ends");
    bound.world.clock.advance(Duration::from_secs(60));
    present(&nonce).await.refused(400, "use_dpop_nonce");
    present("made-up").await.refused(400, "use_dpop_nonce");
    let number = bound.proof("POST", "/token").with("nonce", 1).sign(&bound.key);
    let answer = bound.post("/token", "gallery", &form, &number).await;
    answer.refused(400, "use_dpop_nonce");

    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    let old = bound.at_userinfo(token).with("nonce", nonce).sign(&bound.key);
    let answer = bound.userinfo(token, &old).await;
    answer.refused(401, "use_dpop_nonce");
    assert!(challenges(&answer)[0].starts_with(r#"DPoP error="use_dpop_nonce""#));
    let nonce = answer.header("dpop-nonce").unwrap();
    let retried = bound.at_userinfo(token).with("nonce", nonce).sign(&bound.key);
    bound.userinfo(token, &retried).await.ok();
}

#[tokio::test]
async fn t10_answers_to_requests_without_a_proof_bring_no_nonce() {
    let world = World::new().await;
    let tokens = world.tokens("gallery", "alice").await;
    assert_eq!(tokens.header("dpop-nonce"), None);
}
