//! What was answered stays true when the process is killed.

use std::env;
use std::future::pending;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientKind, ClientRegistration, ClientSecret,
    Config, GrantType, Lifetimes, Listener, Password, RefreshPolicy, Requirement, Scopes,
    ServeOptions, SigningAlgorithm, UserRegistration,
};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::{
    ACCESS_TOKEN, ALL, Pkce, WEEK, callback, client_id, http_client, patient, program,
};

const DATABASE: &str = "MINIHOST_CRASH_TEST_DATABASE";
const HOST_SECRET: &str = "the secret of the host in the crash tests";
const PROGRAM_SECRET: &str = "the secret of the mini-program in the crash tests";

/// The process that gets killed. It is started by the tests below, on its own it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the crash tests"]
async fn serve_until_killed() {
    let Ok(database) = env::var(DATABASE) else {
        return;
    };
    let listener = Listener::loopback(([127, 0, 0, 1], 0).into(), None).await.unwrap();
    let address = listener.address().unwrap();
    let server = AuthorizationServer::open(Config {
        // Without grace every second use of a refresh token is a replay.
        lifetimes: Lifetimes { refresh_grace: Duration::ZERO, ..Lifetimes::default() },
        ..Config::new(format!("http://{address}").parse().unwrap(), database)
    })
    .await
    .unwrap();
    register(&server).await;
    // The test harness captures `println!`, but not this.
    writeln!(std::io::stdout(), "\nserving at {address}").unwrap();
    let options = ServeOptions { limits: patient(), ..ServeOptions::default() };
    server.serve(listener, options, pending()).await;
}

async fn register(server: &AuthorizationServer) {
    let secret = |text| ClientAuthentication::Secret(ClientSecret::new(text).unwrap());
    let registry = server.registry();
    let kind = ClientKind::Host {
        may_mediate_for: vec![client_id("cinema")],
        consent_evidence: Requirement::Optional,
    };
    let scopes = Scopes::parse(&format!("{ALL} mediate")).unwrap();
    registry
        .put_client(ClientRegistration {
            grants: [GrantType::Password].into(),
            default_scopes: scopes.clone(),
            refresh: RefreshPolicy::None,
            id_token_algorithm: SigningAlgorithm::EdDsa,
            ..ClientRegistration::new(client_id("bank"), kind, secret(HOST_SECRET), scopes)
        })
        .await
        .unwrap();
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    registry.put_client(program("cinema", secret(PROGRAM_SECRET), rotating)).await.unwrap();
    registry
        .put_user(UserRegistration {
            username: "alice".to_owned(),
            password: Password::new("open sesame"),
            preferred_username: "alice".to_owned(),
            email: None,
            email_verified: false,
            phone_number: None,
        })
        .await
        .unwrap();
}

/// A server in a process of its own.
struct Victim {
    child: Child,
    caller: Caller,
}

impl Victim {
    fn start(database: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::serve_until_killed", "--ignored", "--nocapture"])
            .env(DATABASE, database)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let address = output
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("serving at ").map(str::to_owned))
            .expect("the child says where it serves");
        let caller = Caller { base: format!("http://{address}"), http: http_client() };
        Self { child, caller }
    }

    /// SIGKILL: no handler, no destructor, nothing flushed by the process itself.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Deref for Victim {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

/// Who talks to it. An answer is `None` when the connection broke.
#[derive(Clone)]
struct Caller {
    base: String,
    http: reqwest::Client,
}

impl Caller {
    async fn post(
        &self,
        path: &str,
        client: (&str, &str),
        form: &[(&str, &str)],
    ) -> Option<(StatusCode, Value)> {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let response = self
            .http
            .post(format!("{}{path}", self.base))
            .basic_auth(encode(client.0), Some(encode(client.1)))
            .form(form)
            .send()
            .await
            .ok()?;
        let status = response.status();
        Some((status, response.json().await.ok()?))
    }

    async fn sign_in(&self) -> String {
        let form = [("grant_type", "password"), ("username", "alice"), ("password", "open sesame")];
        let (_, json) = self.post("/token", ("bank", HOST_SECRET), &form).await.unwrap();
        json["access_token"].as_str().unwrap().to_owned()
    }

