//! The signing keys: made, rotated, and made anew when they are lost.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::Registry;
use crate::audit::AUDIT;
use crate::clock::{Clock, SteeredClock, UnixMillis};
use crate::crash::{CrashPoint, reached};
use crate::error::{OpenError, RegistryError};
use crate::jose::{SigningAlgorithm, SigningKey};
use crate::keys::{self, Seal, SealedKey};
use crate::store::{Purpose, Store, clients, signing_keys};

/// How new signing keys take the place of those that sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyRotation {
    /// The new keys are published at once and sign after this time, 10 minutes to 7 days; the old ones
    /// stay published for a day after that. Nobody notices: whoever has a copy of the key set, which
    /// may be kept for 5 minutes, has a new one before it is needed.
    Ahead(Duration),
    /// The new keys sign at once; the old ones stay published for a day. Clients refuse new
    /// ID tokens until they look for keys again.
    AtOnce,
    /// As [`AtOnce`](Self::AtOnce), when others may have the old keys: these are published no more,
    /// and whatever they signed is no longer good once clients look for keys again.
    Compromised,
}

impl KeyRotation {
    /// Every copy of the key set has grown old twice by then.
    const MIN_LEAD: Duration = Duration::from_secs(2 * keys::MAX_AGE);

    /// Longer than any copy of a key set is kept. Keys that sign after years are a slip of the pen.
    const MAX_LEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// Checks the time ahead, as [`Registry::rotate_keys`] does.
    ///
    /// # Errors
    /// When it is not within its bounds.
    pub fn check(self) -> Result<(), RegistryError> {
        self.lead().map(|_| ())
    }

    fn lead(self) -> Result<Duration, RegistryError> {
        match self {
            Self::Ahead(lead) if !(Self::MIN_LEAD..=Self::MAX_LEAD).contains(&lead) => {
                Err(RegistryError::KeyLead(lead))
            }
            Self::Ahead(lead) => Ok(lead),
            Self::AtOnce | Self::Compromised => Ok(Duration::ZERO),
        }
    }
}

impl Default for KeyRotation {
    /// An hour ahead, as some clients keep a key set for longer than they should.
    fn default() -> Self {
        Self::Ahead(Duration::from_secs(60 * 60))
    }
}

/// A key that was made and is not stored yet.
pub(super) struct NewKey {
    key: SigningKey,
    sealed: SealedKey,
}

impl NewKey {
    async fn make(seal: &Arc<Seal>, algorithm: SigningAlgorithm) -> Result<Self, RegistryError> {
        let seal = Arc::clone(seal);
        let make = move || {
            let document = SigningKey::generate(algorithm)?;
            let key = SigningKey::from_pkcs8(algorithm, &document)?;
            let sealed = seal.close(key.public().id().unwrap_or_default(), &document)?;
            Ok(Self { key, sealed })
        };
        let made = tokio::task::spawn_blocking(make).await;
        made.unwrap_or_else(|error| Err(RegistryError::Key(error.to_string())))
    }

    async fn make_all(
        seal: &Arc<Seal>,
        algorithms: &[SigningAlgorithm],
    ) -> Result<Vec<Self>, RegistryError> {
        let mut keys = Vec::new();
        for algorithm in algorithms {
            keys.push(Self::make(seal, *algorithm).await?);
        }
        Ok(keys)
    }

    fn put(
        &self,
        db: &Connection,
        signs_from: UnixMillis,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        signing_keys::put(db, &self.key, &self.sealed, signs_from, now)
    }

    /// Stores the key unless another was made for its algorithm in the meantime.
    pub(super) fn put_if_missing(&self, db: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
        if signing_keys::has_signer(db, self.key.algorithm())? {
            return Ok(());
        }
        self.put(db, now, now)
    }
}

impl Registry {
    /// Makes a key for this algorithm unless there is one. For RS256 this takes a moment.
    ///
    /// # Errors
    /// When no key can be made, or the database does not take it.
    pub async fn provide_key(&self, algorithm: SigningAlgorithm) -> Result<(), RegistryError> {
        let Some(key) = self.missing_key(algorithm).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let stored = self.store.write(move |db| {
            key.put_if_missing(db, now)?;
            clients::changed(db)
        });
        stored.await?;
        self.catalog.reload().await?;
        Ok(())
    }

    pub(super) async fn missing_key(
        &self,
        algorithm: SigningAlgorithm,
    ) -> Result<Option<NewKey>, RegistryError> {
        if self.store.read(move |db| signing_keys::has_signer(db, algorithm)).await? {
            return Ok(None);
        }
        NewKey::make(&self.seal, algorithm).await.map(Some)
    }

    /// Replaces every signing key by a new one, all of them or none. Returns the algorithms for which
    /// there is a new key.
    ///
    /// # Errors
    /// When the lead is too short or too long, no key can be made, or the database does not take it.
    pub async fn rotate_keys(
        &self,
        rotation: KeyRotation,
    ) -> Result<Vec<SigningAlgorithm>, RegistryError> {
        let lead = rotation.lead()?;
        let old = match rotation {
            KeyRotation::Compromised => OldKeys::Removed,
            KeyRotation::Ahead(_) | KeyRotation::AtOnce => OldKeys::Kept,
        };
        let algorithms = replace(&self.store, &self.seal, &self.clock, lead, old).await?;
        self.catalog.reload().await?;
        tracing::info!(target: AUDIT, ?algorithms, ?rotation, "signing keys rotated");
        Ok(algorithms)
    }

