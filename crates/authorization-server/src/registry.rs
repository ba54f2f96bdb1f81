//! Creating and updating clients and users.

use crate::client::ClientRegistration;
use crate::error::RegistryError;
use crate::password::Passwords;
use crate::store::{Store, clients, users};
use crate::user::{UserId, UserRegistration};

/// The clients and users the server knows. Cheap to clone.
///
/// Both operations create or replace; doing them at every start with new secrets keeps users,
/// grants and tokens.
#[derive(Clone)]
pub struct Registry {
    store: Store,
    passwords: Passwords,
}

impl Registry {
    pub(crate) fn new(store: Store, passwords: Passwords) -> Self {
        Self { store, passwords }
    }

    /// Creates a client, or replaces the one of the same id.
    ///
    /// # Errors
    /// When the registration breaks a rule, or the database does not take it.
    pub async fn put_client(&self, registration: ClientRegistration) -> Result<(), RegistryError> {
        let client = registration.check()?;
        self.store.write(move |db| clients::put(db, &client)).await?;
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
}
