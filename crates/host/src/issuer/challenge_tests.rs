//! The `challenge` profile against a scripted server.

use std::sync::Arc;

use minihost_core::{ClientId, IssueFailure, IssuedCode, Issuer};
use minihost_protocol::Reason;
use minihost_testkit::{CHALLENGE, approved_code_request};
use serde_json::{Value, json};

use super::{
    ChallengeConfig, ChallengeIssuer, ClientAuthentication, ClientSecret, IssueError,
    issuing::{self, full_request},
    tokens::Tokens,
};
use crate::{
    http::scripted::{Reply, Scripted, TestClock},
    ports::{CodeIssuer, HttpError, SecretStoreError, SessionError},
};

pub(super) const ISSUER: &str = "http://127.0.0.1:1";

pub(super) fn client() -> ClientAuthentication {
    let (client_id, client_secret) = (ClientId::new("host"), ClientSecret::new("s3cret"));
    ClientAuthentication::ClientSecretPost { client_id, client_secret }
}

pub(super) fn issuer(scripted: &Arc<Scripted>, tokens: &Arc<Tokens>) -> ChallengeIssuer {
    let config = ChallengeConfig { issuer: Issuer::new(ISSUER), client: client() };
    let clock = Arc::new(TestClock::default());
    ChallengeIssuer::new(config, scripted.clone(), tokens.clone(), clock).unwrap()
}

fn code(more: Value) -> Reply {
    let mut body = json!({"authorization_code": "c0de", "client_id": "teahouse", "expires_in": 60});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    Reply::json(200, &body.to_string())
}

async fn issue(replies: Vec<Reply>) -> Result<IssuedCode, IssueError> {
    issuing::issue(&issuer(&Scripted::with_metadata(replies), &Tokens::two())).await
}

async fn failure(replies: Vec<Reply>) -> IssueError {
    issuing::failure(&issuer(&Scripted::with_metadata(replies), &Tokens::two())).await
}

#[test]
fn credentials_that_the_backend_holds_make_no_requests_here() {
    let client = ClientAuthentication::Relay { client_id: ClientId::new("host") };
    let config = ChallengeConfig { issuer: Issuer::new(ISSUER), client };
    let (scripted, clock) = (Scripted::with_metadata([]), Arc::new(TestClock::default()));
    assert!(ChallengeIssuer::new(config, scripted, Tokens::two(), clock).is_err());
}

