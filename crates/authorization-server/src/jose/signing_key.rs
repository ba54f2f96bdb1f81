//! Private keys with which the server signs.

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use rsa::pkcs8::EncodePrivateKey as _;
use zeroize::Zeroizing;

use super::{PublicKey, SigningAlgorithm};

const RSA_BITS: usize = 2048;

/// A key could not be made or read, or could not sign.
#[derive(Debug, thiserror::Error)]
#[error("a signing key cannot be {0}")]
pub(crate) struct KeyError(&'static str);

impl KeyError {
    /// There is none for the algorithm.
    pub(crate) fn missing() -> Self {
        Self("found")
    }
}

/// A private key and its public part. Has no `Debug`.
pub(crate) struct SigningKey {
    algorithm: SigningAlgorithm,
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a new key, as the PKCS #8 document from which it can be [read](Self::from_pkcs8). For
    /// RSA this takes a second or so, and panics where the operating system has no randomness.
    pub(crate) fn generate(algorithm: SigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let failed = KeyError("made");
        let random = SystemRandom::new();
        let document = match algorithm {
            SigningAlgorithm::Rs256 => {
                let key = rsa::PrivateKey::new(&mut UnwrapErr(SysRng), RSA_BITS)
                    .map_err(|_| KeyError("made"))?;
                return key
                    .to_pkcs8_der()
                    .map(|document| Zeroizing::new(document.as_bytes().to_vec()))
                    .map_err(|_| failed);
            }
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            }
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
        };
        document.map(|document| Zeroizing::new(document.as_ref().to_vec())).map_err(|_| failed)
    }

    /// Reads a PKCS #8 document. The identifier of the key is its thumbprint.
    pub(crate) fn from_pkcs8(
        algorithm: SigningAlgorithm,
        document: &[u8],
    ) -> Result<Self, KeyError> {
        let unreadable = || KeyError("read");
        let (pair, public) = match algorithm {
            SigningAlgorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(document).map_err(|_| unreadable())?;
                let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                let public = PublicKey::from_rsa(numbers.n, numbers.e);
                (Pair::Rsa(pair), Some(public))
            }
            SigningAlgorithm::Es256 => {
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pair = EcdsaKeyPair::from_pkcs8(algorithm, document, &SystemRandom::new())
                    .map_err(|_| unreadable())?;
                let public = PublicKey::from_p256(pair.public_key().as_ref());
                (Pair::P256(pair), public)
            }
            SigningAlgorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8(document).map_err(|_| unreadable())?;
                let public = PublicKey::from_ed25519(pair.public_key().as_ref());
                (Pair::Ed25519(pair), public)
            }
        };
        let public = public.ok_or_else(unreadable)?;
        let id = public.thumbprint().to_string();
        Ok(Self { algorithm, pair, public: public.with_id(id) })
    }

    pub(crate) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError("used");
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) => {
                pair.sign(&random, message).map(|s| s.as_ref().to_vec()).map_err(failed)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}
