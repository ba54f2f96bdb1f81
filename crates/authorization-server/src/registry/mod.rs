//! Creating and updating clients, users and signing keys.

mod catalog;

use std::sync::Arc;

use crate::client::{Client, ClientKind, ClientRegistration};
use crate::clock::SteeredClock;
use crate::error::RegistryError;
use crate::jose::{SigningAlgorithm, SigningKey};
use crate::keys::Seal;
use crate::password::Passwords;
use crate::scope::OPENID;
use crate::store::{Store, clients, signing_keys, users};
use crate::user::{UserId, UserRegistration};

pub(crate) use catalog::Catalog;

/// The clients and users the server knows, and its keys. Cheap to clone.
///
/// Clients and users are created or replaced; doing so at every start with new secrets keeps users,
/// grants and tokens.
#[derive(Clone)]
pub struct Registry {
    store: Store,
    catalog: Catalog,
    seal: Arc<Seal>,
    clock: SteeredClock,
    passwords: Passwords,
}

impl Registry {
    pub(crate) fn new(
        store: Store,
        catalog: Catalog,
        seal: Arc<Seal>,
        clock: SteeredClock,
        passwords: Passwords,
    ) -> Self {
        Self { store, catalog, seal, clock, passwords }
    }

    /// Creates a client, or replaces the one of the same id. The first client whose ID tokens are
    /// signed with an algorithm brings the key for it, which for RS256 takes a moment.
    ///
    /// # Errors
    /// When the registration breaks a rule, no key can be made, or the database does not take it.
    pub async fn put_client(&self, registration: ClientRegistration) -> Result<(), RegistryError> {
        let client = registration.check()?;
        if gets_id_tokens(&client) {
            self.provide_key(client.id_token_algorithm).await?;
        }
        self.store.write(move |db| clients::put(db, &client)).await?;
        self.catalog.reload().await?;
        Ok(())
    }

    /// Creates a user, or updates the one of the same username, whose identifiers stay.
    ///
    /// # Errors
    /// When the username breaks a rule, the password cannot be hashed, or the database does not
    /// take it.
    pub async fn put_user(&self, registration: UserRegistration) -> Result<(), RegistryError> {
        registration.check()?;
        let password = self.passwords.hash(registration.password.clone()).await?;
        let id = UserId::new()?;
        self.store.write(move |db| users::put(db, &id, &registration, &password)).await?;
        Ok(())
    }

    /// Replaces every signing key by a new one. The old ones stay published for a day, so that what
    /// they signed can still be checked. Returns the algorithms for which there is a new key.
    ///
    /// # Errors
    /// When no key can be made, or the database does not take it.
    pub async fn rotate_keys(&self) -> Result<Vec<SigningAlgorithm>, RegistryError> {
        let algorithms = self.catalog.keys().await?.algorithms();
        for algorithm in &algorithms {
            self.add_key(*algorithm).await?;
        }
        self.catalog.reload().await?;
        Ok(algorithms)
    }

    async fn provide_key(&self, algorithm: SigningAlgorithm) -> Result<(), RegistryError> {
        if self.store.read(move |db| signing_keys::has_signer(db, algorithm)).await? {
            return Ok(());
        }
        self.add_key(algorithm).await
    }

    async fn add_key(&self, algorithm: SigningAlgorithm) -> Result<(), RegistryError> {
        let seal = Arc::clone(&self.seal);
        let made = tokio::task::spawn_blocking(move || {
            let document = SigningKey::generate(algorithm)?;
            let key = SigningKey::from_pkcs8(algorithm, &document)?;
            let sealed = seal.close(key.public().id().unwrap_or_default(), &document)?;
            Ok::<_, RegistryError>((key, sealed))
        });
        let (key, sealed) =
            made.await.unwrap_or_else(|error| Err(RegistryError::Key(error.to_string())))?;
        let now = self.clock.now();
        let stored = self.store.write(move |db| {
            signing_keys::put(db, &key, &sealed, now)?;
            clients::changed(db)
        });
        Ok(stored.await?)
    }
}

fn gets_id_tokens(client: &Client) -> bool {
    client.scopes.contains(OPENID) && !matches!(client.kind, ClientKind::ResourceServer { .. })
}
