//! Consent evidence: required where the host is registered so, single use everywhere.

use std::time::Duration;

use minihost_authorization_server::{ClientKind, ClientRegistration, Clock as _, Requirement};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Form, Pkce, World, client_id};

pub(crate) fn evidence(world: &World, jti: &str) -> Value {
    json!({
        "jti": jti,
        "id": "decision-1",
        "at": world.clock.now().to_string(),
        "mode": "prompt",
        "scopes": ["openid", "email"],
        "locale": "en",
        "digest": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    })
}

async fn form(world: &World, host: &str) -> Form {
    let subject = world.sign_in(host, "alice").await;
    world.code_form("cinema", &subject, &Pkce::new())
}

async fn require_consent(world: &mut World) {
    let host = world.host("bank", "cinema");
    let kind = ClientKind::Host {
        may_mediate_for: vec![client_id("cinema")],
        consent_evidence: Requirement::Required,
    };
    world.put(ClientRegistration { kind, ..host }).await;
}

#[tokio::test]
async fn h4_a_host_that_must_send_evidence_gets_no_code_without_it() {
    let mut world = World::new().await;
    require_consent(&mut world).await;
    let form = form(&world, "bank").await;
    world.post("/challenge", "bank", &form).await.refused(400, "consent_required");
    let with = form.with("consent", evidence(&world, "j1"));
    let answer = world.post("/challenge", "bank", &with).await.ok();
    assert_eq!(answer.text("scope"), "email openid");
}

#[tokio::test]
async fn h4_a_jti_works_once_for_each_host_and_survives_a_restart() {
    let world = World::new().await;
    let used = form(&world, "bank").await.with("consent", evidence(&world, "j1"));
    world.post("/challenge", "bank", &used).await.ok();
    world.post("/challenge", "bank", &used).await.refused(400, "invalid_request");
    let rival = form(&world, "rival").await.with("consent", evidence(&world, "j1"));
    world.post("/challenge", "rival", &rival).await.ok();

    let (_directory, database, clock) = world.close().await;
    let mut world = World::open(&database, clock).await;
    world.register_all().await;
    let again = form(&world, "bank").await.with("consent", evidence(&world, "j1"));
    world.post("/challenge", "bank", &again).await.refused(400, "invalid_request");
    let fresh = again.with("consent", evidence(&world, "j2"));
    world.post("/challenge", "bank", &fresh).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h4_parallel_requests_with_one_jti_give_one_code() {
    let world = World::new().await;
    let form = form(&world, "bank").await.with("consent", evidence(&world, "j1"));
    let asking = (0..32).map(|_| world.post("/challenge", "bank", &form));
    let answers = futures_util::future::join_all(asking).await;
    let won = answers.iter().filter(|answer| answer.status.is_success());
    assert_eq!(won.count(), 1);
}

#[tokio::test]
async fn h4_a_prompt_that_was_answered_300_seconds_ago_is_the_oldest_that_counts() {
    let world = World::new().await;
    let stale = evidence(&world, "j1");
    world.clock.advance(Duration::from_secs(300));
    let form = form(&world, "bank").await;
    let oldest = form.clone().with("consent", evidence_at(&stale, "j0"));
    world.post("/challenge", "bank", &oldest).await.ok();
    world.clock.advance(Duration::from_secs(1));
    let form = form.with("consent", &stale);
    world.post("/challenge", "bank", &form).await.refused(400, "consent_required");
    let mut remembered = stale;
    remembered["mode"] = json!("remembered");
    let form = form.with("consent", remembered);
    world.post("/challenge", "bank", &form).await.ok();
}

fn evidence_at(like: &Value, jti: &str) -> Value {
    let mut evidence = like.clone();
    evidence["jti"] = json!(jti);
    evidence
}

#[tokio::test]
async fn evidence_of_silent_requests_does_not_pile_up_but_the_last_stays() {
    let world = World::new().await;
    let mut silent = evidence(&world, "j1");
    silent["mode"] = json!("silent");
    let asked = form(&world, "bank").await;
    for jti in ["j1", "j2", "j3"] {
        let with = asked.clone().with("consent", evidence_at(&silent, jti));
        world.post("/challenge", "bank", &with).await.ok();
        world.clock.advance(Duration::from_secs(1));
    }
    world.clock.advance(Duration::from_secs(91 * 24 * 60 * 60));
    let (_directory, database, clock) = world.close().await;
    World::open(&database, clock).await.close().await;
    let db = Connection::open(database).unwrap();
    let mut find = db.prepare("SELECT jti FROM consent_evidence").unwrap();
    let left: Vec<String> =
        find.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(left, ["j3"]);
}

#[tokio::test]
async fn h4_malformed_evidence_is_refused_even_where_none_is_required() {
    let world = World::new().await;
    let form = form(&world, "bank").await;
    for bad in ["{", "[]", "null", "{}", r#"{"jti":"x"}"#] {
        let form = form.clone().with("consent", bad);
        world.post("/challenge", "bank", &form).await.refused(400, "invalid_request");
    }
    let deep = "[".repeat(5_000);
    let form = form.with("consent", deep);
    world.post("/challenge", "bank", &form).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn h4_the_audit_record_equals_the_screen_and_says_what_came_of_it() {
    let world = World::new().await;
    let evidence = evidence(&world, "j1");
    let form = form(&world, "bank").await.with("consent", &evidence);
    let answer = world.post("/challenge", "bank", &form).await.ok();
    let grant = answer.text("grant_id").to_owned();
    let (_directory, database, clock) = world.close().await;
    let row: Vec<String> = Connection::open(database)
        .unwrap()
        .query_row(
            "SELECT host, jti, decision, mode, scopes, locale, digest, decided_at, username, client,
                 granted_scopes, grant_id, received_at
             FROM consent_evidence JOIN users ON users.id = user",
            (),
            |row| {
                (0..13)
                    .map(|column| match row.get(column)? {
                        rusqlite::types::Value::Text(text) => Ok(text),
                        other => Ok(format!("{other:?}")),
                    })
                    .collect()
            },
        )
        .unwrap();
    let shown = evidence["digest"].as_str().unwrap();
    let now = format!("Integer({})", clock.now().as_millisecond());
    let expected = [
        "bank",
        "j1",
        "decision-1",
        "prompt",
        "email openid",
        "en",
        shown,
        &now,
        "alice",
        "cinema",
        "email openid",
        &grant,
        &now,
    ];
    assert_eq!(row, expected);
}

#[tokio::test]
async fn h4_evidence_that_was_altered_is_evidence_that_was_used() {
    let world = World::new().await;
    let form = form(&world, "bank").await;
    let narrow = evidence(&world, "j1");
    world.post("/challenge", "bank", &form.clone().with("consent", &narrow)).await.ok();
    for (member, value) in [
        ("scopes", json!(["openid", "email", "profile", "phone"])),
        ("mode", json!("remembered")),
        ("id", json!("decision-2")),
        ("locale", json!("zh-Hans")),
    ] {
        let mut altered = narrow.clone();
        altered[member] = value;
        let form = form.clone().with("consent", altered);
        world.post("/challenge", "bank", &form).await.refused(400, "invalid_request");
    }
}
