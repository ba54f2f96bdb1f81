//! The keychain of a Linux desktop, for real: GNOME Keyring in a session of its own, with a password
//! that the tests know. `cargo xtask test keyring` sets that up, in one session after the other.
#![cfg(test)]
#![cfg(target_os = "linux")]

mod desktop;
mod sign_in;

use std::{fs, future::Future, sync::Arc, time::Duration};

use desktop::Desktop;
use minihost::{
    ports::{
        GrantStore as _, GrantStoreError, SecretBytes, SecretName, SecretStore as _,
        SecretStoreError, UserSession as _,
    },
    store::{FileGrantStore, KeyringSecretStore, open_keyring},
};
use sign_in::{Server, grant};

/// Written in the first session, for the next one.
const LEFT: (&str, SecretName, &[u8]) = ("minihost-test-left", SecretName::USER_TOKENS, b"left");

/// Well above what the store allows itself, and below the 25 seconds after which GNOME Keyring gives
/// up on a prompt by itself.
const HANGING: Duration = Duration::from_secs(15);

async fn within<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGING, call).await.expect("no call hangs")
}

async fn open(service: &str) -> Result<Arc<KeyringSecretStore>, SecretStoreError> {
    within(open_keyring(service)).await.map(Arc::new)
}

async fn read(
    store: &KeyringSecretStore,
    name: SecretName,
) -> Result<Option<Vec<u8>>, SecretStoreError> {
    let secret = within(store.get(name)).await?;
    Ok(secret.map(|secret| secret.expose().to_vec()))
}

mod first_session {
    use super::*;

    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn a_secret_is_kept_replaced_and_deleted_under_its_service_and_name_alone() {
        let _desktop = Desktop::of_this_session();
        let store = open("minihost-test-secrets").await.unwrap();
        let name = SecretName::USER_TOKENS;
        assert_eq!(read(&store, name).await, Ok(None));
        for secret in [vec![0, 255, 10], Vec::new(), vec![7; 64 * 1024]] {
            store.put(name, &SecretBytes::new(secret.clone())).await.unwrap();
            assert_eq!(read(&store, name).await, Ok(Some(secret.clone())));
            let reopened = open("minihost-test-secrets").await.unwrap();
            assert_eq!(read(&reopened, name).await, Ok(Some(secret)));
        }
        assert_eq!(read(&store, SecretName::GRANTS_KEY).await, Ok(None));
        let other = open("minihost-test-others").await.unwrap();
        assert_eq!(read(&other, name).await, Ok(None));
        for _ in 0..2 {
            store.delete(name).await.unwrap();
            assert_eq!(read(&store, name).await, Ok(None));
        }
    }

    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn the_user_and_the_grants_are_there_after_a_restart_and_gone_after_a_sign_out() {
        let _desktop = Desktop::of_this_session();
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("grants");
        let server = Server::start(room.path()).await;
        let store = open("minihost-test-restart").await.unwrap();
        let session = server.session(store.clone());
        let user = server.sign_in(&session).await;
        let token = session.access_token(&user).await.ok().unwrap();
        let grants = FileGrantStore::new(&file, store);
        assert!(grants.load().await.unwrap().grants.is_empty());
        grants.save(&grant()).await.unwrap();

        let store = open("minihost-test-restart").await.unwrap();
        let session = server.session(store.clone());
        let restored = within(session.restore()).await.unwrap().unwrap();
        assert_eq!((&restored.id, &restored.display_name), (&user.id, &user.display_name));
        let again = session.access_token(&restored).await.ok().unwrap();
        assert_eq!(again.expose(), token.expose());
        session.refresh_after_rejection(&restored, &again).await.ok().unwrap();
        let grants = FileGrantStore::new(&file, store.clone());
        assert_eq!(grants.load().await.unwrap(), grant());
        assert_eq!(grants.set_aside(), None);

        session.sign_out().await.unwrap();
        let session = server.session(open("minihost-test-restart").await.unwrap());
        assert_eq!(within(session.restore()).await, Ok(None));
        assert_eq!(read(&store, SecretName::USER_TOKENS).await, Ok(None));
    }

    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn while_it_is_locked_nothing_hangs_or_is_lost_and_afterwards_all_is_there() {
        let desktop = Desktop::of_this_session();
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("grants");
        let server = Server::start(room.path()).await;
        let store = open("minihost-test-locked").await.unwrap();
        let user = server.sign_in(&server.session(store.clone())).await;
        let grants = FileGrantStore::new(&file, store.clone());
        grants.load().await.unwrap();
        grants.save(&grant()).await.unwrap();
        let written = fs::read(&file).unwrap();

        desktop.lock();
        assert_eq!(open("minihost-test-locked").await.err(), Some(SecretStoreError::Locked));
        let session = server.session(store.clone());
        assert_eq!(within(session.restore()).await, Err(SecretStoreError::Locked));
        let grants = FileGrantStore::new(&file, store.clone());
        let unread = within(grants.load()).await;
        assert!(matches!(unread, Err(GrantStoreError::Key(SecretStoreError::Locked))));
        let secret = SecretBytes::new(*b"x");
        let name = SecretName::new("x");
        assert_eq!(within(store.put(name, &secret)).await, Err(SecretStoreError::Locked));
        assert_eq!(fs::read(&file).unwrap(), written);
        assert_eq!(grants.set_aside(), None);

        desktop.unlock();
        let restored = within(session.restore()).await.unwrap().unwrap();
        assert_eq!(restored.id, user.id);
        assert_eq!(within(grants.load()).await.unwrap(), grant());
        within(store.put(name, &secret)).await.unwrap();
        assert_eq!(read(&store, name).await, Ok(Some(b"x".to_vec())));
    }

    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn something_is_left_for_the_next_session() {
        let _desktop = Desktop::of_this_session();
        let (service, name, secret) = LEFT;
        open(service).await.unwrap().put(name, &SecretBytes::new(secret)).await.unwrap();
    }
}

mod next_session {
    use super::*;

    /// The service starts when it is called, and its keyring is locked as it does.
    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn what_the_last_session_left_is_there_once_the_user_has_unlocked_it() {
        let desktop = Desktop::of_this_session();
        let (service, name, secret) = LEFT;
        assert_eq!(open(service).await.err(), Some(SecretStoreError::Locked));
        desktop.unlock();
        let store = open(service).await.unwrap();
        assert_eq!(read(&store, name).await, Ok(Some(secret.to_vec())));
    }
}

mod unattended_session {
    use super::*;

    #[tokio::test]
    #[ignore = "needs a Secret Service of its own: cargo xtask test keyring"]
    async fn a_prompt_that_nobody_answers_holds_up_nothing() {
        Desktop::of_this_session().leave_prompts_unanswered();
        for _ in 0..2 {
            assert_eq!(open(LEFT.0).await.err(), Some(SecretStoreError::Locked));
        }
    }
}
