//! Taking back, with a store and a server that do not answer.

use std::time::Duration;

use minihost::{Remembered, RevokeOutcome, SaveOutcome, ServerEnd};
use serde_json::json;

use crate::{
    bench::bench,
    fake::{Asked, Saves},
    own::{grant, teahouse},
};

/// Short, for tests in which it passes.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was granted, taken back, and could not be told to the server.
fn owed(names: &[&str]) -> Remembered {
    let grants: Vec<_> = names
        .iter()
        .map(|name| {
            json!({
                "key": {
                    "issuer": "https://as.example", "user": "u-alice", "miniProgram": "teahouse",
                    "publisherKey": "unsigned", "clientId": "teahouse", "audience": null,
                    "scope": name,
                },
                "grantedAt": "2026-01-01T00:00:00Z", "expiresAt": null, "decision": "d",
                "locale": "en", "digest": "x", "manifestVersion": "1.2.0", "manifestHash": "h",
                "grantId": name,
                "ended": {"at": "2026-01-02T00:00:00Z", "by": "revoked", "server": "due"},
            })
        })
        .collect();
    serde_json::from_value(json!({"grants": grants})).unwrap()
}

#[tokio::test]
async fn nobody_waits_for_a_store_that_never_answers() {
    let mut bench = bench(|fake| {
        fake.saves = Saves::Never;
        fake.patience = PATIENCE;
    })
    .await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    let outcome = bench.host.revoke(teahouse(), None).await.unwrap();
    let RevokeOutcome { scopes, saved, server } = outcome;
    assert_eq!((scopes.len(), saved), (2, SaveOutcome::Failed));
    assert_eq!(server, ServerEnd::NotTold, "the server knows of nothing");
    assert!(bench.host.grants().is_empty());
}

#[tokio::test]
async fn a_grant_of_which_the_server_says_nothing_does_not_speak_for_the_others() {
    let silent = ["unanswered-1", "unanswered-2", "unanswered-3", "unanswered-4"];
    let mut bench = bench(|fake| {
        fake.remembered = owed(&[&silent[..], &["zest"]].concat());
        fake.patience = PATIENCE;
    })
    .await;
    for name in silent.iter().chain(&["zest"]) {
        bench.find(|asked| matches!(asked, Asked::EndGrant(id) if id == name).then_some(())).await;
    }
    // What has ended is saved.
    bench.find(|asked| matches!(asked, Asked::Save(5)).then_some(())).await;
    let told = bench.host.past_grants().into_iter().map(|grant| {
        (grant.key.scope.to_string(), grant.ended.unwrap().server == ServerEnd::Ended)
    });
    let told: Vec<_> = told.collect();
    assert!(told.contains(&("zest".to_owned(), true)), "{told:?}");
    assert_eq!(told.iter().filter(|(_, ended)| *ended).count(), 1, "{told:?}");
}

#[tokio::test]
async fn what_the_server_was_granted_once_is_ended_there() {
    let mut bench = bench(|fake| fake.saves = Saves::Fail).await;
    grant(&mut bench, 1).await;
    assert!(bench.host.grants().is_empty(), "nothing could be remembered");
    let outcome = bench.host.revoke(teahouse(), None).await.unwrap();
    assert!(outcome.scopes.is_empty());
    assert_eq!(outcome.server, ServerEnd::Ended);
}
