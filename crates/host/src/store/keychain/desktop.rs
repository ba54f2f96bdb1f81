//! The keychains of desktops, each found by what the platform is.

use keyring_core::{Entry, Error, Result};

/// The keychain, as one app uses it.
pub(super) struct Keychain {
    service: String,
}

impl Keychain {
    pub(super) fn new(service: String) -> Self {
        Self { service }
    }

    /// An entry, whether it is there or not.
    pub(super) fn entry(&self, name: &str) -> Result<Entry> {
        if let Err(error) = keyring::Entry::store_status() {
            return Err(Error::NotSupportedByStore(error.to_string()));
        }
        Ok(keyring::Entry::new(&self.service, name)?.inner)
    }
}

/// Whether a failure of the platform means that the device is locked: the stores tell that themselves.
pub(super) fn is_locked(_: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    false
}
