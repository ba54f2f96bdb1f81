//! The simulator's page and its connection, spoken to without a browser.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream as StdStream,
};

use crate::support::SampleHost;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, handshake::client::Request},
};

struct Simulator {
    host: SampleHost,
    _dir: TempDir,
}

impl Simulator {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { host: SampleHost::start(dir.path()), _dir: dir }
    }

    /// An answer as it came over the wire.
    fn get(&self, path: &str, host: &str) -> String {
        let mut stream = StdStream::connect(("127.0.0.1", self.host.simulator().1)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn authority(&self) -> String {
        self.host.simulator().0.trim_start_matches("http://").to_owned()
    }

    fn token(&self) -> String {
        let page = self.get("/", &self.authority());
        let (_, after) = page.split_once("data-token=\"").unwrap();
        after.split_once('"').unwrap().0.to_owned()
    }

    async fn connect(&self, origin: &str, token: &str) -> Result<Tab, tungstenite::Error> {
        let stream = TcpStream::connect(("127.0.0.1", self.host.simulator().1)).await.unwrap();
        let request = Request::get(format!("ws://{}/ws?token={token}", self.authority()))
            .header("host", self.authority())
            .header("origin", origin)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")
            .body(())
            .unwrap();
        Ok(Tab(client_async(request, stream).await?.0))
    }

    async fn tab(&self) -> Tab {
        self.connect(&self.host.simulator().0, &self.token()).await.unwrap()
    }
}

struct Tab(WebSocketStream<TcpStream>);

impl Tab {
    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of a type; others are passed over. `None` at the end.
    async fn next(&mut self, kind: &str) -> Option<Value> {
        loop {
            let Message::Text(text) = self.0.next().await?.ok()? else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] == kind {
                return Some(message);
            }
        }
    }

    async fn expect(&mut self, kind: &str) -> Value {
        self.next(kind).await.unwrap_or_else(|| panic!("the connection ended before {kind}"))
    }

    async fn sign_in(&mut self, username: &str, password: &str) {
        self.send(json!({"type": "signIn", "username": username, "password": password})).await;
        while self.expect("state").await["user"]["displayName"] != username {}
    }

    async fn open(&mut self, program: &str) -> Value {
        self.send(json!({"type": "open", "program": program})).await;
        self.expect("opened").await
    }

    async fn initialize(&mut self, opened: &Value, document: u64) -> Value {
        let session = &opened["session"];
        self.send(json!({"type": "documentStarted", "session": session, "document": document}))
            .await;
        let text = json!({"jsonrpc": "2.0", "id": 1, "method": "host.initialize",
                          "params": {"versions": {"min": 1, "max": 1}}});
        self.send(message(opened, document, &text.to_string())).await;
        let delivered = self.expect("deliver").await;
        assert_eq!((&delivered["session"], &delivered["document"]), (session, &json!(document)));
        serde_json::from_str(delivered["text"].as_str().unwrap()).unwrap()
    }
}

fn message(opened: &Value, document: u64, text: &str) -> Value {
    json!({"type": "message", "session": opened["session"], "document": document, "replyToken": 1,
           "origin": opened["origin"], "visible": true, "gestureAgeMs": 0, "text": text})
}

fn status(result: Result<Tab, tungstenite::Error>) -> u16 {
    match result {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was let in"),
    }
}

#[tokio::test]
async fn only_the_page_of_this_run_connects() {
    let simulator = Simulator::start();
    let (origin, token) = (simulator.host.simulator().0, simulator.token());
    for wrong in ["http://evil.example", "null", &origin.replace("host.", "teahouse.")] {
        assert_eq!(status(simulator.connect(wrong, &token).await), 403, "{wrong}");
    }
    for wrong in ["", "x", &token[1..], &format!("{token}x")] {
        assert_eq!(status(simulator.connect(&origin, wrong).await), 403, "{wrong}");
    }
    let mut tab = simulator.connect(&origin, &token).await.unwrap();
    assert_eq!(tab.expect("state").await["user"], Value::Null);
}

