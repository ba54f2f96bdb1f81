//! The file of grants, and all that can happen to it and its key.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use async_trait::async_trait;
use minihost_core::Remembered;
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use tempfile::TempDir;

use super::{
    FileGrantStore, MemorySecretStore,
    grant_document::{
        Untrusted,
        tests::{grant, remembered},
    },
};
use crate::ports::{
    GrantStore, GrantStoreError, SecretBytes, SecretName, SecretStore, SecretStoreError,
};

struct Room {
    directory: TempDir,
    secrets: Arc<MemorySecretStore>,
}

impl Room {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, secrets: Arc::new(MemorySecretStore::default()) }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("grants")
    }

    /// What a new process finds.
    fn store(&self) -> FileGrantStore {
        FileGrantStore::new(self.path(), self.secrets.clone())
    }

    async fn save(&self, remembered: &Remembered) {
        let store = self.store();
        store.load().await.unwrap();
        store.save(remembered).await.unwrap();
    }

    fn files(&self) -> usize {
        fs::read_dir(self.directory.path()).unwrap().count()
    }
}

fn some_grants(count: usize) -> Remembered {
    let mut runner = TestRunner::deterministic();
    let grants = vec(grant(), count).new_tree(&mut runner).unwrap().current();
    Remembered { grants, ..Remembered::default() }
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let mut runner = TestRunner::new(Config::with_cases(16));
    for _ in 0..16 {
        let grants = remembered(4).new_tree(&mut runner).unwrap().current();
        let room = Room::new();
        room.save(&grants).await;
        assert_eq!(room.store().load().await.unwrap(), grants);
        assert_eq!(room.store().set_aside(), None);
    }
}

#[tokio::test]
async fn without_a_file_there_are_no_grants_and_no_key_is_made() {
    let room = Room::new();
    assert!(room.store().load().await.unwrap().grants.is_empty());
    assert!(room.secrets.get(SecretName::GRANTS_KEY).await.unwrap().is_none());
    assert_eq!(room.files(), 0);
}

#[tokio::test]
async fn a_file_that_was_changed_cut_or_exchanged_is_set_aside_and_kept() {
    let room = Room::new();
    room.save(&some_grants(2)).await;
    let whole = fs::read(room.path()).unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let rows = [
        (flipped(whole.len() / 2), Untrusted::NotAuthentic),
        (whole[..whole.len() - 1].to_vec(), Untrusted::NotAuthentic),
        (flipped(0), Untrusted::Malformed),
        (Vec::new(), Untrusted::Malformed),
        (b"minihost-grants 2 x\n[]".to_vec(), Untrusted::Malformed),
        (vec![b' '; 16 * 1024 * 1024 + 1], Untrusted::TooLarge),
    ];
    for (number, (content, why)) in rows.into_iter().enumerate() {
        fs::write(room.path(), &content).unwrap();
        let store = room.store();
        assert!(store.load().await.unwrap().grants.is_empty());
        let set_aside = store.set_aside().unwrap();
        assert_eq!(set_aside.why, why);
        assert_eq!(fs::read(&set_aside.path).unwrap(), content);
        assert!(!room.path().exists());
        assert_eq!(room.files(), number + 1);
        store.save(&some_grants(1)).await.unwrap();
        assert_eq!(room.store().load().await.unwrap(), some_grants(1));
        fs::remove_file(room.path()).unwrap();
    }
}

#[tokio::test]
async fn a_file_whose_key_is_lost_is_set_aside() {
    for remaining in [None, Some(SecretBytes::new([7; 31])), Some(SecretBytes::new([7; 32]))] {
        let room = Room::new();
        room.save(&some_grants(1)).await;
        match &remaining {
            None => room.secrets.delete(SecretName::GRANTS_KEY).await.unwrap(),
            Some(key) => room.secrets.put(SecretName::GRANTS_KEY, key).await.unwrap(),
        }
        let store = room.store();
        assert!(store.load().await.unwrap().grants.is_empty());
        let right_length = remaining.is_some_and(|key| key.expose().len() == 32);
        let why = if right_length { Untrusted::NotAuthentic } else { Untrusted::KeyLost };
        assert_eq!(store.set_aside().unwrap().why, why);
        store.save(&some_grants(2)).await.unwrap();
        assert_eq!(room.store().load().await.unwrap(), some_grants(2));
    }
}

