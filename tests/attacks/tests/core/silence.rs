//! What a program without an agreement can find out: a18.

use std::time::Duration;

use minihost_core::{
    Config, Effect, HostMethodDeclaration, HostMethodName, Input, Programs, Scope, SettingsPage,
    Visibility,
};
use minihost_protocol::declaration::Prompting;
use minihost_testkit::{bob, request_code};
use serde_json::{Value, json};

use crate::stage::{Stage, TEA};

/// What one silent question gives, and when.
fn asked(mut stage: Stage, message: &Value) -> (Duration, Value) {
    let began = stage.machine.now().uptime;
    let mut message = message.clone();
    message["id"] = json!(500);
    let at_once = stage.send(TEA, message);
    at_once.assert_nothing_done();
    if let [(_, _, reply)] = &at_once.replies[..] {
        return (Duration::ZERO, reply.clone());
    }
    loop {
        let next = stage.machine.mediator.next_deadline().expect("it will be answered");
        let effects = stage.machine.advance(next - stage.machine.now().uptime);
        for effect in effects {
            if let Effect::Reply(reply) = effect {
                let took = stage.machine.now().uptime - began;
                return (took, serde_json::from_str(&reply.text).unwrap());
            }
        }
    }
}

/// An answer without the id under which the host's log has it.
fn comparable((took, mut reply): (Duration, Value)) -> (Duration, Value) {
    if let Some(data) = reply["error"]["data"].as_object_mut() {
        data.remove("correlationId");
    }
    (took, reply)
}

/// What a program without an agreement must not be able to tell apart.
const SITUATIONS: [fn(&mut Stage); 5] = [
    |_| {},
    |stage| drop(stage.feed(Input::UserChanged(None))),
    |stage| drop(stage.feed(Input::UserChanged(Some(bob())))),
    |stage| drop(stage.feed(Input::SignInEnded)),
    // The user has refused this program before.
    |stage| {
        let view = stage.ask(TEA, &["openid"]).prompt();
        stage.answer(&view, minihost_core::Choice::Deny).unwrap();
    },
];

#[test]
fn a18_whether_anybody_is_signed_in_and_who_cannot_be_told_from_silent_answers() {
    let mut silent = request_code(1, &["openid"]);
    silent["params"]["prompt"] = json!("none");
    let mut unseen = request_code(1, &["phone", "email"]);
    unseen["params"]["prompt"] = json!("none");
    let check = json!({"jsonrpc": "2.0", "id": 1, "method": "auth.checkSession"});
    for message in [silent, unseen, check] {
        let answers: Vec<(Duration, Value)> = SITUATIONS
            .iter()
            .map(|make| {
                let mut stage = Stage::new();
                make(&mut stage);
                comparable(asked(stage, &message))
            })
            .collect();
        let (took, first) = &answers[0];
        assert!(*took > Duration::ZERO, "an answer at once tells that nobody was asked: {first}");
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
    }
}

#[test]
fn a18_no_method_that_answers_at_once_tells_who_is_there() {
    let questions = [
        ("auth.getGrants", json!({})),
        ("auth.revoke", json!({})),
        ("auth.revoke", json!({"scopes": ["openid"]})),
        ("acme.print", json!({})),
        ("host.openSettings", json!({"hidden": true})),
    ];
    let with_methods = |config: &mut Config| {
        config.settings = SettingsPage::Present;
        config.methods = vec![HostMethodDeclaration {
            name: HostMethodName::new("acme.print").unwrap(),
            params: Vec::new(),
            result: Vec::new(),
            scope: Some(Scope::new("openid")),
            prompting: Prompting::Never,
            programs: Programs::AllThatDeclareIt,
        }];
    };
    for (method, params) in questions {
        let answers: Vec<Value> = SITUATIONS
            .iter()
            .map(|make| {
                let mut stage = Stage::with(with_methods);
                make(&mut stage);
                let mut context = stage.context(TEA);
                if params["hidden"] == true {
                    context.visibility = Visibility::Hidden;
                }
                let message =
                    json!({"jsonrpc": "2.0", "id": 500, "method": method, "params": params});
                let out = stage.receive(TEA, context, &message.to_string());
                out.assert_nothing_done();
                comparable((Duration::ZERO, out.reply().clone())).1
            })
            .collect();
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{method}");
        }
    }
}

#[test]
fn a18_questions_beyond_the_rate_are_refused_before_they_are_looked_at() {
    let mut stage = Stage::new();
    let mut refused = 0;
    for _ in 0..200 {
        let out = stage.call(TEA, "auth.getGrants", json!({}));
        if out.reply()["error"]["data"]["reason"] == "throttled" {
            refused += 1;
        }
    }
    assert!(refused >= 90, "{refused}");
}

#[test]
fn a18_events_tell_a_program_without_an_agreement_nothing() {
    let mut stage = Stage::new();
    for user in [None, Some(bob()), None] {
        assert!(stage.feed(Input::UserChanged(user)).told.is_empty());
    }
    assert!(stage.feed(Input::SignInEnded).told.is_empty());
}