#[test]
fn the_page_is_served_under_its_own_name_alone_and_cannot_be_framed() {
    let simulator = Simulator::start();
    let page = simulator.get("/", &simulator.authority()).to_ascii_lowercase();
    assert!(page.starts_with("http/1.1 200"), "{page}");
    assert!(
        page.contains("frame-ancestors 'none'") && page.contains("referrer-policy: no-referrer")
    );
    let port = simulator.host.simulator().1;
    for other in [format!("127.0.0.1:{port}"), format!("rebound.example:{port}"), "x".to_owned()] {
        for path in ["/", "/web/main.js", "/ws"] {
            let answer = simulator.get(path, &other);
            assert!(answer.starts_with("HTTP/1.1 421"), "{other} {path}: {answer}");
            assert!(!answer.contains("data-token"));
        }
    }
    assert!(simulator.get("/web/main.js", &simulator.authority()).contains("text/javascript"));
    assert!(simulator.get("/web/index.html", &simulator.authority()).starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn frames_that_cannot_be_used_are_answered_and_survived() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    for (frame, problem) in [
        (Message::text("{"), "malformed"),
        (Message::text(r#"{"type":"unknown"}"#), "malformed"),
        (Message::binary(vec![0xff, 0xfe]), "notText"),
        (Message::text(r#"{"type":"open","program":"none"}"#), "unknown"),
        (Message::text(r#"{"type":"locale","locale":"de"}"#), "unknown"),
        (Message::text(r#"{"type":"steer","action":"expireAccess","program":"none"}"#), "unknown"),
        (
            Message::text(r#"{"type":"answer","prompt":1,"digest":"d","choice":"allow"}"#),
            "answerNotAccepted",
        ),
    ] {
        tab.0.send(frame.clone()).await.unwrap();
        assert_eq!(tab.expect("error").await["problem"], problem, "{frame}");
    }
    tab.send(json!({"type": "locale", "locale": "zh-Hans"})).await;
    while tab.expect("state").await["locale"] != "zh-Hans" {}
}

#[tokio::test]
async fn the_user_signs_in_and_a_programs_page_is_answered() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    tab.send(json!({"type": "signIn", "username": "alice", "password": "wrong"})).await;
    assert_eq!(tab.expect("signInFailed").await["message"], "wrongCredentials");
    tab.sign_in("alice", &simulator.host.password("alice")).await;

    let opened = tab.open("teahouse").await;
    let program = &simulator.host.announced["miniPrograms"][0];
    assert_eq!(opened["startUrl"], program["url"]);
    assert_eq!(opened["unsigned"], false);
    let reply = tab.initialize(&opened, 5).await;
    assert_eq!(reply["result"]["miniProgram"]["id"], "teahouse");
    assert_eq!(reply["result"]["host"]["name"], "Harbour");

    let mut stranger = message(&opened, 5, r#"{"jsonrpc":"2.0","id":2,"method":"auth.getGrants"}"#);
    stranger["origin"] = json!("http://evil.example");
    tab.send(stranger).await;
    let refused = tab.expect("deliver").await;
    assert!(refused["text"].as_str().unwrap().contains("untrusted_origin"), "{refused}");

    tab.send(message(&opened, 5, &"x".repeat(65_537))).await;
    let refused = tab.expect("deliver").await;
    assert!(refused["text"].as_str().unwrap().contains("-32700"), "{refused}");

    tab.send(json!({"type": "signOut"})).await;
    while !tab.expect("state").await["user"].is_null() {}
}

#[tokio::test]
async fn only_a_manifest_that_nobody_signed_is_called_so() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    for (manifest, name, unsigned) in [
        ("published", "Tea House", false),
        ("unsigned", "Tea House", true),
        ("lookalike", "Harb\u{43e}ur", true),
    ] {
        tab.send(json!({"type": "open", "program": "teahouse", "manifest": manifest})).await;
        let opened = tab.expect("opened").await;
        assert_eq!(opened["name"], name);
        assert_eq!(opened["unsigned"], unsigned, "{manifest}");
    }
}

#[tokio::test]
async fn taking_back_what_was_never_granted_says_so_and_a_late_sign_in_is_nobodys() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    tab.sign_in("alice", &simulator.host.password("alice")).await;
    tab.send(json!({"type": "revoke", "program": "teahouse", "scopes": ["email"]})).await;
    let revoked = tab.expect("revoked").await;
    assert_eq!(revoked["scopes"], json!([]));
    tab.send(json!({"type": "leaveSignIn", "ticket": 7})).await;
    tab.send(json!({"type": "settingsShown", "ticket": 7})).await;
    tab.expect("state").await;
    tab.send(json!({"type": "signInFor", "ticket": 7, "username": "alice", "password": "wrong"}))
        .await;
    let failed = tab.expect("signInAgainFailed").await;
    assert_eq!((&failed["ticket"], &failed["message"]), (&json!(7), &json!("wrongCredentials")));
}

#[tokio::test]
async fn who_guesses_passwords_is_told_how_long_to_wait() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    let mut told = Vec::new();
    for _ in 0..11 {
        tab.send(json!({"type": "signIn", "username": "alice", "password": "wrong"})).await;
        let failed = tab.expect("signInFailed").await;
        told.push((failed["message"].clone(), failed["retryAfter"].as_u64()));
    }
    assert!(
        told[..10].iter().all(|(message, wait)| message == "wrongCredentials" && wait.is_none())
    );
    let (message, wait) = &told[10];
    assert_eq!(message, "throttled");
    assert!(wait.is_some_and(|seconds| (1..=60).contains(&seconds)), "{wait:?}");
}

#[tokio::test]
async fn a_newer_tab_takes_the_phone_and_the_older_one_is_told() {
    let simulator = Simulator::start();
    let mut old = simulator.tab().await;
    old.sign_in("bob", &simulator.host.password("bob")).await;
    let opened = old.open("cinema").await;
    old.initialize(&opened, 1).await;

    let mut new = simulator.tab().await;
    assert_eq!(new.expect("state").await["user"]["displayName"], "bob");
    old.expect("replaced").await;
    assert!(old.next("nothing").await.is_none());

    // The older tab's session is over, and was never the newer one's.
    new.send(message(&opened, 1, r#"{"jsonrpc":"2.0","id":9,"method":"auth.getGrants"}"#)).await;
    let mine = new.open("cinema").await;
    let answered = new.initialize(&mine, 2).await;
    assert_eq!(answered["id"], 1);
    assert_ne!(mine["session"], opened["session"]);
}

#[tokio::test]
async fn stopping_ends_the_connection() {
    let simulator = Simulator::start();
    let mut tab = simulator.tab().await;
    tab.expect("state").await;
    let Simulator { host, _dir } = simulator;
    let stopping = tokio::task::spawn_blocking(move || host.stop());
    assert!(tab.next("nothing").await.is_none());
    let ended = stopping.await.unwrap();
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(!ended.stderr.contains("cut off"), "{}", ended.stderr);
}
