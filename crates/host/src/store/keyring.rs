//! The platform's own keychain: Keychain Services, Credential Manager, a Secret Service, the data
//! protection keychain of iOS, or the keystore of Android.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keyring_core::Error;
use tokio::{sync::oneshot, time::timeout};
use zeroize::Zeroizing;

use super::keychain::{Keychain, is_locked};
use crate::ports::{SecretBytes, SecretName, SecretStore, SecretStoreError};

/// How long a call may take. A locked Secret Service waits for its user, perhaps for ever.
const TIME_ALLOWED: Duration = Duration::from_secs(5);
/// The same at start, where an app would otherwise seem to hang.
const PROBE_TIME_ALLOWED: Duration = Duration::from_secs(3);
/// The most calls that wait behind one that hangs.
const CAPACITY: usize = 16;
const PROBE: SecretName = SecretName::new("probe");

/// Keeps secrets in the platform's keychain, under a service name.
///
/// Calls are made one after the other on a thread of their own, because they block: a locked store
/// that waits for its user holds up that thread and nothing else.
pub struct KeyringSecretStore {
    calls: SyncSender<Call>,
}

type Reply<T> = oneshot::Sender<Result<T, SecretStoreError>>;

enum Call {
    Get(SecretName, Reply<Option<SecretBytes>>),
    Put(SecretName, SecretBytes, Reply<()>),
    Delete(SecretName, Reply<()>),
    Probe(Reply<()>),
}

/// Opens the keychain, and writes, reads and deletes an entry to see that it works. `service` names
/// the app to the keychain and its user; apps of another name do not see its entries.
///
/// Takes at most three seconds. On Linux it is found out once for the process whether there is a
/// Secret Service at all: one that is started later is not seen. On iOS entries are there once the
/// device has been unlocked after it was started, and never leave the device, in backups neither. On
/// Android the app must have called `initializeNdkContext` of the class `io.crates.keyring.Keyring`
/// with its application context before; entries are encrypted with a key of the hardware's keystore.
///
/// # Errors
/// [`SecretStoreError`]: use a [`MemorySecretStore`](super::MemorySecretStore) instead, and tell
/// the user that nothing outlasts this run.
pub async fn open_keyring(service: &str) -> Result<KeyringSecretStore, SecretStoreError> {
    let (calls, queue) = sync_channel(CAPACITY);
    let service = service.to_owned();
    thread::Builder::new()
        .name("minihost-keyring".to_owned())
        .spawn(move || serve(&Keychain::new(service), &queue))
        .map_err(|error| SecretStoreError::Unavailable(error.to_string()))?;
    let store = KeyringSecretStore { calls };
    store.call(PROBE_TIME_ALLOWED, Call::Probe).await?;
    Ok(store)
}

impl KeyringSecretStore {
    async fn call<T>(
        &self,
        time_allowed: Duration,
        call: impl FnOnce(Reply<T>) -> Call,
    ) -> Result<T, SecretStoreError> {
        let (reply, answer) = oneshot::channel();
        // Full: the calls before have been waiting for long.
        self.calls.try_send(call(reply)).map_err(|_| SecretStoreError::Locked)?;
        match timeout(time_allowed, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(SecretStoreError::Unavailable("its thread has ended".to_owned())),
            Err(_) => Err(SecretStoreError::Locked),
        }
    }
}

#[async_trait]
impl SecretStore for KeyringSecretStore {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        self.call(TIME_ALLOWED, |reply| Call::Get(name, reply)).await
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        self.call(TIME_ALLOWED, |reply| Call::Put(name, secret.clone(), reply)).await
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.call(TIME_ALLOWED, |reply| Call::Delete(name, reply)).await
    }
}

/// Carries out calls until the store is dropped. A write is carried out even if nobody waits for
/// it any more: the ones behind it were asked for in the belief that it comes first.
fn serve(keychain: &Keychain, calls: &Receiver<Call>) {
    for call in calls {
        // Who waits no longer needs no answer.
        match call {
            Call::Get(_, reply) if reply.is_closed() => {}
            Call::Get(name, reply) => drop(reply.send(get(keychain, name))),
            Call::Put(name, secret, reply) => drop(reply.send(put(keychain, name, &secret))),
            Call::Delete(name, reply) => drop(reply.send(delete(keychain, name))),
            Call::Probe(reply) => drop(reply.send(probe(keychain))),
        }
    }
}

fn probe(keychain: &Keychain) -> Result<(), SecretStoreError> {
    let written = SecretBytes::new(*b"probe");
    put(keychain, PROBE, &written)?;
    let read = get(keychain, PROBE)?;
    delete(keychain, PROBE)?;
    match read {
        Some(read) if read.expose() == written.expose() => Ok(()),
        _ => Err(SecretStoreError::Unavailable("it does not keep what it is given".to_owned())),
    }
}

