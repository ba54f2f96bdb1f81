//! The keys that may vouch for manifests. A host pins them; a manifest never brings its own.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{PublisherId, PublisherKey, encoding};

/// A publisher's public key, as a host pins it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// Whose it is: a manifest that names another publisher is refused.
    pub publisher: PublisherId,
    /// The `kid` by which a manifest names it.
    pub kid: String,
    /// The key.
    pub key: PublicKey,
}

/// A public key that can verify a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// For `EdDSA` (RFC 8037): 32 bytes.
    Ed25519([u8; 32]),
    /// For `ES256` (RFC 7518 §3.4): both coordinates, 32 bytes each.
    P256([u8; 64]),
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a JWK of an Ed25519 or P-256 public key.
    #[error(
        "it is not a JWK (RFC 7517) of an Ed25519 or P-256 public key; make one with `manifest keygen`"
    )]
    NotAPublicKey,
    /// It holds a private key, which belongs to its publisher alone.
    #[error("it holds a private key; pin the public half, and consider this one lost")]
    Private,
}

impl TrustedKey {
    /// Reads a JSON Web Key (RFC 7517) with `kty`, `crv`, `x`, for P-256 `y`, and `kid`. Without a
    /// `kid` the key's thumbprint is its name.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_jwk(publisher: PublisherId, json: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::read(json)?;
        let key = jwk.key()?;
        let kid = jwk.kid.unwrap_or_else(|| key.thumbprint().to_string());
        Ok(Self { publisher, kid, key })
    }
}

impl PublicKey {
    /// Reads a JSON Web Key (RFC 7517) with `kty`, `crv`, `x`, and for P-256 `y`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Jwk::read(json)?.key()
    }

    /// The JWS algorithm (RFC 7518 §3.1, RFC 8037 §3.1) that the key is for, and no other.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::P256(_) => "ES256",
        }
    }

    /// The JWK thumbprint (RFC 7638), which names the key whatever its `kid`.
    pub fn thumbprint(&self) -> PublisherKey {
        PublisherKey::new(encoding::base64url(&Sha256::digest(self.required_members())))
    }

    /// The key as a JWK.
    pub fn to_jwk(&self, kid: &str) -> String {
        let members = self.required_members();
        let kid = serde_json::Value::from(kid);
        format!("{},\"kid\":{kid}}}", members.trim_end_matches('}'))
    }

    /// The members that a thumbprint covers, in its order (RFC 7638 §3.2, RFC 8037 §2).
    fn required_members(&self) -> String {
        match self {
            Self::Ed25519(x) => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encoding::base64url(x))
            }
            Self::P256(point) => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                encoding::base64url(&point[..32]),
                encoding::base64url(&point[32..])
            ),
        }
    }
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    d: Option<String>,
    kid: Option<String>,
}

impl Jwk {
    fn read(json: &str) -> Result<Self, KeyError> {
        let jwk: Self = serde_json::from_str(json).map_err(|_| KeyError::NotAPublicKey)?;
        if jwk.d.is_some() { Err(KeyError::Private) } else { Ok(jwk) }
    }

    fn key(&self) -> Result<PublicKey, KeyError> {
        match (self.kty.as_str(), self.crv.as_str(), &self.y) {
            ("OKP", "Ed25519", None) => Ok(PublicKey::Ed25519(coordinate(&self.x)?)),
            ("EC", "P-256", Some(y)) => {
                let mut point = [0; 64];
                point[..32].copy_from_slice(&coordinate(&self.x)?);
                point[32..].copy_from_slice(&coordinate(y)?);
                Ok(PublicKey::P256(point))
            }
            _ => Err(KeyError::NotAPublicKey),
        }
    }
}

fn coordinate(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = encoding::from_base64url(text).ok_or(KeyError::NotAPublicKey)?;
    bytes.try_into().map_err(|_| KeyError::NotAPublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_8037: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn read(json: &str) -> Result<TrustedKey, KeyError> {
        TrustedKey::from_jwk(PublisherId::new("acme"), json)
    }

    #[test]
    fn the_thumbprint_of_rfc_8037_comes_out_and_names_a_key_without_a_kid() {
        let key = read(RFC_8037).unwrap();
        assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(key.key.algorithm(), "EdDSA");
    }

    #[test]
    fn a_key_survives_being_written() {
        let point = PublicKey::P256([7; 64]);
        for key in [read(RFC_8037).unwrap().key, point] {
            let again = read(&key.to_jwk("a\"b")).unwrap();
            assert_eq!((again.key, again.kid.as_str()), (key, "a\"b"));
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_a_private_one_by_name() {
        for json in [
            "",
            "{}",
            r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#,
            r#"{"kty":"oct","k":"AQ"}"#,
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qY"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ] {
            assert_eq!(read(json), Err(KeyError::NotAPublicKey), "{json}");
        }
        let private = RFC_8037.replace("\"kty\"", "\"d\":\"AQ\",\"kty\"");
        assert_eq!(read(&private), Err(KeyError::Private));
    }
}
