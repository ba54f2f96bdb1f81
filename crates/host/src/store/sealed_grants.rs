//! Remembered grants in a place of the host's own.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use minihost_core::Remembered;

use super::sealing::{self, Newest, Sealing};
use crate::{
    ports::{GrantStore, GrantStoreError, NoAnswer, OwnThread, SecretStore},
    sync::lock,
};

/// Keeps one document in a place of the host's own: a preference file, a database. Its calls may block;
/// they come one after the other, on a thread of their own.
pub trait GrantDocuments: Send + Sync {
    /// What was written last; `None` where nothing was.
    ///
    /// # Errors
    /// [`GrantStoreError::Store`]: it cannot be read just now.
    fn read(&self) -> Result<Option<Vec<u8>>, GrantStoreError>;

    /// Writes the document in place of the one before, so that it survives a crash whole.
    ///
    /// # Errors
    /// [`GrantStoreError::Store`]: the one before is still there.
    fn write(&self, document: Vec<u8>) -> Result<(), GrantStoreError>;

    /// Puts the document that was read elsewhere: it cannot be trusted, and must not be lost.
    ///
    /// # Errors
    /// [`GrantStoreError::Store`]: it is still where it was.
    fn set_aside(&self) -> Result<(), GrantStoreError>;
}

/// Keeps grants as a document that a 256-bit key from the secret store authenticates. What was changed,
/// or whose key is lost, is never trusted: it is set aside, and the user is asked again.
pub struct SealedGrantStore {
    documents: Arc<dyn GrantDocuments>,
    thread: OwnThread,
    sealing: Sealing,
    /// Locked on the store's own thread alone.
    newest: Arc<Mutex<Newest>>,
}

impl SealedGrantStore {
    /// A store over these documents.
    ///
    /// # Errors
    /// The operating system gave no thread.
    pub fn start(
        documents: Arc<dyn GrantDocuments>,
        secrets: Arc<dyn SecretStore>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            documents,
            thread: OwnThread::start("grants")?,
            sealing: Sealing::new(secrets),
            newest: Arc::default(),
        })
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn GrantDocuments) -> Result<T, GrantStoreError> + Send + 'static,
    ) -> Result<T, GrantStoreError> {
        let documents = self.documents.clone();
        let answer = self.thread.call(move || call(&*documents)).await;
        answer.unwrap_or_else(|no_answer| {
            Err(GrantStoreError::Store(match no_answer {
                NoAnswer::InTime => "it did not answer in time",
                NoAnswer::AtAll => "it panicked, or has ended",
            }))
        })
    }
}

#[async_trait]
impl GrantStore for SealedGrantStore {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        let key = self.sealing.key().await?;
        let document = self.call(|documents| documents.read()).await?;
        let opened = match document {
            None => Ok(Remembered::default()),
            Some(document) => sealing::open(&document, key.as_ref()),
        };
        let remembered = match opened {
            Ok(remembered) => remembered,
            Err(why) => {
                self.call(|documents| documents.set_aside()).await?;
                tracing::error!(%why, "remembered grants are not trusted and were set aside");
                Remembered::default()
            }
        };
        self.sealing.loaded();
        Ok(remembered)
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        let save = self.sealing.seal(remembered).await?;
        let newest = self.newest.clone();
        self.call(move |documents| lock(&newest).write(save, |document| documents.write(document)))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemorySecretStore;

    #[derive(Default)]
    struct Shelf {
        document: Mutex<Option<Vec<u8>>>,
        aside: Mutex<Vec<Vec<u8>>>,
    }

    impl GrantDocuments for Shelf {
        fn read(&self) -> Result<Option<Vec<u8>>, GrantStoreError> {
            Ok(lock(&self.document).clone())
        }

        fn write(&self, document: Vec<u8>) -> Result<(), GrantStoreError> {
            *lock(&self.document) = Some(document);
            Ok(())
        }

        fn set_aside(&self) -> Result<(), GrantStoreError> {
            let document = lock(&self.document).take();
            lock(&self.aside).extend(document);
            Ok(())
        }
    }

    fn store(shelf: &Arc<Shelf>, secrets: &Arc<MemorySecretStore>) -> SealedGrantStore {
        SealedGrantStore::start(shelf.clone(), secrets.clone()).unwrap()
    }

    #[tokio::test]
    async fn what_was_saved_is_read_by_the_next_host_and_what_was_changed_is_set_aside() {
        let (shelf, secrets) = (Arc::<Shelf>::default(), Arc::<MemorySecretStore>::default());
        let first = store(&shelf, &secrets);
        let remembered = Remembered::default();
        assert!(matches!(first.save(&remembered).await, Err(GrantStoreError::NotLoaded)));
        first.load().await.unwrap();
        first.save(&remembered).await.unwrap();
        let written = lock(&shelf.document).clone().unwrap();

        store(&shelf, &secrets).load().await.unwrap();
        assert_eq!(lock(&shelf.document).as_ref(), Some(&written), "it is trusted");

        let mut changed = written.clone();
        *changed.last_mut().unwrap() ^= 1;
        *lock(&shelf.document) = Some(changed.clone());
        store(&shelf, &secrets).load().await.unwrap();
        assert_eq!(*lock(&shelf.aside), [changed]);

        *lock(&shelf.document) = Some(written.clone());
        store(&shelf, &Arc::default()).load().await.unwrap();
        assert_eq!(lock(&shelf.aside).last(), Some(&written), "its key is lost");
    }
}
