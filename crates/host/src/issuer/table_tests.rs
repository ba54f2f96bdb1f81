//! From the server's answer to the page's reason: each row with an error of its own, through every
//! profile, over real sockets.

use std::{collections::BTreeSet, mem::discriminant, sync::Arc};

use minihost_core::Issuer;
use minihost_protocol::Reason;
use minihost_testkit::approved_code_request;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    CodeIssuerConfig, IssueError, NextStep, ProfileSettings,
    challenge_tests::client,
    code_issuer, issuing,
    loopback::{Loopback, Reply, answered, body, empty, html, redirect},
    tokens::Tokens,
};
use crate::{
    SystemClock,
    http::{
        ReqwestTransport,
        scripted::{self, Scripted},
    },
    ports::{CodeIssuer, HttpError},
};

fn issuer(origin: &str, profile: Value) -> Arc<dyn CodeIssuer> {
    let profile: ProfileSettings = serde_json::from_value(profile).unwrap();
    let config = CodeIssuerConfig { issuer: Issuer::new(origin), client: Some(client()), profile };
    let tokens = Tokens::two();
    let transport = Arc::new(ReqwestTransport::new());
    code_issuer(config, transport, tokens, Arc::new(SystemClock::new())).unwrap()
}

async fn failure(profile: Value, replies: Vec<Reply>) -> IssueError {
    let server = Loopback::new(replies).await;
    let profile = serde_json::from_str(&profile.to_string().replace("{origin}", &server.origin));
    let issuer = issuer(&server.origin, profile.unwrap());
    issuing::failure(&*issuer).await
}

fn error(status: u16, error: &str) -> Reply {
    body(status, json!({"error": error, "error_description": "words"}))
}

fn problem(status: u16, reason: &str) -> Reply {
    body(status, json!({"reason": reason, "detail": "words"}))
}

fn away() -> Reply {
    redirect("http://portal.example/welcome")
}

/// What answers a row in `challenge`, `authorize` and `relay`; none where the profile has no such.
struct Row {
    error: IssueError,
    reason: Reason,
    next: NextStep,
    answers: [Vec<Reply>; 3],
}