fn get(keychain: &Keychain, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
    let read = keychain.entry(name.as_str()).and_then(|entry| entry.get_secret());
    match read.map(Zeroizing::new) {
        Ok(encoded) => {
            let decoded = URL_SAFE_NO_PAD.decode(encoded.as_slice());
            decoded
                .map(|bytes| Some(SecretBytes::new(bytes)))
                .map_err(|_| SecretStoreError::Corrupt(name))
        }
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(explain(name, &error)),
    }
}

fn put(
    keychain: &Keychain,
    name: SecretName,
    secret: &SecretBytes,
) -> Result<(), SecretStoreError> {
    // KDE's Secret Service keeps text alone.
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.expose()));
    let entry = keychain.entry(name.as_str());
    let written = entry.and_then(|entry| entry.set_secret(encoded.as_bytes()));
    written.map_err(|error| explain(name, &error))
}

fn delete(keychain: &Keychain, name: SecretName) -> Result<(), SecretStoreError> {
    match keychain.entry(name.as_str()).and_then(|entry| entry.delete_credential()) {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(explain(name, &error)),
    }
}

/// Says nothing of what the keychain returned: an error may carry the secret.
fn explain(name: SecretName, error: &Error) -> SecretStoreError {
    match error {
        Error::NoStorageAccess(_) => SecretStoreError::Locked,
        Error::TooLong(..) => SecretStoreError::TooLarge(name),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => {
            SecretStoreError::Corrupt(name)
        }
        Error::PlatformFailure(cause) if is_locked(cause.as_ref()) => SecretStoreError::Locked,
        Error::PlatformFailure(cause) => SecretStoreError::Unavailable(cause.to_string()),
        Error::NotSupportedByStore(why) => SecretStoreError::Unavailable(why.clone()),
        _ => SecretStoreError::Unavailable("the platform refuses this use of it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose thread has been given a hanging call: the platform's, seen from outside.
    fn hanging() -> (KeyringSecretStore, Receiver<Call>) {
        let (calls, queue) = sync_channel(CAPACITY);
        (KeyringSecretStore { calls }, queue)
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_waits_for_its_user_is_locked_and_bounded() {
        let (store, queue) = hanging();
        for _ in 0..CAPACITY {
            let name = SecretName::USER_TOKENS;
            assert_eq!(store.get(name).await.err(), Some(SecretStoreError::Locked));
        }
        let before = tokio::time::Instant::now();
        let secret = SecretBytes::new(*b"x");
        let refused = store.put(SecretName::USER_TOKENS, &secret).await;
        assert_eq!(refused, Err(SecretStoreError::Locked));
        assert!(before.elapsed().is_zero(), "what finds the queue full does not wait");
        assert_eq!(queue.try_iter().count(), CAPACITY);
    }

    #[tokio::test]
    async fn a_store_whose_thread_has_ended_is_not_available() {
        let (store, queue) = hanging();
        let answering = std::thread::spawn(move || drop(queue.recv()));
        let failed = store.delete(SecretName::USER_TOKENS).await;
        assert!(matches!(failed, Err(SecretStoreError::Unavailable(_))));
        answering.join().unwrap();
    }

    #[test]
    fn an_error_that_carries_the_secret_is_told_without_it() {
        let name = SecretName::USER_TOKENS;
        let carried = Error::BadEncoding(b"hunter2".to_vec());
        let told = explain(name, &carried);
        assert_eq!(told, SecretStoreError::Corrupt(name));
        assert!(!format!("{told:?} {told}").contains("hunter2"));
        let locked = Error::NoStorageAccess(Box::new(std::io::Error::other("locked")));
        assert_eq!(explain(name, &locked), SecretStoreError::Locked);
    }

    /// Whichever this machine has: no keychain at all, or one that works.
    #[tokio::test]
    async fn a_keychain_that_opens_keeps_secrets_and_one_that_is_absent_says_so() {
        let service = format!("minihost-test-{}", std::process::id());
        let store = match open_keyring(&service).await {
            Ok(store) => store,
            Err(error) => {
                let absent =
                    matches!(error, SecretStoreError::Unavailable(_) | SecretStoreError::Locked);
                assert!(absent, "{error}");
                return;
            }
        };
        let name = SecretName::USER_TOKENS;
        let secret = SecretBytes::new(vec![0, 255, 10]);
        assert!(store.get(name).await.unwrap().is_none());
        store.put(name, &secret).await.unwrap();
        assert_eq!(store.get(name).await.unwrap().unwrap().expose(), secret.expose());
        store.delete(name).await.unwrap();
        store.delete(name).await.unwrap();
        assert!(store.get(name).await.unwrap().is_none());
    }
}
