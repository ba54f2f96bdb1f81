//! Manifests that publishers sign and hosts verify, with ring.
//!
//! A publisher makes a key once ([`SigningKey::generate`]), gives its public half
//! ([`SigningKey::public_jwk`]) to hosts, and signs each release ([`SigningKey::sign`]). A host pins
//! the keys that it trusts and opens what [`verify`] gives.

mod pem;
mod signing;

pub use minihost_core::{
    Build, Finding, KeyError, Manifest, ManifestError, PublicKey, Severity, TrustedKey, lint,
};
pub use signing::{Algorithm, SignError, SigningKey};

use minihost_core::VerifySignature;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};

/// Reads a signed manifest: a JWS in compact serialisation, by one of these keys. Whether it goes
/// back to an older release is seen when it is opened.
///
/// # Errors
/// [`ManifestError`].
pub fn verify(jws: &str, keys: &[TrustedKey], build: Build) -> Result<Manifest, ManifestError> {
    Manifest::signed(jws.trim_ascii(), keys, &Ring, build)
}

struct Ring;

impl VerifySignature for Ring {
    fn is_valid(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        match key {
            PublicKey::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
            }
            PublicKey::P256(point) => {
                // SEC 1 §2.3.3: both coordinates, uncompressed.
                let mut key = [4; 65];
                key[1..].copy_from_slice(point);
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
                    .verify(message, signature)
                    .is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests;
