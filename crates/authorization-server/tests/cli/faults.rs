//! A disk that is full and a database that somebody else holds: nothing is done by halves, who asks
//! is told to come again, and when it is over all goes on.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Place, Server};

const VERIFIER: &str = "a-verifier-of-enough-characters-for-RFC-7636-4.1";
const CALLBACK: &str = "https://tea.example/callback";
const DATABASE: &str = "authorization-server.sqlite";

/// A host, a mini-program of it, and a user.
struct Story {
    place: Place,
    bank: String,
    teahouse: String,
}

impl Story {
    fn new() -> Self {
        let place = Place::new();
        let bank = place.secret(&[
            "client",
            "add",
            "bank",
            "--kind=host",
            "--scope=openid mediate",
            "--default-scope=openid mediate",
            "--grant=password",
            "--may-mediate-for=teahouse",
            "--id-token-algorithm=EdDSA",
            "--json",
        ]);
        let teahouse = place.secret(&[
            "client",
            "add",
            "teahouse",
            "--kind=mini-program",
            "--scope=openid",
            "--refresh=rotating",
            "--redirect-uri=https://tea.example/callback",
            "--id-token-algorithm=EdDSA",
            "--json",
        ]);
        let output = place.told(&["user", "add", "alice", "--password-stdin"], "open sesame");
        assert!(output.status.success());
        Self { place, bank, teahouse }
    }

    async fn subject(&self, server: &Server) -> String {
        let form = [("grant_type", "password"), ("username", "alice"), ("password", "open sesame")];
        let (_, json) = server.post("/token", ("bank", &self.bank), &form).await;
        text(&json, "access_token")
    }

    async fn ask_code(&self, server: &Server, subject: &str) -> (StatusCode, Value) {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let form = [
            ("response_type", "code"),
            ("target_client_id", "teahouse"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        server.post("/challenge", ("bank", &self.bank), &form).await
    }

    async fn redeem(&self, server: &Server, code: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        server.post("/token", ("teahouse", &self.teahouse), &form).await
    }

    async fn refresh(&self, server: &Server, token: &str) -> (StatusCode, Value) {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        server.post("/token", ("teahouse", &self.teahouse), &form).await
    }

    fn count(&self, table: &str) -> i64 {
        let db = Connection::open(self.place.path(DATABASE)).unwrap();
        db.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap()
    }

    /// What a client has before the trouble begins.
    async fn belongings(&self, server: &Server) -> Belongings {
        let subject = self.subject(server).await;
        let code = async || text(&self.ask_code(server, &subject).await.1, "authorization_code");
        let (_, tokens) = self.redeem(server, &code().await).await;
        Belongings {
            access: text(&tokens, "access_token"),
            refresh: text(&tokens, "refresh_token"),
            unspent: code().await,
            subject,
        }
    }

    /// Everything that writes is refused for now, and leaves no trace; what only reads works.
    async fn is_in_trouble(&self, server: &Server, has: &Belongings) {
        let rows = |story: &Self| {
            ["authorizations", "access_tokens", "refresh_tokens"].map(|t| story.count(t))
        };
        let before = rows(self);
        for (status, json) in [
            self.ask_code(server, &has.subject).await,
            self.redeem(server, &has.unspent).await,
            self.refresh(server, &has.refresh).await,
        ] {
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{json}");
            assert_eq!(json["error"], "temporarily_unavailable");
        }
        let (status, _) = server.details(&has.access).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(rows(self), before);
    }

    /// What was refused is done now, once.
    async fn has_recovered(&self, server: &Server, has: &Belongings) {
        let (status, tokens) = self.redeem(server, &has.unspent).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        let (status, next) = self.refresh(server, &has.refresh).await;
        assert_eq!(status, StatusCode::OK, "{next}");
        let (status, json) = self.ask_code(server, &has.subject).await;
        assert_eq!(status, StatusCode::OK, "{json}");
        let (status, json) = self.redeem(server, &has.unspent).await;
        assert_eq!((status, &json["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));
    }
}

struct Belongings {
    access: String,
    refresh: String,
    unspent: String,
    subject: String,
}

fn text(json: &Value, member: &str) -> String {
    json[member].as_str().unwrap_or_else(|| panic!("no {member} in {json}")).to_owned()
}

#[tokio::test]
async fn while_another_holds_the_database_who_writes_is_told_to_come_again() {
    let story = Story::new();
    let server = story.place.serve();
    let has = story.belongings(&server).await;
    let other = Connection::open(story.place.path(DATABASE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    story.is_in_trouble(&server, &has).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", has.refresh.as_str())];
    let retry = server.retry_after("/token", ("teahouse", &story.teahouse), &form).await;
    assert_eq!(retry.as_deref(), Some("1"));
    other.execute_batch("ROLLBACK").unwrap();
    story.has_recovered(&server, &has).await;
}

/// The limit on the size of files stands for the disk: a write beyond it fails as on a full one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn while_the_disk_is_full_who_writes_is_told_to_come_again() {
    let story = Story::new();
    let serve = story.place.command(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    // A process that ignores the signal gets an error instead, as from a full disk.
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; exec \"$@\"", "bash"]);
    limited.arg(serve.get_program()).args(serve.get_args());
    let server = Server::start(limited);
    let has = story.belongings(&server).await;
    let log = fs::metadata(story.place.path(&format!("{DATABASE}-wal"))).unwrap().len();
    let limit = |bytes: &str| {
        let pid = server.process().to_string();
        let mut set = Command::new("prlimit");
        set.args(["--pid", &pid, &format!("--fsize={bytes}:")]);
        assert!(set.status().unwrap().success());
    };
    limit(&log.to_string());
    story.is_in_trouble(&server, &has).await;
    limit("unlimited");
    story.has_recovered(&server, &has).await;
    let (status, log) = server.stop();
    assert_eq!(status, Some(0));
    assert!(log.contains("a group of writes was not committed"), "{log}");
}

/// What a power cut leaves of the log: its end is missing, or was never the log's.
#[tokio::test]
async fn a_log_that_is_cut_off_or_damaged_gives_up_its_end_and_nothing_before() {
    let cut: fn(Vec<u8>) -> Vec<u8> = |mut log| {
        log.truncate(log.len() - 5000);
        log
    };
    let spoil: fn(Vec<u8>) -> Vec<u8> = |mut log| {
        let from = log.len() - 3000;
        log[from..].fill(0x5A);
        log
    };
    for damage in [cut, spoil] {
        let story = Story::new();
        let mut server = story.place.serve();
        let has = story.belongings(&server).await;
        let (_, spent) = story.redeem(&server, &has.unspent).await;
        text(&spent, "access_token");
        server.kill();
        let path = story.place.path(&format!("{DATABASE}-wal"));
        let log = fs::read(&path).unwrap();
        assert!(log.len() > 20_000, "the log holds the story");
        fs::write(&path, damage(log)).unwrap();

        let server = story.place.serve();
        let (status, _) = server.details(&has.access).await;
        assert_eq!(status, StatusCode::OK, "what was committed before the end is there");
        let (status, _) = story.refresh(&server, &has.refresh).await;
        assert_eq!(status, StatusCode::OK);
    }
}
