//! A keychain that may be locked.

use std::sync::Arc;

use async_trait::async_trait;
use minihost::ports::{SecretBytes, SecretName, SecretStore, SecretStoreError};

use super::{World, never};

/// What the host's process sees of it.
pub(crate) struct Secrets(pub(crate) Arc<World>);

impl Secrets {
    /// Waits, and says whether the keychain is open.
    async fn open(&self, what: &'static str) -> Result<(), SecretStoreError> {
        let fate = self.0.called(
            || format!("keychain: {what}"),
            |state| {
                let locked = state.chance.percent(state.temper.secrets_fail);
                (locked, locked && state.chance.percent(20))
            },
        );
        let Some((locked, hangs)) = fate else { return never().await };
        self.0.wait(0, 40).await;
        if hangs {
            return never().await;
        }
        if locked { Err(SecretStoreError::Locked) } else { Ok(()) }
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        self.open("get").await?;
        self.0.secrets.get(name).await
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        self.open("put").await?;
        self.0.secrets.put(name, secret).await
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.open("delete").await?;
        self.0.secrets.delete(name).await
    }
}
