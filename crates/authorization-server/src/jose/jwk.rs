//! Public keys (RFC 7517), of the kinds whose signatures this server checks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Algorithm, Thumbprint};

const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;
const MAX_KEY_ID: usize = 256;
/// Members that only a private or a symmetric key has (RFC 7518 §6).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PublicKey {
    id: Option<String>,
    material: Material,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// As an uncompressed point: 4, x, y.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads a JWK. `None` when it is of another kind or too weak, is not for signatures, or has a
    /// private part.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let members = jwk.as_object()?;
        if SECRET_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return None;
        }
        if members.get("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let id = match members.get("kid") {
            Some(id) => Some(id.as_str().filter(|id| id.len() <= MAX_KEY_ID)?.to_owned()),
            None => None,
        };
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(members.get(name)?.as_str()?).ok();
        let text = |name: &str| members.get(name)?.as_str();
        let material = match (text("kty")?, text("crv")) {
            ("RSA", None) => Self::rsa(bytes("n")?, bytes("e")?)?,
            ("EC", Some("P-256")) => {
                let coordinate = |name| <[u8; 32]>::try_from(bytes(name)?).ok();
                Self::p256(&coordinate("x")?, &coordinate("y")?)
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?.try_into().ok()?),
            _ => return None,
        };
        let key = Self { id, material };
        let fits = |name: &Value| {
            name.as_str().and_then(Algorithm::from_name).is_some_and(|a| key.is_for(a))
        };
        members.get("alg").is_none_or(fits).then_some(key)
    }

    fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Option<Material> {
        let bits = match modulus.first() {
            Some(0) | None => return None,
            Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
        };
        (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits).then_some(Material::Rsa { modulus, exponent })
    }

    fn p256(x: &[u8; 32], y: &[u8; 32]) -> Material {
        let mut point = [4; 65];
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        Material::P256(point)
    }

    /// An RSA key from its numbers, big-endian without leading zeros.
    pub(super) fn from_rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Self {
        Self { id: None, material: Material::Rsa { modulus, exponent } }
    }

    /// A P-256 key from its uncompressed point.
    pub(super) fn from_p256(point: &[u8]) -> Option<Self> {
        Some(Self { id: None, material: Material::P256(point.try_into().ok()?) })
    }

    pub(super) fn from_ed25519(bytes: &[u8]) -> Option<Self> {
        Some(Self { id: None, material: Material::Ed25519(bytes.try_into().ok()?) })
    }

    pub(crate) fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The public JWK, with its `kid` where it has one.
    pub(crate) fn to_jwk(&self) -> Value {
        let mut jwk = self.required_members();
        if let Some(id) = &self.id {
            jwk["kid"] = id.as_str().into();
        }
        jwk
    }

    /// The SHA-256 thumbprint (RFC 7638 §3).
    pub(crate) fn thumbprint(&self) -> Thumbprint {
        // The members come out in the order of their names, without white space, as §3.3 wants.
        Thumbprint(Sha256::digest(self.required_members().to_string()).into())
    }

    fn required_members(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.material {
            Material::Rsa { modulus, exponent } => {
                json!({ "e": encode(exponent), "kty": "RSA", "n": encode(modulus) })
            }
            Material::P256(point) => json!({
                "crv": "P-256", "kty": "EC", "x": encode(&point[1..33]), "y": encode(&point[33..]),
            }),
            Material::Ed25519(bytes) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(bytes) })
            }
        }
    }

    /// Whether the key is of the kind that the algorithm uses.
    pub(crate) fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
                | (Material::P256(_), Algorithm::Es256)
                | (Material::Ed25519(_), Algorithm::EdDsa)
        )
    }

    /// Whether `signed` was signed with the private part of this key.
    pub(crate) fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let check = |algorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(signed, signature)
        };
        let verdict = match (&self.material, algorithm) {
            (Material::Rsa { modulus, exponent }, Algorithm::Rs256 | Algorithm::Ps256) => {
                let parameters = match algorithm {
                    Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                signature::RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(parameters, signed, signature)
            }
            (Material::P256(point), Algorithm::Es256) => {
                check(&signature::ECDSA_P256_SHA256_FIXED, point)
            }
            (Material::Ed25519(bytes), Algorithm::EdDsa) => check(&signature::ED25519, bytes),
            _ => return false,
        };
        verdict.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638 §3.1.
    fn rfc_7638() -> Value {
        json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6t\
                  Soc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-\
                  65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qN\
                  Lyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa\
                  pJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        })
    }

    /// RFC 8037 appendix A.2.
    fn rfc_8037() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn the_thumbprints_of_the_rfcs_hold() {
        for (jwk, expected) in [
            (rfc_7638(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
            (rfc_8037(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        ] {
            let key = PublicKey::from_jwk(&jwk).unwrap();
            assert_eq!(key.thumbprint().to_string(), expected);
        }
    }

    #[test]
    fn the_signature_of_rfc_8037_appendix_a_4_verifies_and_no_other_does() {
        let key = PublicKey::from_jwk(&rfc_8037()).unwrap();
        let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = URL_SAFE_NO_PAD
            .decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
        assert!(key.verifies(Algorithm::EdDsa, signed, &signature));
        assert!(!key.verifies(Algorithm::EdDsa, b"other", &signature));
        for other in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256] {
            assert!(!key.verifies(other, signed, &signature), "{other:?}");
        }
    }

    #[test]
    fn what_goes_out_is_what_came_in() {
        for jwk in [rfc_7638(), rfc_8037()] {
            let key = PublicKey::from_jwk(&jwk).unwrap();
            assert_eq!(PublicKey::from_jwk(&key.to_jwk()), Some(key));
        }
    }

    #[test]
    fn a6_weak_keys_other_kinds_and_private_parts_are_refused() {
        let with = |mut jwk: Value, member: &str, value: Value| {
            jwk[member] = value;
            jwk
        };
        let short = URL_SAFE_NO_PAD.encode([0xFF; 255]);
        for (what, jwk) in [
            ("2,040 bits", with(rfc_7638(), "n", json!(short))),
            ("no modulus", with(rfc_7638(), "n", json!(""))),
            ("a private exponent", with(rfc_7638(), "d", json!("AQAB"))),
            ("a private seed", with(rfc_8037(), "d", json!("AQAB"))),
            ("for encryption", with(rfc_8037(), "use", json!("enc"))),
            ("another algorithm", with(rfc_8037(), "alg", json!("ES256"))),
            ("another curve", with(rfc_8037(), "crv", json!("Ed448"))),
            ("a short point", with(rfc_8037(), "x", json!("AQAB"))),
            ("symmetric", json!({"kty": "oct", "k": "AQAB"})),
            ("P-384", json!({"kty": "EC", "crv": "P-384", "x": "AQAB", "y": "AQAB"})),
            ("no object", json!("key")),
        ] {
            assert_eq!(PublicKey::from_jwk(&jwk), None, "{what}");
        }
    }
}