fn rows() -> Vec<Row> {
    let row = |error, reason, next, answers| Row { error, reason, next, answers };
    let named = |code: &str, reason: &str, status| {
        [vec![error(status, code)], vec![answered(code)], vec![problem(status, reason)]]
    };
    let twice = |reply: Reply| vec![reply.clone(), reply];
    let same = |reply: Reply| [vec![reply.clone()], vec![reply.clone()], vec![reply]];
    let again = |after| NextStep::TryAgain { after };
    vec![
        row(
            IssueError::AccessDenied,
            Reason::DeniedByServer,
            NextStep::Accept,
            named("access_denied", "denied_by_server", 403),
        ),
        row(
            IssueError::ConsentRequired,
            Reason::ConsentRequired,
            NextStep::CheckSettings,
            named("consent_required", "consent_required", 400),
        ),
        row(
            IssueError::InteractionRequired,
            Reason::InteractionRequired,
            NextStep::OpenBrowser { page: None },
            named("interaction_required", "interaction_required", 400),
        ),
        row(
            IssueError::LoginRequired,
            Reason::LoginRequired,
            NextStep::SignInAgain,
            named("login_required", "login_required", 400),
        ),
        row(
            IssueError::AccountSelectionRequired,
            Reason::AccountSelectionRequired,
            NextStep::ChooseAccount,
            named("account_selection_required", "account_selection_required", 400),
        ),
        row(
            IssueError::UserTokenRejected,
            Reason::LoginRequired,
            NextStep::SignInAgain,
            [twice(error(403, "insufficient_authorization")), twice(empty(401)), twice(empty(401))],
        ),
        row(
            IssueError::RedirectToWeb { page: None },
            Reason::InteractionRequired,
            NextStep::OpenBrowser { page: None },
            [vec![error(403, "redirect_to_web")], vec![answered("redirect_to_web")], vec![]],
        ),
        row(
            IssueError::LoginPage { status: 302 },
            Reason::LoginRequired,
            NextStep::SignInAgain,
            [
                vec![redirect("/login")],
                vec![redirect("http://127.0.0.1:9/in")],
                vec![redirect("/login")],
            ],
        ),
        row(
            IssueError::LoginPage { status: 200 },
            Reason::LoginRequired,
            NextStep::SignInAgain,
            [vec![], vec![redirect("/login"), html(200)], vec![]],
        ),
        row(
            IssueError::InvalidSession,
            Reason::ServerError,
            NextStep::AskOperator,
            [twice(error(400, "invalid_session")), twice(answered("invalid_session")), vec![]],
        ),
        row(
            IssueError::InvalidScope,
            Reason::InvalidScope,
            NextStep::CheckSettings,
            named("invalid_scope", "invalid_scope", 400),
        ),
        row(
            IssueError::UnauthorizedClient,
            Reason::UnauthorizedClient,
            NextStep::AskOperator,
            named("unauthorized_client", "unauthorized_client", 403),
        ),
        row(
            IssueError::HostRejected { error: "invalid_request" },
            Reason::Internal,
            NextStep::CheckSettings,
            named("invalid_request", "invalid_request", 400),
        ),
        row(
            IssueError::HostRejected { error: "invalid_client" },
            Reason::Internal,
            NextStep::CheckSettings,
            [vec![error(401, "invalid_client")], vec![answered("invalid_client")], vec![]],
        ),
        row(
            IssueError::HostRejected { error: "unsupported_response_type" },
            Reason::Internal,
            NextStep::CheckSettings,
            [
                vec![error(400, "unsupported_response_type")],
                vec![answered("unsupported_response_type")],
                vec![],
            ],
        ),
        row(
            IssueError::RefusedWithoutRedirect { status: 403 },
            Reason::Internal,
            NextStep::CheckSettings,
            [vec![], vec![empty(403)], vec![]],
        ),
        row(
            IssueError::TemporarilyUnavailable { status: 429, retry_after: Some(7) },
            Reason::TemporarilyUnavailable,
            again(Some(7)),
            same(Reply::Answer(429, vec![("retry-after", "7".into())], String::new())),
        ),
        row(
            IssueError::TemporarilyUnavailable { status: 503, retry_after: None },
            Reason::TemporarilyUnavailable,
            again(None),
            [vec![empty(503)], vec![answered("temporarily_unavailable")], vec![empty(503)]],
        ),
        row(
            IssueError::ServerFailed { status: 500 },
            Reason::ServerError,
            again(None),
            [vec![empty(500)], vec![answered("server_error")], vec![empty(500)]],
        ),
        row(
            IssueError::WrongState,
            Reason::ServerError,
            again(None),
            [vec![], vec![redirect("https://teahouse.example/callback?code=c&state=x")], vec![]],
        ),
        row(
            IssueError::WrongIssuer,
            Reason::ServerError,
            NextStep::CheckSettings,
            [
                vec![body(
                    200,
                    json!({"authorization_code": "c", "client_id": "teahouse", "iss": "https://x"}),
                )],
                vec![redirect(
                    "https://teahouse.example/callback?code=c&state={state}&iss=https://x",
                )],
                vec![body(
                    200,
                    json!({"code": "c", "clientId": "teahouse", "scopes": ["email"], "iss": "https://x"}),
                )],
            ],
        ),
        row(
            IssueError::WrongClient,
            Reason::ServerError,
            NextStep::AskOperator,
            [
                vec![body(200, json!({"authorization_code": "c", "client_id": "cinema"}))],
                vec![],
                vec![body(200, json!({"code": "c", "clientId": "cinema", "scopes": ["email"]}))],
            ],
        ),
        row(
            IssueError::WrongRedirectUri,
            Reason::ServerError,
            NextStep::CheckSettings,
            [
                vec![],
                vec![redirect("https://cinema.example/callback?code=c&state={state}")],
                vec![],
            ],
        ),
        row(
            IssueError::ScopeWiderThanAsked,
            Reason::ServerError,
            NextStep::AskOperator,
            [
                vec![body(
                    200,
                    json!({"authorization_code": "c", "client_id": "teahouse", "scope": "phone"}),
                )],
                vec![redirect(
                    "https://teahouse.example/callback?code=c&state={state}&scope=phone",
                )],
                vec![body(200, json!({"code": "c", "clientId": "teahouse", "scopes": ["phone"]}))],
            ],
        ),
        row(
            IssueError::TooManyRedirects,
            Reason::ServerError,
            NextStep::CheckSettings,
            [vec![], vec![redirect("/again"); 6], vec![]],
        ),
        row(
            IssueError::BadAnswer { what: "" },
            Reason::ServerError,
            NextStep::AskOperator,
            same(Reply::Answer(200, vec![("content-type", "application/json".into())], "{".into())),
        ),
        row(IssueError::HtmlPage { status: 200 }, Reason::Network, again(None), same(html(200))),
        row(
            IssueError::CaptivePortal { status: 302 },
            Reason::Network,
            NextStep::OpenNetworkPage,
            same(away()),
        ),
        row(
            IssueError::CaptivePortal { status: 511 },
            Reason::Network,
            NextStep::OpenNetworkPage,
            same(html(511)),
        ),
        row(
            IssueError::ServerUnreachableFromRelay { status: 502 },
            Reason::Network,
            again(None),
            [vec![], vec![], vec![problem(502, "network")]],
        ),
        row(
            IssueError::Deadline,
            Reason::Timeout,
            again(None),
            [vec![], vec![], vec![problem(504, "timeout")]],
        ),
        row(
            IssueError::ConnectionLost(String::new()),
            Reason::Network,
            again(None),
            same(Reply::Cut),
        ),
    ]
}

