//! Stores that last until the process ends.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use minihost_core::Remembered;

use crate::ports::{
    GrantStore, GrantStoreError, SecretBytes, SecretName, SecretStore, SecretStoreError,
};

/// Keeps secrets in memory.
#[derive(Default)]
pub struct MemorySecretStore(Mutex<BTreeMap<SecretName, SecretBytes>>);

#[async_trait]
impl SecretStore for MemorySecretStore {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned())
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, secret.clone());
        Ok(())
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
        Ok(())
    }
}

/// Keeps what the host remembers in memory.
#[derive(Default)]
pub struct MemoryGrantStore(Mutex<Remembered>);

#[async_trait]
impl GrantStore for MemoryGrantStore {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = remembered.clone();
        Ok(())
    }
}
