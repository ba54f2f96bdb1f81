//! Stores that last until the process ends.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use minihost_core::Grant;

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

/// Keeps remembered grants in memory.
#[derive(Default)]
pub struct MemoryGrantStore(Mutex<Vec<Grant>>);

#[async_trait]
impl GrantStore for MemoryGrantStore {
    async fn load(&self) -> Result<Vec<Grant>, GrantStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save(&self, grants: &[Grant]) -> Result<(), GrantStoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = grants.to_vec();
        Ok(())
    }
}
