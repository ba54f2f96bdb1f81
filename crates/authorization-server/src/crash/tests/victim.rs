//! The process that gets killed, and the words by which the test steers it.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{CrashPoint, arm};
use crate::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, KeyRotation, Listener, Password, RedirectUri, RefreshPolicy,
    Registry, Requirement, Scopes, ServeOptions, SigningAlgorithm, SystemClock, UserRegistration,
};

const DATABASE: &str = "MINIHOST_CRASH_POINT_DATABASE";
const POINT: &str = "MINIHOST_CRASH_POINT";
const SECRET: &str = "the secret of every client in these tests";
const CALLBACK: &str = "https://cinema.example/callback";

/// Tells the test something. The harness captures `println!`, but not this.
pub(super) fn say(word: &str) {
    let mut output = std::io::stdout();
    writeln!(output, "\nvictim: {word}").and_then(|()| output.flush()).unwrap();
}

/// The victim. It is started by the tests, on its own it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the crash points"]
async fn serve_until_killed() {
    let Ok(database) = env::var(DATABASE) else { return };
    arm(env::var(POINT).ok().and_then(|name| CrashPoint::named(&name)));
    let listener = Listener::loopback("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
    let address = listener.address().unwrap();
    let mut config = Config::new(format!("http://{address}").parse().unwrap(), &database);
    // Without grace every second use of a refresh token is a replay.
    config.lifetimes.refresh_grace = Duration::ZERO;
    let server = AuthorizationServer::open(config).await.unwrap();
    if server.registry().clients().await.unwrap().is_empty() {
        register(server.registry()).await;
    }
    let serving = server.clone();
    tokio::spawn(async move {
        serving.serve(listener, ServeOptions::default(), std::future::pending()).await;
    });
    say(&format!("serving at {address}"));
    let (words, mut heard) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for word in std::io::stdin().lines() {
            words.send(word.unwrap()).unwrap();
        }
    });
    while let Some(word) = heard.recv().await {
        let registry = server.registry();
        match word.split_once(' ') {
            Some(("arm", name)) => arm(CrashPoint::named(name)),
            Some(("put-client", id)) => registry.put_client(program(id)).await.unwrap(),
            Some(("remove-client", id)) => {
                registry.remove_client(&ClientId::new(id).unwrap()).await.unwrap();
            }
            _ if word == "rotate-keys" => {
                drop(registry.rotate_keys(KeyRotation::default()).await.unwrap())
            }
            _ if word == "close" => server.clone().close().await,
            _ => panic!("{word}"),
        }
        say("done");
    }
}

/// What `keys reset` does, in a process that can be killed.
#[tokio::test]
#[ignore = "the child process of the crash points"]
async fn reset_keys_until_killed() {
    let Ok(database) = env::var(DATABASE) else { return };
    arm(env::var(POINT).ok().and_then(|name| CrashPoint::named(&name)));
    Registry::reset_keys(Path::new(&database), Arc::new(SystemClock)).await.unwrap();
    say("done");
}

async fn register(registry: &Registry) {
    let host = ClientKind::Host {
        may_mediate_for: vec![ClientId::new("cinema").unwrap()],
        consent_evidence: Requirement::Optional,
    };
    let scopes = Scopes::parse("openid mediate").unwrap();
    let mut bank = ClientRegistration::new(ClientId::new("bank").unwrap(), host, secret(), scopes);
    bank.default_scopes = bank.scopes.clone();
    bank.grants = [GrantType::Password].into();
    bank.refresh = RefreshPolicy::None;
    bank.id_token_algorithm = SigningAlgorithm::EdDsa;
    registry.put_client(bank).await.unwrap();
    registry.put_client(program("cinema")).await.unwrap();
    let alice = UserRegistration::new("alice", Password::new("open sesame"));
    registry.put_user(alice).await.unwrap();
}

/// The cinema signs with a key that is there already; any other brings one.
fn program(id: &str) -> ClientRegistration {
    let scopes = Scopes::parse("openid").unwrap();
    let id = ClientId::new(id).unwrap();
    let is_cinema = id.as_str() == "cinema";
    let mut program = ClientRegistration::new(id, ClientKind::MiniProgram, secret(), scopes);
    program.redirect_uris = vec![RedirectUri::new(CALLBACK).unwrap()];
    program.refresh = RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
    program.id_token_algorithm =
        if is_cinema { SigningAlgorithm::EdDsa } else { SigningAlgorithm::Es256 };
    program
}

fn secret() -> ClientAuthentication {
    ClientAuthentication::Secret(ClientSecret::new(SECRET).unwrap())
}

/// A server in a process of its own, as the test sees it.
pub(super) struct Victim {
    child: Child,
    words: ChildStdin,
    said: Words,
    pub(super) caller: Caller,
}

