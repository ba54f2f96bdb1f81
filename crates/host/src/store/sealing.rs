//! Remembered grants as documents that a key from the secret store authenticates, wherever they lie.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use minihost_core::Remembered;
use ring::hmac;

use super::{
    grant_document::{self, Untrusted},
    grants_key::GrantsKey,
};
use crate::ports::{GrantStoreError, SecretStore};

/// Seals what is saved, once what was there has been looked at.
pub(super) struct Sealing {
    key: GrantsKey,
    loaded: AtomicBool,
    last_save: AtomicU64,
}

/// A document to be written, and its place among those that are.
pub(super) struct Save {
    number: u64,
    pub(super) document: Vec<u8>,
}

/// The newest save that a place holds.
#[derive(Default)]
pub(super) struct Newest(u64);

impl Sealing {
    pub(super) fn new(secrets: Arc<dyn SecretStore>) -> Self {
        let (loaded, last_save) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { key: GrantsKey::new(secrets), loaded, last_save }
    }

    /// The key of what is there.
    pub(super) async fn key(&self) -> Result<Option<hmac::Key>, GrantStoreError> {
        self.key.known().await
    }

    /// From now on what is there may be replaced.
    pub(super) fn loaded(&self) {
        self.loaded.store(true, Ordering::SeqCst);
    }

    /// Seals the grants; saves that are under way at once may reach their place in another order.
    ///
    /// # Errors
    /// [`GrantStoreError::NotLoaded`]: what is there would be lost.
    pub(super) async fn seal(&self, remembered: &Remembered) -> Result<Save, GrantStoreError> {
        if !self.loaded.load(Ordering::SeqCst) {
            return Err(GrantStoreError::NotLoaded);
        }
        let number = self.last_save.fetch_add(1, Ordering::SeqCst) + 1;
        let document = grant_document::seal(&self.key.made().await?, remembered);
        Ok(Save { number, document })
    }
}

impl Newest {
    /// Writes, unless a later save is there already, which holds all grants too.
    pub(super) fn write(
        &mut self,
        save: Save,
        write: impl FnOnce(Vec<u8>) -> Result<(), GrantStoreError>,
    ) -> Result<(), GrantStoreError> {
        if save.number > self.0 {
            write(save.document)?;
            self.0 = save.number;
        }
        Ok(())
    }
}

/// What a document says, where it is authentic.
pub(super) fn open(document: &[u8], key: Option<&hmac::Key>) -> Result<Remembered, Untrusted> {
    grant_document::open(key.ok_or(Untrusted::KeyLost)?, document)
}
