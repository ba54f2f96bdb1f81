//! Creating, changing and removing clients, users and signing keys.

mod catalog;
mod keys;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::audit::AUDIT;
use crate::client::{Client, ClientId, ClientKind, ClientRegistration, Proof, RegisteredClient};
use crate::clock::{Clock, SteeredClock};
use crate::crash::{CrashPoint, reached};
use crate::error::{OpenError, RegistryError, StoreError};
use crate::keys::Seal;
use crate::pairwise::PairwiseSalt;
use crate::password::Passwords;
use crate::scope::OPENID;
use crate::secret::ClientSecret;
use crate::store::{Purpose, Store, browser_sessions, clients, users};
use crate::user::{UserId, UserRegistration};

pub(crate) use catalog::{Catalog, Snapshot};
pub use keys::KeyRotation;

/// The clients and users the server knows, and its keys. Cheap to clone.
///
/// Clients and users are created or replaced; doing so at every start with new secrets keeps users,
/// grants and tokens.
#[derive(Clone)]
pub struct Registry {
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) seal: Arc<Seal>,
    clock: SteeredClock,
    pub(crate) passwords: Passwords,
}

impl Registry {
    /// Opens a database, making it if need be, to change what is registered in it. A server may be
    /// running on it: it sees each change within a second.
    ///
    /// # Errors
    /// When the database or the key file beside it cannot be used; [`OpenError`] says in one sentence
    /// what to do.
    pub async fn open(database: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let clock = SteeredClock::new(clock);
        let (registry, _) = Self::open_for(database, Purpose::Administration, clock).await?;
        Ok(registry)
    }

    /// Finishes what has begun and closes the database, for all clones.
    pub async fn close(self) {
        self.store.close().await;
    }

    pub(crate) async fn open_for(
        database: &Path,
        purpose: Purpose,
        clock: SteeredClock,
    ) -> Result<(Self, PairwiseSalt), OpenError> {
        let (opened, seal) = {
            let (database, clock) = (database.to_owned(), clock.clone());
            let open = move || {
                let opened = Store::open(&database, purpose, clock)?;
                let seal = Seal::open(&database, &opened.sealed)?;
                Ok::<_, OpenError>((opened, Arc::new(seal)))
            };
            tokio::task::spawn_blocking(open)
                .await
                .map_err(|error| OpenError::Thread(error.to_string()))??
        };
        let store = opened.store;
        let catalog = Catalog::open(store.clone(), Arc::clone(&seal)).await?;
        let passwords = Passwords::new()?;
        Ok((Self { store, catalog, seal, clock, passwords }, opened.salt))
    }

