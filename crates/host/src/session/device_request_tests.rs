//! Looking up and answering what another device asks, against a scripted server.

use jiff::Timestamp;
use minihost_core::{Audience, Locale};
use serde_json::{Value, json};

use super::bench::{signed_in, tokens};
use super::{DeviceDecision, DeviceRequestError};
use crate::{
    http::scripted::Reply,
    ports::{HttpError, SessionError, UserSession as _},
};

fn asked() -> Reply {
    let body = json!({
        "client_id": "tv", "client_name": "Gallery", "client_name#zh-Hans": "画廊",
        "scope": "openid email", "resource": ["https://api.example"], "address": "192.0.2.7", "user_agent": "x".repeat(600),
        "requested_at": "2026-11-20T12:00:00Z", "expires_in": 599, "unknown": [1],
    });
    Reply::json(200, &body.to_string())
}

fn approve(locale: &str) -> DeviceDecision {
    DeviceDecision::Approve { read_in: Locale::new(locale) }
}

#[tokio::test]
async fn what_asks_is_looked_up_and_answered_as_the_host_for_its_user() {
    let (bench, _) = signed_in(vec![asked(), Reply::json(200, "{}")]).await;
    let request = bench.session.device_request("wdjb mjht").await.ok().unwrap();
    let shown = request.asked().clone();
    let client = shown.client.unwrap();
    assert_eq!(
        (client.name.in_language("en"), client.name.in_language("zh-Hans")),
        ("Gallery", "画廊")
    );
    assert_eq!((client.publisher, client.scopes.len()), (None, 2));
    assert_eq!(client.resources, [Audience::new("https://api.example")]);
    assert_eq!(shown.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(shown.user_agent.unwrap().len(), 512);
    assert_eq!(shown.requested_at, "2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap());
    bench.session.answer_device_request(request, approve("en")).await.unwrap();

    let seen = bench.scripted.take_seen();
    assert_eq!(seen.len(), 2);
    for request in &seen {
        assert_eq!((request.method, request.path.as_str()), ("POST", "/device/approval"));
        assert_eq!(request.headers["authorization"], "Basic aG9zdDpzM2NyZXQ=");
        assert_eq!(request.form["user_code"], "wdjb mjht");
        assert_eq!(request.form["subject_token"], "a1");
    }
    assert_eq!(seen[0].form.get("decision"), None);
    assert_eq!(seen[1].form["decision"], "approve");
}

/// The evidence that goes with a yes to `asked` in this language.
async fn consent(asked: Reply, locale: &str) -> Value {
    let (bench, _) = signed_in(vec![asked, Reply::json(200, "{}")]).await;
    let request = bench.session.device_request("WDJB-MJHT").await.ok().unwrap();
    bench.session.answer_device_request(request, approve(locale)).await.unwrap();
    let seen = bench.scripted.take_seen();
    assert_eq!(seen[0].form.get("consent"), None);
    serde_json::from_str(&seen[1].form["consent"]).unwrap()
}

#[tokio::test]
async fn h4_a_yes_to_a_client_carries_evidence_of_what_the_user_saw() {
    let first = consent(asked(), "en").await;
    assert_eq!((&first["mode"], &first["locale"]), (&json!("prompt"), &json!("en")));
    assert_eq!(first["scopes"], json!(["email", "openid"]));
    assert_eq!(first["digest"].as_str().unwrap().len(), 43);
    let second = consent(asked(), "en").await;
    assert_eq!(second["digest"], first["digest"], "the same was seen");
    assert!(second["jti"] != first["jti"] && second["id"] != first["id"]);
    assert_ne!(consent(asked(), "zh-Hans").await["digest"], first["digest"]);
    let elsewhere = json!({
        "client_id": "tv", "client_name": "Gallery", "scope": "openid email",
        "requested_at": "2026-11-20T12:00:00Z", "expires_in": 599,
    });
    let elsewhere = Reply::json(200, &elsewhere.to_string());
    assert_ne!(consent(elsewhere, "en").await["digest"], first["digest"]);
}

#[tokio::test]
async fn a_yes_to_a_browser_that_signs_in_carries_no_evidence() {
    let body = json!({"requested_at": "2026-11-20T12:00:00Z", "expires_in": 1});
    let replies = vec![Reply::json(200, &body.to_string()), Reply::json(200, "{}")];
    let (bench, _) = signed_in(replies).await;
    let request = bench.session.device_request("WDJB-MJHT").await.ok().unwrap();
    bench.session.answer_device_request(request, approve("en")).await.unwrap();
    let seen = bench.scripted.take_seen();
    assert_eq!((&*seen[1].form["decision"], seen[1].form.get("consent")), ("approve", None));
}

#[tokio::test]
async fn a_browser_that_signs_in_has_no_client_and_a_no_is_passed_on() {
    let body = json!({"requested_at": "2026-11-20T12:00:00Z", "expires_in": 1});
    let replies = vec![Reply::json(200, &body.to_string()), Reply::json(200, "{}")];
    let (bench, _) = signed_in(replies).await;
    let request = bench.session.device_request("WDJB-MJHT").await.ok().unwrap();
    assert_eq!(request.asked().client, None);
    bench.session.answer_device_request(request, DeviceDecision::Deny).await.unwrap();
    assert_eq!(bench.scripted.take_seen()[1].form["decision"], "deny");
}

#[tokio::test]
async fn a_rejected_token_of_the_user_is_refreshed_once() {
    let rejected = || Reply::error(403, "insufficient_authorization");
    let (bench, _) = signed_in(vec![rejected(), tokens("a2", Some("r2"), 600), asked()]).await;
    assert!(bench.session.device_request("WDJB-MJHT").await.is_ok());
    let tokens_sent: Vec<_> = bench
        .scripted
        .take_seen()
        .iter()
        .map(|seen| seen.form.get("subject_token").cloned())
        .collect();
    assert_eq!(tokens_sent, [Some("a1".to_owned()), None, Some("a2".to_owned())]);

    let (bench, _) = signed_in(vec![rejected(), tokens("a2", Some("r2"), 600), rejected()]).await;
    let refused = bench.session.device_request("WDJB-MJHT").await.err();
    assert!(matches!(refused, Some(DeviceRequestError::Session(SessionError::Server(_)))));
}

#[tokio::test]
async fn each_failure_says_what_to_do() {
    let wait = Reply::Response(429, vec![("retry-after".into(), "8".into())], String::new());
    let server = |what: &str| DeviceRequestError::Server(what.to_owned());
    for (reply, expected) in [
        (Reply::error(400, "invalid_grant"), DeviceRequestError::Unknown),
        (Reply::error(400, "unauthorized_client"), DeviceRequestError::NotAllowed),
        (Reply::error(400, "invalid_scope"), DeviceRequestError::NotAllowed),
        (wait, DeviceRequestError::Throttled { retry_after: Some(8) }),
        (
            Reply::error(401, "invalid_client"),
            SessionError::HostRejected { error: "invalid_client" }.into(),
        ),
        (Reply::Error(HttpError::TimedOut), SessionError::TimedOut.into()),
        (Reply::error(400, "new"), server("its error code is unknown")),
        (Reply::error(500, "server_error"), server("it has status 500")),
        (Reply::json(200, "{}"), server("it does not say what asks")),
    ] {
        let (bench, user) = signed_in(vec![reply]).await;
        assert_eq!(bench.session.device_request("WDJB-MJHT").await.err(), Some(expected));
        assert_eq!(bench.session.current_user(), Some(user));
    }
}

#[tokio::test]
async fn nobody_answers_for_a_user_who_is_not_signed_in_any_more() {
    let (bench, _) = signed_in(vec![asked()]).await;
    let request = bench.session.device_request("WDJB-MJHT").await.ok().unwrap();
    bench.session.sign_out().await.unwrap();
    let refused = bench.session.answer_device_request(request, approve("en")).await;
    assert_eq!(refused, Err(SessionError::NotSignedIn.into()));
    let refused = bench.session.device_request("WDJB-MJHT").await.err();
    assert_eq!(refused, Some(SessionError::NotSignedIn.into()));
}
