//! What an agreement covers, and who learns of it: a9, a16, a25, f6 and f8.

use std::{sync::Arc, time::Duration};

use minihost_core::{
    BrowserSupport, CallContext, Effect, GesturePolicy, Input, IssueFailure, Manifest, Remember,
    SessionId, SignInSupport, Visibility,
};
use minihost_protocol::{Reason, method::initialize::Launch};
use minihost_testkit::{bob, manifest, request_code};
use serde_json::{Value, json};

use crate::stage::{CINEMA, Stage, TEA, scopes};

const OTHER: SessionId = SessionId(3);

/// The tea house's manifest, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Manifest {
    let mut json = json!({
        "manifestVersion": 1, "id": "teahouse", "version": "1.3.0",
        "name": {"en": "The teahouse"}, "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": "https://teahouse.example/", "origins": ["https://teahouse.example"],
        "clientId": "teahouse", "redirectUris": ["https://teahouse.example/callback"],
        "audiences": ["https://api.example"],
        "scopes": [{"name": "openid"}, {"name": "email"}, {"name": "phone"}],
    });
    change(&mut json);
    Manifest::unsigned_for_development(json.to_string().as_bytes()).unwrap()
}

#[test]
fn a9_a_link_into_a_program_has_nothing_happen_that_the_user_did_not_start() {
    let mut stage = Stage::with(|config| {
        config.gesture = GesturePolicy::WithinWhereKnown(Duration::from_secs(10));
    });
    // The cinema links to the tea house with whatever it likes in the address.
    let launch = Launch {
        path: Some("/sign-in?auto=1".into()),
        query: Some("method=auth.requestCode&scopes=openid&state=attackers".into()),
        source: Some("cinema".into()),
    };
    let manifest = Arc::new(changed(|_| {}));
    let opened = Input::Opened { session: OTHER, manifest: manifest.clone(), launch };
    stage.feed(opened).assert_unheard();

    // The page that was opened asks at once, though nobody has touched it.
    let document = stage.open(TEA, manifest.as_ref().clone());
    let mut context = stage.context(TEA);
    context.gesture_age = Some(Duration::from_secs(3_600));
    let message = request_code(9, &["openid"]).to_string();
    stage.receive(TEA, context.clone(), &message).assert_unheard();
    // It is told that the user would have to be asked, and no sooner than anybody else.
    let waited = stage.machine.advance(Duration::from_secs(1));
    let told = waited.iter().find_map(|effect| match effect {
        Effect::Reply(reply) => Some((reply.document, reply.text.clone())),
        _ => None,
    });
    let (to, text) = told.expect("it is answered");
    assert!(to == document && text.contains("interaction_required"), "{text}");
}

#[test]
fn a9_a_program_in_the_background_cannot_have_its_user_asked() {
    let mut stage = Stage::new();
    let mut context: CallContext = stage.context(TEA);
    context.visibility = Visibility::Hidden;
    let message = request_code(9, &["openid"]).to_string();
    stage.receive(TEA, context, &message).assert_unheard();
}

#[test]
fn a9_nor_can_one_whose_code_the_server_gives_only_for_more() {
    for reason in [Reason::LoginRequired, Reason::ConsentRequired, Reason::InteractionRequired] {
        let mut stage = Stage::with(|config| {
            config.sign_in = SignInSupport::Present;
            config.browser = BrowserSupport::Present;
        });
        stage.grant(TEA, &["openid"]);
        let hidden = Input::VisibilityChanged { session: TEA, visibility: Visibility::Hidden };
        stage.feed(hidden);
        let request = stage.ask(TEA, &["openid"]).code_request();
        let wants_more = IssueFailure {
            continue_at: Some("https://as.example/more".parse().unwrap()),
            ..IssueFailure::because(reason)
        };
        let outcome = Err(wants_more);
        let out = stage.feed(Input::CodeIssued { ticket: request.ticket(), outcome });
        assert_eq!((out.prompts.len(), out.sign_ins), (0, 0), "{reason:?}");
        assert_eq!(out.refusal(), reason.as_str());
    }
}

#[test]
fn a16_an_agreement_is_good_for_exactly_whom_and_what_it_was_given_for() {
    type Change = fn(&mut Stage) -> Vec<&'static str>;
    let changes: [(&str, Change); 6] = [
        ("nothing", |stage| {
            stage.open(TEA, changed(|_| {}));
            vec!["openid"]
        }),
        ("another user", |stage| {
            stage.feed(Input::UserChanged(Some(bob())));
            vec!["openid"]
        }),
        ("another program", |stage| {
            let mut other = manifest("bakery");
            other.client_id = minihost_core::ClientId::new("teahouse");
            stage.open(TEA, other);
            vec!["openid"]
        }),
        ("another client", |stage| {
            stage.open(TEA, changed(|json| json["clientId"] = json!("teahouse-new")));
            vec!["openid"]
        }),
        ("another publisher's key", |stage| {
            let mut signed = changed(|_| {});
            let key = minihost_core::PublicKey::Ed25519([7; 32]).thumbprint();
            signed.trust = minihost_core::Trust::Signed { key };
            stage.open(TEA, signed);
            vec!["openid"]
        }),
        ("another scope", |_| vec!["openid", "email"]),
    ];
    for (what, change) in changes {
        let mut stage = Stage::new();
        stage.open(TEA, changed(|json| json["version"] = json!("1.2.0")));
        stage.grant(TEA, &["openid"]);
        let asked = change(&mut stage);
        let out = stage.ask(TEA, &asked);
        if what == "nothing" {
            assert_eq!(out.code_requests.len(), 1, "a new release alone asks nobody again");
        } else {
            assert_eq!(out.code_requests.len(), 0, "{what}");
            assert!(!out.prompt().shown.scopes.is_empty(), "{what}");
        }
    }
}

