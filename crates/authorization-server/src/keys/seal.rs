//! Private keys lie in the database encrypted; what opens them lies in a file beside it. A copy of
//! the database alone signs nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use zeroize::Zeroizing;

use crate::audit::AUDIT;
use crate::clock::UnixMillis;
use crate::crash::{CrashPoint, reached};
use crate::error::OpenError;
use crate::secret::random;

/// Encrypts what must not lie in the database in clear, and hashes what is too short for a plain
/// hash. Has no `Debug`.
pub(crate) struct Seal {
    cipher: LessSafeKey,
    hashing: hmac::Key,
}

/// What only the same [`Seal`] opens again: a nonce, then ChaCha20-Poly1305 (RFC 8439).
pub(crate) struct SealedKey(Vec<u8>);

impl Seal {
    /// Reads the key file that belongs to this database. It is made only while nothing in the
    /// database is `sealed`, for otherwise it was lost. Blocks.
    pub(crate) fn open(database: &Path, sealed: &[(String, SealedKey)]) -> Result<Self, OpenError> {
        let path = key_file(database);
        let inaccessible = |error: std::io::Error| OpenError::Inaccessible {
            path: path.clone(),
            reason: error.to_string(),
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if !sealed.is_empty() {
                    return Err(OpenError::KeyFileMissing { path });
                }
                write_new(&path, random()?.as_slice()).map_err(inaccessible)?;
                tracing::info!(target: AUDIT, path = %path.display(), "key file made");
                Zeroizing::new(fs::read(&path).map_err(inaccessible)?)
            }
            Err(error) => return Err(inaccessible(error)),
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes)
            .map_err(|_| OpenError::KeyFile { path: path.clone() })?;
        // Each use has a key of its own, so that neither tells anything about the other.
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let hashing = hmac::sign(&root, b"minihost keyed hash 1");
        let seal = Self {
            cipher: LessSafeKey::new(key),
            hashing: hmac::Key::new(hmac::HMAC_SHA256, hashing.as_ref()),
        };
        let opens = |(name, sealed): &(String, SealedKey)| seal.open_sealed(name, sealed).is_some();
        if sealed.iter().all(opens) { Ok(seal) } else { Err(OpenError::KeyFile { path }) }
    }

    /// Sets the key file aside, under a name of its own, and makes another. Blocks.
    pub(crate) fn replace(database: &Path, now: UnixMillis) -> Result<Self, OpenError> {
        let path = key_file(database);
        match fs::rename(&path, free_name(&path, now)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(OpenError::Inaccessible { path, reason: error.to_string() })
            }
            _ => Self::open(database, &[]),
        }
    }

    /// Encrypts `clear`, which then belongs to `name` alone.
    pub(crate) fn close(
        &self,
        name: &str,
        clear: &[u8],
    ) -> Result<SealedKey, crate::RandomnessError> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random()?[..NONCE_LEN]);
        let mut text = clear.to_vec();
        let tag = self
            .cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut text,
            )
            .expect("a key document is far shorter than what the cipher can take");
        Ok(SealedKey([&nonce, text.as_slice(), tag.as_ref()].concat()))
    }

    /// The HMAC-SHA-256 of a text that could be found from a plain hash by trying all of its kind:
    /// a copy of the database alone does not tell it. `purpose` keeps kinds of text apart.
    pub(crate) fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.hashing);
        context.update(purpose.as_bytes());
        context.update(b"\0");
        context.update(text.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// Decrypts what was closed under this name.
    pub(crate) fn open_sealed(&self, name: &str, sealed: &SealedKey) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.0.split_first_chunk::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.cipher.open_in_place(nonce, Aad::from(name), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }
}

/// Where the key file of a database is.
pub(crate) fn key_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// A name beside `path` that tells the time and that no other file has: what was set aside before may
/// be the only key file that opens a copy of the database.
fn free_name(path: &Path, now: UnixMillis) -> PathBuf {
    let time = now.format("%Y%m%dT%H%M%SZ");
    let mut free = path.with_added_extension(format!("{time}.old"));
    let mut number = 1;
    while free.exists() {
        number += 1;
        free = path.with_added_extension(format!("{time}.{number}.old"));
    }
    free
}

/// Makes the file whole or not at all, and leaves one that another process made in the meantime.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_added_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    reached(CrashPoint::KeyFileWritten);
    match fs::hard_link(&unfinished, path) {
        Ok(()) => fs::remove_file(&unfinished)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::remove_file(&unfinished)?,
        // Not every file system has links.
        Err(_) => fs::rename(&unfinished, path)?,
    }
    // The name must survive a power loss too, or what it opens is lost.
    match path.parent() {
        Some(directory) if cfg!(unix) && !directory.as_os_str().is_empty() => {
            File::open(directory)?.sync_all()
        }
        Some(_) if cfg!(unix) => File::open(".")?.sync_all(),
        _ => Ok(()),
    }
}

impl ToSql for SealedKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for SealedKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_blob().map(|bytes| Self(bytes.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn only_the_same_file_opens_what_was_sealed_and_only_under_its_name() {
        let directory = tempdir().unwrap();
        let (ours, theirs) = (directory.path().join("a.sqlite"), directory.path().join("b.sqlite"));
        let sealed = Seal::open(&ours, &[]).unwrap().close("k", b"secret").unwrap();
        let again = Seal::open(&ours, &[]).unwrap();
        assert_eq!(
            again.open_sealed("k", &sealed).as_deref().map(Vec::as_slice),
            Some(&b"secret"[..])
        );
        assert!(again.open_sealed("other", &sealed).is_none());
        assert!(Seal::open(&theirs, &[]).unwrap().open_sealed("k", &sealed).is_none());
        assert!(again.open_sealed("k", &SealedKey(b"short".to_vec())).is_none());
    }

    #[test]
    fn a_key_file_that_does_not_open_what_was_sealed_is_refused_and_not_made_anew() {
        let directory = tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        let sealed = Seal::open(&database, &[]).unwrap().close("k", b"secret").unwrap();
        let sealed = [("k".to_owned(), sealed)];
        assert!(Seal::open(&database, &sealed).is_ok());

        fs::write(key_file(&database), "too short").unwrap();
        assert!(matches!(Seal::open(&database, &[]), Err(OpenError::KeyFile { .. })));
        fs::write(key_file(&database), [7; 32]).unwrap();
        assert!(matches!(Seal::open(&database, &sealed), Err(OpenError::KeyFile { .. })));
        fs::remove_file(key_file(&database)).unwrap();
        assert!(matches!(Seal::open(&database, &sealed), Err(OpenError::KeyFileMissing { .. })));
        assert!(!key_file(&database).exists());
    }

    #[test]
    fn every_replaced_key_file_is_set_aside_and_nothing_unfinished_is_left() {
        let directory = tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        fs::write(key_file(&database), "too short").unwrap();
        let now = jiff::Timestamp::from_second(1_795_000_000).unwrap();
        for _ in 0..3 {
            Seal::replace(&database, now.into()).unwrap();
        }
        Seal::open(&database, &[]).unwrap();
        let mut names: Vec<_> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let first = "a.sqlite.key.20261118T110640Z.old";
        let (second, third) =
            ("a.sqlite.key.20261118T110640Z.2.old", "a.sqlite.key.20261118T110640Z.3.old");
        assert_eq!(names, ["a.sqlite.key", second, third, first]);
        assert_eq!(fs::read(directory.path().join(first)).unwrap(), b"too short");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        Seal::open(&database, &[]).unwrap();
        let mode = fs::metadata(key_file(&database)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
