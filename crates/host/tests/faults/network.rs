//! Rows about the network.

use std::time::Duration;

use minihost::ports::{SessionError, UserSession as _};
use tokio::task::JoinSet;

use crate::{
    server::{Answer, TOKENS, http, metadata},
    stage::Stage,
};

const JSON: &str = "content-type: application/json\r\n";

/// Every answer is refused for what it is, and nothing in it is taken for a token.
async fn refused(answers: Vec<(&str, Vec<u8>)>, expected: impl Fn(&SessionError) -> bool) {
    let stage = Stage::signed_in().await;
    for (what, bytes) in answers {
        stage.server.script([Answer::Bytes(bytes)]);
        let error = stage.refresh().await.expect_err(what);
        assert!(expected(&error), "{what}: {error:?}");
        stage.goes_on().await;
    }
}

#[tokio::test]
async fn captive_portal_html_200_wrong_content_type_gzip_bomb_redirects() {
    let tokens = TOKENS.as_bytes();
    let html = "content-type: text/html\r\n";
    let between = vec![
        ("a portal's page", http("200 OK", html, b"<html>Welcome to the hotel</html>")),
        ("tokens on a page", http("200 OK", html, tokens)),
        ("a redirect", http("302 Found", "location: http://127.0.0.1:1/\r\n", tokens)),
        ("a redirect that keeps the method", http("307 x", "location: /token\r\n", tokens)),
        ("a network that wants a sign-in", http("511 x", html, b"<html></html>")),
    ];
    refused(between, |error| matches!(error, SessionError::Network(_))).await;
    // Nothing is unpacked: what claims to be packed is bytes like any other.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    packed.extend_from_slice(&[0xed; 1000]);
    let gzip = format!("{JSON}content-encoding: gzip\r\n");
    let unusable = vec![
        ("a page that says it is JSON", http("200 OK", JSON, b"<html></html>")),
        ("no content type", http("200 OK", "", tokens)),
        ("plain text", http("200 OK", "content-type: text/plain\r\n", tokens)),
        ("something packed", http("200 OK", &gzip, &packed)),
        ("another success", http("201 Created", JSON, tokens)),
        ("a list", http("200 OK", JSON, b"[]")),
        ("a token of another kind", {
            let other = TOKENS.replace("Bearer", "mac");
            http("200 OK", JSON, other.as_bytes())
        }),
        ("two tokens", {
            let twice = TOKENS.replace('{', r#"{"access_token":"bad","#);
            http("200 OK", JSON, twice.as_bytes())
        }),
    ];
    refused(unusable, |error| matches!(error, SessionError::Server(_))).await;
}

#[tokio::test]
async fn slowloris_dribbling_reply_endless_body() {
    let stage = Stage::signed_in().await;
    for half in [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-type: appl"] {
        stage.server.script([Answer::Stall(half.to_vec())]);
        assert_eq!(stage.refresh().await, Err(SessionError::TimedOut));
        stage.goes_on().await;
    }
    let head = format!("HTTP/1.1 200 OK\r\n{JSON}transfer-encoding: chunked\r\n\r\n");
    let endless = format!("{head}{}", format!("1000\r\n{}\r\n", " ".repeat(4096)).repeat(300));
    stage.server.script([Answer::Flood(endless.into_bytes())]);
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(&error, SessionError::Server(what) if what.contains("1 MiB")), "{error:?}");
    stage.goes_on().await;
}

fn unavailable(status: &str, retry_after: &str) -> Answer {
    Answer::Bytes(http(status, &format!("retry-after: {retry_after}\r\n"), b""))
}

#[tokio::test]
async fn a_429_or_503_with_retry_after_in_seconds_as_a_date_and_absurd() {
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        for (retry_after, seconds) in [
            ("7", Some(7)),
            ("Thu, 01 Jan 2026 00:00:09 GMT", Some(9)),
            ("99999999999999999999", Some(300)),
            ("Fri, 01 Jan 2100 00:00:00 GMT", Some(300)),
            ("Mon, 01 Jan 1900 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            let stage = Stage::signed_in().await;
            stage.server.script([unavailable(status, retry_after)]);
            let error = stage.refresh().await.unwrap_err();
            let expected = SessionError::TemporarilyUnavailable { retry_after: seconds };
            assert_eq!(error, expected, "{status} {retry_after}");
            assert_eq!(stage.server.take_seen().len(), 1, "what is not to be repeated is not");
            if let Some(seconds @ 1..) = seconds {
                let again = stage.refresh().await.unwrap_err();
                assert_eq!(again, expected, "{status} {retry_after}");
                assert_eq!(stage.server.take_seen().len(), 0, "the server is left alone");
                stage.clock.advance(Duration::from_secs(seconds));
            }
            stage.goes_on().await;
        }
    }
}

#[tokio::test]
async fn a_server_that_stays_away_is_not_asked_more_often_than_it_wants() {
    let stage = Stage::signed_in().await;
    stage.server.script(vec![unavailable("503 x", "2"); 1000]);
    for _ in 0..1000 {
        assert!(stage.refresh().await.is_err());
        stage.clock.advance(Duration::from_millis(20));
    }
    let asked = stage.server.take_seen().len();
    assert!((9..=11).contains(&asked), "20 seconds, a request every two: {asked}");
}

#[tokio::test]
async fn refresh_stampede() {
    let stage = Stage::signed_in().await;
    let lasting = TOKENS.replace(r#""expires_in":0"#, r#""expires_in":3600"#);
    stage.server.script([Answer::KeepAlive(http("200 OK", JSON, lasting.as_bytes()))]);
    let mut tasks = JoinSet::new();
    for _ in 0..1000 {
        let (session, user) = (stage.session.clone(), stage.user.clone());
        tasks.spawn(async move { session.access_token(&user).await.map(|_| ()) });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    assert_eq!(stage.server.take_seen().len(), 1);
}

#[tokio::test]
async fn app_backgrounded_os_suspends_sockets_10_min() {
    let stage = Stage::signed_in().await;
    // The server closes what the host believes to be open.
    stage.server.script([Answer::Bytes(http("200 OK", JSON, TOKENS.as_bytes()))]);
    stage.refresh().await.unwrap();
    stage.clock.advance(Duration::from_secs(600));
    stage.goes_on().await;
}

#[tokio::test]
async fn as_key_rotation_metadata_change_issuer_change() {
    let stage = Stage::signed_in().await;
    let issuer = stage.server.issuer().to_owned();
    let moved = metadata(&issuer, &issuer).replace("/token", "/moved");
    stage.server.set_metadata(moved);
    stage.clock.advance(Duration::from_secs(3600));
    stage.goes_on().await;

    stage.server.take_seen();
    stage.server.set_metadata(metadata("http://127.0.0.1:9", "http://127.0.0.1:9"));
    stage.clock.advance(Duration::from_secs(3600));
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(&error, SessionError::Server(what) if what.contains("issuer")), "{error:?}");
    assert!(stage.server.take_seen().is_empty(), "nothing goes out in another issuer's name");
    stage.server.set_metadata(metadata(&issuer, &issuer));
    stage.goes_on().await;
}