    async fn code(&self, subject: &str, pkce: &Pkce) -> String {
        let form = [
            ("response_type", "code"),
            ("target_client_id", "cinema"),
            ("redirect_uri", &callback("cinema")),
            ("scope", ALL),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        let (_, json) = self.post("/challenge", ("bank", HOST_SECRET), &form).await.unwrap();
        json["authorization_code"].as_str().unwrap().to_owned()
    }

    async fn redeem(&self, code: &str, pkce: &Pkce) -> Option<(StatusCode, Value)> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &callback("cinema")),
            ("code_verifier", &pkce.verifier),
        ];
        self.post("/token", ("cinema", PROGRAM_SECRET), &form).await
    }

    async fn refresh(&self, token: &str) -> Option<(StatusCode, Value)> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/token", ("cinema", PROGRAM_SECRET), &form).await
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // Where an assertion failed: the child must not outlive the test. Otherwise it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn refresh_token(json: &Value) -> String {
    json["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_spent_code_and_a_rotated_refresh_token_stay_spent_after_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    let victim = Victim::start(&database);
    let subject = victim.sign_in().await;
    let (first, second) = (Pkce::new(), Pkce::new());
    let spent = victim.code(&subject, &first).await;
    let code = victim.code(&subject, &second).await;
    let (_, tokens) = victim.redeem(&code, &second).await.unwrap();
    let rotated = refresh_token(&tokens);
    let (status, _) = victim.refresh(&rotated).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    let (status, _) = victim.redeem(&spent, &first).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    victim.kill();

    let victim = Victim::start(&database);
    let (_, json) = victim.redeem(&spent, &first).await.unwrap();
    assert_eq!(json["error"], "invalid_grant");
    let (_, json) = victim.refresh(&rotated).await.unwrap();
    assert_eq!(json["error"], "invalid_grant");
}

/// Kills the server in the middle of many redemptions. Whatever was answered with tokens must be
/// spent afterwards, and its tokens must work; what got no answer may be either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answered_redemption_is_forgotten_when_the_process_dies_under_load() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    let mut answered_in_all = 0;
    for kill_after in [1, 7, 20] {
        let victim = Victim::start(&database);
        let subject = victim.sign_in().await;
        let mut codes = Vec::new();
        for _ in 0..40 {
            let pkce = Pkce::new();
            codes.push((victim.code(&subject, &pkce).await, pkce));
        }
        let answers = redeem_until_killed(victim, &codes, kill_after).await;

        let victim = Victim::start(&database);
        for ((code, pkce), answer) in codes.iter().zip(answers) {
            let Some((StatusCode::OK, tokens)) = answer else {
                continue;
            };
            answered_in_all += 1;
            let (status, _) = victim.refresh(&refresh_token(&tokens)).await.unwrap();
            assert_eq!(status, StatusCode::OK, "answered tokens are stored");
            let (_, json) = victim.redeem(code, pkce).await.unwrap();
            assert_eq!(json["error"], "invalid_grant", "an answered code is spent");
        }
    }
    assert!(answered_in_all >= 28, "the kill must not come before the answers");
}

/// Redeems all codes at once and kills the server when `kill_after` answers have come.
async fn redeem_until_killed(
    victim: Victim,
    codes: &[(String, Pkce)],
    kill_after: usize,
) -> Vec<Option<(StatusCode, Value)>> {
    let (tell, mut answered) = mpsc::unbounded_channel();
    let redemptions: Vec<_> = codes
        .iter()
        .cloned()
        .map(|(code, pkce)| {
            let (caller, tell) = (victim.caller.clone(), tell.clone());
            tokio::spawn(async move {
                let answer = caller.redeem(&code, &pkce).await;
                tell.send(()).unwrap();
                answer
            })
        })
        .collect();
    for _ in 0..kill_after {
        answered.recv().await.unwrap();
    }
    victim.kill();
    join_all(redemptions).await.into_iter().map(Result::unwrap).collect()
}
