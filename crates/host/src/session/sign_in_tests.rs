//! Signing in, out, and back in after a restart.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use minihost_core::UserId;

use super::{
    ObservedSession as _, SignInError,
    bench::{bench, bench_on, profile, signed_in, tokens},
};
use crate::{
    http::scripted::Reply,
    ports::{
        HttpError, SecretBytes, SecretName, SecretStore, SecretStoreError, SessionError,
        UserSession,
    },
    store::MemorySecretStore,
};

/// A store that can be locked and unlocked.
#[derive(Default)]
struct Lockable {
    store: MemorySecretStore,
    locked: AtomicBool,
}

impl Lockable {
    fn set_locked(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    fn open(&self) -> Result<&MemorySecretStore, SecretStoreError> {
        let locked = self.locked.load(Ordering::SeqCst);
        if locked { Err(SecretStoreError::Locked) } else { Ok(&self.store) }
    }
}

#[async_trait]
impl SecretStore for Lockable {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        self.open()?.get(name).await
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        self.open()?.put(name, secret).await
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.open()?.delete(name).await
    }
}

fn good() -> Vec<Reply> {
    vec![tokens("a1", Some("r1"), 600), profile("u-alice", "Alice A.")]
}

#[tokio::test]
async fn the_password_grant_and_user_details_make_a_user() {
    let bench = bench(good());
    let mut users = bench.session.users();
    let user = bench.sign_in().await.unwrap();
    assert_eq!((user.id.as_str(), user.display_name.as_str()), ("u-alice", "Alice A."));
    assert_eq!(bench.session.current_user(), Some(user.clone()));
    assert_eq!(*users.borrow_and_update(), Some(user.clone()));
    assert_eq!(bench.session.access_token(&user).await.ok().unwrap().expose(), "a1");

    let [token, userinfo] = bench.scripted.take_seen().try_into().ok().unwrap();
    assert_eq!((token.method, token.path.as_str()), ("POST", "/token"));
    assert_eq!(token.headers["authorization"], "Basic aG9zdDpzM2NyZXQ=");
    let expected = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", "pass word"),
        ("scope", "email mediate openid phone profile"),
    ];
    assert_eq!(token.form, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    assert_eq!((userinfo.method, userinfo.path.as_str()), ("GET", "/userinfo"));
    assert_eq!(userinfo.headers["authorization"], "Bearer a1");
}

