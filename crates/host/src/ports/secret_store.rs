//! Where the host keeps secrets between runs.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

/// Keeps small secrets under names, in a place that other apps cannot read: a keychain, a
/// keystore, a Secret Service.
///
/// "There is no such secret" and "there is no access now" are different answers: the second one
/// must never sign the user out or throw anything away.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// Reads a secret; `None` where there is none of that name.
    ///
    /// # Errors
    /// [`SecretStoreError`]; nothing is known about the secret then.
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError>;

    /// Writes a secret, in place of one of that name. Survives the end of the process where the
    /// store can.
    ///
    /// # Errors
    /// [`SecretStoreError`]; the earlier secret may or may not be there.
    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError>;

    /// Deletes a secret. One that is not there is no error.
    ///
    /// # Errors
    /// [`SecretStoreError`]; the secret may still be there.
    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError>;
}

/// What a secret is called within its store. Not a secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(&'static str);

impl SecretName {
    /// The tokens of the user who is signed in to the host.
    pub const USER_TOKENS: Self = Self("user-tokens");
    /// The key that authenticates the file of remembered grants.
    pub const GRANTS_KEY: Self = Self("grants-key");

    /// A name of one's own: visible ASCII, at most 64 characters, so that every store takes it.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// A secret. Has no `Debug`, and is overwritten when it is dropped.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// Why a secret store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretStoreError {
    /// The store is there but gives no access now. Ask the user to unlock it and try again.
    #[error("the secret store is locked or does not answer; have the user unlock it and try again")]
    Locked,
    /// The store cannot be used. The text is the platform's and holds no secret.
    #[error("the secret store is not available ({0}); use another one, or none, for this run")]
    Unavailable(String),
    /// What lies in the store was not written by this SDK, or only in part.
    #[error("the secret {0} cannot be read; delete it to start anew")]
    Corrupt(SecretName),
    /// The platform does not take secrets of this size.
    #[error("the secret {0} is larger than the secret store takes; it lasts for this run only")]
    TooLarge(SecretName),
}
