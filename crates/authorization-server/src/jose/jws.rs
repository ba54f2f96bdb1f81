//! Compact signed tokens (RFC 7515 §7.1) with JSON claims (RFC 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{Algorithm, KeyError, PublicKey, SigningKey, strict};
use crate::clock::UnixMillis;

const MAX_BYTES: usize = 8 * 1024;

/// A token whose signature has not been looked at; its claims cannot be read yet.
pub(crate) struct Jws<'a> {
    algorithm: Algorithm,
    kind: Option<String>,
    key_id: Option<String>,
    key: Option<PublicKey>,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    ///
    /// `None` when it is too long or malformed, has an algorithm that is not offered (`none` among
    /// them), a member twice, or an extension that must be understood (RFC 7515 §4.1.11). Keys that
    /// the header points to elsewhere (`jku`, `x5u`, `x5c`) are ignored.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header = strict::object(&decode(header)?)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return None;
        }
        let text = |name: &str| match header.get(name) {
            Some(value) => value.as_str().map(|text| Some(text.to_owned())),
            None => Some(None),
        };
        Some(Self {
            algorithm: Algorithm::from_name(header.get("alg")?.as_str()?)?,
            kind: text("typ")?,
            key_id: text("kid")?,
            key: match header.get("jwk") {
                Some(jwk) => Some(PublicKey::from_jwk(jwk)?),
                None => None,
            },
            signed,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `typ` header.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The `kid` header.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The `jwk` header.
    pub(crate) fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// A claim that nothing vouches for, to find the key by which [`Self::verify`] will tell.
    pub(crate) fn unverified(&self, name: &str) -> Option<String> {
        let claims = strict::object(&self.payload)?;
        claims.get(name)?.as_str().map(str::to_owned)
    }

    /// The claims, if the signature is of this key.
    pub(crate) fn verify(&self, key: &PublicKey) -> Option<Claims> {
        key.verifies(self.algorithm, self.signed.as_bytes(), &self.signature)
            .then(|| strict::object(&self.payload).map(Claims))
            .flatten()
    }
}

/// Claims whose signature was good.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A moment in seconds since the Unix epoch, whole or not (RFC 7519 §2, NumericDate).
    pub(crate) fn time(&self, name: &str) -> Option<UnixMillis> {
        self.0.get(name)?.as_f64().map(UnixMillis::from_seconds)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

impl SigningKey {
    /// Signs claims; `kind` becomes the `typ` header.
    pub(crate) fn token(&self, kind: &str, claims: &Value) -> Result<String, KeyError> {
        let header = json!({
            "alg": self.algorithm().as_str(),
            "kid": self.public().id(),
            "typ": kind,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let mut token = format!("{}.{}", part(&header), part(claims));
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SigningAlgorithm;
    use super::*;

    fn key(algorithm: SigningAlgorithm) -> SigningKey {
        let document = SigningKey::generate(algorithm).unwrap();
        SigningKey::from_pkcs8(algorithm, &document).unwrap()
    }

    fn encode(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    /// A token with any header over any payload, with a true signature.
    fn signed(key: &SigningKey, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", encode(header), encode(payload));
        let signature = key.sign(input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_token_of_each_algorithm_is_verified_by_its_own_key_alone() {
        use SigningAlgorithm::{EdDsa, Es256, Rs256};
        let keys = [key(Rs256), key(Es256), key(EdDsa), key(EdDsa)];
        for (index, signer) in keys.iter().enumerate() {
            let token = signer.token("JWT", &json!({"sub": "u", "exp": 1.5})).unwrap();
            let jws = Jws::parse(&token).unwrap();
            assert_eq!((jws.kind(), jws.key_id()), (Some("JWT"), signer.public().id()));
            for (other, verifier) in keys.iter().enumerate() {
                let claims = jws.verify(verifier.public());
                assert_eq!(claims.is_some(), index == other);
                if let Some(claims) = claims {
                    assert_eq!(claims.text("sub"), Some("u"));
                    assert_eq!(claims.time("exp"), Some(UnixMillis::from_seconds(1.5)));
                }
            }
        }
    }

    #[test]
    fn t9_headers_that_say_too_much_or_too_little_are_refused() {
        let key = key(SigningAlgorithm::EdDsa);
        let good = signed(&key, r#"{"alg":"EdDSA","jku":"https://evil.example"}"#, "{}");
        assert!(Jws::parse(&good).unwrap().verify(key.public()).is_some());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"ES384"}"#,
            r#"{"alg":null}"#,
            r#"{}"#,
            r#"{"alg":"EdDSA","crit":["exp"]}"#,
            r#"{"alg":"EdDSA","crit":[]}"#,
            r#"{"alg":"EdDSA","b64":false}"#,
            r#"{"alg":"none","alg":"EdDSA"}"#,
            r#"{"alg":"EdDSA","kid":1}"#,
            r#"{"alg":"EdDSA","jwk":{"kty":"oct","k":"AA"}}"#,
            "[]",
        ] {
            assert!(Jws::parse(&signed(&key, header, "{}")).is_none(), "{header}");
        }
    }

    #[test]
    fn t9_a_changed_token_or_another_algorithm_is_refused() {
        let key = key(SigningAlgorithm::EdDsa);
        let token = key.token("JWT", &json!({"sub": "u"})).unwrap();
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other = encode(r#"{"sub":"v"}"#);
        let rs256 = encode(r#"{"alg":"RS256"}"#);
        for changed in [
            format!("{header}.{other}.{signature}"),
            format!("{rs256}.{payload}.{signature}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{}", encode("x")),
        ] {
            assert!(Jws::parse(&changed).unwrap().verify(key.public()).is_none(), "{changed}");
        }
        for malformed in [
            "",
            ".",
            "..",
            &format!("{token}."),
            &format!("{token}="),
            &token[1..],
            &"a".repeat(9_000),
        ] {
            assert!(Jws::parse(malformed).is_none(), "{malformed}");
        }
        let twice = signed(&key, r#"{"alg":"EdDSA"}"#, r#"{"sub":"u","sub":"v"}"#);
        assert!(Jws::parse(&twice).unwrap().verify(key.public()).is_none());
    }
}
