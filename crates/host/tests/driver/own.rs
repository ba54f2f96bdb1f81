//! The host's own methods and settings, events, and taking grants back.

use minihost::{
    MiniProgramId, ReplyToken, RevokeError, SaveOutcome, ServerEnd, SignInHow, StartError,
    ports::SettingsRequest,
};
use minihost_testkit::call;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, DOCUMENT, bench, start_with_two_equal_methods},
    fake::{Asked, Behaves, Issues, Saves},
};

async fn asked_settings(bench: &mut Bench) -> SettingsRequest {
    bench
        .find(|asked| match asked {
            Asked::Settings(request) => Some(request.clone()),
            _ => None,
        })
        .await
}

async fn told(bench: &mut Bench, event: &str) -> Value {
    bench
        .find(|asked| match asked {
            Asked::Tell(message) if message["method"] == event => Some(message["params"].clone()),
            _ => None,
        })
        .await
}

pub(crate) async fn grant(bench: &mut Bench, token: u64) {
    bench.request(token);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
}

pub(crate) fn teahouse() -> MiniProgramId {
    MiniProgramId::new("teahouse")
}

#[tokio::test]
async fn a_method_of_the_hosts_own_is_called_and_its_result_delivered() {
    let mut bench = bench(|_| {}).await;
    assert_eq!(bench.call(1, "acme.print", &json!({"document": "receipt"})), None);
    let params = bench
        .find(|asked| match asked {
            Asked::Call(params) => Some(params.clone()),
            _ => None,
        })
        .await;
    assert_eq!(params, json!({"document": "receipt"}));
    assert_eq!(bench.delivered().await.1["result"], json!({"pages": 1}));
}

#[tokio::test]
async fn a_method_that_panics_is_an_internal_error_and_the_next_call_works() {
    let mut bench = bench(|fake| fake.own_method = Behaves::Panics).await;
    for token in [1, 2] {
        bench.call(token, "acme.print", &json!({}));
        assert_eq!(bench.reason().await, "internal");
    }
}

#[tokio::test]
async fn a_call_that_never_returns_is_given_up_when_the_page_cancels() {
    let mut bench = bench(|fake| fake.own_method = Behaves::Never).await;
    bench.call(1, "acme.print", &json!({}));
    bench.find(|asked| matches!(asked, Asked::Call(_)).then_some(())).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
    let context = call("teahouse", DOCUMENT, ReplyToken(9));
    assert_eq!(bench.host.receive(bench.session, context, cancel), None);
    assert_eq!(bench.reason().await, "aborted");
    bench.given_up().await;
}

#[tokio::test]
async fn two_methods_of_one_name_do_not_start() {
    let error = start_with_two_equal_methods().await;
    assert!(matches!(error, StartError::MethodNamedTwice(name) if name.as_str() == "acme.print"));
}

#[tokio::test]
async fn a_page_opens_the_settings_and_hears_when_they_are_there() {
    let mut bench = bench(|_| {}).await;
    assert_eq!(bench.call(1, "host.openSettings", &json!({})), None);
    let request = asked_settings(&mut bench).await;
    assert_eq!(request.mini_program, teahouse());
    bench.host.settings_shown(request.ticket);
    let answer = bench.delivered().await.1;
    assert_eq!(answer["result"], json!({}));
}

#[tokio::test]
async fn what_is_granted_and_taken_back_is_told_to_the_page_and_to_the_server() {
    let mut bench = bench(|_| {}).await;
    grant(&mut bench, 1).await;
    assert_eq!(told(&mut bench, "auth.sessionChanged").await, json!({"valid": true}));
    let grants = told(&mut bench, "auth.grantsChanged").await;
    assert_eq!(grants["grants"].as_array().unwrap().len(), 2);

    let revoked = bench.host.revoke(teahouse(), None).await.unwrap();
    assert_eq!(revoked.scopes.len(), 2);
    assert_eq!((revoked.saved, revoked.server), (SaveOutcome::Stored, ServerEnd::Ended));
    assert_eq!(told(&mut bench, "auth.sessionChanged").await, json!({"valid": false}));
    assert!(bench.host.grants().is_empty());
    assert_eq!(bench.host.past_grants().len(), 2);
}

