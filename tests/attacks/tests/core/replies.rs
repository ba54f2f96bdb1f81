//! What is answered, to whom, how often and in what spelling: a7, a8, a10, a23, a24 and f1 to f4.

use minihost_core::{Choice, ClientId, Input, Issuer, Remember, SignInOutcome, Ticket, UserId};
use minihost_protocol::Reason;
use minihost_testkit::{alice, bob, request_code};
use serde_json::{Value, json};

use crate::stage::{CINEMA, Stage, TEA, scopes};

#[test]
fn a7_who_navigates_while_the_user_is_asked_takes_the_answer_with_nobody() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let (_, left) = stage.leave(TEA);
    assert_eq!(left.dismissed, 1, "the sheet is for nobody");
    left.assert_unheard();
    let late = stage
        .answer(&view, Choice::Allow { scopes: scopes(&["openid"]), remember: Remember::Once });
    assert!(late.is_err(), "an answer to a page that is gone does not count");
}

#[test]
fn a7_a_code_for_a_document_that_is_gone_is_dropped() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let request = stage.allow(&view, Remember::Once).code_request();
    // The page that follows is evil.example's, and waits for whatever comes.
    let (_, left) = stage.leave(TEA);
    assert_eq!(left.abandoned, 1);
    stage.issue(&request, |_| {}).assert_unheard();
}

/// Ids and texts that have broken bridges which paste answers into scripts.
const HOSTILE: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "\\`",
    "${alert(1)}",
    "\\`${alert(1)}//",
    "');alert(1);//",
    "\");alert(1);//",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "\u{2028}alert(1)",
    "\u{2029}alert(1)",
    "\r\n",
    "\0",
    "\u{7f}\u{80}\u{9f}",
    "\u{feff}",
    "\u{202e}",
    "O'Brien",
    "茶馆",
    "🫖",
];

#[test]
fn a8_f1_hostile_texts_come_back_as_the_same_texts_on_one_line_of_json() {
    for hostile in HOSTILE {
        let mut stage = Stage::new();
        let mut message = request_code(1, &["openid"]);
        message["id"] = json!(hostile);
        message["params"]["state"] = json!(hostile);
        let view = stage.send(TEA, message).prompt();
        let request = stage.allow(&view, Remember::Once).code_request();
        let out = stage.issue(&request, |_| {});
        assert_eq!(out.reply()["id"], *hostile);
        assert_eq!(out.result()["state"], *hostile);
        let text = &out.texts[0];
        assert!(!text.contains(['\n', '\r', '\0']), "a raw control character: {text:?}");
    }
}

#[test]
fn a8_f1_hostile_texts_in_errors_come_back_as_data() {
    for hostile in HOSTILE {
        let mut stage = Stage::new();
        let out = stage.send(TEA, json!({"jsonrpc": "2.0", "id": hostile, "method": hostile}));
        assert_eq!(out.reply()["id"], *hostile);
        assert_eq!(out.refusal(), "unsupported_method");
        assert!(!out.texts[0].contains(['\n', '\r', '\0']));
    }
    // A lone surrogate is no text: nothing of it comes back.
    let mut stage = Stage::new();
    let context = stage.context(TEA);
    let text = r#"{"jsonrpc":"2.0","id":"\ud800","method":"x"}"#;
    let out = stage.receive(TEA, context, text);
    assert_eq!((out.refusal(), &out.reply()["id"]), ("invalid_request", &Value::Null));
}

#[test]
fn a10_two_programs_requests_are_answered_each_to_its_own() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let tea = stage.allow(&view, Remember::Once).code_request();
    let view = stage.ask(CINEMA, &["openid"]).prompt();
    let cinema = stage.allow(&view, Remember::Once).code_request();

    // The server's answers come the other way round, and one names the other's client.
    let out = stage.issue(&cinema, |issued| issued.client_id = ClientId::new("teahouse"));
    assert_eq!(out.refusal(), "server_error");
    assert_eq!(out.replies[0].0, CINEMA);
    let out = stage.issue(&tea, |_| {});
    assert_eq!(out.replies[0].0, TEA);
    assert_eq!(out.result()["clientId"], "teahouse");
    assert_eq!(out.result()["redirectUri"], "https://teahouse.example/callback");
}

#[test]
fn a10_a_code_of_another_issuer_or_for_more_than_was_agreed_is_not_delivered() {
    let refused = |change: fn(&mut minihost_core::IssuedCode)| {
        let mut stage = Stage::new();
        let view = stage.ask(TEA, &["openid"]).prompt();
        let request = stage.allow(&view, Remember::Once).code_request();
        let out = stage.issue(&request, change);
        assert!(!out.texts[0].contains("the-code"));
        out.refusal().to_owned()
    };
    assert_eq!(refused(|c| c.issuer = Some(Issuer::new("https://evil.example"))), "server_error");
    assert_eq!(refused(|c| c.issuer = Some(Issuer::new("https://as.example/"))), "server_error");
    assert_eq!(refused(|c| c.scopes = Some(scopes(&["openid", "email"]))), "server_error");
    assert_eq!(refused(|c| c.scopes = Some(scopes(&[]))), "server_error");
}

