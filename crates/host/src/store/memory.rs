//! Stores that last until the process ends.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use minihost_core::Remembered;

use crate::{
    ports::{GrantStore, GrantStoreError, SecretBytes, SecretName, SecretStore, SecretStoreError},
    sync::lock,
};

/// Keeps secrets in memory.
#[derive(Default)]
pub struct MemorySecretStore(Mutex<BTreeMap<SecretName, SecretBytes>>);

#[async_trait]
impl SecretStore for MemorySecretStore {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        Ok(lock(&self.0).get(&name).cloned())
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        lock(&self.0).insert(name, secret.clone());
        Ok(())
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        lock(&self.0).remove(&name);
        Ok(())
    }
}

/// Keeps what the host remembers in memory.
#[derive(Default)]
pub struct MemoryGrantStore(Mutex<Remembered>);

#[async_trait]
impl GrantStore for MemoryGrantStore {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        Ok(lock(&self.0).clone())
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        *lock(&self.0) = remembered.clone();
        Ok(())
    }
}