fn profiles() -> [Value; 3] {
    [
        json!({"challenge": {}}),
        json!({"authorize": {"login_origins": ["http://127.0.0.1:9"]}}),
        json!({"relay": {"base": "{origin}"}}),
    ]
}

#[tokio::test]
async fn every_answer_has_an_error_of_its_own_a_reason_and_a_next_step() {
    for Row { error, reason, next, answers } in rows() {
        for (profile, replies) in profiles().into_iter().zip(answers) {
            if replies.is_empty() {
                continue;
            }
            let failed = failure(profile.clone(), replies).await;
            match &error {
                IssueError::BadAnswer { .. } | IssueError::ConnectionLost(_) => {
                    assert_eq!(discriminant(&failed), discriminant(&error), "{profile}: {failed}");
                }
                _ => assert_eq!(failed, error, "{profile}"),
            }
            assert_eq!(failed.failure().reason, reason, "{profile}: {failed}");
            assert_eq!(failed.next_step(), next, "{profile}: {failed}");
            assert!(!failed.to_string().contains("words"), "the server's text stays in the log");
        }
    }
}

#[test]
fn no_two_errors_say_the_same() {
    let sentences: Vec<String> = rows().iter().map(|row| row.error.to_string()).collect();
    let different: BTreeSet<_> = sentences.iter().collect();
    assert_eq!(different.len(), sentences.len());
}

#[tokio::test]
async fn a_server_that_is_not_there_was_sent_nothing() {
    for profile in profiles() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let profile = profile.to_string().replace("{origin}", &origin);
        let issuer = issuer(&origin, serde_json::from_str(&profile).unwrap());
        let failed = issuing::failure(&*issuer).await;
        assert!(matches!(failed, IssueError::Unreachable(_)), "{failed}");
        assert_eq!(failed.failure().reason, Reason::Network);
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_is_not_one_that_is_not_there() {
    for profile in profiles() {
        let origin = "http://127.0.0.1:1";
        let profile = profile.to_string().replace("{origin}", origin);
        let profile = serde_json::from_str(&profile).unwrap();
        let config =
            CodeIssuerConfig { issuer: Issuer::new(origin), client: Some(client()), profile };
        let untrusted = HttpError::Untrusted("expired".into());
        let scripted = Scripted::with_metadata([scripted::Reply::Error(untrusted)]);
        let (tokens, clock) = (Tokens::new([Ok("t1")]), Arc::new(SystemClock::new()));
        let issuer = code_issuer(config, scripted, tokens, clock).unwrap();
        let failed = issuing::failure(&*issuer).await;
        assert_eq!(failed, IssueError::Untrusted("expired".into()));
        assert_eq!(failed.failure().reason, Reason::Network);
        assert_eq!(failed.next_step(), NextStep::CheckSettings);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_costs_the_requests_time_and_no_more() {
    let origin = "http://127.0.0.1:1";
    for profile in profiles() {
        let profile = profile.to_string().replace("{origin}", origin);
        let profile = serde_json::from_str(&profile).unwrap();
        let config =
            CodeIssuerConfig { issuer: Issuer::new(origin), client: Some(client()), profile };
        let scripted = Scripted::with_metadata([scripted::Reply::Never]);
        let (tokens, clock) = (Tokens::new([Ok("t1")]), Arc::new(SystemClock::new()));
        let issuer = code_issuer(config, scripted.clone(), tokens, clock).unwrap();
        let (request, begun) = (approved_code_request(&[]), tokio::time::Instant::now());
        assert_eq!(issuer.issue(&request).await.err(), Some(IssueError::Deadline));
        assert!(begun.elapsed() <= request.time_allowed() && scripted.seen() == 1);
    }
}