impl Victim {
    /// Starts it and waits until it serves.
    pub(super) fn start(database: &Path) -> Self {
        let (child, mut said) = spawn("serve_until_killed", database, None);
        let said_address = next_word(&mut said).unwrap();
        Self::new(child, said, &said_address)
    }

    fn new(mut child: Child, said: Words, ready: &str) -> Self {
        let address = ready.strip_prefix("serving at ").unwrap();
        let words = child.stdin.take().unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let caller = Caller { base: format!("http://{address}"), http };
        Self { child, words, said, caller }
    }

    /// Tells it a word that it carries out.
    pub(super) fn tell(&mut self, word: &str) {
        self.begin(word);
        assert_eq!(next_word(&mut self.said).as_deref(), Some("done"), "{word}");
    }

    /// Tells it a word that it does not live to carry out.
    pub(super) fn begin(&mut self, word: &str) {
        writeln!(self.words, "{word}").unwrap();
    }

    /// Waits until it stops at the armed point, and kills it there: no handler, no destructor,
    /// nothing flushed.
    pub(super) fn kill_at_the_point(mut self) {
        assert_eq!(next_word(&mut self.said).as_deref(), Some("reached"));
        self.kill();
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a process that gets to this point before it serves, and kills it there.
pub(super) fn die_early(work: &str, database: &Path, point: CrashPoint) {
    let (mut child, mut said) = spawn(work, database, Some(point));
    let reached = loop {
        match next_word(&mut said).as_deref() {
            Some("reached") => break true,
            // The thread that writes may get there later than the others.
            Some(word) if word.starts_with("serving at ") => {}
            _ => break false,
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reached, "{point:?}");
}

/// Runs it to its end.
pub(super) fn live(work: &str, database: &Path) {
    let (mut child, mut said) = spawn(work, database, None);
    assert_eq!(next_word(&mut said).as_deref(), Some("done"));
    assert!(child.wait().unwrap().success());
}

fn spawn(work: &str, database: &Path, point: Option<CrashPoint>) -> (Child, Words) {
    let test = format!("crash::tests::victim::{work}");
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &test, "--ignored", "--nocapture"]).env(DATABASE, database);
    if let Some(point) = point {
        command.env(POINT, format!("{point:?}"));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let said = Words::from(child.stdout.take().unwrap());
    (child, said)
}

/// What it says.
struct Words(mpsc::Receiver<String>);

impl From<ChildStdout> for Words {
    fn from(output: ChildStdout) -> Self {
        let (words, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                if let Some(word) = line.unwrap().strip_prefix("victim: ") {
                    // Nobody may listen any more.
                    let _ = words.send(word.to_owned());
                }
            }
        });
        Self(said)
    }
}

/// `None` when the process has ended, or says nothing for a minute.
fn next_word(said: &mut Words) -> Option<String> {
    said.0.recv_timeout(Duration::from_secs(60)).ok()
}

/// Who talks to it.
#[derive(Clone)]
pub(super) struct Caller {
    base: String,
    http: reqwest::Client,
}

impl Caller {
    /// The answer; `None` when the connection broke.
    async fn post(&self, path: &str, client: &str, form: &[(&str, &str)]) -> Option<Value> {
        let password: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let request = self.http.post(format!("{}{path}", self.base));
        let response = request.basic_auth(client, Some(password)).form(form).send().await.ok()?;
        response.json().await.ok()
    }

    pub(super) async fn subject(&self) -> String {
        let form = [("grant_type", "password"), ("username", "alice"), ("password", "open sesame")];
        text(&self.post("/token", "bank", &form).await.unwrap(), "access_token")
    }

    pub(super) async fn ask_code(&self, subject: &str, verifier: &str) -> Option<Value> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let form = [
            ("response_type", "code"),
            ("target_client_id", "cinema"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        self.post("/challenge", "bank", &form).await
    }

    pub(super) async fn code(&self, verifier: &str) -> String {
        let answer = self.ask_code(&self.subject().await, verifier).await;
        text(&answer.unwrap(), "authorization_code")
    }

    pub(super) async fn redeem(&self, code: &str, verifier: &str) -> Option<Value> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        self.post("/token", "cinema", &form).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Option<Value> {
        self.refresh_as("cinema", token).await
    }

    pub(super) async fn refresh_as(&self, client: &str, token: &str) -> Option<Value> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/token", client, &form).await
    }

    pub(super) async fn refresh_token(&self, verifier: &str) -> String {
        let code = self.code(verifier).await;
        text(&self.redeem(&code, verifier).await.unwrap(), "refresh_token")
    }

    pub(super) async fn published_keys(&self) -> usize {
        let response = self.http.get(format!("{}/jwks", self.base)).send().await.unwrap();
        let keys: Value = response.json().await.unwrap();
        keys["keys"].as_array().unwrap().len()
    }
}

pub(super) fn text(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("no {member} in {answer}")).to_owned()
}

/// A directory that keeps the database of one test.
pub(super) fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    (directory, database)
}
