//! The keystore of Android: a key that does not leave it encrypts what lies in the app's preferences.

use std::{
    collections::HashMap,
    panic::catch_unwind,
    sync::{Arc, Mutex},
};

use android_native_keyring_store::Store;
use keyring_core::{Entry, Error, Result, api::CredentialStoreApi as _};

use crate::sync::lock;

/// The store's own, apart from whatever else of the app uses the same crate.
const NAME: &str = "minihost";

/// The keystore, as one app uses it.
pub(super) struct Keychain {
    service: String,
    store: Mutex<Option<Arc<Store>>>,
}

impl Keychain {
    pub(super) fn new(service: String) -> Self {
        Self { service, store: Mutex::new(None) }
    }

    /// An entry, whether it is there or not.
    pub(super) fn entry(&self, name: &str) -> Result<Entry> {
        self.store()?.build(&self.service, name, None)
    }

    fn store(&self) -> Result<Arc<Store>> {
        let mut store = lock(&self.store);
        if let Some(store) = store.as_ref() {
            return Ok(store.clone());
        }
        // Asked for here: within the store the panic would leave its lock poisoned for ever.
        if catch_unwind(ndk_context::android_context).is_err() {
            let why = "call io.crates.keyring.Keyring.initializeNdkContext first";
            return Err(Error::NotSupportedByStore(why.to_owned()));
        }
        let opened = Store::new_with_configuration(&HashMap::from([("name", NAME)]))?;
        *store = Some(opened.clone());
        Ok(opened)
    }
}

/// Whether a failure of the platform means that the device is locked: the keystore does not say.
pub(super) fn is_locked(_: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    false
}
