//! Remembered grants in one file.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use minihost_core::Remembered;
use ring::hmac;

use super::{
    grant_document::Untrusted,
    replace::{replace, set_aside},
    sealing::{self, Newest, Save, Sealing},
};
use crate::{
    ports::{GrantStore, GrantStoreError, SecretStore},
    sync::lock,
};

/// The largest file that is read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Keeps grants in one file, which is replaced as a whole and authenticated with a 256-bit key from
/// the secret store. One process at a time may use the file.
///
/// A file that is changed, cut, or whose key is lost is never trusted and never deleted: it is
/// moved aside, and the user is asked again. Putting back an older file of the same key is not
/// noticed.
pub struct FileGrantStore {
    sealing: Sealing,
    path: Arc<Path>,
    file: Arc<Mutex<Writing>>,
    set_aside: Mutex<Option<SetAside>>,
}

/// The file and the newest save that it holds. Locked on blocking threads alone.
struct Writing {
    path: Arc<Path>,
    newest: Newest,
}

/// A file of grants that was not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies now.
    pub path: PathBuf,
    /// Why.
    pub why: Untrusted,
}

enum Content {
    Absent,
    Bytes(Vec<u8>),
    TooLarge,
}

impl FileGrantStore {
    /// A store over this file, which need not be there. Its directory must be.
    pub fn new(path: impl Into<PathBuf>, secrets: Arc<dyn SecretStore>) -> Self {
        let path: Arc<Path> = path.into().into();
        Self {
            sealing: Sealing::new(secrets),
            file: Arc::new(Mutex::new(Writing { path: path.clone(), newest: Newest::default() })),
            path,
            set_aside: Mutex::new(None),
        }
    }

    /// The file that the last [`GrantStore::load`] did not trust and moved aside, for the host to
    /// tell about.
    pub fn set_aside(&self) -> Option<SetAside> {
        lock(&self.set_aside).clone()
    }

    async fn with_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writing) -> Result<T, GrantStoreError> + Send + 'static,
    ) -> Result<T, GrantStoreError> {
        let file = self.file.clone();
        let work = move || work(&mut lock(&file));
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|stopped| Err(failed(&self.path, "reached", io::Error::other(stopped))))
    }
}

#[async_trait]
impl GrantStore for FileGrantStore {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        let key = self.sealing.key().await?;
        let loaded = self.with_file(move |file| file.load(key.as_ref())).await?;
        let remembered = loaded.unwrap_or_else(|set_aside| {
            let (path, why) = (set_aside.path.display(), set_aside.why);
            tracing::error!(%path, %why, "remembered grants are not trusted and were set aside");
            *lock(&self.set_aside) = Some(set_aside);
            Remembered::default()
        });
        self.sealing.loaded();
        Ok(remembered)
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        let save = self.sealing.seal(remembered).await?;
        self.with_file(move |file| file.save(save)).await
    }
}

impl Writing {
    fn load(
        &self,
        key: Option<&hmac::Key>,
    ) -> Result<Result<Remembered, SetAside>, GrantStoreError> {
        let content = read(&self.path).map_err(|error| failed(&self.path, "read", error))?;
        let opened = match content {
            Content::Absent => Ok(Remembered::default()),
            Content::TooLarge => Err(Untrusted::TooLarge),
            Content::Bytes(bytes) => sealing::open(&bytes, key),
        };
        match opened {
            Ok(remembered) => Ok(Ok(remembered)),
            Err(why) => {
                let path = set_aside(&self.path);
                let path = path.map_err(|error| failed(&self.path, "set aside", error))?;
                Ok(Err(SetAside { path, why }))
            }
        }
    }

    fn save(&mut self, save: Save) -> Result<(), GrantStoreError> {
        let Self { path, newest } = self;
        newest.write(save, |document| {
            replace(path, &document).map_err(|error| failed(path, "written", error))
        })
    }
}

fn read(path: &Path) -> io::Result<Content> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Absent),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    let too_large = u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST;
    Ok(if too_large { Content::TooLarge } else { Content::Bytes(bytes) })
}

fn failed(path: &Path, doing: &'static str, source: io::Error) -> GrantStoreError {
    GrantStoreError::File { path: path.to_owned(), doing, source }
}
