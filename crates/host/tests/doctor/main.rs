//! `minihost doctor` as a process of its own, at the authorization server that comes with the project.
#![cfg(test)]

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::Query,
    http::StatusCode,
    routing::{get, post},
};
use minihost_authorization_server as server;
use serde_json::Value;
use tokio::{net::TcpListener, process::Command};

const SECRET: &str = "the host's secret, which is long enough";
const CALLBACK: &str = "https://teahouse.example/callback";

struct Stage {
    issuer: String,
    _running: server::AuthorizationServer,
}

async fn stage(directory: &Path) -> Stage {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let config = server::Config::new(issuer.parse().unwrap(), directory.join("server.sqlite"));
    let running = server::AuthorizationServer::open(config).await.unwrap();
    let id = |id: &str| server::ClientId::new(id).unwrap();
    let secret =
        || server::ClientAuthentication::Secret(server::ClientSecret::new(SECRET).unwrap());
    let mut host = server::ClientRegistration::new(
        id("host"),
        server::ClientKind::Host {
            may_mediate_for: vec![id("teahouse")],
            consent_evidence: server::Requirement::Optional,
        },
        secret(),
        server::Scopes::parse("openid profile email phone mediate").unwrap(),
    );
    host.grants.insert(server::GrantType::Password);
    host.refresh = server::RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
    host.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    let mut program = server::ClientRegistration::new(
        id("teahouse"),
        server::ClientKind::MiniProgram,
        secret(),
        server::Scopes::parse("openid profile email").unwrap(),
    );
    program.redirect_uris = vec![server::RedirectUri::new(CALLBACK).unwrap()];
    program.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    running.registry().put_client(program).await.unwrap();
    running.registry().put_client(host).await.unwrap();
    let router = running.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Stage { issuer, _running: running }
}

/// What it printed on standard output, and its exit code.
async fn doctor(issuer: &str, secret: &str, more: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minihost"));
    command.args(["doctor", "--issuer", issuer, "--client-id", "host"]).args(more);
    let output = command.env("MINIHOST_CLIENT_SECRET", secret).output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complained = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains(secret) && !complained.contains(secret), "the secret stays");
    (said, output.status.code())
}

#[tokio::test]
async fn a_host_that_is_well_is_told_so() {
    let room = tempfile::tempdir().unwrap();
    let stage = stage(room.path()).await;
    let program = format!("teahouse={CALLBACK}");
    let (said, code) = doctor(&stage.issuer, SECRET, &["--mini-program", &program]).await;
    assert_eq!(code, Some(0), "{said}");
    for line in ["good     way to the server", "good     host credentials", "mini-program teahouse"]
    {
        assert!(said.contains(line), "{said}");
    }
}

#[tokio::test]
async fn what_is_bad_comes_with_a_cure_and_an_exit_code() {
    let room = tempfile::tempdir().unwrap();
    let stage = stage(room.path()).await;
    let program = "teahouse=https://teahouse.example/elsewhere";
    let more = ["--json", "--mini-program", program];
    let (said, code) = doctor(&stage.issuer, "some other secret", &more).await;
    assert_eq!(code, Some(1), "{said}");
    let json: Value = serde_json::from_str(&said).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let bad: Vec<_> = findings.iter().filter(|finding| finding["verdict"] == "bad").collect();
    let checks: Vec<_> = bad.iter().map(|finding| finding["check"].as_str().unwrap()).collect();
    assert_eq!(checks, ["host_credentials", "mini_program"], "{said}");
    assert!(bad.iter().all(|finding| finding["cure"].is_string()), "{said}");
    assert_eq!(bad[1]["of"], "teahouse");
    // Every page of this server has a nonce of its own.
    let saw = bad[1]["saw"].as_str().unwrap();
    assert!(saw.contains("knows the mini-program's client id, but not with this"), "{saw}");
    let more = ["--mini-program", "teapot=https://teahouse.example/callback"];
    let (said, _) = doctor(&stage.issuer, SECRET, &more).await;
    assert!(said.contains("does not know the mini-program's client id"), "{said}");
}

#[tokio::test]
async fn an_issuer_where_no_server_has_its_metadata_is_told_from_one_that_says_nonsense() {
    let room = tempfile::tempdir().unwrap();
    let stage = stage(room.path()).await;
    let (said, code) = doctor(&format!("{}/tenant", stage.issuer), SECRET, &[]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BAD      metadata: there is none where"), "{said}");
}

/// What is new in a page each time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum New {
    Nothing,
    Number,
    Everything,
}

/// A server whose pages say what they do not know.
async fn talkative(new: New) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let metadata = serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
    });
    let asked = Arc::new(AtomicUsize::new(0));
    let authorize = async move |Query(query): Query<HashMap<String, String>>| {
        let (client, uri) = (query["client_id"].as_str(), query["redirect_uri"].as_str());
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let number = match new {
            New::Nothing => String::new(),
            New::Number => number.to_string(),
            New::Everything => "again ".repeat(number),
        };
        let page = match client {
            "host" | "teahouse" if uri == CALLBACK => return (StatusCode::OK, String::new()),
            "host" | "teahouse" => format!("no address {uri} {number}"),
            _ => format!("no client {client} {number}"),
        };
        (StatusCode::BAD_REQUEST, page)
    };
    let refused = serde_json::json!({"error": "invalid_grant"});
    let router = Router::new()
        .route("/.well-known/oauth-authorization-server", get(async || Json(metadata)))
        .route("/token", post(async || (StatusCode::BAD_REQUEST, Json(refused))))
        .route("/authorize", get(authorize));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_told_from_an_unknown_client_where_the_server_tells() {
    let (unknown, elsewhere) =
        (format!("teapot={CALLBACK}"), "teahouse=https://teahouse.example/elsewhere");
    let more = ["--other-profile", "--mini-program", &unknown, "--mini-program", elsewhere];
    let neither = "the server sends nobody there";
    let known = "the server knows the mini-program's client id, but not with this redirect URI";
    let no_client = "the server does not know the mini-program's client id";
    for (new, teapot, teahouse) in [
        (New::Nothing, no_client, known),
        (New::Number, no_client, known),
        (New::Everything, neither, neither),
    ] {
        let (said, code) = doctor(&talkative(new).await, SECRET, &more).await;
        assert_eq!(code, Some(1), "{said}");
        for line in [format!("program teapot: {teapot}"), format!("program teahouse: {teahouse}")] {
            assert!(said.contains(&line), "{said}");
        }
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_not_answered() {
    for more in [&["--redirect-uri", "app:/x"][..], &["--mini-program", "teahouse"]] {
        assert_eq!(doctor("https://as.example", SECRET, more).await, (String::new(), Some(2)));
    }
    assert_eq!(doctor("as.example", SECRET, &[]).await, (String::new(), Some(2)));
}