#[tokio::test]
async fn the_request_has_every_parameter_of_the_profile() {
    let scripted = Scripted::with_metadata([code(json!({}))]);
    let request = full_request();
    issuer(&scripted, &Tokens::new([Ok("t1")])).issue(&request).await.ok().unwrap();
    let [seen] = scripted.take_seen().try_into().ok().unwrap();
    assert_eq!((seen.method, seen.path.as_str()), ("POST", "/challenge"));
    assert_eq!(seen.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(!seen.headers.contains_key("authorization"));
    let mut form = seen.form;
    let evidence: Value = serde_json::from_str(&form.remove("consent").unwrap()).unwrap();
    assert_eq!(evidence, serde_json::to_value(request.evidence()).unwrap());
    let expected = [
        ("response_type", "code"),
        ("target_client_id", "teahouse"),
        ("redirect_uri", "https://teahouse.example/callback"),
        ("scope", "email openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("nonce", "n&1"),
        ("resource", "https://api.example"),
        ("acr_values", "urn:a urn:b"),
        ("max_age", "120"),
        ("subject_token", "t1"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("client_id", "host"),
        ("client_secret", "s3cret"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_code_comes_with_all_that_the_server_says_of_it() {
    let more = json!({"scope": "openid", "grant_id": "g1", "iss": ISSUER});
    let issued = issue(vec![code(more)]).await.ok().unwrap();
    assert_eq!(issued.code.expose(), "c0de");
    assert_eq!(issued.client_id, ClientId::new("teahouse"));
    assert_eq!(issued.issuer, Some(Issuer::new(ISSUER)));
    assert_eq!(issued.expires_in, Some(60));
    assert_eq!(issued.grant_id.unwrap().as_str(), "g1");
    assert_eq!(issued.scopes.unwrap().len(), 1);
    let issued = issue(vec![code(json!({}))]).await.ok().unwrap();
    assert!(issued.scopes.is_none() && issued.grant_id.is_none(), "as asked");
}

#[tokio::test]
async fn every_error_of_the_server_has_its_reason() {
    let rows = [
        (400, "access_denied", Reason::DeniedByServer),
        (400, "consent_required", Reason::ConsentRequired),
        (400, "interaction_required", Reason::InteractionRequired),
        (400, "login_required", Reason::LoginRequired),
        (400, "account_selection_required", Reason::AccountSelectionRequired),
        (403, "redirect_to_web", Reason::InteractionRequired),
        (400, "invalid_scope", Reason::InvalidScope),
        (400, "unauthorized_client", Reason::UnauthorizedClient),
        (401, "invalid_client", Reason::Internal),
        (400, "invalid_request", Reason::Internal),
        (400, "unsupported_response_type", Reason::Internal),
        (400, "invalid_target", Reason::Internal),
        (400, "something_new", Reason::ServerError),
        (400, "temporarily_unavailable", Reason::TemporarilyUnavailable),
        (500, "server_error", Reason::ServerError),
    ];
    for (status, error, reason) in rows {
        let failed = failure(vec![Reply::error(status, error)]).await;
        assert_eq!(failed.failure(), IssueFailure::because(reason), "{error}");
        assert!(!failed.to_string().contains("words"), "the server's text stays in the log");
    }
    let failed = failure(vec![Reply::error(401, "invalid_client")]).await;
    assert!(failed.to_string().starts_with("host_rejected"));
}

#[tokio::test]
async fn a_server_that_wants_a_browser_names_the_page_that_it_goes_on_at() {
    let wants_browser = |request_uri: Value| {
        let body =
            json!({"error": "redirect_to_web", "request_uri": request_uri, "expires_in": 90});
        vec![Reply::json(403, &body.to_string())]
    };
    let continue_at = async |request_uri| failure(wants_browser(request_uri)).await.failure();
    let failed = continue_at(json!("urn:ietf:params:oauth:request_uri:a&b")).await;
    assert_eq!(failed.reason, Reason::InteractionRequired);
    let page = format!(
        "{ISSUER}/authorize?tenant=1&client_id=host&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aa%26b"
    );
    assert_eq!(failed.continue_at.map(String::from), Some(page));
    // An ordinary authorization request would give a code for whoever is signed in over there.
    for none in [json!(null), json!("no uri"), json!(format!("urn:{}", "x".repeat(512)))] {
        let failed = continue_at(none).await;
        assert_eq!(failed, IssueFailure::because(Reason::InteractionRequired));
    }
}

#[tokio::test]
async fn a_rejected_user_token_is_refreshed_once() {
    for (status, error) in [
        (403, "insufficient_authorization"),
        (401, "invalid_token"),
        (400, "invalid_grant"),
        (401, "something_new"),
    ] {
        let rejected = || Reply::error(status, error);
        let tokens = Tokens::two();
        let scripted = Scripted::with_metadata([rejected(), code(json!({}))]);
        let issued = issuing::issue(&issuer(&scripted, &tokens)).await;
        assert_eq!(issued.ok().unwrap().code.expose(), "c0de");
        let sent = scripted.take_seen();
        assert_eq!(
            sent.iter().map(|seen| &seen.form["subject_token"]).collect::<Vec<_>>(),
            ["t1", "t2"]
        );
        assert_eq!(*tokens.rejected.lock().unwrap(), ["t1"]);

        let failed = failure(vec![rejected(), rejected(), code(json!({}))]).await;
        assert_eq!(failed, IssueError::UserTokenRejected, "{error}");
        assert_eq!(failed.failure().reason, Reason::LoginRequired);
    }
}

#[tokio::test]
async fn an_unknown_session_is_started_anew_once() {
    let unknown = || Reply::error(400, "invalid_session");
    assert!(issue(vec![unknown(), code(json!({}))]).await.is_ok());
    let failed = failure(vec![unknown(), unknown(), code(json!({}))]).await;
    assert_eq!(failed, IssueError::InvalidSession);
    assert_eq!(failed.failure().reason, Reason::ServerError);
}

#[tokio::test]
async fn a_request_that_is_started_anew_is_for_who_is_there_then() {
    let scripted = Scripted::with_metadata([Reply::error(400, "invalid_session"), code(json!({}))]);
    let tokens = Tokens::new([Ok("t1"), Err(SessionError::SignInEnded)]);
    let failed = issuing::failure(&issuer(&scripted, &tokens)).await;
    assert_eq!(failed.failure().reason, Reason::LoginRequired);
    assert_eq!(scripted.take_seen().len(), 1);
}

#[tokio::test]
async fn a_code_that_does_not_fit_the_request_is_dropped() {
    let bad = |body: &str| Reply::json(200, body);
    let rows = [
        (code(json!({"client_id": "cinema"})), "another client"),
        (bad(r#"{"authorization_code":"c","expires_in":60}"#), "another client"),
        (code(json!({"iss": "http://127.0.0.1:2"})), "another issuer"),
        (code(json!({"scope": "openid email phone"})), "not asked for"),
        (code(json!({"scope": " "})), "cannot be used"),
        (code(json!({"authorization_code": ""})), "cannot be used"),
        (code(json!({"authorization_code": "a\nb"})), "cannot be used"),
        (code(json!({"authorization_code": "x".repeat(4097)})), "cannot be used"),
        (code(json!({"expires_in": 0})), "cannot be used"),
        (code(json!({"expires_in": -1})), "cannot be used"),
        (code(json!({"expires_in": "60"})), "cannot be used"),
        (code(json!({"grant_id": ""})), "cannot be used"),
        (bad(r#"{"client_id":"teahouse"}"#), "cannot be used"),
        (
            bad(r#"{"authorization_code":"c","client_id":"cinema","client_id":"teahouse"}"#),
            "cannot be used",
        ),
        (bad("[]"), "cannot be used"),
        (bad("{"), "cannot be used"),
    ];
    for (reply, says) in rows {
        let failed = failure(vec![reply]).await;
        assert_eq!(failed.failure().reason, Reason::ServerError, "{failed}");
        assert!(failed.to_string().contains(says), "{failed}");
        assert!(!failed.to_string().contains("c0de"));
    }
}

#[tokio::test]
async fn what_is_not_the_servers_answer_is_the_network() {
    let html = vec![("content-type".to_owned(), "text/html".to_owned())];
    let there = vec![("location".to_owned(), "https://portal.example/login".to_owned())];
    for reply in [
        Reply::Response(200, html, "<html>".into()),
        Reply::Response(302, there, String::new()),
        Reply::Response(511, Vec::new(), String::new()),
        Reply::Error(HttpError::MaybeSent("reset".into())),
    ] {
        assert_eq!(failure(vec![reply]).await.failure().reason, Reason::Network);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_once_bytes_were_sent() {
    let not_sent = || Reply::Error(HttpError::NotSent("refused".into()));
    assert!(issue(vec![not_sent(), code(json!({}))]).await.is_ok());
    for error in [HttpError::MaybeSent("reset".into()), HttpError::TimedOut] {
        let scripted = Scripted::with_metadata([Reply::Error(error), code(json!({}))]);
        let issuer = issuer(&scripted, &Tokens::new([Ok("t1")]));
        assert!(issuing::issue(&issuer).await.is_err());
        assert_eq!(scripted.seen(), 1);
    }
}

#[tokio::test]
async fn a_server_that_is_busy_says_for_how_long() {
    let busy = |value: &str| {
        let header = ("retry-after".to_owned(), value.to_owned());
        vec![Reply::Response(503, vec![header], String::new())]
    };
    for (value, seconds) in [("7", 7), ("99999", 300), ("Thu, 01 Jan 2026 00:00:09 GMT", 9)] {
        let failed = failure(busy(value)).await.failure();
        assert_eq!(failed.reason, Reason::TemporarilyUnavailable);
        assert_eq!(failed.retry_after, Some(seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn the_requests_time_is_kept_whatever_hangs() {
    let request = approved_code_request(&[]);
    for scripted in [Scripted::new([Reply::Never]), Scripted::with_metadata([Reply::Never])] {
        let begun = tokio::time::Instant::now();
        let issuer = issuer(&scripted, &Tokens::new([Ok("t1")]));
        let failed = issuer.issue(&request).await.err().unwrap();
        assert_eq!(failed.failure().reason, Reason::Timeout);
        assert!(begun.elapsed() <= request.time_allowed());
    }
}

#[tokio::test]
async fn a_server_without_host_mediation_is_not_sent_anything() {
    let metadata = |change: fn(&mut Value)| {
        let mut metadata = crate::http::scripted::metadata(ISSUER);
        change(&mut metadata);
        Reply::json(200, &metadata.to_string())
    };
    for (reply, reason) in [
        (metadata(|json| json["host_mediation_supported"] = json!(false)), Reason::Internal),
        (metadata(|json| json["authorization_challenge_endpoint"] = json!(null)), Reason::Internal),
        (metadata(|json| json["issuer"] = json!("http://127.0.0.1:2")), Reason::ServerError),
        (Reply::error(404, "not_found"), Reason::ServerError),
    ] {
        let scripted = Scripted::new([reply, code(json!({}))]);
        let issuer = issuer(&scripted, &Tokens::new([Ok("t1")]));
        let failed = issuing::failure(&issuer).await;
        assert_eq!(failed.failure().reason, reason, "{failed}");
        assert!(scripted.take_seen().iter().all(|seen| seen.method == "GET"));
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_reason_says_why() {
    let wait = SessionError::TemporarilyUnavailable { retry_after: Some(4) };
    for (error, reason, retry_after) in [
        (SessionError::NotSignedIn, Reason::LoginRequired, None),
        (SessionError::SignInEnded, Reason::LoginRequired, None),
        (SessionError::AccountChanged, Reason::AccountChanged, None),
        (SessionError::Store(SecretStoreError::Locked), Reason::TemporarilyUnavailable, None),
        (wait, Reason::TemporarilyUnavailable, Some(4)),
        (SessionError::Network("x".into()), Reason::Network, None),
        (SessionError::TimedOut, Reason::Timeout, None),
        (SessionError::Server("x".into()), Reason::ServerError, None),
        (SessionError::HostRejected { error: "invalid_client" }, Reason::Internal, None),
    ] {
        let scripted = Scripted::with_metadata([]);
        let issuer = issuer(&scripted, &Tokens::new([Err(error)]));
        let failed = issuing::failure(&issuer).await;
        let expected = IssueFailure { retry_after, ..IssueFailure::because(reason) };
        assert_eq!(failed.failure(), expected);
        assert_eq!(scripted.seen(), 0);
    }
}
