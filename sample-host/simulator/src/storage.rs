//! Where tokens and remembered grants are kept: in the desktop's keychain and a file that a key
//! from it authenticates, or, where there is no keychain, in memory.

use std::sync::Arc;

use minihost::{
    ports::{GrantStore, SecretStore, SecretStoreError},
    store::{FileGrantStore, MemoryGrantStore, MemorySecretStore, open_keyring},
};

use crate::{data_dir::DataDir, phone::Persistence};

/// The stores of this run.
pub(crate) struct Storage {
    secrets: Arc<dyn SecretStore>,
    grants: Grants,
}

enum Grants {
    File(Arc<FileGrantStore>),
    Memory(Arc<MemoryGrantStore>, NoKeychain),
}

/// Why there is no keychain.
enum NoKeychain {
    Absent,
    Locked,
}

impl Storage {
    /// Looks for a keychain, which takes a few seconds at most.
    pub(crate) async fn open(data_dir: &DataDir) -> Self {
        // Each data directory has users and grants of its own.
        let service = format!("minihost sample host, {}", data_dir.path().display());
        match open_keyring(&service).await {
            Ok(keyring) => {
                let secrets: Arc<dyn SecretStore> = Arc::new(keyring);
                let file = FileGrantStore::new(data_dir.grants(), secrets.clone());
                Self { secrets, grants: Grants::File(Arc::new(file)) }
            }
            Err(error) => {
                tracing::debug!(%error, "no keychain");
                let why = match error {
                    SecretStoreError::Locked => NoKeychain::Locked,
                    _ => NoKeychain::Absent,
                };
                let grants = Arc::new(MemoryGrantStore::default());
                Self {
                    secrets: Arc::new(MemorySecretStore::default()),
                    grants: Grants::Memory(grants, why),
                }
            }
        }
    }

    pub(crate) fn secrets(&self) -> Arc<dyn SecretStore> {
        self.secrets.clone()
    }

    pub(crate) fn grants(&self) -> Arc<dyn GrantStore> {
        match &self.grants {
            Grants::File(file) => file.clone(),
            Grants::Memory(memory, _) => memory.clone(),
        }
    }

    pub(crate) fn persistence(&self) -> Persistence {
        match self.grants {
            Grants::File(_) => Persistence::SecretStore,
            Grants::Memory(..) => Persistence::ThisRun,
        }
    }

    /// What the user should know about it, once grants were read.
    pub(crate) fn notice(&self) -> Option<String> {
        match &self.grants {
            Grants::Memory(_, NoKeychain::Absent) => Some(
                "There is no Secret Service: tokens and remembered grants last until the sample \
                 host stops."
                    .to_owned(),
            ),
            Grants::Memory(_, NoKeychain::Locked) => Some(
                "The Secret Service is locked: tokens and remembered grants last until the sample \
                 host stops. To keep them, unlock it and start again."
                    .to_owned(),
            ),
            Grants::File(file) => file.set_aside().map(|aside| {
                format!(
                    "The file of remembered grants could not be trusted and lies in {} now; \
                     mini-programs will ask again.",
                    aside.path.display()
                )
            }),
        }
    }
}
