//! Machine secrets: client secrets, codes and tokens.
//!
//! They are kept as a plain SHA-256, which is enough for what cannot be guessed; a slow hash would
//! only slow the server down. Codes, tokens and the client secrets made here carry 256 bits from the
//! operating system. A client secret that was made elsewhere is held to a length and an alphabet
//! only; that it is random is for whoever made it to see to.

use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::{InvalidRegistration, RandomnessError};

const BYTES: usize = 32;
const MIN_CLIENT_SECRET: usize = 32;
const MAX_CLIENT_SECRET: usize = 256;

/// The secret of a confidential client. Has no `Debug`; the server keeps only its SHA-256.
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Takes a secret that was made elsewhere. It must be random, with 128 bits or more: only its
    /// length and its characters are checked, and words of any length can be guessed.
    ///
    /// # Errors
    /// When it is not 32 to 256 printable ASCII characters (RFC 6749 appendix A.2): a short secret
    /// can be guessed from its hash.
    pub fn new(secret: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let secret = Zeroizing::new(secret.into());
        let fits = (MIN_CLIENT_SECRET..=MAX_CLIENT_SECRET).contains(&secret.len());
        if fits && secret.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
            Ok(Self(SecretString::from(secret.as_str())))
        } else {
            Err(InvalidRegistration::ClientSecret)
        }
    }

    /// Makes a new secret of 256 bits.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn generate() -> Result<Self, RandomnessError> {
        Ok(Self(SecretString::from(encode(&*random()?).as_str())))
    }

    /// The secret in clear, to hand it to the client it belongs to.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint<ForClient> {
        Fingerprint::of(self.expose())
    }
}

/// Marks fingerprints of client secrets.
pub(crate) enum ForClient {}
/// Marks authorization codes.
pub(crate) enum Code {}
/// Marks device codes (RFC 8628 §3.2).
pub(crate) enum Device {}
/// Marks access tokens.
pub(crate) enum Access {}
/// Marks refresh tokens.
pub(crate) enum Refresh {}

/// A code or token that was made just now, in the only place where it is in clear.
pub(crate) struct Minted<Kind> {
    bytes: Zeroizing<[u8; BYTES]>,
    text: Zeroizing<String>,
    kind: PhantomData<Kind>,
}

impl<Kind> Minted<Kind> {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        Ok(Self::from_bytes(random()?))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint<Kind> {
        Fingerprint::of(&self.text)
    }

    fn from_bytes(bytes: Zeroizing<[u8; BYTES]>) -> Self {
        Self { text: encode(&bytes), bytes, kind: PhantomData }
    }
}

impl Minted<Refresh> {
    /// Encrypts `self` so that only who holds `predecessor` in clear can read it again.
    ///
    /// The pad is used once: a refresh token has one successor.
    pub(crate) fn seal(&self, predecessor: &str) -> SealedSuccessor {
        SealedSuccessor(xor(&self.bytes, &pad(predecessor)))
    }
}

/// The successor of a rotated refresh token, unreadable without the token that was rotated.
///
/// It lets a client whose answer got lost ask again with the old token and get the same successor,
/// although no token is stored in clear.
pub(crate) struct SealedSuccessor([u8; BYTES]);

impl SealedSuccessor {
    /// The successor, if `predecessor` is the token it was sealed with.
    pub(crate) fn unseal(
        &self,
        predecessor: &str,
        expected: &Fingerprint<Refresh>,
    ) -> Option<Minted<Refresh>> {
        let minted = Minted::from_bytes(Zeroizing::new(xor(&self.0, &pad(predecessor))));
        minted.fingerprint().matches(expected).then_some(minted)
    }
}

/// The SHA-256 of a machine secret; the type says of which kind.
pub(crate) struct Fingerprint<Kind>([u8; BYTES], PhantomData<Kind>);

impl<Kind> Fingerprint<Kind> {
    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into(), PhantomData)
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<Kind> Clone for Fingerprint<Kind> {
    fn clone(&self) -> Self {
        Self(self.0, PhantomData)
    }
}

/// In base64url.
impl<Kind> Serialize for Fingerprint<Kind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, Kind> Deserialize<'de> for Fingerprint<Kind> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or_else(|| serde::de::Error::custom("a SHA-256 was expected"))?;
        Ok(Self(bytes, PhantomData))
    }
}

impl<Kind> ToSql for Fingerprint<Kind> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl<Kind> FromSql for Fingerprint<Kind> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; BYTES]>::column_result(value).map(|bytes| Self(bytes, PhantomData))
    }
}

impl ToSql for SealedSuccessor {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for SealedSuccessor {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; BYTES]>::column_result(value).map(Self)
    }
}

/// An identifier of 128 random bits, for what is not a secret but must not be guessed either.
pub(crate) fn random_id() -> Result<String, RandomnessError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(RandomnessError)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// 256 bits from the operating system.
pub(crate) fn random() -> Result<Zeroizing<[u8; BYTES]>, RandomnessError> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(RandomnessError)?;
    Ok(bytes)
}

fn encode(bytes: &[u8; BYTES]) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes))
}

fn pad(predecessor: &str) -> [u8; BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"minihost refresh successor 1\0");
    hash.update(predecessor.as_bytes());
    hash.finalize().into()
}

fn xor(left: &[u8; BYTES], right: &[u8; BYTES]) -> [u8; BYTES] {
    std::array::from_fn(|index| left[index] ^ right[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minted_tokens_are_43_characters_and_differ() {
        let one = Minted::<Access>::new().unwrap();
        let two = Minted::<Access>::new().unwrap();
        assert_eq!(one.expose().len(), 43);
        assert_ne!(one.expose(), two.expose());
        assert!(!one.fingerprint().matches(&two.fingerprint()));
    }

    #[test]
    fn only_the_predecessor_opens_a_sealed_successor() {
        let old = Minted::<Refresh>::new().unwrap();
        let new = Minted::<Refresh>::new().unwrap();
        let sealed = new.seal(old.expose());
        let opened = sealed.unseal(old.expose(), &new.fingerprint());
        assert_eq!(opened.map(|token| token.expose().to_owned()), Some(new.expose().to_owned()));
        let stranger = Minted::<Refresh>::new().unwrap();
        assert!(sealed.unseal(stranger.expose(), &new.fingerprint()).is_none());
    }

    #[test]
    fn a_client_secret_that_could_be_guessed_is_refused() {
        assert!(ClientSecret::new("x".repeat(31)).is_err());
        assert!(ClientSecret::new("x".repeat(257)).is_err());
        assert!(ClientSecret::new("é".repeat(32)).is_err());
        assert!(ClientSecret::new("x".repeat(32)).is_ok());
        assert_eq!(ClientSecret::generate().unwrap().expose().len(), 43);
    }
}
