//! Writing what is remembered, one save after the other, so that the last one is what stays. While
//! the store is busy only the newest waits: it has all of those before it.

use std::sync::{Arc, Mutex, Weak};

use minihost_core::{Input, Remembered, SaveId, SaveOutcome};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

use super::{lane::Handed, machine::Inner};
use crate::{ports::GrantStore, sync::lock};

/// Hands saves to the store and never waits.
pub(super) struct Saves {
    newest: Arc<Mutex<Option<(SaveId, Remembered)>>>,
    wake: Sender<()>,
}

/// The store's end: takes the newest save whenever it is free.
pub(super) struct Saving {
    newest: Arc<Mutex<Option<(SaveId, Remembered)>>>,
    woken: Receiver<()>,
}

/// Both ends. The store's ends once the other is gone and what waited was written.
pub(super) fn saves() -> (Saves, Saving) {
    let newest = Arc::new(Mutex::new(None));
    let (wake, woken) = channel(1);
    (Saves { newest: newest.clone(), wake }, Saving { newest, woken })
}

impl Saves {
    /// Lets a save wait for the store, in the place of one that waits already.
    pub(super) fn hand(&self, save: SaveId, remembered: Remembered) -> Handed {
        *lock(&self.newest) = Some((save, remembered));
        match self.wake.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => Handed::Queued,
            Err(TrySendError::Closed(())) => Handed::Dropped,
        }
    }
}

impl Saving {
    /// Writes until nobody hands anything any more.
    pub(super) async fn run(mut self, store: Arc<dyn GrantStore>, host: Weak<Inner>) {
        while self.woken.recv().await.is_some() {
            let Some((save, remembered)) = lock(&self.newest).take() else { continue };
            let store = store.clone();
            // A task of its own, so that a panic in a host's store costs one save.
            let saved = tokio::spawn(async move { store.save(&remembered).await });
            let outcome = match saved.await {
                Ok(Ok(())) => SaveOutcome::Stored,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the grants are not stored: their store failed");
                    SaveOutcome::Failed
                }
                Err(_panicked) => {
                    tracing::error!("the grants are not stored: their store panicked");
                    SaveOutcome::Failed
                }
            };
            // What waits is written, though the host may be gone.
            if let Some(host) = host.upgrade() {
                host.apply(Input::Saved { save, outcome });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use minihost_core::{MiniProgramId, PublisherId, Release};
    use tokio::sync::{Semaphore, mpsc};

    use super::*;
    use crate::ports::GrantStoreError;

    /// A store that writes when it is let, and tells how much.
    struct Slow {
        let_go: Arc<Semaphore>,
        begun: mpsc::UnboundedSender<usize>,
    }

    #[async_trait]
    impl GrantStore for Slow {
        async fn load(&self) -> Result<Remembered, GrantStoreError> {
            Ok(Remembered::default())
        }

        async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
            let _ = self.begun.send(remembered.releases.len());
            self.let_go.acquire().await.unwrap().forget();
            Ok(())
        }
    }

    fn remembering(releases: usize) -> Remembered {
        let release = Release {
            publisher: PublisherId::new("acme"),
            mini_program: MiniProgramId::new("tea"),
            version: "1.0.0".parse().unwrap(),
        };
        Remembered { releases: vec![release; releases], ..Remembered::default() }
    }

    #[tokio::test]
    async fn while_the_store_is_busy_one_save_waits_and_it_is_the_newest() {
        let (begun, mut writes) = mpsc::unbounded_channel();
        let let_go = Arc::new(Semaphore::new(0));
        let (saves, saving) = saves();
        let store = Slow { let_go: let_go.clone(), begun };
        let running = tokio::spawn(saving.run(Arc::new(store), Weak::new()));
        assert_eq!(saves.hand(SaveId(1), remembering(1)), Handed::Queued);
        assert_eq!(writes.recv().await, Some(1));
        for save in 2..=500 {
            let remembered = remembering(usize::try_from(save).unwrap());
            assert_eq!(saves.hand(SaveId(save), remembered), Handed::Queued);
        }
        drop(saves);
        let_go.add_permits(500);
        assert_eq!(writes.recv().await, Some(500));
        assert_eq!(writes.recv().await, None, "nothing else waited");
        running.await.unwrap();
    }
}
