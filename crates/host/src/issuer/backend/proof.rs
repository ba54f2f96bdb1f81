//! Proofs that an app has the key which its token is bound to (RFC 9449), as a backend checks them.

use std::{collections::HashMap, sync::Mutex};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use minihost_core::PublicKey;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{http::secure_url, issuer::InvalidSettings, ports::UserToken, signing, sync::lock};

/// How far from now a proof may have been made, in seconds: a way over a slow network, and the
/// difference of two clocks.
const WINDOW: i64 = 60;
/// The longest proof that is read, in bytes.
const LONGEST: usize = 8 * 1024;
/// The longest name of a proof, in bytes.
const LONGEST_NAME: usize = 128;
/// The most proofs that are kept in mind, which is what a minute of the busiest backend has.
const MOST_SEEN: usize = 100_000;

/// Checks proofs for one backend, each of which is good once (RFC 9449 §11.1). They are kept in mind
/// by this value alone: of several backends beside each other, one user's requests must come to the
/// same.
pub struct ProofChecker {
    base: Url,
    seen: Mutex<Seen>,
}

/// The proofs of the last minutes.
#[derive(Default)]
struct Seen {
    /// When each was made, by its key and its name.
    made: HashMap<(String, String), i64>,
    /// When those that are too old to be used again were last let go.
    cleared: i64,
}

/// A request as the backend got it.
pub struct Proven<'a> {
    /// The one `DPoP` header of the request.
    pub proof: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its path below the backend's address, with a slash in front.
    pub path: &'a str,
    /// The token in its header.
    pub token: &'a UserToken,
    /// The thumbprint of the key that the token is bound to (RFC 9449 §6).
    pub key: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Why a proof is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is not made for this request, or not by this key.
    #[error("the DPoP proof {0}")]
    Invalid(&'static str),
    /// Too many proofs are kept in mind to take another.
    #[error("too many proofs come in a minute")]
    Overloaded,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Value,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

impl ProofChecker {
    /// For the backend that apps reach at this address, without `/v1`.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn new(base: &str) -> Result<Self, InvalidSettings> {
        let base = secure_url(base).ok().filter(|url| url.query().is_none());
        let base = base.ok_or(InvalidSettings::new(
            "the backend's address must be an https URL, or http on the loopback interface, without query and fragment",
        ))?;
        Ok(Self { base, seen: Mutex::default() })
    }

    /// Checks the proof of one request, which is used up by that (RFC 9449 §4.3).
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check(&self, request: &Proven<'_>) -> Result<(), ProofError> {
        let Proven { proof, method, path, token, key, now } = request;
        let claims = signed_claims(proof, key)?;
        let Claims { jti, htm, htu, iat, ath } = claims;
        if htm != *method {
            return Err(ProofError::Invalid("is for another method"));
        }
        if !self.is_here(&htu, path) {
            return Err(ProofError::Invalid("is for another address"));
        }
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.expose().as_bytes()));
        if ath.as_deref() != Some(hash.as_str()) {
            return Err(ProofError::Invalid("is for another token"));
        }
        let now = now.as_second();
        if !is_recent(iat, now) {
            return Err(ProofError::Invalid("is too old or from the future"));
        }
        if !(1..=LONGEST_NAME).contains(&jti.len()) {
            return Err(ProofError::Invalid("has no name, or too long a one"));
        }
        self.once((*key).to_owned(), jti, iat, now)
    }

    /// Whether a proof's address is that of the request, whatever its query (§4.3).
    fn is_here(&self, htu: &str, path: &str) -> bool {
        let Ok(mut htu) = Url::parse(htu) else { return false };
        htu.set_query(None);
        htu.set_fragment(None);
        let here = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        Url::parse(&here).is_ok_and(|here| here == htu)
    }

    fn once(&self, key: String, jti: String, iat: i64, now: i64) -> Result<(), ProofError> {
        let mut seen = lock(&self.seen);
        if now.abs_diff(seen.cleared) > WINDOW.unsigned_abs() || seen.made.len() >= MOST_SEEN {
            seen.made.retain(|_, made| is_recent(*made, now));
            seen.cleared = now;
        }
        if seen.made.len() >= MOST_SEEN {
            return Err(ProofError::Overloaded);
        }
        match seen.made.insert((key, jti), iat) {
            None => Ok(()),
            Some(_) => Err(ProofError::Invalid("was used before")),
        }
    }
}

fn is_recent(made: i64, now: i64) -> bool {
    made.abs_diff(now) <= WINDOW.unsigned_abs()
}

