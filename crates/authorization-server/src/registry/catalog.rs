//! Clients and keys in memory, as most requests need them.
//!
//! Another process may change the database, as the command line does while the server runs. A
//! counter in the database tells; it is looked at once a second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::client::{Client, ClientId};
use crate::error::StoreError;
use crate::keys::{KeySet, Seal};
use crate::store::{Store, clients, signing_keys};

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The registered clients and the signing keys. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Catalog(Arc<Shared>);

struct Shared {
    store: Store,
    seal: Arc<Seal>,
    current: RwLock<Current>,
}

struct Current {
    snapshot: Arc<Snapshot>,
    looked_at: Instant,
}

/// All of them at one version of the registry.
pub(crate) struct Snapshot {
    version: i64,
    clients: HashMap<ClientId, Arc<Client>>,
    keys: KeySet,
}

impl Catalog {
    pub(crate) async fn open(store: Store, seal: Arc<Seal>) -> Result<Self, StoreError> {
        let snapshot = Arc::new(load(&store, &seal).await?);
        let current = RwLock::new(Current { snapshot, looked_at: Instant::now() });
        Ok(Self(Arc::new(Shared { store, seal, current })))
    }

    /// The client of this id.
    pub(crate) async fn client(&self, id: &ClientId) -> Result<Option<Arc<Client>>, StoreError> {
        Ok(self.snapshot().await?.clients.get(id).map(Arc::clone))
    }

    /// The signing keys.
    pub(crate) async fn keys(&self) -> Result<KeySet, StoreError> {
        Ok(self.snapshot().await?.keys.clone())
    }

    /// Everything, not older than a second.
    pub(crate) async fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let known = {
            let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
            if current.looked_at.elapsed() < BETWEEN_LOOKS {
                return Ok(Arc::clone(&current.snapshot));
            }
            Arc::clone(&current.snapshot)
        };
        let version = self.0.store.read(clients::registry_version).await?;
        if version == known.version {
            self.set(Arc::clone(&known));
            return Ok(known);
        }
        self.reload().await
    }

    /// Reads everything anew, after a change of one's own.
    pub(crate) async fn reload(&self) -> Result<Arc<Snapshot>, StoreError> {
        let snapshot = Arc::new(load(&self.0.store, &self.0.seal).await?);
        self.set(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    fn set(&self, snapshot: Arc<Snapshot>) {
        // Nothing panics while it is held, and each write replaces the whole.
        let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        if snapshot.version >= current.snapshot.version {
            *current = Current { snapshot, looked_at: Instant::now() };
        }
    }
}

impl Snapshot {
    pub(crate) fn keys(&self) -> &KeySet {
        &self.keys
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values().map(Arc::as_ref)
    }
}

async fn load(store: &Store, seal: &Arc<Seal>) -> Result<Snapshot, StoreError> {
    let seal = Arc::clone(seal);
    let read = move |db: &Connection| {
        // One transaction, so that the version fits what is read with it.
        let transaction = db.unchecked_transaction()?;
        let version = clients::registry_version(&transaction)?;
        let clients = clients::all(&transaction)?;
        let keys = KeySet::new(signing_keys::all(&transaction, &seal)?);
        let clients =
            clients.into_iter().map(|client| (client.id.clone(), Arc::new(client))).collect();
        Ok(Snapshot { version, clients, keys })
    };
    store.read(read).await
}
