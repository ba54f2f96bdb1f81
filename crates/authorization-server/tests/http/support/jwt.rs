//! Signed tokens as clients make them, and as attackers do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use rsa::pkcs8::EncodePrivateKey as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A client's key pair.
pub(crate) enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    pub(crate) fn p256() -> Self {
        let random = SystemRandom::new();
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
        Self::P256(pair.unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    pub(crate) fn rsa() -> Self {
        let mut random = getrandom::rand_core::UnwrapErr(getrandom::SysRng);
        let key = rsa::PrivateKey::new(&mut random, 2048).unwrap();
        Self::Rsa(RsaKeyPair::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap())
    }

    /// The algorithm that fits the key and that clients may use.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
            Self::Rsa(_) => "PS256",
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
                json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
            }
            Self::Ed25519(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": encode(pair.public_key().as_ref()) })
            }
            Self::Rsa(pair) => {
                let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "e": encode(&numbers.e), "kty": "RSA", "n": encode(&numbers.n) })
            }
        }
    }

    pub(crate) fn named_jwk(&self, id: &str) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = id.into();
        jwk
    }

    /// RFC 7638.
    pub(crate) fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.jwk().to_string()))
    }

    fn sign(&self, message: &[u8], algorithm: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &'static dyn ring::signature::RsaEncoding = match algorithm {
                    "RS256" => &RSA_PKCS1_SHA256,
                    _ => &RSA_PSS_SHA256,
                };
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

/// One thing that is different in a token.
pub(crate) enum Change {
    Claim(&'static str, Value),
    /// A time, in seconds from now.
    Time(&'static str, i64),
    NoClaim(&'static str),
    Header(&'static str, Value),
    NoHeader(&'static str),
}

/// What is signed; every part of it can be changed.
#[derive(Clone)]
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Jwt {
    pub(crate) fn new(key: &Key, kind: &str, claims: Value) -> Self {
        Self { header: json!({ "alg": key.algorithm(), "typ": kind }), claims }
    }

    /// A proof of possession (RFC 9449 §4.2).
    pub(crate) fn dpop(key: &Key, method: &str, uri: &str, now: i64) -> Self {
        let claims = json!({ "jti": jti(), "htm": method, "htu": uri, "iat": now });
        Self::new(key, "dpop+jwt", claims).with_header("jwk", key.jwk())
    }

    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.claims[claim] = value.into();
        self
    }

    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(claim);
        self
    }

    pub(crate) fn with_header(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.header[member] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, member: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(member);
        self
    }

    pub(crate) fn changed(self, change: &Change, now: i64) -> Self {
        match change {
            Change::Claim(name, value) => self.with(name, value.clone()),
            Change::Time(name, seconds) => self.with(name, now + seconds),
            Change::NoClaim(name) => self.without(name),
            Change::Header(name, value) => self.with_header(name, value.clone()),
            Change::NoHeader(name) => self.without_header(name),
        }
    }

    pub(crate) fn sign(&self, key: &Key) -> String {
        let algorithm = self.header["alg"].as_str().unwrap_or_default();
        signed(&self.header.to_string(), &self.claims.to_string(), |input| {
            key.sign(input, algorithm)
        })
    }

    /// What every reader of signed tokens must refuse, whatever they say (RFC 8725 §3). Each is made
    /// from this token, which must be good, with a `jti` of its own.
    pub(crate) fn forgeries(&self, key: &Key) -> Vec<(&'static str, String)> {
        let fresh = || self.clone().with("jti", jti());
        let header = |member: &str, value: Value| fresh().with_header(member, value).sign(key);
        let raw = |header: &str, claims: &str| signed(header, claims, |i| key.sign(i, ""));
        let doubled = |object: &Value, member: &str, value: Value| {
            let text = object.to_string();
            format!(r#"{{"{member}":{value},{}"#, &text[1..])
        };
        let (stranger, good) = (Key::p256(), fresh().sign(key));
        let parts = good.split('.').collect::<Vec<_>>();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
        let confused = fresh().with_header("alg", "HS256");
        let claims = fresh().claims;
        vec![
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            ("alg none", {
                let none = fresh().with_header("alg", "none");
                signed(&none.header.to_string(), &none.claims.to_string(), |_| Vec::new())
            }),
            ("alg none with a signature", header("alg", "none".into())),
            ("alg NONE", header("alg", "NONE".into())),
            (
                "the public key as the secret of HS256",
                signed(&confused.header.to_string(), &confused.claims.to_string(), |input| {
                    hmac::sign(&secret, input).as_ref().to_vec()
                }),
            ),
            ("no alg", fresh().changed(&Change::NoHeader("alg"), 0).sign(key)),
            ("an unknown alg", header("alg", "ES999".into())),
            ("an alg of another key type", header("alg", "RS256".into())),
            ("an extension to be understood", header("crit", json!(["exp"]))),
            ("no extension to be understood", header("crit", json!([]))),
            ("an unencoded payload", header("b64", false.into())),
            ("a claim twice", raw(&self.header.to_string(), &doubled(&claims, "jti", json!("x")))),
            ("alg twice", raw(&doubled(&self.header, "alg", json!("none")), &claims.to_string())),
            ("claims that are no object", raw(&self.header.to_string(), "[]")),
            ("claims that are no JSON", raw(&self.header.to_string(), "jti")),
            ("the type of something else", header("typ", "at+jwt".into())),
            ("a type that is no text", header("typ", 1.into())),
            ("a kid that is no text", header("kid", 1.into())),
            ("another's signature", fresh().sign(&stranger)),
            (
                "another's key in jku and x5u",
                fresh()
                    .with_header("jku", "https://evil.example/keys")
                    .with_header("x5u", "https://evil.example/chain")
                    .sign(&stranger),
            ),
            ("changed claims", {
                let other = URL_SAFE_NO_PAD.encode(fresh().with("more", 1).claims.to_string());
                format!("{}.{other}.{}", parts[0], parts[2])
            }),
            ("a fourth part", format!("{good}.{}", parts[2])),
            ("padding", format!("{good}=")),
            ("white space", format!("{} {}", parts[0], good)),
            ("nothing", ".".to_owned()),
        ]
    }
}

/// A new identifier.
pub(crate) fn jti() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// The claims of a token, whoever signed it.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
