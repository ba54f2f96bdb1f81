//! The key that authenticates remembered grants.

use std::sync::Arc;

use ring::hmac;
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::ports::{GrantStoreError, SecretBytes, SecretName, SecretStore};

const LENGTH: usize = 32;

/// 256 bits in the secret store, read once.
pub(super) struct GrantsKey {
    secrets: Arc<dyn SecretStore>,
    key: OnceCell<hmac::Key>,
}

impl GrantsKey {
    pub(super) fn new(secrets: Arc<dyn SecretStore>) -> Self {
        Self { secrets, key: OnceCell::new() }
    }

    /// The key from the secret store, where it is there.
    pub(super) async fn known(&self) -> Result<Option<hmac::Key>, GrantStoreError> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key.clone()));
        }
        let secret = self.secrets.get(SecretName::GRANTS_KEY).await?;
        // A key of another length was not made here and authenticates nothing.
        Ok(secret.filter(|secret| secret.expose().len() == LENGTH).map(|secret| hmac_key(&secret)))
    }

    /// The key, made where there is none yet.
    pub(super) async fn made(&self) -> Result<hmac::Key, GrantStoreError> {
        let key = self.key.get_or_try_init(|| async {
            if let Some(key) = self.known().await? {
                return Ok(key);
            }
            let mut bytes = Zeroizing::new([0; LENGTH]);
            getrandom::fill(bytes.as_mut_slice())
                .expect("the operating system has a source of randomness");
            let secret = SecretBytes::new(bytes.as_slice());
            self.secrets.put(SecretName::GRANTS_KEY, &secret).await?;
            Ok::<_, GrantStoreError>(hmac_key(&secret))
        });
        key.await.cloned()
    }
}

fn hmac_key(secret: &SecretBytes) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose())
}