    /// The way out when the key file beside a database is lost or damaged: sets it aside, makes
    /// another, and replaces all signing keys, old ones too. ID tokens that were signed before can no
    /// longer be checked; codes, access tokens and refresh tokens stay as good as they were. Returns
    /// the algorithms for which there is a new key.
    ///
    /// # Errors
    /// When a server is running on the database, no key can be made, or the files do not take it.
    pub async fn reset_keys(
        database: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Vec<SigningAlgorithm>, RegistryError> {
        let clock = SteeredClock::new(clock);
        let (store, seal) = {
            let (database, clock) = (database.to_owned(), clock.clone());
            let open = move || {
                let now = clock.now();
                let store = Store::open(&database, Purpose::Serving, clock)?.store;
                let seal = Arc::new(Seal::replace(&database, now)?);
                reached(CrashPoint::KeyFileReplaced);
                Ok::<_, OpenError>((store, seal))
            };
            tokio::task::spawn_blocking(open)
                .await
                .map_err(|error| OpenError::Thread(error.to_string()))??
        };
        let algorithms = replace(&store, &seal, &clock, Duration::ZERO, OldKeys::Removed).await?;
        store.close().await;
        tracing::info!(target: AUDIT, ?algorithms, "signing keys made anew");
        Ok(algorithms)
    }
}

/// What becomes of the keys that others take the place of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum OldKeys {
    /// They stay published for a while.
    Kept,
    Removed,
}

/// Puts new keys in the place of all, once there is one for every algorithm: another process may add
/// some while keys are made. Returns the algorithms.
async fn replace(
    store: &Store,
    seal: &Arc<Seal>,
    clock: &SteeredClock,
    lead: Duration,
    old: OldKeys,
) -> Result<Vec<SigningAlgorithm>, RegistryError> {
    let mut missing = store.read(signing).await?;
    let mut keys = Vec::new();
    loop {
        keys.extend(NewKey::make_all(seal, &missing).await?);
        reached(CrashPoint::KeysMade);
        let now = clock.now();
        let stored = store.write(move |db| {
            let all = signing(db)?;
            let is_made = |algorithm: &_| keys.iter().any(|key| key.key.algorithm() == *algorithm);
            let (made, missing): (Vec<_>, Vec<_>) = all.into_iter().partition(is_made);
            if !missing.is_empty() {
                return Ok(Err((keys, missing)));
            }
            if old == OldKeys::Removed {
                signing_keys::clear(db)?;
            }
            for key in &keys {
                key.put(db, now.plus(lead), now)?;
            }
            clients::changed(db)?;
            Ok(Ok(made))
        });
        (keys, missing) = match stored.await? {
            Ok(made) => return Ok(made),
            Err(again) => again,
        };
    }
}

/// The algorithms for which some key signs.
fn signing(db: &Connection) -> rusqlite::Result<Vec<SigningAlgorithm>> {
    let names = signing_keys::algorithms(db)?;
    Ok(names.iter().filter_map(|name| SigningAlgorithm::from_name(name)).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::{FutureExt as _, pin_mut};
    use tokio::runtime::Builder;

    use super::*;
    use crate::clock::SystemClock;

    async fn ids(registry: &Registry) -> Vec<(String, String)> {
        let read = |db: &Connection| {
            let mut find =
                db.prepare("SELECT algorithm, id FROM signing_keys ORDER BY algorithm")?;
            let keys = find.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
            keys.collect()
        };
        registry.store.read(read).await.unwrap()
    }

    #[test]
    fn a_key_for_another_algorithm_that_came_while_keys_were_made_is_replaced_too() {
        // With one thread that makes keys, what comes before them is known.
        let runtime =
            Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
        runtime.block_on(overtaken_rotation());
    }

    async fn overtaken_rotation() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        let registry = Registry::open(&database, Arc::new(SystemClock)).await.unwrap();
        registry.provide_key(SigningAlgorithm::EdDsa).await.unwrap();
        let other = registry.missing_key(SigningAlgorithm::Es256).await.unwrap().unwrap();
        let (release, released) = mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || released.recv().unwrap());
        {
            let rotation = registry.rotate_keys(KeyRotation::Compromised);
            pin_mut!(rotation);
            assert!(rotation.as_mut().now_or_never().is_none(), "it waits for its key");
            let now = registry.clock.now();
            registry.store.write(move |db| other.put_if_missing(db, now)).await.unwrap();
            let before = ids(&registry).await;
            release.send(()).unwrap();
            let algorithms = rotation.await.unwrap();
            assert_eq!(algorithms, [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa]);
            let after = ids(&registry).await;
            let algorithms: Vec<_> = after.iter().map(|(algorithm, _)| algorithm).collect();
            assert_eq!(algorithms, ["ES256", "EdDSA"]);
            assert!(before.iter().all(|key| !after.contains(key)), "every one is another");
        }
        busy.await.unwrap();
        registry.close().await;
    }
}
