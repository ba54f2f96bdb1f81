//! A signer whose key is in the process.

use async_trait::async_trait;
use minihost_core::PublicKey;
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};

use super::KeyPair;
use crate::ports::{CredentialSigner, KeyProtection, SignerError};

/// A private key in the memory of this process, for `private_key_jwt`: Ed25519 or P-256. Has no
/// `Debug`.
///
/// On a phone a key in hardware is better: bring a [`CredentialSigner`]. A key that ships inside an
/// app is as much of a secret as a password that does, which is none.
pub struct ProcessKey {
    pair: KeyPair,
    id: Option<String>,
}

/// It is no key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a private key.
    #[error("this is no PKCS #8 private key in PEM for Ed25519 or P-256")]
    Private,
    /// Not a public key.
    #[error(
        "this is no P-256 public key: neither a SubjectPublicKeyInfo in DER nor a point of 65 bytes"
    )]
    Public,
}

/// What stands before the point in the SubjectPublicKeyInfo of a P-256 key (RFC 5480 §2.1.1.1).
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Reads the public half of a key in hardware, as its platform gives it: a SubjectPublicKeyInfo in
/// DER (`PublicKey.getEncoded` on Android) or an uncompressed point (`SecKeyCopyExternalRepresentation`
/// on Apple's).
///
/// # Errors
/// [`InvalidKey::Public`].
pub fn p256_public_key(encoded: &[u8]) -> Result<PublicKey, InvalidKey> {
    let point = encoded.strip_prefix(&P256_INFO).unwrap_or(encoded);
    let point = point.strip_prefix(&[4]).ok_or(InvalidKey::Public)?;
    point.try_into().map(PublicKey::P256).map_err(|_| InvalidKey::Public)
}

impl ProcessKey {
    /// Reads a private key: PKCS #8 in PEM (RFC 7468 §10).
    ///
    /// # Errors
    /// [`InvalidKey::Private`].
    pub fn from_pem(pem: &str) -> Result<Self, InvalidKey> {
        let key =
            PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| InvalidKey::Private)?;
        let pair = KeyPair::from_pkcs8(key.secret_pkcs8_der()).map_err(|_| InvalidKey::Private)?;
        Ok(Self { pair, id: None })
    }

    /// Names the key as the authorization server does (`kid`).
    #[must_use]
    pub fn named(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    pub(crate) fn from_pair(pair: KeyPair) -> Self {
        Self { pair, id: None }
    }

    /// A new key of P-256.
    #[cfg(test)]
    pub(crate) fn generate() -> Self {
        let key = KeyPair::generate_es256().expect("there is randomness");
        Self::from_pair(KeyPair::from_pkcs8(&key).expect("it is a key"))
    }
}

#[async_trait]
impl CredentialSigner for ProcessKey {
    fn public_key(&self) -> PublicKey {
        self.pair.public_key()
    }

    fn key_id(&self) -> Option<String> {
        self.id.clone()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Process
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let no_randomness = |_| SignerError::Unavailable("no random numbers".to_owned());
        self.pair.sign(message).map_err(no_randomness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Algorithm, SigningKey};

    #[tokio::test]
    async fn a_key_in_a_file_is_read_and_named() {
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
            let (_, pem) = SigningKey::generate(algorithm).unwrap();
            let key = ProcessKey::from_pem(&pem).unwrap();
            assert_eq!((key.key_id(), key.protection()), (None, KeyProtection::Process));
            assert_eq!(key.named("first").key_id().as_deref(), Some("first"));
        }
        for bad in ["", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert_eq!(ProcessKey::from_pem(bad).err(), Some(InvalidKey::Private), "{bad}");
        }
    }

    #[test]
    fn a_public_key_is_read_as_either_platform_gives_it() {
        let (key, point) = (PublicKey::P256([7; 64]), [&[4][..], &[7; 64]].concat());
        assert_eq!(p256_public_key(&point), Ok(key.clone()));
        assert_eq!(p256_public_key(&[&P256_INFO[..], &point].concat()), Ok(key));
        for bad in [&[][..], &[2; 33], &point[1..], &P256_INFO, &[point.clone(), vec![0]].concat()]
        {
            assert_eq!(p256_public_key(bad), Err(InvalidKey::Public));
        }
    }
}
