//! Proofs that a token is in the hands that it was given to (RFC 9449).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{KeyPair, ProcessKey, random_id, sign};
use crate::{
    ports::{CredentialSigner as _, SignerError},
    sync::lock,
};

/// The longest nonce that is kept, in bytes.
const LONGEST_NONCE: usize = 512;
/// The most servers whose nonces are kept.
const MOST_SERVERS: usize = 16;

/// A key of this installation, P-256, that tokens are bound to. Has no `Debug`.
pub(crate) struct DpopKey {
    key: ProcessKey,
    pkcs8: Zeroizing<Vec<u8>>,
    /// The newest of each server, by its origin (§8).
    nonces: Mutex<BTreeMap<String, String>>,
}

impl DpopKey {
    /// A new key; none where the operating system gives no random numbers.
    pub(crate) fn generate() -> Option<Arc<Self>> {
        Self::from_pkcs8(KeyPair::generate_es256().ok()?)
    }

    /// One that was kept.
    pub(crate) fn from_pkcs8(pkcs8: Zeroizing<Vec<u8>>) -> Option<Arc<Self>> {
        let key = ProcessKey::from_pair(KeyPair::from_pkcs8(&pkcs8).ok()?);
        Some(Arc::new(Self { key, pkcs8, nonces: Mutex::default() }))
    }

    /// To be kept.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Takes a nonce that a server wants in the next proof for it.
    pub(crate) fn hear(&self, url: &Url, nonce: &str) {
        let fit = (1..=LONGEST_NONCE).contains(&nonce.len())
            && nonce.bytes().all(|byte| byte.is_ascii_graphic());
        let (mut nonces, server) = (self.nonces(), url.origin().ascii_serialization());
        if fit && (nonces.len() < MOST_SERVERS || nonces.contains_key(&server)) {
            nonces.insert(server, nonce.to_owned());
        }
    }

    /// A proof for one request (§4.2); with a token that goes along in its header, for that one.
    pub(crate) async fn proof(
        &self,
        method: &str,
        url: &Url,
        token: Option<&str>,
        now: Timestamp,
    ) -> Result<String, SignerError> {
        let header = Map::from_iter([
            ("typ".to_owned(), json!("dpop+jwt")),
            ("jwk".to_owned(), self.public_jwk()),
        ]);
        let mut address = url.clone();
        address.set_query(None);
        address.set_fragment(None);
        let mut claims = json!({
            "jti": random_id(), "htm": method, "htu": address.as_str(), "iat": now.as_second(),
        });
        if let Some(token) = token {
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())));
        }
        let nonce = self.nonces().get(&url.origin().ascii_serialization()).cloned();
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        sign(&self.key, header, &claims).await
    }

    /// What names the key in a token that is bound to it (§6).
    #[cfg(all(test, feature = "backend"))]
    pub(crate) fn thumbprint(&self) -> String {
        self.key.public_key().thumbprint().to_string()
    }

    fn public_jwk(&self) -> Value {
        let jwk = self.key.public_key().to_jwk("");
        let mut jwk: Map<String, Value> = serde_json::from_str(&jwk).expect("a JWK is an object");
        jwk.retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
        Value::Object(jwk)
    }

    fn nonces(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        lock(&self.nonces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn claims(key: &DpopKey, url: &str, token: Option<&str>) -> (Value, Value) {
        let now = Timestamp::from_second(1000).unwrap();
        let proof = key.proof("POST", &url.parse().unwrap(), token, now).await.unwrap();
        let parts: Vec<_> = proof.split('.').collect();
        let read = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        (read(parts[0]), read(parts[1]))
    }

    #[tokio::test]
    async fn a_proof_is_for_one_request_to_one_address() {
        let key = DpopKey::generate().unwrap();
        let (header, first) = claims(&key, "https://as.example/token?a=b", None).await;
        assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
        let members: Vec<_> = header["jwk"].as_object().unwrap().keys().collect();
        assert_eq!(members, ["crv", "kty", "x", "y"]);
        assert_eq!(first["htu"], "https://as.example/token");
        assert_eq!((&first["htm"], &first["iat"]), (&json!("POST"), &json!(1000)));
        assert_eq!((first.get("ath"), first.get("nonce")), (None, None));
        let (_, second) = claims(&key, "https://as.example/token", None).await;
        assert_ne!(first["jti"], second["jti"]);
    }

    #[tokio::test]
    async fn the_example_of_rfc_9449_names_its_token() {
        let key = DpopKey::generate().unwrap();
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let (_, claims) = claims(&key, "https://resource.example.org/", Some(token)).await;
        assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[tokio::test]
    async fn a_nonce_goes_to_the_server_that_gave_it_and_to_no_other() {
        let key =
            DpopKey::from_pkcs8(DpopKey::generate().unwrap().pkcs8().to_vec().into()).unwrap();
        let url: Url = "https://as.example/token".parse().unwrap();
        for nonce in ["old", "new", "", "a b"] {
            key.hear(&url, nonce);
        }
        assert_eq!(claims(&key, "https://as.example/userinfo", None).await.1["nonce"], "new");
        assert_eq!(claims(&key, "https://as.example:1/", None).await.1.get("nonce"), None);
    }
}
