//! Rows about clocks.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};
use minihost::{
    ClientId, Clock as _, ProcessKey, SystemClock,
    issuer::{AssertionAudience, ClientAuthentication},
    manifest::{Algorithm, SigningKey},
    ports::UserSession as _,
    store::MemorySecretStore,
};

use crate::{
    server::{Answer, Server, TOKENS, http},
    stage::{Stage, TestClock, session, session_of, sign_in},
};

/// Signed in with tokens that live for an hour.
async fn for_an_hour(clock: Arc<TestClock>) -> Stage {
    let server = Server::start().await;
    let lasting = TOKENS.replace(r#""expires_in":0"#, r#""expires_in":3600"#);
    let json = "content-type: application/json\r\n";
    let answer = Answer::KeepAlive(http("200 OK", json, lasting.as_bytes()));
    server.script([answer.clone(), answer]);
    let session = session(&server, Arc::new(MemorySecretStore::default()), clock.clone());
    let user = sign_in(&session).await;
    server.take_seen();
    Stage { server, session, clock, user }
}

async fn refreshes_after(stage: &Stage, uses: usize) -> usize {
    for _ in 0..uses {
        stage.refresh().await.unwrap();
    }
    stage.server.take_seen().len()
}

#[tokio::test]
async fn clock_skew_of_an_hour_either_way() {
    for time in ["2026-01-01T01:00:00Z", "2025-12-31T23:00:00Z"] {
        let stage = for_an_hour(TestClock::at(time)).await;
        assert_eq!(refreshes_after(&stage, 5).await, 0, "a skew is no reason to ask");
        stage.clock.advance(Duration::from_secs(3541));
        assert_eq!(refreshes_after(&stage, 5).await, 1, "the token is near its end");
    }
}

#[tokio::test]
async fn jump_back() {
    let stage = for_an_hour(TestClock::new()).await;
    stage.clock.jump(SignedDuration::from_hours(-9));
    assert_eq!(refreshes_after(&stage, 5).await, 0);
    stage.clock.advance(Duration::from_secs(3600));
    assert_eq!(refreshes_after(&stage, 5).await, 1, "uptime ends the token all the same");
}

#[tokio::test]
async fn year_1970() {
    let stage = for_an_hour(TestClock::at("1970-01-01T00:00:00Z")).await;
    assert_eq!(refreshes_after(&stage, 5).await, 0);
    // The network sets the clock.
    stage.clock.jump(SignedDuration::from_hours(56 * 365 * 24));
    assert_eq!(refreshes_after(&stage, 50).await, 1, "one refresh and no storm");
}

#[tokio::test]
async fn ntp_step_during_token_life() {
    let stage = for_an_hour(TestClock::new()).await;
    for seconds in [90, -90, 30, -30] {
        stage.clock.jump(SignedDuration::from_secs(seconds));
        assert_eq!(refreshes_after(&stage, 5).await, 0);
    }
}

#[tokio::test]
async fn a_device_whose_clock_is_wrong_signs_by_the_servers() {
    let server = Server::start().await;
    let at_server = Timestamp::now() + SignedDuration::from_hours(3);
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&at_server).unwrap();
    server.set_date(date);
    let (_, pem) = SigningKey::generate(Algorithm::Es256).unwrap();
    let client = ClientAuthentication::PrivateKeyJwt {
        client_id: ClientId::new("host"),
        signer: Arc::new(ProcessKey::from_pem(&pem).unwrap()),
        audience: AssertionAudience::Issuer,
    };
    let clock = Arc::new(SystemClock::new());
    let secrets = Arc::new(MemorySecretStore::default());
    let session = session_of(&server, client, secrets, clock.clone());
    sign_in(&session).await;
    let seen = server.take_seen().remove(0);
    let assertion =
        seen.split('&').find_map(|pair| pair.strip_prefix("client_assertion=")).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let off = claims["iat"].as_i64().unwrap() - at_server.as_second();
    assert!((-10..60).contains(&off), "{off} seconds");
    assert!(clock.now().time > at_server - SignedDuration::from_secs(10));
    assert!(session.current_user().is_some());
}
