//! Who speaks: a1 to a6 and f5.

use minihost_core::{CallContext, Capability, DocumentId, Frame, Input, ReplyToken};
use minihost_testkit::{call, initialize, request_code};
use serde_json::json;

use crate::stage::{CINEMA, Stage, TEA};

/// Sends one honest request but for what the container knows of its sender.
fn judged(change: impl FnOnce(&mut CallContext)) -> String {
    let mut stage = Stage::new();
    let mut context = stage.context(TEA);
    change(&mut context);
    let out = stage.receive(TEA, context, &request_code(9, &["openid"]).to_string());
    out.refusal().to_owned()
}

#[test]
fn a1_a_page_is_judged_by_where_its_message_came_from_and_not_by_what_the_view_shows_now() {
    // evil.example posts a request and sends the view to the tea house at once: by the time the
    // container hands the message over, the view's address is the program's.
    let mut stage = Stage::new();
    let honest = stage.context(TEA);
    let message = request_code(9, &["openid"]).to_string();
    let posted = CallContext { origin: Some("https://evil.example".into()), ..honest.clone() };
    assert_eq!(stage.receive(TEA, posted.clone(), &message).refusal(), "untrusted_origin");

    // Or the other way round: its document is gone when the message arrives.
    stage.navigate(TEA);
    stage.receive(TEA, posted, &message).assert_unheard();
    stage.receive(TEA, honest, &message).assert_unheard();
    assert_eq!(stage.ask(TEA, &["openid"]).prompt().shown.mini_program.id.as_str(), "teahouse");
}

#[test]
fn a2_a_frame_within_the_page_is_refused_whatever_it_holds() {
    for capability in [Capability::Held, Capability::NotHeld] {
        // The same origin, as an `about:blank` or `srcdoc` frame inherits it.
        let same = judged(|context| {
            context.frame = Frame::Sub;
            context.capability = capability;
        });
        assert_eq!(same, "not_main_frame");
        // A sandboxed frame, and a window that the page opened.
        let opaque = judged(|context| {
            context.origin = Some("null".into());
            context.capability = capability;
        });
        assert_eq!(opaque, "untrusted_origin");
    }
}

#[test]
fn a3_what_a_page_says_it_is_counts_for_nothing() {
    let mut stage = Stage::new();
    // The attacker is the cinema, and claims to be the tea house wherever a claim fits.
    let claim = |message: &mut serde_json::Value| {
        for name in ["miniProgram", "clientId", "client_id", "appId", "app_id", "origin", "user"] {
            message[name] = json!("teahouse");
        }
        message["sender"] = json!({"id": "teahouse", "origin": "https://teahouse.example"});
    };
    let mut hello = stage.next_id(initialize);
    claim(&mut hello);
    claim(&mut hello["params"]);
    assert_eq!(stage.send(CINEMA, hello).result()["miniProgram"]["id"], "cinema");

    let view = stage.ask_with(CINEMA, &["openid"], claim).prompt();
    assert_eq!(view.shown.mini_program.id.as_str(), "cinema");
    let request = stage.allow(&view, minihost_core::Remember::Once).code_request();
    assert_eq!(request.asked().client_id.as_str(), "cinema");
    assert_eq!(request.asked().redirect_uri.as_str(), "https://cinema.example/callback");
    assert_eq!(request.user().id.as_str(), "u-alice");
}

#[test]
fn a3_another_programs_redirect_uri_is_refused() {
    let mut stage = Stage::new();
    let theirs = "https://teahouse.example/callback";
    let out = stage.ask_with(CINEMA, &["openid"], |params| params["redirectUri"] = json!(theirs));
    assert_eq!(out.refusal(), "invalid_request");
}

#[test]
fn a4_a_capability_is_worth_nothing_after_its_document_session_or_process() {
    let mut stage = Stage::new();
    let old = CallContext {
        origin: None,
        frame: Frame::Unknown,
        capability: Capability::Held,
        ..stage.context(TEA)
    };
    let message = request_code(9, &["openid"]).to_string();
    assert_eq!(stage.receive(TEA, old.clone(), &message).prompts.len(), 1, "it is good now");

    stage.navigate(TEA);
    stage.receive(TEA, old.clone(), &message).assert_unheard();
    // Another session does not take it either, be it of the same program.
    stage.receive(CINEMA, old.clone(), &message).assert_unheard();
    stage.feed(Input::Closed { session: TEA });
    stage.receive(TEA, old.clone(), &message).assert_unheard();
    stage.open(TEA, minihost_testkit::manifest("teahouse"));
    stage.receive(TEA, old.clone(), &message).assert_unheard();
}

#[test]
fn a4_a_capability_of_an_earlier_process_is_none() {
    let of_before = |stage: &mut Stage, capability| CallContext {
        origin: None,
        frame: Frame::Unknown,
        capability,
        ..stage.context(TEA)
    };
    let message = request_code(9, &["openid"]).to_string();
    let mut before = Stage::new();
    let good = of_before(&mut before, Capability::Held);
    assert_eq!(before.receive(TEA, good, &message).prompts.len(), 1, "it was good then");

    // A new process numbers its sessions and documents like the one before, so that the numbers of an
    // old page are right by chance. The secret is not: the container that holds it now has made another,
    // and says so. Its numbers alone are no evidence.
    let mut restarted = Stage::new();
    let stale = of_before(&mut restarted, Capability::NotHeld);
    let out = restarted.receive(TEA, stale, &message);
    assert_eq!(out.refusal(), "untrusted_origin");
    // Before the program is open again and its page has begun, not even that is told.
    let mut closed = Stage::new();
    let early = of_before(&mut closed, Capability::Held);
    closed.feed(Input::Closed { session: TEA });
    closed.receive(TEA, early, &message).assert_unheard();
}

