//! Where tokens and remembered grants lie.

use std::sync::Arc;

use async_trait::async_trait;
use minihost::{
    ports::{
        self, GrantStoreError, NoAnswer, OwnThread, SecretBytes, SecretName, SecretStoreError,
    },
    store::{
        FileGrantStore, GrantDocuments, MemoryGrantStore, MemorySecretStore, SealedGrantStore,
        open_keyring,
    },
};

use crate::{
    error::StartError,
    port_error::{PortError, SecretError},
};

/// Where the tokens of the user lie, and the key of the remembered grants.
#[derive(Clone, uniffi::Enum)]
pub enum Secrets {
    /// In memory: the user signs in at every start.
    Memory,
    /// In the platform's keychain, under this name of the app.
    Keychain {
        /// The app's name there.
        service: String,
    },
    /// Where the host app says.
    Own {
        /// Where.
        store: Arc<dyn SecretStore>,
    },
}

/// Where remembered grants lie.
#[derive(Clone, uniffi::Enum)]
pub enum GrantsAt {
    /// In memory: users are asked anew after every start.
    Memory,
    /// In this file, which the SDK makes and replaces as a whole. Its directory must be there.
    File {
        /// The file.
        path: String,
    },
    /// Where the host app says.
    Own {
        /// Where.
        store: Arc<dyn GrantStore>,
    },
}

/// Keeps small secrets where other apps cannot read them. Called one after the other, on a thread of the
/// SDK, and may take its time: after ten seconds it counts as locked.
#[uniffi::export(foreign)]
pub trait SecretStore: Send + Sync {
    /// Reads a secret; none where there is none of that name.
    ///
    /// # Errors
    /// [`SecretError`].
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, SecretError>;

    /// Writes a secret, in place of one of that name.
    ///
    /// # Errors
    /// [`SecretError`].
    fn put(&self, name: String, secret: Vec<u8>) -> Result<(), SecretError>;

    /// Deletes a secret. One that is not there is no error.
    ///
    /// # Errors
    /// [`SecretError`].
    fn remove(&self, name: String) -> Result<(), SecretError>;
}

/// Keeps one document that holds all remembered grants. The SDK authenticates it; what was changed is
/// not trusted. Called one after the other, on a thread of the SDK, and may take its time.
#[uniffi::export(foreign)]
pub trait GrantStore: Send + Sync {
    /// The document that was saved last; none where nothing was.
    ///
    /// # Errors
    /// [`PortError`]; the host does not start.
    fn load(&self) -> Result<Option<Vec<u8>>, PortError>;

    /// Writes it in place of the one before, so that it survives a crash whole.
    ///
    /// # Errors
    /// [`PortError`]; nothing new is remembered.
    fn save(&self, document: Vec<u8>) -> Result<(), PortError>;

    /// Puts the document elsewhere that was loaded and is not trusted, for somebody to look at.
    ///
    /// # Errors
    /// [`PortError`]; the host does not start.
    fn set_aside(&self) -> Result<(), PortError>;
}

/// The places that a host was given.
pub(crate) struct Storage {
    pub(crate) secrets: Arc<dyn ports::SecretStore>,
    pub(crate) grants: Arc<dyn ports::GrantStore>,
}

impl Storage {
    pub(crate) async fn open(
        secrets: Option<Secrets>,
        grants: Option<GrantsAt>,
    ) -> Result<Self, StartError> {
        let secrets: Arc<dyn ports::SecretStore> = match secrets.unwrap_or(Secrets::Memory) {
            Secrets::Memory => Arc::new(MemorySecretStore::default()),
            Secrets::Keychain { service } => Arc::new(open_keyring(&service).await?),
            Secrets::Own { store } => Arc::new(ForeignSecrets::start(store)?),
        };
        let grants: Arc<dyn ports::GrantStore> = match grants.unwrap_or(GrantsAt::Memory) {
            GrantsAt::Memory => Arc::new(MemoryGrantStore::default()),
            GrantsAt::File { path } => Arc::new(FileGrantStore::new(path, secrets.clone())),
            GrantsAt::Own { store } => {
                let documents = Arc::new(ForeignGrants(store));
                let sealed = SealedGrantStore::start(documents, secrets.clone());
                Arc::new(sealed.map_err(minihost::StartError::Threads)?)
            }
        };
        Ok(Self { secrets, grants })
    }
}

/// A foreign secret store as a port of the SDK.
struct ForeignSecrets {
    port: Arc<dyn SecretStore>,
    thread: OwnThread,
}

impl ForeignSecrets {
    fn start(port: Arc<dyn SecretStore>) -> Result<Self, StartError> {
        let thread = OwnThread::start("secrets").map_err(minihost::StartError::Threads)?;
        Ok(Self { port, thread })
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn SecretStore) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretStoreError> {
        let port = self.port.clone();
        match self.thread.call(move || call(&*port)).await {
            Ok(answer) => answer.map_err(SecretStoreError::from),
            Err(NoAnswer::InTime) => Err(SecretStoreError::Locked),
            Err(NoAnswer::AtAll) => Err(SecretError::Unavailable.into()),
        }
    }
}

#[async_trait]
impl ports::SecretStore for ForeignSecrets {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        let read = self.call(move |port| port.get(name.as_str().to_owned())).await?;
        Ok(read.map(SecretBytes::new))
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        let secret = secret.clone();
        self.call(move |port| port.put(name.as_str().to_owned(), secret.expose().to_vec())).await
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.call(move |port| port.remove(name.as_str().to_owned())).await
    }
}

/// A foreign grant store as a port of the SDK.
struct ForeignGrants(Arc<dyn GrantStore>);

impl GrantDocuments for ForeignGrants {
    fn read(&self) -> Result<Option<Vec<u8>>, GrantStoreError> {
        self.0.load().map_err(|_| GrantStoreError::Store("it could not be read"))
    }

    fn write(&self, document: Vec<u8>) -> Result<(), GrantStoreError> {
        self.0.save(document).map_err(|_| GrantStoreError::Store("it could not be written"))
    }

    fn set_aside(&self) -> Result<(), GrantStoreError> {
        let set_aside = self.0.set_aside();
        set_aside
            .map_err(|_: PortError| GrantStoreError::Store("it could not set a document aside"))
    }
}
