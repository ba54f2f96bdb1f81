//! The driver around the machine: order, threads, deadlines, faults of the host's own ports.
#![cfg(test)]

mod account;
mod bench;
mod clocks;
mod fake;
mod own;
mod prompting;
mod reentry;
mod revoking;
mod sink;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use bench::{Bench, DOCUMENT, bench, release_host};
use fake::{Asked, Issues, Saves};
use minihost::{
    Account, AnswerError, Choice, ClientId, Issuer, Launch, MiniProgramId, NotOpened, OpenError,
    Outcome, Remember, RememberChoices, ReplyToken, SystemClock,
    http::ReqwestTransport,
    issuer::{ClientAuthentication, ClientSecret},
    session::{SignInConfig, TokenSession},
    store::MemorySecretStore,
};
use minihost_testkit::{call, manifest, request_code};

#[tokio::test]
async fn an_answer_leads_to_a_code_for_the_message_that_asked() {
    let mut bench = bench(|_| {}).await;
    bench.request(7);
    let view = bench.view().await;
    assert_eq!(bench.host.pending_prompts(), std::slice::from_ref(&view));
    bench.allow(&view).unwrap();
    let (token, message) = bench.delivered().await;
    assert_eq!(token, Some(ReplyToken(7)));
    assert_eq!(message["result"]["code"], "the-code");
    assert!(matches!(bench.audited().await, Outcome::Delivered { .. }));
    assert_eq!(bench.host.grants().len(), 2);
    assert_eq!(bench.allow(&view), Err(AnswerError::NotWaiting));

    bench.request(8);
    assert_eq!(bench.delivered().await.0, Some(ReplyToken(8)), "a grant needs no prompt");
}

#[tokio::test]
async fn an_answer_to_another_view_or_with_other_scopes_does_not_count() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    let view = bench.view().await;
    let mut other = view.clone();
    other.digest = minihost::ViewDigest::new("another");
    assert_eq!(bench.allow(&other), Err(AnswerError::OtherView));
    let scopes = [minihost::Scope::new("phone")].into();
    let choice = Choice::Allow { scopes, remember: Remember::Once };
    let answered = bench.host.answer(view.prompt, &view.digest, choice);
    assert_eq!(answered, Err(AnswerError::OtherScopes));
    let only_once = bench_that_remembers_nothing().await;
    assert_eq!(only_once, Err(AnswerError::OtherRemember));
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
}

/// What comes of an answer for thirty days, where the view offers none to be remembered.
async fn bench_that_remembers_nothing() -> Result<(), AnswerError> {
    let mut bench =
        bench(|fake| fake.remember = RememberChoices::only([Remember::Once]).unwrap()).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view)
}

#[tokio::test]
async fn messages_may_come_from_threads_without_a_runtime() {
    let mut bench = bench(|_| {}).await;
    let (host, session) = (bench.host.clone(), bench.session);
    let elsewhere = thread::spawn(move || {
        let text = request_code(1, &["openid"]).to_string();
        host.receive(session, call("teahouse", DOCUMENT, ReplyToken(1)), &text)
    });
    assert_eq!(elsewhere.join().unwrap(), None);
    let view = bench.view().await;
    let (host, view) = (bench.host.clone(), Mutex::new(view));
    let answered = thread::spawn(move || {
        let view = view.into_inner().unwrap();
        host.answer(view.prompt, &view.digest, Choice::Deny)
    });
    answered.join().unwrap().unwrap();
    assert_eq!(bench.reason().await, "user_denied");
}

#[tokio::test]
async fn a_prompt_that_panics_costs_its_own_request_only() {
    let mut bench = bench(|fake| fake.panics_in_present = AtomicBool::new(true)).await;
    bench.request(1);
    assert_eq!(bench.reason().await, "internal");
    bench.request(2);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
}

#[tokio::test]
async fn nobody_waits_for_a_code_issuer_for_ever() {
    let mut bench = bench(|fake| {
        fake.issues = Issues::Nothing;
        fake.patience = Duration::from_secs(3);
    })
    .await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert_eq!(bench.reason().await, "timeout");
    bench.given_up().await;
}

#[tokio::test]
async fn a_code_request_ends_with_the_request_that_wants_it() {
    let mut bench = bench(|fake| fake.issues = Issues::Nothing).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    bench.issuing().await;
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
    let context = call("teahouse", DOCUMENT, ReplyToken(2));
    assert_eq!(bench.host.receive(bench.session, context, cancel), None);
    assert_eq!(bench.reason().await, "aborted");
    bench.given_up().await;

    bench.request(3);
    bench.issuing().await;
    bench.host.user_changed(None);
    assert_eq!(bench.reason().await, "account_changed");
    bench.given_up().await;
}

#[tokio::test]
async fn a_code_issuer_that_panics_is_an_internal_error() {
    let mut bench = bench(|fake| fake.issues = Issues::Panic).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert_eq!(bench.reason().await, "internal");
}