#[test]
fn a16_another_resource_asks_again_and_what_was_taken_back_is_gone() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["email"]);
    let for_api = |params: &mut Value| params["audience"] = json!("https://api.example");
    let view = stage.ask_with(TEA, &["email"], for_api).prompt();
    assert_eq!(view.shown.audience.as_ref().unwrap().as_str(), "https://api.example");
    stage.answer(&view, minihost_core::Choice::Dismiss).unwrap();

    stage.call(TEA, "auth.revoke", json!({}));
    stage.ask(TEA, &["email"]).prompt();
}

#[test]
fn a16_a_user_who_signs_out_leaves_nothing_that_the_next_one_can_use() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid"]);
    stage.feed(Input::UserChanged(None));
    let grants = stage.call(TEA, "auth.getGrants", json!({}));
    assert_eq!(grants.result(), &json!({"grants": []}));
    stage.feed(Input::UserChanged(Some(bob())));
    let grants = stage.call(TEA, "auth.getGrants", json!({}));
    assert_eq!(grants.result(), &json!({"grants": []}));
    stage.ask(TEA, &["openid"]).prompt();
}

#[test]
fn a25_no_program_learns_what_the_user_does_with_another() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let out = stage.allow(&view, Remember::UntilRevoked);
    assert!(out.told.iter().all(|told| told.session == TEA), "the cinema is told nothing");
    let request = out.code_request();
    assert!(stage.issue(&request, |_| {}).told.iter().all(|told| told.session == TEA));
    let grants = stage.call(CINEMA, "auth.getGrants", json!({}));
    assert_eq!(grants.result(), &json!({"grants": []}));
    let ended = stage.call(TEA, "auth.revoke", json!({}));
    assert!(ended.told.iter().all(|told| told.session == TEA));
    let hello = stage.next_id(minihost_testkit::initialize);
    let hello = stage.send(CINEMA, hello);
    assert!(!hello.texts[0].contains("teahouse"), "{}", hello.texts[0]);
}

#[test]
fn a25_what_the_host_writes_down_is_what_a_program_asked_and_no_diary_of_its_use() {
    let mut stage = Stage::new();
    let opened = stage.machine.open(OTHER, manifest("bakery"));
    let quiet = |effects: &[Effect]| !effects.iter().any(|e| matches!(e, Effect::Audit(_)));
    assert!(quiet(&opened), "opening a program is not written down");
    for visibility in [Visibility::Hidden, Visibility::Visible] {
        let seen = Input::VisibilityChanged { session: OTHER, visibility };
        assert!(quiet(&stage.machine.feed(seen)), "nor is when it was looked at");
    }
    assert!(stage.call(TEA, "auth.getGrants", json!({})).audits.is_empty());
    assert!(quiet(&stage.machine.feed(Input::Closed { session: OTHER })));
}

#[test]
fn f6_what_is_kept_for_one_program_does_not_exist_for_another() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid", "email"]);
    assert_eq!(stage.call(CINEMA, "auth.revoke", json!({})).result()["revokedScopes"], json!([]));
    stage.ask(CINEMA, &["openid"]).prompt();
    assert_eq!(stage.ask(TEA, &["openid", "email"]).code_requests.len(), 1, "it is still there");
}

#[test]
fn f8_a_release_that_wants_more_asks_for_the_rest() {
    let mut stage = Stage::new();
    stage.grant(TEA, &["openid"]);
    // The next release declares `phone` and a resource beside; the agreement was to neither.
    let mut release = changed(|json| json["audiences"] = json!(["https://contacts.example"]));
    release.version = "2.0.0".parse().unwrap();
    stage.open(TEA, release);
    let view = stage.ask(TEA, &["openid", "phone"]).prompt();
    let asked: Vec<&str> = view.shown.scopes.iter().map(|scope| scope.name.as_str()).collect();
    assert_eq!(asked, ["phone"]);
    let out = stage.answer(
        &view,
        minihost_core::Choice::Allow {
            scopes: scopes(&["openid", "email", "phone"]),
            remember: Remember::Once,
        },
    );
    assert!(out.is_err(), "an answer cannot cover what the sheet did not show");
    stage.answer(&view, minihost_core::Choice::Dismiss).unwrap();
    let contacts = |params: &mut Value| params["audience"] = json!("https://contacts.example");
    stage.ask_with(TEA, &["openid"], contacts).prompt();
}