/// The claims, if the key with this thumbprint signed them.
fn signed_claims(proof: &str, thumbprint: &str) -> Result<Claims, ProofError> {
    let malformed = || ProofError::Invalid("is no signed JWT of type dpop+jwt");
    if proof.len() > LONGEST {
        return Err(malformed());
    }
    let (message, signature) = proof.rsplit_once('.').ok_or_else(malformed)?;
    let (header, claims) = message.split_once('.').ok_or_else(malformed)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
    let header = decode(header)?;
    let Header { typ, alg, jwk } = serde_json::from_slice(&header).map_err(|_| malformed())?;
    if typ != "dpop+jwt" {
        return Err(malformed());
    }
    let no_key = |_| ProofError::Invalid("has no public key of Ed25519 or P-256");
    let key = PublicKey::from_jwk(&jwk.to_string()).map_err(no_key)?;
    if alg != key.algorithm() {
        return Err(ProofError::Invalid("is signed with an algorithm that is not its key's"));
    }
    if key.thumbprint().as_str() != thumbprint {
        return Err(ProofError::Invalid("is by another key than the token's"));
    }
    if !signing::is_signed(&key, message.as_bytes(), &decode(signature)?) {
        return Err(ProofError::Invalid("has a signature that does not hold"));
    }
    serde_json::from_slice(&decode(claims)?).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Map, json};

    use super::*;
    use crate::{
        ports::CredentialSigner as _,
        signing::{DpopKey, KeyPair, ProcessKey},
    };

    const BASE: &str = "https://relay.example/shop/";
    const CODES: &str = "https://relay.example/shop/v1/codes";
    const NOW: i64 = 1_800_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn checker() -> ProofChecker {
        ProofChecker::new(BASE).unwrap()
    }

    fn check(
        checker: &ProofChecker,
        proof: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<(), ProofError> {
        let token = &UserToken::new("t");
        checker.check(&Proven { proof, method: "POST", path: "/v1/codes", token, key, now })
    }

    async fn made(key: &Arc<DpopKey>, method: &str, url: &str, token: &str) -> String {
        key.proof(method, &url.parse().unwrap(), Some(token), at(NOW)).await.unwrap()
    }

    #[tokio::test]
    async fn the_proof_that_an_app_makes_is_good_once_for_its_request_and_for_a_minute() {
        let (key, checker) = (DpopKey::generate().unwrap(), checker());
        let thumbprint = key.thumbprint();
        for (later, expected) in [
            (0, Ok(())),
            (60, Ok(())),
            (-60, Ok(())),
            (61, Err(ProofError::Invalid("is too old or from the future"))),
            (-61, Err(ProofError::Invalid("is too old or from the future"))),
        ] {
            let proof = made(&key, "POST", &format!("{CODES}?a=b"), "t").await;
            assert_eq!(check(&checker, &proof, &thumbprint, at(NOW + later)), expected, "{later}");
        }
        let proof = made(&key, "POST", CODES, "t").await;
        assert_eq!(check(&checker, &proof, &thumbprint, at(NOW)), Ok(()));
        let again = check(&checker, &proof, &thumbprint, at(NOW + 60));
        assert_eq!(again, Err(ProofError::Invalid("was used before")));
    }

    #[tokio::test]
    async fn a_proof_for_something_else_is_none() {
        let (key, checker) = (DpopKey::generate().unwrap(), checker());
        let thumbprint = key.thumbprint();
        for (method, url, token, says) in [
            ("DELETE", CODES, "t", "another method"),
            ("POST", "https://relay.example/v1/codes", "t", "another address"),
            ("POST", "https://other.example/shop/v1/codes", "t", "another address"),
            ("POST", "http://relay.example/shop/v1/codes", "t", "another address"),
            ("POST", CODES, "u", "another token"),
        ] {
            let proof = made(&key, method, url, token).await;
            let refused = check(&checker, &proof, &thumbprint, at(NOW)).unwrap_err();
            assert!(refused.to_string().contains(says), "{refused}");
        }
        let url = CODES.parse().unwrap();
        let for_no_token = key.proof("POST", &url, None, at(NOW)).await.unwrap();
        let refused = check(&checker, &for_no_token, &thumbprint, at(NOW)).unwrap_err();
        assert!(refused.to_string().contains("another token"));
        let by_a_thief = made(&DpopKey::generate().unwrap(), "POST", CODES, "t").await;
        let refused = check(&checker, &by_a_thief, &thumbprint, at(NOW)).unwrap_err();
        assert!(refused.to_string().contains("another key"));
    }

    #[tokio::test]
    async fn a_proof_that_its_key_has_not_signed_is_none() {
        let key = DpopKey::generate().unwrap();
        let proof = made(&key, "POST", CODES, "t").await;
        let parts: Vec<_> = proof.split('.').collect();
        let other = made(&key, "POST", CODES, "t").await;
        let other: Vec<_> = other.split('.').collect();
        for bad in [
            String::new(),
            "a.b".to_owned(),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}.{}", parts[0], parts[1], other[2]),
            format!("{}.{}.{}", parts[0], other[1], parts[2]),
            format!("{proof}.{}", parts[2]),
            format!("{proof}{}", "A".repeat(LONGEST)),
        ] {
            assert!(check(&checker(), &bad, &key.thumbprint(), at(NOW)).is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn another_kind_of_jwt_and_another_algorithm_are_none() {
        let pkcs8 = KeyPair::generate_ed_dsa().ok().unwrap();
        let key = ProcessKey::from_pair(KeyPair::from_pkcs8(&pkcs8).ok().unwrap());
        let public = key.public_key();
        let jwk: Value = serde_json::from_str(&public.to_jwk("k")).unwrap();
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"t"));
        let claims = json!({"jti": "j", "htm": "POST", "htu": CODES, "iat": NOW, "ath": hash});
        let proof = async |typ: &str, jwk: &Value| {
            let members = [("typ".to_owned(), json!(typ)), ("jwk".to_owned(), jwk.clone())];
            signing::sign(&key, Map::from_iter(members), &claims).await.unwrap()
        };
        let check = |proof: &str| {
            let thumbprint = public.thumbprint();
            check(&checker(), proof, thumbprint.as_str(), at(NOW))
        };
        assert_eq!(check(&proof("dpop+jwt", &jwk).await), Ok(()));
        assert!(check(&proof("JWT", &jwk).await).is_err());
        let mut private = jwk.clone();
        private["d"] = json!("AA");
        assert!(check(&proof("dpop+jwt", &private).await).is_err());
    }

    #[test]
    fn a_backend_that_is_reached_in_clear_is_refused() {
        for bad in ["http://relay.example", "relay.example", "https://relay.example?a=b"] {
            assert!(ProofChecker::new(bad).is_err(), "{bad}");
        }
    }
}
