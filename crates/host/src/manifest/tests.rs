//! Real signatures.

use minihost_core::PublisherId;
use serde_json::{Value, json};

use super::*;

fn manifest() -> Value {
    json!({
        "manifestVersion": 1, "id": "teahouse", "version": "1.2.0", "name": {"en": "Tea House"},
        "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": "https://tea.example/", "origins": ["https://tea.example"],
        "clientId": "teahouse", "redirectUris": ["https://tea.example/callback"],
        "scopes": [{"name": "email", "reason": {"en": "To send your receipt."}}],
    })
}

fn pinned(key: &SigningKey) -> TrustedKey {
    TrustedKey::from_jwk(PublisherId::new("acme"), &key.public_jwk()).unwrap()
}

const ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDsa, Algorithm::Es256];

#[test]
fn what_a_publisher_signs_a_host_verifies() {
    for algorithm in ALGORITHMS {
        let (key, pem) = SigningKey::generate(algorithm).unwrap();
        let jws = key.sign(manifest().to_string().as_bytes(), Build::Release).unwrap();
        let verified = verify(&format!("{jws}\n"), &[pinned(&key)], Build::Release).unwrap();
        assert_eq!(verified.id.as_str(), "teahouse");
        assert_eq!(verified.trust.publisher_key().as_str(), key.kid());

        let again = SigningKey::from_pem(&pem).unwrap();
        assert_eq!(again.kid(), key.kid());
        let jws = again.sign(manifest().to_string().as_bytes(), Build::Release).unwrap();
        assert!(verify(&jws, &[pinned(&key)], Build::Release).is_ok());
    }
}

#[test]
fn another_key_of_the_same_name_does_not_verify() {
    for algorithm in ALGORITHMS {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let (other, _) = SigningKey::generate(algorithm).unwrap();
        let jws = key.sign(manifest().to_string().as_bytes(), Build::Release).unwrap();
        let renamed = TrustedKey { kid: key.kid().to_owned(), ..pinned(&other) };
        let refused = verify(&jws, &[renamed], Build::Release);
        assert!(matches!(refused, Err(ManifestError::BadSignature)));
        let refused = verify(&jws, &[pinned(&other)], Build::Release);
        assert!(matches!(refused, Err(ManifestError::UnknownKey { .. })));
    }
}

#[test]
fn a_key_of_one_kind_does_not_verify_the_other_kinds_signature() {
    let (edwards, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let (weierstrass, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let jws = edwards.sign(manifest().to_string().as_bytes(), Build::Release).unwrap();
    let renamed = TrustedKey { kid: edwards.kid().to_owned(), ..pinned(&weierstrass) };
    let refused = verify(&jws, &[renamed], Build::Release);
    assert!(matches!(refused, Err(ManifestError::Header { .. })));
}

#[test]
fn no_bit_of_payload_or_signature_can_be_changed() {
    for algorithm in ALGORITHMS {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let keys = [pinned(&key)];
        let jws = key.sign(manifest().to_string().as_bytes(), Build::Release).unwrap();
        for at in (0..jws.len()).step_by(7) {
            let mut changed = jws.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, &keys, Build::Release).is_err(), "character {at}");
        }
    }
}

#[test]
fn a_manifest_with_a_secret_is_not_signed_and_the_reason_names_the_place() {
    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let mut with_secret = manifest();
    with_secret["clientSecret"] = json!("hunter2");
    let error = key.sign(with_secret.to_string().as_bytes(), Build::Release).unwrap_err();
    assert!(error.to_string().contains("`clientSecret`"), "{error}");
    let mut local = manifest();
    local["startUrl"] = json!("http://tea.localhost:1/");
    local["origins"] = json!(["http://tea.localhost:1"]);
    assert!(key.sign(local.to_string().as_bytes(), Build::Release).is_err());
    assert!(key.sign(local.to_string().as_bytes(), Build::Development).is_ok());
}

/// Made with `openssl genpkey`, without the public half; it signs nothing else.
const OF_ANOTHER_TOOL: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

#[test]
fn keys_that_other_tools_made_are_read() {
    let key = SigningKey::from_pem(OF_ANOTHER_TOOL).unwrap();
    // The public key that RFC 8410 §10.1 gives for it.
    let jwk = key.public_jwk();
    assert!(jwk.contains("\"x\":\"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE\""), "{jwk}");
    for text in ["", "hunter2", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert_eq!(SigningKey::from_pem(text).err(), Some(SignError::NotAPrivateKey));
    }
}