#[tokio::test]
async fn a_locked_key_touches_nothing_and_nothing_is_saved_over_what_was_not_read() {
    struct Locked;

    #[async_trait]
    impl SecretStore for Locked {
        async fn get(&self, _: SecretName) -> Result<Option<SecretBytes>, SecretStoreError> {
            Err(SecretStoreError::Locked)
        }

        async fn put(&self, _: SecretName, _: &SecretBytes) -> Result<(), SecretStoreError> {
            Err(SecretStoreError::Locked)
        }

        async fn delete(&self, _: SecretName) -> Result<(), SecretStoreError> {
            Err(SecretStoreError::Locked)
        }
    }

    let room = Room::new();
    room.save(&some_grants(1)).await;
    let before = fs::read(room.path()).unwrap();
    let locked = FileGrantStore::new(room.path(), Arc::new(Locked));
    let refused = locked.load().await;
    assert!(matches!(refused, Err(GrantStoreError::Key(SecretStoreError::Locked))));
    assert!(matches!(locked.save(&Remembered::default()).await, Err(GrantStoreError::NotLoaded)));
    assert_eq!(fs::read(room.path()).unwrap(), before);
    assert_eq!(room.files(), 1);
}

#[tokio::test]
async fn a_directory_that_is_gone_is_an_error_and_the_store_works_again_when_it_is_back() {
    let room = Room::new();
    let path = room.directory.path().join("below").join("grants");
    let store = FileGrantStore::new(&path, room.secrets.clone());
    assert!(store.load().await.unwrap().grants.is_empty());
    let failed = store.save(&some_grants(1)).await;
    assert!(matches!(failed, Err(GrantStoreError::File { doing: "written", .. })));
    fs::create_dir(path.parent().unwrap()).unwrap();
    store.save(&some_grants(1)).await.unwrap();
    let again = FileGrantStore::new(&path, room.secrets.clone());
    assert_eq!(again.load().await.unwrap(), some_grants(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_saves_that_overlap_the_last_one_stays() {
    let room = Room::new();
    let store = room.store();
    store.load().await.unwrap();
    for _ in 0..10 {
        let (few, more, most) = (some_grants(1), some_grants(2), some_grants(3));
        let saved = tokio::join!(store.save(&few), store.save(&more), store.save(&most));
        assert!(saved.0.is_ok() && saved.1.is_ok() && saved.2.is_ok());
        assert_eq!(room.store().load().await.unwrap(), most);
    }
}

const KILLED: &str = "MINIHOST_TEST_SAVE_UNTIL_KILLED_IN";
const KEY: [u8; 32] = [9; 32];

async fn store_of_the_killed(path: PathBuf) -> FileGrantStore {
    let secrets = MemorySecretStore::default();
    secrets.put(SecretName::GRANTS_KEY, &SecretBytes::new(KEY)).await.unwrap();
    FileGrantStore::new(path, Arc::new(secrets))
}

/// The process that [`a_process_that_is_killed_while_it_saves_leaves_whole_grants`] kills.
#[tokio::test]
#[ignore = "runs until it is killed; another test starts it"]
async fn save_until_killed() {
    let Some(path) = std::env::var_os(KILLED) else { return };
    let store = store_of_the_killed(path.into()).await;
    store.load().await.unwrap();
    loop {
        for count in 1..40 {
            store.save(&some_grants(count)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_saves_leaves_whole_grants() {
    let room = Room::new();
    for _ in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::file_grants_tests::save_until_killed", "--ignored"])
            .env(KILLED, room.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until it has saved a few times; where exactly it is then is up to chance.
        let mut seen = Vec::new();
        let mut changes = 0;
        while changes < 5 {
            let now = fs::read(room.path()).unwrap_or_default();
            if now != seen {
                (seen, changes) = (now, changes + 1);
            }
            assert!(child.try_wait().unwrap().is_none(), "it runs until it is killed");
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = store_of_the_killed(room.path()).await;
        let grants = store.load().await.unwrap();
        assert_eq!(store.set_aside(), None);
        assert_eq!(grants, some_grants(grants.grants.len()));
        assert!(!grants.grants.is_empty());
    }
}
