use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// 256 random bits as 43 base64url characters: a PKCE verifier (RFC 7636 §4.1), a `state`, a
/// `nonce`, or a session id.
pub(crate) fn token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system always has randomness after boot");
    URL_SAFE_NO_PAD.encode(bytes)
}
