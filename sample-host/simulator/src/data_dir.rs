//! The directory that outlives the process.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;

const PROGRAMS: &str = "mini-programs";
const PUBLISHERS: &str = "publishers";
const DEFAULT_NAME: &str = "minihost-sample-host";

/// A directory that no other process uses as long as this value lives.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why there is no directory to work in. Each message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    #[error("There is no home directory to keep data in; name a directory with --data-dir.")]
    NoHome,
    #[error(
        "The data directory {path} cannot be written: {cause}; make it writable, or choose another with --data-dir."
    )]
    Unwritable { path: PathBuf, cause: io::Error },
    #[error(
        "The data directory {path} is in use by another sample host; stop that one, or choose another directory with --data-dir."
    )]
    InUse { path: PathBuf },
}

impl DataDir {
    /// Makes the directory, for this user only, where it is missing, and takes it for this process.
    pub(crate) fn open(chosen: Option<PathBuf>) -> Result<Self, DataDirError> {
        let path = match chosen {
            Some(path) => path,
            None => default_path()?,
        };
        let unwritable = |cause| DataDirError::Unwritable { path: path.clone(), cause };
        create_private(&path).map_err(unwritable)?;
        for directory in [PROGRAMS, PUBLISHERS] {
            create_private(&path.join(directory)).map_err(unwritable)?;
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse { path }),
            Err(TryLockError::Error(cause)) => Err(unwritable(cause)),
        }
    }

    /// The authorization server's database.
    pub(crate) fn authorization_server(&self) -> PathBuf {
        self.path.join("authorization-server.sqlite")
    }

    /// What the mini-programs' backends keep.
    pub(crate) fn programs(&self) -> PathBuf {
        self.path.join(PROGRAMS)
    }

    /// The private keys of the programs' publishers.
    pub(crate) fn publishers(&self) -> PathBuf {
        self.path.join(PUBLISHERS)
    }

    /// The host's remembered grants.
    pub(crate) fn grants(&self) -> PathBuf {
        self.path.join("grants")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn default_path() -> Result<PathBuf, DataDirError> {
    let strategy = etcetera::choose_base_strategy().map_err(|_| DataDirError::NoHome)?;
    Ok(strategy.data_dir().join(DEFAULT_NAME))
}

/// What exists already keeps its permissions: it may be a directory that others share on purpose.
fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        let first = DataDir::open(Some(path.clone())).unwrap();
        assert_eq!(first.path(), path);
        let error = DataDir::open(Some(path.clone())).unwrap_err();
        assert!(matches!(error, DataDirError::InUse { .. }), "{error}");
        drop(first);
        DataDir::open(Some(path)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_directory_is_for_this_user_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("new");
        let opened = DataDir::open(Some(path)).unwrap();
        for made in [opened.path().to_owned(), opened.programs()] {
            let mode = fs::metadata(made).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let error = DataDir::open(Some(file.join("below"))).unwrap_err();
        assert!(matches!(error, DataDirError::Unwritable { .. }), "{error}");
        assert!(error.to_string().contains("--data-dir"), "{error}");
    }
}
