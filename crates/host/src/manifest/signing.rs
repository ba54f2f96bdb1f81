//! A publisher's side: making keys and signing manifests.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{Build, Finding, MANIFEST_TYPE, Severity, lint};
use serde_json::json;
use zeroize::Zeroizing;

use super::pem;
use crate::signing::KeyPair;

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4), for keys in hardware that has nothing newer.
    Es256,
}

/// A publisher's private key. Has no `Debug`.
pub struct SigningKey {
    pair: KeyPair,
    kid: String,
}

/// Why nothing was made or signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The system gave no randomness.
    #[error("the operating system gives no random numbers; try again")]
    NoRandomness,
    /// The text is no private key.
    #[error(
        "this is no PKCS #8 private key in PEM for Ed25519 or P-256; make one with `manifest keygen`"
    )]
    NotAPrivateKey,
    /// The manifest has faults that must be mended first.
    #[error("the manifest is not fit to be signed: {}", describe(.0))]
    Unfit(Vec<Finding>),
}

fn describe(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|finding| match finding.path.as_str() {
        "" => finding.message.clone(),
        path => format!("`{path}`: {}", finding.message),
    });
    lines.collect::<Vec<_>>().join("; ")
}

impl SigningKey {
    /// Makes a key, and gives it with its PKCS #8 in PEM, which its owner keeps.
    ///
    /// # Errors
    /// [`SignError::NoRandomness`].
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<String>), SignError> {
        let document = match algorithm {
            Algorithm::EdDsa => KeyPair::generate_ed_dsa(),
            Algorithm::Es256 => KeyPair::generate_es256(),
        };
        let document = document.map_err(|_| SignError::NoRandomness)?;
        let pem = pem::write(&document);
        Ok((Self::from_pkcs8(&document)?, pem))
    }

    /// Reads a private key.
    ///
    /// # Errors
    /// [`SignError::NotAPrivateKey`].
    pub fn from_pem(text: &str) -> Result<Self, SignError> {
        Self::from_pkcs8(&pem::read(text).ok_or(SignError::NotAPrivateKey)?)
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignError> {
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| SignError::NotAPrivateKey)?;
        let kid = pair.public_key().thumbprint().to_string();
        Ok(Self { pair, kid })
    }

    /// The name by which manifests name the key: its thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, for hosts to pin.
    pub fn public_jwk(&self) -> String {
        self.pair.public_key().to_jwk(&self.kid)
    }

    /// Signs a manifest, byte for byte as it is. The build says for which hosts: those of users, or
    /// developers' own.
    ///
    /// # Errors
    /// [`SignError::Unfit`] for a manifest that a host would refuse, or with a secret in it.
    pub fn sign(&self, manifest: &[u8], build: Build) -> Result<String, SignError> {
        let mut findings = lint(manifest, build);
        findings.retain(|finding| finding.severity == Severity::Error);
        if !findings.is_empty() {
            return Err(SignError::Unfit(findings));
        }
        let alg = self.pair.public_key().algorithm();
        let header = json!({"alg": alg, "kid": self.kid, "typ": MANIFEST_TYPE}).to_string();
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(manifest));
        let signature = self.pair.sign(message.as_bytes()).map_err(|_| SignError::NoRandomness)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
