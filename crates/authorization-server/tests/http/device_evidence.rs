//! Consent evidence with the approval of a device's code, and the grant that comes of it.

use minihost_authorization_server::{ClientKind, ClientRegistration, Requirement};
use rusqlite::Connection;
use serde_json::json;

use crate::consent::evidence;
use crate::device::{Device, answer, ask, scope, world};
use crate::support::{World, client_id};

async fn require_evidence(world: &mut World) {
    let host = world.host("bank", "gallery");
    let kind = ClientKind::Host {
        may_mediate_for: vec![client_id("gallery")],
        consent_evidence: Requirement::Required,
    };
    world.put(ClientRegistration { kind, ..host }).await;
}

#[tokio::test]
async fn h4_a_host_that_must_send_evidence_approves_no_code_without_it() {
    let mut world = world().await;
    require_evidence(&mut world).await;
    let device = ask(&world, "gallery", &scope("openid email")).await;
    let subject = world.sign_in("bank", "alice").await;
    answer(&world, "bank", &device.form(&subject)).await.ok();
    let approval = device.form(&subject).with("decision", "approve");
    answer(&world, "bank", &approval).await.refused(400, "consent_required");
    let fitting = evidence(&world, "j1");
    for (member, value, error) in [
        ("mode", json!("remembered"), "consent_required"),
        ("mode", json!("silent"), "consent_required"),
        ("at", json!("2026-11-20T11:54:59Z"), "consent_required"),
        ("at", json!("2026-11-20T12:01:01Z"), "invalid_request"),
        ("scopes", json!(["profile"]), "invalid_scope"),
        ("digest", json!(null), "invalid_request"),
    ] {
        let mut wrong = fitting.clone();
        wrong[member] = value;
        let refused = answer(&world, "bank", &approval.clone().with("consent", wrong)).await;
        refused.refused(400, error);
    }
    device.poll(&world).await.refused(400, "authorization_pending");

    let mut some = fitting;
    some["scopes"] = json!(["email", "phone"]);
    answer(&world, "bank", &approval.with("consent", some)).await.ok();
    assert_eq!(device.poll(&world).await.ok().text("scope"), "email");
}

#[tokio::test]
async fn h4_evidence_goes_with_a_yes_to_a_client_and_with_nothing_else() {
    let mut world = world().await;
    require_evidence(&mut world).await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let subject = world.sign_in("bank", "alice").await;
    let (look, denial) = (device.form(&subject), device.form(&subject).with("decision", "deny"));
    for form in [&look, &denial] {
        let with = form.clone().with("consent", evidence(&world, "j1"));
        answer(&world, "bank", &with).await.refused(400, "invalid_request");
    }
    answer(&world, "bank", &denial).await.ok();
    device.poll(&world).await.refused(400, "access_denied");
}

#[tokio::test]
async fn h4_evidence_of_an_approval_is_on_record_and_used_up_with_it() {
    let world = world().await;
    let subject = world.sign_in("bank", "alice").await;
    let evidence = evidence(&world, "j1");
    let approval = |device: &Device| {
        device.form(&subject).with("decision", "approve").with("consent", &evidence)
    };
    let device = ask(&world, "gallery", &scope("openid email")).await;
    answer(&world, "bank", &approval(&device)).await.ok();
    let other = ask(&world, "gallery", &scope("openid")).await;
    answer(&world, "bank", &approval(&other)).await.refused(400, "invalid_request");
    other.poll(&world).await.refused(400, "authorization_pending");
    let token = device.poll(&world).await.ok().text("access_token").to_owned();

    let (_directory, database, _clock) = world.close().await;
    let record = "SELECT host, jti, mode, digest, username, e.client, granted_scopes, g.scopes,
             a.grant_id = g.id AND t.hash IS NOT NULL
         FROM consent_evidence AS e JOIN users ON users.id = e.user
             JOIN grants AS g ON g.id = e.grant_id JOIN authorizations AS a ON a.grant_id = g.id
             JOIN access_tokens AS t ON t.authorization_id = a.id";
    let row = Connection::open(database).unwrap().query_row(record, (), |row| {
        let texts: Vec<String> = (0..8).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        Ok((texts, row.get::<_, bool>(8)?))
    });
    let (texts, is_of_the_token) = row.unwrap();
    let shown = evidence["digest"].as_str().unwrap();
    let scopes = "email openid";
    let expected = ["bank", "j1", "prompt", shown, "alice", "gallery", scopes, scopes];
    assert_eq!(texts, expected);
    assert!(is_of_the_token && !token.is_empty());
}

#[tokio::test]
async fn what_was_allowed_and_taken_back_before_the_device_asked_gives_no_tokens() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let subject = world.sign_in("bank", "alice").await;
    let approval = device.form(&subject).with("decision", "approve");
    answer(&world, "bank", &approval).await.ok();
    let browser = world.browser_of("alice").await;
    let account = browser.visit("/account").await;
    assert!(account.words().contains("Gallery"), "{}", account.words());
    browser.press(&account.form("/account/grants")).await;
    device.poll(&world).await.refused(400, "access_denied");
}
