//! The `relay` profile over real sockets.

use std::{sync::Arc, time::Duration};

use minihost_core::{GrantId, IssueFailure, IssuedCode, Issuer};
use minihost_protocol::Reason;
use minihost_testkit::CHALLENGE;
use serde_json::{Value, json};

use super::{
    IssueError, RelayConfig, RelayIssuer, RelaySettings,
    issuing::{self, full_request},
    loopback::{Loopback, Reply, body, empty, html},
    tokens::Tokens,
};
use crate::{
    SystemClock,
    http::ReqwestTransport,
    ports::{CodeIssuer, GrantEnding},
};

const ISSUER: &str = "https://as.example";

fn issuer(server: &Loopback, tokens: &Arc<Tokens>) -> RelayIssuer {
    let settings = RelaySettings { base: format!("{}/relay/", server.origin) };
    let config = RelayConfig { issuer: Issuer::new(ISSUER), settings };
    let transport = Arc::new(ReqwestTransport::new());
    RelayIssuer::new(config, transport, tokens.clone(), Arc::new(SystemClock::new())).unwrap()
}

fn code(more: Value) -> Reply {
    let mut json = json!({"code": "c0de", "clientId": "teahouse", "scopes": ["email", "openid"]});
    for (name, value) in more.as_object().unwrap() {
        json[name] = value.clone();
    }
    body(200, json)
}

fn problem(status: u16, reason: &str) -> Reply {
    let json = json!({"type": "about:blank", "status": status, "reason": reason});
    let kind = ("content-type", "application/problem+json".to_owned());
    Reply::Answer(status, vec![kind], json.to_string())
}

async fn issue(server: &Loopback) -> Result<IssuedCode, IssueError> {
    issuing::issue(&issuer(server, &Tokens::two())).await
}

async fn failure(replies: Vec<Reply>) -> IssueError {
    let server = Loopback::new(replies).await;
    issuing::failure(&issuer(&server, &Tokens::two())).await
}