#[tokio::test]
async fn a_page_takes_back_what_it_was_granted() {
    let mut bench = bench(|_| {}).await;
    grant(&mut bench, 1).await;
    bench.call(2, "auth.revoke", &json!({}));
    let result = bench.delivered().await.1["result"].clone();
    assert_eq!(result, json!({"revokedScopes": ["email", "openid"], "atServer": true}));
}

#[tokio::test]
async fn a_server_that_fails_ends_the_grant_here_all_the_same() {
    let mut bench = bench(|fake| fake.grant_management = Behaves::Panics).await;
    grant(&mut bench, 1).await;
    let revoked = bench.host.revoke(teahouse(), None).await.unwrap();
    assert_eq!(revoked.server, ServerEnd::Due);
    assert!(bench.host.grants().is_empty());
}

#[tokio::test]
async fn whoever_takes_back_learns_that_nothing_was_granted_and_of_a_shutdown() {
    let mut failing = bench(|fake| fake.saves = Saves::Fail).await;
    grant(&mut failing, 1).await;
    let nothing = failing.host.revoke(teahouse(), None).await.unwrap();
    assert!(nothing.scopes.is_empty(), "nothing was remembered");

    let mut bench = bench(|fake| fake.grant_management = Behaves::Never).await;
    grant(&mut bench, 1).await;
    let host = bench.host.clone();
    let revoking = tokio::spawn(async move { host.revoke(teahouse(), None).await });
    bench.find(|asked| matches!(asked, Asked::EndGrant(_)).then_some(())).await;
    bench.host.shutdown().await;
    assert_eq!(revoking.await.unwrap(), Err(RevokeError::ShutDown));
    assert_eq!(bench.host.revoke(teahouse(), None).await, Err(RevokeError::ShutDown));
}

#[tokio::test]
async fn a_page_has_the_user_sign_in_again_and_then_gets_on() {
    let mut bench = bench(|_| {}).await;
    bench.ask_with_prompt(1, "login");
    let how = bench
        .find(|asked| match asked {
            Asked::SignIn(how) => Some(how.clone()),
            _ => None,
        })
        .await;
    assert_eq!(how, SignInHow::Again { acr_values: Vec::new(), max_age: None });
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());

    bench.ask_with_prompt(2, "select_account");
    assert_eq!(bench.reason().await, "user_cancelled");
}

async fn visited(bench: &mut Bench) -> String {
    let visit = |asked: &Asked| match asked {
        Asked::Visit(page) => Some(page.clone()),
        _ => None,
    };
    bench.find(visit).await
}

#[tokio::test]
async fn a_server_that_wants_a_browser_gets_it_once_and_then_gives_the_code() {
    let mut bench = bench(|fake| fake.issues = Issues::CodeAfterVisit).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert_eq!(visited(&mut bench).await, "https://as.example/authorize?request_uri=urn:1");
    assert!(bench.delivered().await.1["result"].is_object());
}

#[tokio::test]
async fn a_browser_that_fails_or_stays_open_is_the_end_of_one_request() {
    for (behaves, reason) in
        [(Behaves::Panics, "interaction_required"), (Behaves::Never, "aborted")]
    {
        let mut bench = bench(|fake| {
            fake.issues = Issues::CodeAfterVisit;
            fake.own_method = behaves;
        })
        .await;
        bench.request(1);
        let view = bench.view().await;
        bench.allow(&view).unwrap();
        visited(&mut bench).await;
        if behaves == Behaves::Never {
            let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
            bench.host.receive(bench.session, call("teahouse", DOCUMENT, ReplyToken(9)), cancel);
        }
        assert_eq!(bench.reason().await, reason);
        if behaves == Behaves::Never {
            bench.given_up().await;
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_panics_is_a_failed_one() {
    let mut bench = bench(|fake| fake.own_method = Behaves::Panics).await;
    bench.ask_with_prompt(1, "login");
    assert_eq!(bench.reason().await, "login_required");
}