#[test]
fn a4_a_capability_does_not_outweigh_a_wrong_origin() {
    let reason = judged(|context| {
        context.origin = Some("https://evil.example".into());
        context.frame = Frame::Main;
        context.capability = Capability::Held;
    });
    assert_eq!(reason, "untrusted_origin");
}

/// What attackers have registered, served or typed to be taken for `https://teahouse.example`.
const LOOK_ALIKES: &[&str] = &[
    "http://teahouse.example",
    "https://teahouse.example:80",
    "https://teahouse.example:443",
    "https://teahouse.example:444",
    "https://teahouse.example:0443",
    "https://teahouse.example:",
    "https://teahouse.example/",
    "https://teahouse.example//",
    "https://teahouse.example?",
    "https://teahouse.example#",
    "https://teahouse.example.",
    "https://teahouse.example..",
    "https://.teahouse.example",
    "https://www.teahouse.example",
    "https://teahouse.example.evil.example",
    "https://teahouse.example-evil.example",
    "https://teahouse.exampleevil.example",
    "https://teahouse.examples",
    "https://teahouse.exampl",
    "https://eviltea.house.example",
    "https://evil-teahouse.example",
    "https://evilteahouse.example",
    "https://evil.example/teahouse.example",
    "https://evil.example?https://teahouse.example",
    "https://evil.example#https://teahouse.example",
    "https://teahouse.example@evil.example",
    "https://teahouse.example:443@evil.example",
    "https://user@teahouse.example",
    "https://user:password@teahouse.example",
    "https://@teahouse.example",
    "https://evil.example\\@teahouse.example",
    "https://teahouse.example\\.evil.example",
    "https:\\\\teahouse.example",
    "https:/teahouse.example",
    "https:teahouse.example",
    "https:///teahouse.example",
    "//teahouse.example",
    "teahouse.example",
    "HTTPS://teahouse.example",
    "https://TEAHOUSE.example",
    "https://Teahouse.Example",
    "https://te%61house.example",
    "https://teahouse%2eexample",
    "https://teahouse.example%00",
    "https://teahouse.example%00.evil.example",
    "https://teahouse.example\0.evil.example",
    "https://teahouse.example\t",
    "https://teahouse.example\n",
    " https://teahouse.example",
    "https://teahouse.example ",
    "https://tea\u{ad}house.example",
    "https://tea\u{200b}house.example",
    "https://teahouse\u{3002}example",
    "https://teahouse\u{ff0e}example",
    "https://te\u{430}house.example",
    "https://xn--tehouse-9fg.example",
    "https://\u{ff54}eahouse.example",
    "https://teahouse.e\u{445}ample",
    "https://teah\u{43e}use.example",
    "https://[::ffff:teahouse.example]",
    "https://127.0.0.1",
    "wss://teahouse.example",
    "ftp://teahouse.example",
    "file:///teahouse.example",
    "file://",
    "blob:https://teahouse.example/9115d58c-bcda-ff47-86e5-083e9a215304",
    "data:text/html,https://teahouse.example",
    "javascript://teahouse.example/%0aalert(1)",
    "view-source:https://teahouse.example",
    "about:blank",
    "about:srcdoc",
    "null",
    "undefined",
    "*",
    "",
];

#[test]
fn a5_no_look_alike_is_taken_for_the_programs_origin() {
    assert!(LOOK_ALIKES.len() >= 60, "the table is as long as the list of tricks");
    for origin in LOOK_ALIKES {
        for capability in [Capability::Held, Capability::NotHeld] {
            let reason = judged(|context| {
                context.origin = Some((*origin).into());
                context.capability = capability;
            });
            assert_eq!(reason, "untrusted_origin", "{origin:?}");
        }
    }
}

#[test]
fn f5_the_beginning_of_an_address_identifies_nobody() {
    // A host that compares by prefix, or by name alone, lets these in.
    for origin in ["https://teahouse.example.attacker.example", "https://teahouse.example:8443"] {
        assert_eq!(judged(|context| context.origin = Some(origin.into())), "untrusted_origin");
    }
}

#[test]
fn a6_a_strangers_page_after_a_redirect_gets_nothing_from_the_bridge() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid"]);
    // An open redirect of the tea house leads to evil.example, in the same view.
    let (document, _) = stage.leave(TEA);
    for message in [initialize(50), request_code(51, &["openid"])] {
        let context = CallContext {
            origin: Some("https://evil.example".into()),
            ..call("teahouse", document, ReplyToken(900))
        };
        let out = stage.receive(TEA, context, &message.to_string());
        assert_eq!(out.refusal(), "untrusted_origin");
    }
    // The stranger hears no event either, not even when the user does something.
    let gone = stage.feed(Input::UserChanged(None));
    assert!(gone.told.iter().all(|told| told.session != TEA));

    // `history.back()` makes a new document, which must introduce itself again.
    let (document, _) = stage.leave(TEA);
    assert_ne!(document, DocumentId(1));
    assert_eq!(stage.ask(TEA, &["openid"]).refusal(), "invalid_request");
}
