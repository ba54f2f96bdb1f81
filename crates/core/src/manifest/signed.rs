//! Manifests that a publisher signed: a JWS in compact serialisation (RFC 7515 §3.1).

use serde_json::Value;

use super::{Build, Manifest, ManifestError, PublicKey, Trust, TrustedKey};
use crate::encoding::from_base64url;

/// The `typ` of a signed manifest.
pub const MANIFEST_TYPE: &str = "minihost-manifest+jws";

/// The longest signed manifest, in bytes.
const LONGEST: usize = 256 * 1024;
/// The length of both kinds of signature.
const SIGNATURE: usize = 64;

/// Verifies signatures. Comes with the host crate; here so that deciding needs no cryptography.
pub trait VerifySignature {
    /// Whether the key's owner signed the message: Ed25519 (RFC 8032 §5.1), or ECDSA with P-256 and
    /// SHA-256 in the fixed form of RFC 7518 §3.4. `false` also where the key is no point.
    fn is_valid(&self, key: &PublicKey, message: &[u8], signature: &[u8; SIGNATURE]) -> bool;
}

impl Manifest {
    /// Reads a signed manifest. Only keys that the host pinned count.
    ///
    /// The header has `alg`, `kid` and `typ` and nothing else: whatever else it could say, such as
    /// where to find a key or what must be understood, is refused unread.
    ///
    /// # Errors
    /// [`ManifestError`]. Nothing of the payload is looked at before its signature is known to be
    /// good.
    pub fn signed(
        jws: &str,
        keys: &[TrustedKey],
        verifier: &dyn VerifySignature,
        build: Build,
    ) -> Result<Self, ManifestError> {
        if jws.len() > LONGEST {
            return Err(ManifestError::TooLarge);
        }
        let parts: Vec<&str> = jws.split('.').collect();
        let [header, payload, signature] = parts[..] else { return Err(ManifestError::NotSigned) };
        let header = Header::read(&decoded(header)?)?;
        let signature: [u8; SIGNATURE] =
            decoded(signature)?.try_into().map_err(|_| ManifestError::BadSignature)?;
        // Two publishers may have named their keys alike.
        let mut named = keys.iter().filter(|key| key.kid == header.kid).peekable();
        if named.peek().is_none() {
            return Err(ManifestError::UnknownKey { kid: header.kid });
        }
        let mut fitting = named.filter(|key| header.alg == key.key.algorithm()).peekable();
        if fitting.peek().is_none() {
            return Err(ManifestError::Header { problem: "`alg` is not the one its key is for" });
        }
        let message = &jws[..jws.len() - parts[2].len() - 1];
        let trusted = fitting
            .find(|key| verifier.is_valid(&key.key, message.as_bytes(), &signature))
            .ok_or(ManifestError::BadSignature)?;
        let trust = Trust::Signed { key: trusted.key.thumbprint() };
        let manifest = Self::read(&decoded(payload)?, trust, build)?;
        if manifest.publisher.id != trusted.publisher {
            return Err(ManifestError::OtherPublisher {
                named: manifest.publisher.id,
                trusted: trusted.publisher.clone(),
            });
        }
        Ok(manifest)
    }
}