    /// All clients, in the order of their identifiers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clients(&self) -> Result<Vec<RegisteredClient>, StoreError> {
        let snapshot = self.catalog.reload().await?;
        let mut clients: Vec<_> = snapshot.clients().map(RegisteredClient::from).collect();
        clients.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(clients)
    }

    /// Creates a client, or replaces the one of the same id. The first client whose ID tokens are
    /// signed with an algorithm brings the key for it, which for RS256 takes a moment.
    ///
    /// # Errors
    /// When the registration breaks a rule, the names are new and one looks like one of another client
    /// whose publisher is not the same, no key can be made, or the database does not take it.
    pub async fn put_client(&self, registration: ClientRegistration) -> Result<(), RegistryError> {
        let client = registration.check()?;
        let key = match gets_id_tokens(&client) {
            true => self.missing_key(client.id_token_algorithm).await?,
            false => None,
        };
        reached(CrashPoint::ClientChecked);
        let (id, now) = (client.id.clone(), self.clock.now());
        let stored = self.store.write(move |db| {
            let before = clients::find(db, &client.id)?;
            if !before.is_some_and(|before| client.is_called_as(&before)) {
                let mut others =
                    clients::all(db)?.into_iter().filter(|other| other.id != client.id);
                if let Some(other) = others.find(|other| client.is_taken_for(other)) {
                    return Ok(Some(other.id));
                }
            }
            if let Some(key) = &key {
                key.put_if_missing(db, now)?;
            }
            clients::put(db, &client)?;
            Ok(None)
        });
        if let Some(other) = stored.await? {
            return Err(RegistryError::LooksLike(other));
        }
        self.catalog.reload().await?;
        tracing::info!(target: AUDIT, client = %id, "client registered");
        Ok(())
    }

    /// Creates a user, or updates the one of the same username, whose identifiers stay, and with them
    /// sessions and tokens, whatever the password: see [`Registry::replace_user`].
    ///
    /// # Errors
    /// When the username breaks a rule, the password cannot be hashed, or the database does not
    /// take it.
    pub async fn put_user(&self, registration: UserRegistration) -> Result<(), RegistryError> {
        self.write_user(registration, |_, _| Ok(())).await
    }

    /// As [`Registry::put_user`] and [`Registry::sign_out_user`] together: whoever held the user's
    /// session or tokens before has neither once the new password is there.
    ///
    /// # Errors
    /// As [`Registry::put_user`]; nothing was changed then.
    pub async fn replace_user(&self, registration: UserRegistration) -> Result<(), RegistryError> {
        let now = self.clock.now();
        let end = move |db: &_, user: &_| browser_sessions::end_all(db, user, now);
        self.write_user(registration, end).await
    }

    async fn write_user(
        &self,
        registration: UserRegistration,
        and: impl FnOnce(&Connection, &UserId) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), RegistryError> {
        registration.check()?;
        let password = self.passwords.hash(registration.password.clone()).await?;
        let id = UserId::new()?;
        let put = move |db: &Connection| {
            let user = users::put(db, &id, &registration, &password)?;
            and(db, &user)
        };
        self.store.write(put).await?;
        tracing::info!(target: AUDIT, "user registered");
        Ok(())
    }

    /// Ends everything that rests on the sign-ins of a user, as when they change their password: the
    /// sessions in browsers, and all codes and tokens. What was agreed to stays on record.
    ///
    /// # Errors
    /// When there is no such user, or the database does not take the change.
    pub async fn sign_out_user(&self, username: &str) -> Result<(), RegistryError> {
        let (wanted, now) = (username.to_owned(), self.clock.now());
        let end = move |db: &_| match users::id_of(db, &wanted)? {
            Some(user) => browser_sessions::end_all(db, &user, now).map(|()| true),
            None => Ok(false),
        };
        if !self.store.write(end).await? {
            return Err(RegistryError::NoSuchUser(username.to_owned()));
        }
        tracing::info!(target: AUDIT, "user signed out by the operator");
        Ok(())
    }

    /// Whether there is a user of this username.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_user(&self, username: &str) -> Result<bool, StoreError> {
        let username = username.to_owned();
        self.store.read(move |db| users::exists(db, &username)).await
    }

    /// Gives a client another secret, made here, and takes the old one for `overlap` longer, so that
    /// the client can go over to the new one without a gap.
    ///
    /// # Errors
    /// When there is no such client, it has no secret, or the database does not take the change.
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        overlap: Duration,
    ) -> Result<ClientSecret, RegistryError> {
        let secret = ClientSecret::generate()?;
        let next = secret.fingerprint();
        let until = self.clock.now().plus(overlap);
        let wanted = id.clone();
        let found = self.store.write(move |db| {
            let Some(mut client) = clients::find(db, &wanted)? else {
                return Ok(Rotated::NoClient);
            };
            let Proof::Secret(kept) = &mut client.proof else {
                return Ok(Rotated::NoSecret);
            };
            kept.rotate(next, until);
            clients::put(db, &client)?;
            Ok(Rotated::Done)
        });
        match found.await? {
            Rotated::NoClient => Err(RegistryError::NoSuchClient(id.clone())),
            Rotated::NoSecret => Err(RegistryError::NoSecret(id.clone())),
            Rotated::Done => {
                self.catalog.reload().await?;
                tracing::info!(target: AUDIT, client = %id, "client secret rotated");
                Ok(secret)
            }
        }
    }

    /// Removes a client and ends its grants, codes and tokens; no host may ask for it any more. What
    /// its users agreed to stays on record.
    ///
    /// # Errors
    /// When there is no such client, or the database does not take the change.
    pub async fn remove_client(&self, id: &ClientId) -> Result<(), RegistryError> {
        let (wanted, now) = (id.clone(), self.clock.now());
        if !self.store.write(move |db| clients::remove(db, &wanted, now)).await? {
            return Err(RegistryError::NoSuchClient(id.clone()));
        }
        self.catalog.reload().await?;
        tracing::info!(target: AUDIT, client = %id, "client removed");
        Ok(())
    }
}

/// What became of a wish for another secret.
enum Rotated {
    Done,
    NoClient,
    NoSecret,
}

fn gets_id_tokens(client: &Client) -> bool {
    client.scopes.contains(OPENID) && !matches!(client.kind, ClientKind::ResourceServer { .. })
}
