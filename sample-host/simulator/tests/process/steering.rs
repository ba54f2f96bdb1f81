//! Steering the authorization server from a script.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{SampleHost, command};

/// A status, and what came with it.
type Answer = (u16, String);

fn send(method: &str, url: &str, headers: &str, form: &str) -> Answer {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let length = form.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

struct Script<'a>(&'a SampleHost);

impl Script<'_> {
    fn steer(&self, token: &str, words: &str) -> Answer {
        let url = self.0.announced["steering"]["url"].as_str().unwrap();
        send("POST", url, &format!("Authorization: Bearer {token}\r\n"), words)
    }

    fn token(&self) -> &str {
        self.0.announced["steering"]["token"].as_str().unwrap()
    }

    fn at_server(&self, path: &str) -> String {
        format!("{}{path}", self.0.announced["authorizationServer"].as_str().unwrap())
    }

    /// Signs alice in with the host's own client.
    fn access_token(&self) -> String {
        let host = &self.0.announced["host"];
        let (id, secret) = (&host["clientId"], host["clientSecret"].as_str().unwrap());
        let pair = STANDARD.encode(format!("{}:{secret}", id.as_str().unwrap()));
        let password = self.0.password("alice");
        let form = format!("grant_type=password&username=alice&password={password}&scope=openid");
        let headers = format!("Authorization: Basic {pair}\r\n");
        let (status, body) = send("POST", &self.at_server("/token"), &headers, &form);
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    fn user_details(&self, token: &str) -> u16 {
        let headers = format!("Authorization: Bearer {token}\r\n");
        send("GET", &self.at_server("/userinfo"), &headers, "").0
    }
}

#[test]
fn a_script_that_knows_the_token_makes_things_expire_and_nobody_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command(dir.path());
    command.args(["--port", "0", "--steering"]);
    let host = SampleHost::spawn(command);
    let script = Script(&host);
    let access = script.access_token();
    let words = "expire=access&client=harbour";
    for stranger in ["", "x", &script.token()[1..]] {
        assert_eq!(script.steer(stranger, words).0, 401);
    }
    for (unknown, named) in
        [("expire=all", "expire"), ("explode=1", "explode"), ("clock=-1", "+60")]
    {
        let (status, body) = script.steer(script.token(), unknown);
        assert!(status == 400 || status == 422, "{status}");
        assert!(body.contains(named), "{body}");
    }
    assert_eq!(script.user_details(&access), 200);
    // The mini-programs' are others.
    assert_eq!(
        script.steer(script.token(), "expire=access"),
        (200, json!({"expired": 0}).to_string())
    );
    assert_eq!(script.user_details(&access), 200);
    assert_eq!(script.steer(script.token(), words), (200, json!({"expired": 1}).to_string()));
    assert_eq!(script.user_details(&access), 401);

    let later = script.access_token();
    assert_eq!(script.user_details(&later), 200);
    assert_eq!(script.steer(script.token(), "clock=+86400").0, 200);
    assert_eq!(script.user_details(&later), 401);

    let keys = || send("GET", &script.at_server("/jwks"), "", "").1;
    let before = keys();
    assert_eq!(script.steer(script.token(), "rotate-keys=now").0, 200);
    assert_ne!(keys(), before);
    let token = script.token().to_owned();
    let ended = host.stop();
    assert!(ended.status.success() && !ended.stderr.contains(&token), "{}", ended.stderr);
}

#[test]
fn nobody_steers_where_it_was_not_wanted() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(SampleHost::start(dir.path()).announced.get("steering"), None);
}
