//! What tests/fuzz looks at: the readers of what comes from servers and disks, without a host around
//! them. Nothing that is shipped has it.

use minihost_core::{CodeRequest, IssuedCode, Issuer, Moment, Remembered};
use ring::hmac;
use url::Url;

use crate::{
    issuer::{IssueError, fuzzing as issuer},
    session::fuzzing as session,
    store::{Untrusted, fuzzing as store},
};

/// What a token response holds: the access token, the refresh token, whether it expires.
pub type TokenResponse = (String, Option<String>, bool);

/// Reads a token response (RFC 6749 §5.1).
///
/// # Errors
/// A sentence for the host's log.
pub fn token_response(json: &[u8], now: Moment) -> Result<TokenResponse, &'static str> {
    session::token_response(json, now)
}

/// Reads the challenge endpoint's answer to a request.
///
/// # Errors
/// [`IssueError`].
pub fn code_response(
    json: &[u8],
    request: &CodeRequest,
    issuer: &Issuer,
) -> Result<IssuedCode, IssueError> {
    issuer::code_response(json, request, issuer)
}

/// Reads the metadata (RFC 8414) of an issuer, and gives every address in it. `None` where it is not
/// used.
pub fn server_metadata(issuer: &Issuer, json: &[u8]) -> Option<Vec<Url>> {
    issuer::server_metadata(issuer, json)
}

/// The key of a file of grants.
pub struct GrantsKey(hmac::Key);

impl GrantsKey {
    /// Takes the key's bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Writes down what is remembered.
    pub fn seal(&self, remembered: &Remembered) -> Vec<u8> {
        store::seal(&self.0, remembered)
    }

    /// Authenticates any body, as a host of another version would have.
    pub fn seal_body(&self, body: &[u8]) -> Vec<u8> {
        store::seal_body(&self.0, body)
    }

    /// Reads what was written with this key.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub fn open(&self, document: &[u8]) -> Result<Remembered, Untrusted> {
        store::open(&self.0, document)
    }
}