#[tokio::test]
async fn the_backend_is_told_what_the_server_would_be() {
    let more = json!({"iss": ISSUER, "expiresIn": 60, "grantId": "g1"});
    let server = Loopback::new([code(more)]).await;
    let request = full_request();
    let issuer = issuer(&server, &Tokens::new([Ok("t1")]));
    let issued = issuer.issue(&request).await.ok().unwrap();
    assert_eq!((issued.code.expose(), issued.expires_in), ("c0de", Some(60)));
    assert_eq!(issued.issuer, Some(Issuer::new(ISSUER)));
    let [seen] = server.take_seen().try_into().ok().unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/relay/v1/codes"));
    assert_eq!(seen.headers["authorization"], "Bearer t1");
    assert_eq!(seen.headers["content-type"], "application/json");
    assert_eq!(seen.headers["idempotency-key"], request.evidence().jti);
    let sent: Value = serde_json::from_str(&seen.body).unwrap();
    let expected = json!({
        "clientId": "teahouse",
        "redirectUri": "https://teahouse.example/callback",
        "scopes": ["email", "openid"],
        "audience": "https://api.example",
        "codeChallenge": CHALLENGE,
        "nonce": "n&1",
        "acrValues": ["urn:a", "urn:b"],
        "maxAge": 120,
        "consent": request.evidence(),
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn every_reason_of_the_backend_has_its_error() {
    for (status, reason, expected) in [
        (403, "denied_by_server", Reason::DeniedByServer),
        (403, "consent_required", Reason::ConsentRequired),
        (403, "interaction_required", Reason::InteractionRequired),
        (403, "login_required", Reason::LoginRequired),
        (403, "account_selection_required", Reason::AccountSelectionRequired),
        (400, "invalid_scope", Reason::InvalidScope),
        (403, "unauthorized_client", Reason::UnauthorizedClient),
        (400, "invalid_request", Reason::Internal),
        (500, "internal", Reason::Internal),
        (429, "throttled", Reason::TemporarilyUnavailable),
        (503, "temporarily_unavailable", Reason::TemporarilyUnavailable),
        (502, "server_error", Reason::ServerError),
        (502, "network", Reason::Network),
        (504, "timeout", Reason::Timeout),
        (400, "something_new", Reason::ServerError),
        (403, "not_main_frame", Reason::ServerError),
    ] {
        let failed = failure(vec![problem(status, reason)]).await;
        assert_eq!(failed.failure(), IssueFailure::because(expected), "{reason}");
    }
}

#[tokio::test]
async fn a_backend_that_wants_to_be_left_alone_says_for_how_long() {
    let wait = |json: Value, header: Option<&str>| {
        let mut headers = vec![("content-type", "application/problem+json".to_owned())];
        headers.extend(header.map(|value| ("retry-after", value.to_owned())));
        vec![Reply::Answer(429, headers, json.to_string())]
    };
    for (replies, seconds) in [
        (wait(json!({"reason": "throttled", "retryAfter": 7}), None), 7),
        (wait(json!({"reason": "throttled", "retryAfter": 9999}), None), 300),
        (wait(json!({"reason": "throttled"}), Some("9")), 9),
        (wait(json!({}), Some("11")), 11),
    ] {
        let failed = failure(replies).await.failure();
        assert_eq!(failed.reason, Reason::TemporarilyUnavailable);
        assert_eq!(failed.retry_after, Some(seconds));
    }
}

#[tokio::test]
async fn a_rejected_token_is_refreshed_once() {
    let server = Loopback::new([problem(401, "login_required"), code(json!({}))]).await;
    assert!(issue(&server).await.is_ok());
    let sent = server.take_seen();
    let tokens: Vec<_> = sent.iter().map(|seen| seen.headers["authorization"].as_str()).collect();
    assert_eq!(tokens, ["Bearer t1", "Bearer t2"]);
    assert_eq!(sent[0].headers["idempotency-key"], sent[1].headers["idempotency-key"]);
    assert_eq!(failure(vec![empty(401), empty(401)]).await, IssueError::UserTokenRejected);
}

#[tokio::test]
async fn a_code_that_does_not_fit_the_request_is_dropped() {
    for (reply, says) in [
        (code(json!({"clientId": "cinema"})), "another client"),
        (code(json!({"clientId": null})), "another client"),
        (code(json!({"iss": "https://other.example"})), "another issuer"),
        (code(json!({"scopes": ["openid", "email", "phone"]})), "not asked for"),
        (code(json!({"scopes": []})), "cannot be used"),
        (code(json!({"scopes": null})), "cannot be used"),
        (code(json!({"code": "a\nb"})), "cannot be used"),
        (code(json!({"code": ""})), "cannot be used"),
        (code(json!({"expiresIn": 0})), "cannot be used"),
        (code(json!({"grantId": ""})), "cannot be used"),
        (body(200, json!([])), "cannot be used"),
        (body(201, json!({})), "cannot be used"),
    ] {
        let failed = failure(vec![reply]).await;
        assert_eq!(failed.failure().reason, Reason::ServerError, "{failed}");
        assert!(failed.to_string().contains(says), "{failed}");
    }
}

#[tokio::test]
async fn a_grant_ends_at_the_server_or_here_alone_as_the_backend_says() {
    for (reply, expected) in [
        (empty(204), Ok(GrantEnding::Ended)),
        (body(200, json!({"atServer": true})), Ok(GrantEnding::Ended)),
        (body(200, json!({"atServer": false})), Ok(GrantEnding::LocalOnly)),
        (problem(404, "not_found"), Ok(GrantEnding::Ended)),
        (html(200), Err(IssueError::HtmlPage { status: 200 })),
        (html(404), Err(IssueError::BadAnswer { what: "it is an error without an error code" })),
        (empty(500), Err(IssueError::ServerFailed { status: 500 })),
    ] {
        let server = Loopback::new([code(json!({})), reply]).await;
        let issuer = issuer(&server, &Tokens::two());
        let issued = issuing::issue(&issuer).await.ok().unwrap();
        server.take_seen();
        let ended = issuer.end_grant(&issued.grant_id.unwrap(), Duration::from_secs(5)).await;
        assert_eq!(ended, expected);
        let [seen] = server.take_seen().try_into().ok().unwrap();
        assert_eq!(
            (seen.method.as_str(), seen.path.as_str()),
            ("DELETE", "/relay/v1/grants/teahouse")
        );
        assert_eq!(seen.headers["authorization"], "Bearer t2");
    }
    let server = Loopback::new([]).await;
    let other =
        issuer(&server, &Tokens::new([])).end_grant(&GrantId::new("g"), Duration::ZERO).await;
    assert_ne!(other, Ok(GrantEnding::Ended), "a grant of another profile");
}
