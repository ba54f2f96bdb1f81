//! Machine secrets: client secrets, codes and tokens.
//!
//! They are kept as a plain SHA-256, which is enough for what cannot be guessed; a slow hash would
//! only slow the server down. Codes, tokens and the client secrets made here carry 256 bits from the
//! operating system. A client secret that was made elsewhere is held to a length and an alphabet
//! only; that it is random is for whoever made it to see to.

use std::marker::PhantomData;
use std::time::SystemTime;

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
/// Milliseconds, enough for some thousand years.
const TIME: usize = 6;
const MINTED: usize = TIME + BYTES;
/// Of [`TIME`] and of [`MINTED`] bytes in base64url.
const TIME_TEXT: usize = 8;
const MINTED_TEXT: usize = 51;
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
        Ok(Self(SecretString::from(encode(random()?.as_slice()).as_str())))
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

/// What kind of secret it is, so that one cannot be taken for another.
pub(crate) trait Kind {
    /// Whether it was [minted](Minted) here, and so begins with the time.
    const MINTED: bool;
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident: $minted:literal,)*) => {$(
        $(#[$meta])*
        pub(crate) enum $name {}

        impl Kind for $name {
            const MINTED: bool = $minted;
        }
    )*};
}

kinds! {
    /// Marks fingerprints of client secrets.
    ForClient: false,
    /// Marks authorization codes.
    Code: true,
    /// Marks device codes (RFC 8628 §3.2).
    Device: true,
    /// Marks access tokens.
    Access: true,
    /// Marks refresh tokens.
    Refresh: true,
    /// Marks what a browser holds while its user is signed in.
    Session: true,
    /// Marks what tells one browser from another before anybody has signed in.
    Browser: true,
    /// Marks references to pushed authorization requests.
    Pushed: true,
    /// Marks what names a request to an authentication system.
    LoginRequest: true,
}

/// A code or token that was made just now or has just been presented, in the only place where it is
/// in clear.
///
/// It begins with the time, by the clock of the operating system and in milliseconds, and so does its
/// fingerprint: what was made together then lies together in the database, which has to write a few
/// pages instead of one for each. Nobody relies on that time, and it tells no more than `iat` does
/// elsewhere.
pub(crate) struct Minted<Kind> {
    random: Zeroizing<[u8; BYTES]>,
    text: Zeroizing<String>,
    kind: PhantomData<Kind>,
}

impl<Kind> Minted<Kind> {
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}

impl<K: Kind> Minted<K> {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let millis = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        let [_, _, time @ ..] = millis.to_be_bytes();
        Ok(Self::from_parts(time, random()?))
    }

    /// Takes back what a client presents; `None` when nothing like it is made.
    pub(crate) fn presented(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let (time, random) = bytes.split_first_chunk()?;
        Some(Self::from_parts(*time, Zeroizing::new(random.try_into().ok()?)))
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint<K> {
        Fingerprint::of(&self.text)
    }

    fn from_parts(time: [u8; TIME], random: Zeroizing<[u8; BYTES]>) -> Self {
        let mut bytes = Zeroizing::new([0; MINTED]);
        bytes[..TIME].copy_from_slice(&time);
        bytes[TIME..].copy_from_slice(random.as_slice());
        Self { text: encode(bytes.as_slice()), random, kind: PhantomData }
    }
}

impl Minted<Refresh> {
    /// Encrypts `self` so that only who holds `predecessor` in clear can read it again.
    ///
    /// The pad is used once: a refresh token has one successor.
    pub(crate) fn seal(&self, predecessor: &str) -> SealedSuccessor {
        SealedSuccessor(xor(&self.random, &pad(predecessor)))
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
        let random = Zeroizing::new(xor(&self.0, &pad(predecessor)));
        let minted = Minted::from_parts(expected.time(), random);
        minted.fingerprint().matches(expected).then_some(minted)
    }
}

/// The SHA-256 of a machine secret; the type says of which kind. Of a [minted](Minted) one it is 208
/// bits of it, behind the time that the secret begins with.
pub(crate) struct Fingerprint<Kind>([u8; BYTES], PhantomData<Kind>);

impl<K: Kind> Fingerprint<K> {
    pub(crate) fn of(text: &str) -> Self {
        let mut bytes: [u8; BYTES] = Sha256::digest(text.as_bytes()).into();
        // Another length is that of something else, or of a token from before they had a time.
        if K::MINTED
            && text.len() == MINTED_TEXT
            && let Some(time) = text.as_bytes().get(..TIME_TEXT)
            && let Ok(time) = URL_SAFE_NO_PAD.decode(time)
        {
            bytes[..TIME].copy_from_slice(&time);
        }
        Self(bytes, PhantomData)
    }
}

impl<Kind> Fingerprint<Kind> {
    fn time(&self) -> [u8; TIME] {
        std::array::from_fn(|index| self.0[index])
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

fn encode(bytes: &[u8]) -> Zeroizing<String> {
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
    fn minted_tokens_are_51_characters_and_differ() {
        let one = Minted::<Access>::new().unwrap();
        let two = Minted::<Access>::new().unwrap();
        assert_eq!(one.expose().len(), MINTED_TEXT);
        assert_ne!(one.expose(), two.expose());
        assert!(!one.fingerprint().matches(&two.fingerprint()));
    }

    #[test]
    fn fingerprints_of_tokens_sort_by_the_time_that_the_tokens_begin_with() {
        let minted = |millis: u8| {
            let random = random().unwrap();
            Minted::<Access>::from_parts([0, 0, 0, 0, 1, millis], random).fingerprint()
        };
        let in_order: Vec<_> = (0..100).map(|millis| minted(millis).0).collect();
        assert!(in_order.is_sorted());
        assert!(!minted(7).matches(&minted(7)), "the time alone is nothing");
    }

    #[test]
    fn nothing_but_a_minted_token_shows_a_part_of_itself_in_its_fingerprint() {
        let whole = |text: &str| <[u8; BYTES]>::from(Sha256::digest(text.as_bytes()));
        let token = Minted::<Access>::new().unwrap();
        let token = token.expose();
        assert_ne!(Fingerprint::<Access>::of(token).0, whole(token));
        assert_eq!(Fingerprint::<Access>::of(token).0[TIME..], whole(token)[TIME..]);
        assert_eq!(Fingerprint::<ForClient>::of(token).0, whole(token));
        for other in ["", "x", &token[1..], &format!("{token}A"), &"é".repeat(25), &"!".repeat(51)]
        {
            assert_eq!(Fingerprint::<Access>::of(other).0, whole(other), "{other}");
        }
    }

    #[test]
    fn what_is_presented_is_what_was_made() {
        let made = Minted::<Refresh>::new().unwrap();
        let presented = Minted::<Refresh>::presented(made.expose()).unwrap();
        assert_eq!(presented.expose(), made.expose());
        for other in ["", "short", &made.expose()[1..], &format!("{}AA", made.expose())] {
            assert!(Minted::<Refresh>::presented(other).is_none(), "{other}");
        }
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