#[tokio::test]
async fn a_store_that_fails_means_only_that_nothing_is_remembered() {
    for saves in [Saves::Fail, Saves::Panic] {
        let mut bench = bench(|fake| fake.saves = saves).await;
        for token in [1, 2] {
            bench.request(token);
            let view = bench.view().await;
            bench.allow(&view).unwrap();
            assert!(bench.delivered().await.1["result"].is_object());
            assert!(bench.host.grants().is_empty());
        }
    }
}

#[tokio::test]
async fn grants_on_their_way_to_the_store_arrive_though_the_host_is_dropped() {
    let mut bench = bench(|_| {}).await;
    for (token, scopes) in [(1, 2), (2, 3)] {
        bench.request_scopes(token, &["openid", "email", "phone"][..scopes]);
        let view = bench.view().await;
        bench.allow(&view).unwrap();
    }
    let Bench { host, mut asked, .. } = bench;
    drop(host);
    let mut last = None;
    while let Some(next) = asked.recv().await {
        last = if let Asked::Save(grants) = next { Some(grants) } else { last };
    }
    assert_eq!(last, Some(3));
}

#[tokio::test]
async fn following_an_account_keeps_no_host_alive() {
    let bench = bench(|_| {}).await;
    let issuer = Issuer::new("http://127.0.0.1:9");
    let client = ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new("host"),
        client_secret: ClientSecret::new("secret"),
    };
    let session = TokenSession::new(
        SignInConfig::new(issuer, client),
        Arc::new(ReqwestTransport::new()),
        Arc::new(MemorySecretStore::default()),
        Arc::new(SystemClock::new()),
    )
    .unwrap();
    let account = Account::new(bench.host.clone(), session.clone());
    let following = tokio::spawn(account.follow());
    drop((account, bench.host));
    while bench.fake.upgrade().is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(session);
    following.await.unwrap();
}

#[tokio::test]
async fn a_closed_program_hears_nothing_and_its_prompt_goes() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    let view = bench.view().await;
    bench.host.close(bench.session);
    let dismissed = bench.find(|asked| match asked {
        Asked::Dismiss(prompt) => Some(*prompt),
        _ => None,
    });
    assert_eq!(dismissed.await, view.prompt);
    assert_eq!(bench.audited().await, Outcome::DocumentGone);
    let context = call("teahouse", DOCUMENT, ReplyToken(2));
    let text = request_code(2, &["openid"]).to_string();
    assert_eq!(bench.host.receive(bench.session, context, &text), None);
    let settled = bench.find(|asked| match asked {
        Asked::Settle(token) => Some(*token),
        _ => None,
    });
    assert_eq!(settled.await, ReplyToken(2));
}

#[tokio::test]
async fn shutting_down_answers_what_waits_and_lets_every_port_go() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    bench.view().await;
    bench.host.shutdown().await;
    assert_eq!(bench.reason().await, "aborted");
    assert!(bench.fake.upgrade().is_none(), "a port is still held");
    assert_eq!(bench.host.open(manifest("cinema"), Launch::default()), Err(OpenError::ShutDown));
    bench.host.shutdown().await;
}

#[tokio::test]
async fn what_users_get_opens_no_manifest_that_nobody_signed() {
    let host = release_host().await;
    let refused = host.open(manifest("cinema"), Launch::default());
    let mini_program = MiniProgramId::new("cinema");
    let only = NotOpened::DevelopmentOnly { mini_program };
    assert_eq!(refused, Err(OpenError::NotOpened(only)));
    host.shutdown().await;
}

#[tokio::test]
async fn a_host_that_is_dropped_answers_what_waits_and_lets_every_port_go() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    let view = bench.view().await;
    let Bench { host, fake, mut asked, .. } = bench;
    drop(host);
    let (mut reasons, mut dismissed) = (Vec::new(), Vec::new());
    while let Some(next) = asked.recv().await {
        match next {
            Asked::Deliver(Some(ReplyToken(1)), message) => {
                reasons.push(message["error"]["data"]["reason"].clone());
            }
            Asked::Dismiss(prompt) => dismissed.push(prompt),
            _ => {}
        }
    }
    assert_eq!(reasons, ["aborted"]);
    assert_eq!(dismissed, [view.prompt]);
    while fake.upgrade().is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_clock_that_panics_puts_deadlines_off_and_does_not_end_them() {
    let clock = Arc::new(clocks::Faulty::new());
    let faulty = clock.clone();
    let mut bench = bench(move |fake| {
        fake.clock = faulty;
        fake.patience = Duration::from_millis(300);
    })
    .await;
    bench.request(1);
    clock.faults.store(1, Ordering::Relaxed);
    assert_eq!(bench.reason().await, "timeout");
    assert_eq!(clock.faults.load(Ordering::Relaxed), 0, "it has panicked");
}
