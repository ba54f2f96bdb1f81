//! Messages that are too large, too deep or too many: a22.

use std::time::Duration;

use minihost_core::{
    CallContext, DocumentId, Frame, HostMethodDeclaration, HostMethodMember, HostMethodName, Input,
    Programs,
};
use minihost_protocol::{
    declaration::{Form, Presence, Prompting},
    limits,
};
use minihost_testkit::request_code;
use serde_json::{Value, json};

use crate::stage::{CINEMA, Stage, TEA};

fn refused(text: &str) -> i64 {
    let mut stage = Stage::new();
    let context = stage.context(TEA);
    let out = stage.receive(TEA, context, text);
    assert_eq!(out.refusal(), "invalid_request");
    assert_eq!(out.reply()["id"], Value::Null);
    let code = out.reply()["error"]["code"].as_i64().unwrap();
    assert!(out.texts[0].len() < 1_000, "the answer is not as large as the attack");
    stage.ask(TEA, &["openid"]).prompt();
    code
}

fn with_params(params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"auth.getGrants","params":{params}}}"#)
}

#[test]
fn a22_texts_beyond_a_limit_are_refused_and_the_next_request_works() {
    assert_eq!(refused(&"x".repeat(50_000_000)), -32700);
    assert_eq!(
        refused(&with_params(&format!(r#"{{"a":"{}"}}"#, "x".repeat(limits::MESSAGE_BYTES)))),
        -32700
    );
    assert_eq!(refused(&format!("{}1", "[".repeat(60_000))), -32600);
    assert_eq!(refused(&"{\"a\":".repeat(10_000)), -32600);
    assert_eq!(
        refused(&with_params(&format!(r#"{{"a":{}{}}}"#, "[".repeat(15), "]".repeat(15)))),
        -32600
    );
    let many: Vec<String> = (0..limits::MEMBERS).map(|n| format!("\"m{n}\":0")).collect();
    assert_eq!(refused(&with_params(&format!("{{{}}}", many.join(",")))), -32600);
    assert_eq!(refused(&with_params(r#"{"scopes":["openid"],"scopes":["email"]}"#)), -32600);
    assert_eq!(refused(r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#), -32600);
    assert_eq!(refused(&format!("[{}]", with_params("{}"))), -32600);
    assert_eq!(
        refused(&format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"x"}}"#, "i".repeat(65))),
        -32600
    );
    assert_eq!(refused(r#"{"jsonrpc":"2.0","id":9007199254740992,"method":"x"}"#), -32600);
    assert_eq!(refused(&with_params("1e999")), -32700);
}

#[test]
fn a22_a_flood_is_throttled_and_others_are_not() {
    let mut stage = Stage::new();
    let reason = |out: &crate::stage::Out| out.reply()["error"]["data"]["reason"].clone();
    let mut throttled = 0;
    for _ in 0..1_000 {
        if reason(&stage.call(TEA, "auth.getGrants", json!({}))) == "throttled" {
            throttled += 1;
        }
    }
    assert!(throttled > 850, "{throttled}");
    assert_eq!(stage.call(CINEMA, "auth.getGrants", json!({})).result()["grants"], json!([]));
    // A page that reloads is the same program.
    stage.navigate(TEA);
    assert_eq!(reason(&stage.call(TEA, "auth.getGrants", json!({}))), "throttled");
    stage.machine.advance(Duration::from_secs(5));
    stage.navigate(TEA);
    assert_eq!(stage.call(TEA, "auth.getGrants", json!({})).result()["grants"], json!([]));
}

#[test]
fn a22_a_flood_of_what_is_no_message_is_throttled_like_any_other() {
    let ask = request_code(9, &["openid"]).to_string();
    for text in ["{", "[]", "3", ask.as_str()] {
        let mut stage = Stage::new();
        let context = stage.context(TEA);
        stage.receive(TEA, context.clone(), &ask).prompt();
        let answers = (0..5_000).map(|_| stage.receive(TEA, context.clone(), text));
        let answers: Vec<Value> = answers.map(|out| out.reply().clone()).collect();
        assert!(answers.iter().all(|answer| answer["id"] == Value::Null), "{text}");
        let throttled = answers.iter().filter(|one| one["error"]["data"]["reason"] == "throttled");
        assert!(throttled.count() >= 4_900, "{text}");
        // The one request that was good has not been settled by any of them.
        assert_eq!(stage.machine.mediator.pending_requests(), 1, "{text}");
    }
}

#[test]
fn a22_noise_from_a_frame_does_not_silence_the_page_around_it() {
    let mut stage = Stage::new();
    let frame = CallContext { frame: Frame::Sub, ..stage.context(TEA) };
    for text in ["{".to_owned(), request_code(9, &["openid"]).to_string()] {
        for _ in 0..500 {
            stage.receive(TEA, frame.clone(), &text);
        }
    }
    stage.ask(TEA, &["openid"]).prompt();
}

#[test]
fn a22_a_page_that_floods_can_still_take_its_request_back() {
    let mut stage = Stage::new();
    let context = stage.context(TEA);
    let message = request_code(9, &["openid"]).to_string();
    stage.receive(TEA, context.clone(), &message).prompt();
    let cancel = |id: u32| {
        json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}}).to_string()
    };
    for _ in 0..500 {
        stage.receive(TEA, context.clone(), &cancel(77)).assert_nothing_done();
    }
    let out = stage.receive(TEA, context, &cancel(9));
    assert_eq!(out.refusal(), "aborted");
    assert_eq!(stage.machine.mediator.open_prompt(), None, "the sheet is gone");
}

#[test]
fn a22_no_page_has_more_waiting_than_it_was_told() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid"]);
    let mut waiting = 0;
    for _ in 0..40 {
        let out = stage.ask(TEA, &["openid"]);
        match out.replies.first() {
            None => waiting += 1,
            Some(_) => assert_eq!(out.refusal(), "throttled"),
        }
    }
    assert_eq!(waiting, limits::PENDING);
    assert_eq!(stage.machine.mediator.pending_requests(), limits::PENDING);
    // What waited is gone with its page: reloading in a loop piles nothing up.
    for _ in 0..20 {
        stage.machine.advance(Duration::from_secs(1));
        stage.navigate(TEA);
        stage.ask(TEA, &["openid"]);
    }
    assert!(stage.machine.mediator.pending_requests() <= 1);
}

#[test]
fn a22_what_a_method_of_the_host_gives_is_no_longer_than_a_message() {
    // A program has the host look for something, and finds a way to have it find too much.
    let gives = |length: usize| {
        let mut stage = Stage::with(|config| {
            config.methods = vec![HostMethodDeclaration {
                name: HostMethodName::new("acme.print").unwrap(),
                params: Vec::new(),
                result: vec![HostMethodMember {
                    name: "found".to_owned(),
                    form: Form::Text,
                    presence: Presence::Required,
                }],
                scope: None,
                prompting: Prompting::Never,
                programs: Programs::AllThatDeclareIt,
            }];
        });
        let ticket = stage.call(TEA, "acme.print", json!({})).calls[0].ticket;
        let outcome = Ok(json!({"found": "x".repeat(length)}));
        stage.feed(Input::MethodReturned { ticket, outcome })
    };
    let around = gives(0).texts[0].len();
    let most = gives(limits::MESSAGE_BYTES - around);
    assert_eq!(most.texts[0].len(), limits::MESSAGE_BYTES);
    assert!(most.result()["found"].is_string());
    let more = gives(limits::MESSAGE_BYTES - around + 1);
    assert_eq!(more.refusal(), "internal");
    assert!(more.texts[0].len() < 1_000);
}

#[test]
fn a22_messages_for_sessions_and_documents_that_never_were_leave_nothing_behind() {
    let mut stage = Stage::new();
    for document in 1_000..2_000 {
        let mut context = stage.context(TEA);
        context.document = DocumentId(document);
        stage.receive(TEA, context, "{").assert_unheard();
    }
    assert_eq!(stage.machine.mediator.pending_requests(), 0);
    stage.feed(Input::Closed { session: minihost_core::SessionId(77) }).assert_unheard();
}
