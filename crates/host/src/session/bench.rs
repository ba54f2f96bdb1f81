//! A session against a scripted server, for tests.

use std::sync::Arc;

use minihost_core::{ClientId, Issuer, User};
use serde_json::json;

use super::{Password, SignInConfig, TokenSession};
use crate::{
    http::scripted::{Reply, Scripted, TestClock},
    issuer::{ClientAuthentication, ClientSecret},
    ports::SecretStore,
    store::MemorySecretStore,
};

/// The session and all that it stands on.
pub(super) struct Bench {
    pub(super) session: TokenSession,
    pub(super) scripted: Arc<Scripted>,
    pub(super) clock: Arc<TestClock>,
    pub(super) secrets: Arc<dyn SecretStore>,
}

pub(super) fn client() -> ClientAuthentication {
    let (client_id, client_secret) = (ClientId::new("host"), ClientSecret::new("s3cret"));
    ClientAuthentication::ClientSecretBasic { client_id, client_secret }
}

pub(super) fn bench(replies: impl IntoIterator<Item = Reply>) -> Bench {
    bench_on(replies, Arc::new(MemorySecretStore::default()))
}

/// On secrets that are there already.
pub(super) fn bench_on(
    replies: impl IntoIterator<Item = Reply>,
    secrets: Arc<dyn SecretStore>,
) -> Bench {
    let (scripted, clock) = (Scripted::with_metadata(replies), Arc::new(TestClock::default()));
    let config = SignInConfig::new(Issuer::new("http://127.0.0.1:1"), client());
    let session =
        TokenSession::new(config, scripted.clone(), secrets.clone(), clock.clone()).unwrap();
    Bench { session, scripted, clock, secrets }
}

/// Alice has signed in with `a1` and `r1`, which live for ten minutes; what follows is scripted.
pub(super) async fn signed_in(replies: Vec<Reply>) -> (Bench, User) {
    let begin = [tokens("a1", Some("r1"), 600), profile("u-alice", "alice")];
    let bench = bench(begin.into_iter().chain(replies));
    let user = bench.sign_in().await.unwrap();
    bench.scripted.take_seen();
    (bench, user)
}

impl Bench {
    pub(super) async fn sign_in(&self) -> Result<User, super::SignInError> {
        self.session.sign_in_with_password("alice", Password::new("pass word")).await
    }
}

pub(super) fn tokens(access: &str, refresh: Option<&str>, expires_in: u64) -> Reply {
    let mut body =
        json!({"access_token": access, "token_type": "Bearer", "expires_in": expires_in});
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
    }
    Reply::json(200, &body.to_string())
}

pub(super) fn profile(sub: &str, name: &str) -> Reply {
    Reply::json(200, &json!({"sub": sub, "preferred_username": name}).to_string())
}