#[tokio::test]
async fn a_user_without_a_name_is_called_what_was_typed() {
    let nameless = Reply::json(200, r#"{"sub":"u"}"#);
    let bench = bench([tokens("a1", None, 600), nameless]);
    assert_eq!(bench.sign_in().await.unwrap().display_name, "alice");
}

#[tokio::test]
async fn each_failure_says_what_to_do_and_signs_nobody_in() {
    let slow_down = Reply::Response(429, vec![("retry-after".into(), "8".into())], String::new());
    let away = Reply::Response(503, Vec::new(), String::new());
    let html = Reply::Response(200, Vec::new(), "<html>".into());
    let unacceptable = |what: &str| SignInError::Server(what.to_owned());
    let rows = [
        (vec![Reply::error(400, "invalid_grant")], SignInError::WrongCredentials),
        (vec![slow_down], SignInError::Throttled { retry_after: Some(8) }),
        (vec![away], SignInError::TemporarilyUnavailable { retry_after: None }),
        (
            vec![Reply::error(401, "invalid_client")],
            SignInError::HostRejected { error: "invalid_client" },
        ),
        (
            vec![Reply::error(400, "unsupported_grant_type")],
            SignInError::HostRejected { error: "unsupported_grant_type" },
        ),
        (vec![Reply::error(400, "new")], unacceptable("its error code is unknown")),
        (vec![Reply::error(500, "server_error")], unacceptable("it has status 500")),
        (vec![html], SignInError::Network("something else answered with status 200".into())),
        (
            vec![Reply::Error(HttpError::MaybeSent("reset".into()))],
            SignInError::Network("reset".into()),
        ),
        (vec![Reply::Error(HttpError::TimedOut)], SignInError::TimedOut),
        (
            vec![tokens("a1", None, 600), Reply::error(401, "invalid_token")],
            unacceptable("it rejects the token that it just gave"),
        ),
        (
            vec![tokens("a1", None, 600), Reply::json(200, r#"{"sub":""}"#)],
            unacceptable("its user details are malformed"),
        ),
    ];
    for (replies, expected) in rows {
        let bench = bench(replies);
        assert_eq!(bench.sign_in().await, Err(expected));
        assert_eq!(bench.session.current_user(), None);
        assert!(bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_failed_sign_in_leaves_the_one_who_is_signed_in() {
    let (bench, user) = signed_in(vec![Reply::error(400, "invalid_grant")]).await;
    assert_eq!(bench.sign_in().await, Err(SignInError::WrongCredentials));
    assert_eq!(bench.session.current_user(), Some(user));
}

#[tokio::test]
async fn the_epoch_grows_with_every_sign_in_and_sign_out() {
    let again = good().into_iter().chain(good()).collect();
    let (bench, first) = signed_in(again).await;
    let second = bench.sign_in().await.unwrap();
    assert!(second.epoch > first.epoch);
    bench.session.sign_out().await.unwrap();
    let third = bench.sign_in().await.unwrap();
    assert!(third.epoch > second.epoch + 1);
    for past in [first, second] {
        let refused = bench.session.access_token(&past).await.err();
        assert_eq!(refused, Some(SessionError::AccountChanged));
    }
}

#[tokio::test]
async fn signing_out_clears_the_tokens_everywhere() {
    let (bench, user) = signed_in(Vec::new()).await;
    assert!(bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().is_some());
    bench.session.sign_out().await.unwrap();
    assert_eq!(bench.session.current_user(), None);
    assert_eq!(*bench.session.users().borrow(), None);
    assert!(bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().is_none());
    let refused = bench.session.access_token(&user).await.err();
    assert_eq!(refused, Some(SessionError::NotSignedIn));
}

#[tokio::test]
async fn a_sign_out_that_comes_during_a_sign_in_wins() {
    let [token, userinfo] = good().try_into().ok().unwrap();
    let bench = Arc::new(bench([token.held(), userinfo]));
    let signing_in = tokio::spawn({
        let bench = bench.clone();
        async move { bench.sign_in().await }
    });
    bench.scripted.until_seen(1).await;
    bench.session.sign_out().await.unwrap();
    bench.scripted.release();
    assert_eq!(signing_in.await.unwrap(), Err(SignInError::Overtaken));
    assert_eq!(bench.session.current_user(), None);
    assert!(bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().is_none());
}

#[tokio::test]
async fn after_a_restart_the_user_is_signed_in_without_a_request() {
    let (before, user) = signed_in(Vec::new()).await;
    let after = bench_on([], before.secrets.clone());
    let restored = after.session.restore().await.unwrap().unwrap();
    assert_eq!((restored.id, restored.display_name), (user.id, user.display_name));
    let user = after.session.current_user().unwrap();
    assert_eq!(after.session.access_token(&user).await.ok().unwrap().expose(), "a1");
    assert_eq!(after.session.restore().await.unwrap(), Some(user));
    assert_eq!(after.scripted.seen(), 0);
}

#[tokio::test]
async fn no_access_is_not_no_entry() {
    let store = Arc::new(Lockable::default());
    let before = bench_on(good(), store.clone());
    before.sign_in().await.unwrap();
    store.set_locked(true);
    let after = bench_on([], store.clone());
    assert_eq!(after.session.restore().await, Err(SecretStoreError::Locked));
    store.set_locked(false);
    assert_eq!(after.session.restore().await.unwrap().unwrap().id, UserId::new("u-alice"));
    let fresh = bench([]);
    assert_eq!(fresh.session.restore().await, Ok(None));
}

#[tokio::test]
async fn a_locked_store_does_not_keep_the_user_from_signing_in() {
    let store = Arc::new(Lockable::default());
    store.set_locked(true);
    let bench = bench_on(good(), store);
    let user = bench.sign_in().await.unwrap();
    assert_eq!(bench.session.access_token(&user).await.ok().unwrap().expose(), "a1");
}

#[tokio::test]
async fn a_sign_out_that_cannot_delete_says_so_and_may_be_repeated() {
    let store = Arc::new(Lockable::default());
    let bench = bench_on(good(), store.clone());
    bench.sign_in().await.unwrap();
    store.set_locked(true);
    let locked = Err(SessionError::Store(SecretStoreError::Locked));
    assert_eq!(bench.session.sign_out().await, locked);
    assert_eq!(bench.session.current_user(), None);
    store.set_locked(false);
    assert_eq!(bench.session.sign_out().await, Ok(()));
    assert!(store.get(SecretName::USER_TOKENS).await.unwrap().is_none());
}

#[tokio::test]
async fn what_cannot_be_read_is_left_where_it_is() {
    let bench = bench([]);
    let garbage = SecretBytes::new(*b"garbage");
    bench.secrets.put(SecretName::USER_TOKENS, &garbage).await.unwrap();
    let corrupt = SecretStoreError::Corrupt(SecretName::USER_TOKENS);
    assert_eq!(bench.session.restore().await, Err(corrupt));
    let left = bench.secrets.get(SecretName::USER_TOKENS).await.unwrap().unwrap();
    assert_eq!(left.expose(), b"garbage");
}