struct Header {
    alg: String,
    kid: String,
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, ManifestError> {
        let wrong = |problem| ManifestError::Header { problem };
        let value = super::payload::parse(json)
            .map_err(|_| wrong("it is not a JSON object without duplicate members"))?;
        let Value::Object(mut members) = value else { return Err(wrong("it is not an object")) };
        let mut text = |name: &str| match members.remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(wrong("`alg`, `kid` and `typ` must be strings")),
        };
        let (alg, kid, typ) = (text("alg")?, text("kid")?, text("typ")?);
        if typ != MANIFEST_TYPE {
            return Err(wrong("`typ` is not \"minihost-manifest+jws\""));
        }
        if !members.is_empty() {
            return Err(wrong("it has a member other than `alg`, `kid` and `typ`"));
        }
        Ok(Self { alg, kid })
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, ManifestError> {
    from_base64url(part).ok_or(ManifestError::NotSigned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{PublisherId, encoding::base64url, manifest::tests::plain};

    /// Takes the SHA-256 of key and message, twice, for a signature.
    struct Hashes;

    fn hash(key: &PublicKey, message: &[u8]) -> [u8; SIGNATURE] {
        use sha2::{Digest, Sha256};
        let half = Sha256::digest([key.thumbprint().as_str().as_bytes(), message].concat());
        let mut signature = [0; SIGNATURE];
        signature[..32].copy_from_slice(&half);
        signature[32..].copy_from_slice(&half);
        signature
    }

    impl VerifySignature for Hashes {
        fn is_valid(&self, key: &PublicKey, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
            hash(key, message) == *signature
        }
    }

    fn key() -> TrustedKey {
        let key = PublicKey::Ed25519([1; 32]);
        TrustedKey { publisher: PublisherId::new("acme"), kid: "k1".into(), key }
    }

    fn sign(header: &str, payload: &str) -> String {
        let message = format!("{}.{}", base64url(header.as_bytes()), base64url(payload.as_bytes()));
        let signature = base64url(&hash(&key().key, message.as_bytes()));
        format!("{message}.{signature}")
    }

    const HEADER: &str = r#"{"alg":"EdDSA","kid":"k1","typ":"minihost-manifest+jws"}"#;

    fn read(jws: &str) -> Result<Manifest, ManifestError> {
        Manifest::signed(jws, &[key()], &Hashes, Build::Release)
    }

    #[test]
    fn a_signed_manifest_is_bound_to_its_key_and_not_to_its_keys_name() {
        let manifest = read(&sign(HEADER, &plain().to_string())).unwrap();
        assert_eq!(manifest.trust, Trust::Signed { key: key().key.thumbprint() });
        assert_ne!(manifest.trust.publisher_key().as_str(), "k1");
    }

    #[test]
    fn a_long_signed_manifest_is_read() {
        let mut payload = plain();
        payload["unknown"] = json!("x".repeat(150 * 1024));
        assert!(read(&sign(HEADER, &payload.to_string())).is_ok());
    }

    #[test]
    fn every_header_but_the_plain_one_is_refused() {
        for header in [
            r#"{"alg":"none","kid":"k1","typ":"minihost-manifest+jws"}"#,
            r#"{"alg":"ES256","kid":"k1","typ":"minihost-manifest+jws"}"#,
            r#"{"alg":"HS256","kid":"k1","typ":"minihost-manifest+jws"}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"JWT"}"#,
            r#"{"alg":"EdDSA","kid":"k1"}"#,
            r#"{"alg":"EdDSA","typ":"minihost-manifest+jws"}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"minihost-manifest+jws","crit":["b64"],"b64":false}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"minihost-manifest+jws","jwk":{}}"#,
            r#"{"alg":"EdDSA","kid":"k1","typ":"minihost-manifest+jws","jku":"https://e.example"}"#,
            r#"{"alg":"EdDSA","kid":"k2","kid":"k1","typ":"minihost-manifest+jws"}"#,
            r#"[]"#,
            "",
        ] {
            let error = read(&sign(header, &plain().to_string())).unwrap_err();
            assert!(matches!(error, ManifestError::Header { .. }), "{header}: {error}");
        }
        let other = r#"{"alg":"EdDSA","kid":"k2","typ":"minihost-manifest+jws"}"#;
        let error = read(&sign(other, &plain().to_string())).unwrap_err();
        assert!(matches!(error, ManifestError::UnknownKey { kid } if kid == "k2"));
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let jws = sign(HEADER, &plain().to_string());
        for at in 0..jws.len() {
            let mut changed = jws.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(read(&changed).is_err(), "character {at}");
        }
        for text in
            ["", ".", "..", "a.b", &format!("{jws}."), &format!("{jws}="), &format!(" {jws}")]
        {
            assert!(read(text).is_err(), "{text:.40}");
        }
        assert!(matches!(read(&"a".repeat(LONGEST + 1)), Err(ManifestError::TooLarge)));
    }

    #[test]
    fn a_publisher_cannot_speak_for_another() {
        let mut payload = plain();
        payload["publisher"]["id"] = json!("bakery");
        let error = read(&sign(HEADER, &payload.to_string())).unwrap_err();
        assert!(matches!(error, ManifestError::OtherPublisher { .. }), "{error}");
    }

    #[test]
    fn a_signature_does_not_excuse_the_payload() {
        let mut payload = plain();
        payload["origins"] = json!(["http://tea.localhost:1"]);
        payload["startUrl"] = json!("http://tea.localhost:1/");
        let jws = sign(HEADER, &payload.to_string());
        let error = read(&jws).unwrap_err();
        assert!(matches!(error, ManifestError::Unacceptable { .. }), "{error}");
        assert!(Manifest::signed(&jws, &[key()], &Hashes, Build::Development).is_ok());
        let twice = plain().to_string().replacen('{', r#"{"id":"other","#, 1);
        assert!(matches!(read(&sign(HEADER, &twice)), Err(ManifestError::Malformed(_))));
    }
}
