//! How a client proves that it is the client (RFC 6749 §2.3).

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;
use crate::error::InvalidRegistration;
use crate::jose::{Claims, Jws, PublicKey};
use crate::secret::{ClientSecret, Fingerprint, ForClient};

const MAX_KEYS: usize = 8;

/// How a client proves that it is the client (RFC 6749 §2.3).
pub enum ClientAuthentication {
    /// A shared secret, sent by `client_secret_basic` or `client_secret_post`.
    Secret(ClientSecret),
    /// Assertions signed with a key that only the client has, `private_key_jwt` (RFC 7523 §2.2,
    /// OpenID Connect Core §9).
    Keys(PublicKeys),
    /// Attestations that one of these keys signed, of the client's attester, each for the key of one
    /// installation: `attest_jwt_client_auth` and, where a DPoP proof shows that key,
    /// `attest_jwt_client_auth_dpop` (draft-ietf-oauth-attestation-based-client-auth-11).
    Attested(PublicKeys),
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

    /// The claims of a token that one of the keys signed. A `kid` chooses among the keys that have
    /// one (RFC 7515 §4.1.4).
    pub(crate) fn signer(&self, token: &Jws<'_>) -> Option<Claims> {
        let may_be = |key: &&PublicKey| match (token.key_id(), key.id()) {
            (Some(wanted), Some(id)) => wanted == id,
            _ => true,
        };
        self.iter().filter(may_be).find_map(|key| token.verify(key))
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
    Secret(KeptSecret),
    Keys(PublicKeys),
    /// The keys of the attester.
    Attested(PublicKeys),
    None,
}

/// What is kept of a shared secret, and for a while of the one before it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeptSecret {
    sha256: Fingerprint<ForClient>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Previous {
    sha256: Fingerprint<ForClient>,
    until: UnixMillis,
}

impl KeptSecret {
    pub(crate) fn new(sha256: Fingerprint<ForClient>) -> Self {
        Self { sha256, previous: None }
    }

    /// `next` takes the place of the secret, which is still taken before `until`.
    pub(crate) fn rotate(&mut self, next: Fingerprint<ForClient>, until: UnixMillis) {
        let sha256 = std::mem::replace(&mut self.sha256, next);
        self.previous = Some(Previous { sha256, until });
    }

    /// Whether this is the secret now. Compares in constant time.
    pub(crate) fn is(&self, presented: &str, now: UnixMillis) -> bool {
        let presented = Fingerprint::of(presented);
        let previous = self.previous.as_ref().filter(|previous| now < previous.until);
        presented.matches(&self.sha256)
            || previous.is_some_and(|previous| presented.matches(&previous.sha256))
    }
}

impl From<&ClientAuthentication> for Proof {
    fn from(authentication: &ClientAuthentication) -> Self {
        match authentication {
            ClientAuthentication::Secret(secret) => {
                Self::Secret(KeptSecret::new(secret.fingerprint()))
            }
            ClientAuthentication::Keys(keys) => Self::Keys(keys.clone()),
            ClientAuthentication::Attested(keys) => Self::Attested(keys.clone()),
            ClientAuthentication::None => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_rotated_secret_is_taken_until_its_time_is_over_and_the_new_one_at_once() {
        let at = |second| UnixMillis::from(Timestamp::from_second(second).unwrap());
        let mut kept = KeptSecret::new(Fingerprint::of("first"));
        kept.rotate(Fingerprint::of("second"), at(60));
        for (secret, second, taken) in [
            ("first", 59, true),
            ("first", 60, false),
            ("second", 0, true),
            ("second", 60, true),
            ("third", 0, false),
        ] {
            assert_eq!(kept.is(secret, at(second)), taken, "{secret} at {second}");
        }
        kept.rotate(Fingerprint::of("third"), at(60));
        assert!(!kept.is("first", at(0)), "only one secret before the last is taken");
    }
}
