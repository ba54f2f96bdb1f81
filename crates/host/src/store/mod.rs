//! Where secrets and remembered grants lie.
//!
//! Secrets go into the platform's keychain ([`open_keyring`]) and grants into a file
//! ([`FileGrantStore`]) that a key among the secrets authenticates. Where there is no keychain, both
//! lie in memory and last until the process ends. An app may bring a
//! [`SecretStore`](crate::ports::SecretStore) of its own instead.

mod file_grants;
mod grant_document;
mod grants_key;
#[cfg_attr(target_os = "android", path = "keychain/android.rs")]
#[cfg_attr(target_os = "ios", path = "keychain/ios.rs")]
#[cfg_attr(not(any(target_os = "android", target_os = "ios")), path = "keychain/desktop.rs")]
mod keychain;
mod keyring;
mod memory;
mod replace;
mod sealed_grants;
mod sealing;

pub use file_grants::{FileGrantStore, SetAside};
pub use grant_document::Untrusted;
pub use keyring::{KeyringSecretStore, open_keyring};
pub use memory::{MemoryGrantStore, MemorySecretStore};
pub use sealed_grants::{GrantDocuments, SealedGrantStore};

/// The reader and the writer, for tests/fuzz.
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing {
    pub(crate) use super::grant_document::{open, seal, seal_body};
}

#[cfg(test)]
mod file_grants_tests;
