//! Controls for quality assurance: making things expire without waiting for it.

use std::time::Duration;

use crate::client::ClientId;
use crate::clock::SteeredClock;
use crate::error::StoreError;
use crate::store::{Store, codes, tokens};

/// Steers an open server from within its process. Cheap to clone.
#[derive(Clone)]
pub struct Steering {
    store: Store,
    clock: SteeredClock,
}

impl Steering {
    pub(crate) fn new(store: Store, clock: SteeredClock) -> Self {
        Self { store, clock }
    }

    /// Makes every access token issued to this client expire now; returns how many there were.
    ///
    /// # Errors
    /// When the database does not take the change.
    pub async fn expire_access_tokens(&self, client: &ClientId) -> Result<usize, StoreError> {
        let (client, now) = (client.clone(), self.clock.now());
        self.store.write(move |db| tokens::expire_access(db, &client, now)).await
    }

    /// Makes every refresh token issued to this client expire now; returns how many there were.
    ///
    /// # Errors
    /// When the database does not take the change.
    pub async fn expire_refresh_tokens(&self, client: &ClientId) -> Result<usize, StoreError> {
        let (client, now) = (client.clone(), self.clock.now());
        self.store.write(move |db| tokens::expire_refresh(db, &client, now)).await
    }

    /// Makes every unredeemed code for this client expire now; returns how many there were.
    ///
    /// # Errors
    /// When the database does not take the change.
    pub async fn expire_codes(&self, client: &ClientId) -> Result<usize, StoreError> {
        let (client, now) = (client.clone(), self.clock.now());
        self.store.write(move |db| codes::expire(db, &client, now)).await
    }

    /// Moves the server's clock forward, on top of the configured one, until it is closed.
    pub fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
    }
}
