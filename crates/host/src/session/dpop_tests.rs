//! Tokens that are bound to a key, against a scripted server.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{ClientId, Issuer};
use serde_json::{Value, json};

use super::{
    Password, SignInConfig, TokenBinding, TokenSession,
    bench::{client, profile},
};
use crate::{
    http::scripted::{Reply, Scripted, Seen, TestClock},
    issuer::{AssertionAudience, ClientAuthentication},
    ports::{SecretStore, UserSession as _},
    signing::ProcessKey,
    store::MemorySecretStore,
};

fn session(scripted: &Arc<Scripted>, secrets: &Arc<MemorySecretStore>) -> TokenSession {
    session_of(client(), scripted, secrets)
}

fn session_of(
    client: ClientAuthentication,
    scripted: &Arc<Scripted>,
    secrets: &Arc<MemorySecretStore>,
) -> TokenSession {
    let mut config = SignInConfig::new(Issuer::new("http://127.0.0.1:1"), client);
    config.binding = TokenBinding::WhereOffered;
    let secrets: Arc<dyn SecretStore> = secrets.clone();
    TokenSession::new(config, scripted.clone(), secrets, Arc::new(TestClock::default())).unwrap()
}

fn bound(access: &str, expires_in: u64) -> Reply {
    let json = json!({"access_token": access, "token_type": "DPoP", "expires_in": expires_in,
        "refresh_token": "r"});
    Reply::json(200, &json.to_string())
}

fn wants_nonce(status: u16) -> Reply {
    let headers = [("content-type", "application/json"), ("DPoP-Nonce", "n1")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply::Response(status, headers, r#"{"error":"use_dpop_nonce"}"#.to_owned())
}

/// The header and the claims of a request's proof.
fn proof(seen: &Seen) -> (Value, Value) {
    let parts: Vec<_> = seen.headers["dpop"].split('.').collect();
    let read = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (read(parts[0]), read(parts[1]))
}

#[tokio::test]
async fn a_token_is_asked_for_and_used_with_proofs_of_one_key_which_outlasts_the_process() {
    let scripted = Scripted::with_metadata([bound("a1", 0), profile("u", "alice"), bound("a2", 0)]);
    let secrets = Arc::new(MemorySecretStore::default());
    let first = session(&scripted, &secrets);
    first.sign_in_with_password("alice", Password::new("p")).await.unwrap();
    let restarted = session(&scripted, &secrets);
    let user = restarted.restore().await.unwrap().unwrap();
    assert_eq!(restarted.access_token(&user).await.ok().unwrap().expose(), "a2");

    let seen = scripted.take_seen();
    let proofs: Vec<_> = seen.iter().map(proof).collect();
    assert_eq!(seen[1].headers["authorization"], "DPoP a1");
    assert_eq!(proofs[1].1["htm"], "GET");
    assert!(proofs[1].1["ath"].is_string() && proofs[0].1.get("ath").is_none());
    assert_eq!(proofs[2].1["htu"], "http://127.0.0.1:1/token");
    assert!(proofs.iter().all(|(header, _)| header["jwk"] == proofs[0].0["jwk"]), "one key");
}

#[tokio::test]
async fn a_nonce_that_the_server_wants_costs_one_request_and_is_kept() {
    for status in [400, 401] {
        let scripted =
            Scripted::with_metadata([wants_nonce(status), bound("a1", 600), profile("u", "alice")]);
        let session = session(&scripted, &Arc::default());
        session.sign_in_with_password("alice", Password::new("p")).await.unwrap();
        let seen = scripted.take_seen();
        let nonces: Vec<_> = seen.iter().map(|seen| proof(seen).1["nonce"].clone()).collect();
        assert_eq!(nonces, [Value::Null, json!("n1"), json!("n1")]);
        let ids: Vec<_> = seen.iter().map(|seen| proof(seen).1["jti"].clone()).collect();
        assert!(ids[0] != ids[1] && ids[1] != ids[2], "a proof is used once");
    }
}

#[tokio::test]
async fn who_proves_itself_by_a_key_too_does_so_anew_with_the_nonce() {
    let scripted =
        Scripted::with_metadata([wants_nonce(400), bound("a1", 600), profile("u", "alice")]);
    let client = ClientAuthentication::PrivateKeyJwt {
        client_id: ClientId::new("host"),
        signer: Arc::new(ProcessKey::generate()),
        audience: AssertionAudience::Issuer,
    };
    let session = session_of(client, &scripted, &Arc::default());
    session.sign_in_with_password("alice", Password::new("p")).await.unwrap();
    let seen = scripted.take_seen();
    let [first, second] = [0, 1].map(|at: usize| seen[at].form.clone());
    assert_ne!(first["client_assertion"], second["client_assertion"], "it is taken once");
    for name in ["grant_type", "username", "password", "client_id", "client_assertion_type"] {
        assert_eq!(first[name], second[name]);
    }
    assert_eq!(first.len(), second.len());
}

#[tokio::test]
async fn a_server_that_always_wants_another_nonce_is_asked_twice() {
    let scripted = Scripted::with_metadata([wants_nonce(400), wants_nonce(400), bound("a1", 600)]);
    let session = session(&scripted, &Arc::default());
    assert!(session.sign_in_with_password("alice", Password::new("p")).await.is_err());
    assert_eq!(scripted.seen(), 2);
}

#[tokio::test]
async fn a_server_that_binds_nothing_after_all_is_taken_at_its_word() {
    let scripted = Scripted::with_metadata([
        super::bench::tokens("a1", Some("r"), 600),
        profile("u", "alice"),
    ]);
    let session = session(&scripted, &Arc::default());
    session.sign_in_with_password("alice", Password::new("p")).await.unwrap();
    let seen = scripted.take_seen();
    assert_eq!(seen[1].headers["authorization"], "Bearer a1");
    assert!(!seen[1].headers.contains_key("dpop"));
}
