//! The store of grants: the real file on the simulated disk, reached or not.

use std::{io, sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost::{
    Remembered,
    ports::{GrantStore, GrantStoreError, SecretStoreError},
    store::FileGrantStore,
};
use tokio::time::sleep;

use super::{Life, World, never, throw};
use crate::limits;

/// What the host's process sees of it.
pub(crate) struct Store {
    world: Arc<World>,
    file: Arc<FileGrantStore>,
}

#[derive(Clone, Copy)]
enum Fate {
    Well,
    /// Longer than anybody waits.
    Late,
    Fails,
    FailsLate,
    Throws,
}

const FAULTS: [(u64, Fate); 4] =
    [(2, Fate::Fails), (1, Fate::FailsLate), (1, Fate::Late), (1, Fate::Throws)];

impl Store {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let file = FileGrantStore::new(world.disk.grants(), world.secrets.clone());
        Self { world, file: Arc::new(file) }
    }

    fn fails(&self) -> GrantStoreError {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        GrantStoreError::File { path: self.world.disk.grants(), doing: "written", source }
    }
}

#[async_trait]
impl GrantStore for Store {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        let fails = {
            let mut state = self.world.state();
            let cases = state.temper.secrets_fail;
            state.chance.percent(cases)
        };
        if fails {
            return Err(SecretStoreError::Locked.into());
        }
        let file = self.file.clone();
        let loaded = self.world.disk.run(async move { file.load().await })?;
        let when = self.world.when();
        self.world.note(|| format!("disk: {} grants are read", loaded.grants.len()));
        self.world.state().judge.loaded(&loaded, when);
        Ok(loaded)
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        let what = || format!("disk: {} grants are to be written", remembered.grants.len());
        let begun = self.world.called(what, |state| {
            let fails = state.chance.percent(state.temper.store_fails);
            let fate = if fails { state.chance.weighted(&FAULTS) } else { Fate::Well };
            (state.judge.save_begins(remembered), fate)
        });
        let Some((save, fate)) = begun else { return never().await };
        self.world.wait(0, 60).await;
        match fate {
            Fate::Well => {}
            Fate::Late | Fate::FailsLate => sleep(limits::SAVE * 2).await,
            Fate::Fails | Fate::Throws => sleep(Duration::from_millis(1)).await,
        }
        if self.world.state().life == Life::Died {
            return never().await;
        }
        let stored = matches!(fate, Fate::Well | Fate::Late);
        if stored {
            let (file, content) = (self.file.clone(), remembered.clone());
            let written = self.world.disk.run(async move { file.save(&content).await });
            written.expect("the simulated disk has room");
            self.world.state().judge.on_disk(remembered);
            self.world.note(|| "disk: it is written".to_owned());
            self.world.wait(0, 20).await;
        }
        let what = || format!("disk: the host hears of it, stored is {stored}");
        let heard = self.world.called(what, |state| state.judge.save_ends(save, stored));
        if heard.is_none() {
            return never().await;
        }
        match fate {
            Fate::Well | Fate::Late => Ok(()),
            Fate::Fails | Fate::FailsLate => Err(self.fails()),
            Fate::Throws => throw(),
        }
    }
}
