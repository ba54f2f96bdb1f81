//! The whole way of a code request over real sockets, with the real authorization server.
#![cfg(test)]

mod bound;
mod credentials;
mod stage;
mod steered_clock;

use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock},
};

use minihost::{
    Audience, Locale, MiniProgramId, SaveOutcome, ServerEnd,
    ports::{SecretName, SecretStore as _, SessionError, UserSession as _},
    session::{DeviceDecision, Password, SignInError},
};
use minihost_authorization_server::ClientId;
use serde_json::{Value, json};

use credentials::{Credentials, HOST_SECRET};
use stage::{API, PASSWORD, PROGRAM_SECRET, Prompted, Stage, bytes_below, stage};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Everything that is logged in this process, from TRACE on.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_everything() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| ToLog)
            .with_ansi(false)
            .init();
    });
}

/// The program redeems its code as itself.
async fn redeem(stage: &Stage, code: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "https://teahouse.example/callback"),
    ];
    post(stage, "token", &form).await
}

/// The program asks the server for something as itself.
async fn post(stage: &Stage, endpoint: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let itself = [("client_id", "teahouse"), ("client_secret", PROGRAM_SECRET)];
    let form: Vec<_> = form.iter().copied().chain(itself).collect();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/{endpoint}", stage.issuer);
    let response = client.post(url).form(&form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn host_id() -> ClientId {
    ClientId::new("host").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_goes_from_the_server_to_the_program_and_no_secret_is_left_behind() {
    log_everything();
    let room = tempfile::tempdir().unwrap();
    let mut stage = stage(room.path(), Credentials::Basic, Credentials::Post).await;
    let user = stage.sign_in().await.unwrap();
    assert_eq!(user.display_name, "alice");
    let mut secrets = vec![HOST_SECRET.to_owned(), PROGRAM_SECRET.into(), PASSWORD.into()];
    secrets.extend(stored_tokens(&stage).await);

    // The server does not have `phone` registered for this program.
    let (first, prompted) = stage.request_code(&["openid", "profile", "email", "phone"]).await;
    assert_eq!(prompted, Prompted::Yes);
    assert_eq!(first["grantedScopes"], json!(["email", "openid", "profile"]));
    assert_eq!(first["deniedScopes"], json!({"phone": "server_refused"}));
    assert_eq!(first["iss"], json!(stage.issuer.as_str()));
    assert_eq!(first["expiresIn"], json!(60));
    let code = first["code"].as_str().unwrap().to_owned();
    let (status, tokens) = redeem(&stage, &code).await;
    assert_eq!(status, 200, "{tokens}");
    secrets.extend([code, tokens["access_token"].as_str().unwrap().to_owned()]);

    let (second, prompted) = stage.request_code(&["openid", "email"]).await;
    assert_eq!(prompted, Prompted::No, "it is remembered");
    secrets.push(second["code"].as_str().unwrap().to_owned());

    // The server no longer takes the host's token, though its time is not up.
    stage.server.steering().expire_access_tokens(&host_id()).await.unwrap();
    let (third, _) = stage.request_code(&["openid"]).await;
    let code = third["code"].as_str().expect("one refresh and one retry").to_owned();
    assert_eq!(redeem(&stage, &code).await.0, 200);
    secrets.push(code);
    secrets.extend(stored_tokens(&stage).await);
    assert_eq!(stage.session.current_user(), Some(user));

    stage.host.shutdown().await;
    let files = bytes_below(room.path()).unwrap();
    let log = LOG.lock().unwrap().clone();
    assert!(contains(&log, b"TRACE") && contains(&log, b"audit"), "everything is logged");
    for secret in &secrets {
        assert!(secret.len() > 20);
        assert!(!contains(&log, secret.as_bytes()), "{secret} is in the log");
        assert!(!contains(&files, secret.as_bytes()), "{secret} is in a file");
    }
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

/// The access and refresh token that the host has of its user.
async fn stored_tokens(stage: &Stage) -> [String; 2] {
    let stored = stage.secrets.get(SecretName::USER_TOKENS).await.unwrap().unwrap();
    let stored: Value = serde_json::from_slice(stored.expose()).unwrap();
    ["accessToken", "refreshToken"].map(|name| stored[name].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_device_is_let_in_with_the_evidence_that_the_server_wants_of_this_host() {
    let room = tempfile::tempdir().unwrap();
    let stage = stage(room.path(), Credentials::Basic, Credentials::Basic).await;
    stage.sign_in().await.unwrap();
    let wish = [("scope", "openid email"), ("resource", API)];
    for (decision, status) in [
        (DeviceDecision::Approve { read_in: Locale::new("zh-Hans") }, 200),
        (DeviceDecision::Deny, 400),
    ] {
        let (_, asked) = post(&stage, "device_authorization", &wish).await;
        let request = stage.session.device_request(asked["user_code"].as_str().unwrap()).await;
        let request = request.ok().unwrap();
        let client = request.asked().client.clone().unwrap();
        assert_eq!(client.resources, [Audience::new(API)]);
        stage.session.answer_device_request(request, decision).await.unwrap();
        let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
        let code = asked["device_code"].as_str().unwrap();
        let poll = [("grant_type", grant_type), ("device_code", code)];
        let (answered, tokens) = post(&stage, "token", &poll).await;
        assert_eq!(answered, status, "{tokens}");
    }
    stage.host.shutdown().await;
}

#[tokio::test]
async fn what_the_user_takes_back_ends_at_the_server_too() {
    for credentials in [Credentials::Basic, Credentials::Post] {
        let room = tempfile::tempdir().unwrap();
        let mut stage = stage(room.path(), Credentials::Basic, credentials).await;
        stage.sign_in().await.unwrap();
        let (answer, _) = stage.request_code(&["openid"]).await;
        let code = answer["code"].as_str().unwrap().to_owned();
        let revoked = stage.host.revoke(MiniProgramId::new("teahouse"), None).await.unwrap();
        assert_eq!((revoked.saved, revoked.server), (SaveOutcome::Stored, ServerEnd::Ended));
        assert_eq!(redeem(&stage, &code).await.0, 400, "the code has ended with the grant");
        assert_eq!(stage.request_code(&["openid"]).await.1, Prompted::Yes);
    }
}

#[tokio::test]
async fn when_the_server_ends_the_sign_in_the_user_is_signed_out() {
    let room = tempfile::tempdir().unwrap();
    let mut stage = stage(room.path(), Credentials::Post, Credentials::Basic).await;
    let user = stage.sign_in().await.unwrap();
    stage.server.steering().expire_access_tokens(&host_id()).await.unwrap();
    stage.server.steering().expire_refresh_tokens(&host_id()).await.unwrap();
    let (refused, _) = stage.request_code(&["openid"]).await;
    assert_eq!(refused["reason"], json!("login_required"));
    assert_eq!(stage.session.current_user(), None);
    let refused = stage.session.access_token(&user).await.err();
    assert_eq!(refused, Some(SessionError::NotSignedIn));
    let again = stage.sign_in().await.unwrap();
    assert_eq!(again.id, user.id);
    assert!(again.epoch > user.epoch);
    assert!(stage.request_code(&["openid"]).await.0["code"].is_string());
}

#[tokio::test]
async fn who_signs_out_is_forgotten_at_once_and_asked_for_nothing() {
    let room = tempfile::tempdir().unwrap();
    let mut stage = stage(room.path(), Credentials::Basic, Credentials::Basic).await;
    for _ in 0..3 {
        let user = stage.sign_in().await.unwrap();
        assert_eq!(stage.account.user(), Some(user));
        assert!(stage.request_code(&["openid"]).await.0["code"].is_string());
        stage.account.sign_out().await.unwrap();
        assert_eq!(stage.account.user(), None);
        let (refused, prompted) = stage.request_code(&["openid"]).await;
        assert_eq!(refused["reason"], json!("login_required"));
        assert_eq!(prompted, Prompted::No);
    }
}

#[tokio::test]
async fn a_rotated_refresh_token_goes_on_working() {
    let room = tempfile::tempdir().unwrap();
    let stage = stage(room.path(), Credentials::Basic, Credentials::Basic).await;
    let user = stage.sign_in().await.unwrap();
    let mut token = stage.session.access_token(&user).await.ok().unwrap();
    for _ in 0..5 {
        let next = stage.session.refresh_after_rejection(&user, &token).await.ok().unwrap();
        assert_ne!(next.expose(), token.expose());
        token = next;
    }
}

#[tokio::test]
async fn wrong_credentials_of_the_user_and_of_the_host_are_told_apart() {
    let room = tempfile::tempdir().unwrap();
    let mut stage = stage(room.path(), Credentials::Basic, Credentials::Wrong).await;
    for (username, password) in [("alice", "wrong"), ("mallory", PASSWORD)] {
        let refused = stage.session.sign_in_with_password(username, Password::new(password)).await;
        assert_eq!(refused, Err(SignInError::WrongCredentials));
    }
    stage.sign_in().await.unwrap();
    let (refused, _) = stage.request_code(&["openid"]).await;
    assert_eq!(refused["reason"], json!("internal"));
    assert!(stage.session.current_user().is_some());

    let room = tempfile::tempdir().unwrap();
    let stage = self::stage(room.path(), Credentials::Wrong, Credentials::Basic).await;
    let refused = stage.sign_in().await;
    assert_eq!(refused, Err(SignInError::HostRejected { error: "invalid_client" }));
}

#[tokio::test]
async fn a_host_proves_itself_by_its_key_and_another_key_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let mut stage = self::stage(room.path(), Credentials::Key, Credentials::Key).await;
    let user = stage.sign_in().await.unwrap();
    let (answer, _) = stage.request_code(&["openid"]).await;
    assert!(answer["code"].is_string(), "{answer}");
    let token = stage.session.access_token(&user).await.ok().unwrap();
    stage.session.refresh_after_rejection(&user, &token).await.ok().unwrap();

    let room = tempfile::tempdir().unwrap();
    let mut stage = self::stage(room.path(), Credentials::Key, Credentials::WrongKey).await;
    stage.sign_in().await.unwrap();
    let (answer, _) = stage.request_code(&["openid"]).await;
    assert_eq!(answer["reason"], "internal", "{answer}");
}

#[tokio::test]
async fn what_the_server_does_not_register_has_its_reason() {
    let room = tempfile::tempdir().unwrap();
    let mut stage = stage(room.path(), Credentials::Basic, Credentials::Basic).await;
    stage.sign_in().await.unwrap();
    let (refused, _) = stage.request_code(&["phone"]).await;
    assert_eq!(refused["reason"], json!("invalid_scope"));
    assert!(stage.request_code(&["openid"]).await.0["code"].is_string(), "the next one works");
}