#[test]
fn a23_an_answer_counts_once_and_a_code_is_delivered_once() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let allow = Choice::Allow { scopes: scopes(&["openid"]), remember: Remember::Once };
    let request = stage.answer(&view, allow.clone()).unwrap().code_request();
    assert!(stage.answer(&view, allow.clone()).is_err());
    stage.feed(Input::Answered { prompt: view.prompt, choice: allow }).assert_unheard();
    assert_eq!(stage.issue(&request, |_| {}).result()["code"], "the-code");
    stage.issue(&request, |_| {}).assert_unheard();
    let failed = minihost_core::IssueFailure {
        reason: Reason::Network,
        retry_after: None,
        continue_at: None,
    };
    stage
        .feed(Input::CodeIssued { ticket: request.ticket(), outcome: Err(failed) })
        .assert_unheard();
}

#[test]
fn a23_a_request_that_is_sent_again_is_a_new_one_or_none() {
    let mut stage = Stage::new();
    let message = request_code(77, &["openid"]);
    stage.send(TEA, message.clone()).prompt();
    let replayed = stage.send(TEA, message);
    assert_eq!(replayed.refusal(), "invalid_request");
    assert_eq!(replayed.reply()["id"], Value::Null, "the one that waits keeps its answer");
    let cancelled = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 77}});
    assert_eq!(stage.send(TEA, cancelled).refusal(), "aborted");
}

#[test]
fn a24_another_account_ends_what_the_one_before_was_asked() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let switched = stage.feed(Input::UserChanged(Some(bob())));
    assert_eq!((switched.dismissed, switched.refusal()), (1, "account_changed"));
    let allow = Choice::Allow { scopes: scopes(&["openid"]), remember: Remember::Once };
    assert!(stage.answer(&view, allow.clone()).is_err());
    stage.feed(Input::Answered { prompt: view.prompt, choice: allow }).assert_unheard();
}

#[test]
fn a24_a_code_that_was_asked_for_one_account_does_not_reach_the_next() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let request = stage.allow(&view, Remember::Once).code_request();
    assert_eq!(request.user().id, UserId::new("u-alice"));
    let again = minihost_core::User { epoch: 9, ..alice() };
    let switched = stage.feed(Input::UserChanged(Some(again)));
    assert_eq!(switched.refusal(), "account_changed", "the same user, signed in anew, included");
    stage.issue(&request, |_| {}).assert_unheard();
}

#[test]
fn f2_every_message_that_wants_an_answer_gets_one() {
    let mut stage = Stage::new();
    for method in ["", "nothing", "host.initialise", "auth.requestCode ", "rpc.discover"] {
        assert_eq!(stage.call(TEA, method, json!({})).refusal(), "unsupported_method");
    }
    for text in
        ["", "null", "[]", "{}", "\"x\"", "{\"id\":1}", "\u{feff}{}", "{\"jsonrpc\":\"2.0\"}"]
    {
        let context = stage.context(TEA);
        assert_eq!(stage.receive(TEA, context, text).refusal(), "invalid_request", "{text}");
    }
    // Before it has introduced itself a page is answered too.
    stage.leave(TEA);
    assert_eq!(stage.ask(TEA, &["openid"]).refusal(), "invalid_request");
    // What wants no answer still lets its way back go.
    let ping = json!({"jsonrpc": "2.0", "method": "unknown"});
    assert_eq!(stage.send(TEA, ping).settled, 1);
}

#[test]
fn f3_an_unknown_id_changes_nothing() {
    let mut stage = Stage::new();
    let waiting = stage.ask(TEA, &["openid"]).prompt();
    for id in [json!(12_345), json!("x"), json!(null), json!({}), json!(-1), json!("")] {
        let cancel = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}});
        stage.send(TEA, cancel).assert_unheard();
    }
    // Nor can one program cancel what another waits for.
    for id in 0..50 {
        let cancel = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}});
        stage.send(CINEMA, cancel).assert_unheard();
    }
    stage
        .feed(Input::SignInDone { ticket: Ticket(99), outcome: SignInOutcome::Done })
        .assert_unheard();
    let request = stage.allow(&waiting, Remember::Once).code_request();
    assert_eq!(stage.issue(&request, |_| {}).result()["code"], "the-code");
}

#[test]
fn f4_answers_find_their_own_requests_in_any_order() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid", "email"]);
    let first = stage.send(TEA, request_code(101, &["openid"])).code_request();
    let second = stage.send(TEA, request_code(102, &["email"])).code_request();
    let answer = |stage: &mut Stage, request, code: &str| {
        let code = code.to_owned();
        let out = stage.issue(request, |issued| {
            issued.code = minihost_core::AuthorizationCode::new(code);
        });
        (out.reply()["id"].clone(), out.result().clone())
    };
    let (id, result) = answer(&mut stage, &second, "code-2");
    assert_eq!(
        (id, &result["code"], &result["state"]),
        (json!(102), &json!("code-2"), &json!("state-102"))
    );
    let (id, result) = answer(&mut stage, &first, "code-1");
    assert_eq!(
        (id, &result["code"], &result["state"]),
        (json!(101), &json!("code-1"), &json!("state-101"))
    );
}
