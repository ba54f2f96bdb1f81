//! Rows about the secret store: every call of it, and every way in which it fails.

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    ports::{
        SecretBytes, SecretName, SecretStore, SecretStoreError, SessionError, UserSession as _,
    },
    store::MemorySecretStore,
};

use crate::{
    server::Server,
    stage::{Stage, TestClock, session, sign_in},
};

/// How the store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Locked,
    /// An I/O error.
    Unavailable,
    /// The item has vanished.
    NotFound,
    /// What is there was written by another device, or in part.
    Corrupt,
    Slow,
}

struct Faulty {
    store: MemorySecretStore,
    fault: Mutex<Fault>,
    /// Every secret that was ever put, wherever it went.
    put: Mutex<usize>,
}

impl Faulty {
    fn new() -> Arc<Self> {
        let (store, fault) = (MemorySecretStore::default(), Mutex::new(Fault::None));
        Arc::new(Self { store, fault, put: Mutex::default() })
    }

    fn becomes(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    async fn check(&self, name: SecretName) -> Result<Fault, SecretStoreError> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            Fault::None | Fault::NotFound => Ok(fault),
            Fault::Locked => Err(SecretStoreError::Locked),
            Fault::Unavailable => Err(SecretStoreError::Unavailable("EIO".to_owned())),
            Fault::Corrupt => Err(SecretStoreError::Corrupt(name)),
            Fault::Slow => pending().await,
        }
    }
}

#[async_trait]
impl SecretStore for Faulty {
    async fn get(&self, name: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
        match self.check(name).await? {
            Fault::NotFound => Ok(None),
            _ => self.store.get(name).await,
        }
    }

    async fn put(&self, name: SecretName, secret: &SecretBytes) -> Result<(), SecretStoreError> {
        self.check(name).await?;
        *self.put.lock().unwrap() += 1;
        self.store.put(name, secret).await
    }

    async fn delete(&self, name: SecretName) -> Result<(), SecretStoreError> {
        self.check(name).await?;
        self.store.delete(name).await
    }
}

/// What a caller hears of a fault; nothing where it is none.
fn told(fault: Fault) -> Option<SecretStoreError> {
    match fault {
        Fault::None | Fault::NotFound => None,
        Fault::Locked | Fault::Slow => Some(SecretStoreError::Locked),
        Fault::Unavailable => Some(SecretStoreError::Unavailable("EIO".to_owned())),
        Fault::Corrupt => Some(SecretStoreError::Corrupt(SecretName::USER_TOKENS)),
    }
}

const FAULTS: [Fault; 4] = [Fault::Locked, Fault::Unavailable, Fault::NotFound, Fault::Corrupt];

#[tokio::test]
async fn keychain_locked_unavailable_item_vanished_other_device_restore() {
    for fault in FAULTS {
        let (server, clock, secrets) = (Server::start().await, TestClock::new(), Faulty::new());
        let first = session(&server, secrets.clone(), clock.clone());
        let user = sign_in(&first).await;

        // At a start.
        secrets.becomes(fault);
        let restarted = session(&server, secrets.clone(), clock.clone());
        assert_eq!(restarted.restore().await.err(), told(fault), "{fault:?}");
        assert_eq!(restarted.current_user(), None);
        secrets.becomes(Fault::None);
        let restored = restarted.restore().await.unwrap();
        assert_eq!(restored.map(|user| user.id), Some(user.id), "{fault:?}: nothing was lost");

        // At a sign-in and at a refresh.
        secrets.becomes(fault);
        let written = *secrets.put.lock().unwrap();
        let user = sign_in(&restarted).await;
        let stage = Stage { server, session: restarted, clock, user };
        stage.goes_on().await;
        stage.goes_on().await;
        if told(fault).is_some() {
            assert_eq!(*secrets.put.lock().unwrap(), written, "it goes nowhere else");
        }

        // Unlocked again, the next tokens are kept.
        secrets.becomes(Fault::None);
        stage.goes_on().await;
        let again = session(&stage.server, secrets.clone(), stage.clock.clone());
        assert!(again.restore().await.unwrap().is_some(), "{fault:?}");

        // At a sign-out: nobody is signed in any more, whatever the store says.
        secrets.becomes(fault);
        let expected = told(fault).map(SessionError::Store);
        assert_eq!(stage.session.sign_out().await.err(), expected);
        assert_eq!(stage.session.current_user(), None);
        secrets.becomes(Fault::None);
        assert_eq!(stage.session.sign_out().await, Ok(()), "called again, it clears");
        let after = session(&stage.server, secrets, stage.clock.clone());
        assert_eq!(after.restore().await, Ok(None));
    }
}

/// The clock of the runtime runs ahead where everybody waits, so that nobody waits for real.
#[tokio::test(start_paused = true)]
async fn keychain_slow() {
    let (server, clock, secrets) = (Server::start().await, TestClock::new(), Faulty::new());
    secrets.becomes(Fault::Slow);
    let session = session(&server, secrets.clone(), clock);
    let before = tokio::time::Instant::now();
    assert_eq!(session.restore().await.err(), told(Fault::Slow));
    assert_eq!(session.sign_out().await.err(), told(Fault::Slow).map(SessionError::Store));
    assert!(before.elapsed() <= Duration::from_secs(30), "{:?}", before.elapsed());
}
