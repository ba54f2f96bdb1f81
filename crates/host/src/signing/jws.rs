//! Making a compact JWS with a signer that may be anybody's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::PublicKey;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey,
    VerificationAlgorithm,
};
use serde_json::{Map, Value};

use crate::ports::{CredentialSigner, SignerError};

/// Half of an ECDSA signature with P-256, and the longest DER of one.
const SCALAR: usize = 32;

/// Signs claims. `alg` is put into the header.
pub(crate) async fn sign(
    signer: &dyn CredentialSigner,
    mut header: Map<String, Value>,
    claims: &Value,
) -> Result<String, SignerError> {
    let key = signer.public_key();
    header.insert("alg".to_owned(), key.algorithm().into());
    let header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = signer.sign(message.as_bytes()).await?;
    let signature = checked(&key, message.as_bytes(), &signature)?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Whether the key has signed this, in the form that JOSE wants.
#[cfg(feature = "backend")]
pub(crate) fn is_signed(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let is_one = signature.len() == 2 * SCALAR;
    is_one && checked(key, message, signature).is_ok()
}

/// A number that is used once: 128 random bits.
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The signature as JOSE wants it, if it is one.
fn checked(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<Vec<u8>, SignerError> {
    match key {
        PublicKey::Ed25519(key) => is_by(&ED25519, key, message, signature)?,
        PublicKey::P256(point) => {
            let mut key = [4; 1 + 2 * SCALAR];
            key[1..].copy_from_slice(point);
            if signature.len() != 2 * SCALAR {
                is_by(&ECDSA_P256_SHA256_ASN1, &key, message, signature)?;
                return fixed(signature).ok_or(SignerError::WrongSignature);
            }
            is_by(&ECDSA_P256_SHA256_FIXED, &key, message, signature)?;
        }
    }
    Ok(signature.to_vec())
}

fn is_by(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignerError> {
    let verified = UnparsedPublicKey::new(algorithm, key).verify(message, signature);
    verified.map_err(|_| SignerError::WrongSignature)
}

/// The two numbers of a DER signature that was verified, one after the other (RFC 7518 §3.4).
fn fixed(der: &[u8]) -> Option<Vec<u8>> {
    let (r, rest) = integer(der.strip_prefix(&[0x30])?.get(1..)?)?;
    let (s, _) = integer(rest)?;
    let mut signature = vec![0; 2 * SCALAR];
    for (number, half) in [r, s].into_iter().zip(signature.chunks_exact_mut(SCALAR)) {
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        half.get_mut(SCALAR.checked_sub(number.len())?..)?.copy_from_slice(number);
    }
    Some(signature)
}

fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = der.strip_prefix(&[0x02])?.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
    };
    use serde_json::json;

    use super::*;
    use crate::{
        ports::KeyProtection,
        signing::{KeyPair, ProcessKey},
    };

    /// Whether a JWS is by this key, as its receiver finds out.
    fn verify(jws: &str, key: &PublicKey) -> Option<(Value, Value)> {
        let (message, signature) = jws.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        assert_eq!(signature.len(), 64);
        checked(key, message.as_bytes(), &signature).ok()?;
        let (header, claims) = message.split_once('.')?;
        let read = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Some((read(header), read(claims)))
    }

    fn key(pkcs8: &[u8]) -> ProcessKey {
        ProcessKey::from_pair(KeyPair::from_pkcs8(pkcs8).ok().unwrap())
    }

    #[tokio::test]
    async fn claims_are_signed_with_either_kind_of_key() {
        let claims = json!({"iss": "host"});
        for (pkcs8, alg) in [
            (KeyPair::generate_es256().ok().unwrap(), "ES256"),
            (KeyPair::generate_ed_dsa().ok().unwrap(), "EdDSA"),
        ] {
            let key = key(&pkcs8);
            let header = Map::from_iter([("typ".to_owned(), json!("JWT"))]);
            let jws = sign(&key, header, &claims).await.unwrap();
            let read = verify(&jws, &key.public_key()).unwrap();
            assert_eq!(read, (json!({"typ": "JWT", "alg": alg}), claims.clone()));
        }
    }

    /// Hardware: gives DER, or whatever it is told to.
    struct Hardware {
        pair: EcdsaKeyPair,
        gives: Option<Vec<u8>>,
    }

    #[async_trait]
    impl CredentialSigner for Hardware {
        fn public_key(&self) -> PublicKey {
            PublicKey::P256(self.pair.public_key().as_ref()[1..].try_into().unwrap())
        }

        fn protection(&self) -> KeyProtection {
            KeyProtection::Hardware
        }

        async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            let signature = self.pair.sign(&SystemRandom::new(), message).unwrap();
            Ok(self.gives.clone().unwrap_or_else(|| signature.as_ref().to_vec()))
        }
    }

    fn hardware(gives: Option<Vec<u8>>) -> Hardware {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        Hardware { pair, gives }
    }

    #[tokio::test]
    async fn what_hardware_signs_in_der_is_sent_as_jose_wants_it() {
        let hardware = hardware(None);
        // The numbers of some have leading zeros, of others a sign byte.
        for number in 0..300 {
            let claims = json!({"number": number});
            let jws = sign(&hardware, Map::new(), &claims).await.unwrap();
            assert_eq!(verify(&jws, &hardware.public_key()).unwrap().1, claims);
        }
    }

    #[tokio::test]
    async fn what_is_no_signature_is_not_sent() {
        let good = hardware(None).sign(b"another message").await.unwrap();
        for bad in [Vec::new(), vec![0; 64], vec![0x30], b"signature".to_vec(), good] {
            let signed = sign(&hardware(Some(bad)), Map::new(), &json!({})).await;
            assert_eq!(signed, Err(SignerError::WrongSignature));
        }
    }
}
