//! How a client proves that it is the client (RFC 6749 §2.3).

use serde::{Deserialize, Serialize};

use crate::error::InvalidRegistration;
use crate::jose::PublicKey;
use crate::secret::{ClientSecret, Fingerprint, ForClient};

const MAX_KEYS: usize = 8;

/// How a client proves that it is the client (RFC 6749 §2.3).
pub enum ClientAuthentication {
    /// A shared secret, sent by `client_secret_basic` or `client_secret_post`.
    Secret(ClientSecret),
    /// Assertions signed with a key that only the client has, `private_key_jwt` (RFC 7523 §2.2,
    /// OpenID Connect Core §9).
    Keys(PublicKeys),
    /// A public client: it has no secret, and PKCE protects its codes.
    None,
}

/// The public keys by which a client's signatures are checked: a JWK Set (RFC 7517 §5).
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value", into = "serde_json::Value")]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Reads a JWK Set, `{"keys": […]}`.
    ///
    /// # Errors
    /// When it does not hold one to eight keys that this server can check signatures with: RSA of
    /// 2,048 bits or more, P-256, or Ed25519; or when one of them has a private part.
    pub fn from_json(set: &str) -> Result<Self, InvalidRegistration> {
        let set = serde_json::from_str(set).map_err(|_| InvalidRegistration::PublicKeys)?;
        Self::read(&set)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.iter()
    }

    fn read(set: &serde_json::Value) -> Result<Self, InvalidRegistration> {
        let keys = set["keys"].as_array().ok_or(InvalidRegistration::PublicKeys)?;
        let keys = keys
            .iter()
            .map(|key| PublicKey::from_jwk(key).ok_or(InvalidRegistration::PublicKeys))
            .collect::<Result<Vec<_>, _>>()?;
        let fits = (1..=MAX_KEYS).contains(&keys.len());
        fits.then_some(Self(keys)).ok_or(InvalidRegistration::PublicKeys)
    }
}

impl TryFrom<serde_json::Value> for PublicKeys {
    type Error = InvalidRegistration;

    fn try_from(set: serde_json::Value) -> Result<Self, Self::Error> {
        Self::read(&set)
    }
}

impl From<PublicKeys> for serde_json::Value {
    fn from(keys: PublicKeys) -> Self {
        serde_json::json!({ "keys": keys.iter().map(PublicKey::to_jwk).collect::<Vec<_>>() })
    }
}

/// What the server keeps to check a client's proof: never the secret itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    /// The SHA-256 of the shared secret.
    Secret(Fingerprint<ForClient>),
    Keys(PublicKeys),
    None,
}

impl From<&ClientAuthentication> for Proof {
    fn from(authentication: &ClientAuthentication) -> Self {
        match authentication {
            ClientAuthentication::Secret(secret) => Self::Secret(secret.fingerprint()),
            ClientAuthentication::Keys(keys) => Self::Keys(keys.clone()),
            ClientAuthentication::None => Self::None,
        }
    }
}
