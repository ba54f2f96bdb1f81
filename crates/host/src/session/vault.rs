//! Keeps one secret as it should be, one write at a time.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::{
    ports::{SecretBytes, SecretName, SecretStore, SecretStoreError},
    sync::lock,
};

/// A store that does not answer in this time counts as locked.
const TIME_ALLOWED: Duration = Duration::from_secs(10);

/// Writes the newest of what it is told, and nothing older after it. Writing is a task of its own,
/// so that who stops waiting leaves nothing half done.
pub(super) struct Vault(Arc<Inner>);

/// Which change of the secret to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change(u64);

struct Inner {
    store: Arc<dyn SecretStore>,
    name: SecretName,
    wanted: Mutex<Wanted>,
    written: Mutex<Written>,
    /// Wakes those who wait for a change, the first who came first.
    news: Notify,
}

struct Wanted {
    change: Change,
    secret: Option<SecretBytes>,
    writer: Writer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    Idle,
    Busy,
}

#[derive(Clone)]
struct Written {
    change: Change,
    result: Result<(), SecretStoreError>,
}

impl Vault {
    pub(super) fn new(store: Arc<dyn SecretStore>, name: SecretName) -> Self {
        let written = Mutex::new(Written { change: Change(0), result: Ok(()) });
        let wanted = Wanted { change: Change(0), secret: None, writer: Writer::Idle };
        Self(Arc::new(Inner {
            store,
            name,
            wanted: Mutex::new(wanted),
            written,
            news: Notify::new(),
        }))
    }

    /// Reads what is there.
    pub(super) async fn get(&self) -> Result<Option<SecretBytes>, SecretStoreError> {
        in_time(self.0.store.get(self.0.name)).await
    }

    /// Wants this secret to be there, or none. Returns at once; must be called within a tokio
    /// runtime.
    pub(super) fn set(&self, secret: Option<SecretBytes>) -> Change {
        let mut wanted = self.0.wanted();
        wanted.change = Change(wanted.change.0 + 1);
        wanted.secret = secret;
        if wanted.writer == Writer::Idle {
            wanted.writer = Writer::Busy;
            tokio::spawn(write(Busy(self.0.clone())));
        }
        wanted.change
    }

    /// Waits until that change, or a later one, was written or could not be.
    pub(super) async fn settled(&self, change: Change) -> Result<(), SecretStoreError> {
        loop {
            // Before looking, so that nothing is missed.
            let news = self.0.news.notified();
            let written = self.0.written().clone();
            if written.change >= change {
                return written.result;
            }
            news.await;
        }
    }
}

impl Inner {
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        lock(&self.wanted)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        lock(&self.written)
    }

    fn note(&self, written: Written) {
        *self.written() = written;
        self.news.notify_waiters();
    }
}

async fn write(busy: Busy) {
    loop {
        let (change, secret) = {
            let wanted = busy.0.wanted();
            (wanted.change, wanted.secret.clone())
        };
        let result = match &secret {
            Some(secret) => in_time(busy.0.store.put(busy.0.name, secret)).await,
            None => in_time(busy.0.store.delete(busy.0.name)).await,
        };
        if let Err(error) = &result {
            tracing::warn!(secret = %busy.0.name, %error, "the secret store failed");
        }
        busy.0.note(Written { change, result });
        let mut wanted = busy.0.wanted();
        if wanted.change == change {
            wanted.writer = Writer::Idle;
            return;
        }
    }
}

async fn in_time<T>(
    call: impl Future<Output = Result<T, SecretStoreError>>,
) -> Result<T, SecretStoreError> {
    timeout(TIME_ALLOWED, call).await.unwrap_or(Err(SecretStoreError::Locked))
}

/// The one who writes. If it goes without having said how it went, because the store panicked or
/// the runtime ended, those who wait are told and the next change finds the place free.
struct Busy(Arc<Inner>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut wanted = self.0.wanted();
        let change = wanted.change;
        if wanted.writer == Writer::Busy && self.0.written().change < change {
            wanted.writer = Writer::Idle;
            let result = Err(SecretStoreError::Unavailable("it has stopped".to_owned()));
            self.0.note(Written { change, result });
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::store::MemorySecretStore;

    /// Every write waits for a permit.
    struct Slow {
        store: MemorySecretStore,
        permits: Semaphore,
        writes: Mutex<Vec<Option<Vec<u8>>>>,
    }

    impl Slow {
        async fn pass(&self, write: Option<&SecretBytes>) {
            self.writes.lock().unwrap().push(write.map(|secret| secret.expose().to_vec()));
            let permit = self.permits.acquire().await.expect("the store fails");
            permit.forget();
        }
    }

    #[async_trait]
    impl SecretStore for Slow {
        async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
            self.store.get(name).await
        }

        async fn put(
            &self,
            name: SecretName,
            secret: &SecretBytes,
        ) -> Result<(), SecretStoreError> {
            self.pass(Some(secret)).await;
            self.store.put(name, secret).await
        }

        async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
            self.pass(None).await;
            self.store.delete(name).await
        }
    }

    fn vault() -> (Arc<Slow>, Vault) {
        let store = Arc::new(Slow {
            store: MemorySecretStore::default(),
            permits: Semaphore::new(0),
            writes: Mutex::default(),
        });
        let vault = Vault::new(store.clone(), SecretName::USER_TOKENS);
        (store, vault)
    }

    fn secret(text: &str) -> Option<SecretBytes> {
        Some(SecretBytes::new(text))
    }

    #[tokio::test]
    async fn what_was_wanted_last_is_what_stays_and_the_rest_is_skipped() {
        let (store, vault) = vault();
        let first = vault.set(secret("first"));
        tokio::task::yield_now().await;
        for number in 0..10 {
            vault.set(secret(&number.to_string()));
        }
        let last = vault.set(None);
        store.permits.add_permits(2);
        assert_eq!(vault.settled(last).await, Ok(()));
        assert_eq!(vault.settled(first).await, Ok(()));
        assert_eq!(*store.writes.lock().unwrap(), [Some(b"first".to_vec()), None]);
        assert!(vault.get().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_write_goes_on_when_nobody_waits_for_it() {
        let (store, vault) = vault();
        let change = vault.set(secret("kept"));
        drop(tokio::time::timeout(std::time::Duration::ZERO, vault.settled(change)).await);
        store.permits.add_permits(1);
        assert_eq!(vault.settled(change).await, Ok(()));
        assert_eq!(vault.get().await.unwrap().unwrap().expose(), b"kept");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_counts_as_locked() {
        let (store, vault) = vault();
        let change = vault.set(secret("x"));
        assert_eq!(vault.settled(change).await, Err(SecretStoreError::Locked));
        let change = vault.set(None);
        store.permits.add_permits(1);
        assert_eq!(vault.settled(change).await, Ok(()));
    }

    #[tokio::test]
    async fn a_store_that_panics_leaves_nobody_waiting() {
        let (store, vault) = vault();
        store.permits.close();
        for _ in 0..2 {
            let change = vault.set(secret("x"));
            assert!(matches!(vault.settled(change).await, Err(SecretStoreError::Unavailable(_))));
        }
        assert_eq!(store.writes.lock().unwrap().len(), 2);
    }
}
