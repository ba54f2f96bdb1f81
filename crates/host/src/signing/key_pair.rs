//! A private key in memory.

use minihost_core::PublicKey;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use zeroize::Zeroizing;

/// Ed25519, or ECDSA with P-256 and SHA-256. Has no `Debug`.
pub(crate) enum KeyPair {
    /// RFC 8037.
    EdDsa(Ed25519KeyPair),
    /// RFC 7518 §3.4.
    Es256(EcdsaKeyPair),
}

/// The bytes are no PKCS #8 of such a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAKey;

/// The operating system gives no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRandomness;

impl KeyPair {
    /// The PKCS #8 of a new Ed25519 key.
    pub(crate) fn generate_ed_dsa() -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        made.map(|made| Zeroizing::new(made.as_ref().to_vec())).map_err(|_| NoRandomness)
    }

    /// The PKCS #8 of a new P-256 key.
    pub(crate) fn generate_es256() -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        made.map(|made| Zeroizing::new(made.as_ref().to_vec())).map_err(|_| NoRandomness)
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, NotAKey> {
        // Keys that other tools make have no public half in the file (RFC 5958 version 1).
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8) {
            return Ok(Self::EdDsa(pair));
        }
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random);
        pair.map(Self::Es256).map_err(|_| NotAKey)
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        match self {
            Self::EdDsa(pair) => {
                let key = pair.public_key().as_ref();
                PublicKey::Ed25519(key.try_into().expect("an Ed25519 key has 32 bytes"))
            }
            Self::Es256(pair) => {
                // SEC 1 §2.3.3: one byte says that both coordinates follow.
                let point = &pair.public_key().as_ref()[1..];
                PublicKey::P256(point.try_into().expect("a P-256 point has two coordinates"))
            }
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        match self {
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.map(|made| made.as_ref().to_vec()).map_err(|_| NoRandomness)
            }
        }
    }
}
