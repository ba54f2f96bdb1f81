//! What ties a form to the browser that it was shown to, against forged requests (OpenID Connect
//! Core and RFC 6749 §10.12 leave the how to the server).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A value that only a page of this server can put into its forms: it is made from a cookie that no
/// script can read. Has no `Debug`.
pub(crate) struct FormToken(String);

impl FormToken {
    /// The token of whoever holds this secret in a cookie.
    pub(crate) fn of(cookie: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"minihost form token 1\0");
        hash.update(cookie);
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in constant time.
    pub(crate) fn is(&self, sent: Option<&str>) -> bool {
        sent.is_some_and(|sent| self.0.as_bytes().ct_eq(sent.as_bytes()).into())
    }
}
