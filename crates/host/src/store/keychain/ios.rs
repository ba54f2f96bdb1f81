//! The data protection keychain of iOS.

use std::collections::HashMap;

use apple_native_keyring_store::protected::Store;
use keyring_core::{Entry, Result, api::CredentialStoreApi as _};
use security_framework::base::Error as KeychainError;

/// An app in the background, on a device that is locked but has been unlocked once, must still be
/// able to refresh a token. What is of this device alone goes into no backup.
const ACCESS_POLICY: (&str, &str) = ("access-policy", "after-first-unlock-this-device-only");

/// `errSecInteractionNotAllowed`: the device has not been unlocked since it was started.
const INTERACTION_NOT_ALLOWED: i32 = -25308;

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
        let policy = HashMap::from([ACCESS_POLICY]);
        Store::new()?.build(&self.service, name, Some(&policy))
    }
}

/// Whether a failure of the platform means that the device is locked.
pub(super) fn is_locked(failure: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let failure = failure.downcast_ref::<KeychainError>();
    failure.is_some_and(|failure| failure.code() == INTERACTION_NOT_ALLOWED)
}
